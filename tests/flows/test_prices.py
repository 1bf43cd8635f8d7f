"""What a bag costs is what is shown, what is paid and what is stored, with everything that led to it."""

from __future__ import annotations

import contextlib
import threading

import pytest

from services.domain.basket import Basket
from services.domain.errors import (
    ApprovalNeeded,
    BasketChanged,
    DiscountRefused,
    LineUnknown,
    PinRefused,
    ShopError,
)
from services.domain.offers import LINE, ORDER, Goods, Terms
from services.flows import baskets, checkout, discounts, prices, promotions, returns
from services.flows.approvals import Approval
from services.flows.promotions import Draft
from services.flows.shop import Shop
from services.store import baskets as stored
from services.store import books, db, journal
from services.store import promotions as promotion_rows
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.shop import JEANS, SOCKS

MANAGER = Approval(approver_id="he", pin="735290", reason="faded")
SPEND = Draft(
    kind="spend_and_save",
    layer=ORDER,
    label_zh="满300减60",
    label_en="Spend 300, save 60",
    params={"steps": [{"threshold_minor": 300_00, "amount_minor": 60_00}]},
)
SOCKS_OFF = Draft(
    kind="percentage",
    layer=LINE,
    label_zh="袜子九折",
    label_en="Socks 10 % off",
    terms=Terms(goods=Goods(skus=(SOCKS,))),
    params={"basis_points": 1_000},
)


def publish(shop: Shop, draft: Draft = SPEND, **terms: object) -> str:
    from msgspec.structs import replace

    given = replace(draft, terms=replace(draft.terms, **terms))
    return promotions.publish(shop, given, operator_id="he", request_id=shop.new_id()).promotion_id


def fill(shop: Shop, *skus: str, till: str = "1") -> Basket:
    for sku in skus:
        baskets.add(shop, till, sku=sku, code="", quantity=1, request_id=shop.new_id())
    return baskets.current(shop, till)


def settle(shop: Shop, cash: int | None = 1_000_00, *, till: str = "1", shown: int | None = None) -> Sale:
    basket = baskets.current(shop, till)
    return checkout.settle(
        shop,
        till,
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[] if cash is None else [("cash", cash)],
        operator_id="zhou",
        request_id=shop.new_id(),
        total_minor=shown,
    )


def off(shop: Shop, line_id: int = 0, *, bp: int = 0, minor: int = 0, **more: object) -> Basket:
    given: dict[str, object] = {"approval": None, "operator_id": "zhou", **more}
    return discounts.discount(
        shop,
        "1",
        basket_id=baskets.current(shop, "1").basket_id,
        line_id=line_id,
        percent_bp=bp,
        amount_minor=minor,
        reason="faded",
        **given,  # type: ignore[arg-type]
    )


def price(shop: Shop, line_id: int, minor: int, approval: Approval | None = None) -> Basket:
    return discounts.change_price(
        shop,
        "1",
        basket_id=baskets.current(shop, "1").basket_id,
        line_id=line_id,
        price_minor=minor,
        approval=approval,
        operator_id="zhou",
    )


def total(shop: Shop, till: str = "1") -> int:
    return prices.priced(shop, baskets.current(shop, till)).total.minor


def test_a_sale_keeps_every_discount_by_line_and_source(shop: Shop) -> None:
    spend, socks = publish(shop), publish(shop, SOCKS_OFF)
    fill(shop, JEANS, SOCKS)
    assert total(shop) == 329_00 + 26_10 - 60_00
    sale = settle(shop, shown=295_10)
    kept = [
        (each.line_id, each.layer, each.source, each.source_version, each.amount.minor)
        for line in sale.lines
        for each in line.adjustments
    ]
    assert sorted(kept) == [
        (1, ORDER, spend, 1, -55_59),
        (2, LINE, socks, 1, -2_90),
        (2, ORDER, spend, 1, -4_41),
    ]
    assert [line.net.minor for line in sale.lines] == [273_41, 21_69]
    assert checkout.find(sale.sale_id) == sale and books.differences() == []


def test_what_comes_back_is_worth_its_share_of_the_discounts(shop: Shop) -> None:
    publish(shop)
    fill(shop, JEANS, SOCKS)
    sale = settle(shop)
    for line, worth in ((2, 29_00 - 4_86), (1, 329_00 - 55_14)):
        returns.take_back(
            shop,
            "1",
            basket_id=baskets.current(shop, "1").basket_id,
            sale_id=sale.sale_id,
            pieces=[(line, 1)],
            reason="size",
            approval=None,
            operator_id="zhou",
            request_id=shop.new_id(),
        )
        assert total(shop) == -worth
        settle(shop, None)
    rows = LEDGER.execute_sql("SELECT SUM(amount_minor) FROM posting GROUP BY account").fetchall()
    assert {minor for (minor,) in rows} == {0}


