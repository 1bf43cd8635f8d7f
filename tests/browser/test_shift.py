"""A shift on the tablet: a float, a blind count, a Z that hangs out of the printer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from services.jobs.demo_shop import DEMO_PINS
from tests.browser.cashier import fill, pay_exactly
from tests.browser.people import enter, sign_in
from tests.browser.tablet import opened
from tests.stack import Stack, running
from tests.waits import until


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(
        tmp_path_factory.mktemp("shift"), head="[shift]\nrequired = true\ndrop_over_minor = 5000"
    ) as stack:
        yield stack


def menu(till: Page) -> None:
    till.get_by_test_id("menu").click()
    till.get_by_test_id("menu-shift").click()
    till.get_by_test_id("sheet-shift").wait_for()


def heard(till: Page) -> list[str]:
    """Every answer of the shift's API from now on, as text."""
    texts: list[str] = []

    def keep(answer: Response) -> None:
        if "/api/till/shift" in answer.url:
            texts.append(answer.text())

    till.on("response", keep)
    return texts


def printed(till: Page, store: Stack, word: str) -> list[str] | None:
    twins = till.request.get(f"{store.url}/api/counter").json()["twins"]
    lines = next(twin["lines"] for twin in twins if twin["kind"] == "printer")
    return lines if any(word in line for line in lines) else None


def test_float_blind_count_and_z(browser: Browser, store: Stack) -> None:
    with opened(browser) as till:
        sign_in(till, store, "zhouting")
        test = till.get_by_test_id
        test("sheet-float").wait_for()
        test("note-10000").click()
        for key in "2":
            test(f"count-key-{key}").click()
        expect(test("count-total")).to_have_text("¥200.00")
        test("shift-open").click()
        test("sheet-float").wait_for(state="detached")
        fill(till, store)
        pay_exactly(till)
        test("next-sale").click()

        answers = heard(till)
        menu(till)
        test("shift-x").click()
        expect(test("sheet-report")).to_contain_text("清点后显示")
        test("sheet-close").click()
        menu(till)
        test("shift-count").click()
        test("note-10000").click()
        test("count-key-3").click()
        expect(test("count-total")).to_have_text("¥300.00")
        assert answers and not any('"expected"' in answer for answer in answers), "nothing is told before"
        test("count-keep").click()
        sold = store.rows(store.database, "SELECT total_minor FROM sale")[0][0]
        lacks = 300_00 - 200_00 - sold
        expect(test("expected")).to_have_text(f"¥{(200_00 + sold) / 100:,.2f}")
        expect(test("variance")).to_contain_text(f"¥{abs(lacks) / 100:,.2f}")

        test("reason-wrong_change").click()
        test("shift-close").click()
        approve = test("sheet-approve")
        approve.wait_for()
        for digit in DEMO_PINS["hemin"]:
            test(f"approve-key-{digit}").click()
        expect(test("sheet-report")).to_contain_text("日结 Z 1")
        lines = until(lambda: printed(till, store, "日结 Z 1"), "the Z hangs out of the printer")
        assert any("何敏" in line for line in lines), "who approved is on the paper"
        assert store.rows(store.database, "SELECT till, number FROM z_report") == [("1", 1)]


def test_the_float_is_skipped_with_one_press_and_asked_for_in_the_menu(
    browser: Browser, store: Stack
) -> None:
    with opened(browser) as till:
        sign_in(till, store, "zhouting", "/till/2")
        till.get_by_test_id("shift-skip").click()
        till.get_by_test_id("sheet-float").wait_for(state="detached")
        till.reload()
        till.get_by_test_id("stat-printer").wait_for()
        menu(till)
        expect(till.get_by_test_id("shift-state")).to_contain_text("备用金未点")
        till.get_by_test_id("shift-float").click()
        till.keyboard.press("3")
        till.keyboard.press("ArrowDown")
        till.keyboard.press("2")
        expect(till.get_by_test_id("count-total")).to_have_text("¥400.00")
        till.get_by_test_id("shift-open").click()
        till.get_by_test_id("sheet-float").wait_for(state="detached")
        menu(till)
        expect(till.get_by_test_id("shift-state")).not_to_contain_text("备用金未点")


def test_two_tablets_close_one_shift_and_both_see_what_became_of_it(browser: Browser, store: Stack) -> None:
    with opened(browser) as first, opened(browser) as second:
        for tablet in (first, second):
            sign_in(tablet, store, "hemin", "/till/1")
        first.get_by_test_id("sheet-float").wait_for()
        first.get_by_test_id("shift-open").click()
        first.get_by_test_id("sheet-float").wait_for(state="detached")
        second.get_by_test_id("sheet-close").click()
        menu(first)
        first.get_by_test_id("shift-count").click()
        first.get_by_test_id("count-keep").click()
        first.get_by_test_id("variance").wait_for()
        menu(second)
        second.get_by_test_id("shift-count").click()
        second.get_by_test_id("variance").wait_for()
        first.get_by_test_id("shift-close").click()
        expect(first.get_by_test_id("sheet-report")).to_contain_text("日结 Z 2")
        second.get_by_test_id("shift-close").click()
        expect(second.get_by_test_id("shift-close-why")).to_contain_text("班次状态已变")
        assert len(store.rows(store.database, "SELECT 1 FROM z_report WHERE till = '1'")) == 2


def test_a_manager_finds_the_shift_in_the_back_office(browser: Browser, store: Stack) -> None:
    with opened(browser) as office:
        enter(office, store, "hemin", "/office#/shifts")
        expect(office.get_by_test_id("shifts")).to_contain_text("第 1 班")
        office.get_by_test_id("shift-1-1").click()
        expect(office.get_by_test_id("receipt")).to_contain_text("日结 Z 1")
        assert len(office.get_by_test_id("z-hash").inner_text()) == 64


def test_cash_that_moves_after_the_count_is_said_and_counted_again(browser: Browser, store: Stack) -> None:
    with opened(browser) as till:
        sign_in(till, store, "hemin", "/till/2")
        test = till.get_by_test_id
        menu(till)
        test("shift-count").click()
        test("count-keep").click()
        test("sheet-close").click()
        menu(till)
        test("move-drop").click()
        test("move-key-1").click()
        test("reason-safe").click()
        test("move-go").click()
        test("sheet-move").wait_for(state="detached")
        menu(till)
        expect(test("count-again")).to_contain_text("那次清点已不作数")
        test("shift-count").click()
        test("sheet-count").wait_for()
        assert test("note-10000").is_visible()


def test_a_full_drawer_asks_for_a_drop_into_the_safe(browser: Browser, store: Stack) -> None:
    with opened(browser) as till:
        sign_in(till, store, "hemin")
        test = till.get_by_test_id
        test("shift-open").click()
        test("sheet-float").wait_for(state="detached")
        fill(till, store)
        pay_exactly(till)
        expect(test("drop-note")).to_contain_text("缴入保险柜")
        test("next-sale").click()
        expect(test("drop-note")).to_have_count(0)
        fill(till, store)
        pay_exactly(till)
        test("drop-go").click()
        for key in ("9", "0", "0"):
            test(f"move-key-{key}").click()
        test("reason-safe").click()
        test("move-go").click()
        expect(test("drop-note")).to_have_count(0)
        moved = store.rows(
            store.database, "SELECT kind, amount_minor FROM cash_move ORDER BY moved_at_ms DESC LIMIT 1"
        )
        assert moved == [("drop", 900_00)]
