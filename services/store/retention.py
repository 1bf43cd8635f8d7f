"""What nobody needs any more, removed a piece at a time so that no till waits for it."""

from __future__ import annotations

from services.store.db import LEDGER
from services.store.jobs import CANCELLED, CONFIRMED, COPY, FAILED, GIFT, SENT

PIECE = 500  # rows of one transaction

_OVER = ", ".join(f"'{state}'" for state in (SENT, CONFIRMED, FAILED, CANCELLED))


def drop_requests(before_ms: int) -> int:
    """Remove a piece of the request keys that are older; how many it was."""
    return _dropped("request", "key", "at_ms < ?", before_ms)


def drop_jobs(before_ms: int) -> int:
    """Remove a piece of the jobs that ended earlier; how many it was. Copies and
    gift receipts stay: they are numbered on."""
    return _dropped(
        "job",
        "job_id",
        f"state IN ({_OVER}) AND kind NOT IN ('{COPY}', '{GIFT}') AND changed_at_ms < ?",
        before_ms,
    )


def drop_sessions(before_ms: int) -> int:
    """Remove a piece of the sessions that began earlier; how many it was."""
    return _dropped("session", "token_hash", "begun_at_ms < ?", before_ms)


def drop_birthdays(before_ms: int) -> int:
    """Remove a piece of the years before that one in which somebody had a birthday's coupon; how many it
    was. They are made of phones, also of those of the erased."""
    return LEDGER.execute_sql(
        "DELETE FROM coupon_year WHERE (person_key, year) IN (SELECT person_key, year FROM coupon_year"
        f" WHERE year < strftime('%Y', ? / 1000, 'unixepoch') LIMIT {PIECE:d})",
        (before_ms,),
    ).rowcount


def _dropped(table: str, key: str, condition: str, before_ms: int) -> int:
    return LEDGER.execute_sql(
        f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE {condition} LIMIT {PIECE:d})",
        (before_ms,),
    ).rowcount
