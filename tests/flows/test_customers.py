"""Who buys: kept with the bag, the sale and what comes back of it, and known to the promotions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.domain.basket import Basket
from services.domain.errors import BasketChanged, PaymentOpen, ShopError
from services.domain.member_errors import MemberBlocked, MemberScanned, MemberUnknown
from services.domain.offers import LINE, Terms
from services.flows import (
    baskets,
    checkout,
    customers,
    members,
    merges,
    payments,
    prices,
    promotions,
    returns,
)
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.store import baskets as stored
from services.store import books, catalogue, db, sales
from services.store.catalogue import Article
from services.store.sales import Sale
from tests.shop import TEE

ANNA = "member-anna"


def filled(shop: Shop, member_id: str = ANNA) -> Basket:
    baskets.add(shop, "1", sku=TEE, code="", quantity=1, request_id=shop.new_id())
    basket = baskets.current(shop, "1").bought_by(member_id)
    with db.write():
        stored.save("1", basket)
    return basket


def settle(shop: Shop, basket: Basket, cash: int | None) -> Sale:
    return checkout.settle(
        shop,
        "1",
        basket_id=basket.basket_id,
        version=basket.version,
        tendered=[] if cash is None else [("cash", cash)],
        operator_id="zhou",
        request_id=shop.new_id(),
    )


def members_offer(shop: Shop, **terms: object) -> None:
    draft = promotions.Draft(
        kind="percentage",
        layer=LINE,
        label_zh="会员九折",
        label_en="Members 10 %",
        terms=Terms(members_only=True, **terms),  # type: ignore[arg-type]
        params={"basis_points": 1_000},
    )
    promotions.publish(shop, draft, operator_id="he", request_id=shop.new_id())


def test_a_sale_keeps_who_bought_and_so_does_its_return(shop: Shop) -> None:
    sale = settle(shop, filled(shop), 99_00)
    assert sale.member_id == ANNA
    assert sales.by_id(sale.sale_id) == sale

    bag = baskets.current(shop, "1")
    assert bag.member_id == ""
    returns.take_back(
        shop,
        "1",
        sale_id=sale.sale_id,
        pieces=[(1, 1)],
        reason="size",
        basket_id=bag.basket_id,
        operator_id="zhou",
        approval=Approval(approver_id="he", pin="735290", reason="size"),
        request_id=shop.new_id(),
    )
    back = settle(shop, baskets.current(shop, "1"), None)
    assert (back.kind, back.member_id) == (sales.RETURN, ANNA)
    assert books.differences() == []


def test_a_promotion_for_members_needs_one(shop: Shop) -> None:
    members_offer(shop)
    basket = filled(shop)
    assert prices.priced(shop, basket).total.minor == 89_10
    assert prices.priced(shop, basket.bought_by("")).total.minor == 99_00
    assert prices.priced(shop, basket).total.minor == 89_10  # the one answer is not kept for the other


def test_uses_of_one_member_are_counted(shop: Shop) -> None:
    members_offer(shop, uses_per_member=1)
    settle(shop, filled(shop), 89_10)
    again = filled(shop)
    assert prices.priced(shop, again).total.minor == 99_00
    assert prices.priced(shop, again.bought_by("member-bo")).total.minor == 89_10


def test_uses_of_two_who_became_one_are_those_of_one_person(shop: Shop) -> None:
    members_offer(shop, uses_per_member=1)
    older, younger = joined(shop), joined(shop, "13912345678", card="2700000000021")
    settle(shop, filled(shop, younger), 89_10)
    assert prices.priced(shop, filled(shop, older)).total.minor == 89_10
    merges.merge(shop, older, younger, "同一人", None, operator_id="he", request_id="m1")
    for each in (older, younger):
        assert prices.priced(shop, baskets.current(shop, "1").bought_by(each)).total.minor == 99_00


def test_who_buys_is_changed_with_the_version(shop: Shop) -> None:
    basket = filled(shop)
    assert basket.bought_by(ANNA) is basket
    assert basket.bought_by("") == replace(basket, member_id="", version=basket.version + 1)


def joined(shop: Shop, phone: str = "13812345620", card: str = "2700000000014") -> str:
    joining = members.Joining(given={"phone": phone, "name": "王芳", "card": card})
    return members.join(shop, joining, operator_id="zhou", request_id=shop.new_id()).member_id


def test_a_member_is_named_and_taken_off_until_something_is_paid(shop: Shop) -> None:
    member_id = joined(shop)
    baskets.add(shop, "1", sku=TEE, code="", quantity=1, request_id=shop.new_id())
    bag = baskets.current(shop, "1")
    named = customers.name(shop, "1", member_id, basket_id=bag.basket_id)
    assert customers.name(shop, "1", member_id, basket_id=bag.basket_id) == named  # a repeat
    assert baskets.current(shop, "1") == named and named.member_id == member_id
    assert customers.known(member_id).values["name"] == "王芳"
    assert customers.name(shop, "1", "", basket_id=bag.basket_id).member_id == ""
    paying = payments.begin(
        shop,
        "1",
        basket_id=bag.basket_id,
        version=baskets.current(shop, "1").version,
        tender="card",
        amount_minor=99_00,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    with pytest.raises(PaymentOpen):
        customers.name(shop, "1", member_id, basket_id=paying.basket_id)


def test_nobody_unknown_blocked_or_late_is_named(shop: Shop) -> None:
    member_id = joined(shop)
    bag = baskets.current(shop, "1")
    with pytest.raises(MemberUnknown):
        customers.name(shop, "1", "nobody", basket_id=bag.basket_id)
    with pytest.raises(BasketChanged):
        customers.name(shop, "1", member_id, basket_id="another")
    blocked = members.Edit(given={}, blocked=True)
    members.edit(shop, member_id, blocked, revision=1, operator_id="he", request_id=shop.new_id())
    with pytest.raises(MemberBlocked):
        customers.name(shop, "1", member_id, basket_id=bag.basket_id)
    assert baskets.current(shop, "1") == bag


def test_a_members_code_is_no_article(shop: Shop) -> None:
    member_id = joined(shop)
    for code in ("2700000000014", members.qr_text(shop, member_id)):
        with pytest.raises(MemberScanned) as scanned:
            baskets.scan(shop, "1", code)
        assert scanned.value.details == {"member_id": member_id}
    forged = members.qr_text(shop, member_id)[:-1] + "x"
    for code in ("2700000000021", forged):
        with pytest.raises(ShopError):
            baskets.scan(shop, "1", code)
    assert baskets.current(shop, "1").lines == ()


def test_an_article_with_a_number_like_a_member_card_is_sold(shop: Shop) -> None:
    joined(shop)
    article = Article("OWN", "T1", "自编码 T 恤", "tee", "白", "white", "S", "02700000000045", 59_00)
    with db.write():
        catalogue.put_article(article, 1, 1)
    _, line = baskets.scan(shop, "1", "2700000000045")
    assert line.sku == "OWN"
    with pytest.raises(MemberScanned):
        baskets.scan(shop, "1", "2700000000014")
