"""Members: their sealed data, the keys they are found by, and which ids are one person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.store.db import LEDGER

GROUP_MAX = 64  # ids of one person
FOUND_MAX = 20  # people one key may lead to

Key = tuple[str, bytes]  # (kind, digest)


@dataclass(frozen=True, slots=True)
class MemberRow:
    member_id: str
    created_at_ms: int
    changed_at_ms: int
    revision: int
    sealed: bytes | None  # None: erased
    blocked: bool
    staff_id: str  # of an employee who is this member; ""
    seen_at_ms: int


_MEMBER = (
    "SELECT member_id, created_at_ms, changed_at_ms, revision, sealed, blocked, staff_id, seen_at_ms"
    " FROM member"
)


def by_id(member_id: str) -> MemberRow | None:
    row = LEDGER.execute_sql(f"{_MEMBER} WHERE member_id = ?", (member_id,)).fetchone()
    return _row(row) if row else None


def group(member_id: str) -> tuple[str, ...]:
    """All ids of the person whom `member_id` is one of, the one that stands for them first.

    What belongs to a member is looked up under each of them; it is spent in this order.
    """
    rows = LEDGER.execute_sql(
        "WITH RECURSIVE one (id) AS (VALUES (?)"
        " UNION SELECT survivor FROM member_alias JOIN one ON absorbed = id"
        " UNION SELECT absorbed FROM member_alias JOIN one ON survivor = id)"
        " SELECT id FROM one LEFT JOIN member ON member_id = id"
        " ORDER BY COALESCE(created_at_ms, 0), id LIMIT ?",
        (member_id, GROUP_MAX),
    )
    return tuple(str(row[0]) for row in rows)


def of_group(member_id: str) -> list[MemberRow]:
    """The rows of group(), in its order."""
    ids = group(member_id)
    rows = LEDGER.execute_sql(
        f"{_MEMBER} WHERE member_id IN ({', '.join('?' * len(ids))}) ORDER BY created_at_ms, member_id", ids
    )
    return [_row(row) for row in rows]


def barred(member_id: str) -> bool:
    """Whether the person whom this id stands for was erased, or is blocked."""
    rows = of_group(member_id)
    return bool(rows) and (all(row.sealed is None for row in rows) or any(row.blocked for row in rows))


def add(row: MemberRow) -> None:
    LEDGER.execute_sql(
        "INSERT INTO member (member_id, created_at_ms, changed_at_ms, revision, sealed, blocked, staff_id,"
        " seen_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(row.member_id, row.created_at_ms, row.changed_at_ms, row.revision, row.sealed),
            *(int(row.blocked), row.staff_id, row.seen_at_ms),
        ),
    )


def put(row: MemberRow) -> None:
    """The data as they are now."""
    LEDGER.execute_sql(
        "UPDATE member SET changed_at_ms = ?, revision = ?, sealed = ?, blocked = ?, staff_id = ?,"
        " seen_at_ms = ? WHERE member_id = ?",
        (
            *(row.changed_at_ms, row.revision, row.sealed, int(row.blocked), row.staff_id),
            *(row.seen_at_ms, row.member_id),
        ),
    )


def seen(member_id: str, at_ms: int) -> None:
    LEDGER.execute_sql("UPDATE member SET seen_at_ms = ? WHERE member_id = ?", (at_ms, member_id))


def erase(member_id: str, at_ms: int) -> None:
    """The row stays, for the books; nothing in it or beside it leads to a person."""
    LEDGER.execute_sql(
        "UPDATE member SET sealed = NULL, blocked = 0, staff_id = '', changed_at_ms = ?"
        " WHERE member_id = ?",
        (at_ms, member_id),
    )
    LEDGER.execute_sql("DELETE FROM member_key WHERE member_id = ?", (member_id,))
    LEDGER.execute_sql("DELETE FROM member_guess WHERE absorbed = ?1 OR survivor = ?1", (member_id,))


def found_by(keys: Iterable[Key]) -> list[str]:
    """The ids under any of these keys that stand, oldest first; at most FOUND_MAX."""
    ids = {
        str(row[0])
        for kind, digest in keys
        for row in LEDGER.execute_sql(
            "SELECT DISTINCT member_id FROM member_key WHERE kind = ? AND digest = ? AND until_ms = 0"
            " ORDER BY member_id LIMIT ?",
            (kind, digest, FOUND_MAX),
        )
    }
    return sorted(ids)[:FOUND_MAX]


def keys_of(member_id: str) -> dict[Key, bool]:
    """The keys that stand, and whether each is verified."""
    rows = LEDGER.execute_sql(
        "SELECT kind, digest, verified FROM member_key WHERE member_id = ? AND until_ms = 0", (member_id,)
    )
    return {(str(kind), bytes(digest)): bool(verified) for kind, digest, verified in rows}


def set_keys(member_id: str, wanted: Mapping[Key, bool], at_ms: int) -> None:
    """From `at_ms` on the member is found by `wanted` alone. What stood before is kept with its end."""
    held = keys_of(member_id)
    for key, verified in held.items():
        if wanted.get(key) != verified:
            LEDGER.execute_sql(
                "UPDATE member_key SET until_ms = ?"
                " WHERE kind = ? AND digest = ? AND member_id = ? AND until_ms = 0",
                (at_ms, *key, member_id),
            )
    for key, verified in wanted.items():
        if held.get(key) != verified:
            LEDGER.execute_sql(
                "INSERT OR REPLACE INTO member_key (kind, digest, member_id, verified, since_ms, until_ms)"
                " VALUES (?, ?, ?, ?, ?, 0)",
                (*key, member_id, int(verified), at_ms),
            )


def add_alias(absorbed: str, survivor: str, at_ms: int) -> None:
    LEDGER.execute_sql("DELETE FROM member_apart WHERE absorbed = ? AND survivor = ?", (absorbed, survivor))
    LEDGER.execute_sql(
        "INSERT INTO member_alias (absorbed, survivor, at_ms) VALUES (?, ?, ?)", (absorbed, survivor, at_ms)
    )


def drop_alias(absorbed: str, survivor: str, at_ms: int) -> None:
    """They are two. That somebody said so stays: no sweep makes them one again."""
    LEDGER.execute_sql("DELETE FROM member_alias WHERE absorbed = ? AND survivor = ?", (absorbed, survivor))
    tell_apart(absorbed, survivor, at_ms)


def tell_apart(absorbed: str, survivor: str, at_ms: int) -> None:
    """Somebody said that these two are not one person."""
    LEDGER.execute_sql(
        "INSERT INTO member_apart (absorbed, survivor, at_ms) VALUES (?, ?, ?)", (absorbed, survivor, at_ms)
    )


def parted(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether somebody parted an id of one from an id of the other."""
    some, others = ", ".join("?" * len(one)), ", ".join("?" * len(other))
    row = LEDGER.execute_sql(
        "SELECT 1 FROM member_apart"
        f" WHERE (absorbed IN ({some}) AND survivor IN ({others}))"
        f" OR (absorbed IN ({others}) AND survivor IN ({some}))",
        (*one, *other, *other, *one),
    ).fetchone()
    return row is not None


