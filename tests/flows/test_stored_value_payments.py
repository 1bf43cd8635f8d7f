"""A member pays with stored value: never more than is there, and back as it was taken."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from services.domain.basket import Basket
from services.domain.errors import ShopError, TenderRefused
from services.domain.member_errors import MemberUnknown
from services.domain.offers import LINE, Terms
from services.domain.settlement import Rounding
from services.domain.stored_value import Parts
from services.domain.tender_errors import ProofNeeded, StoredValueFrozen, StoredValueShort
from services.flows import (
    baskets,
    checkout,
    customers,
    members,
    payments,
    prices,
    promotions,
    returns,
    stored_value,
    stored_value_accounts,
    stored_value_moves,
    stored_value_payments,
    stored_value_plans,
    voids,
)
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.flows.stored_value_plans import PlanDraft
from services.store import books, db, sales
from services.store import stored_value as stored
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.faults import each_failure
from tests.shop import JEANS, SOCKS, TEE, make_shop

MANAGER = Approval(approver_id="he", pin="735290", reason="wrong article")
RACES = 50  # a thousand with --soak


@pytest.fixture
def shop(shop: Shop) -> Shop:
    return replace(shop, cash_rounding=Rounding(100, "down"))


def joined(shop: Shop, phone: str = "13812345620", paid: int = 300_00, bonus: int = 60_00) -> str:
    joining = members.Joining(given={"phone": phone, "name": "王芳"})
    member = members.join(shop, joining, operator_id="zhou", request_id=shop.new_id())
    draft = PlanDraft(label_zh="充值", label_en="Recharge", pays_minor=paid, bonus_minor=bonus)
    plan = stored_value_plans.publish(shop, draft, operator_id="he", request_id=shop.new_id())
    stored_value.recharge(
        *(shop, "1", member.member_id),
        plan_id=plan.plan_id,
        plan_version=plan.version,
        paid_minor=paid,
        tender="cash",
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    return member.member_id


def filled(shop: Shop, member_id: str, *skus: str, till: str = "1") -> Basket:
    for sku in skus:
        baskets.add(shop, till, sku=sku, code="", quantity=1, request_id=shop.new_id())
    basket = baskets.current(shop, till)
    return customers.name(shop, till, member_id, basket_id=basket.basket_id)


def pay(
    shop: Shop, minor: int, *, till: str = "1", key: str = "", version: int = 0, **proof: object
) -> Basket:
    basket = baskets.current(shop, till)
    return stored_value_payments.redeem(
        shop,
        till,
        basket_id=basket.basket_id,
        version=version or basket.version,
        amount_minor=minor,
        operator_id="zhou",
        request_id=key or shop.new_id(),
        **proof,  # type: ignore[arg-type]
    )


def settle(shop: Shop, cash: int | None, *, till: str = "1", key: str = "") -> Sale:
    basket = baskets.current(shop, till)
    return checkout.settle(
        shop,
        till,
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[] if cash is None else [("cash", cash)],
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def balance(shop: Shop, member_id: str) -> Parts:
    return stored_value_moves.balance(shop, (member_id,))


def take_back(shop: Shop, sale: Sale, *lines: int) -> Sale:
    bag = baskets.current(shop, "1")
    returns.take_back(
        shop,
        "1",
        sale_id=sale.sale_id,
        pieces=[(line, 1) for line in lines],
        reason="size",
        basket_id=bag.basket_id,
        operator_id="zhou",
        approval=MANAGER,
        request_id=shop.new_id(),
    )
    return settle(shop, None)


def test_it_pays_a_part_and_cash_the_rest_in_the_proportion_of_principal_and_bonus(shop: Shop) -> None:
    member_id = joined(shop)
    bag = filled(shop, member_id, JEANS, TEE)
    paid = pay(shop, 200_00, key="pay")
    assert pay(shop, 200_00, key="pay", version=bag.version) == paid  # a repeat
    assert balance(shop, member_id) == (300_00, 60_00), "parking or waiting moves no balance"
    sale = settle(shop, 228_00)
    assert [(t.key, t.amount.minor) for t in sale.tenders] == [("stored_value", 200_00), ("cash", 228_00)]
    assert balance(shop, member_id) == (133_33, 26_67)
    assert books.differences() == []


def test_what_comes_back_goes_back_as_it_was_taken(shop: Shop) -> None:
    member_id = joined(shop)
    filled(shop, member_id, JEANS, TEE)
    pay(shop, 200_00)
    sale = settle(shop, 228_00)
    take_back(shop, sale, 1)
    take_back(shop, sale, 2)
    assert balance(shop, member_id) == (300_00, 60_00)
    sold = LEDGER.execute_sql("SELECT SUM(amount_minor) FROM tender WHERE key = 'stored_value'").fetchone()
    assert sold == (0,)
    assert books.differences() == []


def test_a_void_gives_it_back_whole(shop: Shop) -> None:
    member_id = joined(shop)
    filled(shop, member_id, TEE)
    pay(shop, 0)
    sale = settle(shop, None)
    assert balance(shop, member_id).total == 261_00
    voids.void(
        shop,
        "1",
        sale.sale_id,
        reason="wrong article",
        approval=MANAGER,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    assert balance(shop, member_id) == (300_00, 60_00)
    assert books.differences() == []


def test_more_than_is_there_or_allowed_is_refused_and_changes_nothing(shop: Shop) -> None:
    member_id = joined(shop)
    filled(shop, member_id, TEE)
    before = baskets.current(shop, "1")
    for minor, refusal in ((400_00, StoredValueShort), (100_00, TenderRefused), (-1, TenderRefused)):
        with pytest.raises(refusal):
            pay(shop, minor)
    customers.name(shop, "1", "", basket_id=before.basket_id)
    with pytest.raises(MemberUnknown):
        pay(shop, 10_00)
    customers.name(shop, "1", member_id, basket_id=before.basket_id)
    stored_value_accounts.change(
        *(shop, member_id, "frozen"), reason="lost", approval=None, operator_id="zhou", request_id="stop"
    )
    with pytest.raises(StoredValueFrozen):
        pay(shop, 10_00)
    assert baskets.current(shop, "1").payments == ()


def test_a_larger_payment_needs_a_pin_or_somebody_who_looked(shop: Shop) -> None:
    member_id = joined(shop)
    filled(shop, member_id, JEANS)
    with pytest.raises(ProofNeeded):
        pay(shop, 250_00)
    pay(shop, 250_00, present=True)
    settle(shop, 79_00)
    assert balance(shop, member_id).total == 110_00


def test_it_is_taken_back_like_a_payment(shop: Shop) -> None:
    member_id = joined(shop)
    filled(shop, member_id, TEE)
    (held,) = pay(shop, 50_00).payments
    payments.answer(shop, "1", held.payment_id, state="reversed", reason="cash instead", operator_id="zhou")
    settle(shop, 99_00)
    assert balance(shop, member_id) == (300_00, 60_00)


def usable(shop: Shop) -> int:
    bag = baskets.current(shop, "1")
    return stored_value_payments.worth(shop, bag, prices.priced(shop, bag)).usable_minor


def test_gift_cards_are_never_bought_with_it(shop: Shop) -> None:
    member_id = joined(shop)
    with db.write():
        LEDGER.execute_sql("UPDATE style SET category = 'gift_cards' WHERE style = 'K1'")
    filled(shop, member_id, TEE, SOCKS)
    assert usable(shop) == 99_00
    pay(shop, 0)
    assert usable(shop) == 0


def test_two_tills_that_spend_one_balance_never_pass_it(shop: Shop, soak: int) -> None:
    """Both have promised it: the second to close is refused, and its bag is paid in another way."""
    member_id = joined(shop, paid=90_00, bonus=9_00)
    for n in range(RACES * soak):
        for till in "12":
            filled(shop, member_id, TEE, till=till)
            pay(shop, 99_00, till=till)
        ends: list[object] = []

        def close(till: str, ends: list[object] = ends, n: int = n) -> None:
            try:
                ends.append(settle(shop, None, till=till, key=f"{n}-{till}"))
            except ShopError as refused:
                ends.append(refused.code)

        threads = [threading.Thread(target=close, args=(till,)) for till in "12"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(str(type(end).__name__) for end in ends) == ["Sale", "str"], ends
        assert "stored_value_short" in ends and balance(shop, member_id).total == 0
        (sale,) = [end for end in ends if isinstance(end, Sale)]
        loser = "2" if sale.till == "1" else "1"
        (held,) = baskets.current(shop, loser).payments
        payments.answer(shop, loser, held.payment_id, state="reversed", reason="short", operator_id="zhou")
        settle(shop, 99_00, till=loser)
        take_back(shop, sale, 1)
    assert books.differences() == []


def test_a_payment_and_its_sale_are_there_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()

    def prepare(n: int) -> str:
        member_id = joined(shop, f"138{n:08d}", paid=90_00, bonus=9_00)
        filled(shop, member_id, TEE)
        pay(shop, 99_00)
        return f"sale-{n}"

    def look() -> object:
        assert books.differences() == []
        return LEDGER.execute_sql(
            "SELECT (SELECT COUNT(*) FROM sale), (SELECT SUM(left_minor) FROM stored_value_lot)"
        ).fetchone()

    each_failure(monkeypatch, tmp_path, prepare, lambda key: settle(shop, None, key=key), look)


def test_a_discount_leaves_the_list_price_for_the_day_of_paying_out(shop: Shop) -> None:
    member_id = joined(shop)
    draft = promotions.Draft(
        kind="percentage",
        layer=LINE,
        label_zh="半价",
        label_en="Half",
        terms=Terms(),
        params={"basis_points": 5_000},
    )
    promotions.publish(shop, draft, operator_id="he", request_id=shop.new_id())
    filled(shop, member_id, TEE)
    pay(shop, 0)
    sale = settle(shop, None)
    assert sale.total.minor == 49_50 and sales.by_id(sale.sale_id) == sale
    first = stored_value.statement((member_id,))[-1]
    assert stored.used(first.move_id)[2] == 99_00
