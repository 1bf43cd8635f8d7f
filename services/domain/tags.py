"""Tags of members: what a shop calls people who buy alike, put on by hand or by rules that look again.

A tag's key is the segment that promotions name. A rule's answer says on which
numbers and sales it rests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import msgspec

from services.domain.member_errors import TagRefused
from services.domain.metrics import Purchase, Window, measured
from services.domain.offers import Text
from services.domain.rfm import Limits

Fact = Literal["spend_minor", "visits", "orders", "categories", "stores"]
Month = Annotated[int, msgspec.Meta(ge=1, le=12)]
Basis = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
Count = Annotated[int, msgspec.Meta(ge=1, le=9_999)]
TAGS_MAX = 100
PARTS_MAX = 20
DEPTH_MAX = 4
SALES_MAX = 20  # named in one evidence, the newest
LEAST_MAX = 10**12


class Kind(msgspec.Struct, frozen=True):
    """Articles of any of these categories or styles."""

    categories: Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)] = ()
    styles: Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)] = ()

    def has(self, bought: Purchase) -> bool:
        return bought.category in self.categories or bought.style in self.styles


class Reaches(msgspec.Struct, frozen=True, tag="reaches"):
    """So much of one number in a window."""

    fact: Fact
    least: Annotated[int, msgspec.Meta(ge=1, le=LEAST_MAX)]
    window: Window = Window()


class Share(msgspec.Struct, frozen=True, tag="share"):
    """Of the pieces that were bought so large a part is of one kind."""

    kind: Kind
    least_bp: Basis
    least_pieces: Count = 3
    window: Window = Window()


class Season(msgspec.Struct, frozen=True, tag="season"):
    """Bought in some months of the year so many times as often as in the others, month for month."""

    kind: Kind
    months: Annotated[tuple[Month, ...], msgspec.Meta(min_length=1, max_length=11)]
    times: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    least_pieces: Count = 3
    window: Window = Window()


class InARow(msgspec.Struct, frozen=True, tag="in_a_row"):
    """So many purchases one after the other that each had something of one kind."""

    kind: Kind
    count: Annotated[int, msgspec.Meta(ge=2, le=100)] = 3
    window: Window = Window()


class AverageOrder(msgspec.Struct, frozen=True, tag="average_order"):
    least_minor: Annotated[int, msgspec.Meta(ge=1, le=LEAST_MAX)]
    least_orders: Count = 2
    window: Window = Window()


class Away(msgspec.Struct, frozen=True, tag="away"):
    """The last purchase is so many days ago; somebody who never bought is not away."""

    least_days: Annotated[int, msgspec.Meta(ge=0, le=9_999)]
    most_days: Annotated[int, msgspec.Meta(ge=0, le=9_999)] = 9_999


class All(msgspec.Struct, frozen=True, tag="all"):
    rules: tuple[Rule, ...]


class Any(msgspec.Struct, frozen=True, tag="any"):
    rules: tuple[Rule, ...]


Leaf = Reaches | Share | Season | InARow | AverageOrder | Away
Rule = Leaf | All | Any


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """Without a rule it is put on by hand alone."""

    key: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,30}$")]
    label_zh: Text
    label_en: Text
    rule: Rule | None = None


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """All tags of a shop and the limits of its stages. A version is never changed; 0 has no tags."""

    version: int = 0
    tags: tuple[Tag, ...] = ()
    limits: Limits = Limits()

    def tag(self, key: str) -> Tag | None:
        return next((tag for tag in self.tags if tag.key == key), None)

    @property
    def self_updating(self) -> tuple[Tag, ...]:
        return tuple(tag for tag in self.tags if tag.rule is not None)


class Evidence(msgspec.Struct, frozen=True):
    """What an answer rests on."""

    numbers: dict[str, int] = {}
    sale_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    holds: bool
    evidence: Evidence


def check(book: Book) -> None:
    """Raises TagRefused (details.why: many, key, label, kind, months, days, parts, depth, limits)."""
    if len(book.tags) > TAGS_MAX:
        raise TagRefused("too many tags", why="many", most=TAGS_MAX)
    if len({tag.key for tag in book.tags}) != len(book.tags):
        raise TagRefused("two tags have one key", why="key")
    if not book.limits.rise():
        raise TagRefused("limits rise from step to step", why="limits")
    for tag in book.tags:
        if not (tag.label_zh.strip() and tag.label_en.strip()):
            raise TagRefused("a tag has a name", why="label", key=tag.key)
        if tag.rule is not None:
            check_rule(tag.rule, tag.key)


def check_rule(rule: Rule, key: str = "") -> None:
    """Raises TagRefused (details.why: kind, months, days, parts, depth)."""
    if why := _odd(rule):
        raise TagRefused("the rule cannot hold", why=why, key=key)


def answer(rule: Rule, purchases: Sequence[Purchase], today: str) -> Answer:
    """Whether `rule` holds for somebody with these purchases, in the order of time, and why (not)."""
    if isinstance(rule, All | Any):
        parts = [answer(part, purchases, today) for part in rule.rules]
        holds = all(each.holds for each in parts) if isinstance(rule, All) else any(e.holds for e in parts)
        return Answer(holds, _together([each for each in parts if each.holds] or parts))
    if isinstance(rule, Away):
        return _away(rule, purchases, today)
    begin = rule.window.begin(today)
    seen = [each for each in purchases if begin <= each.day <= today]
    if isinstance(rule, Reaches):
        have = measured(seen)[rule.fact]
        return _answer(have >= rule.least, seen, {rule.fact: have, "least": rule.least})
    if isinstance(rule, AverageOrder):
        spend, orders = sum(each.net_minor for each in seen), len({each.sale_id for each in seen})
        holds = orders >= rule.least_orders and spend >= rule.least_minor * orders
        return _answer(holds, seen, {"spend_minor": spend, "orders": orders, "least": rule.least_minor})
    if isinstance(rule, InARow):
        return _in_a_row(rule, seen)
    return _season(rule, seen) if isinstance(rule, Season) else _share(rule, seen)


def _share(rule: Share, seen: Sequence[Purchase]) -> Answer:
    of_kind = [each for each in seen if rule.kind.has(each)]
    pieces, total = _pieces(of_kind), _pieces(seen)
    holds = pieces >= rule.least_pieces and pieces * 10_000 >= rule.least_bp * total
    return _answer(holds, of_kind, {"pieces": pieces, "of_pieces": total, "least_bp": rule.least_bp})


def _season(rule: Season, seen: Sequence[Purchase]) -> Answer:
    of_kind = [each for each in seen if rule.kind.has(each)]
    months = set(rule.months)
    inside = [each for each in of_kind if date.fromisoformat(each.day).month in months]
    pieces = _pieces(inside)
    others = _pieces(of_kind) - pieces
    often = pieces * (12 - len(months)) >= rule.times * others * len(months)
    numbers = {"pieces": pieces, "other_pieces": others, "months": len(months), "times": rule.times}
    return _answer(pieces >= rule.least_pieces and often, inside, numbers)


def _in_a_row(rule: InARow, seen: Sequence[Purchase]) -> Answer:
    has: dict[str, bool] = {}
    for each in seen:
        has[each.sale_id] = has.get(each.sale_id, False) or rule.kind.has(each)
    best: list[str] = []
    run: list[str] = []
    for sale_id, of_kind in has.items():
        run = [*run, sale_id] if of_kind else []
        best = run if len(run) >= len(best) else best
    numbers = {"in_a_row": len(best), "least": rule.count}
    return Answer(len(best) >= rule.count, Evidence(numbers, tuple(best[-SALES_MAX:])))


def _away(rule: Away, purchases: Sequence[Purchase], today: str) -> Answer:
    if not purchases:
        return Answer(False, Evidence())
    last = max(purchases, key=lambda each: each.day)
    days = (date.fromisoformat(today) - date.fromisoformat(last.day)).days
    return _answer(rule.least_days <= days <= rule.most_days, [last], {"days": days})


def _answer(holds: bool, rests_on: Sequence[Purchase], numbers: dict[str, int]) -> Answer:
    sale_ids = tuple(dict.fromkeys(each.sale_id for each in rests_on))
    return Answer(holds, Evidence(numbers, sale_ids[-SALES_MAX:]))


def _together(parts: Sequence[Answer]) -> Evidence:
    """A number that several parts have is told of each: "orders", "orders.2"."""
    numbers: dict[str, int] = {}
    for n, part in enumerate(parts, 1):
        for key, value in part.evidence.numbers.items():
            numbers[key if key not in numbers else f"{key}.{n}"] = value
    sale_ids = dict.fromkeys(sale_id for part in parts for sale_id in part.evidence.sale_ids)
    return Evidence(numbers, tuple(sale_ids)[-SALES_MAX:])


def _pieces(purchases: Sequence[Purchase]) -> int:
    return sum(each.pieces for each in purchases)


def _leaves(rule: Rule) -> Iterator[Leaf]:
    if isinstance(rule, All | Any):
        for part in rule.rules:
            yield from _leaves(part)
    else:
        yield rule


def _odd(rule: Rule) -> str:
    """What is wrong with a rule; "" for nothing."""
    if _empty(rule) or len(list(_leaves(rule))) > PARTS_MAX:
        return "parts"
    if _depth(rule) > DEPTH_MAX:
        return "depth"
    for leaf in _leaves(rule):
        if isinstance(leaf, Share | Season | InARow) and not (leaf.kind.categories or leaf.kind.styles):
            return "kind"
        if isinstance(leaf, Season) and len(set(leaf.months)) != len(leaf.months):
            return "months"
        if isinstance(leaf, Away) and leaf.least_days > leaf.most_days:
            return "days"
    return ""


def _empty(rule: Rule) -> bool:
    return isinstance(rule, All | Any) and (not rule.rules or any(_empty(part) for part in rule.rules))


def _depth(rule: Rule) -> int:
    return 1 + max((_depth(part) for part in rule.rules), default=0) if isinstance(rule, All | Any) else 1
