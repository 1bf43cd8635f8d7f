"""In which stage of their life as a customer each member was when everybody was looked at last.

Not in the journal: made of the sales, and anew every day.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.domain.rfm import Life
from services.store.db import LEDGER


def put(member_ids: Sequence[str], life: Life) -> None:
    """For one person, under the first of their ids; nothing stays of who has no purchase to be seen."""
    marks = ", ".join("?" * len(member_ids))
    LEDGER.execute_sql(f"DELETE FROM member_life WHERE member_id IN ({marks})", tuple(member_ids))
    if life.orders or life.last_day:
        LEDGER.execute_sql(
            "INSERT INTO member_life (member_id, stage, fellows) VALUES (?, ?, ?)",
            (member_ids[0], life.stage, life.group),
        )


def stages() -> dict[str, int]:
    """How many living members are in each stage."""
    return _counts("stage")


def groups() -> dict[str, int]:
    """How many living members are in each group."""
    return _counts("fellows")


def among(stage: str, group: str, after: str, limit: int) -> list[str]:
    """At most so many living members of a stage, a group or both, behind `after`; "" is any."""
    rows = LEDGER.execute_sql(
        "SELECT member_id FROM member_life JOIN member USING (member_id) WHERE ? IN (stage, '')"
        " AND ? IN (fellows, '') AND member_id > ? AND sealed IS NOT NULL ORDER BY member_id LIMIT ?",
        (stage, group, after, limit),
    )
    return [str(member_id) for (member_id,) in rows]


def _counts(column: str) -> dict[str, int]:
    rows = LEDGER.execute_sql(
        f"SELECT {column}, COUNT(*) FROM member_life JOIN member USING (member_id)"
        f" WHERE sealed IS NOT NULL GROUP BY {column}"
    )
    return {str(key): int(many) for key, many in rows}
