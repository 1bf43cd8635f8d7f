"""Print and drawer jobs: durable, one per document and copy, whatever happens to the printer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.store.db import LEDGER

RECEIPT, COPY, DRAWER, SELF_TEST = "receipt", "copy", "drawer", "self_test"
PARK_TICKET = "park_ticket"

QUEUED, SENDING, SENT, CONFIRMED = "queued", "sending", "sent", "confirmed"
UNKNOWN, FAILED, CANCELLED = "unknown", "failed", "cancelled"
OPEN_STATES = (QUEUED, SENDING, UNKNOWN)
OPEN_MAX = 500  # jobs of one look at a queue

_COLUMNS = "job_id, till, kind, sale_id, copy_number, state, attempts, reason, created_at_ms, changed_at_ms"


@dataclass(frozen=True, slots=True)
class Job:
    """States: queued, sending, then sent (nothing says whether it worked), confirmed, unknown (ask people:
    paper may have moved, or the job is late), failed, cancelled. Only a queued job is ever sent."""

    job_id: str
    till: str
    kind: str
    sale_id: str  # "" for a self-test and a park ticket
    copy_number: int  # 0 is the original
    state: str
    attempts: int
    reason: str  # error code of the last try, or why it was given up
    created_at_ms: int
    changed_at_ms: int


def add(job_id: str, till: str, kind: str, sale_id: str, copy_number: int, at_ms: int) -> None:
    """Queue a job; the same id again changes nothing."""
    LEDGER.execute_sql(
        f"INSERT OR IGNORE INTO job ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, 'queued', 0, '', ?, ?)",
        (job_id, till, kind, sale_id, copy_number, at_ms, at_ms),
    )


def add_for_sale(sale_id: str, till: str, kinds: Sequence[str], at_ms: int) -> None:
    """Queue the first jobs of a new sale, one of each kind."""
    if not kinds:
        return
    rows = [(f"{sale_id}.{kind}", till, kind, sale_id, at_ms, at_ms) for kind in kinds]
    marks = ", ".join(["(?, ?, ?, ?, 0, 'queued', 0, '', ?, ?)"] * len(rows))
    LEDGER.execute_sql(
        f"INSERT INTO job ({_COLUMNS}) VALUES {marks}", [value for row in rows for value in row]
    )


def mark(job_id: str, state: str, at_ms: int, *, reason: str = "") -> None:
    LEDGER.execute_sql(
        "UPDATE job SET state = ?, reason = ?, changed_at_ms = ? WHERE job_id = ?",
        (state, reason, at_ms, job_id),
    )


def cancel_queued(prefix: str, at_ms: int) -> None:
    """Nobody needs the queued jobs any more whose ids begin with `prefix`, which ends with a dot."""
    assert prefix.endswith("."), prefix
    LEDGER.execute_sql(
        "UPDATE job SET state = 'cancelled', changed_at_ms = ?"
        " WHERE job_id >= ? AND job_id < ? AND state = 'queued'",
        (at_ms, prefix, f"{prefix[:-1]}/"),  # "/" follows "." in ASCII
    )


def claim(tills: Collection[str], at_ms: int, *, kicks: bool) -> Job | None:
    """The oldest queued kick, or the oldest queued paper, of these tills: now it is being sent.

    Only a job that is queued in this very statement changes hands, so no two callers get the same one.
    """
    rows = LEDGER.execute_sql(
        "UPDATE job SET state = 'sending', reason = '', changed_at_ms = ?, attempts = attempts + 1"
        f" WHERE state = 'queued' AND job_id = (SELECT job_id FROM job WHERE {_among(tills, kicks)}"
        f" AND state = 'queued' ORDER BY created_at_ms, job_id LIMIT 1) RETURNING {_COLUMNS}",
        (at_ms, *tills),
    ).fetchall()
    assert len(rows) <= 1, rows
    return Job(*rows[0]) if rows else None


def give_up(
    tills: Collection[str], at_ms: int, *, kicks: bool, was: str, reason: str, fresh_ms: int = 0
) -> list[Job]:
    """Every kick of these tills that `was` so has failed, and every paper becomes a question to people,
    unless it was queued in the last `fresh_ms`. A job from the future, which a clock left that was set back
    since, is not fresh. The changed jobs, oldest first."""
    rows = LEDGER.execute_sql(
        "UPDATE job SET state = ?, reason = ?, changed_at_ms = ?"
        f" WHERE {_among(tills, kicks)} AND state = ? AND created_at_ms NOT BETWEEN ? AND ?"
        f" RETURNING {_COLUMNS}",
        (FAILED if kicks else UNKNOWN, reason, at_ms, *tills, was, at_ms - fresh_ms + 1, at_ms),
    ).fetchall()
    return sorted((Job(*row) for row in rows), key=lambda job: (job.created_at_ms, job.job_id))


def waiting(tills: Collection[str], *, kicks: bool) -> bool:
    """Whether a kick, or a paper, of these tills is queued."""
    return bool(
        LEDGER.execute_sql(
            f"SELECT EXISTS (SELECT 1 FROM job WHERE {_among(tills, kicks)} AND state = 'queued')",
            tuple(tills),
        ).fetchone()[0]
    )


def _among(tills: Collection[str], kicks: bool) -> str:
    """The open kicks, or papers, of `tills`; worded so that the index of open jobs serves it."""
    marks = ", ".join("?" * len(tills))
    return (
        f"till IN ({marks}) AND state IN ('queued', 'sending', 'unknown')"
        f" AND kind {'=' if kicks else '<>'} 'drawer'"
    )


def by_id(job_id: str) -> Job | None:
    row = LEDGER.execute_sql(f"SELECT {_COLUMNS} FROM job WHERE job_id = ?", (job_id,)).fetchone()
    return Job(*row) if row else None


def open_jobs(till: str) -> list[Job]:
    """What is queued, being sent or unknown at `till`: the oldest OPEN_MAX, drawers before paper."""
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} FROM job WHERE till = ? AND state IN ('queued', 'sending', 'unknown')"
        " ORDER BY created_at_ms, kind <> 'drawer', job_id LIMIT ?",
        (till, OPEN_MAX),
    )
    return [Job(*row) for row in rows]


def of_sale(sale_id: str) -> list[Job]:
    """Every job of one sale: drawer, receipt, then its copies."""
    rows = LEDGER.execute_sql(
        f"SELECT {_COLUMNS} FROM job WHERE job_id >= ? AND job_id < ?"
        " ORDER BY kind <> 'drawer', copy_number",
        (f"{sale_id}.", f"{sale_id}/"),  # "/" follows "." in ASCII: all ids that begin with the sale's
    )
    return [Job(*row) for row in rows]
