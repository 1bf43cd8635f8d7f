"""Parked baskets: whole, with their tickets, and how each of them ended."""

from __future__ import annotations

import dataclasses

import msgspec

from services.domain.basket import Basket
from services.domain.parked import ABANDONED, DAY_CLOSE, EXPIRED, PARKED, RESUMED, Parked
from services.domain.parked_events import BasketAbandoned, BasketParked, BasketResumed
from services.store.db import LEDGER

PAGE = 50  # rows of one look at the list
CHAIN_MAX = 100  # times a basket is parked again that an old ticket is followed through

_NAMES = tuple(field.name for field in dataclasses.fields(Parked))
_COLUMNS = ", ".join(_NAMES)
_PROVED = ", ".join(name for name in _NAMES if name != "note")  # what the journal knows


class _Kept(msgspec.Struct, frozen=True):
    basket: Basket
    follow: tuple[int, ...]  # the lines that cost what the price list said


_read_kept = msgspec.json.Decoder(_Kept).decode


def next_ticket() -> int:
    """One more than the highest that was ever given out."""
    row = LEDGER.execute_sql("SELECT MAX(ticket) FROM parked").fetchone()
    return int(row[0] or 0) + 1


def create(row: Parked, basket: Basket, follow: frozenset[int]) -> None:
    marks = ", ".join("?" * (len(_NAMES) + 1))
    LEDGER.execute_sql(
        f"INSERT INTO parked ({_COLUMNS}, body) VALUES ({marks})",
        (*dataclasses.astuple(row), msgspec.json.encode(_Kept(basket, tuple(sorted(follow))))),
    )


def end(
    parked_id: str, state: str, *, at_ms: int, till: str, by: str, reason: str = "", resumed_as: str = ""
) -> bool:
    """Give a basket that still waits its end; false when somebody was faster, and nothing has changed."""
    return bool(
        LEDGER.execute_sql(
            "UPDATE parked SET state = ?, ended_at_ms = ?, ended_till = ?, ended_by = ?, end_reason = ?,"
            " resumed_as = ? WHERE parked_id = ? AND state = 'parked'",
            (state, at_ms, till, by, reason, resumed_as, parked_id),
        ).rowcount
    )


def by_id(parked_id: str) -> Parked | None:
    row = LEDGER.execute_sql(f"SELECT {_COLUMNS} FROM parked WHERE parked_id = ?", (parked_id,)).fetchone()
    return Parked(*row) if row else None


def by_ticket(ticket: int) -> Parked | None:
    """What a ticket stands for now: a basket that went on and was parked again is found by its old one."""
    found = _one("ticket = ?", ticket)
    for _ in range(CHAIN_MAX):
        if found is None or found.state != RESUMED:
            break
        later = _one("basket_id = ?", found.resumed_as)
        if later is None:
            break
        found = later
    return found


def kept(parked_id: str) -> tuple[Basket, frozenset[int]]:
    """The basket as it was parked, and the lines that cost what the price list said then."""
    row = LEDGER.execute_sql("SELECT body FROM parked WHERE parked_id = ?", (parked_id,)).fetchone()
    held = _read_kept(row[0])
    return held.basket, frozenset(held.follow)


def followed(basket_id: str) -> frozenset[int]:
    """The lines of a basket that cost what the price list said when it was parked before."""
    found = _one("resumed_as = ? AND resumed_as <> ''", basket_id)
    return kept(found.parked_id)[1] if found else frozenset()


def count() -> int:
    """How many wait."""
    return int(LEDGER.execute_sql("SELECT COUNT(*) FROM parked WHERE state = 'parked'").fetchone()[0])


def waiting(query: str = "", before: int = 0) -> list[Parked]:
    """The newest PAGE of those that wait, with tickets below `before` (0: from the newest on).

    `query` is part of a ticket number, of the note, or of the name of who parked it.
    """
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} FROM parked WHERE state = 'parked' AND (? = 0 OR ticket < ?)"
        " AND (? = '' OR instr(printf('%04d', ticket), ?) > 0 OR instr(lower(note), lower(?)) > 0"
        " OR operator_id IN (SELECT staff_id FROM staff WHERE instr(lower(name), lower(?)) > 0))"
        " ORDER BY ticket DESC LIMIT ?",
        (before, before, query, query, query, query, PAGE),
    )
    return [Parked(*row) for row in rows]


