"""What is owed to members: every figure of every day is what the journal adds up to, till or no till."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import msgspec
import pytest

from services.domain.periods import Period, period
from services.domain.points import KINDS
from services.domain.points_rules import Book, Discount
from services.domain.points_rules import CheckIn as CheckInRules
from services.domain.points_rules import Terms as PointsTerms
from services.flows import (
    check_ins,
    coupon_templates,
    coupons,
    customers,
    members,
    points,
    points_rules,
    stored_value,
)
from services.flows.shop import Shop
from services.registry import discover
from services.reports.answer import Answer, answer
from services.reports.contract import Question, Report
from services.store.db import LEDGER
from tests.flows.loyal import MANAGER, TWENTY, Till
from tests.shop import JEANS, SHANGHAI, SOCKS, TEE, Clock

REPORTS: dict[str, Report] = discover("services.reports", "REPORT")
DAY_MS = 86_400_000
DAYS = ("2026-11-22", "2026-11-23", "2026-11-24", "2026-12-23", "2027-01-01")
WHOLE = period(DAYS[0], DAYS[-1])
RATE = (7, 3)  # so many points take so much off: in no day a whole number
SIGNS = {"issued": 1, "reinstated": 1}


def asked(key: str, days: Period) -> Answer:
    question = Question(period=days, zone=SHANGHAI, lang="en", tenders={})
    return answer(REPORTS[key], question)


def told() -> dict[str, dict[str, Counter[str]]]:
    """What the journal says: of each account (points, principal, bonus, coupons, their face), by day and
    kind. Points by the calendar, the rest by the business day that its event names."""
    found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for kind, at_ms, body in LEDGER.execute_sql("SELECT type, at_ms, body FROM journal ORDER BY seq"):
        data: dict[str, Any] = json.loads(body)["data"]
        if kind == "points.moved":
            day = datetime.fromtimestamp(at_ms / 1000, SHANGHAI).date().isoformat()
            found["points"][day][data["kind"]] += data["delta"]
        elif kind == "stored_value.moved":
            for part in ("principal", "bonus"):
                found[part][data["business_day"]][data["kind"]] += data[f"{part}_minor"]
        elif kind == "coupon.moved":
            sign = SIGNS.get(data["kind"], -1)
            found["coupons"][data["business_day"]][data["kind"]] += sign
            found["face"][data["business_day"]][data["kind"]] += sign * TWENTY.face_minor
    return found


def upto(days: dict[str, Counter[str]], day: str) -> int:
    return sum(sum(kinds.values()) for each, kinds in days.items() if each <= day)


@pytest.fixture
def life(shop: Shop, clock: Clock) -> None:
    """Every kind of move, some of them at no till."""
    till = Till(shop)
    book = Book(
        terms=PointsTerms(points=13, per_minor=1_00, pending_days=1, valid_months=1),
        discount=Discount(points=RATE[0], minor=RATE[1]),
        check_in=CheckInRules(points=5),
    )
    points_rules.change(shop, book, seen_version=0, operator_id="he")
    draft = msgspec.structs.replace(TWENTY, transferable=True)
    kind = coupon_templates.publish(shop, draft, operator_id="he", request_id="kind").template_id
    birthday = msgspec.structs.replace(TWENTY, occasion="birthday")
    coupon_templates.publish(shop, birthday, operator_id="he", request_id="birthday")
    edit = members.Edit(given={"birthday": "1990-11-05"})
    members.edit(shop, till.member, edit, revision=1, operator_id="zhou", request_id="born")

    till.give_points(1_001)
    till.recharge(300_00, 45_00, bonus_days=30)
    first, second, third, _ = (till.gift(kind, till.member) for _ in range(4))
    till.fill(TEE, JEANS)
    till.use(first)
    till.spend_points(700)
    till.pay_stored(111_11)
    sale = till.settle(till.due_minor - 111_11)
    clock.at_ms += DAY_MS
    check_ins.check_in(shop, till.member, "", operator_id="zhou", request_id="visit")
    other = Till(shop, "13912345620")
    coupons.hand_over(shop, second, other.member, operator_id="he", request_id="over")
    coupons.cancel(shop, third, reason="mistake", operator_id="he", request_id="gone")
    till.give_points(-till.points)
    till.take_back(sale, (1, 1))
    till.take_back(sale, (2, 1))
    clock.at_ms += DAY_MS
    till.give_points(9_000)
    till.fill(SOCKS)
    till.pay()
    (move,) = [each for each in stored_value.statement((till.member,)) if each.kind == "recharged"]
    clock.at_ms += 29 * DAY_MS
    stored_value.expire_all(shop)
    coupons.expire_all(shop)
    stored_value.cash_out(
        *(shop, "1", move.move_id),
        reason="shop",
        shown_minor=300_00,
        tender="cash",
        approval=MANAGER,
        operator_id="zhou",
        request_id="out",
    )
    clock.at_ms += 9 * DAY_MS
    customers.name(shop, "1", "", basket_id=till.bag.basket_id)
    points.catch_up_all(shop)


def test_the_walk_makes_every_kind_of_move(life: None) -> None:
    kinds = {name: {kind for day in days.values() for kind in day} for name, days in told().items()}
    assert kinds["points"] == set(KINDS)
    assert kinds["principal"] == {"recharged", "spent", "refunded", "cashed_out", "expired"}
    assert kinds["coupons"] == {"issued", "used", "reinstated", "transferred", "cancelled", "expired"}


@pytest.mark.parametrize("last", DAYS)
def test_before_and_what_came_and_went_is_what_is_owed_and_what_the_journal_says(
    life: None, last: str
) -> None:
    """Of the day alone and of all days up to it."""
    for begin in (DAYS[0], last):
        found = asked("members_owed", period(begin, last))
        sums = {}
        for (name, opening, *moved, owed), key in zip(
            found.rows, ("points", "principal", "bonus", "face"), strict=True
        ):
            days = told()[key]
            was = sum(sum(kinds.values()) for day, kinds in days.items() if day < begin)
            ends = upto(days, last)
            if key == "points":
                was, ends = (n * RATE[1] // RATE[0] for n in (was, ends))
            assert (opening, owed) == (was, ends), (name, begin, last)
            assert opening + sum(moved) == owed, name
            sums[key] = dict(
                zip(("came", "back", "used", "taken", "ended", "corrected"), moved, strict=True)
            )
        within = told()["principal"]
        of = {k: sum(n[k] for d, n in within.items() if begin <= d <= last) for k in ("recharged", "spent")}
        assert (sums["principal"]["came"], sums["principal"]["used"]) == (of["recharged"], of["spent"])
        assert found.totals[1] + sum(found.totals[2:-1]) == found.totals[-1]  # type: ignore[operator, arg-type]


def test_each_day_of_coupons_goes_on_from_the_one_before_and_is_what_the_journal_says(life: None) -> None:
    days, faces = told()["coupons"], told()["face"]
    out = 0
    for day, opening, issued, back, used, expired, cancelled, left, face in asked(
        "coupons_owed", WHOLE
    ).rows:
        kinds = days.get(str(day), Counter())
        assert (opening, issued, back, used) == (out, kinds["issued"], kinds["reinstated"], -kinds["used"])
        assert (expired, cancelled) == (-kinds["expired"], -kinds["cancelled"] - kinds["transferred"])
        out = upto(days, str(day))
        assert opening + issued + back - used - expired - cancelled == left == out  # type: ignore[operator]
        assert face == upto(faces, str(day))


def test_a_shop_whose_points_take_nothing_off_owes_no_money_for_them(shop: Shop) -> None:
    till = Till(shop)
    till.give_points(500)
    assert {row[-1] for row in asked("members_owed", WHOLE).rows} == {0}


def test_the_reports_of_points_and_stored_value_say_the_same_each_day(life: None) -> None:
    for day in DAYS:
        owed = {str(row[0]): row[-1] for row in asked("members_owed", period(day, day)).rows}
        (stored,) = asked("stored_value", period(day, day)).rows
        assert (owed["Stored value, principal"], owed["Stored value, bonus"]) == tuple(stored[-2:])
        (of_points,) = asked("points", period(day, day)).rows
        assert owed["Points"] == int(of_points[-1] or 0) * RATE[1] // RATE[0]
