"""Notes of other currencies at the till: what is due in them, what they count, and taking them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from services.domain import exchange as rules
from services.domain import payment
from services.domain.basket import Basket
from services.domain.errors import BasketChanged, BasketEmpty, TenderRefused
from services.domain.exchange import ForeignCash, Rate
from services.domain.money import Money
from services.domain.payment import Payment
from services.domain.priced import PricedBag
from services.flows import exchange_rates, payments, returns
from services.flows.approvals import Approval, approve, granted
from services.flows.baskets import current
from services.flows.prices import priced
from services.flows.shop import Shop
from services.store import db, requests
from services.store import exchange_rates as stored

STALE = "stale_rate"  # the right


@dataclass(frozen=True, slots=True)
class Offer:
    """What is left to pay in one currency. Without a rate nothing can be paid in it."""

    currency: str
    rate: Rate | None = None
    stale: bool = False
    due: Money | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """What so many notes would mean, in the shop's money."""

    worth: Money
    change: Money
    short: Money


def offered(shop: Shop, basket: Basket) -> tuple[Offer, ...]:
    """Each currency that the shop takes, in the order of the settings."""
    left = _left(shop, basket)
    return tuple(_offer(shop, basket, currency, left) for currency in shop.foreign_cash)


def quote(shop: Shop, basket: Basket, notes: Money) -> Quote:
    """What taking `notes` would mean. Raises TenderRefused and RateMissing as take() does."""
    rate, left = _rate(shop, basket, notes.currency), _left(shop, basket)
    worth = _worth(shop, left, notes, rate)
    over = max(Money(0, shop.currency), worth - left)
    short = max(Money(0, shop.currency), left - worth)
    return Quote(worth, shop.cash_rounding.change(over, worth), short)


def take(
    shop: Shop,
    till: str,
    *,
    basket_id: str,
    version: int,
    notes: Money,
    approval: Approval | None = None,
    operator_id: str,
    request_id: str,
) -> Basket:
    """Let notes of another currency pay: a payment of the bag, worth what the rate of now says; while it
    stands, that rate holds for the whole bag. It is taken back with "reversed": the notes are handed back.

    A repeat changes nothing. Raises ApprovalNeeded and what approve() raises for a rate that is older than
    a day, RateMissing, TenderRefused for a currency that is not taken, for no notes, or for more than
    anybody would give, BasketChanged, BasketEmpty, PaymentOpen.
    """
    asked = requests.fingerprint("foreign_cash", till, basket_id, version, notes.currency, notes.minor)
    if requests.answer(request_id, asked) is not None:
        return current(shop, till)
    rate = _rate(shop, current(shop, till), notes.currency)
    answers = _answers_for(shop, current(shop, till), rate, approval, operator_id)
    with db.write():
        basket = current(shop, till)
        if requests.answer(request_id, asked) is not None:
            return basket
        if (basket.basket_id, basket.version) != (basket_id, version):
            raise BasketChanged("the basket has changed since it was shown", version=basket.version)
        if not basket.standing:
            raise BasketEmpty("the basket is empty")
        payments.ended(basket)
        worth = _worth(shop, _left(shop, basket), notes, rate)
        if answers:
            subject = f"bag {basket_id}"
            granted(shop, STALE, answers, approval, operator_id=operator_id, subject=subject)
        held = ForeignCash(notes.currency, notes.minor, rate.buy_e8, rate.rate_id)
        paid = Payment(
            *(shop.new_id(), rules.TENDER, worth.minor, payment.PAID, shop.now_ms()), foreign=held
        )
        after = replace(basket, version=version + 1, payments=(*basket.payments, paid))
        payments.keep(shop, till, after, paid, operator_id, "")
        requests.remember(request_id, asked, paid.payment_id, shop.now_ms())
    return after


def change(shop: Shop, basket: Basket, bag: PricedBag) -> Money:
    """What the notes in a bag are worth too much: given back when the sale is closed."""
    worth = [each.amount_minor for each in basket.paid if each.foreign is not None]
    none = Money(0, shop.currency)
    if not worth:
        return none
    made = returns.plan(shop, basket, bag)
    due = bag.total if made is None else Money(made.left_minor, shop.currency)
    over = Money(min(basket.paid_minor - due.minor, worth[-1]), shop.currency)
    return shop.cash_rounding.change(over, Money(worth[-1], shop.currency)) if over > none else none


def _offer(shop: Shop, basket: Basket, currency: str, left: Money) -> Offer:
    rate = _held(basket, currency) or stored.in_force(currency, shop.now_ms())
    if rate is None:
        return Offer(currency)
    stale = rate.stale(shop.now_ms()) and _held(basket, currency) is None
    return Offer(currency, rate, stale, rules.needed(left, rate.buy_e8, currency))


def _held(basket: Basket, currency: str) -> Rate | None:
    """The rate that this bag has been paid with already: it holds for the whole of it."""
    for made in basket.paid:
        if made.foreign is not None and made.foreign.currency == currency:
            return stored.by_id(made.foreign.rate_id)
    return None


def _rate(shop: Shop, basket: Basket, currency: str) -> Rate:
    if currency not in shop.foreign_cash:
        raise TenderRefused("notes of this currency are not taken", key=rules.TENDER, currency=currency)
    return _held(basket, currency) or exchange_rates.in_force(shop, currency)


def _answers_for(
    shop: Shop, basket: Basket, rate: Rate, approval: Approval | None, operator_id: str
) -> str:
    """Who answers for a rate that is old; "" where nobody has to, or somebody has for this bag."""
    if not rate.stale(shop.now_ms()) or _held(basket, rate.currency) is not None:
        return ""
    return approve(shop, STALE, approval, operator_id=operator_id)


def _worth(shop: Shop, left: Money, notes: Money, rate: Rate) -> Money:
    if not rules.in_notes(notes):
        raise TenderRefused(
            "only whole notes are taken",
            amount_minor=notes.minor,
            step_minor=rules.SMALLEST_NOTE[notes.currency],
        )
    need = rules.needed(left, rate.buy_e8, notes.currency)
    if not left.minor or notes > rules.most(need):
        raise TenderRefused("nobody gives so many notes", most_minor=rules.most(need).minor)
    worth = rules.worth(notes, rate.buy_e8, shop.currency)
    if not worth.minor:
        raise TenderRefused("these notes are worth nothing", amount_minor=notes.minor)
    return worth


def _left(shop: Shop, basket: Basket) -> Money:
    """Still to pay; zero where money is paid back."""
    left, back = returns.owed(shop, basket, priced(shop, basket))
    return Money(0 if back else max(0, left.minor), shop.currency)
