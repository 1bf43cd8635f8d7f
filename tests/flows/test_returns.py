"""Goods that come back: once, from whom they were bought, the way they were paid; and exchanges."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Literal

import pytest

from services.domain.basket import Basket
from services.domain.errors import (
    AlreadyReturned,
    ApprovalNeeded,
    BagInUse,
    BasketChanged,
    BasketFull,
    PaymentOpen,
    PinRefused,
    RequestReused,
    ReturnRefused,
    SaleUnknown,
    ShopError,
    TenderRefused,
    TenderShort,
)
from services.domain.offers import LINE, Goods, Terms
from services.domain.settlement import Rounding
from services.domain.tender_errors import VoidOpen
from services.flows import baskets, checkout, discounts, payments, prices, promotions, returns, voids
from services.flows.approvals import Approval
from services.flows.coming_back import returnable
from services.flows.shop import Shop
from services.store import books, db, journal, sales
from services.store.db import LEDGER
from services.store.sales import Sale
from tests.faults import each_failure
from tests.shop import JEANS, SOCKS, TEE, Clock, make_shop, open_store

MANAGER = Approval(approver_id="he", pin="735290", reason="size")
RACES = 1_000


def fill(shop: Shop, *skus: str, till: str = "1") -> Basket:
    for sku in skus:
        baskets.add(shop, till, sku=sku, code="", quantity=1, request_id=shop.new_id())
    return baskets.current(shop, till)


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


def sold(shop: Shop, *skus: str, till: str = "1") -> Sale:
    fill(shop, *skus, till=till)
    return settle(shop, 1_000_00, till=till)


def by_card(shop: Shop, minor: int, reference: str, till: str = "1") -> Basket:
    basket = baskets.current(shop, till)
    held = payments.begin(
        shop,
        till,
        basket_id=basket.basket_id,
        version=basket.version,
        tender="card",
        amount_minor=minor,
        operator_id="zhou",
        request_id=shop.new_id(),
    )
    payment_id = held.payments[-1].payment_id
    return payments.answer(shop, till, payment_id, state="paid", reference=reference, operator_id="zhou")


def take_back(
    shop: Shop, sale: Sale, *pieces: tuple[int, int], till: str = "1", key: str = "", **more: object
) -> Basket:
    given: dict[str, object] = {"reason": "size", "approval": None, "operator_id": "zhou", **more}
    return returns.take_back(
        shop,
        till,
        basket_id=baskets.current(shop, till).basket_id,
        sale_id=sale.sale_id,
        pieces=pieces,
        request_id=key or shop.new_id(),
        **given,  # type: ignore[arg-type]
    )


def balances() -> dict[str, int]:
    rows = LEDGER.execute_sql("SELECT account, SUM(amount_minor) FROM posting GROUP BY account").fetchall()
    return {account: int(minor) for account, minor in rows if minor}


def test_one_of_two_pieces_comes_back_for_cash(shop: Shop) -> None:
    sale = sold(shop, TEE, TEE, SOCKS)
    basket = take_back(shop, sale, (1, 1))
    assert prices.priced(shop, basket).total.minor == -99_00
    back = settle(shop, None)
    assert (back.kind, back.original_id, back.reason, back.total.minor) == (
        sales.RETURN,
        sale.sale_id,
        "size",
        -99_00,
    )
    assert [(t.key, t.amount.minor, t.change.minor) for t in back.tenders] == [("cash", -99_00, 0)]
    assert checkout.find(back.sale_id) == back
    assert returnable(sale.sale_id).left == {1: 1, 2: 1}
    jobs = LEDGER.execute_sql("SELECT kind FROM job WHERE sale_id = ? ORDER BY kind", (back.sale_id,))
    assert [kind for (kind,) in jobs] == ["drawer", "receipt"]
    assert balances() == {"cash:drawer": 128_00, "revenue:sales": -128_00}
    assert books.differences() == [] and journal.first_break() == 0


def test_a_receipts_number_finds_its_sale(shop: Shop) -> None:
    sale = sold(shop, TEE)
    assert returns.find(shop, f" {sale.number} ").sale == sale
    for stranger in ("S0001-1-000099", "S0002-1-000001", "", "S0001-1", "'; --", "S0001-1-" + "9" * 70):
        with pytest.raises(SaleUnknown):
            returns.find(shop, stranger)
    assert [each.number for each in returns.recent(shop, "1")] == [sale.number]


def test_more_than_was_bought_never_comes_back(shop: Shop) -> None:
    sale = sold(shop, TEE, TEE)
    for pieces in ([(1, 3)], [(1, 0)], [(1, -1)]):
        with pytest.raises(AlreadyReturned):
            take_back(shop, sale, *pieces)
    for wrong in ([(7, 1)], [], [(1, 1), (1, 1)]):
        with pytest.raises(ReturnRefused):
            take_back(shop, sale, *wrong)
    take_back(shop, sale, (1, 2))
    settle(shop, None)
    with pytest.raises(AlreadyReturned):
        take_back(shop, sale, (1, 1))
    (document,) = [each for each in returns.recent(shop, "1") if each.kind == "return"]
    with pytest.raises(ReturnRefused):  # what came back itself is not taken back again
        take_back(shop, checkout.find(document.sale_id), (1, 1))
    with pytest.raises(SaleUnknown):
        returnable("nobody")


def test_choosing_again_takes_the_place_of_what_was_chosen(shop: Shop) -> None:
    sale = sold(shop, TEE, TEE, TEE)
    take_back(shop, sale, (1, 1))
    basket = take_back(shop, sale, (1, 3))
    assert [(line.quantity, line.returned and line.returned.net_minor) for line in basket.lines] == [
        (-3, -297_00)
    ]
    off = baskets.set_quantity(shop, "1", 1, 0, basket_id=basket.basket_id)
    assert off.standing == ()
    on = baskets.restore(shop, "1", 1, basket_id=basket.basket_id)
    assert on.standing[0].quantity == -3
    with pytest.raises(ShopError):
        baskets.set_quantity(shop, "1", 1, 2, basket_id=basket.basket_id)


def test_goods_of_two_sales_do_not_come_back_in_one_bag(shop: Shop) -> None:
    first, second = sold(shop, TEE), sold(shop, JEANS)
    basket = take_back(shop, first, (1, 1))
    with pytest.raises(ReturnRefused):
        take_back(shop, second, (1, 1))
    baskets.set_quantity(shop, "1", 1, 0, basket_id=basket.basket_id)
    assert take_back(shop, second, (1, 1)).returning.number == second.number  # type: ignore[union-attr]


def test_card_and_cash_get_back_their_shares_and_the_terminal_first(shop: Shop) -> None:
    fill(shop, TEE, JEANS)
    by_card(shop, 300_00, "T1-1")
    sale = settle(shop, 128_00)
    basket = take_back(shop, sale, (1, 1))
    _, back = returns.owed(shop, basket, prices.priced(shop, basket))
    assert [(part.key, part.amount_minor, part.reference) for part in back] == [
        ("card", 69_39, "T1-1"),
        ("cash", 29_61, ""),
    ]
    with pytest.raises(TenderShort):
        settle(shop, None)
    with pytest.raises(TenderRefused):
        settle(shop, 1_00)
    for wrong in (-69_38, -29_61, 69_39):
        with pytest.raises(TenderRefused):
            by_card(shop, wrong, "T1-2")
    by_card(shop, -69_39, "T1-2")
    document = settle(shop, None)
    assert [(t.key, t.amount.minor, t.reference) for t in document.tenders] == [
        ("card", -69_39, "T1-2"),
        ("cash", -29_61, ""),
    ]
    take_back(shop, sale, (2, 1))
    by_card(shop, -230_61, "T1-3")
    settle(shop, None)
    assert balances() == {} and books.differences() == []


def test_an_approver_lets_another_tender_pay_back(shop: Shop) -> None:
    fill(shop, TEE)
    by_card(shop, 99_00, "T1-1")
    sale = settle(shop, None)
    basket = take_back(shop, sale, (1, 1))

    def instead(key: str, approval: Approval | None) -> Basket:
        return returns.pay_back_with(
            shop,
            "1",
            basket_id=basket.basket_id,
            tender_number=1,
            key=key,
            approval=approval,
            operator_id="zhou",
        )

    with pytest.raises(ApprovalNeeded):
        instead("cash", None)
    with pytest.raises(TenderRefused):
        instead("nothing", MANAGER)
    assert instead("cash", MANAGER) == instead("cash", MANAGER)
    assert [t.key for t in settle(shop, None).tenders] == ["cash"]
    assert balances() == {"cash:drawer": -99_00, "receivable:card": 99_00}


def test_rounded_cash_comes_back_as_it_was_paid(clock: Clock, shop: Shop) -> None:
    rounding = make_shop(clock, cash_rounding=Rounding(5_00, "down"))
    sale = sold(rounding, JEANS, SOCKS)  # 358.00, paid 355.00
    for line in (2, 1):
        take_back(rounding, sale, (line, 1))
        settle(rounding, None)
    assert balances() == {}
    moved = LEDGER.execute_sql("SELECT amount_minor FROM tender ORDER BY sale_id").fetchall()
    assert [minor for (minor,) in moved] == [355_00, -25_00, -330_00]


def test_an_exchange_settles_the_difference(shop: Shop) -> None:
    sale = sold(shop, TEE, TEE)
    take_back(shop, sale, (1, 1))
    fill(shop, JEANS)
    dearer = settle(shop, 300_00)
    assert (dearer.kind, dearer.total.minor) == (sales.EXCHANGE, 230_00)
    assert [(t.amount.minor, t.change.minor) for t in dearer.tenders] == [(230_00, 70_00)]
    take_back(shop, sale, (1, 1))
    fill(shop, SOCKS)
    cheaper = settle(shop, None)
    assert (cheaper.total.minor, [t.amount.minor for t in cheaper.tenders]) == (-70_00, [-70_00])
    assert books.differences() == []


def test_what_an_exchange_brought_comes_back_for_what_both_sales_paid(shop: Shop) -> None:
    fill(shop, TEE)
    by_card(shop, 99_00, "T1-1")
    first = settle(shop, None)
    take_back(shop, first, (1, 1))
    fill(shop, JEANS)
    second = settle(shop, 230_00)
    line = next(each.line.line_id for each in second.lines if each.line.quantity > 0)
    basket = take_back(shop, second, (line, 1))
    _, back = returns.owed(shop, basket, prices.priced(shop, basket))
    assert [(part.key, part.amount_minor) for part in back] == [("cash", 230_00), ("card", 99_00)]
    by_card(shop, -99_00, "T1-2")
    settle(shop, None)
    assert balances() == {} and books.differences() == []


def test_beyond_their_right_a_cashier_needs_another_pair_of_eyes(shop: Shop) -> None:
    sale = sold(shop, JEANS, JEANS)
    with pytest.raises(ApprovalNeeded):
        take_back(shop, sale, (1, 2))
    with pytest.raises(PinRefused):
        take_back(shop, sale, (1, 2), approval=Approval(approver_id="he", pin="000000", reason="size"))
    assert baskets.current(shop, "1").lines == ()
    take_back(shop, sale, (1, 2), approval=MANAGER)
    assert settle(shop, None).approver_id == "he"


def test_a_repeat_changes_nothing_and_other_content_is_refused(shop: Shop) -> None:
    sale = sold(shop, TEE, TEE)
    first = take_back(shop, sale, (1, 1), key="back-1")
    assert take_back(shop, sale, (1, 1), key="back-1") == first
    with pytest.raises(RequestReused):
        take_back(shop, sale, (1, 2), key="back-1")
    document = settle(shop, None, key="settle-1")
    with pytest.raises(BasketChanged):
        returns.take_back(
            shop,
            "1",
            basket_id=first.basket_id,
            sale_id=sale.sale_id,
            pieces=[(1, 1)],
            reason="size",
            approval=None,
            operator_id="zhou",
            request_id="late",
        )
    assert returnable(sale.sale_id).left == {1: 1}
    assert document.total.minor == -99_00


def test_a_bag_with_a_payment_takes_nothing_back(shop: Shop) -> None:
    sale = sold(shop, TEE)
    fill(shop, JEANS)
    by_card(shop, 329_00, "T1-1")
    with pytest.raises(PaymentOpen):
        take_back(shop, sale, (1, 1))


def test_two_tills_race_for_the_same_piece_and_one_of_them_gets_it(shop: Shop) -> None:
    sale = sold(shop, SOCKS)
    rounds = 0
    while rounds < RACES:
        for till in "12":
            take_back(shop, sale, (1, 1), till=till, approval=MANAGER)
        ended: list[str] = []

        def finish(till: str, ended: list[str] = ended) -> None:
            try:
                ended.append(settle(shop, None, till=till).kind)
            except ShopError as error:
                ended.append(error.code)

        both = [threading.Thread(target=finish, args=(till,)) for till in "12"]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert sorted(ended) == ["already_returned", "return"], rounds
        for till in "12":  # the loser's bag still names what is gone
            held = baskets.current(shop, till)
            if held.standing:
                baskets.set_quantity(shop, till, held.standing[0].line_id, 0, basket_id=held.basket_id)
                fill(shop, TEE, till=till)
                settle(shop, 1_000_00, till=till)
        rounds += 1
        sale = sold(shop, SOCKS)
    assert balances()["revenue:sales"] == -(RACES * 99_00 + 29_00)


def test_buying_and_returning_leaves_everything_as_before(shop: Shop, soak: int) -> None:
    for n in range(50 * soak):
        fill(shop, TEE, JEANS, SOCKS)
        paid = 1_00 + n * 7 % 450_00
        by_card(shop, paid, f"T1-{n}")
        sale = settle(shop, 457_00 - paid)
        for line in (2, 3, 1):
            basket = take_back(shop, sale, (line, 1), approval=MANAGER)
            for part in returns.owed(shop, basket, prices.priced(shop, basket))[1]:
                if part.key == "card":
                    by_card(shop, -part.amount_minor, f"T1-{n}")
            settle(shop, None)
        assert balances() == {}, n
    assert books.differences() == []


@pytest.mark.parametrize("ending", [False, True])
def test_each_step_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: bool
) -> None:
    def prepare(n: int) -> tuple[Sale, str]:
        held = baskets.current(shop, "1")
        if held.standing:
            settle(shop, None)
        sale = sold(shop, TEE)
        if ending:
            take_back(shop, sale, (1, 1), approval=MANAGER)
        return sale, f"key-{n}"

    def step(case: tuple[Sale, str]) -> object:
        sale, key = case
        return (
            settle(shop, None, key=key)
            if ending
            else take_back(shop, sale, (1, 1), key=key, approval=MANAGER)
        )

    each_failure(monkeypatch, tmp_path, prepare, step, look)


def look() -> object:
    tables = ("sale", "sale_line", "tender", "tender_draw", "posting", "job", "journal", "request")
    counts = [LEDGER.execute_sql(f"SELECT COUNT(*) FROM {table}").fetchone()[0] for table in tables]
    return counts, LEDGER.execute_sql("SELECT body FROM basket").fetchall()


def void(shop: Shop, sale: Sale, *, till: str = "1", key: str = "", **more: object) -> Sale:
    given: dict[str, object] = {"approval": MANAGER, "operator_id": "zhou", **more}
    return voids.void(
        shop,
        till,
        sale.sale_id,
        reason="wrong article",
        request_id=key or shop.new_id(),
        **given,  # type: ignore[arg-type]
    )


def test_a_sale_of_the_day_is_undone_whole_with_an_approver(shop: Shop) -> None:
    sale = sold(shop, TEE, SOCKS)
    with pytest.raises(ApprovalNeeded):
        void(shop, sale, approval=None)
    document = void(shop, sale, key="void-1")
    assert void(shop, sale, key="void-1") == document
    assert (document.kind, document.total.minor, document.approver_id) == ("void", -128_00, "he")
    assert balances() == {} and books.differences() == []
    with pytest.raises(AlreadyReturned):
        void(shop, sale)
    with pytest.raises(AlreadyReturned):
        take_back(shop, sale, (1, 1))


def test_only_a_whole_sale_of_this_till_and_day_is_undone(clock: Clock, shop: Shop) -> None:
    sale = sold(shop, TEE, TEE)
    with pytest.raises(ReturnRefused):
        void(shop, sale, till="2")
    take_back(shop, sale, (1, 1))
    document = settle(shop, None)
    with pytest.raises(AlreadyReturned):
        void(shop, sale)
    with pytest.raises(ReturnRefused):
        void(shop, document)
    later = sold(shop, TEE)
    clock.at_ms += 24 * 3_600_000
    with pytest.raises(ReturnRefused):
        void(shop, later)


def undo(shop: Shop, sale: Sale, *, key: str = "", approval: Approval | None = MANAGER) -> Basket:
    return voids.begin(
        shop,
        "1",
        sale.sale_id,
        reason="wrong article",
        approval=approval,
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def ask_back(shop: Shop, held: Basket, key: str = "") -> Basket:
    return payments.begin(
        shop,
        "1",
        basket_id=held.basket_id,
        version=held.version,
        tender="card",
        amount_minor=-99_00,
        operator_id="zhou",
        request_id=key or shop.new_id(),
    )


def end(shop: Shop, state: str, reference: str = "") -> Basket:
    payment_id = baskets.current(shop, "1").payments[-1].payment_id
    return payments.answer(shop, "1", payment_id, state=state, reference=reference, operator_id="zhou")


def test_a_card_payment_is_undone_with_the_terminals_number(shop: Shop) -> None:
    fill(shop, TEE)
    by_card(shop, 99_00, "T1-1")
    sale = settle(shop, None)
    with pytest.raises(TenderRefused):
        void(shop, sale)
    with pytest.raises(ApprovalNeeded):
        undo(shop, sale, approval=None)
    held = undo(shop, sale, key="undo-1")
    assert undo(shop, sale, key="undo-1") == held
    with pytest.raises(TenderShort):
        settle(shop, None)
    by_card(shop, -99_00, "T1-2")
    document = settle(shop, None)
    assert checkout.find(document.sale_id) == document
    assert (document.kind, document.original_id, document.reason, document.approver_id) == (
        "void",
        sale.sale_id,
        "wrong article",
        "he",
    )
    assert [(t.amount.minor, t.reference) for t in document.tenders] == [(-99_00, "T1-2")]
    assert balances() == {} and books.differences() == []
    assert baskets.current(shop, "1").standing == ()


def test_each_tender_of_an_undone_sale_gets_back_what_it_paid(shop: Shop, clock: Clock) -> None:
    shop = make_shop(clock, cash_rounding=Rounding(5_00, "down"), new_id=shop.new_id)
    fill(shop, TEE, JEANS, SOCKS)
    by_card(shop, 100_00, "T1-1")
    by_card(shop, 33_33, "T1-2")
    sale = settle(shop, 500_00)
    undo(shop, sale)
    by_card(shop, -33_33, "T1-3")
    by_card(shop, -100_00, "T1-4")
    document = settle(shop, None)
    assert [(t.key, t.amount.minor, t.reference) for t in document.tenders] == [
        ("card", -100_00, "T1-4"),
        ("card", -33_33, "T1-3"),
        ("cash", -sale.tenders[2].amount.minor, ""),
    ]
    assert document.rounding == -sale.rounding and balances() == {} and books.differences() == []


def test_a_power_cut_while_a_terminal_pays_back_for_a_void_asks_first_and_pays_once(
    tmp_path: Path, clock: Clock
) -> None:
    """The note is on disk before anybody turns to the terminal, and the bag asks how it ended."""
    open_store(tmp_path / "shop.db")
    shop = make_shop(clock)
    fill(shop, TEE)
    by_card(shop, 99_00, "T1-1")
    sale = settle(shop, None)
    begun = undo(shop, sale)
    held = ask_back(shop, begun, key="ask-1")
    LEDGER.shut()  # the terminal pays back; nobody is told
    open_store(tmp_path / "shop.db")
    again = make_shop(clock, new_id=iter(f"after-{n}" for n in range(99)).__next__)
    assert baskets.current(again, "1") == held and held.open_payment is not None
    for step in (
        lambda: settle(again, None),
        lambda: ask_back(again, held),
        lambda: voids.leave(again, "1", basket_id=held.basket_id),
        lambda: fill(again, SOCKS),
    ):
        with pytest.raises(PaymentOpen):
            step()
    assert ask_back(again, begun, key="ask-1") == held, "the first press, repeated: nothing new is asked"
    paid = end(again, "paid", "T1-2")
    with pytest.raises(TenderRefused):
        ask_back(again, paid)
    clock.at_ms += 24 * 3_600_000  # found in the morning: the money has moved, and the books say so
    document = settle(again, None)
    assert (document.kind, document.tenders[0].reference) == ("void", "T1-2")
    assert balances() == {} and books.differences() == []
    with pytest.raises(AlreadyReturned):
        undo(again, sale)
    LEDGER.shut()


def test_a_bag_that_undoes_a_sale_takes_nothing_else_and_can_be_left(shop: Shop, clock: Clock) -> None:
    fill(shop, TEE)
    by_card(shop, 99_00, "T1-1")
    sale = settle(shop, None)
    fill(shop, SOCKS)
    with pytest.raises(BagInUse):
        undo(shop, sale)
    settle(shop, 29_00)
    held = undo(shop, sale)
    for step in (
        lambda: fill(shop, SOCKS),
        lambda: baskets.set_quantity(shop, "1", 1, 0, basket_id=held.basket_id),
        lambda: take_back(shop, sale, (1, 1)),
    ):
        with pytest.raises(VoidOpen):
            step()
    ask_back(shop, held)
    end(shop, "declined")
    left = voids.leave(shop, "1", basket_id=held.basket_id)
    assert left.standing == () and left.basket_id != held.basket_id
    assert voids.leave(shop, "1", basket_id=held.basket_id) == left
    undo(shop, sale)
    clock.at_ms += 24 * 3_600_000
    with pytest.raises(ReturnRefused):  # nothing has moved, and its day is over
        settle(shop, None)
    assert books.differences() == []


@pytest.mark.parametrize("ending", [False, True])
def test_undoing_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: bool
) -> None:
    def prepare(n: int) -> tuple[Sale, str]:
        held = baskets.current(shop, "1")
        if held.undoing:
            voids.leave(shop, "1", basket_id=held.basket_id)
        fill(shop, TEE)
        by_card(shop, 99_00, "T1-1")
        sale = settle(shop, None)
        if ending:
            undo(shop, sale)
            by_card(shop, -99_00, "T1-2")
        return sale, f"key-{n}"

    def step(case: tuple[Sale, str]) -> object:
        sale, key = case
        return settle(shop, None, key=key) if ending else undo(shop, sale, key=key)

    each_failure(monkeypatch, tmp_path, prepare, step, look)


def test_a_return_is_still_there_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    open_store(tmp_path / "shop.db")
    shop = make_shop(clock)
    sale = sold(shop, TEE)
    basket = take_back(shop, sale, (1, 1))
    LEDGER.shut()
    open_store(tmp_path / "shop.db")
    assert baskets.current(shop, "1") == basket
    assert settle(shop, None).total.minor == -99_00
    with db.write():
        pass
    LEDGER.shut()


def publish_jeans_off(shop: Shop) -> str:
    """Half the price of jeans from now on; the promotion's id."""
    draft = promotions.Draft(
        kind="percentage",
        layer=LINE,
        label_zh="牛仔裤五折",
        label_en="Jeans half price",
        terms=Terms(goods=Goods(skus=(JEANS,))),
        params={"basis_points": 5_000},
    )
    return promotions.publish(shop, draft, operator_id="he", request_id=shop.new_id()).promotion_id


