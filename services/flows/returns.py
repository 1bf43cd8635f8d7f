"""Goods that come back: looked up by their receipt, put into the bag, paid back the way they were paid."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.domain import days
from services.domain import returns as rules
from services.domain import stored_value as value
from services.domain.basket import Basket, Line, Returning
from services.domain.errors import (
    AlreadyReturned,
    BasketChanged,
    ReturnRefused,
    SaleUnknown,
    TenderRefused,
)
from services.domain.gift_cards import is_card
from services.domain.money import Money
from services.domain.priced import PricedBag
from services.domain.recompute import Anew
from services.domain.returns import Back, Plan, Source
from services.domain.tender_errors import GiftCardRefused
from services.flows import stored_value_moves
from services.flows.approvals import Approval, approve, granted
from services.flows.baskets import current
from services.flows.coming_back import Returnable, brought, coming_back, is_late, returnable, valued, worths
from services.flows.prices import priced
from services.flows.shop import Shop
from services.store import baskets, db, requests, returns, rights, sales, staff
from services.store.returns import Summary
from services.store.sales import Sale

RIGHT = "return"
LATE = "return_late"
OTHER_TENDER = "refund_tender"
CASH = "cash"
_NUMBER = re.compile(
    r"(?P<store>[A-Za-z0-9_-]{1,32})-(?P<till>[A-Za-z0-9]{1,8})-(?P<seq>[0-9]{6,12})", re.ASCII
)


def find(shop: Shop, number: str) -> Returnable:
    """The sale of a receipt's number, or of its end at any of our tills. Raises SaleUnknown."""
    found = _NUMBER.fullmatch(number.strip())
    if found is None or found["store"] != shop.store_id:
        raise SaleUnknown("no receipt of this shop has this number", number=number[:80])
    sale_id = returns.by_number(found["till"], int(found["seq"]))
    if sale_id is None:
        raise SaleUnknown("no receipt has this number", number=number)
    return returnable(sale_id)


def recent(shop: Shop, till: str, before_ms: int = 0) -> list[Summary]:
    """The newest sales of a till, for a customer without a receipt."""
    return returns.recent(till, before_ms or shop.now_ms() + 1)


def take_back(
    shop: Shop,
    till: str,
    *,
    basket_id: str,
    sale_id: str,
    pieces: Sequence[tuple[int, int]],  # (line of the sale, pieces that come back)
    reason: str,
    approval: Approval | None,
    operator_id: str,
    request_id: str,
) -> Basket:
    """Put pieces of one sale into the bag as goods that come back; more articles make it an exchange.

    A repeat changes nothing. Raises ApprovalNeeded (and what approve() raises) beyond what the operator may
    pay back alone in a day and after the days in which the goods come back, AlreadyReturned for more than
    is left, ReturnRefused for a second sale in one bag or a line that cannot come back, BasketChanged,
    BasketFull, PaymentOpen, SaleUnknown.
    """
    asked = requests.fingerprint(
        "return", till, basket_id, sale_id, [list(each) for each in pieces], reason
    )
    if requests.answer(request_id, asked) is not None:
        return current(shop, till)
    terms = Returning(sale_id, sales.number_of(sale_id), reason, operator_id, operator_id=operator_id)
    agreed = _asked(shop, _taking(shop, current(shop, till), sale_id, pieces, terms), pieces)
    people = {
        right: approve(shop, right, approval, operator_id=operator_id, size=size)
        for right, size in agreed.items()
    }
    with db.write():
        basket = current(shop, till)
        if requests.answer(request_id, asked) is not None:
            return basket
        if basket.basket_id != basket_id:
            raise BasketChanged("these goods were meant for another bag", version=basket.version)
        after = _taking(shop, basket, sale_id, pieces, terms)
        now = _asked(shop, after, pieces)
        if any(size > agreed.get(right, -1) for right, size in now.items()):
            raise BasketChanged("more comes back than was agreed", version=basket.version)
        for right, size in agreed.items():
            granted(
                shop,
                right,
                people[right],
                approval,
                operator_id=operator_id,
                subject=f"sale {terms.number}",
                size=size,
            )
        terms = replace(terms, approver_id=_answers(basket, people, operator_id))
        after = replace(after, returning=replace(terms, agreed_minor=after.back_minor))
        baskets.save(till, after)
        requests.remember(request_id, asked, str(after.version), shop.now_ms())
    return after


def worth(
    shop: Shop, till: str, sale_id: str, pieces: Sequence[tuple[int, int]]
) -> tuple[int, Anew | None]:
    """What these pieces would pay back, with what comes back of that sale in the bag already, and how it
    was reckoned where not by shares. Raises as take_back() does."""
    terms = Returning(sale_id, "", "", "")
    coming = coming_back(_taking(shop, current(shop, till), sale_id, pieces, terms))
    together = [(line.returned.line_number, -line.quantity) for line in coming if line.returned is not None]
    lines, found = worths(shop, returnable(sale_id), together)
    return -sum(line.returned.net_minor for line in lines if line.returned is not None), found


