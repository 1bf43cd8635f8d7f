"""Visits: one a day, rows of days with steps and jokers, and codes that live for a minute."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.domain import checkin
from services.domain.checkin import Visit
from services.domain.errors import CheckInRefused
from services.domain.points_rules import Book, CheckIn, LadderStep, Terms
from services.flows import check_ins as flow
from services.flows import merges
from services.flows.shop import Shop
from services.store import books, check_ins, points
from tests.flows.loyal import MANAGER
from tests.flows.points_till import MEMBER, rules
from tests.shop import Clock, enrol, make_shop

DAY_MS = 86_400_000
LADDER = (LadderStep(days=3, points=5), LadderStep(days=7, points=20), LadderStep(days=30, points=100))
GIVEN = CheckIn(points=1, ladder=LADDER, jokers=1)
BOOK = Book(terms=Terms(points=1), check_in=GIVEN)


def visit(shop: Shop, key: str, shown: str = "", group: tuple[str, ...] = (MEMBER,)) -> Visit:
    enrol(shop, group[0])
    return flow.check_in(shop, group[0], shown, operator_id="zhou", request_id=key)


def made_one(shop: Shop, *ids: str) -> None:
    enrol(shop, *ids)
    merges.merge(shop, *ids, "", MANAGER, operator_id="zhou", request_id=shop.new_id())


def why(shop: Shop, key: str, shown: str = "", group: tuple[str, ...] = (MEMBER,)) -> object:
    with pytest.raises(CheckInRefused) as refused:
        visit(shop, key, shown, group)
    return refused.value.details["why"]


def test_one_visit_a_day_gives_points_and_each_step_of_the_ladder_once(shop: Shop, clock: Clock) -> None:
    rules(shop, BOOK)
    for n in range(1, 61):
        assert visit(shop, f"key-{n}").streak == n
        assert why(shop, f"again-{n}") == "today"
        clock.at_ms += DAY_MS
    assert points.balance(MEMBER) == 60 + 5 + 20 + 100 + 100  # the last step again after 30 days more
    reasons = [each.reason for each in points.statement((MEMBER,), limit=200)]
    assert (reasons.count("check_in"), reasons.count("streak")) == (60, 4)
    assert books.differences() == []


def test_a_repeat_is_the_first_visit_and_the_other_id_of_the_person_has_none(shop: Shop) -> None:
    rules(shop, BOOK)
    assert visit(shop, "key-1") == visit(shop, "key-1") and points.balance(MEMBER) == 1
    made_one(shop, MEMBER, "other")
    assert why(shop, "key-2", group=("other",)) == "today"


@pytest.mark.parametrize("first", ["a-1", "z-1"])
def test_of_two_who_were_here_on_one_day_the_longer_row_goes_on(
    shop: Shop, clock: Clock, first: str
) -> None:
    other = "m-5"
    rules(shop, BOOK)
    visit(shop, "key-1", group=(first,))
    clock.at_ms += DAY_MS
    visit(shop, "key-2", group=(first,))
    visit(shop, "key-3", group=(other,))
    clock.at_ms += DAY_MS
    made_one(shop, first, other)
    assert visit(shop, "key-4", group=(other,)).streak == 3


def test_a_shop_without_check_in_gives_nothing(shop: Shop) -> None:
    assert why(shop, "key-1") == "off"


def test_a_missed_day_breaks_the_row_unless_a_joker_of_the_month_is_left() -> None:
    one = [Visit("2026-11-01", 5)]
    assert checkin.next_visit(one, "2026-11-02", 0) == Visit("2026-11-02", 6)
    assert checkin.next_visit(one, "2026-11-03", 0) == Visit("2026-11-03", 1)
    frozen = checkin.next_visit(one, "2026-11-03", 1)
    assert frozen == Visit("2026-11-03", 6, 1)
    assert checkin.next_visit([*one, frozen], "2026-11-05", 1) == Visit("2026-11-05", 1)
    assert checkin.next_visit([*one, frozen], "2026-12-01", 30).streak == 7
    assert checkin.next_visit([Visit("2026-11-30", 7), frozen], "2026-12-02", 1) == Visit(
        "2026-12-02", 8, 1
    )


def test_a_clock_that_is_set_back_gives_no_second_visit(shop: Shop, clock: Clock) -> None:
    rules(shop, BOOK)
    visit(shop, "key-1")
    clock.at_ms -= DAY_MS
    assert why(shop, "key-2") == "today"


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])  # of 23 and of 25 hours
def test_days_are_those_of_the_calendar_also_when_the_clocks_are_changed(
    shop: Shop, clock: Clock, day: str
) -> None:
    berlin = make_shop(clock, zone=ZoneInfo("Europe/Berlin"))
    rules(berlin, BOOK)
    year, month, number = map(int, day.split("-"))
    times = [(number - 1, 0, 1), (number, 0, 1), (number, 23, 59), (number + 1, 0, 1)]
    streaks = []
    for n, (date, hour, minute) in enumerate(times):
        wall = datetime(year, month, date, hour, minute, tzinfo=ZoneInfo("Europe/Berlin"))
        clock.at_ms = int(wall.astimezone(UTC).timestamp()) * 1000
        try:
            streaks.append(visit(berlin, f"key-{day}-{n}").streak)
        except CheckInRefused:
            streaks.append(0)
    assert streaks == [1, 2, 0, 3]


def test_the_code_of_the_till_lives_for_a_minute_and_cannot_be_made_elsewhere(
    shop: Shop, clock: Clock
) -> None:
    rules(shop, BOOK)
    shown, until_ms = flow.code(shop)
    assert 59_000 <= until_ms - clock.at_ms <= 60_000
    prefix, issued, proof = shown.split("-")
    later = f"{prefix}-{int(issued) + 30}-{proof}"
    for wrong in (later, f"{prefix}-{issued}-", f"{shown}0", "CI1", "x", f"{prefix}-²-{proof}"):
        assert why(shop, f"key-{wrong}", wrong) == "code_wrong"
    other, _ = flow.code(make_shop(clock, store_id="S0002"))
    assert why(shop, "key-other", other) == "code_wrong"
    clock.at_ms += 62_000
    assert why(shop, "key-old", shown) == "code_old"
    clock.at_ms -= 75_000
    assert why(shop, "key-early", shown) == "code_old"
    clock.at_ms += 20_000
    assert visit(shop, "key-good", shown).streak == 1


def test_of_many_tills_at_once_one_counts_the_visit(shop: Shop) -> None:
    rules(shop, BOOK)
    enrol(shop, MEMBER)
    told: list[object] = []

    def till(n: int) -> None:
        with contextlib.suppress(CheckInRefused):
            told.append(visit(shop, f"key-{n}"))

    threads = [threading.Thread(target=till, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1 and len(check_ins.of_group((MEMBER,))) == 1 and points.balance(MEMBER) == 1
