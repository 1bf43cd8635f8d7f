"""Parking a basket and going on with it: one holder, nothing lost, no money moved."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import msgspec
import pytest

from services.domain import parked as rules
from services.domain.errors import (
    BadRequest,
    BagInUse,
    BasketChanged,
    BasketEmpty,
    NotSignedIn,
    OutcomeUnknown,
    ParkedFull,
    ParkedOver,
    ParkedRepriced,
    ParkedTaken,
    ParkedUnknown,
    ParkedWaiting,
    RequestReused,
    TicketScanned,
)
from services.domain.parked import Parked
from services.flows import baskets, park_tickets, parked_over, parking, prices, promotions, shifts, spool
from services.flows.parking import Resumed
from services.flows.shop import Shop
from services.store import books, catalogue, db, jobs, journal, parked, staff
from services.store.db import LEDGER
from services.store.staff import Session
from tests.flows.test_checkout import STATEMENTS_MAX, FailingConnection, fill, pay
from tests.flows.test_promotions import publish, saving
from tests.shop import JEANS, SOCKS, TEE, Clock, make_shop, open_store

DAY_MS = 86_400_000


def park(
    shop: Shop, till: str = "1", *, reason: str = "phone_call", note: str = "", key: str = "park-key"
) -> Parked:
    basket = baskets.current(shop, till)
    return parking.park(
        shop,
        till,
        basket_id=basket.basket_id,
        version=basket.version,
        reason=reason,
        note=note,
        operator_id="zhou",
        request_id=key,
    )


def resume(shop: Shop, till: str, row: Parked, *, key: str = "resume-key", **more: object) -> Resumed:
    return parking.resume(
        shop,
        till,
        row.parked_id,
        operator_id="he",
        request_id=key,
        **more,  # type: ignore[arg-type]
    )


def put_price(sku: str, minor: int) -> None:
    with db.write():
        LEDGER.execute_sql("UPDATE article SET price_minor = ? WHERE sku = ?", (minor, sku))


def sign_on(till: str, staff_id: str, at_ms: int) -> None:
    with db.write():
        token = f"{staff_id}{till}".encode()
        member = staff.by_id(staff_id)
        assert member is not None
        staff.create_session(Session(token, staff_id, member.name, member.role, till, "c", at_ms, at_ms))


def events(kind: str) -> list[dict[str, object]]:
    rows = [msgspec.json.decode(row.body) for row in journal.after(0, 1000) if row.type == kind]
    return [row["data"] for row in rows]


def test_a_basket_parked_at_one_till_goes_on_at_the_other_exactly_as_it_was(
    shop: Shop, clock: Clock
) -> None:
    basket_id, _ = fill(shop, "1", TEE, JEANS, SOCKS, TEE)
    baskets.set_quantity(shop, "1", 2, 0, basket_id=basket_id)
    before = baskets.current(shop, "1")
    row = park(shop, note="  灰色大衣的\n王女士 ")
    assert (row.ticket, row.pieces, row.total_minor, row.note) == (
        1,
        3,
        2 * 99_00 + 29_00,
        "灰色大衣的 王女士",
    )
    fresh = baskets.current(shop, "1")
    assert fresh.lines == () and fresh.basket_id != before.basket_id

    clock.at_ms += 300_000
    resumed = resume(shop, "2", row)
    after = baskets.current(shop, "2")
    assert after == resumed.basket and resumed.differences == ()
    assert (after.lines, after.begun_at_ms, after.discounts) == (before.lines, before.begun_at_ms, ())
    assert after.basket_id not in (before.basket_id, fresh.basket_id)
    assert (resumed.parked.state, resumed.parked.ended_till, resumed.parked.ended_by) == (
        "resumed",
        "2",
        "he",
    )
    (told,) = events("basket.resumed")
    assert (told["waited_s"], told["pieces"], told["repriced"]) == (300, 3, [])
    assert pay(shop, (after.basket_id, after.version), till="2")
    assert books.differences() == [] and journal.first_break() == 0


def test_parking_moves_no_money_and_the_note_stays_on_the_box(shop: Shop) -> None:
    fill(shop)
    row = park(shop, note="王女士 13800000000")
    resume(shop, "1", row)
    for table in ("sale", "posting", "tender", "stock_line"):
        assert LEDGER.execute_sql(f"SELECT COUNT(*) FROM {table}").fetchone()[0] == 0
    assert all(b"13800000000" not in entry.body for entry in journal.after(0, 100))


def test_a_repeat_of_either_request_changes_nothing(shop: Shop) -> None:
    shown = fill(shop)

    def again(note: str = "") -> Parked:
        return parking.park(
            shop,
            "1",
            basket_id=shown[0],
            version=shown[1],
            reason="queue",
            note=note,
            operator_id="zhou",
            request_id="one-key",
        )

    first = again()
    assert again() == first
    with pytest.raises(RequestReused):
        again("other")
    taken = resume(shop, "2", first)
    assert resume(shop, "2", first) == taken
    assert [row.type for row in journal.after(0, 10)] == ["basket.parked", "basket.resumed"]


def test_only_what_was_shown_and_holds_goods_is_parked(shop: Shop) -> None:
    with pytest.raises(BasketEmpty):
        park(shop)
    shown = fill(shop)
    baskets.scan(shop, "1", "T-W-M")
    with pytest.raises(BasketChanged):
        parking.park(
            shop,
            "1",
            basket_id=shown[0],
            version=shown[1],
            reason="queue",
            note="",
            operator_id="zhou",
            request_id="k",
        )
    with pytest.raises(BadRequest):
        park(shop, reason="because")
    assert baskets.current(shop, "1").pieces == 4 and parked.count() == 0


def test_a_taken_basket_is_refused_to_everybody_else_by_name(shop: Shop) -> None:
    fill(shop)
    row = park(shop)
    resume(shop, "2", row)
    with pytest.raises(ParkedTaken) as refused:
        resume(shop, "1", row, key="late")
    assert refused.value.details | {"till": "2", "by": "何敏", "ticket": "0001"} == refused.value.details
    with pytest.raises(ParkedUnknown):
        parking.resume(shop, "1", "nothing", operator_id="he", request_id="x")


def test_a_change_meant_for_the_basket_before_it_was_parked_does_not_reach_it(shop: Shop) -> None:
    basket_id, _ = fill(shop)
    resume(shop, "1", park(shop))
    with pytest.raises(BasketChanged):
        baskets.set_quantity(shop, "1", 1, 5, basket_id=basket_id)


def test_a_till_with_goods_in_its_bag_parks_them_first_or_keeps_them(shop: Shop) -> None:
    fill(shop, "1", TEE)
    row = park(shop)
    fill(shop, "2", JEANS)
    with pytest.raises(BagInUse):
        resume(shop, "2", row)
    assert [line.sku for line in baskets.current(shop, "2").standing] == [JEANS]
    resume(shop, "2", row, park_first=True)
    assert [line.sku for line in baskets.current(shop, "2").standing] == [TEE]
    (waits,) = parked.waiting()
    assert (waits.reason, waits.till, waits.pieces) == ("queue", "2", 1)
    assert books.differences() == []


def test_prices_are_held_to_the_end_of_the_business_day_and_not_longer(shop: Shop, clock: Clock) -> None:
    fill(shop, "1", TEE, JEANS, SOCKS)
    row = park(shop)
    put_price(TEE, 89_00)
    put_price(SOCKS, 39_00)
    clock.at_ms += 8 * 3_600_000  # the same evening
    held = resume(shop, "2", row)
    assert held.differences == () and held.basket.gross.minor == 99_00 + 329_00 + 29_00

    again = park(shop, "2", key="p2")
    clock.at_ms += DAY_MS
    with pytest.raises(ParkedRepriced) as refused:
        resume(shop, "1", again, key="r2")
    told = refused.value.details
    assert told["total_minor"] == 89_00 + 329_00 + 39_00  # held prices are still those of the list


def test_after_the_hold_a_lower_price_counts_silently_and_a_higher_one_needs_a_tap(
    shop: Shop, clock: Clock
) -> None:
    fill(shop, "1", TEE, JEANS)
    row = park(shop)
    put_price(TEE, 89_00)
    clock.at_ms += DAY_MS
    lower = resume(shop, "1", row)
    assert [(d.old.minor, d.new and d.new.minor) for d in lower.differences] == [(99_00, 89_00)]
    assert lower.basket.gross.minor == 89_00 + 329_00
    assert events("basket.resumed")[-1]["repriced"] == [
        {"line_number": 1, "before_minor": 99_00, "after_minor": 89_00}
    ]

    row = park(shop, key="p2")
    put_price(JEANS, 399_00)
    clock.at_ms += DAY_MS
    with pytest.raises(ParkedRepriced) as refused:
        resume(shop, "2", row, key="r2")
    assert refused.value.details["total_minor"] == 89_00 + 399_00
    assert refused.value.details["differences"] == [
        {
            "line_id": 2,
            "name": "高腰直筒牛仔裤",
            "variant": "水洗蓝 / 27",
            "quantity": 1,
            "old": "¥329.00",
            "new": "¥399.00",
            "favours_customer": False,
        }
    ]
    put_price(JEANS, 459_00)  # while people look at the sheet
    with pytest.raises(ParkedRepriced):
        resume(shop, "2", row, key="r2", accepted_minor=89_00 + 399_00)
    taken = resume(shop, "2", row, key="r2", accepted_minor=89_00 + 459_00)
    assert taken.basket.gross.minor == 89_00 + 459_00
    assert books.differences() == []


def test_an_offer_that_ends_while_the_basket_waits_still_counts_on_that_day(
    shop: Shop, clock: Clock
) -> None:
    fill(shop, "1", TEE, JEANS)
    offer = publish(shop, saving())
    due = prices.priced(shop, baskets.current(shop, "1")).total
    assert due.minor < 99_00 + 329_00
    row = park(shop)
    promotions.withdraw(shop, offer, operator_id="he", request_id="withdrawn")
    clock.at_ms += 3 * 3_600_000
    resume(shop, "2", row)
    assert prices.priced(shop, baskets.current(shop, "2")).total == due
    again = park(shop, "2", key="p2")
    clock.at_ms += 3_600_000
    resume(shop, "1", again, key="r2")
    held = baskets.current(shop, "1")
    assert prices.priced(shop, held).total == due
    clock.at_ms += DAY_MS
    assert prices.priced(shop, held).total.minor == 99_00 + 329_00  # it was left open over night


def test_an_article_that_has_left_the_catalogue_keeps_its_price_after_a_tap(
    shop: Shop, clock: Clock
) -> None:
    fill(shop, "1", TEE)
    row = park(shop)
    with db.write():
        LEDGER.execute_sql("DELETE FROM article WHERE sku = ?", (TEE,))
    clock.at_ms += DAY_MS
    with pytest.raises(ParkedRepriced):
        resume(shop, "1", row)
    assert resume(shop, "1", row, accepted_minor=99_00).basket.gross.minor == 99_00


def test_a_ticket_under_the_scanner_brings_its_basket(shop: Shop, clock: Clock) -> None:
    fill(shop)
    row = park(shop)
    code = rules.ticket_code(shop.barcode_rules, row.ticket)
    assert code == "2800000000011" and len(code) == 13
    for data in (code, f"]E0{code}"):
        assert park_tickets.number_in(shop, data) == 1
    assert park_tickets.number_in(shop, "6901028014571") is None
    with pytest.raises(NotSignedIn):
        parking.resume_ticket(shop, "2", 1)
    sign_on("2", "he", clock.at_ms)
    resumed = parking.resume_ticket(shop, "2", 1)
    assert resumed.parked.ended_by == "he" and baskets.current(shop, "2").pieces == 3
    assert parking.resume_ticket(shop, "2", 1).basket == resumed.basket  # a second scan
    with pytest.raises(ParkedUnknown):
        parking.resume_ticket(shop, "2", 77)
    again = park(shop, "2", key="p2")
    with pytest.raises(TicketScanned) as typed:  # the old ticket stands for the basket, not for one parking
        baskets.add(shop, "1", sku="", code=code, quantity=1, request_id="typed")
    assert typed.value.details == {"parked_id": again.parked_id}


def test_the_ticket_on_paper_says_what_the_scanner_needs_and_no_single_price(shop: Shop) -> None:
    fill(shop)
    row = park(shop, note="\x1b@怪字\x00\u202e 王")
    (job,) = jobs.open_jobs("1")
    assert job.kind == jobs.PARK_TICKET
    words = str(spool.paper(shop, job, ()))
    assert "'0001'" in words and "2800000000011" in words and "¥527.00" in words
    assert "329.00" not in words and "\\x1b" not in words
    again = parking.print_ticket(shop, "1", row.parked_id, request_id="t1")
    assert parking.print_ticket(shop, "1", row.parked_id, request_id="t1") == again
    assert len(jobs.open_jobs("1")) == 2
    resume(shop, "1", row)
    assert jobs.open_jobs("1") == []  # nobody needs a ticket for what is in the bag again
    with pytest.raises(ParkedTaken):
        parking.print_ticket(shop, "1", row.parked_id, request_id="t2")


def test_a_basket_given_up_stays_given_up(shop: Shop) -> None:
    fill(shop)
    row = park(shop)
    with pytest.raises(BadRequest):
        parking.abandon(shop, "1", row.parked_id, reason="day_close", operator_id="he")
    gone = parking.abandon(shop, "1", row.parked_id, reason="customer_left", operator_id="he")
    assert parking.abandon(shop, "1", row.parked_id, reason="customer_left", operator_id="he") == gone
    with pytest.raises(ParkedOver):
        parking.abandon(shop, "1", row.parked_id, reason="mistake", operator_id="he")
    with pytest.raises(ParkedOver) as refused:
        resume(shop, "1", row)
    assert refused.value.details["reason"] == "customer_left"
    assert len(events("basket.abandoned")) == 1 and books.differences() == []


@pytest.mark.parametrize("rule", ["carry", "expire", "block"])
def test_the_close_of_a_day_does_what_the_settings_say(rule: str, shop: Shop, clock: Clock) -> None:
    strict = make_shop(clock, parked_at_close=rule, new_id=shop.new_id)
    fill(strict, "1")
    row = park(strict)
    fill(strict, "2")
    other = park(strict, "2", key="p2")
    if rule == "block":
        with pytest.raises(ParkedWaiting) as refused, db.write():
            parked_over.close_day(strict, "1", operator_id="he")
        assert refused.value.details == {"count": 1, "tickets": ["0001"]}
    else:
        with db.write():
            expired = parked_over.close_day(strict, "1", operator_id="he")
        assert [each.parked_id for each in expired] == ([row.parked_id] if rule == "expire" else [])
    state = "expired" if rule == "expire" else "parked"
    assert (parking.find(row.parked_id).state, parking.find(other.parked_id).state) == (state, "parked")
    assert books.differences() == []


def test_a_store_holds_a_bounded_number_of_parked_baskets(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "OPEN_MAX", 2)
    for n in range(2):
        fill(shop)
        park(shop, key=f"p{n}")
    fill(shop)
    with pytest.raises(ParkedFull):
        park(shop, key="p3")
    assert baskets.current(shop, "1").pieces == 3


def test_the_list_is_found_by_number_note_and_name(shop: Shop) -> None:
    for n in range(60):
        fill(shop, "1", SOCKS)
        park(shop, key=f"p{n}", note="穿红裙" if n == 7 else "50% off' OR 1=1 --")
    page = parked.waiting()
    assert len(page) == parked.PAGE and [page[0].ticket, page[-1].ticket] == [60, 11]
    assert [row.ticket for row in parked.waiting(before=11)] == list(range(10, 0, -1))
    assert [row.ticket for row in parked.waiting("0042")] == [42]
    assert [row.ticket for row in parked.waiting("红裙")] == [8]
    assert len(parked.waiting("周")) == parked.PAGE and parked.waiting("%") == parked.waiting("50%")
    assert parked.waiting("_") == [] and parked.count() == 60


def test_a_parked_basket_survives_a_restart(shop: Shop, tmp_path: Path) -> None:
    fill(shop)
    row = park(shop, note="🧥" * 300)
    LEDGER.shut()
    open_store(tmp_path / "shop.db")
    (waits,) = parked.waiting()
    assert waits == row and len(row.note) == rules.NOTE_MAX
    assert resume(shop, "2", row).basket.pieces == 3
    assert books.differences() == []


RACES = 1_000


def test_two_tills_race_for_one_parked_basket_and_one_gets_it(shop: Shop) -> None:
    start = threading.Barrier(3)
    done = threading.Barrier(3)
    row: list[Parked] = []
    got: dict[str, object] = {}

    def till(key: str) -> None:
        for n in range(RACES):
            start.wait()
            try:
                got[key] = resume(shop, key, row[0], key=f"r{n}-{key}")
            except ParkedTaken as refused:
                got[key] = refused
            done.wait()

    threads = [threading.Thread(target=till, args=(key,)) for key in "12"]
    for thread in threads:
        thread.start()
    fill(shop, "1", SOCKS)
    holder = "1"
    for n in range(RACES):
        row[:] = [park(shop, holder, key=f"p{n}")]
        start.wait()
        done.wait()
        winners = [key for key, result in got.items() if isinstance(result, Resumed)]
        assert len(winners) == 1, got
        (holder,) = winners
        loser = got["2" if holder == "1" else "1"]
        assert isinstance(loser, ParkedTaken) and loser.details["till"] == holder
    for thread in threads:
        thread.join()
    assert baskets.current(shop, holder).pieces == 1
    assert baskets.current(shop, "2" if holder == "1" else "1").pieces == 0
    assert books.differences() == [] and journal.first_break() == 0


TABLES = ("parked", "job", "journal", "request")


def state() -> dict[str, object]:
    counted: dict[str, object] = {
        table: LEDGER.execute_sql(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in TABLES
    }
    return counted | {"waiting": parked.count()}


@pytest.mark.parametrize("flow", ["park", "resume", "abandon"])
def test_the_power_goes_at_any_statement_and_the_basket_is_in_one_place(
    flow: str, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": FailingConnection, **k}))
    open_store(tmp_path / "faulty.db")
    for n in range(1, STATEMENTS_MAX):
        fill(shop, "1", TEE, SOCKS)
        row = park(shop, key=f"before{n}") if flow != "park" else None

        def act(n: int = n, row: Parked | None = row) -> None:
            if row is None:
                park(shop, key=f"key{n}")
            elif flow == "resume":
                resume(shop, "1", row, key=f"key{n}", park_first=True)
            else:
                parking.abandon(shop, "1", row.parked_id, reason="mistake", operator_id="he")

        before = state()
        pieces = baskets.current(shop, "1").pieces
        FailingConnection.fail_at, FailingConnection.seen = n, []
        try:
            act()
            failed = False
        except Exception as error:
            assert "injected" in str(error) or isinstance(error, OutcomeUnknown), error
            failed = True
        FailingConnection.fail_at = 0
        if failed and state() == before:
            assert baskets.current(shop, "1").pieces == pieces
            act()  # the same key again
        here = baskets.current(shop, "1").pieces
        waits = parked.count() - int(str(before["waiting"]))
        assert (flow, waits, here) in (("park", 1, 0), ("resume", -1, 2), ("abandon", -1, 0)), n
        assert books.differences() == []
        clear(shop)
        if not failed:
            assert journal.first_break() == 0
            return
    pytest.fail("the fault loop never reached a clean run")


def clear(shop: Shop) -> None:
    basket = baskets.current(shop, "1")
    for line in basket.standing:
        baskets.set_quantity(shop, "1", line.line_id, 0, basket_id=basket.basket_id)


def test_a_row_that_the_journal_does_not_prove_is_named(shop: Shop) -> None:
    fill(shop)
    row = park(shop)
    for column, value in (("total_minor", 1), ("state", "resumed"), ("reason", "other"), ("ticket", 9)):
        with db.write():
            LEDGER.execute_sql(f"UPDATE parked SET {column} = ?", (value,))
        (wrong,) = parked.differences()
        assert row.parked_id in wrong
        with db.write():
            LEDGER.execute_sql(f"UPDATE parked SET {column} = ?", (getattr(row, column),))
    assert parked.differences() == []
    with db.write():
        LEDGER.execute_sql("DELETE FROM parked")
    assert parked.differences() == [f"parked {row.parked_id} is missing"]


def test_the_catalogue_is_the_list(shop: Shop) -> None:
    """A price from the barcode or a person does not follow the list later."""
    article = catalogue.by_sku(TEE)
    assert article is not None
    fill(shop, "1", TEE, JEANS)
    basket = baskets.current(shop, "1")
    follow = rules.list_priced(basket, {TEE: 99_00, JEANS: 300_00})
    assert follow == {1}


@pytest.mark.parametrize("rule", ["carry", "expire", "block"])
def test_closing_a_shift_closes_the_day_of_its_parked_baskets(rule: str, shop: Shop, clock: Clock) -> None:
    strict = make_shop(clock, parked_at_close=rule, new_id=shop.new_id)
    shift = shifts.open_shift(strict, "1", [("CNY", [])], operator_id="zhou", request_id="open")
    fill(strict)
    row = park(strict)
    shifts.count(strict, shift.shift_id, [("CNY", [])], operator_id="zhou", request_id="count")

    def close() -> None:
        shifts.close(strict, shift.shift_id, reason="", operator_id="zhou", request_id="close")

    if rule == "block":
        with pytest.raises(ParkedWaiting):
            close()
        parking.abandon(strict, "1", row.parked_id, reason="changed_mind", operator_id="zhou")
    close()
    assert parking.find(row.parked_id).state == {"carry": "parked", "expire": "expired"}.get(
        rule, "abandoned"
    )
    assert books.differences() == []