def test_a_payment_made_before_an_offer_began_is_not_lost_when_money_is_paid_back(shop: Shop) -> None:
    sale = sold(shop, TEE, TEE, SOCKS, SOCKS)
    take_back(shop, sale, (1, 2), (2, 2))  # 256.00
    fill(shop, JEANS)
    paid = by_card(shop, 73_00, "T1-1")
    publish_jeans_off(shop)  # 164.50: now 91.50 are paid back
    with pytest.raises(TenderRefused):
        settle(shop, None)
    payments.answer(shop, "1", paid.payments[-1].payment_id, state="reversed", operator_id="zhou")
    assert [t.amount.minor for t in settle(shop, None).tenders] == [-91_50]


def test_a_terminal_pays_back_once_also_when_an_offer_ends_between(shop: Shop, clock: Clock) -> None:
    fill(shop, TEE, TEE, SOCKS, SOCKS)
    by_card(shop, 256_00, "T1-1")
    sale = settle(shop, None)
    offer = publish_jeans_off(shop)
    clock.at_ms += 60_000
    take_back(shop, sale, (1, 2), (2, 2))
    fill(shop, JEANS)
    back = by_card(shop, -91_50, "T1-2")
    promotions.withdraw(shop, offer, operator_id="he", request_id=shop.new_id())
    clock.at_ms += promotions.GRACE_MS  # now 73.00 are to be paid on top
    with pytest.raises(TenderRefused):
        settle(shop, 73_00)
    publish_jeans_off(shop)
    promotions.publish(shop, _deeper(), operator_id="he", request_id=shop.new_id())
    (part,) = returns.owed(shop, back, prices.priced(shop, back))[1]
    assert part.amount_minor > 91_50
    with pytest.raises(TenderRefused):  # it has paid back already, another amount
        by_card(shop, -part.amount_minor, "T1-3")
    payments.answer(shop, "1", back.payments[-1].payment_id, state="reversed", operator_id="zhou")
    by_card(shop, -part.amount_minor, "T1-3")
    assert [t.reference for t in settle(shop, None).tenders] == ["T1-3"]


