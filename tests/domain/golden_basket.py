"""A golden basket: basket, promotions and moment in a readable file, and what pricing must make of them."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import msgspec

from services.domain.offers import Context, Coupon, Definition, Grant, Item, Offer, Terms
from services.domain.pricing import Priced, price
from services.flows.promotions import offer

FOLDER = Path(__file__).parents[1] / "golden" / "baskets"


def priced(case: dict[str, Any]) -> Priced:
    lines = [Item(line_id=n, **line) for n, line in enumerate(case["basket"], 1)]
    return price(lines, [_offer(each) for each in case["promotions"]], _context(case))


def told(priced: Priced) -> dict[str, Any]:
    """The part of the file that pricing answers for."""
    nearest = priced.nearest
    return {
        "lines": [
            {
                "net": line.net_minor,
                **({"tax": line.tax_minor} if line.tax_bp else {}),
                "adjustments": [
                    f"L{a.layer} {a.source_id} {a.amount_minor}"
                    + (f" (wanted {a.desired_minor})" if a.desired_minor != a.amount_minor else "")
                    for a in line.adjustments
                ],
            }
            for line in priced.lines
        ],
        "total": priced.total_minor,
        "explanations": {
            e.promotion_id: f"applied {e.amount_minor} on lines {', '.join(map(str, e.line_ids))}"
            if e.applied
            else " ".join(
                [e.code, *([f"{e.have} of {e.needed} {e.unit}".strip()] if e.needed else []), e.winner]
            ).strip()
            for e in priced.explanations
        },
        "nearest": f"{nearest.promotion_id}: {nearest.missing} {nearest.unit} more"
        + (f" of line {nearest.line_id}" if nearest.line_id else "")
        + f" save {nearest.saves_minor}"
        if nearest
        else None,
    }


def _offer(written: dict[str, Any]) -> Offer:
    return offer(
        Definition(
            promotion_id=written["id"],
            version=written.get("version", 1),
            kind=written["kind"],
            layer=written["layer"],
            label_zh=written["id"],
            label_en=written["id"],
            terms=msgspec.convert(written.get("terms", {}), Terms),
            params=written["params"],
        )
    )


def _context(case: dict[str, Any]) -> Context:
    moment = datetime.datetime.fromisoformat(case["moment"])
    return Context(
        day=moment.date().isoformat(),
        weekday=moment.isoweekday(),
        minute=moment.hour * 60 + moment.minute,
        store="S0001",
        member_id=case.get("member", ""),
        grants=tuple(Grant(label_zh="", label_en="", **each) for each in case.get("grants", ())),
        coupons=tuple(Coupon(**each) for each in case.get("coupons", ())),
    )


def text(case: dict[str, Any]) -> str:
    """As the files are written: one line for each thing."""

    def block(value: Any) -> str:
        if isinstance(value, list):
            rows = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in value)
            return f"[\n{rows}\n  ]" if rows else "[]"
        if isinstance(value, dict):
            rows = ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            return f"{{\n{rows}\n  }}" if rows else "{}"
        return json.dumps(value, ensure_ascii=False)

    return "{\n" + ",\n".join(f'  "{key}": {block(value)}' for key, value in case.items()) + "\n}\n"
