"""Who may be one person: what members share, and the pairs that were found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from services.domain.duplicates import SHARED_MAX
from services.domain.profile import SAME
from services.store.db import LEDGER

Pair = tuple[str, str]  # (absorbed, survivor): the younger first
Guess = tuple[int, str]  # (bits, reasons): see services/domain/resemblance.py
SWEPT = "swept_ms"  # everything that changed before this was looked at
_AT_ONCE = 500  # ids of one statement
_STILL_GUESSED = (
    "member_guess"
    " JOIN member a ON a.member_id = absorbed AND a.sealed IS NOT NULL AND a.changed_at_ms <= at_ms"
    " JOIN member s ON s.member_id = survivor AND s.sealed IS NOT NULL AND s.changed_at_ms <= at_ms"
)


def sharing(kind: str) -> Iterator[list[str]]:
    """For each key of this kind that stands for several: their ids, "1" before it where they proved it.

    In the order of the index, so nothing is sorted and few rows leave SQLite.
    """
    rows = LEDGER.execute_sql(
        "SELECT group_concat(verified || member_id) FROM member_key WHERE kind = ? AND until_ms = 0"
        " GROUP BY digest HAVING COUNT(*) BETWEEN 2 AND ?",
        (kind, SHARED_MAX),
    )
    return (row[0].split(",") for row in rows)


def sharing_with(member_id: str, kinds: Collection[str]) -> list[tuple[str, bytes, list[str]]]:
    """(kind, digest, ids as sharing() has them) of each key of one member that others have too."""
    rows = LEDGER.execute_sql(
        "SELECT k.kind, k.digest, group_concat(k.verified || k.member_id) FROM member_key mine"
        " JOIN member_key k ON k.kind = mine.kind AND k.digest = mine.digest AND k.until_ms = 0"
        f" WHERE mine.member_id = ? AND mine.until_ms = 0 AND mine.kind IN ({_marks(kinds)})"
        " GROUP BY k.kind, k.digest HAVING COUNT(*) BETWEEN 2 AND ?",
        (member_id, *kinds, SHARED_MAX),
    )
    return [(str(kind), bytes(digest), ids.split(",")) for kind, digest, ids in rows]


def by_age(ids: Iterable[str]) -> list[str]:
    """Those who are members, from the oldest on."""
    wanted, found = sorted(ids), []  # in the order of the pages: each is read once
    for n in range(0, len(wanted), _AT_ONCE):
        part = wanted[n : n + _AT_ONCE]
        found += LEDGER.execute_sql(
            f"SELECT created_at_ms, member_id FROM member WHERE member_id IN ({_marks(part)})", part
        ).fetchall()
    return [str(member_id) for _, member_id in sorted(found)]


def changed_since(since_ms: int) -> list[str]:
    """Whose data, merges or partings are as new as that."""
    rows = LEDGER.execute_sql(
        "SELECT member_id FROM member WHERE changed_at_ms >= ?1"
        " UNION SELECT absorbed FROM member_alias WHERE at_ms >= ?1"
        " UNION SELECT absorbed FROM member_apart WHERE at_ms >= ?1"
        " UNION SELECT survivor FROM member_apart WHERE at_ms >= ?1",
        (since_ms,),
    )
    return [str(row[0]) for row in rows]


def merged() -> list[Pair]:
    rows = LEDGER.execute_sql("SELECT absorbed, survivor FROM member_alias")
    return [(str(absorbed), str(survivor)) for absorbed, survivor in rows]


def apart() -> list[Pair]:
    """Pairs that somebody parted again; only somebody makes them one once more."""
    rows = LEDGER.execute_sql("SELECT absorbed, survivor FROM member_apart")
    return [(str(absorbed), str(survivor)) for absorbed, survivor in rows]


def found() -> dict[Pair, str]:
    """All pairs of the last sweep, and how sure each is."""
    rows = LEDGER.execute_sql("SELECT absorbed, survivor, likeness FROM member_pair")
    return {(str(absorbed), str(survivor)): str(likeness) for absorbed, survivor, likeness in rows}


def found_with(member_id: str) -> dict[Pair, str]:
    rows = LEDGER.execute_sql(
        "SELECT absorbed, survivor, likeness FROM member_pair WHERE absorbed = ?1"
        " UNION SELECT absorbed, survivor, likeness FROM member_pair WHERE survivor = ?1",
        (member_id,),
    )
    return {(str(absorbed), str(survivor)): str(likeness) for absorbed, survivor, likeness in rows}


def sure(after: Pair, limit: int) -> list[Pair]:
    """Pairs to be made one without asking, in order."""
    rows = LEDGER.execute_sql(
        "SELECT absorbed, survivor FROM member_pair WHERE likeness = ? AND (absorbed, survivor) > (?, ?)"
        " ORDER BY absorbed, survivor LIMIT ?",
        (SAME, *after, limit),
    )
    return [(str(absorbed), str(survivor)) for absorbed, survivor in rows]


def surest(limit: int) -> list[Pair]:
    """Pairs to be looked at, surest first; none that is explained by chance."""
    rows = LEDGER.execute_sql(
        "SELECT absorbed, survivor FROM member_pair"
        " JOIN member a ON a.member_id = absorbed AND a.sealed IS NOT NULL"
        " JOIN member s ON s.member_id = survivor AND s.sealed IS NOT NULL WHERE NOT chance"
        " ORDER BY CASE likeness WHEN 'same' THEN 0 WHEN 'candidate' THEN 1 ELSE 2 END, absorbed LIMIT ?",
        (limit,),
    )
    return [(str(absorbed), str(survivor)) for absorbed, survivor in rows]


def put(rows: Sequence[tuple[str, str, str]]) -> None:
    LEDGER.execute_many(
        "INSERT OR REPLACE INTO member_pair (absorbed, survivor, likeness) VALUES (?, ?, ?)", rows
    )


def drop(rows: Sequence[Pair]) -> None:
    LEDGER.execute_many("DELETE FROM member_pair WHERE absorbed = ? AND survivor = ?", rows)


def by_chance() -> set[Pair]:
    """The pairs that share no more than strangers do by chance, as the last sweep of look-alikes saw it."""
    rows = LEDGER.execute_sql("SELECT absorbed, survivor FROM member_pair WHERE chance")
    return {(str(absorbed), str(survivor)) for absorbed, survivor in rows}


def is_chance(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether an id of one and an id of the other are such a pair."""
    row = LEDGER.execute_sql(
        f"SELECT 1 FROM member_pair WHERE chance AND {_between(one, other)} LIMIT 1",
        (*one, *other, *other, *one),
    ).fetchone()
    return row is not None