def _deeper() -> promotions.Draft:
    return promotions.Draft(
        kind="percentage",
        layer=LINE,
        label_zh="牛仔裤二折",
        label_en="Jeans 80 % off",
        terms=Terms(goods=Goods(skus=(JEANS,))),
        params={"basis_points": 8_000},
    )


def test_a_removed_line_of_another_sale_does_not_come_back_into_the_bag(shop: Shop) -> None:
    first, second = sold(shop, TEE), sold(shop, JEANS)
    basket = take_back(shop, first, (1, 1))
    baskets.set_quantity(shop, "1", 1, 0, basket_id=basket.basket_id)
    held = take_back(shop, second, (1, 1))
    for again in (
        lambda: baskets.restore(shop, "1", 1, basket_id=held.basket_id),
        lambda: baskets.set_quantity(shop, "1", 1, 1, basket_id=held.basket_id),
    ):
        with pytest.raises((ReturnRefused, BasketFull)):
            again()
    assert settle(shop, None).total.minor == -329_00
    assert "expense:cash_rounding" not in balances()


def test_the_right_to_take_back_is_measured_by_all_that_comes_back_in_the_bag(shop: Shop) -> None:
    sale = sold(shop, JEANS, TEE, SOCKS, "T-W-M")  # 329, 99, 29, 99
    take_back(shop, sale, (1, 1))
    take_back(shop, sale, (2, 1))
    with pytest.raises(ApprovalNeeded) as refused:
        take_back(shop, sale, (3, 1), (4, 1))
    assert refused.value.details["size"] == 556_00
    held = take_back(shop, sale, (3, 1), (4, 1), approval=MANAGER)
    assert held.returning is not None and held.returning.approver_id == "he"


