"""All that is known of one member, as they may take it along."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.flows import consents, coupons, member_notes, points, stored_value
from services.flows.members import Member
from services.store import member_records

PARTS = ("consents", "notes", "purchases", "points", "stored_value", "coupons")

Row = dict[str, Any]  # JSON types


@dataclass(frozen=True, slots=True)
class Copy:
    """Shows nothing of it in a log."""

    data: dict[str, Any] = field(repr=False)

    def rows(self) -> list[tuple[str, str, str]]:
        """The same as a table: part, what, and what is known."""
        found = [("member", "member_id", str(self.data["member_id"]))]
        found += [("profile", each["field"], each["value"]) for each in self.data["profile"]]
        for part in PARTS:
            for n, each in enumerate(self.data[part], 1):
                found += [(f"{part} {n}", name, str(value)) for name, value in each.items()]
        return found


def copied(member: Member) -> Copy:
    """As it is now. Codes that are worth money are left out: the member has them on paper."""
    profile = [
        {"field": name, "value": text, "since_ms": member.profile[name].at_ms}
        for name, text in member.values.items()
    ]
    data = {
        "member_id": member.member_id,
        "ids": list(member.ids),
        "created_at_ms": member.created_at_ms,
        "profile": profile,
        "consents": [dataclasses.asdict(each) for each in consents.log(member.ids)],
        "notes": [
            {"kind": each.kind, "day": each.day, "text": each.text, "at_ms": each.at_ms}
            for each in member_notes.notes(member)
        ],
        "purchases": [dataclasses.asdict(each) for each in member_records.bought(member.ids)],
        "points": list(_points(member.ids)),
        "stored_value": list(_stored_value(member.ids)),
        "coupons": list(_coupons(member.ids)),
    }
    return Copy(data)


def _points(ids: tuple[str, ...]) -> Iterator[Row]:
    """The newest first, as on the statement."""
    before = 0
    while True:
        lines, before = points.statement(ids, before=before)
        for line in lines:
            entry = line.entry
            yield {
                "at_ms": entry.at_ms,
                "kind": entry.kind,
                "points": entry.delta,
                "balance": line.balance,
                "reason": entry.reason,
                "sale_id": entry.sale_id,
            }
        if not before:
            return


def _stored_value(ids: Sequence[str]) -> Iterator[Row]:
    before = ""
    while moves := stored_value.statement(tuple(ids), before):
        yield from (dataclasses.asdict(move) for move in moves)
        before = moves[-1].move_id


def _coupons(ids: Sequence[str]) -> Iterator[Row]:
    for each in coupons.wallet(tuple(ids)):
        yield {
            "coupon_id": each.coupon_id,
            "state": each.state,
            "first_day": each.first_day,
            "last_day": each.last_day,
            "issued_at_ms": each.issued_at_ms,
            "reason": each.reason,
            "used_day": each.used_day,
        }
