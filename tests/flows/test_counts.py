"""Counting while the shop sells: the differences are the books' errors and nothing else."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from services.domain.errors import BadRequest, DocumentSettled, OutcomeUnknown
from services.flows import counts
from services.flows import stock as flow
from services.flows.shop import Shop
from services.store import books, stock
from tests.flows.test_checkout import STATEMENTS_MAX, FailingConnection, fill, pay
from tests.flows.test_stock import events, receive, shelf
from tests.shop import GTINS, JEANS, SOCKS, TEE, open_store


def begin(shop: Shop) -> str:
    return counts.begin(shop, note="", operator_id="he", request_id=shop.new_id()).document_id


def enter(shop: Shop, count: str, code: str, pieces: int = 1, *, instead: bool = False) -> None:
    counts.enter(shop, count, code, pieces, instead=instead, request_id=shop.new_id())


def post(shop: Shop, count: str, *, rest_is_gone: bool = False) -> None:
    counts.post(shop, count, rest_is_gone=rest_is_gone, operator_id="he", request_id=f"post-{count}")
    assert books.differences() == []


def test_a_count_by_scanning_finds_what_is_missing(shop: Shop) -> None:
    receive(shop, (TEE, 10), (JEANS, 5))
    count = begin(shop)
    for _ in range(8):
        enter(shop, count, GTINS[TEE])
    enter(shop, count, JEANS, 6, instead=True)
    assert shelf(TEE, JEANS) == [10, 5]  # nothing moves before it is posted
    post(shop, count)
    assert shelf(TEE, JEANS) == [8, 6]
    assert events("stock.counted") == 1


def test_what_is_sold_after_the_look_stays_sold(shop: Shop) -> None:
    receive(shop, (TEE, 10))
    count = begin(shop)
    enter(shop, count, TEE, 9)  # one is missing
    pay(shop, fill(shop, "1", TEE, TEE))
    post(shop, count)
    assert shelf(TEE) == [7]


def test_what_is_sold_between_two_looks_is_shown(shop: Shop) -> None:
    receive(shop, (TEE, 10))
    count = begin(shop)
    enter(shop, count, TEE, 4)
    pay(shop, fill(shop, "1", TEE))
    enter(shop, count, TEE, 5)
    (line,) = counts.review(count).lines
    assert (line.found, line.expected, line.quantity, line.moved) == (9, 9, 0, -1)


def test_an_article_that_was_not_kept_is_from_its_count_on_less_what_was_sold_since(shop: Shop) -> None:
    pay(shop, fill(shop, "1", SOCKS), key="before")
    count = begin(shop)
    pay(shop, fill(shop, "1", SOCKS), key="before the look")
    enter(shop, count, SOCKS, 7)
    pay(shop, fill(shop, "1", SOCKS, SOCKS), key="after")
    post(shop, count)
    assert shelf(SOCKS) == [5]


def test_what_nobody_counted_is_kept_or_gone_as_was_said(shop: Shop) -> None:
    receive(shop, (TEE, 10), (JEANS, 5))
    first, second = begin(shop), begin(shop)
    enter(shop, first, TEE, 10)
    assert counts.review(first).left_out == ((JEANS, 5),)
    post(shop, first)
    assert shelf(TEE, JEANS) == [10, 5]
    enter(shop, second, TEE, 10)
    post(shop, second, rest_is_gone=True)
    assert shelf(TEE, JEANS) == [10, 0]


def test_a_repeated_scan_counts_once_and_a_posted_count_takes_no_more(shop: Shop) -> None:
    receive(shop)
    count = begin(shop)
    for _ in range(3):
        line = counts.enter(shop, count, TEE, 1, instead=False, request_id="scan-1")
    assert line.found == 1
    post(shop, count)
    post(shop, count)
    assert events("stock.counted") == 1
    assert counts.enter(shop, count, TEE, 1, instead=False, request_id="scan-1").found == 1
    with pytest.raises(DocumentSettled):
        enter(shop, count, TEE)
    with pytest.raises(DocumentSettled):
        counts.post(shop, count, rest_is_gone=False, operator_id="he", request_id="another")


def test_less_than_none_is_not_counted_and_a_delivery_is_no_count(shop: Shop) -> None:
    count = begin(shop)
    for code, pieces in ((TEE, -1), (TEE, 100_000)):
        with pytest.raises(BadRequest):
            enter(shop, count, code, pieces)
    delivery = receive(shop).document_id
    with pytest.raises(BadRequest):
        enter(shop, delivery, TEE)
    with pytest.raises(BadRequest):
        counts.post(shop, delivery, rest_is_gone=False, operator_id="he", request_id="p")


def test_a_count_that_is_given_up_changes_nothing_and_a_posted_one_is_taken_back(shop: Shop) -> None:
    receive(shop, (TEE, 10))
    given_up, posted = begin(shop), begin(shop)
    for count in (given_up, posted):
        enter(shop, count, TEE, 3)
    assert (
        flow.take_back(shop, given_up, operator_id="he", request_id="g").state,
        shelf(TEE),
    ) == ("cancelled", [10])
    post(shop, posted)
    pay(shop, fill(shop, "1", TEE))
    flow.take_back(shop, posted, operator_id="he", request_id="t")
    assert shelf(TEE) == [9]
    assert books.differences() == []


@pytest.mark.parametrize("seed", range(5))
def test_a_shelf_counted_while_it_sells_is_right_afterwards(shop: Shop, seed: int) -> None:
    """The truth is played beside the books; whoever counts sees the truth."""
    chance = random.Random(seed)
    truth = {TEE: 30, JEANS: 30, SOCKS: 30}
    receive(shop, *((sku, pieces + chance.randint(-3, 3)) for sku, pieces in truth.items()))
    count = begin(shop)
    to_count = list(truth)
    for n in range(12):
        if chance.random() < 0.5:
            sku = chance.choice(list(truth))
            truth[sku] -= 1
            pay(shop, fill(shop, "1", sku), key=f"{seed}-{n}")
        elif to_count:
            sku = to_count.pop()
            enter(shop, count, sku, truth[sku], instead=True)
    for sku in to_count:
        enter(shop, count, sku, truth[sku], instead=True)
    post(shop, count)
    assert stock.on_hand(list(truth)) == truth


def test_a_posted_count_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": FailingConnection, **k}))
    open_store(tmp_path / "faulty.db")
    for n in range(1, STATEMENTS_MAX):
        receive(shop, (TEE, 2))
        count = begin(shop)
        enter(shop, count, TEE, 1)
        before = shelf(TEE), events("stock.counted")
        FailingConnection.fail_at, FailingConnection.seen = n, []
        try:
            post(shop, count)
            failed = False
        except (OutcomeUnknown, sqlite3.OperationalError):
            failed = True
        FailingConnection.fail_at = 0
        after = shelf(TEE), events("stock.counted")
        whole = after == ([1], before[1] + 1)
        assert whole or after == before, (n, before, after)
        assert whole == (flow.find(count).state == "posted")
        post(shop, count)
        assert shelf(TEE) == [1]
        if not failed:
            return
        counts.enter(shop, begin(shop), TEE, 0, instead=True, request_id=shop.new_id())
        flow.adjust(shop, [(TEE, -1)], reason="other", note="", operator_id="he", request_id=shop.new_id())
    pytest.fail("the fault loop never reached a clean run")
