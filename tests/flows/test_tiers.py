"""Tiers in the shop: reached by buying, priced from the next sale on, undone, swept when they are over."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.domain.basket import Basket
from services.domain.errors import RequestReused, TierRefused
from services.domain.metrics import Window
from services.domain.offers import Goods
from services.domain.tiers import Benefits, Need, Program, Tier
from services.flows import (
    baskets,
    checkout,
    coupon_templates,
    coupons,
    member_privacy,
    members,
    prices,
    rule_trials,
    tiers,
    voids,
)
from services.flows.approvals import Approval
from services.flows.rule_trials import Tried
from services.flows.shop import Shop
from services.store import baskets as stored
from services.store import books, db, facts
from services.store import members as people
from services.store import sales as stored_sales
from services.store import tiers as steps
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.faults import each_failure
from tests.flows.loyal import TWENTY
from tests.shop import JEANS, SOCKS, TEE, Clock, enrol, make_shop

ANNA, BO = "member-anna", "member-bo"
DAY_MS = 86_400_000
MANAGER = Approval(approver_id="he", pin="735290", reason="mistake")


def gold(least_minor: int = 300_00, gift: str = "") -> Program:
    return Program(
        tiers=(
            Tier(
                key="gold",
                rank=1,
                label_zh="金卡",
                label_en="Gold",
                rule=Need("spend_minor", least_minor, Window()),
                benefits=Benefits(discount_bp=500, goods=Goods(excluded=(SOCKS,)), gift=gift),
                stay_days=30,
            ),
        )
    )


@pytest.fixture
def shop(shop: Shop) -> Shop:
    tiers.publish(shop, gold(), seen_version=0, operator_id="he")
    enrol(shop, ANNA)
    return shop


def filled(shop: Shop, *skus: str, member_id: str = ANNA) -> Basket:
    for sku in skus:
        baskets.add(shop, "1", sku=sku, code="", quantity=1, request_id=shop.new_id())
    basket = baskets.current(shop, "1").bought_by(member_id)
    with db.write():
        stored.save("1", basket)
    return basket


def sold(shop: Shop, *skus: str, member_id: str = ANNA) -> Sale:
    basket = filled(shop, *skus, member_id=member_id)
    return checkout.settle(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[("cash", prices.priced(shop, basket).total.minor)],
        operator_id="zhou",
        request_id=shop.new_id(),
    )


def undo(shop: Shop, sale: Sale) -> None:
    voids.void(
        shop,
        "1",
        sale.sale_id,
        reason="wrong article",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )


def test_the_price_of_a_tier_counts_from_the_next_sale_on(shop: Shop) -> None:
    assert sold(shop, JEANS).total.minor == 329_00
    view = tiers.view(shop, (ANNA,))
    assert (view.standing.tier, view.standing.since, view.standing.until) == (
        *("gold", "2026-11-22", "2027-11-22"),
    )
    sale = sold(shop, TEE, SOCKS)
    assert sale.total.minor == 94_05 + 29_00
    (given,) = [each for line in sale.lines for each in line.adjustments]
    assert (given.layer, given.source, given.amount.minor, given.label_zh) == (
        1,
        "gold",
        -4_95,
        "金卡会员价",
    )
    assert sold(shop, TEE, member_id=BO).total.minor == 99_00
    assert books.differences() == []


def test_a_sale_says_the_step_up_that_it_led_to_and_no_other(shop: Shop) -> None:
    first, second, stranger = sold(shop, JEANS), sold(shop, TEE), sold(shop, JEANS, member_id="")
    assert [each and each.key for each in map(tiers.risen, (first, second, stranger))] == [
        *("gold", None, None),
    ]
    undo(shop, first)
    (back,) = [each for each in map(stored_sales.by_id, _documents()) if each and each.original_id]
    assert tiers.risen(back) is None  # it led down


def test_what_was_kept_is_what_somebody_bought(shop: Shop) -> None:
    sale = sold(shop, JEANS, TEE)
    sold(shop, SOCKS, SOCKS)
    sold(shop, SOCKS, member_id=BO)
    lines = facts.bought((ANNA,), 10)
    assert [(each.sku, each.pieces) for each in lines] == [(SOCKS, 2), (JEANS, 1), (TEE, 1)]
    assert [each.sku for each in facts.bought((ANNA,), 2)] == [SOCKS, JEANS]
    undo(shop, sale)
    assert [each.sku for each in facts.bought((ANNA, BO), 10)] == [SOCKS, SOCKS]


def _documents() -> list[str]:
    return [str(sale_id) for (sale_id,) in LEDGER.execute_sql("SELECT sale_id FROM sale")]


def test_a_rule_is_tried_on_those_who_were_here_and_members_are_counted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    joining = members.Joining(given={"phone": "13812345620"})
    member = members.join(shop, joining, operator_id="zhou", request_id="join").member_id
    sold(shop, JEANS, member_id=member)
    sold(shop, TEE, member_id=BO)
    assert tiers.trial(shop, Need("visits", 1)) == Tried(2, 2, "")
    assert tiers.trial(shop, Need("spend_minor", 300_00)) == Tried(1, 2, "")
    assert tiers.trial(shop, Need("visits", 2)) == Tried(0, 2, "")
    first, second = sorted((member, BO))
    with monkeypatch.context() as patch:
        patch.setattr(rule_trials, "PIECE", 1)
        assert tiers.trial(shop, Need("visits", 1)) == Tried(1, 1, first)
        assert tiers.trial(shop, Need("visits", 1), first) == Tried(1, 1, second)
        assert tiers.trial(shop, Need("visits", 1), second) == Tried(0, 0, "")
    with db.write():
        people.add_alias(second, first, shop.now_ms())
    assert tiers.trial(shop, Need("visits", 1)) == Tried(1, 1, "")
    with db.write():
        people.drop_alias(second, first, shop.now_ms())
    assert tiers.counts() == {"gold": 1}
    member_privacy.erase(shop, member, None, operator_id="he", request_id="erase-1")
    assert tiers.counts() == {}


def test_what_is_missing_is_said(shop: Shop) -> None:
    sold(shop, TEE)
    (lack,) = tiers.view(shop, (ANNA,)).to_next
    assert (lack.metric, lack.least - lack.have) == ("spend_minor", 201_00)


def test_a_sale_that_is_undone_undoes_the_step_it_led_to(shop: Shop) -> None:
    sale = sold(shop, JEANS)
    undo(shop, sale)
    assert steps.standing(ANNA).tier == ""
    assert [step.reason for step in steps.path((ANNA,))] == ["reached", "returned"]
    assert books.differences() == []


def test_periods_that_end_are_looked_at_once(shop: Shop, clock: Clock) -> None:
    sold(shop, JEANS)
    sold(shop, JEANS, member_id=BO)
    assert tiers.sweep(shop) == 0
    clock.at_ms += 364 * DAY_MS
    sold(shop, JEANS, member_id=BO)
    clock.at_ms += DAY_MS
    assert tiers.sweep(shop) == 2
    assert (steps.standing(ANNA).tier, steps.standing(BO).tier) == ("", "gold")
    assert steps.standing(BO).until == "2028-11-22"
    assert tiers.sweep(shop) == 0
    assert books.differences() == []


def test_a_grant_has_a_reason_an_end_and_one_effect(shop: Shop) -> None:
    def grant(note: str = "新店开业", key: str = "grant-1") -> None:
        tiers.grant(
            shop,
            ANNA,
            tier="gold",
            until="2028-01-01",
            note=note,
            operator_id="he",
            request_id=key,
        )

    grant()
    grant()
    assert len(steps.path((ANNA,))) == 1
    with pytest.raises(RequestReused):
        grant(note="another")
    with pytest.raises(TierRefused):
        grant(note="  ", key="grant-2")
    assert steps.standing(ANNA).granted_until == "2028-01-01"
    assert books.differences() == []


def test_publishing_asks_for_the_version_that_was_seen(shop: Shop) -> None:
    assert tiers.publish(shop, gold(), seen_version=0, operator_id="he").version == 1  # a repeat
    assert tiers.publish(shop, gold(400_00), seen_version=1, operator_id="he").version == 2
    with pytest.raises(TierRefused) as refused:
        tiers.publish(shop, gold(500_00), seen_version=1, operator_id="he")
    assert refused.value.details == {"why": "version", "version": 2}


def test_a_gift_comes_with_the_step_and_goes_unused_with_its_sale(shop: Shop) -> None:
    made = coupon_templates.publish(shop, TWENTY, operator_id="he", request_id="welcome")
    tiers.publish(shop, gold(gift=made.template_id), seen_version=1, operator_id="he")
    sale = sold(shop, JEANS)
    assert steps.standing(ANNA).gifted
    (coupon,) = coupons.wallet((ANNA,))
    assert (coupon.template_id, coupon.reason, coupon.state) == (made.template_id, "tier", "issued")
    undo(shop, sale)
    sold(shop, JEANS)
    assert (steps.standing(ANNA).tier, steps.standing(ANNA).gifted) == ("gold", True)
    assert [each.state for each in coupons.wallet((ANNA,))] == ["issued", "cancelled"], "and comes again"
    assert books.differences() == []


def test_a_gift_that_is_given_no_more_stops_no_sale(shop: Shop) -> None:
    tiers.publish(shop, gold(gift="gone"), seen_version=1, operator_id="he")
    sold(shop, JEANS)
    assert (steps.standing(ANNA).tier, steps.standing(ANNA).gifted) == ("gold", False)


def test_a_step_and_its_sale_are_there_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()

    def prepare(n: int) -> tuple[Basket, str]:
        tiers.publish(shop, gold(), seen_version=0, operator_id="he")
        return filled(shop, JEANS, member_id=f"member-{n}"), f"sale-{n}"

    def settle(case: tuple[Basket, str]) -> None:
        basket, key = case
        checkout.settle(
            shop,
            "1",
            basket_id=basket.basket_id,
            version=basket.version,
            tendered=[("cash", 329_00)],
            operator_id="zhou",
            request_id=key,
        )

    def look() -> object:
        count = "SELECT (SELECT COUNT(*) FROM sale), (SELECT COUNT(*) FROM tier_step)"
        seen = LEDGER.execute_sql(count).fetchone()
        assert seen[0] == seen[1], "a step without its sale"
        assert books.differences() == []
        return seen

    each_failure(monkeypatch, tmp_path, prepare, settle, look)


def test_damage_is_found(shop: Shop) -> None:
    sold(shop, JEANS)
    for damage in (
        "UPDATE tier_step SET tier = 'black'",
        "UPDATE tier_step SET newest = 0",
        "DELETE FROM tier_step",
        "UPDATE tier_program SET body = '{}'",
    ):
        with pytest.raises(ZeroDivisionError), db.write():
            LEDGER.execute_sql(damage)
            assert books.differences(), damage
            raise ZeroDivisionError
    assert books.differences() == []