def alias_at(absorbed: str, survivor: str) -> int | None:
    """When the two became one; None for two who did not."""
    row = LEDGER.execute_sql(
        "SELECT at_ms FROM member_alias WHERE absorbed = ? AND survivor = ?", (absorbed, survivor)
    ).fetchone()
    return int(row[0]) if row else None


def aliases(ids: Sequence[str]) -> list[tuple[str, str, int]]:
    """(absorbed, survivor, when) of the pairs among these ids, oldest first."""
    rows = LEDGER.execute_sql(
        "SELECT absorbed, survivor, at_ms FROM member_alias"
        f" WHERE absorbed IN ({', '.join('?' * len(ids))}) ORDER BY at_ms, absorbed",
        tuple(ids),
    )
    return [(str(absorbed), str(survivor), int(at_ms)) for absorbed, survivor, at_ms in rows]


def sharing(limit: int) -> list[tuple[str, ...]]:
    """Ids that stand under one key, for each such key: not the last digits of a phone, which many share.

    Ids of one person are among them.
    """
    rows = LEDGER.execute_sql(
        "SELECT group_concat(member_id) FROM (SELECT kind, digest, member_id FROM member_key"
        " WHERE until_ms = 0 AND kind NOT IN ('last4', 'phone_name', 'phone_birthday')"
        " ORDER BY kind, digest, member_id)"
        " GROUP BY kind, digest HAVING COUNT(*) > 1 LIMIT ?",
        (limit,),
    )
    return [tuple(str(row[0]).split(",")) for row in rows]


def idle(before_ms: int, after: str, limit: int) -> list[str]:
    """The ids beyond `after` that were not seen since `before_ms`, in order."""
    rows = LEDGER.execute_sql(
        "SELECT member_id FROM member WHERE sealed IS NOT NULL AND seen_at_ms < ? AND member_id > ?"
        " ORDER BY member_id LIMIT ?",
        (before_ms, after, limit),
    )
    return [str(row[0]) for row in rows]


def living() -> list[str]:
    """Everybody whose data are not erased."""
    rows = LEDGER.execute_sql("SELECT member_id FROM member WHERE sealed IS NOT NULL ORDER BY member_id")
    return [str(row[0]) for row in rows]


def sealed_after(member_id: str, limit: int) -> list[MemberRow]:
    """The next of everybody whose data are not erased, in order."""
    rows = LEDGER.execute_sql(
        f"{_MEMBER} WHERE sealed IS NOT NULL AND member_id > ? ORDER BY member_id LIMIT ?",
        (member_id, limit),
    )
    return [_row(row) for row in rows]


def erased() -> list[str]:
    rows = LEDGER.execute_sql("SELECT member_id FROM member WHERE sealed IS NULL ORDER BY member_id")
    return [str(row[0]) for row in rows]


def _row(row: tuple[object, ...]) -> MemberRow:
    member_id, created, changed, revision, sealed, blocked, staff_id, seen_at_ms = row
    return MemberRow(
        *(str(member_id), int(created), int(changed), int(revision)),  # type: ignore[call-overload]
        *(None if sealed is None else bytes(sealed), bool(blocked)),  # type: ignore[call-overload]
        *(str(staff_id), int(seen_at_ms)),  # type: ignore[call-overload]
    )
