"""Who brought whom: one row for each newcomer."""

from __future__ import annotations

from typing import Any

import msgspec

from services.domain.identity import KINDS
from services.domain.points_events import ReferralChanged
from services.domain.referrals import REWARDED, Referral
from services.store.db import LEDGER

_COLUMNS = "newcomer_id, referrer_id, state, sale_id, month, capped"


def of_newcomer(group: tuple[str, ...]) -> Referral | None:
    """The one by which this person came."""
    return _one(f"newcomer_id IN ({_marks(group)}) ORDER BY newcomer_id LIMIT 1", group)


def of_sale(sale_id: str) -> Referral | None:
    """The one that counted with this purchase."""
    return _one("sale_id = ? AND sale_id <> ''", (sale_id,))


def by_referrer(group: tuple[str, ...]) -> list[Referral]:
    """All whom this person has sent, whatever became of it."""
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} FROM referral WHERE referrer_id IN ({_marks(group)}) ORDER BY newcomer_id",
        group,
    )
    return [_read_row(row) for row in rows]


def brought(group: tuple[str, ...], month: str) -> int:
    """How many this person got points for in a month."""
    (many,) = LEDGER.execute_sql(
        f"SELECT COUNT(*) FROM referral WHERE referrer_id IN ({_marks(group)}) AND month = ?"
        " AND state = ? AND NOT capped",
        (*group, month, REWARDED),
    ).fetchone()
    return int(many)


def put(held: Referral) -> None:
    LEDGER.execute_sql(
        f"INSERT OR REPLACE INTO referral ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", _row(held)
    )


def shared_keys(one: tuple[str, ...], other: tuple[str, ...]) -> set[object]:
    """What both of these are, or were, known by; the end of a phone, which many share, is none of it."""
    kinds = f"kind IN ({_marks(KINDS)})"
    rows = LEDGER.execute_sql(
        f"SELECT kind, digest FROM member_key WHERE {kinds} AND member_id IN ({_marks(one)})"
        f" INTERSECT SELECT kind, digest FROM member_key WHERE {kinds} AND member_id IN ({_marks(other)})",
        (*KINDS, *one, *KINDS, *other),
    )
    return {tuple(row) for row in rows}


def differences() -> list[str]:
    """Every referral that is not what the journal told last."""
    told: dict[str, tuple[object, ...]] = {}
    for (body,) in LEDGER.execute_sql(
        "SELECT body FROM journal WHERE type = ? ORDER BY seq", (ReferralChanged.type,)
    ):
        event = _read(body).data
        told[event.newcomer_id] = (
            *(event.newcomer_id, event.referrer_id, event.state, event.sale_id, event.month),
            int(event.capped),
        )
    stored = {row[0]: tuple(row) for row in LEDGER.execute_sql(f"SELECT {_COLUMNS} FROM referral")}
    return [
        f"referral {key!r}: {stored.get(key)!r} but journal {told.get(key)!r}"
        for key in sorted(stored.keys() | told.keys())
        if stored.get(key) != told.get(key)
    ]


class _Told(msgspec.Struct):
    data: ReferralChanged


_read = msgspec.json.Decoder(_Told).decode


def _one(where: str, values: tuple[str, ...]) -> Referral | None:
    row = LEDGER.execute_sql(f"SELECT {_COLUMNS} FROM referral WHERE {where}", values).fetchone()
    return _read_row(row) if row is not None else None


def _read_row(row: tuple[Any, ...]) -> Referral:
    newcomer_id, referrer_id, state, sale_id, month, capped = row
    return Referral(newcomer_id, referrer_id, state, sale_id, month, bool(capped))


def _row(held: Referral) -> tuple[object, ...]:
    return (
        *(held.newcomer_id, held.referrer_id, held.state, held.sale_id, held.month),
        int(held.capped),
    )


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join("?" * len(values))
