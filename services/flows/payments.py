"""Payments that happen outside the gateway: card terminals and telephones. Each step is on disk first.

They live in the basket they pay for: a restart finds the question where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from msgspec import structs

from services.domain import payment
from services.domain.basket import Basket
from services.domain.errors import (
    BasketChanged,
    BasketEmpty,
    PaymentOpen,
    PaymentUnknown,
    ReasonNeeded,
    TenderRefused,
    TenderShort,
)
from services.domain.events import PaymentChanged
from services.domain.money import Money
from services.domain.payment import Payment
from services.domain.returns import Back
from services.domain.settlement import Covered, Settlement, mirrored
from services.domain.stored_value import TENDER
from services.flows import returns, stored_value_moves
from services.flows.approvals import Approval, approve, granted
from services.flows.baskets import current
from services.flows.prices import priced
from services.flows.record import record
from services.flows.shop import Shop
from services.store import baskets, db, requests

CONFIRM = "tender_confirm"  # the right


def begin(
    shop: Shop,
    till: str,
    *,
    basket_id: str,
    version: int,
    tender: str,
    amount_minor: int,
    operator_id: str,
    request_id: str,
) -> Basket:
    """Note that so much is now asked of a terminal: durable before anybody turns to it. Below zero, it
    shall pay back one part of what is owed.

    A repeat changes nothing. Raises BasketChanged, BasketEmpty, TenderRefused (no such tender, one that
    ends at once, more than is left to pay), PaymentOpen while another one's end is not known.
    """
    asked = requests.fingerprint("payment", till, basket_id, version, tender, amount_minor)
    with db.write():
        basket = current(shop, till)
        if requests.answer(request_id, asked) is not None:
            return basket
        if (basket.basket_id, basket.version) != (basket_id, version):
            raise BasketChanged("the basket has changed since it was shown", version=basket.version)
        _check(shop, basket, tender, amount_minor)
        begun = Payment(shop.new_id(), tender, amount_minor, payment.SENT, shop.now_ms())
        after = replace(basket, version=version + 1, payments=(*basket.payments, begun))
        keep(shop, till, after, begun, operator_id, "")
        requests.remember(request_id, asked, begun.payment_id, shop.now_ms())
    return after


def answer(
    shop: Shop,
    till: str,
    payment_id: str,
    *,
    state: str,
    reference: str = "",
    reason: str = "",
    approval: Approval | None = None,
    operator_id: str,
) -> Basket:
    """Say how a payment stands, or ended; the same answer again changes nothing.

    A paid one is taken back with "reversed" and a reason, after the terminal has paid it back. Where an
    unknown one ends on somebody's word, the reason is one of payment.EVIDENCE and somebody with the right
    answers for it. Raises PaymentUnknown when this till's bag has no such payment or it cannot become that
    any more, ReasonNeeded, ApprovalNeeded and what approve() raises.
    """
    held = _of(current(shop, till), payment_id)
    trusted = payment.on_trust(held, state)
    approver = _answers_for(shop, held, reason, approval, operator_id) if trusted else operator_id
    with db.write():
        basket = current(shop, till)
        held = _of(basket, payment_id)
        if (held.state, held.reference) == (state, reference or held.reference):
            return basket
        if not payment.may_become(held.state, state) or payment.on_trust(held, state) != trusted:
            raise PaymentUnknown("this payment has ended another way", state=held.state)
        if state == payment.PAID and shop.tenders[held.key].reference and not reference:
            raise TenderRefused("the terminal's number is missing", key=held.key)
        _granted(shop, held, approver, approval, operator_id)
        ended = replace(held, state=state, reference=reference or held.reference)
        kept = tuple(ended if each is held else each for each in basket.payments)
        after = replace(basket, version=basket.version + 1, payments=kept)
        keep(shop, till, after, ended, operator_id, reason)
    return after


def _of(basket: Basket, payment_id: str) -> Payment:
    held = next((each for each in basket.payments if each.payment_id == payment_id), None)
    if held is None:
        raise PaymentUnknown("this bag has no such payment", payment_id=payment_id)
    return held


def _answers_for(
    shop: Shop, held: Payment, reason: str, approval: Approval | None, operator_id: str
) -> str:
    if reason not in payment.EVIDENCE:
        raise ReasonNeeded("say what tells you how it ended", reasons=payment.EVIDENCE)
    return approve(shop, CONFIRM, approval, operator_id=operator_id, size=abs(held.amount_minor))


def _granted(shop: Shop, held: Payment, approver: str, approval: Approval | None, operator_id: str) -> None:
    subject, size = f"payment {held.payment_id}", abs(held.amount_minor)
    granted(shop, CONFIRM, approver, approval, operator_id=operator_id, subject=subject, size=size)


def _check(shop: Shop, basket: Basket, key: str, amount_minor: int) -> None:
    if not basket.standing:
        raise BasketEmpty("the basket is empty")
    tender = shop.tenders.get(key)
    if tender is None or tender.outcome != "asked":
        raise TenderRefused("there is no such payment", key=key)
    ended(basket)
    left, back = returns.owed(shop, basket, priced(shop, basket))
    if amount_minor < 0:
        returns.within_limit(shop, basket)
        _one_of(basket, back, key, -amount_minor)
    elif not 0 < amount_minor <= left.minor:
        raise TenderRefused("more than is left to pay", amount_minor=amount_minor, left_minor=left.minor)


def ended(basket: Basket) -> None:
    """Raises PaymentOpen while the end of one payment is not known."""
    waiting = basket.open_payment
    if waiting is not None:
        raise PaymentOpen("a payment's end is not known yet", payment_id=waiting.payment_id)


def paid_back(shop: Shop, basket: Basket, back: Sequence[Back]) -> Settlement:
    """What is paid back: cash now, the rest as it was on its terminal. Raises PaymentOpen, TenderShort, and
    TenderRefused for a payment that is none of these."""
    ended(basket)
    made = list(basket.paid)
    tenders = []
    for part in back:
        if part.undone is not None:
            tenders.append(mirrored(part.undone))
            continue
        outcome = shop.tenders[part.key].outcome
        reference = part.reference if outcome in ("stored", "planned") else ""
        if outcome == "asked":
            done = next(
                (p for p in made if (p.key, p.amount_minor) == (part.key, -part.amount_minor)), None
            )
            if done is None:
                raise TenderShort(
                    "a terminal has not paid back yet", key=part.key, due_minor=part.amount_minor
                )
            made.remove(done)
            reference = done.reference
        moved = Money(-part.amount_minor, shop.currency)
        exact = Money(-part.exact_minor, shop.currency)
        covered = Covered(part.key, moved, moved, Money(0, shop.currency), exact, reference)
        if part.parted and part.key == TENDER:
            bonus_minor = -stored_value_moves.bonus_in(reference, part.amount_minor)
            covered = structs.replace(covered, bonus_minor=bonus_minor)
        tenders.append(covered)
    _none_besides(made)
    return Settlement(tuple(tenders), Money(0, shop.currency))


def _one_of(basket: Basket, back: Sequence[Back], key: str, amount_minor: int) -> None:
    """Raises TenderRefused unless this is one of the amounts that are to be paid back, and not yet is."""
    missing = [(part.key, part.amount_minor) for part in back]
    besides = []
    for made in basket.paid:
        if (made.key, -made.amount_minor) in missing:
            missing.remove((made.key, -made.amount_minor))
        else:
            besides.append(made)
    _none_besides(besides)
    if (key, amount_minor) not in missing:
        raise TenderRefused("this is not to be paid back", key=key, amount_minor=amount_minor)


def _none_besides(made: Sequence[Payment]) -> None:
    """An offer that began or ended has changed what is paid back: what a terminal did before is reversed
    first, or it would be in no sale. Raises TenderRefused."""
    for each in made:
        raise TenderRefused(
            "a payment made before is to be reversed", key=each.key, payment_id=each.payment_id
        )


def keep(shop: Shop, till: str, basket: Basket, changed: Payment, operator_id: str, reason: str) -> None:
    """Inside a transaction: the bag with a payment that was changed, and the event that tells of it."""
    baskets.save(till, basket)
    notes = changed.foreign
    event = PaymentChanged(
        payment_id=changed.payment_id,
        workstation_id=till,
        basket_id=basket.basket_id,
        tender_type=changed.key,
        amount_minor=changed.amount_minor,
        currency=shop.currency,
        state=changed.state,
        reference=changed.reference,
        reason=reason,
        operator_id=operator_id,
        foreign_currency=notes.currency if notes is not None else "",
        foreign_minor=notes.minor if notes is not None else 0,
        rate_id=notes.rate_id if notes is not None else "",
    )
    record(shop, event, shop.now_ms())