def test_a_total_that_is_no_longer_true_is_not_charged(shop: Shop) -> None:
    fill(shop, JEANS)
    shown = total(shop)
    publish(shop)
    with pytest.raises(BasketChanged) as refused:
        settle(shop, shown=shown)
    assert refused.value.details["total_minor"] == 269_00
    assert settle(shop, shown=269_00).total.minor == 269_00


def test_the_last_use_of_a_promotion_is_given_once(shop: Shop) -> None:
    for n in range(100):
        promotion = publish(shop, uses_per_store=1)
        for till in "12":
            fill(shop, JEANS, till=till)
        ended: list[object] = []

        def finish(till: str, ended: list[object] = ended) -> None:
            try:
                ended.append(settle(shop, till=till, shown=269_00).total.minor)
            except ShopError as error:
                ended.append(error.code)

        both = [threading.Thread(target=finish, args=(till,)) for till in "12"]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert set(map(str, ended)) in ({"26900", "basket_changed"}, {"26900", "promotion_used_up"}), n
        used = LEDGER.execute_sql(
            "SELECT used FROM promotion_use WHERE promotion_id = ? AND scope = 'store'", (promotion,)
        ).fetchall()
        assert used == [(1,)]
        for till in "12":
            if baskets.current(shop, till).standing:
                assert settle(shop, till=till).total.minor == 329_00
        promotions.withdraw(shop, promotion, operator_id="he", request_id=shop.new_id())


def test_a_cashier_takes_off_what_they_may_and_a_manager_the_rest(shop: Shop) -> None:
    fill(shop, JEANS, SOCKS)
    off(shop, 1, bp=1_000)
    assert total(shop) == 296_10 + 29_00
    for refused in (lambda: off(shop, 1, bp=1_001), lambda: off(shop, 0, minor=32_52)):
        with pytest.raises(ApprovalNeeded):
            refused()
    with pytest.raises(PinRefused):
        off(shop, 1, bp=5_000, approval=Approval(approver_id="he", pin="000000", reason="faded"))
    off(shop, 1, bp=5_000, approval=MANAGER)
    with pytest.raises(ApprovalNeeded):  # the jeans would be taken more off than was approved
        off(shop, 0, minor=5_00)
    off(shop, 0, minor=5_00, approval=MANAGER)
    assert total(shop) == 164_50 + 29_00 - 5_00
    sale = settle(shop)
    assert {each.source for line in sale.lines for each in line.adjustments} == {"manual"}
    assert [r.type for r in journal.after(0, 100)].count("approval.granted") == 2


def test_a_line_s_and_the_bag_s_discount_keep_within_one_limit(shop: Shop) -> None:
    """A cashier gives 10 % of what something costs, in however many steps and whatever order."""
    basket = fill(shop, JEANS, SOCKS)
    off(shop, 1, bp=600)
    with pytest.raises(ApprovalNeeded) as refused:
        off(shop, 0, bp=600)
    assert refused.value.details["size"] == 1_164
    off(shop, 0, bp=400)  # 9.76 % of the jeans
    with pytest.raises(ApprovalNeeded):
        off(shop, 2, minor=2_00)
    baskets.set_quantity(shop, "1", 1, 0, basket_id=basket.basket_id)
    with pytest.raises(ApprovalNeeded):  # the jeans may come back into the bag
        off(shop, 0, bp=600)
    baskets.restore(shop, "1", 1, basket_id=basket.basket_id)
    off(shop, 1)
    off(shop, 0, bp=1_000)
    with pytest.raises(ApprovalNeeded):
        off(shop, 2, bp=1)


def test_an_amount_off_a_bag_that_grew_leaves_no_room_for_when_it_shrinks(shop: Shop) -> None:
    fill(shop, SOCKS)
    off(shop, 0, minor=2_90)  # 10 % of the socks
    fill(shop, JEANS)
    with pytest.raises(ApprovalNeeded):
        off(shop, 1, bp=900)


def test_a_discount_is_replaced_repeated_and_taken_back(shop: Shop) -> None:
    fill(shop, JEANS)
    first = off(shop, 1, bp=500)
    assert off(shop, 1, bp=500) == first
    assert len(off(shop, 1, bp=600).discounts) == 1
    assert off(shop, 1).discounts == ()
    assert total(shop) == 329_00