def put_chance(late: Sequence[Pair], fresh: Sequence[Pair]) -> None:
    """Pairs that are no longer explained by chance, and those that are."""
    for chance, rows in ((0, late), (1, fresh)):
        LEDGER.execute_many(
            f"UPDATE member_pair SET chance = {chance} WHERE absorbed = ? AND survivor = ?", rows
        )


def guesses() -> dict[Pair, Guess]:
    """What the last sweep of look-alikes found."""
    rows = LEDGER.execute_sql("SELECT absorbed, survivor, bits, reasons FROM member_guess")
    return {(str(a), str(s)): (int(bits), str(reasons)) for a, s, bits, reasons in rows}


def likeliest(limit: int) -> list[Pair]:
    """Look-alikes to be shown, likeliest first: nobody who was erased, or changed since."""
    rows = LEDGER.execute_sql(
        f"SELECT absorbed, survivor FROM {_STILL_GUESSED} ORDER BY bits DESC, absorbed, survivor LIMIT ?",
        (limit,),
    )
    return [(str(absorbed), str(survivor)) for absorbed, survivor in rows]


def reasons(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    """Why an id of one may be the same person as an id of the other, of the likeliest pair of them."""
    row = LEDGER.execute_sql(
        f"SELECT reasons FROM {_STILL_GUESSED} WHERE {_between(one, other)}"
        " ORDER BY bits DESC, absorbed, survivor LIMIT 1",
        (*one, *other, *other, *one),
    ).fetchone()
    return tuple(str(row[0]).split()) if row else ()


def answer(one: Sequence[str], other: Sequence[str]) -> None:
    """Somebody said whether these two are one: nothing is suggested about them any more."""
    for table in ("member_guess", "member_pair"):
        LEDGER.execute_sql(
            f"DELETE FROM {table} WHERE {_between(one, other)}", (*one, *other, *other, *one)
        )


def guess(late: Sequence[Pair], fresh: Sequence[tuple[str, str, int, str]], at_ms: int) -> None:
    """Look-alikes that were not found again, and those found; what stays is as new as the rest."""
    LEDGER.execute_many("DELETE FROM member_guess WHERE absorbed = ? AND survivor = ?", late)
    LEDGER.execute_many(
        "INSERT OR REPLACE INTO member_guess (absorbed, survivor, bits, reasons, at_ms)"
        " VALUES (?, ?, ?, ?, 0)",
        fresh,
    )
    LEDGER.execute_sql("UPDATE member_guess SET at_ms = ?", (at_ms,))


def swept_ms() -> int:
    """0: the base was never swept."""
    row = LEDGER.execute_sql("SELECT value FROM box WHERE key = ?", (SWEPT,)).fetchone()
    return int(row[0]) if row else 0


def swept(at_ms: int) -> None:
    LEDGER.execute_sql("INSERT OR REPLACE INTO box (key, value) VALUES (?, ?)", (SWEPT, str(at_ms)))


def _between(one: Sequence[str], other: Sequence[str]) -> str:
    """Takes the ids of one, of the other, of the other and of one."""
    some, others = _marks(one), _marks(other)
    return (
        f"((absorbed IN ({some}) AND survivor IN ({others}))"
        f" OR (absorbed IN ({others}) AND survivor IN ({some})))"
    )


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))
