"""The choice of offers with the lowest payable amount, and how sure that is."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.domain.layers import STACKABLE, Candidate, Sheet, evaluate
from services.domain.offers import COUPON, ORDER, Context, Grant, Item

LIMIT = 512  # combinations that are all looked at; beyond, the result is called bounded

Options = tuple[tuple[Candidate, ...], ...]  # of one dimension: which of them is taken


@dataclass(frozen=True, slots=True)
class Found:
    """The cheapest choice. `bounded`: not every combination was looked at."""

    sheet: Sheet
    chosen: tuple[Candidate, ...]
    evaluated: int
    bounded: bool


class Search:
    def __init__(
        self, items: Sequence[Item], grants: Sequence[Grant], context: Context, limit: int = LIMIT
    ) -> None:
        self.items, self.grants, self.context, self.limit = items, grants, context, limit
        self.evaluated = 0

    def best(self, candidates: Sequence[Candidate]) -> Found:
        """The lowest payable over one choice or none of each group, times each stackable one on or off."""
        dimensions = [self._options(group) for group in _groups(candidates)]
        combinations = 1
        for options in dimensions:
            combinations *= len(options)
        bounded = combinations > self.limit
        chosen = self._greedy(dimensions) if bounded else self._all(dimensions)
        return Found(evaluate(self.items, self.grants, chosen), chosen, self.evaluated, bounded)

    def _options(self, group: list[Candidate]) -> Options:
        mode = group[0].offer.terms.group_mode
        if mode in ("list_order", "lowest_discount"):
            group = self._appointed(group, lowest=mode == "lowest_discount")
        return ((), *((candidate,) for candidate in group))

    def _appointed(self, group: list[Candidate], *, lowest: bool) -> list[Candidate]:
        """The group's own winner, each measured alone: not the customer's choice but the shop's."""
        without = evaluate(self.items, self.grants, ()).payable
        gains = [without - evaluate(self.items, self.grants, (each,)).payable for each in group]
        applying = [(gain, each) for gain, each in zip(gains, group, strict=True) if gain > 0]
        if lowest:
            applying.sort(key=lambda pair: (pair[0], pair[1].order))
        return [each for _, each in applying[:1]]

    def _all(self, dimensions: Sequence[Options]) -> tuple[Candidate, ...]:
        choices = (_sorted(choice) for choice in itertools.product(*dimensions))
        return min(filter(_allowed, choices), key=self._cost)

    def _greedy(self, dimensions: Sequence[Options]) -> tuple[Candidate, ...]:
        """Layer by layer, then single swaps as long as one of them helps."""
        taken: list[tuple[Candidate, ...]] = [() for _ in dimensions]
        for _ in range(len(dimensions) + 2):
            before = list(taken)
            for n, options in enumerate(dimensions):
                swaps = [[*taken[:n], option, *taken[n + 1 :]] for option in options]
                fitting = [swap for swap in swaps if _allowed(_sorted(swap))]
                taken = min(fitting, key=lambda swap: self._cost(_sorted(swap)))
            if taken == before:
                break
        return _sorted(taken)

    def _cost(self, chosen: tuple[Candidate, ...]) -> tuple[object, ...]:
        """Payable; then fewer coupons, those that end sooner, and the ids."""
        self.evaluated += 1
        sheet = evaluate(self.items, self.grants, chosen)
        used = {entry.source for entry in sheet.entries if entry.amount}
        ids = sorted(c.offer.promotion_id for c in chosen if c.offer in used)
        ends = {coupon.promotion_id: coupon.valid_to or "9999" for coupon in self.context.coupons}
        coupons = sorted(ends[promotion_id] for promotion_id in ids if promotion_id in ends)
        return (sheet.payable, len(coupons), coupons, ids)


def _sorted(choice: Iterable[tuple[Candidate, ...]]) -> tuple[Candidate, ...]:
    return tuple(sorted(itertools.chain(*choice), key=lambda candidate: candidate.order))


def _allowed(chosen: Sequence[Candidate]) -> bool:
    """A coupon goes only with offers that let it."""
    coupon = any(candidate.offer.layer == COUPON for candidate in chosen)
    return not coupon or all(candidate.offer.terms.stack_with_coupon for candidate in chosen)


def _groups(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Of each at most one is taken. Without a group of their own, offers of L2 and L3 stand alone (the best
    wins each line, and a unit is used once), those of L4 and L5 are one group each."""
    groups: dict[tuple[int, str, str], list[Candidate]] = {}
    for candidate in candidates:
        offer = candidate.offer
        alone = offer.terms.group_mode == STACKABLE or (
            not offer.terms.group and offer.layer not in (ORDER, COUPON)
        )
        key = (offer.layer, offer.terms.group, offer.promotion_id if alone else "")
        groups.setdefault(key, []).append(candidate)
    for key in sorted(groups):
        yield sorted(groups[key], key=lambda candidate: candidate.order)