def test_more_than_it_costs_cannot_be_taken_off(shop: Shop) -> None:
    fill(shop, JEANS)
    for wrong in (lambda: off(shop, 1, minor=329_01), lambda: off(shop, 0, minor=329_01)):
        with pytest.raises(DiscountRefused):
            wrong()
    with pytest.raises(LineUnknown):
        off(shop, 7, bp=100)
    off(shop, 0, bp=10_000, approval=MANAGER)
    assert (total(shop), settle(shop, None).total.minor) == (0, 0)


def test_a_price_set_by_hand_is_approved_and_no_promotion_works_on_it(shop: Shop) -> None:
    publish(shop, SOCKS_OFF)
    fill(shop, SOCKS)
    with pytest.raises(ApprovalNeeded):
        price(shop, 1, 20_00)
    changed = price(shop, 1, 20_00, MANAGER)
    assert changed.lines[0].list_price is not None and total(shop) == 20_00
    fill(shop, SOCKS)  # another one is not of that price
    assert [line.quantity for line in baskets.current(shop, "1").standing] == [1, 1]
    sale = settle(shop)
    assert sale.lines[0].line.list_price == sale.lines[1].line.unit_price
    assert sale.total.minor == 20_00 + 26_10 and books.differences() == []


def test_the_list_price_takes_a_change_back_and_a_dearer_one_needs_nobody(shop: Shop) -> None:
    before = fill(shop, SOCKS)
    dearer = price(shop, 1, 30_00)
    assert dearer.lines[0].unit_price.minor == 30_00
    assert price(shop, 1, 29_00).lines == before.lines


def test_removing_the_line_takes_its_discount_along(shop: Shop) -> None:
    basket = fill(shop, JEANS, SOCKS)
    off(shop, 2, bp=1_000)
    baskets.set_quantity(shop, "1", 2, 0, basket_id=basket.basket_id)
    assert total(shop) == 329_00
    baskets.restore(shop, "1", 2, basket_id=basket.basket_id)
    assert total(shop) == 329_00 + 26_10


def test_an_amount_taken_off_shrinks_with_the_goods_it_was_agreed_for(shop: Shop) -> None:
    basket = fill(shop, JEANS, JEANS, SOCKS)
    off(shop, 0, minor=68_70)  # 10 % of 687.00: the cashier's own right
    assert total(shop) == 687_00 - 68_70
    baskets.set_quantity(shop, "1", 1, 0, basket_id=basket.basket_id)
    assert total(shop) == 29_00 - 2_90
    baskets.restore(shop, "1", 1, basket_id=basket.basket_id)
    assert total(shop) == 687_00 - 68_70
    off(shop, 0)
    off(shop, 1, minor=65_80)
    baskets.set_quantity(shop, "1", 1, 1, basket_id=basket.basket_id)
    assert total(shop) == 329_00 - 32_90 + 29_00


def test_a_price_set_by_hand_makes_no_room_for_a_larger_discount(shop: Shop) -> None:
    fill(shop, JEANS, SOCKS)
    price(shop, 1, 9_999_00)  # dearer: nobody is asked; no discount of the bag works on it
    with pytest.raises(ApprovalNeeded):
        off(shop, 0, minor=29_00)
    off(shop, 0, minor=2_90)
    assert total(shop) == 9_999_00 + 26_10


def test_a_change_that_was_undone_leaves_no_price_behind(shop: Shop) -> None:
    """The next change has the same number: what was priced under it before must not be taken for it."""
    before = fill(shop, JEANS)
    with pytest.raises(RuntimeError), db.write():
        undone = before.with_quantity(1, 5)
        stored.save("1", undone)
        assert total(shop) == 5 * 329_00
        raise RuntimeError("the disk is full")
    assert baskets.current(shop, "1") == before
    after = baskets.set_quantity(shop, "1", 1, 2, basket_id=before.basket_id)
    assert after.version == undone.version and total(shop) == 2 * 329_00


@pytest.mark.parametrize("fails", [False, True])
def test_whoever_looks_while_an_offer_is_published_does_not_keep_what_it_saw(
    shop: Shop, fails: bool
) -> None:
    old = promotion_rows.stamp()
    seen: list[str] = []
    other = threading.Thread(target=lambda: seen.append(promotion_rows.stamp()))
    with contextlib.suppress(ZeroDivisionError), promotion_rows.changing(), db.write():
        promotion_rows.put_stamp("new")
        assert promotion_rows.stamp() == "new"  # the writer sees its own
        promotion_rows._Stamp.change = next(promotion_rows._Stamp.count)
        other.start()
        other.join()
        assert seen == [old]  # nobody else does yet
        if fails:
            raise ZeroDivisionError
    assert promotion_rows.stamp() == (old if fails else "new")
