"""Print and drawer jobs: durable, one per document and copy, whatever happens to the printer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.store.db import LEDGER

RECEIPT, COPY, DRAWER, SELF_TEST = "receipt", "copy", "drawer", "self_test"
GIFT, LABEL = "gift", "label"
AT_HOME = (LABEL, SELF_TEST)  # papers that another printer cannot stand in for
Z_REPORT = "z_report"
PARK_TICKET = "park_ticket"
VALUE = "stored_value"  # a recharge, or what was paid out of one

QUEUED, SENDING, SENT, CONFIRMED = "queued", "sending", "sent", "confirmed"
UNKNOWN, FAILED, CANCELLED = "unknown", "failed", "cancelled"
OPEN_STATES = (QUEUED, SENDING, UNKNOWN)
OPEN_MAX = 500  # jobs of one look at a queue

_COLUMNS = (
    "job_id, till, kind, sale_id, copy_number, state, attempts, reason, created_at_ms, changed_at_ms,"
    " printer, language, document"
)

_Among = tuple[str, tuple[str, ...]]  # a condition, and its values


@dataclass(frozen=True, slots=True)
class Job:
    """States: queued, sending, then sent (nothing says whether it worked), confirmed, unknown (ask people:
    paper may have moved, or the job is late), failed, cancelled. Only a queued job is ever sent."""

    job_id: str
    till: str
    kind: str
    sale_id: str  # "" for a paper of no sale
    copy_number: int  # 0 is the original; gift receipts count their own
    state: str
    attempts: int
    reason: str  # error code of the last try, or why it was given up
    created_at_ms: int
    changed_at_ms: int
    printer: str = ""  # the device it was sent to; "" before that
    language: str = ""  # "zh" | "en" | "both"; "" as the shop prints
    document: str = ""  # JSON of what is printed, where no sale holds it


@dataclass(frozen=True, slots=True)
class Work:
    """Whose jobs somebody works off, by what they need."""

    kicks: frozenset[str] = frozenset()
    papers: frozenset[str] = frozenset()  # all but labels
    labels: frozenset[str] = frozenset()
    lent: frozenset[str] = frozenset()  # whose papers come here as long as their own printer cannot print


def add(
    job_id: str,
    till: str,
    kind: str,
    sale_id: str,
    copy_number: int,
    at_ms: int,
    *,
    language: str = "",
    document: str = "",
) -> None:
    """Queue a job; the same id again changes nothing."""
    LEDGER.execute_sql(
        f"INSERT OR IGNORE INTO job ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, 'queued', 0, '', ?, ?, '', ?, ?)",
        (job_id, till, kind, sale_id, copy_number, at_ms, at_ms, language, document),
    )


def add_for_sale(sale_id: str, till: str, kinds: Sequence[str], at_ms: int) -> None:
    """Queue the first jobs of a new sale, one of each kind."""
    if not kinds:
        return
    rows = [(f"{sale_id}.{kind}", till, kind, sale_id, at_ms, at_ms) for kind in kinds]
    marks = ", ".join(["(?, ?, ?, ?, 0, 'queued', 0, '', ?, ?, '', '', '')"] * len(rows))
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


def claim_kick(tills: Collection[str], at_ms: int) -> Job | None:
    """The oldest queued kick of these tills: now it is being sent. None where nothing is queued."""
    return _claim(_kicks(tills), at_ms, "")


def claim_paper(ready: Work, at_ms: int, printer: str) -> Job | None:
    """The oldest queued paper that `ready` names, kicks aside: `printer` is sending it from now on."""
    return _claim(_papers(ready), at_ms, printer)


def _claim(among: _Among, at_ms: int, printer: str) -> Job | None:
    """Only what is queued in this very statement changes hands, so no two callers get the same job."""
    where, values = among
    rows = LEDGER.execute_sql(
        "UPDATE job SET state = 'sending', reason = '', changed_at_ms = ?, attempts = attempts + 1,"
        " printer = ? WHERE state = 'queued' AND job_id = (SELECT job_id FROM job"
        f" WHERE {where} AND state = 'queued' ORDER BY created_at_ms, job_id LIMIT 1)"
        f" RETURNING {_COLUMNS}",
        (at_ms, printer, *values),
    ).fetchall()
    assert len(rows) <= 1, rows
    return Job(*rows[0]) if rows else None


def give_up_kicks(
    tills: Collection[str], at_ms: int, *, was: str, reason: str, fresh_ms: int = 0
) -> list[Job]:
    """Every kick of these tills that `was` so has failed, unless it was queued in the last `fresh_ms`.
    A job from the future, which a clock left that was set back since, is not fresh. The changed jobs,
    oldest first."""
    return _give_up(_kicks(tills), FAILED, at_ms, was, reason, fresh_ms)


def give_up_papers(
    work: Work, at_ms: int, *, was: str, reason: str, fresh_ms: int = 0, except_at: Collection[str] = ()
) -> list[Job]:
    """The same of papers: each becomes a question to people. What a printer of `except_at` is sending
    is that printer's own matter."""
    where, values = _papers(work)
    elsewhere = f"{where} AND printer NOT IN ({_marks(except_at)})"
    return _give_up((elsewhere, (*values, *except_at)), UNKNOWN, at_ms, was, reason, fresh_ms)


