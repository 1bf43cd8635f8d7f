"""Print and drawer jobs: durable, one per document and copy, whatever happens to the printer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.store.db import LEDGER

RECEIPT, COPY, DRAWER, SELF_TEST = "receipt", "copy", "drawer", "self_test"

QUEUED, SENDING, SENT, CONFIRMED = "queued", "sending", "sent", "confirmed"
UNKNOWN, FAILED, CANCELLED = "unknown", "failed", "cancelled"
OPEN_STATES = (QUEUED, SENDING, UNKNOWN)
OPEN_MAX = 500  # jobs of one look at a queue

_COLUMNS = "job_id, till, kind, sale_id, copy_number, state, attempts, reason, created_at_ms, changed_at_ms"


@dataclass(frozen=True, slots=True)
class Job:
    """States: queued, sending, then sent (printer cannot be asked), confirmed, unknown (paper may have
    moved: ask people), failed, cancelled. Only a queued job is ever sent."""

    job_id: str
    till: str
    kind: str
    sale_id: str  # "" for a self-test
    copy_number: int  # 0 is the original
    state: str
    attempts: int
    reason: str  # error code of the last try
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
    rows = [(f"{sale_id}.{kind}", till, kind, sale_id, at_ms, at_ms) for kind in kinds]
    marks = ", ".join(["(?, ?, ?, ?, 0, 'queued', 0, '', ?, ?)"] * len(rows))
    LEDGER.execute_sql(
        f"INSERT INTO job ({_COLUMNS}) VALUES {marks}", [value for row in rows for value in row]
    )


def mark(job_id: str, state: str, at_ms: int, *, reason: str = "", tried: bool = False) -> None:
    LEDGER.execute_sql(
        "UPDATE job SET state = ?, reason = ?, changed_at_ms = ?, attempts = attempts + ? WHERE job_id = ?",
        (state, reason, at_ms, int(tried), job_id),
    )


def by_id(job_id: str) -> Job | None:
    row = LEDGER.execute_sql(f"SELECT {_COLUMNS} FROM job WHERE job_id = ?", (job_id,)).fetchone()
    return Job(*row) if row else None


def open_jobs(till: str) -> list[Job]:
    """What is queued, being sent or unknown at `till`, oldest first, drawers before paper."""
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
