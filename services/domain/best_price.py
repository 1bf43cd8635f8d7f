"""The choice of offers with the lowest payable amount, and how sure that is."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from operator import attrgetter
from typing import Any

from services.domain.candidate import Candidate
from services.domain.entangled import entangled, leaves_out
from services.domain.layers import (
    STACKABLE,
    Sheet,
    line_offers,
    lower,
    measure,
    reached,
    sold,
    unit_offer,
    upper,
)
from services.domain.money import rounded
from services.domain.offers import COUPON, LINE, ORDER, POINTS, UNIT, Context, Item

LIMIT = 512  # combinations that are all looked at; beyond, the result is called bounded
TRIES_MAX = 28  # choices of L2 and L3 that are looked at then

Choice = tuple[Candidate, ...]
Pieces = tuple[int, ...]  # of each line, how many take part in no offer
Options = tuple[Choice, ...]  # what one group may give


@dataclass(frozen=True, slots=True)
class Found:
    """The cheapest choice. `bounded`: not every combination was looked at."""

    sheet: Sheet
    chosen: Choice
    out: Pieces
    evaluated: int
    bounded: bool


class Search:
    """Over one choice or none of each group, each stackable offer on or off, and pieces that take part in
    nothing, as if they were bought by themselves: so one article more never costs more than its price."""

    def __init__(self, items: Sequence[Item], context: Context, limit: int = LIMIT) -> None:
        self.items, self.context, self.limit = items, context, limit
        self.start = Sheet(items, context.grants)
        self.evaluated = self._tries = 0
        self._ends = {coupon.promotion_id: coupon.valid_to or "9999" for coupon in context.coupons}
        self._untouched_minor = sum(item.gross_minor for item in items if not sold(item))
        self._points = [grant for grant in context.grants if grant.layer == POINTS]
        # Whether it matters how an amount is split over the lines: a line at its lowest price gives less.
        self._split = any(
            grant.layer == ORDER or (grant.layer == POINTS and grant.line_id) for grant in context.grants
        ) or any(item.floor_minor for item in items)
        self._lower: dict[tuple[Choice, Pieces], Sheet] = {}
        self._best: _Look | None = None

    def best(self, candidates: Sequence[Candidate]) -> Found:
        """The lowest payable; of equal ones the one with fewer coupons, then with coupons that end sooner,
        then by the ids of the promotions, then with fewer pieces left out."""
        groups = [options for group in _groups(candidates) if len(options := self._options(group)) > 1]
        tangled = entangled(self.start, candidates)
        if not tangled and not _coupon_excludes(candidates):
            groups = [options[1:] for options in groups]
        low = [options for options in groups if options[-1][0].offer.layer in (LINE, UNIT)]
        high = self._upper([options for options in groups if options[-1][0].offer.layer in (ORDER, COUPON)])
        most = [0] * len(self.items)
        if tangled and leaves_out(candidates):
            for line in {line for candidate in candidates for line in candidate.lines}:
                most[line] = self.items[line].quantity
        bounded = prod(map(len, groups)) * prod(pieces + 1 for pieces in most) > self.limit
        if bounded:
            self._climb(low, high, most)
        else:
            for out in itertools.product(*(range(pieces + 1) for pieces in most)):
                for choice in itertools.product(*low):
                    self._over(_sorted(choice), high, out)
        assert self._best is not None
        return self._written(self._best, bounded)

    def _upper(self, groups: Sequence[Options]) -> list[Choice]:
        """All choices of L4 and L5, or the single ones when those are too many. A coupon goes only with
        offers that let it."""
        if prod(map(len, groups)) <= self.limit:
            every = [_sorted(each) for each in itertools.product(*groups)]
        else:
            every = [(), *(option for options in groups for option in options if option)]
        return [each for each in every if not _has_coupon(each) or _lets_coupons(each)]

    def _written(self, best: _Look, bounded: bool) -> Found:
        start = Sheet(self.items, self.context.grants, written=True).without(best.out)
        sheet = upper(lower(start, best.low), best.high, self.context.grants)
        assert sheet.payable == best.payable, best
        return Found(sheet, (*best.low, *best.high), best.out, self.evaluated, bounded)

    def _options(self, group: list[Candidate]) -> Options:
        mode = group[0].offer.terms.group_mode
        if mode in ("list_order", "lowest_discount"):
            group = self._appointed(group, lowest=mode == "lowest_discount")
        return ((), *((candidate,) for candidate in group))

    def _appointed(self, group: list[Candidate], *, lowest: bool) -> list[Candidate]:
        """The group's own winner, each measured alone: not the customer's choice but the shop's."""
        without = upper(self.start, (), self.context.grants).payable
        gains = [(without - self._alone(each), each) for each in group]
        applying = [pair for pair in gains if pair[0] > 0]
        if lowest:
            applying.sort(key=lambda pair: (pair[0], pair[1].order))
        return [each for _, each in applying[:1]]

    def _alone(self, candidate: Candidate) -> int:
        return upper(lower(self.start, (candidate,)), (candidate,), self.context.grants).payable

    def _climb(self, low: Sequence[Options], high: Sequence[Choice], most: Sequence[int]) -> None:
        """Everything taken and nothing left out, then single swaps: for as long as one of them helps, and
        TRIES_MAX of them at most."""
        taken = [options[-1] for options in low]
        out = [0] * len(most)
        payable = self._over(_sorted(taken), high, tuple(out))
        improved = True
        while improved:
            improved = False
            for n, option in [(n, option) for n, options in enumerate(low) for option in options]:
                if option == taken[n] or (not option and self._idle(taken, n, out)):
                    continue
                swapped = [*taken[:n], option, *taken[n + 1 :]]
                if (less := self._tried(swapped, high, out)) < payable:
                    taken, payable, improved = swapped, less, True
            for line, pieces in _single_moves(most):
                other = [*out[:line], 0 if out[line] else pieces, *out[line + 1 :]]
                if (less := self._tried(taken, high, other)) < payable:
                    out, payable, improved = other, less, True

    def _idle(self, taken: Sequence[Choice], n: int, out: Sequence[int]) -> bool:
        """Whether the offer gives nothing as it is: then doing without it changes nothing."""
        return taken[n][0].offer.promotion_id not in self._left(_sorted(taken), tuple(out)).applied

    def _tried(self, taken: Sequence[Choice], high: Sequence[Choice], out: Sequence[int]) -> int:
        """Payable of a swap; without looking when there were enough of them."""
        if self._tries >= TRIES_MAX or self.evaluated >= 2 * self.limit:
            return self.start.payable
        self._tries += 1
        return self._over(_sorted(taken), high, tuple(out))

    def _over(self, choice: Choice, high: Sequence[Choice], out: Pieces) -> int:
        """The lowest payable over the choices of L4 and L5."""
        left = self._left(choice, out)
        allowed = high if _lets_coupons(choice) else [each for each in high if not _has_coupon(each)]
        return min([self._look(left, choice, each, out) for each in allowed], default=self.start.payable)

    def _left(self, choice: Choice, out: Pieces) -> Sheet:
        """L2 and L3, made from the sheet of all but the last offer when that one is of L3."""
        if (made := self._lower.get((choice, out))) is not None:
            return made
        if choice and choice[-1].offer.layer == UNIT:
            sheet = unit_offer(self._left(choice[:-1], out), choice[-1])
        else:
            sheet = (self.start.without(out) if any(out) else self.start).copy()
            line_offers(sheet, choice)
        self._lower[choice, out] = sheet
        return sheet

    def _look(self, left: Sheet, low: Choice, high: Choice, out: Pieces) -> int:
        """Payable of one combination, which is kept when it is the best so far."""
        self.evaluated += 1
        gains = None if self._split else _gains(left, high)
        if gains is None:
            sheet = upper(left, high, self.context.grants)
            payable, applied = sheet.payable, sheet.applied
        else:
            payable = self._after_points(left.payable - sum(gains.values()))
            applied = left.applied.union(gains)
        best = self._best
        if best is None or payable <= best.payable:
            ids = sorted(applied)
            coupons = sorted(self._ends[promotion_id] for promotion_id in ids if promotion_id in self._ends)
            rank = (payable, len(coupons), coupons, ids, sum(out), out)
            if best is None or rank < best.rank:
                self._best = _Look(payable, rank, low, high, out)
        return payable

    def _after_points(self, payable: int) -> int:
        """Points come off what is left of all lines that may be reduced; the others stay as they were."""
        for grant in self._points:
            rest = payable - self._untouched_minor
            most = min(rest, grant.amount_minor, rest * grant.most_bp // 10_000)
            payable -= rounded(rest * grant.basis_points, 10_000) if grant.basis_points else most
        return payable


@dataclass(frozen=True, slots=True)
class _Look:
    """One combination, and where it stands among the others."""

    payable: int
    rank: tuple[Any, ...]
    low: Choice
    high: Choice
    out: Pieces


def _gains(left: Sheet, high: Choice) -> dict[str, int] | None:
    """What each offer of L4 and L5 takes off in all, where no line has a lowest price; None where that
    hangs on how those before it were split, because they touch lines that are not all its own."""
    entering = (
        [net - idle for net, idle in zip(left.net, left.idle, strict=True)] if any(left.out) else left.net
    )
    gains: dict[str, int] = {}
    touched: frozenset[int] = frozenset()
    layer = off = off_before = 0
    for candidate in high:
        offer = candidate.offer
        if not touched <= candidate.places:
            return None
        if offer.layer != layer:
            layer, off_before = offer.layer, off
        whole = sum(map(entering.__getitem__, candidate.lines))
        gross = offer.terms.basis == "gross"
        step, times = reached(offer, measure(left, entering, candidate) if gross else whole - off_before)
        if step is None:
            continue
        rest = whole - off
        gain = rounded(rest * step.basis_points, 10_000) if step.basis_points else step.amount_minor * times
        gain = min(rest, gain, offer.terms.cap_minor or gain)
        if gain:
            gains[offer.promotion_id] = gain
            off, touched = off + gain, touched | candidate.places
    return gains


def _single_moves(most: Sequence[int]) -> list[tuple[int, int]]:
    """(line, pieces to leave out): one, and all of them."""
    return [(line, pieces) for line, all_ in enumerate(most) if all_ for pieces in sorted({1, all_})]


def in_order(candidates: Iterable[Candidate]) -> Choice:
    """As they stack."""
    return tuple(sorted(candidates, key=attrgetter("order")))


def _sorted(choice: Iterable[Choice]) -> Choice:
    return in_order(itertools.chain(*choice))


def _has_coupon(choice: Iterable[Candidate]) -> bool:
    return any(candidate.offer.layer == COUPON for candidate in choice)


def _lets_coupons(choice: Iterable[Candidate]) -> bool:
    return all(candidate.offer.terms.stack_with_coupon for candidate in choice)


def _coupon_excludes(candidates: Sequence[Candidate]) -> bool:
    return _has_coupon(candidates) and not _lets_coupons(candidates)


def group_key(candidate: Candidate) -> tuple[int, str, str]:
    """Equal for offers of which at most one is taken."""
    offer, terms = candidate.offer, candidate.offer.terms
    alone = terms.group_mode == STACKABLE or (not terms.group and offer.layer not in (ORDER, COUPON))
    return (offer.layer, terms.group, offer.promotion_id if alone else "")


def _groups(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Of each at most one is taken. Without a group of their own, offers of L2 and L3 stand alone (the best
    wins each line, and a unit is used once), those of L4 and L5 are one group each."""
    groups: dict[tuple[int, str, str], list[Candidate]] = {}
    for candidate in candidates:
        groups.setdefault(group_key(candidate), []).append(candidate)
    for key in sorted(groups):
        yield sorted(groups[key], key=lambda candidate: candidate.order)
