"""The night's work: removes what nobody asks for any more and data of members long gone, never the journal,
never a sale; then finds members who registered twice, and copies the ledger where a medium is set."""

from __future__ import annotations

from collections.abc import Callable

from services import initials
from services.flows import backups, duplicates, member_privacy, resemblance
from services.jobs.contract import Arguments, Job
from services.store import db, retention
from services.store.sealed import VAULT

DAY_MS = 86_400_000
REQUESTS_KEPT_MS = 7 * DAY_MS  # a till repeats a request within minutes
JOBS_KEPT_MS = 90 * DAY_MS
SESSIONS_KEPT_MS = DAY_MS  # none lives that long
BIRTHDAYS_KEPT_MS = 31 * DAY_MS  # after their year
PIECES_MAX = 20_000  # of one run; the next night goes on


def tidy(now_ms: int) -> dict[str, int]:
    """What was removed of each kind. Each piece is a transaction of its own."""
    return {
        "request keys": _drop(retention.drop_requests, now_ms - REQUESTS_KEPT_MS),
        "print and drawer jobs": _drop(retention.drop_jobs, now_ms - JOBS_KEPT_MS),
        "sessions": _drop(retention.drop_sessions, now_ms - SESSIONS_KEPT_MS),
        "birthdays of past years": _drop(retention.drop_birthdays, now_ms - BIRTHDAYS_KEPT_MS),
    }


def _drop(piece: Callable[[int], int], before_ms: int) -> int:
    total = 0
    for _ in range(PIECES_MAX):
        with db.write():
            dropped = piece(before_ms)
        total += dropped
        if dropped < retention.PIECE:
            break
    return total


def _forget(arguments: Arguments) -> int:
    """A shop whose members' keys cannot be opened has that told by its gateway; the rest is tidied."""
    return member_privacy.forget_idle(arguments.shop()) if not VAULT.trouble else 0


def _united(arguments: Arguments) -> int:
    if VAULT.trouble:
        return 0
    shop = arguments.shop()
    duplicates.sweep(shop)
    merged = duplicates.merge_sure(shop)
    resemblance.suggest(shop, initials.syllable, arguments.tell)
    return merged


def _run(arguments: Arguments) -> str:
    removed = tidy(arguments.now_ms())
    removed["idle members"] = _forget(arguments)
    said = "removed " + ", ".join(f"{count} {kind}" for kind, count in removed.items())
    said = f"{said}; made one of {_united(arguments)} pairs of members"
    if arguments.copies is None:
        return said
    arguments.tell(said)
    return backups.back_up(arguments.shop(), arguments.copies)


JOB = Job(key="tidy", run=_run)