def _asked(shop: Shop, after: Basket, pieces: Sequence[tuple[int, int]]) -> dict[str, int]:
    """right -> at which size it is needed: for all that the operator pays back alone on this day, and for
    goods that come back late."""
    terms = after.returning
    assert terms is not None
    needed = {RIGHT: after.back_minor + _alone_minor(shop, terms.operator_id)}
    sale = returnable(terms.sale_id).sale
    numbers = {line_number for line_number, _ in pieces}
    if any(is_late(shop, sale, each.line.category) for each in sale.lines if each.line.line_id in numbers):
        needed[LATE] = 0
    return needed


def _alone_minor(shop: Shop, operator_id: str) -> int:
    today = days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
    return returns.answered_minor(operator_id, today)


def _answers(before: Basket, people: Mapping[str, str], operator_id: str) -> str:
    """Whoever approved it, also earlier for the same bag; else the operator."""
    earlier = before.returning.approver_id if before.returning and coming_back(before) else operator_id
    return next((who for who in (*people.values(), earlier) if who != operator_id), operator_id)


def within_limit(shop: Shop, basket: Basket) -> None:
    """Before money moves: whoever took this back alone still may, whatever came back elsewhere meanwhile.
    Raises ReturnRefused: chosen from the receipt again, it is approved."""
    terms = basket.returning
    if terms is None or terms.approver_id != terms.operator_id or not coming_back(basket):
        return
    person = staff.by_id(terms.operator_id)
    size = basket.back_minor + _alone_minor(shop, terms.operator_id)
    if person is None or not rights.by_key(RIGHT).alone(person.role, size):
        raise ReturnRefused("choose it from the receipt again", number=terms.number)


def _taking(
    shop: Shop, basket: Basket, sale_id: str, pieces: Sequence[tuple[int, int]], terms: Returning
) -> Basket:
    """The bag with these pieces. The right to take back is measured by all that comes back in it."""
    before = basket.returning
    if before is not None and before.sale_id != sale_id and coming_back(basket):
        raise ReturnRefused("one bag takes back goods of one sale", number=before.number)
    basket = replace(basket, member_id=basket.member_id or sales.member_of(sale_id))
    return valued(shop, basket.taking_back(_wanted(returnable(sale_id), pieces), terms, shop.now_ms()))


def pay_back_with(
    shop: Shop,
    till: str,
    *,
    basket_id: str,
    tender_number: int,
    key: str,
    approval: Approval | None,
    operator_id: str,
) -> Basket:
    """Let another tender pay back for one of the original sale that cannot; a repeat changes nothing. An
    account of stored value always can: its bonus is never paid out.

    Raises ApprovalNeeded, TenderRefused for a tender that pays nothing back, BasketChanged, ReturnRefused.
    """
    if key not in shop.tenders or not shop.tenders[key].pays_back:
        raise TenderRefused("this tender pays nothing back", key=key)
    size = _paid_back_by(shop, current(shop, till), tender_number)
    approver = approve(shop, OTHER_TENDER, approval, operator_id=operator_id, size=size)
    with db.write():
        basket = current(shop, till)
        terms = basket.returning
        if basket.basket_id != basket_id:
            raise BasketChanged("this was meant for another bag", version=basket.version)
        if terms is None or not coming_back(basket):
            raise ReturnRefused("nothing comes back in this bag")
        if _paid_back_by(shop, basket, tender_number) > size:
            raise BasketChanged("more is paid back than was agreed", version=basket.version)
        instead = (*(pair for pair in terms.instead if pair[0] != tender_number), (tender_number, key))
        if set(instead) == set(terms.instead):
            return basket
        granted(
            shop,
            OTHER_TENDER,
            approver,
            approval,
            operator_id=operator_id,
            subject=f"sale {terms.number}",
            size=size,
        )
        kept = replace(terms, instead=instead)
        after = replace(basket.unpaid(), version=basket.version + 1, returning=kept)
        baskets.save(till, after)
    return after


def plan(shop: Shop, basket: Basket, bag: PricedBag) -> Plan | None:
    """How the returned goods of a bag are settled; None when nothing comes back."""
    terms = basket.returning
    coming = coming_back(basket)
    if terms is None or not coming:
        return None
    sale = sales.by_id(terms.sale_id)
    assert sale is not None, terms
    now_minor = -sum(line.returned.net_minor for line in coming if line.returned is not None)
    planned = {key for key, tender in shop.tenders.items() if tender.outcome == "planned"}
    sources = [
        _paying(shop, terms, sale, replace(source, turn=rules.FIRST) if source.key in planned else source)
        for source in _sources(sale, dict(terms.instead))
    ]
    used = returns.drawn(sale.sale_id)
    sold_minor = sum(each.net.minor for each in sale.lines if each.line.quantity > 0)
    paid_minor = sum(source.left_minor for source in sources)
    cash = [tender.key for tender in shop.tenders.values() if tender.rounds]
    return rules.plan(
        rules.credit(sold_minor, paid_minor, returns.net_minor(sale.sale_id), now_minor),
        now_minor,
        sum(each.net.minor for each in bag.standing if each.line.returned is None),
        [replace(source, left_minor=source.left_minor - used.get(source.n, 0)) for source in sources],
        shop.cash_rounding,
        cash,
        returns.paid_back(sale.sale_id, cash),
        shop.currency,
    )