def give_up_gone(tills: Collection[str], heir: str, at_ms: int) -> list[Job]:
    """Open jobs of tills that are not among `tills`: a paper for a customer becomes a question at `heir`,
    all else has failed, all of it where there is no heir (""). The changed jobs."""
    for_people = f"kind NOT IN ('drawer', {_marks(AT_HOME)}) AND ? <> ''"
    people = (*AT_HOME, heir)
    rows = LEDGER.execute_sql(
        f"UPDATE job SET state = CASE WHEN {for_people} THEN 'unknown' ELSE 'failed' END,"
        f" till = CASE WHEN {for_people} THEN ? ELSE till END, reason = 'till_gone', changed_at_ms = ?"
        f" WHERE state IN ('queued', 'sending', 'unknown') AND till NOT IN ({_marks(tills)})"
        f" RETURNING {_COLUMNS}",
        (*people, *people, heir, at_ms, *tills),
    ).fetchall()
    return sorted((Job(*row) for row in rows), key=lambda job: (job.created_at_ms, job.job_id))


def _give_up(among: _Among, state: str, at_ms: int, was: str, reason: str, fresh_ms: int) -> list[Job]:
    where, values = among
    rows = LEDGER.execute_sql(
        "UPDATE job SET state = ?, reason = ?, changed_at_ms = ?"
        f" WHERE {where} AND state = ? AND created_at_ms NOT BETWEEN ? AND ? RETURNING {_COLUMNS}",
        (state, reason, at_ms, *values, was, at_ms - fresh_ms + 1, at_ms),
    ).fetchall()
    return sorted((Job(*row) for row in rows), key=lambda job: (job.created_at_ms, job.job_id))


def waiting(kicks: Collection[str], papers: Work) -> bool:
    """Whether a kick of the one, or a paper of the others, is queued."""
    return any(
        LEDGER.execute_sql(
            f"SELECT EXISTS (SELECT 1 FROM job WHERE {where} AND state = 'queued')", values
        ).fetchone()[0]
        for where, values in (_kicks(kicks), _papers(papers))
    )


def _kicks(tills: Collection[str]) -> _Among:
    return f"{_open(tills)} AND kind = 'drawer'", tuple(tills)


def _papers(work: Work) -> _Among:
    here = work.papers | work.labels | work.lent
    where = (
        f"{_open(here)} AND kind <> 'drawer' AND ("
        f"kind <> 'label' AND till IN ({_marks(work.papers)})"
        f" OR kind = 'label' AND till IN ({_marks(work.labels)})"
        f" OR kind NOT IN ({_marks(AT_HOME)}) AND till IN ({_marks(work.lent)}))"
    )
    return where, (*here, *work.papers, *work.labels, *AT_HOME, *work.lent)


def _open(tills: Collection[str]) -> str:
    """The open jobs of `tills`; worded so that the index of open jobs serves it."""
    return f"till IN ({_marks(tills)}) AND state IN ('queued', 'sending', 'unknown')"


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))


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
        " ORDER BY kind <> 'drawer', copy_number, job_id",
        (f"{sale_id}.", f"{sale_id}/"),  # "/" follows "." in ASCII: all ids that begin with the sale's
    )
    return [Job(*row) for row in rows]
