"""What a purchase earns, for which reasons, and what of it is still earned once goods have come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from services.domain.conditions import outside
from services.domain.gift_cards import CATEGORY
from services.domain.money import split
from services.domain.offers import Goods, Item
from services.domain.points_rules import FACTOR_ONE, EarningRule, Rounding, Terms

BASE = "base"  # the id of the rule that is in the terms
NO_GOODS = Goods()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """A line that was bought: what of it is still with the customer, and what of its price is left."""

    line_number: int
    sku: str
    style: str = ""
    category: str = ""
    pieces: int
    net_minor: int  # after all layers, points included

    def named_by(self, goods: Goods) -> bool:
        item = Item(
            line_id=self.line_number,
            sku=self.sku,
            style=self.style,
            category=self.category,
            quantity=self.pieces,
            unit_minor=0,
        )
        return goods.covers(item)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What earning asks of a sale. Day, weekday (Monday is 1) and minute are the shop's clock."""

    lines: tuple[Bought, ...]
    bonus_minor: int = 0  # of what was paid: given by the shop, not money
    day: str
    weekday: int
    minute: int
    tiers: frozenset[str] = frozenset()  # of the member
    birthday: str = ""  # MM-DD; "": not known
    first: bool = False  # the member's first purchase


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """Why a sale earned so many points, in full: a return works from this and asks no rule again."""

    rule_id: str
    book_version: int
    kind: Literal["base", "article", "purchase", "first_purchase", "multiplier"]
    label_zh: str = ""
    label_en: str = ""
    points: int  # for each `per_minor`, for each piece, or once
    per_minor: int = 0
    rounding: Rounding = "floor"
    factor_bp: int = FACTOR_ONE  # of a multiplier; what is beyond FACTOR_ONE is given here
    lines: tuple[int, ...]  # numbers of the lines that it looks at
    earning: tuple[int, ...]  # numbers of all lines that earn: what was given by the shop is spread on them
    threshold_minor: int = 0  # asked again when goods come back; 0: not
    basis: int = 0  # the minor units or pieces that were counted


@dataclass(frozen=True, slots=True)
class Earned:
    grant: Grant
    points: int  # more than zero


def earned(terms: Terms, rules: tuple[EarningRule, ...], version: int, purchase: Purchase) -> list[Earned]:
    """Each reason with its points: the base, then the rules in their order. Of a group only the best."""
    lines = tuple(line for line in purchase.lines if _earns(terms, line))
    if not terms.points:
        return []
    numbers = tuple(line.line_number for line in lines)
    base = Grant(
        rule_id=BASE,
        book_version=version,
        kind="base",
        points=terms.points,
        per_minor=terms.per_minor,
        rounding=terms.rounding,
        lines=numbers,
        earning=numbers,
    )
    grants = [base, *_extras(base, rules, purchase, lines)]
    left = {line.line_number: line for line in lines}
    told = [Earned(_counted(each, left, purchase.bonus_minor), 0) for each in grants]
    told = [replace(each, points=worth(each.grant, left, purchase.bonus_minor)) for each in told]
    groups = {rule.rule_id: rule.group for rule in rules if rule.group}
    return [each for each in _best(told, groups) if each.points]


def worth(grant: Grant, left: Mapping[int, Bought], bonus_minor: int) -> int:
    """The points of a grant on what is left with the customer; `bonus_minor` is what is left of that."""
    basis = _basis(grant, left, bonus_minor)
    if basis <= 0 or _amount(grant, left, bonus_minor) < grant.threshold_minor:
        return 0
    if grant.kind in ("purchase", "first_purchase"):
        return grant.points
    if grant.kind == "article":
        return grant.points * basis
    points = rounded(basis * grant.points, grant.per_minor, grant.rounding)
    if grant.kind == "multiplier":
        return rounded(points * (grant.factor_bp - FACTOR_ONE), FACTOR_ONE, grant.rounding)
    return points