def waiting_at(till: str) -> list[Parked]:
    """Every basket that was parked at `till` and still waits, oldest first."""
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} FROM parked WHERE state = 'parked' AND till = ? ORDER BY ticket", (till,)
    )
    return [Parked(*row) for row in rows]


def for_reason(reason: str) -> list[Parked]:
    """Every basket that was parked for this reason and still waits, oldest first."""
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} FROM parked WHERE state = 'parked' AND reason = ? ORDER BY ticket", (reason,)
    )
    return [Parked(*row) for row in rows]


def _one(condition: str, value: object) -> Parked | None:
    row = LEDGER.execute_sql(f"SELECT {_COLUMNS} FROM parked WHERE {condition}", (value,)).fetchone()
    return Parked(*row) if row else None


class _Told(msgspec.Struct):
    type: str
    data: msgspec.Raw


_read_told = msgspec.json.Decoder(_Told).decode
_EVENTS: dict[str, msgspec.json.Decoder[BasketParked | BasketResumed | BasketAbandoned]] = {
    BasketParked.type: msgspec.json.Decoder(BasketParked),
    BasketResumed.type: msgspec.json.Decoder(BasketResumed),
    BasketAbandoned.type: msgspec.json.Decoder(BasketAbandoned),
}


def differences() -> list[str]:
    """Every parked basket in which journal and table disagree, one line each."""
    expected, wrong = _folded()
    rows = LEDGER.execute_sql(f"SELECT {_PROVED}, body FROM parked ORDER BY ticket")
    for *columns, body in rows:
        row = dict(zip(_PROVED.split(", "), columns, strict=True))
        told = expected.pop(row["parked_id"], None)
        if told is None:
            wrong.append(f"parked {row['parked_id']!r} is not in the journal")
        elif told != (seen := {**row, "lines": _lines(body)}):
            wrong.append(f"parked {row['parked_id']}: {seen!r} but journal {told!r}")
    return wrong + [f"parked {parked_id} is missing" for parked_id in expected]


def _folded() -> tuple[dict[str, dict[str, object]], list[str]]:
    """(parked_id -> its row as the journal tells it, events that fit nothing)."""
    found: dict[str, dict[str, object]] = {}
    wrong: list[str] = []
    marks = ", ".join("?" * len(_EVENTS))
    for seq, body in LEDGER.execute_sql(
        f"SELECT seq, body FROM journal WHERE type IN ({marks}) ORDER BY seq", tuple(_EVENTS)
    ):
        told = _read_told(body)
        event = _EVENTS[told.type].decode(told.data)
        if isinstance(event, BasketParked):
            found[event.parked_id] = _begun(event)
        elif found.get(event.parked_id, {}).get("state") != PARKED:
            wrong.append(f"journal {seq}: {told.type} of {event.parked_id}, which was not waiting")
        else:
            found[event.parked_id].update(_ended(event))
    return found, wrong


def _begun(event: BasketParked) -> dict[str, object]:
    row = Parked(
        parked_id=event.parked_id,
        ticket=event.ticket,
        state=PARKED,
        basket_id=event.basket_id,
        till=event.workstation_id,
        operator_id=event.operator_id,
        reason=event.reason,
        note="",
        business_day=event.business_day,
        parked_at_ms=event.parked_at_ms,
        currency=event.currency,
        pieces=event.pieces,
        total_minor=event.total_minor,
    )
    told = dataclasses.asdict(row)
    del told["note"]
    lines = [(i.line_number, i.item_id, i.quantity, i.unit_price_minor) for i in event.line_items]
    return {**told, "lines": lines}


def _ended(event: BasketResumed | BasketAbandoned) -> dict[str, object]:
    if isinstance(event, BasketResumed):
        state, at_ms, reason, basket_id = RESUMED, event.resumed_at_ms, "", event.basket_id
    else:
        state = EXPIRED if event.reason == DAY_CLOSE else ABANDONED
        at_ms, reason, basket_id = event.abandoned_at_ms, event.reason, ""
    return {
        "state": state,
        "ended_at_ms": at_ms,
        "ended_till": event.workstation_id,
        "ended_by": event.operator_id,
        "end_reason": reason,
        "resumed_as": basket_id,
    }


def _lines(body: bytes) -> list[tuple[int, str, int, int]]:
    """Of the kept basket, as the event tells its standing lines."""
    standing = _read_kept(body).basket.standing
    return [(line.line_id, line.sku, line.quantity, line.unit_price.minor) for line in standing]
