"""The versions of each currency's rate. Rows are added, never changed."""

from __future__ import annotations

import msgspec

from services.domain.exchange import Rate
from services.domain.exchange_events import ExchangeRateEntered
from services.store.db import LEDGER

PAGE = 50  # versions of one look

_COLUMNS = "rate_id, currency, version, buy_e8, valid_from_ms, source, entered_by, entered_at_ms"


def add(rate: Rate) -> None:
    LEDGER.execute_sql(
        f"INSERT INTO exchange_rate ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        tuple(getattr(rate, name) for name in _COLUMNS.split(", ")),
    )


def by_id(rate_id: str) -> Rate | None:
    return _one("WHERE rate_id = ?", rate_id)


def newest(currency: str) -> Rate | None:
    """The version that was written down last, whether it counts already or not."""
    return _one("WHERE currency = ? ORDER BY version DESC LIMIT 1", currency)


def in_force(currency: str, now_ms: int) -> Rate | None:
    """The one that counts now: what began last, of two that began together the later version."""
    return _one(
        "WHERE currency = ? AND valid_from_ms <= ? ORDER BY valid_from_ms DESC, version DESC LIMIT 1",
        currency,
        now_ms,
    )


def history(before_ms: int) -> list[Rate]:
    """All currencies' versions that were entered before that time, newest first, at most PAGE."""
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} FROM exchange_rate WHERE entered_at_ms < ?"
        " ORDER BY entered_at_ms DESC, currency, version DESC LIMIT ?",
        (before_ms, PAGE),
    )
    return [Rate(*row) for row in rows]


def differences() -> list[str]:
    """Every rate that is not what the journal told."""
    told: dict[str, Rate] = {}
    for at_ms, body in LEDGER.execute_sql(
        "SELECT at_ms, body FROM journal WHERE type = ? ORDER BY seq", (ExchangeRateEntered.type,)
    ):
        event = _read(body).data
        told[event.rate_id] = Rate(
            *(event.rate_id, event.foreign_currency, event.rate_version, event.buy_e8),
            *(event.valid_from_ms, event.source, event.operator_id, at_ms),
        )
    held = {row[0]: Rate(*row) for row in LEDGER.execute_sql(f"SELECT {_COLUMNS} FROM exchange_rate")}
    return [
        f"exchange rate {rate_id!r}: {held.get(rate_id)!r} but journal {told.get(rate_id)!r}"
        for rate_id in sorted({*held, *told})
        if held.get(rate_id) != told.get(rate_id)
    ]


class _Told(msgspec.Struct):
    data: ExchangeRateEntered


_read = msgspec.json.Decoder(_Told).decode


def _one(where: str, *values: object) -> Rate | None:
    row = LEDGER.execute_sql(f"SELECT {_COLUMNS} FROM exchange_rate {where}", values).fetchone()
    return Rate(*row) if row else None
