"""A seeded month in the shop on a disk that fails at random: the books agree with the journal all along."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from services.domain import exchange
from services.domain.errors import ShopError
from services.domain.money import Money
from services.domain.offers import ORDER, Terms
from services.domain.settlement import Rounding
from services.flows import (
    baskets,
    blind_returns,
    checkout,
    discounts,
    exchange_rates,
    foreign_cash,
    parking,
    payments,
    prices,
    promotions,
    returns,
    shifts,
    stock,
    voids,
)
from services.flows import gift_cards as cards
from services.flows.approvals import Approval
from services.flows.coming_back import anew_for, is_late, returnable
from services.flows.promotions import Draft
from services.flows.shop import Shop
from services.store import books, catalogue, db, gift_cards, journal
from services.store.db import LEDGER
from services.store.sales import VOID
from services.store.shifts import counts_of, open_of, z_of
from tests.faults import FailingConnection, failing
from tests.shop import JEANS, SOCKS, TEE, Clock, make_shop, open_store
from tests.sim.members import Members, told, told_by_zs

DAYS, STEPS = 30, 120
DAY_MS = 24 * 3_600_000
FAULT_EVERY = 6  # steps; the statement that fails is drawn as well
STATEMENTS = 25
TRIES_MAX = 5
SEEN = (
    *("fault", "settle", "card", "take_back", "void", "park", "resume", "Z", "notes", "rate"),
    *("without_receipt", "late", "anew", "exchange", "redeem"),
    *("named", "recharged", "paid_out", "pays_stored", "spends_points", "uses_coupon", "takes_best"),
)
# It came back at the other till, is worth another sum, or its member paid at the other till: what was paid
# before is taken back.
PAID_BACK_FOR = ("already_returned", "tender_refused", "stored_value_short")
MANAGER = Approval(approver_id="he", pin="735290", reason="month")
ALONE_MAX = 500_00  # what a cashier pays back alone in a day
SPEND = Draft(
    kind="spend_and_save",
    layer=ORDER,
    label_zh="满300减60",
    label_en="Spend 300, save 60",
    terms=Terms(on_return="recompute", uses_per_day=20),
    params={"steps": [{"threshold_minor": 300_00, "amount_minor": 60_00}]},
)


class Month:
    """What people do at two tills, drawn by a seed. A step that failed is asked again with the same key."""

    def __init__(self, shop: Shop, clock: Clock, seed: int) -> None:
        self.shop, self.clock = shop, clock
        self.chance = random.Random(seed)
        self.keys = 0
        self.done: Counter[str] = Counter()
        self.sold: list[str] = []
        self.cards: set[str] = set()  # codes of the gift cards made for goods without a receipt
        self.members = Members(shop, self.chance, self.key)
        self.steps: tuple[Callable[[str], object], ...] = (
            *(self.add, self.add, self.add, self.settle, self.settle, self.settle, self.settle),
            *(
                self.card,
                self.discount,
                self.take_back,
                self.take_back,
                self.void,
                self.void,
                self.park,
                self.resume,
            ),
            *(self.receive, self.adjust, self.publish, self.without_receipt, self.redeem),
            *(self.notes, self.rate),
            *(self.members.named, self.members.named, self.members.named, self.members.recharged),
            *(self.members.pays_stored, self.members.spends_points, self.members.paid_out),
            *(self.members.given_coupon, self.members.uses_coupon, self.members.takes_best),
        )

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def live_through(self) -> None:
        self.members.begin()
        for day in range(DAYS):
            for _ in range(STEPS):
                self.try_out(self.chance.choice(self.steps), self.chance.choice("12"))
            for till in "12":
                self.close(till)
            self.members.night()
            assert books.differences() == [], day
            assert alone_minor() <= ALONE_MAX, day
            self.clock.at_ms += DAY_MS - self.chance.randrange(3_600_000)

    def try_out(self, step: Callable[[str], object], till: str) -> None:
        """One step, refused where the shop refuses it; whole or absent where the disk fails."""
        state, keys = self.chance.getstate(), self.keys
        if self.chance.randrange(FAULT_EVERY) == 0:
            n = self.chance.randrange(1, STATEMENTS)
            state = self.chance.getstate()
            if not failing(n, lambda: self.refusable(step, till)):
                return
            self.done["fault"] += 1
            self.chance.setstate(state)  # the same wish again, under the same keys
            self.keys, used = keys, self.keys
            self.refusable(step, till)
            self.keys = max(self.keys, used)  # what a part of the first try has used is not free again
            return
        self.refusable(step, till)

    def refusable(self, step: Callable[[str], object], till: str) -> None:
        try:
            if step(till) is not None:
                self.done[step.__name__] += 1
        except ShopError as error:
            if error.code == "outcome_unknown":
                raise
            self.done[f"refused {error.code}"] += 1

    def add(self, till: str) -> object:
        sku = self.chance.choice((TEE, JEANS, SOCKS, "T-W-M"))
        return baskets.add(
            self.shop, till, sku=sku, code="", quantity=self.chance.randint(1, 3), request_id=self.key()
        )

    def settle(self, till: str) -> object:
        basket = baskets.current(self.shop, till)
        if not basket.standing:
            return None
        bag = prices.priced(self.shop, basket)
        left, back = returns.owed(self.shop, basket, bag)
        if left.minor < 0:  # an offer began after somebody had paid: that is taken back
            return self.reverse(till, basket)
        for part in back:
            if self.shop.tenders[part.key].outcome == "asked":
                basket = self.asked(till, part.key, -part.amount_minor)
        over = self.chance.choice((0, 1_00, 50_00))
        try:
            sale = checkout.settle(
                self.shop,
                till,
                basket_id=basket.basket_id,
                version=basket.version,
                tendered=[] if back or left.minor == 0 else [("cash", left.minor + over)],
                operator_id="zhou",
                request_id=self.key(),
            )
        except ShopError as refused:
            if refused.code in PAID_BACK_FOR:
                self.reverse(till, basket)
            raise
        if sale.kind == VOID:
            self.done["terminal void"] += 1
        else:
            self.sold.append(sale.sale_id)
        self.done["exchange"] += sale.kind == "exchange"
        return sale

    def reverse(self, till: str, basket: baskets.Basket) -> object:
        for made in basket.paid:
            payments.answer(
                self.shop, till, made.payment_id, state="reversed", reason="less is due", operator_id="zhou"
            )
        return None

    def asked(self, till: str, tender: str, minor: int) -> baskets.Basket:
        basket = baskets.current(self.shop, till)
        made = [each for each in basket.paid if (each.key, each.amount_minor) == (tender, minor)]
        if made:
            return basket
        held = basket.open_payment
        if held is None:
            basket = payments.begin(
                self.shop,
                till,
                basket_id=basket.basket_id,
                version=basket.version,
                tender=tender,
                amount_minor=minor,
                operator_id="zhou",
                request_id=self.key(),
            )
            held = basket.open_payment
        assert held is not None
        return payments.answer(
            self.shop, till, held.payment_id, state="paid", reference="T1-7", operator_id="zhou"
        )

    def card(self, till: str) -> object:
        basket = baskets.current(self.shop, till)
        left, back = returns.owed(self.shop, basket, prices.priced(self.shop, basket))
        if back or left.minor <= 0:
            return None
        return self.asked(till, self.chance.choice(("card", "mobile")), self.chance.randint(1, left.minor))

    def notes(self, till: str) -> object:
        """What is due in another currency, a part of it, or a large note."""
        basket = baskets.current(self.shop, till)
        offer = self.chance.choice(foreign_cash.offered(self.shop, basket))
        if offer.due is None or not offer.due.minor:
            return None
        given = self.chance.choice((*exchange.quick_amounts(offer.due), exchange.most(offer.due)))
        if self.chance.randrange(3) == 0:
            given = Money(exchange.SMALLEST_NOTE[offer.currency], offer.currency)
        return foreign_cash.take(
            self.shop,
            till,
            basket_id=basket.basket_id,
            version=basket.version,
            notes=given,
            approval=MANAGER,
            operator_id="zhou",
            request_id=self.key(),
        )

    def rate(self, till: str) -> object:
        currency, usual = self.chance.choice((("USD", 70_812), ("JPY", 482)))
        return exchange_rates.enter(
            self.shop,
            currency=currency,
            rate=exchange.rate_written((usual + self.chance.randrange(usual // 20)) * 10_000),
            source="month",
            sure=True,
            operator_id="he",
            request_id=self.key(),
        )

    def discount(self, till: str) -> object:
        basket = baskets.current(self.shop, till)
        return discounts.discount(
            self.shop,
            till,
            basket_id=basket.basket_id,
            line_id=0,
            percent_bp=self.chance.choice((0, 500, 3_000)),
            amount_minor=0,
            reason="month",
            approval=MANAGER,
            operator_id="zhou",
        )

    def take_back(self, till: str) -> object:
        if not self.sold:
            return None
        sale_id = self.chance.choice(self.sold)
        left = [(line, n) for line, n in returnable(sale_id).left.items() if n]
        if not left:
            return None
        line, pieces = self.chance.choice(left)
        sale = checkout.find(sale_id)
        late = is_late(self.shop, sale, sale.lines[line - 1].line.category)
        approval = self.chance.choice((MANAGER, MANAGER, None))
        held = returns.take_back(
            self.shop,
            till,
            basket_id=baskets.current(self.shop, till).basket_id,
            sale_id=sale_id,
            pieces=[(line, self.chance.randint(1, pieces))],
            reason="size",
            approval=approval,
            operator_id="zhou",
            request_id=self.key(),
        )
        assert not late or held.returning is None or held.returning.approver_id == "he"
        self.done["late"] += late
        self.done["anew"] += bool(anew_for(sale))
        return held

    def without_receipt(self, till: str) -> object:
        sku, count = self.chance.choice((TEE, SOCKS, "T-W-M")), self.chance.randint(1, 2)
        (minor,) = blind_returns.worth(self.shop, [(sku, count)])
        document = blind_returns.take_back(
            self.shop,
            till,
            pieces=[(sku, count)],
            total_minor=minor,
            reason="size",
            approval=MANAGER,
            operator_id="zhou",
            request_id=self.key(),
        )
        (made,) = gift_cards.moves(document.sale_id)
        self.cards.add(made.code)
        return document

    def redeem(self, till: str) -> object:
        """The credit of a return without a receipt pays for something, at last."""
        basket = baskets.current(self.shop, till)
        if not self.cards or not basket.standing:
            return None
        return cards.redeem(
            self.shop,
            till,
            basket_id=basket.basket_id,
            version=basket.version,
            code=self.chance.choice(sorted(self.cards)),
            amount_minor=0,
            operator_id="zhou",
            request_id=self.key(),
        )

    def void(self, till: str) -> object:
        latest = [sale for sale in map(checkout.find, self.sold[-9:]) if sale.till == till]
        if not latest:
            return None
        able = [sale for sale in latest if voids.possible(self.shop, till, returnable(sale.sale_id))]
        asking = [sale for sale in able if voids.asks(self.shop, sale)]
        sale = (asking or able or latest)[-1]
        if voids.asks(self.shop, sale) and baskets.current(self.shop, till).standing:
            return self.settle(till)  # only an empty bag undoes a sale that a terminal has part in
        undo = voids.begin if voids.asks(self.shop, sale) else voids.void
        return undo(
            self.shop,
            till,
            sale.sale_id,
            reason="mistake",
            approval=MANAGER,
            operator_id="zhou",
            request_id=self.key(),
        )

    def park(self, till: str) -> object:
        basket = baskets.current(self.shop, till)
        return parking.park(
            self.shop,
            till,
            basket_id=basket.basket_id,
            version=basket.version,
            reason="phone_call",
            note="",
            operator_id="zhou",
            request_id=self.key(),
        )

    def resume(self, till: str) -> object:
        rows = LEDGER.execute_sql("SELECT parked_id FROM parked WHERE state = 'parked'").fetchall()
        if not rows:
            return None
        return parking.resume(
            self.shop,
            till,
            self.chance.choice(rows)[0],
            operator_id="zhou",
            request_id=self.key(),
            park_first=True,
        )

    def receive(self, till: str) -> object:
        return stock.receive(
            self.shop,
            [(TEE, self.chance.randint(1, 20)), (SOCKS, self.chance.randint(1, 20))],
            number="",
            supplier="mill",
            operator_id="he",
            request_id=self.key(),
        )

    def adjust(self, till: str) -> object:
        return stock.adjust(
            self.shop, [(SOCKS, -1)], reason="damaged", note="", operator_id="he", request_id=self.key()
        )

    def publish(self, till: str) -> object:
        if self.chance.randrange(4):
            return None
        return promotions.publish(self.shop, SPEND, operator_id="he", request_id=self.key())

    def give_up(self, till: str) -> object:
        """What comes back in the bag came back elsewhere: payments are taken back, then the lines."""
        basket = baskets.current(self.shop, till)
        for held in basket.paid:
            payments.answer(self.shop, till, held.payment_id, state="reversed", operator_id="zhou")
        if basket.undoing:
            return voids.leave(self.shop, till, basket_id=basket.basket_id)
        for line in basket.standing:
            baskets.set_quantity(self.shop, till, line.line_id, 0, basket_id=basket.basket_id)
        return basket

    def close(self, till: str) -> None:
        """Whatever is in the bag is finished, then the drawer is counted and the shift closed."""
        basket = baskets.current(self.shop, till)
        if basket.open_payment is not None:
            held = basket.open_payment
            payments.answer(self.shop, till, held.payment_id, state="declined", operator_id="zhou")
        if basket.standing:
            self.refusable(self.settle, till)
        if baskets.current(self.shop, till).standing:
            self.refusable(self.give_up, till)
        if baskets.current(self.shop, till).paid:
            return
        shift = open_of(till)
        if shift is None:
            shifts.open_shift(self.shop, till, None, operator_id="zhou", request_id=self.key())
            shift = open_of(till)
        assert shift is not None
        if not counts_of(shift.shift_id):
            shifts.count(
                self.shop,
                shift.shift_id,
                [["CNY", [[100_00, 3]]]],
                operator_id="zhou",
                request_id=self.key(),
            )
        shifts.close(
            self.shop,
            shift.shift_id,
            reason="miscounted",
            approval=MANAGER,
            operator_id="zhou",
            request_id=self.key(),
        )
        self.done["Z"] += 1


# What came over the counter in notes and went back, of sales that a Z tells of.
_NOTES = (
    "SELECT t.currency, SUM(t.foreign_minor) FROM tender t JOIN sale s USING (sale_id)"
    " WHERE t.currency <> '' AND s.journal_seq <="
    " (SELECT MAX(last_seq) FROM shift WHERE shift.till = s.till AND state <> 'open') GROUP BY t.currency"
)

_TAXES = (
    "SELECT l.tax_bp, SUM(l.tax_minor), SUM(l.bonus_minor) FROM sale_line l JOIN sale s USING (sale_id)"
    " WHERE l.tax_bp > 0 AND s.journal_seq <="
    " (SELECT MAX(last_seq) FROM shift WHERE shift.till = s.till AND state <> 'open') GROUP BY l.tax_bp"
)


def notes_in_zs() -> dict[str, int]:
    """By currency: what all Zs together say that notes took, less what they gave back."""
    found: Counter[str] = Counter()
    for (shift_id,) in LEDGER.execute_sql("SELECT shift_id FROM z_report").fetchall():
        held = z_of(shift_id)
        assert held is not None
        for each in held[0].foreign:
            found[each.currency] += each.foreign_minor - each.refunds_foreign_minor
    return {key: minor for key, minor in found.items() if minor}


def taxes_in_zs() -> list[tuple[int, int, int]]:
    """By rate: the tax and the bonus without tax that all Zs together tell of."""
    taxes: Counter[int] = Counter()
    bonuses: Counter[int] = Counter()
    for (shift_id,) in LEDGER.execute_sql("SELECT shift_id FROM z_report").fetchall():
        held = z_of(shift_id)
        assert held is not None
        for each in held[0].taxes:
            taxes[each.tax_bp] += each.tax_minor
            bonuses[each.tax_bp] += each.bonus_minor
        assert held[0].bonus_minor == sum(each.bonus_minor for each in held[0].taxes)
    return [(rate, taxes[rate], bonuses[rate]) for rate in sorted(taxes)]


def alone_minor() -> int:
    """The most that the cashier paid back in one day with nobody's leave."""
    rows = LEDGER.execute_sql(
        "SELECT -SUM(net_minor) FROM sale JOIN sale_line USING (sale_id)"
        " WHERE return_of <> '' AND NOT voided AND kind IN ('return', 'exchange')"
        " AND approver_id = '' GROUP BY business_day"
    ).fetchall()
    return max((int(minor) for (minor,) in rows), default=0)


