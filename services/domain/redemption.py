"""What points are exchanged for: money off a bag, step by step, and the rewards of the catalogue."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from services.domain.conditions import outside
from services.domain.errors import PointsRefused
from services.domain.points_rules import Discount, Reward


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When somebody asks, by the shop's clock, and who: the tiers are the member's."""

    day: str
    weekday: int
    minute: int
    tiers: Set[str]


def off(discount: Discount, points: int) -> int:
    """What so many points take off, in minor units; part of a step takes off nothing."""
    return points // discount.points * discount.minor if discount.points else 0


def most(discount: Discount, usable: int, due_minor: int) -> int:
    """The most points that can be spent on a bag that would cost `due_minor`; 0: none."""
    if not discount.points:
        return 0
    share_minor = max(0, due_minor) * discount.share_bp // 10_000
    steps = min(max(0, usable) // discount.points, share_minor // discount.minor)
    points = steps * discount.points
    return points if points >= max(1, discount.least) else 0


def agreed(discount: Discount, points: int, usable: int, due_minor: int) -> int:
    """What `points` take off this bag. Raises PointsRefused (details: why, most) for part of a step, fewer
    than the least, or more than can be spent here."""
    limit = most(discount, usable, due_minor)
    if not discount.points or points <= 0 or points % discount.points:
        raise PointsRefused("points are spent in whole steps", why="step", most=limit)
    if points < discount.least:
        raise PointsRefused("so few points are not spent", why="least", most=limit)
    if points > limit:
        raise PointsRefused("so many points are not spent on this bag", why="share", most=limit)
    return off(discount, points)


def missing(reward: Reward, moment: Moment, *, usable: int, had: int, given: int) -> str:
    """Why this reward cannot be had: a code, "" where it can. `had` is how often the member had it before,
    `given` how often anybody had."""
    if miss := outside(reward.window, moment.day, moment.weekday, moment.minute):
        return miss.code
    if reward.tiers and not moment.tiers & set(reward.tiers):
        return "wrong_tier"
    if reward.per_member and had >= reward.per_member:
        return "limit_member"
    if reward.pieces and given >= reward.pieces:
        return "none_left"
    return "" if usable >= reward.points else "points"
