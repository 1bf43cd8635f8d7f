"""Which coupons and points let a member's bag cost least: proposed, and taken all at once by a tap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from services.domain import best_choice
from services.domain.basket import Basket
from services.domain.best_choice import Found, Quote
from services.domain.coupons import ISSUED
from services.domain.errors import BasketChanged
from services.domain.offers import Coupon
from services.domain.rewards import Used
from services.flows import bag_rewards, coupon_moves, coupons, customers
from services.flows.baskets import current
from services.flows.prices import priced, quoting
from services.flows.shop import Shop
from services.store import baskets, db
from services.store import coupons as kept
from services.store.members import group


@dataclass(frozen=True, slots=True)
class Proposal:
    """`taken`: the bag has just that already."""

    found: Found
    taken: bool


def propose(shop: Shop, basket: Basket) -> Proposal | None:
    """What would cost the bag's member least, by what this box knows now; nothing is kept for the bag.
    None where nothing of theirs takes anything off, or none may be put on: nobody is known, a payment
    was begun, a sale is being undone."""
    if not basket.member_id or basket.undoing or basket.open_payment or basket.paid:
        return None
    discount, has = bag_rewards.spendable(shop, basket)
    quote = quoting(shop, basket)

    def quoted(offered: tuple[Coupon, ...]) -> Quote:
        some = _within_limits(offered)
        bag = quote(some)
        applied = {each.promotion_id for each in bag.engine.applied} if bag.engine is not None else ()
        return Quote(
            due_minor=bag_rewards.due_minor(bag),
            used=tuple(each for each in some if each.promotion_id in applied),
            bounded=bag.engine is not None and bag.engine.bounded,
            whole=some == offered,
        )

    found = best_choice.find(_offered(shop, basket), quoted, discount, has)
    if found.best.pays_minor >= found.plain_minor:
        return None
    best = Used(
        basket.basket_id, tuple(sorted(each.coupon_id for each in found.best.coupons)), found.best.points
    )
    return Proposal(found, customers.used(shop, basket, priced(shop, basket)) == best)


def take(
    shop: Shop, till: str, coupon_ids: Sequence[str], points: int, *, basket_id: str, version: int
) -> Basket:
    """Let these coupons and so many points take something off the bag and nothing else of a member's: all
    of it or nothing. A repeat finds the bag so and changes nothing; so does what undoes it.

    Raises BasketChanged for another version than the one it was proposed for, PaymentOpen, what
    bag_rewards.agree() raises, and what coupons.reserve() raises.
    """
    wanted = tuple(dict.fromkeys(coupon_ids))
    with db.write():
        before = current(shop, till)
        customers.meant(before, basket_id)
        if (set(before.coupons), before.points) == (set(wanted), points):
            return before
        if before.version != version:
            raise BasketChanged("the basket has changed since this was proposed", version=before.version)
        after = before.rewarded(wanted, points)
        owns = group(before.member_id) if before.member_id else ()
        for coupon_id in set(before.coupons).difference(wanted):
            kept.release(basket_id, coupon_id)
        for coupon_id in wanted:
            coupons.keep(shop, coupon_id, basket_id=basket_id, group=owns)
        if points:
            bag_rewards.agree(shop, after, points)
        baskets.save(till, after)
    return after


def _offered(shop: Shop, basket: Basket) -> tuple[Coupon, ...]:
    """The keys to promotions among what the member has and what was shown for this bag. Another bag's are
    not there."""
    owns = group(basket.member_id)
    mine = [each.coupon_id for each in coupons.wallet(owns) if each.state == ISSUED]
    return coupons.usable(shop, tuple(dict.fromkeys((*basket.coupons, *mine))), basket.basket_id, owns)


def _within_limits(offered: tuple[Coupon, ...]) -> tuple[Coupon, ...]:
    """Those that reserve() lets into one bag: keys of one version are as few as go together, but its limit
    counts all versions, where more than one may."""
    counts: Counter[str] = Counter()
    some = []
    for key in offered:
        coupon = coupon_moves.find(key.coupon_id)
        most = coupons.template_of(coupon).sale_max
        counts[coupon.template_id] += 1
        if most == 1 or counts[coupon.template_id] <= most:
            some.append(key)
    return tuple(some)
