"""Two weeks of trade for the demo shop: whole, true to its books, and something for every page to show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services import initials
from services.flows import baskets, gift_cards, members, merges, resemblance
from services.flows.shop import Shop
from services.jobs import demo_history, demo_loyalty, demo_shop
from services.jobs.contract import Arguments, Refused
from services.registry import discover
from services.store import books, journal, member_records, roster, schema
from services.store.db import LEDGER
from services.store.sealed import VAULT
from tests.shop import KEYRING, Clock, make_shop
from web_console import views

TODAY_MS = 1_795_600_000_000


def hashed(pin: str) -> str:
    return f"hashed:{pin}"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    LEDGER.open(tmp_path / "store.db")
    schema.migrate()
    VAULT.open(tmp_path / "keys.db", KEYRING)
    demo_shop.make(hashed)
    clock = Clock()
    clock.at_ms = TODAY_MS
    yield make_shop(clock)
    VAULT.shut()
    LEDGER.shut()


def one(sql: str) -> int:
    return int(LEDGER.execute_sql(sql).fetchone()[0])


def test_its_books_are_right_and_every_day_is_closed_with_nothing_missing(shop: Shop) -> None:
    demo_history.make(shop)
    assert books.differences() == [] and journal.first_break() == 0
    assert one("SELECT COUNT(*) FROM shift WHERE state = 'closed'") == demo_history.DAYS
    assert one("SELECT COUNT(DISTINCT business_day) FROM sale") == demo_history.DAYS
    assert one("SELECT COUNT(*) FROM sale") > 100
    assert one("SELECT MAX(at_ms) FROM journal") < TODAY_MS
    assert one("SELECT COUNT(*) FROM job") == 0, "nothing of the past is printed"
    ways = LEDGER.execute_sql("SELECT DISTINCT key FROM tender ORDER BY key").fetchall()
    assert ways == [("card",), ("cash",), ("mobile",)]


def test_tiles_run_out_people_sell_and_cards_are_worth_what_was_paid(shop: Shop) -> None:
    codes = demo_history.make(shop)
    levels = {row[1] for row in LEDGER.execute_sql("SELECT sku, on_hand FROM stock")}
    assert 0 in levels and levels & set(range(1, shop.reorder_point + 1)) and max(levels) > 20
    assert min(levels) >= 0
    assert one("SELECT COUNT(DISTINCT seller_id) FROM sale_line WHERE seller_id <> ''") == 3
    assert [gift_cards.find(code).balance_minor for code in codes] == [200_00, 500_00]
    assert roster.managers() == 2


def test_members_have_bought_and_two_may_be_one_person(shop: Shop) -> None:
    demo_history.make(shop)
    (hit,) = members.recognise(shop, "13800138001")
    assert member_records.sales_of(hit.member.ids) > 2
    assert len(merges.duplicates()) == 1 and one("SELECT COUNT(*) FROM member") == 6
    assert resemblance.suggest(shop, initials.syllable, lambda _: None).pairs == 2
    assert len(merges.duplicates()) == 2


def test_three_pairs_of_socks_are_one_short_of_a_free_one(shop: Shop) -> None:
    demo_history.make(shop)
    baskets.add(shop, "1", sku="P5001-BS-F", code="", quantity=3, request_id="three-socks")
    hint = views.basket(shop, "1").hint
    assert hint is not None and hint.missing_pieces == 1 and hint.saves.minor == 29_00


def test_a_shop_that_has_sold_is_left_as_it_is(shop: Shop) -> None:
    demo_history.make(shop)
    before = journal.head()
    with pytest.raises(Refused):
        demo_history.make(shop)
    assert journal.head() == before


def test_the_job_is_found_and_says_what_it_did(shop: Shop) -> None:
    job = discover("services.jobs", "JOB")["demo_history"]
    told = job.run(Arguments((), hashed, lambda: TODAY_MS, lambda: shop))
    assert told.startswith("made 14 days of trade")


def test_with_the_loyalty_of_the_demo_its_members_have_points_coupons_and_a_tier(shop: Shop) -> None:
    assert demo_loyalty.make(shop) == demo_loyalty.make(shop) > 0
    demo_history.make(shop)
    assert books.differences() == []
    assert one("SELECT COUNT(*) FROM coupon WHERE reason = 'receipt'") > 5
    assert one("SELECT COUNT(DISTINCT member_id) FROM tier_step WHERE tier <> ''") > 1
    assert one("SELECT COUNT(DISTINCT member_id) FROM points_lot WHERE credited > 0") > 1
    assert one("SELECT COUNT(*) FROM coupon WHERE state = 'used'") > 5
    ways = LEDGER.execute_sql("SELECT DISTINCT tender FROM stored_value_move WHERE kind = 'recharged'")
    assert set(ways) == {("cash",), ("card",)}
    assert one("SELECT COUNT(*) FROM tender WHERE key = 'stored_value'") > 1
    missing = LEDGER.execute_sql("SELECT json_extract(body, '$.cash[0].variance_minor') FROM z_report")
    assert all(-10 < minor <= 0 for (minor,) in missing), "less than the smallest coin"
