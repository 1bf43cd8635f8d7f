"""Whether offers stand in each other's way, so that taking all of them need not be the best."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from services.domain.candidate import Candidate
from services.domain.layers import STACKABLE, Sheet, lower
from services.domain.offers import COUPON, LINE, ORDER, UNIT, LineRule, OrderRule, UnitRule


def entangled(start: Sheet, candidates: Sequence[Candidate]) -> bool:
    """Where this is false, no offer that may be taken together with the others makes the basket dearer, and
    no piece is better left out: each offer then only ever lowers what is payable in total, and the offers
    after it work on that total alone. `start` is the basket after L1."""
    layers = {layer: [c for c in candidates if c.offer.layer == layer] for layer in range(LINE, COUPON + 1)}
    lines, units = layers[LINE], layers[UNIT]
    if _units_meet(start, lines, units) or _orders_meet(layers[ORDER], layers[COUPON]):
        return True
    reduced = lower(start, lines)
    return any(_sees(start, reduced, units, candidate) for candidate in layers[ORDER] + layers[COUPON])


def leaves_out(candidates: Sequence[Candidate]) -> bool:
    """Whether a piece may be left out for a better price. Not where the shop has kept a choice to itself:
    leaving pieces out would take it away."""
    return not any(
        candidate.offer.terms.group_mode in ("list_order", "lowest_discount") or _by_shop(candidate)
        for candidate in candidates
    )


def unit_rule(candidate: Candidate) -> UnitRule:
    rule = candidate.offer.rule
    assert not isinstance(rule, (LineRule, OrderRule)), candidate
    return rule


def _by_shop(candidate: Candidate) -> bool:
    return candidate.offer.layer == UNIT and unit_rule(candidate).by_shop


def _units_meet(start: Sheet, lines: Sequence[Candidate], units: Sequence[Candidate]) -> bool:
    """Two offers want the same pieces, or one does not simply grow with every piece."""
    reduced = {line for candidate in lines for line in candidate.lines}
    for candidate in units:
        rule = unit_rule(candidate)
        floors = any(start.items[line].floor_minor for line in candidate.lines)
        if floors or not rule.plain(candidate.parts):
            return True
        if rule.by_amount and reduced & set(candidate.lines):
            return True
    return any(set(one.lines) & set(other.lines) for one, other in itertools.combinations(units, 2))


def _orders_meet(orders: Sequence[Candidate], coupons: Sequence[Candidate]) -> bool:
    """Two offers can be taken one after the other, and the second does not work on just the same lines, or
    has a threshold that the first can make it miss."""
    for one, other in itertools.combinations([*orders, *coupons], 2):
        alike = one.offer.layer == other.offer.layer
        if alike and not _together(one, other):
            continue
        if one.lines != other.lines or not (alike or _from_nothing(other)):
            return True
    return False


def _together(one: Candidate, other: Candidate) -> bool:
    """Of the same layer."""
    terms, others = one.offer.terms, other.offer.terms
    return STACKABLE in (terms.group_mode, others.group_mode) or terms.group != others.group


def _from_nothing(candidate: Candidate) -> bool:
    rule = candidate.offer.rule
    assert isinstance(rule, OrderRule), candidate
    return candidate.offer.terms.basis == "gross" or all(not step.threshold_minor for step in rule.steps)


def _sees(start: Sheet, reduced: Sheet, units: Sequence[Candidate], candidate: Candidate) -> bool:
    """An offer on the order meets some of the lines of an offer on pieces and not the others; or what is
    taken off before decides whether a threshold is reached."""
    mine = set(candidate.lines)
    paired = {line for unit in units for line in unit.lines}
    if any(mine & set(unit.lines) and not mine >= set(unit.lines) for unit in units):
        return True
    if candidate.offer.terms.basis == "gross":
        return False
    most = sum(start.net[line] for line in mine)
    least = sum(reduced.net[line] for line in mine - paired)
    return _decides(candidate, least, most)


def _decides(candidate: Candidate, least: int, most: int) -> bool:
    """Whether there is a threshold above `least` and up to `most`."""
    rule = candidate.offer.rule
    assert isinstance(rule, OrderRule), candidate
    if rule.repeats:
        threshold = rule.steps[0].threshold_minor
        return least // threshold != most // threshold
    return any(least < step.threshold_minor <= most for step in rule.steps)
