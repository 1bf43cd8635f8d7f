"""The nightly job removes what is old and over, in small pieces, and nothing that may still be needed."""

from __future__ import annotations

import random

import pytest

from services.flows.shop import Shop
from services.jobs import tidy
from services.jobs.contract import Arguments
from services.store import books, db, jobs, journal, requests, retention
from services.store.db import LEDGER
from tests.shop import START_MS, make_shop
from tests.store.test_damage import sell

DAY = 86_400_000
STATES = (*jobs.OPEN_STATES, jobs.SENT, jobs.CONFIRMED, jobs.FAILED, jobs.CANCELLED)


def count(table: str) -> int:
    return int(LEDGER.execute_sql(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


def test_only_what_is_old_and_over_goes(shop: Shop) -> None:
    now_ms = START_MS + 200 * DAY
    with db.write():
        for days in (6, 8):
            requests.remember(f"key-{days}", b"f" * 32, "a", now_ms - days * DAY)
        for state in STATES:
            for kind in (jobs.RECEIPT, jobs.DRAWER, jobs.SELF_TEST, jobs.COPY):
                for days in (89, 91):
                    jobs.add(f"{state}.{kind}.{days}", "1", kind, "s", 1, now_ms - 190 * DAY)
                    jobs.mark(f"{state}.{kind}.{days}", state, now_ms - days * DAY)
    said = tidy.JOB.run(Arguments((), str, lambda: now_ms, make_shop))
    assert said == (
        "removed 1 request keys, 12 print and drawer jobs, 0 sessions, 0 birthdays of past years,"
        " 0 idle members; made one of 0 pairs of members"
    )
    assert requests.find("key-6") == "a" and requests.find("key-8") is None
    for state in STATES:
        for kind in (jobs.RECEIPT, jobs.DRAWER, jobs.SELF_TEST, jobs.COPY):
            assert jobs.by_id(f"{state}.{kind}.89"), "young"
            kept = state in jobs.OPEN_STATES or kind == jobs.COPY
            assert bool(jobs.by_id(f"{state}.{kind}.91")) == kept, (state, kind)


def test_journal_and_sales_are_never_touched(shop: Shop) -> None:
    for n in range(5):
        sell(shop, n)
    before = [count(table) for table in ("journal", "sale", "sale_line", "tender", "posting")]
    with db.write():
        LEDGER.execute_sql("UPDATE job SET state = 'sent'")
    removed = tidy.tidy(START_MS + 10_000 * DAY)
    assert removed["request keys"] and removed["print and drawer jobs"]
    assert before == [count(table) for table in ("journal", "sale", "sale_line", "tender", "posting")]
    assert books.differences() == [] and journal.first_break() == 0
    sell(shop, 9)


def test_what_a_birthday_was_known_by_goes_with_its_year(shop: Shop) -> None:
    with db.write():
        for year in ("2024", "2025", "2026"):
            LEDGER.execute_sql("INSERT INTO coupon_year VALUES (x'01', ?)", (year,))
    assert tidy.tidy(START_MS)["birthdays of past years"] == 2
    assert count("coupon_year") == 1
    assert tidy.tidy(START_MS + 60 * DAY)["birthdays of past years"] == 0, "for a month after its year"
    assert tidy.tidy(START_MS + 80 * DAY)["birthdays of past years"] == 1


def test_an_expired_session_goes_and_one_of_today_stays(shop: Shop) -> None:
    with db.write():
        for name, hours in (("young", 11), ("old", 25)):
            LEDGER.execute_sql(
                "INSERT INTO session VALUES (?, 'zhou', '1', 'c', ?, ?)",
                (name.encode(), START_MS - hours * 3_600_000, START_MS),
            )
    assert tidy.tidy(START_MS)["sessions"] == 1
    assert [bytes(row[0]) for row in LEDGER.execute_sql("SELECT token_hash FROM session")] == [b"young"]


@pytest.mark.parametrize("seed", range(3))
def test_it_works_in_pieces_and_to_the_end(shop: Shop, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(retention, "PIECE", 7)
    old, pieces = chance.randrange(50), []
    with db.write():
        for n in range(60):
            at_ms = START_MS - (8 if n < old else 1) * DAY
            requests.remember(f"key-{chance.random()}-{n}", b"f" * 32, "a", at_ms)
    drop = retention.drop_requests
    monkeypatch.setattr(retention, "drop_requests", lambda at_ms: pieces.append(drop(at_ms)) or pieces[-1])
    assert tidy.tidy(START_MS)["request keys"] == old == sum(pieces)
    assert max(pieces) <= 7 and count("request") == 60 - old
