"""The rules of a points program as a shop writes them down: one book, in versions that never change."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from services.domain.errors import PointsRefused
from services.domain.offers import Goods, Window
from services.domain.points import Policy

Rounding = Literal["floor", "half_up", "ceil"]
Birthday = Literal["", "month", "day"]
Id = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Label = Annotated[str, Meta(min_length=1, max_length=60)]
Name = Annotated[str, Meta(max_length=60)]  # of a tier, a group
Points = Annotated[int, Meta(ge=0, le=1_000_000)]
Minor = Annotated[int, Meta(ge=0, le=100_000_000)]
Bp = Annotated[int, Meta(ge=0, le=1_000_000)]  # 20,000 is double
Days = Annotated[int, Meta(ge=0, le=366)]
FACTOR_ONE = 10_000
RULES_MAX = 100


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class TierFactor(_Part, frozen=True, kw_only=True):
    tier: Name
    factor_bp: Bp


class EarningRule(_Part, frozen=True, kw_only=True):
    """One reason for points beside the base.

    "article": `points` for each piece. "purchase": `points` once for a purchase. "first_purchase": the same
    for a member's first. "multiplier": the base points of its goods times a factor, of which the base is
    already there; with `tier_factors` the best of the member's tiers.
    """

    rule_id: Id
    kind: Literal["article", "purchase", "first_purchase", "multiplier"]
    label_zh: Label
    label_en: Label
    points: Points = 0
    factor_bp: Bp = FACTOR_ONE
    tier_factors: Annotated[tuple[TierFactor, ...], Meta(max_length=20)] = ()
    goods: Goods = Goods()
    window: Window = Window()
    birthday: Birthday = ""  # only in the month, or on the day, of the member's birthday
    tiers: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()  # only for these; none: for all
    threshold_minor: Minor = 0  # of its goods
    reevaluate: bool = False  # whether a return asks again whether the threshold is reached
    group: Name = ""  # of one group only the rule that gives most counts; "": it counts on its own


class Terms(_Part, frozen=True, kw_only=True):
    """What all points have in common. A shop that has said nothing gives none."""

    points: Points = 0  # for each `per_minor` of what is paid; 0: no points
    per_minor: Annotated[int, Meta(ge=1, le=100_000_000)] = 100
    rounding: Rounding = "floor"
    excluded: Goods = Goods()  # what is named here earns nothing; nothing named: no goods are left out
    pending_days: Days = 0  # until what is earned can be used
    valid_months: Annotated[int, Meta(ge=0, le=120)] = 12  # to the end of the last; 0: for ever
    grace_days: Days = 30  # of points that come back after their month is over
    clawback: Policy = "unlimited"


class Discount(_Part, frozen=True, kw_only=True):
    """Points that take something off a bag, step by step."""

    points: Points = 0  # of one step; 0: points take nothing off
    minor: Minor = 0  # what a step takes off
    least: Points = 0  # fewer are not spent at once
    share_bp: Annotated[int, Meta(ge=0, le=10_000)] = 10_000  # of what the bag would cost, at most


class Reward(_Part, frozen=True, kw_only=True):
    """Something that points are exchanged for."""

    reward_id: Id
    kind: Literal["goods", "coupon", "service"]
    label_zh: Label
    label_en: Label
    points: Annotated[int, Meta(ge=1, le=1_000_000)]
    pay_minor: Minor = 0  # of goods: what is still paid in money
    item: Annotated[str, Meta(max_length=64)] = ""  # article of goods, template of a coupon
    window: Window = Window()  # of special goods: when they can be had
    tiers: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()
    per_member: Annotated[int, Meta(ge=0, le=9_999)] = 0  # so often in all; 0: no limit
    pieces: Annotated[int, Meta(ge=0, le=1_000_000)] = 0  # that this shop gives in all; 0: no limit


class LadderStep(_Part, frozen=True, kw_only=True):
    days: Annotated[int, Meta(ge=1, le=366)]  # in a row
    points: Annotated[int, Meta(ge=1, le=1_000_000)]  # on the last of them, beside those of the day


class CheckIn(_Part, frozen=True, kw_only=True):
    """A visit a day. After the last step of the ladder that step comes again, after as many days more."""

    points: Points = 0  # of each day; 0 without a ladder: there is no check-in
    ladder: Annotated[tuple[LadderStep, ...], Meta(max_length=20)] = ()
    jokers: Annotated[int, Meta(ge=0, le=31)] = 0  # days of a calendar month that may be missed
    valid_s: Annotated[int, Meta(ge=10, le=600)] = 60  # how long a code that was shown is taken


class Referral(_Part, frozen=True, kw_only=True):
    """Points for both once somebody new, who was sent by a member, has bought and kept something."""

    referrer_points: Points = 0
    newcomer_points: Points = 0  # both 0: there is no referral
    least_minor: Minor = 0  # of that first purchase
    window_days: Days = 7  # in which it can still come back
    per_month: Annotated[int, Meta(ge=0, le=9_999)] = 10  # for which one referrer gets points; 0: no limit


class Book(_Part, frozen=True, kw_only=True):
    """Everything that a shop has decided about its points."""

    terms: Terms = Terms()
    earning: Annotated[tuple[EarningRule, ...], Meta(max_length=RULES_MAX)] = ()
    discount: Discount = Discount()
    rewards: Annotated[tuple[Reward, ...], Meta(max_length=RULES_MAX)] = ()
    check_in: CheckIn = CheckIn()
    referral: Referral = Referral()


def check(book: Book) -> None:
    """Raises PointsRefused (details: why, rule_id)."""
    terms, steps = book.terms, [step.days for step in book.check_in.ladder]
    if terms.valid_months and terms.pending_days > 28 * terms.valid_months:
        raise PointsRefused("points would expire before they can be used", why="pending", rule_id="")
    if bool(book.discount.points) != bool(book.discount.minor):
        raise PointsRefused("points or what they take off are missing", why="discount", rule_id="")
    if steps != sorted(set(steps)):
        raise PointsRefused("a ladder rises", why="ladder", rule_id="")
    _once([rule.rule_id for rule in book.earning])
    _once([reward.reward_id for reward in book.rewards])
    for rule in book.earning:
        factors = [rule.factor_bp, *(each.factor_bp for each in rule.tier_factors)]
        if rule.kind == "multiplier" and (max(factors) <= FACTOR_ONE or rule.points):
            raise PointsRefused("a multiplier is more than once", why="factor", rule_id=rule.rule_id)
        if rule.kind != "multiplier" and (not rule.points or max(factors) != FACTOR_ONE):
            raise PointsRefused("this rule gives points, not a factor", why="points", rule_id=rule.rule_id)
    for reward in book.rewards:
        if bool(reward.item) == (reward.kind == "service"):
            raise PointsRefused("goods and coupons are named", why="item", rule_id=reward.reward_id)


def _once(ids: list[str]) -> None:
    seen: set[str] = set()
    for each in ids:
        if each in seen:
            raise PointsRefused("two have one id", why="twice", rule_id=each)
        seen.add(each)
