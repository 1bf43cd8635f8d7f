"""Coupons against the journal: templates, coupons and their moves. What bags keep is in no journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from services.domain.coupon_events import (
    COUPON_EVENTS,
    CouponMoved,
    CouponRoundBegun,
    CouponRoundEnded,
    CouponTemplatePublished,
)
from services.domain.coupon_rounds import DONE, RUNNING, STOPPED, WITHDRAWN
from services.domain.coupons import ISSUED, REINSTATED, USED
from services.store.coupon_rounds import ROUND
from services.store.coupons import MOVE
from services.store.db import LEDGER

_Rows = dict[tuple[object, ...], tuple[object, ...]]

_ROUND = "coupon.round_"  # the events of rounds
_TABLES = {  # its key, and what else the journal tells of it
    "coupon_template": ("template_id, version", "number, body, from_ms, until_ms"),
    "coupon": (
        "coupon_id",
        "template_id, template_version, member_id, state, first_day, last_day, serial, moves, issued_at_ms,"
        " reason, issue_sale, used_sale, used_day, round_id",
    ),
    "coupon_move": ("coupon_id, n", MOVE.partition("n, ")[2]),
    "coupon_round": ("round_id", ROUND),
    "coupon_count": ("template_id, round_id, state", "many"),
}


def differences() -> list[str]:
    """Every row that is not what the journal told, and every move that cannot have been."""
    told, wrong = _told()
    for table, (key, rest) in _TABLES.items():
        keys = key.count(",") + 1
        rows = (tuple(row) for row in LEDGER.execute_sql(f"SELECT {key}, {rest} FROM {table}"))
        stored = {row[:keys]: row[keys:] for row in rows}
        wrong += [
            f"{table} {at!r}: {stored.get(at)!r} but journal {told[table].get(at)!r}"
            for at in sorted({*stored, *told[table]}, key=repr)
            if stored.get(at) != told[table].get(at)
        ]
    return wrong


def _told() -> tuple[dict[str, _Rows], list[str]]:
    """The tables as the journal tells them, and coupons that held more than one or less than none."""
    books: dict[str, _Rows] = {table: {} for table in _TABLES}
    holds: dict[str, int] = {}
    wrong = []
    for kind, at_ms, body in LEDGER.execute_sql(
        "SELECT type, at_ms, body FROM journal WHERE type >= 'coupon.' AND type < 'coupon/' ORDER BY seq"
    ):
        if kind == CouponMoved.type:
            told = _read[kind](body).data
            holds[told.coupon_id] = holds.get(told.coupon_id, 0) + told.delta
            if not holds[told.coupon_id] == told.balance in (0, 1):
                wrong.append(f"coupon {told.coupon_id!r}: {told.balance} after move {told.number}")
            _moved(books, told)
        elif kind.startswith(_ROUND):
            _round(books["coupon_round"], kind, at_ms, body)
        else:
            _template(books["coupon_template"], kind, at_ms, body)
    counted = Counter((row[0], row[13], row[3]) for row in books["coupon"].values())
    books["coupon_count"] = {key: (many,) for key, many in counted.items()}
    return books, wrong


def _moved(books: dict[str, _Rows], told: CouponMoved) -> None:
    at = (told.coupon_id,)
    if told.kind == ISSUED:
        issued = (told.serial, 1, told.moved_at_ms, told.reason, told.sale_id)
    else:
        before = books["coupon"].get(at, ("",) * 14)
        issued = (before[6], told.number, before[8], before[9], before[10])  # type: ignore[assignment]
    used = (told.sale_id, told.business_day) if told.kind == USED else ("", "")
    state = ISSUED if told.kind == REINSTATED else told.kind
    books["coupon"][at] = (
        *(told.template_id, told.template_version, told.member_id, state, told.first_day, told.last_day),
        *(*issued, *used, told.round_id),
    )
    if told.kind == ISSUED and told.round_id and not told.other_id:
        begun = books["coupon_round"].get((told.round_id,), (0,) * 11)
        books["coupon_round"][told.round_id,] = (*begun[:6], int(str(begun[6])) + 1, *begun[7:])
    books["coupon_move"][told.coupon_id, told.number] = (
        *(told.kind, told.sale_id, told.moved_at_ms, told.reason, told.operator_id, told.other_id),
        *(told.retail_store_id, told.business_day),
    )


def _template(templates: _Rows, kind: str, at_ms: int, body: bytes) -> None:
    published = kind == CouponTemplatePublished.type
    told = _read[kind](body).data.template if published else _read[kind](body).data
    for key, (number, text, begun, until) in templates.items():
        if key[0] == told.template_id and not until:
            templates[key] = (number, text, begun, at_ms)
    if published:
        key = (told.template_id, told.version)
        templates[key] = (told.number, msgspec.json.encode(told), at_ms, 0)


def _round(rounds: _Rows, kind: str, at_ms: int, body: bytes) -> None:
    told = _read[kind](body).data
    row = rounds.get((told.round_id,), ("",) * 11)
    if isinstance(told, CouponRoundBegun):
        row = (
            *(told.template_id, told.template_version, told.audience, told.key, told.expected, RUNNING, 0),
            *(told.operator_id, at_ms, 0, ""),
        )
    elif isinstance(told, CouponRoundEnded):
        row = (*row[:5], DONE if told.whole else STOPPED, *row[6:9], at_ms, row[10])
    else:
        row = (*row[:5], WITHDRAWN, *row[6:9], row[9] or at_ms, told.operator_id)
    rounds[told.round_id,] = row


_Told = TypeVar("_Told")


class _Of(msgspec.Struct, Generic[_Told]):
    data: _Told


_read: dict[str, Callable[[bytes], Any]] = {
    event.type: msgspec.json.Decoder(_Of[event]).decode  # type: ignore[valid-type]
    for event in COUPON_EVENTS
}
