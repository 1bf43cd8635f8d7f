"""The people of the store, their PIN failures and their sessions."""

from __future__ import annotations

from dataclasses import dataclass

from services.store.db import LEDGER

STAFF_MAX = 200  # people of one list


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works here. Roles: cashier, manager, technician."""

    staff_id: str
    name: str
    role: str
    pin_hash: str


@dataclass(frozen=True, slots=True)
class Failures:
    """Wrong PINs of one subject (a person or a till) since its last right one."""

    count: int
    locked_until_ms: int  # 0 for not locked


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed on at a till. `token_hash` is the SHA-256 of what the browser holds."""

    token_hash: bytes
    staff_id: str
    name: str
    role: str
    till: str
    csrf: str
    begun_at_ms: int
    seen_at_ms: int


def put(staff_id: str, name: str, role: str, pin_hash: str, rank: int) -> None:
    """Add a member of staff, or replace the one with this id. Another PIN or role ends their sessions."""
    LEDGER.execute_sql(
        "DELETE FROM session WHERE staff_id = ? AND NOT EXISTS"
        " (SELECT 1 FROM staff WHERE staff_id = ? AND pin_hash = ? AND role = ? AND active = 1)",
        (staff_id, staff_id, pin_hash, role),
    )
    LEDGER.execute_sql(
        "INSERT OR REPLACE INTO staff (staff_id, name, role, pin_hash, active, rank)"
        " VALUES (?, ?, ?, ?, 1, ?)",
        (staff_id, name, role, pin_hash, rank),
    )


def retire(staff_id: str) -> None:
    """Take somebody off the list and end their sessions; their name stays on what they sold."""
    LEDGER.execute_sql("UPDATE staff SET active = 0 WHERE staff_id = ?", (staff_id,))
    LEDGER.execute_sql("DELETE FROM session WHERE staff_id = ?", (staff_id,))


def name_of(staff_id: str) -> str:
    """The name, or the id of somebody who is no longer listed."""
    row = LEDGER.execute_sql("SELECT name FROM staff WHERE staff_id = ?", (staff_id,)).fetchone()
    return str(row[0]) if row else staff_id


def listed() -> list[Member]:
    """Everybody who may sign on, in the order of the list."""
    rows = LEDGER.execute_sql(
        "SELECT staff_id, name, role, pin_hash FROM staff WHERE active = 1 ORDER BY rank, staff_id LIMIT ?",
        (STAFF_MAX,),
    )
    return [Member(*row) for row in rows]


def by_id(staff_id: str) -> Member | None:
    """Somebody who may sign on, or None."""
    row = LEDGER.execute_sql(
        "SELECT staff_id, name, role, pin_hash FROM staff WHERE staff_id = ? AND active = 1", (staff_id,)
    ).fetchone()
    return Member(*row) if row else None


def some_pin_hash() -> str:
    """Anybody's: what a stranger's PIN is compared with, so that it takes as long. "" without staff."""
    row = LEDGER.execute_sql("SELECT pin_hash FROM staff WHERE active = 1 LIMIT 1").fetchone()
    return str(row[0]) if row else ""


def failures(subject: str) -> Failures:
    row = LEDGER.execute_sql(
        "SELECT failures, locked_until_ms FROM pin_failure WHERE subject = ?", (subject,)
    ).fetchone()
    return Failures(*row) if row else Failures(0, 0)


def put_failures(subject: str, after: Failures) -> None:
    LEDGER.execute_sql(
        "INSERT INTO pin_failure (subject, failures, locked_until_ms) VALUES (?, ?, ?)"
        " ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures,"
        " locked_until_ms = excluded.locked_until_ms",
        (subject, after.count, after.locked_until_ms),
    )


def clear_failures(subject: str) -> None:
    LEDGER.execute_sql("DELETE FROM pin_failure WHERE subject = ?", (subject,))


def clear_strangers(prefix: str) -> None:
    """Forget the failures of ids that nobody has; `prefix` is what a person's subject begins with."""
    LEDGER.execute_sql(
        "DELETE FROM pin_failure WHERE substr(subject, 1, ?) = ?"
        " AND substr(subject, ?) NOT IN (SELECT staff_id FROM staff)",
        (len(prefix), prefix, len(prefix) + 1),
    )


def create_session(session: Session) -> None:
    LEDGER.execute_sql(
        "INSERT INTO session (token_hash, staff_id, till, csrf, begun_at_ms, seen_at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            session.token_hash,
            session.staff_id,
            session.till,
            session.csrf,
            session.begun_at_ms,
            session.seen_at_ms,
        ),
    )


def session(token_hash: bytes) -> Session | None:
    """The session, as long as its owner may still sign on."""
    row = LEDGER.execute_sql(
        "SELECT token_hash, s.staff_id, name, role, till, csrf, begun_at_ms, seen_at_ms"
        " FROM session s JOIN staff ON staff.staff_id = s.staff_id AND active = 1 WHERE token_hash = ?",
        (token_hash,),
    ).fetchone()
    return Session(*row) if row else None


def touch_session(token_hash: bytes, seen_at_ms: int) -> None:
    LEDGER.execute_sql("UPDATE session SET seen_at_ms = ? WHERE token_hash = ?", (seen_at_ms, token_hash))


def last_at(till: str, since_ms: int) -> str:
    """Who used the pages of `till` last, "" when nobody has done so since."""
    row = LEDGER.execute_sql(
        "SELECT s.staff_id FROM session s JOIN staff ON staff.staff_id = s.staff_id AND active = 1"
        " WHERE till = ? AND seen_at_ms >= ? ORDER BY seen_at_ms DESC LIMIT 1",
        (till, since_ms),
    ).fetchone()
    return str(row[0]) if row else ""


def delete_session(token_hash: bytes) -> None:
    LEDGER.execute_sql("DELETE FROM session WHERE token_hash = ?", (token_hash,))


def delete_sessions_before(begun_at_ms: int) -> None:
    """Forget what began before this time."""
    LEDGER.execute_sql("DELETE FROM session WHERE begun_at_ms < ?", (begun_at_ms,))