def rounded(numerator: int, denominator: int, rounding: Rounding) -> int:
    """The quotient of two integers, zero or more, as the terms round it."""
    if rounding == "floor":
        return numerator // denominator
    if rounding == "ceil":
        return -(-numerator // denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def _earns(terms: Terms, line: Bought) -> bool:
    """Gift cards never earn, nor does what costs nothing, nor what the shop leaves out."""
    if line.category == CATEGORY or line.pieces <= 0 or line.net_minor <= 0:
        return False
    return terms.excluded == NO_GOODS or not line.named_by(terms.excluded)


def _extras(
    base: Grant, rules: tuple[EarningRule, ...], purchase: Purchase, lines: tuple[Bought, ...]
) -> Iterator[Grant]:
    for rule in rules:
        named = tuple(line.line_number for line in lines if line.named_by(rule.goods))
        amount = _sum({line.line_number: line for line in lines}, named, base, purchase.bonus_minor)
        if not named or not _stands(rule, purchase) or amount < rule.threshold_minor:
            continue
        factor = max(
            [rule.factor_bp, *(f.factor_bp for f in rule.tier_factors if f.tier in purchase.tiers)]
        )
        multiplier = rule.kind == "multiplier"
        if multiplier and factor <= FACTOR_ONE:
            continue
        yield Grant(
            rule_id=rule.rule_id,
            book_version=base.book_version,
            kind=rule.kind,
            label_zh=rule.label_zh,
            label_en=rule.label_en,
            points=base.points if multiplier else rule.points,
            per_minor=base.per_minor if multiplier else 0,
            rounding=base.rounding,
            factor_bp=factor,
            lines=named,
            earning=base.earning,
            threshold_minor=rule.threshold_minor if rule.reevaluate else 0,
        )


def _stands(rule: EarningRule, purchase: Purchase) -> bool:
    if outside(rule.window, purchase.day, purchase.weekday, purchase.minute):
        return False
    if rule.tiers and not purchase.tiers.intersection(rule.tiers):
        return False
    if rule.kind == "first_purchase" and not purchase.first:
        return False
    return not rule.birthday or _birthday(rule.birthday, purchase.birthday, purchase.day)


def _birthday(wanted: str, birthday: str, day: str) -> bool:
    """Somebody born on 29 February has their day on the 28th in a year without it."""
    if wanted == "month":
        return bool(birthday) and birthday[:2] == day[5:7]
    year = int(day[:4])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (birthday if leap or birthday != "02-29" else "02-28") == day[5:]


def _counted(grant: Grant, left: Mapping[int, Bought], bonus_minor: int) -> Grant:
    return msgspec.structs.replace(grant, basis=_basis(grant, left, bonus_minor))


def _basis(grant: Grant, left: Mapping[int, Bought], bonus_minor: int) -> int:
    """Pieces of an article's rule, minor units of every other."""
    if grant.kind == "article":
        return sum(left[n].pieces for n in grant.lines if n in left)
    return _amount(grant, left, bonus_minor)


def _amount(grant: Grant, left: Mapping[int, Bought], bonus_minor: int) -> int:
    return _sum(left, grant.lines, grant, bonus_minor)


def _sum(left: Mapping[int, Bought], numbers: tuple[int, ...], grant: Grant, bonus_minor: int) -> int:
    """What these lines cost in money: each bears its share of what the shop gave."""
    nets = [max(0, left[n].net_minor) if n in left else 0 for n in grant.earning]
    shares = split(bonus_minor, nets)
    return sum(
        net - share for n, net, share in zip(grant.earning, nets, shares, strict=True) if n in numbers
    )


def _best(told: list[Earned], groups: Mapping[str, str]) -> Iterator[Earned]:
    """Of each group the reason with most points, the first of equals."""
    best: dict[str, Earned] = {}
    for each in told:
        group = groups.get(each.grant.rule_id, "")
        if group and (group not in best or each.points > best[group].points):
            best[group] = each
    for each in told:
        group = groups.get(each.grant.rule_id, "")
        if not group or best[group] is each:
            yield each