def test_what_was_removed_is_chosen_again_when_it_makes_more_than_was_agreed(shop: Shop) -> None:
    sale = sold(shop, JEANS, TEE, "T-W-M")
    held = take_back(shop, sale, (1, 1))
    take_back(shop, sale, (2, 1))
    baskets.set_quantity(shop, "1", 1, 0, basket_id=held.basket_id)
    baskets.restore(shop, "1", 1, basket_id=held.basket_id)
    baskets.set_quantity(shop, "1", 1, 0, basket_id=held.basket_id)
    take_back(shop, sale, (3, 1))  # 198.00 in the bag
    with pytest.raises(ReturnRefused):
        baskets.restore(shop, "1", 1, basket_id=held.basket_id)
    with pytest.raises(ApprovalNeeded):
        take_back(shop, sale, (1, 1))


def test_another_tender_pays_back_no_more_than_was_approved(shop: Shop) -> None:
    fill(shop, JEANS)
    by_card(shop, 329_00, "T1-1")
    sale = settle(shop, None)
    take_back(shop, sale, (1, 1))
    held = fill(shop, TEE)  # 230.00 are paid back
    returns.pay_back_with(
        shop,
        "1",
        basket_id=held.basket_id,
        tender_number=1,
        key="cash",
        approval=MANAGER,
        operator_id="zhou",
    )
    assert prices_back(shop) == [("cash", 230_00)]
    baskets.set_quantity(shop, "1", 2, 0, basket_id=held.basket_id)
    assert prices_back(shop) == [("card", 329_00)]  # it is asked for again


