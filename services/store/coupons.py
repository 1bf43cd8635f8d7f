"""Coupons as they stand, and every move of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.domain.coupon_events import CouponMoved
from services.domain.coupons import ISSUED, REINSTATED, USED, WITH_ITS_SALE
from services.store.db import LEDGER


@dataclass(frozen=True, slots=True)
class Coupon:
    coupon_id: str
    code: str
    template_id: str
    template_version: int
    member_id: str  # "": of whoever has the code
    state: str
    first_day: str
    last_day: str  # "": no end
    serial: int
    moves: int
    issued_at_ms: int
    reason: str  # it was issued for
    issue_sale: str  # that issued it
    used_sale: str
    used_day: str
    reserved_by: str  # a basket
    reserved_until_ms: int
    round_id: str  # that gave it, or the one in whose place it was issued

    def held(self, basket_id: str, now_ms: int) -> bool:
        """Whether another basket keeps it."""
        return self.reserved_by not in ("", basket_id) and self.reserved_until_ms > now_ms


FIELDS = (
    "coupon_id, code, template_id, template_version, member_id, state, first_day, last_day, serial, moves,"
    " issued_at_ms, reason, issue_sale, used_sale, used_day, reserved_by, reserved_until_ms,"
    " round_id"
)
# Not taken back with its whole round.
STANDS = (
    "(state <> 'cancelled' OR"
    " round_id NOT IN (SELECT round_id FROM coupon_round WHERE state = 'withdrawn'))"
)
MOVE = "coupon_id, n, kind, sale_id, at_ms, reason, operator_id, other_id, store_id, business_day"


def by_id(coupon_id: str) -> Coupon | None:
    return _one("WHERE coupon_id = ?", coupon_id)


def by_code(code: str) -> Coupon | None:
    return _one("WHERE code = ?", code)


def of_group(group: Sequence[str]) -> list[Coupon]:
    """All that one person has or had, the newest first."""
    found = [
        each for member_id in group for each in _many("WHERE member_id = ? AND member_id <> ''", member_id)
    ]
    return sorted(found, key=lambda each: each.coupon_id, reverse=True)


def of_basket(basket_id: str, now_ms: int) -> list[Coupon]:
    """What a basket keeps, those that end first in front."""
    return _many(
        "WHERE reserved_by = ? AND reserved_until_ms > ? AND state = 'issued'"
        " ORDER BY CASE last_day WHEN '' THEN '9999' ELSE last_day END, coupon_id",
        *(basket_id, now_ms),
    )


def issued_by(sale_id: str) -> list[Coupon]:
    return _many("WHERE issue_sale = ? AND issue_sale <> '' ORDER BY coupon_id", sale_id)


def used_in(sale_id: str) -> list[Coupon]:
    return _many("WHERE used_sale = ? AND used_sale <> '' ORDER BY coupon_id", sale_id)


def heir(coupon_id: str) -> Coupon | None:
    """The one that was issued in its place: to somebody else, or since it had ended."""
    row = LEDGER.execute_sql(
        "SELECT coupon_id FROM coupon_move WHERE other_id = ? AND other_id <> '' AND kind = 'issued'",
        (coupon_id,),
    ).fetchone()
    return by_id(row[0]) if row else None


def counts() -> dict[str, dict[str, int]]:
    """How many of every kind are in each state: template -> state -> coupons."""
    return _nested("SELECT template_id, state, SUM(many) FROM coupon_count GROUP BY 1, 2")


def counts_of_rounds(template_id: str) -> dict[str, dict[str, int]]:
    """How many coupons of every round of a kind are in each state: round -> state -> coupons."""
    return _nested("SELECT round_id, state, many FROM coupon_count WHERE template_id = ?", template_id)


def open_of_round(round_id: str, limit: int) -> list[Coupon]:
    """Those that nobody has used."""
    return _many("WHERE round_id = ? AND round_id <> '' AND state = 'issued' LIMIT ?", round_id, limit)


def over(day: str, limit: int) -> list[Coupon]:
    """Issued ones whose last day was before `day`."""
    return _many(
        "WHERE state = 'issued' AND last_day <> '' AND last_day < ? ORDER BY last_day LIMIT ?", day, limit
    )


def reserve(coupon_id: str, basket_id: str, until_ms: int, now_ms: int) -> bool:
    """Keep it for one basket; False where it is not there or another one keeps it."""
    done = LEDGER.execute_sql(
        "UPDATE coupon SET reserved_by = ?, reserved_until_ms = ? WHERE coupon_id = ? AND state = 'issued'"
        " AND (reserved_by IN ('', ?) OR reserved_until_ms <= ?)",
        (basket_id, until_ms, coupon_id, basket_id, now_ms),
    )
    return int(done.rowcount) == 1


def release(basket_id: str, coupon_id: str = "") -> None:
    """Let go of one coupon that a basket keeps, or of all."""
    LEDGER.execute_sql(
        "UPDATE coupon SET reserved_by = '', reserved_until_ms = 0"
        " WHERE reserved_by = ? AND reserved_by <> '' AND ? IN ('', coupon_id)",
        (basket_id, coupon_id),
    )


def add(told: CouponMoved, code: str) -> None:
    LEDGER.execute_sql(
        f"INSERT INTO coupon ({FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, '', '', '', 0, ?)",
        (
            *(told.coupon_id, code, told.template_id, told.template_version, told.member_id, ISSUED),
            *(told.first_day, told.last_day, told.serial, told.moved_at_ms, told.reason, told.sale_id),
            told.round_id,
        ),
    )


def move(told: CouponMoved, basket_id: str = "", day: str = "") -> bool:
    """Change the state as the move says; False, and nothing is changed, where the coupon is not in the
    state for it: to use it, it must be good on `day` and kept by no other basket."""
    after = ISSUED if told.kind == REINSTATED else told.kind
    before = USED if told.kind == REINSTATED else ISSUED
    used = told.kind == USED
    done = LEDGER.execute_sql(
        "UPDATE coupon SET state = ?, last_day = ?, used_sale = ?, used_day = ?, reserved_by = '',"
        " reserved_until_ms = 0, moves = moves + 1 WHERE coupon_id = ? AND state = ? AND moves = ?"
        " AND (NOT ? OR (first_day <= ? AND (last_day = '' OR last_day >= ?)"
        " AND (reserved_by IN ('', ?) OR reserved_until_ms <= ?)))",
        (
            *(after, told.last_day, told.sale_id if used else "", told.business_day if used else ""),
            *(told.coupon_id, before, told.number - 1),
            *(used, day, day, basket_id, told.moved_at_ms),
        ),
    )
    return int(done.rowcount) == 1


def note(told: CouponMoved) -> None:
    """Put a move into the history; an issue is one too."""
    LEDGER.execute_sql(
        f"INSERT INTO coupon_move ({MOVE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(told.coupon_id, told.number, told.kind, told.sale_id, told.moved_at_ms, told.reason),
            *(told.operator_id, told.other_id, told.retail_store_id, told.business_day),
        ),
    )
    if told.kind == ISSUED:
        LEDGER.execute_sql("UPDATE coupon SET moves = 1 WHERE coupon_id = ?", (told.coupon_id,))


def had_in_year(group: Sequence[str], reason: str, year: str) -> bool:
    """Whether a person, under any of their ids, was given a coupon for this reason in a year."""
    return any(
        LEDGER.execute_sql(
            "SELECT 1 FROM coupon JOIN coupon_move USING (coupon_id) WHERE member_id = ?"
            " AND member_id <> '' AND coupon.reason = ? AND kind = 'issued'"
            " AND substr(business_day, 1, 4) = ?",
            (member_id, reason, year),
        ).fetchone()
        for member_id in group
    )


def kept_of(group: Sequence[str], reason: str, business_day: str) -> bool:
    """Whether a person, under any of their ids, was given a coupon for this reason on a day that did not
    go unused with the sale it came with."""
    return any(
        LEDGER.execute_sql(
            "SELECT 1 FROM coupon c JOIN coupon_move m USING (coupon_id) WHERE c.member_id = ? AND c.reason"
            " = ? AND m.kind = 'issued' AND m.business_day = ? AND NOT EXISTS (SELECT 1 FROM coupon_move b"
            " WHERE b.coupon_id = c.coupon_id AND b.kind = 'cancelled' AND b.reason = ?)",
            (member_id, reason, business_day, WITH_ITS_SALE),
        ).fetchone()
        for member_id in group
    )


def had_version(group: Sequence[str], reason: str, template_id: str, version: int) -> bool:
    """Whether a person, under any of their ids, was given this version of a kind for this reason; not
    what was taken back with its whole round."""
    return any(
        LEDGER.execute_sql(
            "SELECT 1 FROM coupon WHERE member_id = ? AND member_id <> '' AND template_id = ?"
            f" AND template_version = ? AND reason = ? AND {STANDS}",
            (member_id, template_id, version, reason),
        ).fetchone()
        for member_id in group
    )


def given_on(member_id: str, reason: str, business_day: str) -> int:
    """How many a member, or everybody without one, was given for this reason on a day."""
    row = LEDGER.execute_sql(
        "SELECT COUNT(*) FROM coupon_move JOIN coupon USING (coupon_id) WHERE coupon.reason = ?"
        " AND coupon_move.kind = 'issued' AND business_day = ? AND member_id = ?",
        (reason, business_day, member_id),
    ).fetchone()
    return int(row[0])


def claim_year(person_keys: Iterable[bytes], year: str) -> bool:
    """Mark a year as used for whoever these keys are of; False where one of them has used it."""
    keys = list(person_keys)
    added = sum(
        LEDGER.execute_sql(
            "INSERT INTO coupon_year (person_key, year) VALUES (?, ?) ON CONFLICT DO NOTHING", (key, year)
        ).rowcount
        for key in keys
    )
    return int(added) == len(keys)


def _one(where: str, value: str) -> Coupon | None:
    found = _many(where, value)
    return found[0] if found else None


def _many(where: str, *values: Any) -> list[Coupon]:
    rows = LEDGER.execute_sql(f"SELECT {FIELDS} FROM coupon {where}", values)
    return [Coupon(*row) for row in rows]


def _nested(query: str, *values: object) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for one, state, count in LEDGER.execute_sql(query, values):
        found.setdefault(one, {})[state] = count
    return found
