"""What moves stored value, each inside the transaction that makes it true: a sale's, mostly.

`group` is all ids of one person, the oldest first: balances stay with the id they came under, and a payment
takes from all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.domain import days
from services.domain import stored_value as rules
from services.domain.money import rounded
from services.domain.stored_value import BONUS, PRINCIPAL, CashOut, Lot, Parts
from services.domain.stored_value_events import MovedLot, Plan, StoredValueMoved
from services.domain.tender_errors import (
    ProofNeeded,
    StoredValueFrozen,
    StoredValueRefused,
    StoredValueShort,
    StoredValueUnknown,
)
from services.flows.record import record
from services.flows.shop import Shop
from services.store import members, stored_value
from services.store.stored_value import Drawn

Group = Sequence[str]


@dataclass(frozen=True, slots=True)
class Moment:
    """When and by whom, as the document that this belongs to says."""

    at_ms: int
    business_day: str
    operator_id: str
    sale_id: str = ""
    day: str = field(default="")  # on the wall
    till: str = ""  # "" where it happened at none


def moment(
    shop: Shop, operator_id: str, *, sale_id: str = "", at_ms: int = 0, bizday: str = "", till: str = ""
) -> Moment:
    """Now, or when the sale ended."""
    at_ms = at_ms or shop.now_ms()
    business_day = bizday or days.business_day(at_ms, shop.zone, shop.rollover_hour)
    wall = days.local(at_ms, shop.zone).date().isoformat()
    return Moment(at_ms, business_day, operator_id, sale_id, wall, till)


def balance(shop: Shop, group: Group) -> Parts:
    """What a person can spend now; bonus that has ended is not in it, also before anybody wrote it off."""
    return rules.left(stored_value.lots(group), moment(shop, "").day)


def stopped(group: Group) -> str:
    """The member whose account was stopped; "" where all of the group's are open."""
    return next((each for each in group if stored_value.account(each).state == rules.FROZEN), "")


def check_open(group: Group) -> None:
    """Raises StoredValueFrozen where any of the accounts was stopped."""
    if member_id := stopped(group):
        raise StoredValueFrozen("this account was stopped", member_id=member_id)


def check_proof(shop: Shop, minor: int, proof: str) -> None:
    """Raises ProofNeeded for a larger payment of somebody whom nobody has looked at."""
    above = shop.stored_value.proof_above_minor
    if minor > above and not proof:
        raise ProofNeeded("the customer's PIN, or the customer, is needed", above_minor=above)


def recharge(
    shop: Shop,
    group: Group,
    when: Moment,
    *,
    paid_minor: int,
    plan: Plan | None = None,
    reason: str = "",
    tender: str,
    reference: str = "",
    named: bool,
) -> StoredValueMoved:
    """Add what was paid in, and the plan's bonus, to the first account of the group.

    `named`: the person's real name is known. `reason` "change": what the till would have given back.
    Raises StoredValueFrozen, StoredValueRefused (why: amount, limit, cash).
    """
    check_open(group)
    if paid_minor <= 0 or (plan is not None and plan.pays_minor != paid_minor):
        raise StoredValueRefused("a recharge is not of that amount", why="amount")
    bonus_minor = plan.bonus_minor if plan else 0
    has = expire(shop, group, when)
    _check_limit(shop, has.total, paid_minor + bonus_minor, named=named)
    if tender == "cash":
        _check_cash(shop, group, when, paid_minor)
    recharge_id = shop.new_id()
    lots = [
        MovedLot(
            lot_id=f"{recharge_id}.p", recharge_id=recharge_id, kind=PRINCIPAL, amount_minor=paid_minor
        )
    ]
    if plan is not None and bonus_minor:
        ends = rules.last_day(when.day, plan.bonus_days)
        lots.append(
            MovedLot(
                lot_id=f"{recharge_id}.b",
                recharge_id=recharge_id,
                kind=BONUS,
                amount_minor=bonus_minor,
                expires=ends,
            )
        )
    return _move(
        *(shop, group[0], when, rules.RECHARGED, lots),
        move_id=recharge_id,
        recharge_id=recharge_id,
        reason=reason or ("plan" if plan else "amount"),
        plan_id=plan.plan_id if plan else "",
        plan_version=plan.version if plan else 0,
        tender_type=tender,
        reference=reference,
    )


