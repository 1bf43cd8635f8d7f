"""The list of staff with everybody who ever worked here, and its proof in the journal."""

from __future__ import annotations

import msgspec

from services.domain.events import StaffChanged
from services.domain.roster import Person
from services.store.db import LEDGER

PEOPLE_MAX = 1_000  # of one shop, those who have left included

_COLUMNS = "staff_id, name, role, active, rank"


def everybody() -> list[Person]:
    """Those who work here first, then who has left; in the order of the list."""
    rows = LEDGER.execute_sql(f"SELECT {_COLUMNS} FROM staff ORDER BY active DESC, rank, staff_id")
    return [_person(row) for row in rows]


def by_id(staff_id: str) -> Person | None:
    row = LEDGER.execute_sql(f"SELECT {_COLUMNS} FROM staff WHERE staff_id = ?", (staff_id,)).fetchone()
    return _person(row) if row else None


def count() -> int:
    return int(LEDGER.execute_sql("SELECT COUNT(*) FROM staff").fetchone()[0])


def managers() -> int:
    """How many may lead the shop today."""
    row = LEDGER.execute_sql("SELECT COUNT(*) FROM staff WHERE role = 'manager' AND active = 1").fetchone()
    return int(row[0])


def add(person: Person, pin_hash: str) -> None:
    LEDGER.execute_sql(
        "INSERT INTO staff (staff_id, name, role, active, rank, pin_hash) VALUES (?, ?, ?, ?, ?, ?)",
        (person.staff_id, person.name, person.role, int(person.active), person.rank, pin_hash),
    )


def put(person: Person) -> None:
    """Everything but the PIN of somebody who is listed."""
    LEDGER.execute_sql(
        "UPDATE staff SET name = ?, role = ?, active = ?, rank = ? WHERE staff_id = ?",
        (person.name, person.role, int(person.active), person.rank, person.staff_id),
    )


def put_pin(staff_id: str, pin_hash: str) -> None:
    LEDGER.execute_sql("UPDATE staff SET pin_hash = ? WHERE staff_id = ?", (pin_hash, staff_id))


def end_sessions(staff_id: str) -> tuple[bytes, ...]:
    """Sign somebody off everywhere; the tokens' hashes that are worth nothing now."""
    rows = LEDGER.execute_sql("SELECT token_hash FROM session WHERE staff_id = ?", (staff_id,)).fetchall()
    LEDGER.execute_sql("DELETE FROM session WHERE staff_id = ?", (staff_id,))
    return tuple(bytes(row[0]) for row in rows)


def free_id() -> str:
    """An id that nobody has or had: "p1", "p2" and so on."""
    taken = {
        str(row[0]) for row in LEDGER.execute_sql("SELECT staff_id FROM staff WHERE staff_id GLOB 'p*'")
    }
    return next(name for n in range(1, PEOPLE_MAX + 2) if (name := f"p{n}") not in taken)


def differences() -> list[str]:
    """Everybody whom the journal tells of and who is listed otherwise. People from before it tells of
    nobody are taken as they stand."""
    told: dict[str, Person] = {}
    rows = LEDGER.execute_sql("SELECT body FROM journal WHERE type = ? ORDER BY seq", (StaffChanged.type,))
    for (body,) in rows:
        event = _read(body).data
        told[event.staff_id] = Person(event.staff_id, event.name, event.role, event.active, event.rank)
    return [
        f"staff {staff_id}: {held!r} but journal {wanted!r}"
        for staff_id, wanted in sorted(told.items())
        if (held := by_id(staff_id)) != wanted
    ]


class _Told(msgspec.Struct):
    data: StaffChanged


_read = msgspec.json.Decoder(_Told).decode


def _person(row: tuple[str, str, str, int, int]) -> Person:
    staff_id, name, role, active, rank = row
    return Person(staff_id, name, role, bool(active), rank)
