"""Tiers of members: what each asks for, when somebody rises or falls, and how near the next one is.

Up at once, from the next sale on; down only when the period ends; never below what was granted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Literal

import msgspec

from services.domain import days
from services.domain.errors import TierRefused
from services.domain.forms import labelled
from services.domain.metrics import Measure, Metric, Window
from services.domain.offers import Goods, Text

Downgrade = Literal["one_down", "to_earned"]
Reason = Literal["reached", "period_end", "renewed", "granted", "returned", "merged"]
TIERS_MAX = 20
NEEDS_MAX = 20
DEPTH_MAX = 4
LEAST_MAX = 10**12
AGAIN_MONTHS = 12  # a tier's gift is given once in so many


class Need(msgspec.Struct, frozen=True, tag="need"):
    """So much of one metric in a window."""

    metric: Metric
    least: Annotated[int, msgspec.Meta(ge=1, le=LEAST_MAX)]
    window: Window = Window()


class All(msgspec.Struct, frozen=True, tag="all"):
    rules: tuple[Rule, ...]


class Any(msgspec.Struct, frozen=True, tag="any"):
    rules: tuple[Rule, ...]


Rule = Need | All | Any


class Benefits(msgspec.Struct, frozen=True):
    """What a tier gives: a share off some goods, a coupon when it is reached, and words. How many times the
    points it gives stands with the rules of the points."""

    discount_bp: Annotated[int, labelled("会员价", "Member price", "basis_points", 0, 10_000)] = 0
    goods: Annotated[Goods, labelled("商品", "Goods", "fields")] = Goods()
    gift: Annotated[Text, labelled("礼券", "Gift coupon", "text")] = ""  # a coupon template's id
    service_zh: Annotated[Text, labelled("服务", "Service (Chinese)", "text")] = ""
    service_en: Annotated[Text, labelled("服务（英文）", "Service", "text")] = ""


class Tier(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the ladder; somebody who reaches none has none."""

    key: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,30}$")]
    rank: Annotated[int, msgspec.Meta(ge=1, le=99)]
    label_zh: Text
    label_en: Text
    rule: Rule
    benefits: Benefits = Benefits()
    stay_days: Annotated[int, msgspec.Meta(ge=0, le=3_660)] = 0  # a return cannot undo it after so many


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """All tiers of a shop, in rising ranks. A version is never changed; version 0 has none."""

    version: int = 0
    tiers: tuple[Tier, ...] = ()
    downgrade: Downgrade = "one_down"
    period_months: Annotated[int, msgspec.Meta(ge=1, le=120)] = 12
    warn_days: Annotated[int, msgspec.Meta(ge=0, le=366)] = 30
    same_sale: bool = False  # a tier counts in the very sale that reaches it, not from the next one on

    def tier(self, key: str) -> Tier | None:
        return next((tier for tier in self.tiers if tier.key == key), None)

    def rank(self, key: str) -> int:
        """0 for no tier, and for one that this version no longer has."""
        tier = self.tier(key)
        return tier.rank if tier is not None else 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands. The default is somebody who has not been moved yet."""

    tier: str = ""
    before: str = ""  # the tier from which it was reached
    since: str = ""  # YYYY-MM-DD
    until: str = ""  # the day on which it is looked at again; "" for no tier
    granted_until: str = ""  # not below it before that day
    gifted: bool = False  # its gift was given with this step
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lack:
    """What is missing: `have` of `least`."""

    metric: Metric
    window: Window
    least: int
    have: int


def check(program: Program) -> None:
    """Raises TierRefused (details.why: many, rank, key, needs, depth) for a ladder that makes no sense."""
    ranks = [tier.rank for tier in program.tiers]
    if len(ranks) > TIERS_MAX:
        raise TierRefused("too many tiers", why="many", most=TIERS_MAX)
    if sorted(set(ranks)) != ranks:
        raise TierRefused("ranks rise from tier to tier", why="rank")
    if len({tier.key for tier in program.tiers}) != len(program.tiers):
        raise TierRefused("two tiers have one key", why="key")
    for tier in program.tiers:
        if not 1 <= len(list(_needs(tier.rule))) <= NEEDS_MAX or _empty(tier.rule):
            raise TierRefused("a tier asks for something", why="needs", key=tier.key)
        if _depth(tier.rule) > DEPTH_MAX:
            raise TierRefused("the rule is nested too deep", why="depth", key=tier.key)


def reached(rule: Rule, measure: Measure) -> bool:
    if isinstance(rule, Need):
        return measure(rule.window)[rule.metric] >= rule.least
    parts = (reached(part, measure) for part in rule.rules)
    return all(parts) if isinstance(rule, All) else any(parts)


def lacks(rule: Rule, measure: Measure) -> tuple[Lack, ...]:
    """What is missing to `rule`, none when it is reached; of alternatives the one that is nearest."""
    if isinstance(rule, Need):
        have = measure(rule.window)[rule.metric]
        return () if have >= rule.least else (Lack(rule.metric, rule.window, rule.least, have),)
    parts = [lacks(part, measure) for part in rule.rules]
    if isinstance(rule, All):
        return tuple(each for part in parts for each in part)
    return min(parts, key=_distance)


def earned(program: Program, measure: Measure) -> str:
    """The highest tier that is reached; "" for none."""
    return next((tier.key for tier in reversed(program.tiers) if reached(tier.rule, measure)), "")


def following(program: Program, held: str) -> Tier | None:
    """The next tier above; None at the top."""
    rank = program.rank(held)
    return next((tier for tier in program.tiers if tier.rank > rank), None)


def risen(
    program: Program, held: Standing, measure: Measure, today: str, priced_as: str = ""
) -> Standing | None:
    """After a sale: the tier that was reached, if it is above the one that is held. Whose prices a sale had
    already, because it reached them before they were taken off, counts as reached."""
    key = max(earned(program, measure), priced_as, key=program.rank)
    if program.rank(key) <= program.rank(held.tier):
        return None
    return _begun(program, key, held, today, "reached")


def ended(program: Program, held: Standing, measure: Measure, today: str) -> Standing | None:
    """When a period has ended: renewed, or lower; None while it lasts and for somebody without a tier."""
    if not held.tier or today < held.until:
        return None
    key, rank = earned(program, measure), program.rank(held.tier)
    if program.rank(key) < rank and program.downgrade == "one_down":
        below = [tier.key for tier in program.tiers if tier.rank < rank]
        key = max(key, below[-1] if below else "", key=program.rank)
    if today < held.granted_until:
        key = max(key, held.tier, key=program.rank)
    if program.rank(key) > rank:
        return _begun(program, key, held, today, "reached")
    reason: Reason = "renewed" if key == held.tier else "period_end"
    after = _begun(program, key, held, today, reason)
    return replace(after, before=held.before if reason == "renewed" else "")


def returned(
    program: Program, held: Standing, measure: Measure, sold_day: str, today: str
) -> Standing | None:
    """After a return of a sale of `sold_day`: an upgrade since then is undone while its stay is short."""
    tier = program.tier(held.tier)
    if tier is None or held.reason != "reached" or held.since < sold_day or today < held.granted_until:
        return None
    if today >= _days_after(held.since, tier.stay_days) or reached(tier.rule, measure):
        return None
    key = max(held.before, earned(program, measure), key=program.rank)
    return replace(_begun(program, key, held, today, "returned"), before="")


def granted(program: Program, key: str, held: Standing, until: str, today: str) -> Standing:
    """Given by hand until a day, the one that is held or a higher one. Raises TierRefused (details.why:
    tier, lower, until)."""
    if program.tier(key) is None:
        raise TierRefused("there is no such tier", why="tier", key=key)
    if program.rank(key) < program.rank(held.tier):
        raise TierRefused("nobody falls by a grant", why="lower", tier=held.tier)
    if until <= today:
        raise TierRefused("a tier is granted until a later day", why="until")
    after = _begun(program, key, held, today, "granted")
    return replace(after, until=max(after.until, until), granted_until=until)


def merged(program: Program, kept: Standing, absorbed: Standing, measure: Measure, today: str) -> Standing:
    """Of two records of one person: not lower than the higher of both until its period ends."""
    higher = max(kept, absorbed, key=lambda each: (program.rank(each.tier), each.until))
    key = earned(program, measure)
    if program.rank(key) > program.rank(higher.tier):
        return _begun(program, key, higher, today, "reached")
    return replace(
        higher, granted_until=max(kept.granted_until, absorbed.granted_until), reason="merged", gifted=False
    )


def warning(program: Program, held: Standing, measure: Measure, today: str) -> tuple[Lack, ...]:
    """What is missing to stay, in the last days of a period; none when nothing threatens."""
    tier = program.tier(held.tier)
    if tier is None or not _days_after(held.until, -program.warn_days) <= today < held.until:
        return ()
    return () if held.until <= held.granted_until else lacks(tier.rule, measure)


def gift_due(key: str, path: Sequence[Standing], today: str) -> bool:
    """Whether the tier's gift is given with a step up to it: once a year, however often it is reached."""
    since = days.later(date.fromisoformat(today), -AGAIN_MONTHS).isoformat()
    return not any(step.tier == key and step.gifted and step.since > since for step in path)


def _begun(program: Program, key: str, held: Standing, today: str, reason: Reason) -> Standing:
    until = days.later(date.fromisoformat(today), program.period_months).isoformat() if key else ""
    return Standing(key, held.tier, today, until, held.granted_until, False, reason)


def _days_after(day: str, count: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=count)).isoformat()


def _distance(parts: Sequence[Lack]) -> tuple[int, int]:
    """How far away: the parts per million that are missing of each, and how many they are."""
    return sum((lack.least - lack.have) * 1_000_000 // lack.least for lack in parts), len(parts)


def _needs(rule: Rule) -> Iterator[Need]:
    if isinstance(rule, Need):
        yield rule
    else:
        for part in rule.rules:
            yield from _needs(part)


def _empty(rule: Rule) -> bool:
    return not isinstance(rule, Need) and (not rule.rules or any(_empty(part) for part in rule.rules))


def _depth(rule: Rule) -> int:
    return 1 if isinstance(rule, Need) else 1 + max((_depth(part) for part in rule.rules), default=0)
