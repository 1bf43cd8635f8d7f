"""Stored value that pays for a bag: promised in the bag, taken when the sale closes, given back later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from msgspec import structs

from services.domain import bonus as bonus_rules
from services.domain import payment
from services.domain import stored_value as rules
from services.domain.basket import Basket
from services.domain.errors import BasketChanged, BasketEmpty, TenderRefused
from services.domain.member_errors import MemberUnknown
from services.domain.money import rounded
from services.domain.payment import Payment
from services.domain.priced import PricedBag
from services.domain.settlement import Covered
from services.domain.stored_value import TENDER, Parts
from services.domain.tender_errors import StoredValueShort
from services.flows import gift_cards, payments, stored_value_accounts, stored_value_moves
from services.flows.baskets import current
from services.flows.prices import priced
from services.flows.shop import Shop
from services.flows.stored_value_moves import Moment
from services.store import db, members, requests
from services.store.sales import Sale

NOTHING = Parts(0, 0)


@dataclass(frozen=True, slots=True)
class Worth:
    """What the member of a bag has, and how much of what is left to pay that can pay; minor units."""

    has_minor: int = 0
    usable_minor: int = 0
    frozen: bool = False  # somebody has stopped the account: it pays nothing


def worth(shop: Shop, basket: Basket, bag: PricedBag) -> Worth:
    if not basket.member_id:
        return Worth()
    group = members.group(basket.member_id)
    has = stored_value_moves.balance(shop, group).total
    if stored_value_moves.stopped(group):
        return Worth(has, frozen=True)
    promised = sum(each.amount_minor for each in basket.paid if each.key == TENDER)
    return Worth(has, max(0, min(gift_cards.open_minor(shop, basket, bag), has - promised)) if has else 0)


def redeem(
    shop: Shop,
    till: str,
    *,
    basket_id: str,
    version: int,
    amount_minor: int,
    pin: str = "",
    present: bool = False,
    operator_id: str,
    request_id: str,
) -> Basket:
    """Let the bag's member pay so much of it, 0 for as much as they can; it falls when the sale closes.

    `pin` is theirs; `present`: the operator has looked at who stands there. What a bag is paid with so in
    several parts needs a proof as it would in one. It is taken back like a payment, with "reversed". A
    repeat changes nothing. Raises MemberUnknown for a bag of nobody known,
    StoredValueShort, StoredValueFrozen, ProofNeeded, PinRefused, PinLocked, TenderRefused for more than it
    may pay here, BasketChanged, BasketEmpty, PaymentOpen.
    """
    asked = requests.fingerprint("stored_value.pay", till, basket_id, version, amount_minor)
    if requests.answer(request_id, asked) is not None:
        return current(shop, till)
    proof = _proved(shop, till, pin, present)
    with db.write():
        basket = current(shop, till)
        if requests.answer(request_id, asked) is not None:
            return basket
        if (basket.basket_id, basket.version) != (basket_id, version):
            raise BasketChanged("the basket has changed since it was shown", version=basket.version)
        if not basket.standing:
            raise BasketEmpty("the basket is empty")
        payments.ended(basket)
        amount = _agreed(shop, basket, amount_minor)
        stored_value_moves.check_proof(shop, amount + _unproved_minor(basket), proof)
        payment_id = shop.new_id()
        reference = rules.reference(payment_id, proof)
        paid = Payment(payment_id, TENDER, amount, payment.PAID, shop.now_ms(), reference)
        after = replace(basket, version=version + 1, payments=(*basket.payments, paid))
        payments.keep(shop, till, after, paid, operator_id, "")
        requests.remember(request_id, asked, payment_id, shop.now_ms())
    return after


def parted(shop: Shop, sale: Sale) -> Sale:
    """Inside the transaction of a document, before its rows: with the bonus in the stored value that pays
    told apart, of each tender and of each line, and the tax of what is left. Most have none, and stay as
    they are. Raises what quoted() raises."""
    paying = [each.amount.minor for each in sale.tenders if each.key == TENDER and each.amount.minor > 0]
    tenders, bonus_minor = sale.tenders, bonus_rules.carried(sale.lines, sale.drawn)
    if paying:
        when = stored_value_moves.moment(shop, sale.operator_id, at_ms=sale.ended_at_ms)
        parts = stored_value_moves.quoted(shop, members.group(sale.member_id), when, paying)
        bonus_minor += sum(each.bonus for each in parts)
        tenders = tuple(_parted(sale.tenders, parts))
    if not bonus_minor:
        return sale
    return structs.replace(sale, lines=bonus_rules.borne(sale.lines, bonus_minor), tenders=tenders)


def _parted(tenders: Iterable[Covered], parts: Iterable[Parts]) -> Iterator[Covered]:
    left = iter(parts)
    for each in tenders:
        stored = each.key == TENDER and each.amount.minor > 0
        yield structs.replace(each, bonus_minor=next(left).bonus) if stored else each


def follow(shop: Shop, sale: Sale, when: Moment) -> Parts:
    """Inside the transaction of a document: take what it pays, give back what it pays back; the balance of
    both as (principal, bonus), above zero for what was taken. Raises what spend() and refund() raise."""
    principal = bonus = 0
    for tender in (each for each in sale.tenders if each.key == TENDER and each.amount.minor):
        spend_id, proof = rules.read(tender.reference)
        minor = tender.amount.minor
        if minor > 0:
            parts = stored_value_moves.spend(
                *(shop, members.group(sale.member_id), when),
                spend_id=spend_id,
                minor=minor,
                listed_minor=_listed(sale, minor),
                proof=proof,
            )
            assert parts.bonus == tender.bonus_minor, (parts, tender)
            principal, bonus = principal + parts.principal, bonus + parts.bonus
        else:
            parts = stored_value_moves.refund(shop, when, spend_id=spend_id, minor=-minor)
            assert tender.bonus_minor in (0, -parts.bonus), (parts, tender)  # 0: booked whole then
            principal, bonus = principal - parts.principal, bonus - parts.bonus
    return Parts(principal, bonus)


def _proved(shop: Shop, till: str, pin: str, present: bool) -> str:
    """ "pin", "present" or "" for nothing that proves who stands there."""
    basket = current(shop, till)
    if not basket.member_id:
        raise MemberUnknown("nobody known buys this bag")
    group = members.group(basket.member_id)
    stored_value_moves.check_open(group)
    if pin:
        stored_value_accounts.prove(shop, group, pin, till)
        return "pin"
    return "present" if present else ""


def _unproved_minor(basket: Basket) -> int:
    """What the bag is paid with already of somebody whom nobody has looked at."""
    mine = (each for each in basket.paid if each.key == TENDER)
    return sum(each.amount_minor for each in mine if not rules.read(each.reference)[1])


def _agreed(shop: Shop, basket: Basket, wanted: int) -> int:
    if not basket.member_id:
        raise MemberUnknown("nobody known buys this bag")
    has = stored_value_moves.balance(shop, members.group(basket.member_id))
    if wanted > has.total or not has.total:
        raise StoredValueShort(
            "there is not so much on the account", principal_minor=has.principal, bonus_minor=has.bonus
        )
    usable = worth(shop, basket, priced(shop, basket)).usable_minor
    if not usable or not 0 <= wanted <= usable:
        raise TenderRefused("it may not pay so much here", most_minor=usable)
    return wanted or usable


def _listed(sale: Sale, minor: int) -> int:
    """The share of a payment in what the goods cost before any discount."""
    bought = [each.line for each in sale.lines if not each.line.voided and each.line.quantity > 0]
    listed = sum((line.list_price or line.unit_price).minor * line.quantity for line in bought)
    due = sum(each.net.minor for each in sale.lines if each.line.quantity > 0)
    return rounded(listed * minor, due) if due else minor