def prices_back(shop: Shop) -> list[tuple[str, int]]:
    held = baskets.current(shop, "1")
    _, back = returns.owed(shop, held, prices.priced(shop, held))
    return [(part.key, part.amount_minor) for part in back]


def test_a_price_changed_by_hand_counts_once_when_its_sale_is_undone(shop: Shop) -> None:
    basket = fill(shop, TEE)
    discounts.change_price(
        shop,
        "1",
        basket_id=basket.basket_id,
        line_id=1,
        price_minor=90_00,
        approval=MANAGER,
        operator_id="zhou",
    )
    document = void(shop, settle(shop, 90_00))
    assert [each.line.list_price for each in document.lines] == [None]


@pytest.mark.parametrize("mode", ["down", "up", "half_up"])
def test_an_equal_exchange_of_rounded_cash_leaves_nothing_over(
    clock: Clock, shop: Shop, mode: Literal["down", "up", "half_up"]
) -> None:
    """Neither a few fen to pay nor a few to pay back on the card; what was rounded is found at the end."""
    rounding = make_shop(clock, cash_rounding=Rounding(10_00, mode), new_id=shop.new_id)
    fill(rounding, TEE, "T-W-M")
    by_card(rounding, 70_00, "T1-1")
    sale = settle(rounding, 1_000_00)  # 128.00 in cash: 120.00 or 130.00
    take_back(rounding, sale, (1, 1))
    held = fill(rounding, TEE)
    left, back = returns.owed(rounding, held, prices.priced(rounding, held))
    assert (left.minor, back) == (0, ())
    exchange = settle(rounding, None)
    assert (exchange.total.minor, exchange.rounding.minor, exchange.tenders) == (0, 0, ())
    number = next(each.line.line_id for each in exchange.lines if each.line.quantity > 0)
    for document, line in ((exchange, number), (sale, 2)):
        basket = take_back(rounding, document, (line, 1))
        for part in returns.owed(rounding, basket, prices.priced(rounding, basket))[1]:
            if part.key == "card":
                by_card(rounding, -part.amount_minor, "T1-2")
        settle(rounding, None)
    assert balances() == {}
    assert books.differences() == []


def test_chains_of_equal_exchanges_neither_make_nor_lose_money(clock: Clock, shop: Shop) -> None:
    rounding = make_shop(clock, cash_rounding=Rounding(5_00, "down"), new_id=shop.new_id)
    held = sold(rounding, SOCKS)  # 29.00, paid 25.00
    for _ in range(20):
        line = next(each.line.line_id for each in held.lines if each.line.quantity > 0)
        take_back(rounding, held, (line, 1), approval=MANAGER)
        fill(rounding, SOCKS)
        held = settle(rounding, None)
        assert held.tenders == ()
    line = next(each.line.line_id for each in held.lines if each.line.quantity > 0)
    take_back(rounding, held, (line, 1), approval=MANAGER)
    back = settle(rounding, None)
    assert [t.amount.minor for t in back.tenders] == [-25_00]
    assert balances() == {} and books.differences() == []