def _paying(shop: Shop, terms: Returning, sale: Sale, source: Source) -> Source:
    """What pays back for a source. For notes of another currency the shop's own cash does, at the rate of
    then and after all that can take back its own; where the sale is undone whole, the notes themselves go
    back. For stored value of somebody who was erased cash does as well, bonus and all: nobody could ever
    use what goes back there."""
    if source.key == value.TENDER and stored_value_moves.ownerless(value.read(source.reference)[0]):
        return replace(source, key=CASH)
    tender = shop.tenders.get(source.key)
    if tender is None or tender.outcome != "exchanged":
        return source
    own = sale.tenders[source.n - 1] if source.n <= len(sale.tenders) else None  # or of the sale before
    if terms.whole:
        return replace(source, undone=own)
    return replace(source, key=CASH, taken=own, turn=rules.LAST)


def standing(sale: Sale) -> list[Source]:
    """What still pays for the goods of a sale that have not come back, by whatever it was paid."""
    used = returns.drawn(sale.sale_id)
    return [
        replace(source, left_minor=source.left_minor - used.get(source.n, 0))
        for source in _sources(sale, {})
    ]


def _sources(sale: Sale, instead: dict[int, str]) -> list[Source]:
    """What paid for the goods of a sale, whole: its tenders, and what an exchange took over from before."""
    own = [
        Source(n, instead.get(n, t.key), t.amount.minor, t.reference, parted=bool(t.bonus_minor))
        for n, t in enumerate(sale.tenders, 1)
        if t.amount.minor > 0
    ]
    return [*own, *_carried(sale, instead)]


def _carried(sale: Sale, instead: dict[int, str]) -> list[Source]:
    kept = {d.n: d.amount_minor - d.back_minor for d in sale.drawn if d.amount_minor > d.back_minor}
    before = sales.by_id(sale.original_id) if kept else None
    if before is None:
        return []
    return [
        replace(
            source,
            n=rules.CARRIED + source.n,
            key=instead.get(rules.CARRIED + source.n, source.key),
            left_minor=kept[source.n],
        )
        for source in _sources(before, {})
        if source.n in kept
    ]


def owed(shop: Shop, basket: Basket, bag: PricedBag) -> tuple[Money, tuple[Back, ...]]:
    """(what is left to pay after the payments made, what is to be paid back by which tender). Notes of
    another currency may be worth more than is left: that is change."""
    made = plan(shop, basket, bag)
    due = bag.total if made is None else Money(made.left_minor, shop.currency)
    back = () if made is None else made.back
    if back or basket.paid_minor == 0:
        return due, back
    left_minor = due.minor - basket.paid_minor
    over = left_minor < 0 and any(each.foreign is not None for each in basket.paid)  # change is given
    return Money(0 if over else left_minor, shop.currency), back


def check(shop: Shop, basket: Basket) -> None:
    """Inside the sale's transaction: everything that comes back still may, for what it was shown to be
    worth. Raises AlreadyReturned, ReturnRefused, and GiftCardRefused where stored-value bonus in what comes
    back would buy a gift card: it goes back to its account first."""
    if basket.returning is None:
        return
    if coming_back(valued(shop, basket)) != coming_back(basket):
        raise AlreadyReturned("pieces of this sale came back meanwhile", number=basket.returning.number)
    if any(is_card(line) and line.returned is None for line in basket.standing) and any(
        line.returned is not None and line.returned.bonus_minor for line in basket.standing
    ):
        raise GiftCardRefused("bonus buys no gift card", number=basket.returning.number)
    within_limit(shop, basket)


def _plan_of(shop: Shop, basket: Basket) -> Plan:
    made = plan(shop, basket, priced(shop, basket))
    if made is None:
        raise ReturnRefused("nothing comes back in this bag")
    return made


def _paid_back_by(shop: Shop, basket: Basket, tender_number: int) -> int:
    """What a tender of the original sale pays back now. Raises ReturnRefused, TenderRefused; for stored
    value and a plan too: what is owed is cancelled, and other money for it would leave it owed."""
    for part in _plan_of(shop, basket).back:
        if part.n == tender_number:
            if part.key in shop.tenders and shop.tenders[part.key].outcome == "planned":
                raise TenderRefused("what is still owed is cancelled, not paid back", key=part.key)
            if part.key == value.TENDER:
                raise TenderRefused("stored value goes back onto its account", key=part.key)
            return part.amount_minor
    raise TenderRefused("this tender pays nothing back", tender_number=tender_number)


def _wanted(held: Returnable, pieces: Sequence[tuple[int, int]]) -> list[Line]:
    if not pieces or len({line for line, _ in pieces}) != len(pieces):
        raise ReturnRefused("each line once, and at least one")
    return [brought(held, line_number, count) for line_number, count in pieces]