@pytest.mark.parametrize("seed", range(2))
def test_a_month_of_shop_days_leaves_clean_books(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": FailingConnection, **k}))
    open_store(tmp_path / "month.db")
    clock = Clock()
    shop = make_shop(clock, cash_rounding=Rounding(10, "down"), foreign_cash=("USD", "JPY"), tax_bp=1300)
    with db.write():
        catalogue.put_style("K1", "精梳棉袜", "accessories", "sock", "jsmw", 3, 900)
    month = Month(shop, clock, seed)
    month.live_through()
    assert books.differences() == [] and books.faults() == []
    assert journal.first_break() == 0
    sums = LEDGER.execute_sql("SELECT DISTINCT SUM(amount_minor) FROM posting GROUP BY sale_id").fetchall()
    assert sums == [(0,)]
    assert notes_in_zs() == {key: minor for key, minor in LEDGER.execute_sql(_NOTES) if minor}
    assert taxes_in_zs() == LEDGER.execute_sql(f"{_TAXES} ORDER BY 1").fetchall()
    assert any(bonus_minor > 0 for _, _, bonus_minor in taxes_in_zs()), "some rate was paid with bonus"
    assert told_by_zs() == told()
    done = month.done
    assert min(done[each] for each in (*SEEN, "terminal void")) > 5
    LEDGER.shut()
