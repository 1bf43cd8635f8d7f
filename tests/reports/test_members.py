"""Reports of what members have and bring: each figure is that of the accounts and sales, and adds up."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from services.domain.periods import Period, period
from services.domain.points_rules import Discount
from services.domain.tiers import Benefits, Need, Program, Tier
from services.flows import coupon_templates, coupons, merges, points, stored_value, tiers
from services.flows.shop import Shop
from services.registry import discover
from services.reports.answer import Answer, answer, column
from services.reports.contract import Question, Report
from services.store import db
from services.store.db import LEDGER
from services.store.members import group
from tests.flows.loyal import MANAGER, TWENTY, Till
from tests.flows.test_gift_cards import put_card, sell_card
from tests.flows.test_stored_value import has
from tests.shop import SHANGHAI, SOCKS, TEE, Clock

REPORTS: dict[str, Report] = discover("services.reports", "REPORT")
DAY_MS = 86_400_000
DAY, NEXT = "2026-11-22", "2026-11-23"
ONE, TWO = period(DAY, DAY), period(DAY, NEXT)


def asked(key: str, days: Period = ONE, lang: Any = "en", **more: Any) -> Answer:
    question = Question(period=days, zone=SHANGHAI, lang=lang, tenders={"card": "Card"}, **more)
    return answer(REPORTS[key], question)


def told(key: str, days: Period = ONE, **more: Any) -> dict[str, dict[str, Any]]:
    """First cell -> column -> figure."""
    names = [each.key for each in REPORTS[key].columns]
    return {str(row[0]): dict(zip(names, row, strict=True)) for row in asked(key, days, **more).rows}


@pytest.fixture
def till(shop: Shop) -> Till:
    return Till(shop)


def test_what_a_store_owes_is_what_it_owed_with_what_came_and_went(till: Till, clock: Clock) -> None:
    till.recharge(500_00, 60_00)
    till.fill(TEE)
    till.pay_stored(56_00)
    till.settle(43_00)
    clock.at_ms += DAY_MS
    (move,) = [each for each in stored_value.statement((till.member,)) if each.kind == "recharged"]
    with db.write():  # another store's recharge, spent here: this one was told of it by headquarters
        LEDGER.execute_sql("UPDATE stored_value_move SET store_id = 'S2' WHERE kind = 'recharged'")
    till.fill(SOCKS)
    till.pay_stored(29_00)
    till.settle()
    before = has(till.shop, (till.member,))
    pays = stored_value.worth(till.shop, move.move_id, "customer").pays_minor
    stored_value.cash_out(
        *(till.shop, "1", move.move_id),
        reason="customer",
        shown_minor=pays,
        tender="cash",
        approval=MANAGER,
        operator_id="zhou",
        request_id="out",
    )
    first, given = told("stored_value_stores").values()
    assert (first["store"], given["store"]) == ("S2 principal", "S2 bonus")
    assert (first["opening"], first["recharged"], first["used"], first["owed"]) == (
        *(0, 500_00, 50_00, 450_00),
    )
    assert (given["recharged"], given["used"], given["owed"]) == (60_00, 6_00, 54_00)
    paid, bonus = told("stored_value_stores", period(NEXT, NEXT)).values()
    assert (paid["opening"], bonus["opening"]) == (450_00, 54_00)
    assert paid["used"] == paid["elsewhere"] == 450_00 - before.principal
    assert bonus["used"] == bonus["elsewhere"] == 54_00 - before.bonus
    assert (paid["out"], paid["ended"], paid["owed"]) == (pays, before.principal - pays, 0)
    assert (bonus["out"], bonus["ended"], bonus["owed"]) == (0, before.bonus, 0)
    assert asked("stored_value_stores", period("2020-01-01", "2020-01-01")).empty


def test_the_reserve_is_a_share_of_principal_and_gift_cards_at_each_quarter_s_end(
    till: Till, clock: Clock
) -> None:
    put_card()
    till.recharge(500_00, 60_00)
    sell_card(till.shop)
    clock.at_ms += 45 * DAY_MS  # into January
    till.recharge(100_01, 10_00)
    found = told("prepaid_reserve", period(DAY, "2027-01-31"), reserve_bp=30_00)
    assert list(found) == ["2026-Q4", "2027-Q1"]
    assert (found["2026-Q4"]["day"], found["2027-Q1"]["day"]) == ("2026-12-31", "2027-01-31")
    assert (found["2026-Q4"]["principal"], found["2026-Q4"]["cards"]) == (500_00, 200_00)
    assert (found["2026-Q4"]["owed"], found["2026-Q4"]["reserve"]) == (700_00, 210_00)
    assert (found["2027-Q1"]["owed"], found["2027-Q1"]["reserve"]) == (800_01, 240_01)  # a part is a whole
    quarters = list(told("prepaid_reserve", period("2025-06-30", "2026-10-01")))
    assert quarters == ["2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]


def test_points_stand_by_the_month_to_whose_end_they_are_good_and_debts_last(
    till: Till, clock: Clock
) -> None:
    till.earns(1, discount=Discount(points=100, minor=2_00))
    till.fill(TEE, SOCKS)
    sale = till.pay()  # 128 points
    till.give_points(72)
    till.fill(SOCKS, known=True)
    till.spend_points(200)
    till.pay()  # 25 points
    clock.at_ms += DAY_MS
    till.take_back(sale, (1, 1))  # 99 go, more than are there
    poor = points.look(till.shop, group(till.member))
    day = told("points_owed")
    month = next(iter(day))
    assert month.startswith("2027-11") and day[month]["points"] == 25 and day[month]["worth"] == 50
    after = told("points_owed", TWO)
    assert poor.debt == 74 and list(after) == ["Owed by members"]
    assert (after["Owed by members"]["points"], after["Owed by members"]["worth"]) == (-74, -1_48)
    assert asked("points_owed", TWO).totals[1] == poor.balance
    flows = told("points", TWO)
    assert flows[DAY] == {
        **{"day": DAY, "earned": 128 + 25, "used": 200, "restored": 0, "clawed": 0, "expired": 0},
        **{"adjusted": 72, "balance": 25},
    }
    assert (flows[NEXT]["clawed"], flows[NEXT]["balance"]) == (99, -74)
    assert [row[-1] for row in asked("points", TWO).rows] == [
        asked("points_owed", days).totals[1] for days in (ONE, TWO)
    ]


def test_coupons_tell_what_they_took_off_and_the_sales_they_came_with(till: Till, clock: Clock) -> None:
    shop = till.shop
    draft = msgspec.structs.replace(TWENTY, days=1)
    kind = coupon_templates.publish(shop, draft, operator_id="he", request_id="kind").template_id

    used, back, _ = (till.gift(kind, till.member) for _ in range(3))
    till.fill(TEE, SOCKS)
    till.use(used)
    till.pay()
    till.fill(TEE)
    till.use(back)
    till.take_back(till.pay(), (1, 1))
    clock.at_ms += 2 * DAY_MS
    assert coupons.expire_all(shop) == 2
    (row,) = asked("coupons", period(DAY, "2026-11-24")).rows
    assert row == ("20 off", 3, 2, 66_67, 1, 2, 0, 20_00, 108_00)
    (day,) = asked("coupons").rows
    assert day == ("20 off", 3, 2, 66_67, 1, 0, 0, 20_00, 108_00)


LADDER = Program(
    tiers=tuple(
        Tier(
            key=key,
            rank=rank,
            label_zh=key,
            label_en=key,
            rule=Need("spend_minor", least),
            benefits=Benefits(),
        )
        for key, rank, least in (("silver", 1, 90_00), ("gold", 2, 250_00))
    ),
    period_months=1,
)


def test_tiers_count_persons_and_who_rose_and_fell(shop: Shop, clock: Clock) -> None:
    tiers.publish(shop, LADDER, seen_version=0, operator_id="he")
    one, two, other = (Till(shop, f"1380000000{n}") for n in (1, 2, 3))
    for till, skus in ((one, [TEE]), (two, [TEE, TEE, TEE]), (other, [])):
        if skus:
            till.fill(*skus)
            till.pay()
    assert other.member
    day = told("tier_moves")
    assert [(name, row["members"], row["rose"], row["fell"]) for name, row in day.items()] == [
        ("gold", 1, 1, 0),
        ("silver", 1, 1, 0),
        ("No tier", 1, 0, 0),
    ]
    assert day["gold"]["share"] == 33_33
    merges.merge(shop, one.member, two.member, "one", None, operator_id="he", request_id="merge")
    assert {name: row["members"] for name, row in told("tier_moves").items()} == {
        **{"gold": 1, "silver": 0, "No tier": 1},
    }
    clock.at_ms += 400 * DAY_MS
    tiers.sweep(shop)
    later = told("tier_moves", period("2027-12-01", "2027-12-31"))
    assert later["gold"]["fell"] == later["silver"]["fell"] == 1 and later["silver"]["rose"] == 0
    assert (later["gold"]["members"], later["silver"]["members"]) == (0, 1)  # one rung at a time
    assert {name: row["members"] for name, row in told("tier_moves").items()}["gold"] == 1  # of that day


def test_members_share_is_of_customers_and_of_net_sales(till: Till) -> None:
    till.fill(TEE)
    sale = till.pay()
    till.fill(SOCKS, known=False)
    till.pay()
    till.fill(TEE)
    till.void(till.pay())
    row = told("member_share")[DAY]
    assert (row["customers"], row["members"], row["of_customers"]) == (2, 1, 50_00)
    assert (row["net"], row["member_net"], row["of_net"]) == (128_00, 99_00, 77_34)
    assert (row["member_average"], row["joined"]) == (99_00, 1)
    till.take_back(sale, (1, 1))
    assert told("member_share")[DAY]["member_net"] == 0
    assert asked("member_share").totals[column(REPORTS["member_share"], "net")] == 29_00


def test_a_recharge_stands_beside_the_tenders_that_paid_for_goods(till: Till) -> None:
    card = stored_value.recharge(
        *(till.shop, "1", till.member),
        paid_minor=80_00,
        tender="card",
        reference="T-1",
        operator_id="zhou",
        request_id="card",
    )
    till.recharge(100_00, 10_00)
    till.fill(TEE)
    till.pay()
    found = told("tenders")
    assert (found["cash"]["net"], found["cash"]["recharged"]) == (99_00, 100_00)
    assert (found["Card"]["net"], found["Card"]["recharged"]) == (0, 80_00)
    stored_value.cash_out(
        *(till.shop, "1", card.move_id),
        reason="cooling_off",
        shown_minor=80_00,
        tender="cash",
        approval=MANAGER,
        operator_id="zhou",
        request_id="out",
    )
    assert told("tenders")["cash"]["recharged"] == 20_00