def carry_in(
    shop: Shop,
    member_id: str,
    when: Moment,
    principal_minor: int,
    bonus_minor: int,
    *,
    bonus_until: str,
    reason: str,
) -> StoredValueMoved:
    """What somebody has from before this shop kept their account: nobody pays it in here. It is paid out
    like a recharge. `bonus_until`: the bonus's last day; "": for ever."""
    opening_id = shop.new_id()
    parts = ((PRINCIPAL, principal_minor, ""), (BONUS, bonus_minor, bonus_until))
    lots = [
        MovedLot(
            lot_id=f"{opening_id}.{kind[0]}",
            recharge_id=opening_id,
            kind=kind,
            amount_minor=minor,
            expires=ends,
        )
        for kind, minor, ends in parts
        if minor
    ]
    return _move(
        *(shop, member_id, when, rules.OPENED, lots),
        move_id=opening_id,
        recharge_id=opening_id,
        reason=reason,
    )


def spend(
    shop: Shop,
    group: Group,
    when: Moment,
    *,
    spend_id: str,
    minor: int,
    listed_minor: int,
    proof: str = "",
) -> Parts:
    """Pay so much; what of it was principal, a tender, and what was bonus, a discount.

    `spend_id` names the payment: its refunds name it too. `listed_minor` is what the goods cost before
    any discount, for the day on which the rest is paid out. `proof` is "pin", "present" or "".
    Raises StoredValueFrozen, ProofNeeded, StoredValueShort (details: principal_minor, bonus_minor).
    """
    assert minor > 0 and spend_id, (minor, spend_id)
    check_open(group)
    check_proof(shop, minor, proof)
    parts = _spent(shop, minor, expire(shop, group, when))
    draws = rules.draws(stored_value.lots(group), parts, when.day)
    listed = rules.spread(listed_minor, [draw.minor for draw in draws])
    moved = [
        (draw.lot, _lot(draw.lot, -draw.minor, listed=each))
        for draw, each in zip(draws, listed, strict=True)
    ]
    for member_id, lots in _by_account(moved):
        _move(shop, member_id, when, rules.SPENT, lots, spend_id=spend_id, proof=proof)
    return parts


def quoted(shop: Shop, group: Group, when: Moment, payments: Iterable[int]) -> list[Parts]:
    """What spend() will take for each of these, one after the other, in the same transaction. Raises
    StoredValueFrozen, StoredValueShort."""
    check_open(group)
    has = rules.left(stored_value.lots(group), when.day)
    found = []
    for minor in payments:
        parts = _spent(shop, minor, has)
        has = Parts(has.principal - parts.principal, has.bonus - parts.bonus)
        found.append(parts)
    return found


def _spent(shop: Shop, minor: int, has: Parts) -> Parts:
    if minor > has.total:
        raise StoredValueShort(
            "there is not so much on the account", principal_minor=has.principal, bonus_minor=has.bonus
        )
    return rules.spent(minor, has, shop.stored_value.spend)


def open_of(spend_id: str) -> Parts:
    """What a payment took and has not given back."""
    taken = [each.open for each in stored_value.drawn(spend_id)]
    return Parts(
        sum(draw.minor for draw in taken if draw.lot.kind == PRINCIPAL),
        sum(draw.minor for draw in taken if draw.lot.kind == BONUS),
    )


def bonus_in(reference: str, minor: int) -> int:
    """What of so much of a payment is bonus, if it came back now; `reference` is its tender's."""
    open_ = open_of(rules.read(reference)[0])
    return rules.refunded(max(0, min(minor, open_.total)), open_).bonus


def ownerless(spend_id: str) -> bool:
    """Whether a payment was taken from the account of somebody who was erased since."""
    owners = {each.lot.member_id for each in stored_value.drawn(spend_id)}
    return any((row := members.by_id(each)) is not None and row.sealed is None for each in owners)


def refund(shop: Shop, when: Moment, *, spend_id: str, minor: int) -> Parts:
    """Give back so much of a payment, in the proportion in which it was taken and to the lots it came
    from; bonus that has ended meanwhile is good for the days of grace. A stopped account takes it too.

    Raises StoredValueUnknown, StoredValueRefused (why: amount) for more than has not come back, and (why:
    erased) where nobody could use it any more.
    """
    drawn = stored_value.drawn(spend_id)
    if not drawn:
        raise StoredValueUnknown("no payment has this id", spend_id=spend_id)
    if ownerless(spend_id):
        raise StoredValueRefused("whose account it was is erased", why="erased")
    open_ = open_of(spend_id)
    if not 0 < minor <= open_.total:
        raise StoredValueRefused("not so much was paid", why="amount", most_minor=open_.total)
    expire(shop, sorted({each.lot.member_id for each in drawn}), when)
    parts = rules.refunded(minor, open_)
    by_lot = {each.lot.lot_id: each for each in drawn}
    moved = []
    for draw in rules.back([each.open for each in drawn], parts):
        ends = draw.lot.expires
        if draw.lot.gone(when.day) and shop.clock_trusted:
            ends = rules.extended(ends, when.day, shop.stored_value.grace_days)
        listed = -_listed_back(by_lot[draw.lot.lot_id], draw.minor)
        moved.append((draw.lot, _lot(draw.lot, draw.minor, listed=listed, expires=ends)))
    for member_id, lots in _by_account(moved):
        _move(shop, member_id, when, rules.REFUNDED, lots, spend_id=spend_id)
    return parts


