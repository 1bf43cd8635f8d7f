"""Which of a member's coupons, and how many of the points, let a bag cost least."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from services.domain import redemption
from services.domain.coupons import kind_of
from services.domain.offers import Coupon
from services.domain.points_rules import Discount

LIMIT = 32  # sets of coupons that are looked at; beyond, the result is called bounded
OTHERS_MAX = 4  # that are named beside the best

# What makes the best one better than the next: it saves more, or as much for fewer points or coupons, or
# with coupons that end sooner. "": there is no other, or none of these.
Reason = Literal["", "saves_more", "fewer_points", "fewer_coupons", "ends_sooner"]


@dataclass(frozen=True, slots=True)
class Quote:
    """What goods cost with coupons on offer, before points; `used` are those that take something off."""

    due_minor: int
    used: tuple[Coupon, ...] = ()
    bounded: bool = False  # not every combination of promotions was looked at
    whole: bool = True  # all that was offered may be in one bag together


Quoting = Callable[[tuple[Coupon, ...]], Quote]


@dataclass(frozen=True, slots=True)
class Choice:
    """Coupons that end first are in front."""

    coupons: tuple[Coupon, ...]
    points: int
    pays_minor: int
    points_minor: int = 0  # what the points take off

    @property
    def rank(self) -> tuple[int, int, int, list[tuple[str, str]]]:
        """Lower is better: what is paid, points, how many coupons, their ends."""
        return (self.pays_minor, self.points, len(self.coupons), [_end(each) for each in self.coupons])


@dataclass(frozen=True, slots=True)
class Found:
    """The best choice, the next best ones, and what the goods cost with nothing of the member's."""

    best: Choice
    others: tuple[Choice, ...]
    plain_minor: int
    reason: Reason
    bounded: bool


def find(
    coupons: Sequence[Coupon],
    quote: Quoting,
    discount: Discount,
    usable: int,
) -> Found:
    """Over every set of coupons, of which one of each kind can work, with as many points as go and without.

    `quote` already takes the best of the coupons it is offered, so all of them at once cost least before
    points, where they may be together. Points come in steps and up to a share, so that a dearer bag with
    one step more may end below; only where that could be are other sets looked at.
    """
    search = _Search(quote, discount, usable)
    kinds = _first_of_each(coupons)
    plain = search.look(())
    for coupon in kinds[: LIMIT // 2]:
        search.look((coupon,))
    everything = search.look(kinds)
    if not (everything.whole and search.certain(everything)):
        for some in itertools.islice(_between(kinds), max(0, LIMIT - search.looked)):
            search.look(some)
        search.bounded |= search.looked < 2 ** len(kinds)
    best, *others = sorted(search.choices, key=lambda choice: choice.rank)
    worth = _unlike(best, (each for each in others if each.pays_minor < plain.due_minor))
    return Found(
        best=best,
        others=tuple(worth[:OTHERS_MAX]),
        plain_minor=plain.due_minor,
        reason=_reason(best, worth, coupons),
        bounded=search.bounded,
    )


class _Search:
    """What was looked at so far."""

    def __init__(self, quote: Quoting, discount: Discount, usable: int) -> None:
        self._quote, self._discount, self._usable = quote, discount, usable
        self._seen: set[tuple[Coupon, ...]] = set()
        self.choices: set[Choice] = set()
        self.bounded = False

    @property
    def looked(self) -> int:
        return len(self._seen)

    def look(self, some: tuple[Coupon, ...]) -> Quote:
        quote = self._quote(some)
        self._seen.add(some)
        self.bounded |= quote.bounded
        used = tuple(sorted(quote.used, key=_end))
        self.choices.add(Choice(used, 0, quote.due_minor))
        points = self._points(quote.due_minor)
        off = redemption.off(self._discount, points)
        if off:
            self.choices.add(Choice(used, points, quote.due_minor - off, off))
        return quote

    def certain(self, cheapest: Quote) -> bool:
        """Whether no bag that costs more before points can end below this one, nor as low with as many: the
        next step of points would have to take off more than the rise that it asks for."""
        discount, due_minor = self._discount, cheapest.due_minor
        points = self._points(due_minor)
        if not discount.points or not discount.share_bp:
            return True
        step = max(points // discount.points + 1, -(-discount.least // discount.points))
        if step > self._usable // discount.points:
            return True
        asks_minor = -(-step * discount.minor * 10_000 // discount.share_bp)
        return due_minor - redemption.off(discount, points) <= asks_minor - step * discount.minor

    def _points(self, due_minor: int) -> int:
        return redemption.most(self._discount, self._usable, due_minor)


def _end(coupon: Coupon) -> tuple[str, str]:
    return (coupon.valid_to or "9999", coupon.coupon_id)


def _first_of_each(coupons: Sequence[Coupon]) -> tuple[Coupon, ...]:
    """Of equal ones the one that ends first."""
    kinds: dict[str, Coupon] = {}
    for coupon in sorted(coupons, key=_end):
        kinds.setdefault(coupon.promotion_id, coupon)
    return tuple(kinds.values())


def _between(kinds: tuple[Coupon, ...]) -> Iterator[tuple[Coupon, ...]]:
    """Every set of two or more that is not all of them, the small ones first."""
    for size in range(2, len(kinds)):
        yield from itertools.combinations(kinds, size)


def _unlike(best: Choice, others: Iterable[Choice]) -> list[Choice]:
    """Without those that are made of equal coupons as one before."""
    found = {_kinds(best): best}
    for each in others:
        found.setdefault(_kinds(each), each)
    return list(found.values())[1:]


def _kinds(choice: Choice) -> tuple[int, tuple[str, ...]]:
    return choice.points, tuple(sorted(kind_of(each.promotion_id) for each in choice.coupons))


def _reason(best: Choice, others: Sequence[Choice], coupons: Sequence[Coupon]) -> Reason:
    if not others:
        return "ends_sooner" if any(_later(each, best.coupons) for each in coupons) else ""
    second = others[0]
    if best.pays_minor < second.pays_minor:
        return "saves_more"
    if best.points < second.points:
        return "fewer_points"
    if len(best.coupons) < len(second.coupons):
        return "fewer_coupons"
    return "ends_sooner" if _ends(best) < _ends(second) else ""


def _later(coupon: Coupon, chosen: Sequence[Coupon]) -> bool:
    """Whether an equal one that ends sooner was chosen."""
    kind, end = kind_of(coupon.promotion_id), _end(coupon)[0]
    return any(kind == kind_of(each.promotion_id) and _end(each)[0] < end for each in chosen)


def _ends(choice: Choice) -> list[str]:
    return [_end(each)[0] for each in choice.coupons]