def cash_out(
    shop: Shop,
    when: Moment,
    recharge_id: str,
    out: CashOut,
    *,
    reason: str,
    tender: str,
    reference: str,
    approver_id: str,
) -> StoredValueMoved:
    """Empty the lots of a recharge: `out` says what is paid of it."""
    lots = [_lot(lot, -lot.left_minor) for lot in stored_value.lots_of(recharge_id) if lot.left_minor]
    member_id = stored_value.lots_of(recharge_id)[0].member_id
    return _move(
        *(shop, member_id, when, rules.CASHED_OUT, lots),
        recharge_id=recharge_id,
        reason=reason,
        tender_type=tender,
        reference=reference,
        pays_minor=out.pays_minor,
        approver_id=approver_id,
    )


def expire(shop: Shop, group: Iterable[str], when: Moment) -> Parts:
    """Write off what has ended in these accounts, unless the clock is not to be trusted; what can be spent
    then."""
    total = Parts(0, 0)
    for member_id in group:
        lots = stored_value.lots((member_id,))
        gone = [_lot(lot, -lot.left_minor) for lot in lots if lot.gone(when.day)]
        if gone and shop.clock_trusted:
            _move(shop, member_id, when, rules.EXPIRED, gone)
        has = rules.left(lots, when.day)
        total = Parts(total.principal + has.principal, total.bonus + has.bonus)
    return total


def _check_limit(shop: Shop, has_minor: int, comes_minor: int, *, named: bool) -> None:
    terms = shop.stored_value
    most = terms.named_max_minor if named else terms.nameless_max_minor
    if has_minor + comes_minor > most:
        raise StoredValueRefused(
            "an account holds no more", why="limit", most_minor=max(0, most - has_minor)
        )


def _check_cash(shop: Shop, group: Group, when: Moment, minor: int) -> None:
    most = shop.stored_value.cash_max_minor - 1
    before = stored_value.cash_of_day(group, when.business_day)
    if before + minor > most:
        raise StoredValueRefused(
            "so much is not taken in cash", why="cash", most_minor=max(0, most - before)
        )


def _lot(lot: Lot, minor: int, *, listed: int = 0, expires: str = "") -> MovedLot:
    return MovedLot(
        lot_id=lot.lot_id,
        recharge_id=lot.recharge_id,
        kind=lot.kind,
        amount_minor=minor,
        expires=expires or lot.expires,
        listed_minor=listed,
    )


def _listed_back(drawn: Drawn, minor: int) -> int:
    """The share of the list price that comes back, so that the parts add up."""
    upto = rounded(drawn.listed_minor * (drawn.back_minor + minor), drawn.taken_minor)
    return upto - drawn.listed_back_minor


def _by_account(moved: Iterable[tuple[Lot, MovedLot]]) -> list[tuple[str, list[MovedLot]]]:
    found: dict[str, list[MovedLot]] = {}
    for lot, told in moved:
        found.setdefault(lot.member_id, []).append(told)
    return list(found.items())


def _move(
    shop: Shop, member_id: str, when: Moment, kind: str, lots: Sequence[MovedLot], **more: object
) -> StoredValueMoved:
    before = stored_value.lots((member_id,))
    change = {
        part: sum(lot.amount_minor for lot in lots if lot.kind == part) for part in (PRINCIPAL, BONUS)
    }
    has = {part: sum(lot.left_minor for lot in before if lot.kind == part) for part in (PRINCIPAL, BONUS)}
    facts = {"move_id": shop.new_id(), **more}
    told = StoredValueMoved(
        member_id=member_id,
        kind=kind,
        principal_minor=change[PRINCIPAL],
        bonus_minor=change[BONUS],
        principal_balance_minor=has[PRINCIPAL] + change[PRINCIPAL],
        bonus_balance_minor=has[BONUS] + change[BONUS],
        currency=shop.currency,
        retail_store_id=shop.store_id,
        business_day=when.business_day,
        moved_at_ms=when.at_ms,
        lots=tuple(lots),
        operator_id=when.operator_id,
        sale_id=when.sale_id,
        workstation_id=when.till,
        **facts,  # type: ignore[arg-type]
    )
    stored_value.keep(told)
    record(shop, told, when.at_ms, when.business_day)
    return told
