"""One choice of offers, worked through the layers: what every line is reduced by, and what it leaves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.domain.money import rounded, split
from services.domain.offers import (
    COUPON,
    LINE,
    MEMBER,
    ORDER,
    POINTS,
    UNIT,
    Grant,
    Item,
    LineRule,
    Offer,
    OrderRule,
    Step,
    Unit,
)

STACKABLE = "stackable"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer that could work on this basket, and the places of its lines."""

    offer: Offer
    lines: tuple[int, ...]

    @property
    def order(self) -> tuple[int, str]:
        """In which they stack, and in which the first of two equal ones wins."""
        return (self.offer.terms.priority, self.offer.promotion_id)


class Entry(NamedTuple):
    """What one source takes off one line. Amounts are 0 or more."""

    line: int
    layer: int
    source: Offer | Grant
    amount: int
    desired: int  # what it would have been without the lowest price
    basis: int  # the line's net before
    pieces: int  # that it works on


class Sheet:
    """The lines while the layers work on them, in the order of their ids."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.net = [item.gross_minor for item in items]
        self.lowest = [item.floor_minor * max(item.quantity, 0) for item in items]
        self.entries: list[Entry] = []

    def take(self, line: int, layer: int, source: Offer | Grant, desired: int, pieces: int) -> int:
        """Reduce a line by `desired`, at most down to its lowest price; by how much."""
        basis = self.net[line]
        amount = min(desired, basis - self.lowest[line])
        if amount > 0 or desired > 0:
            self.entries.append(Entry(line, layer, source, max(amount, 0), desired, basis, pieces))
        self.net[line] -= max(amount, 0)
        return max(amount, 0)

    @property
    def payable(self) -> int:
        return sum(self.net)


def evaluate(items: Sequence[Item], grants: Sequence[Grant], chosen: Sequence[Candidate]) -> Sheet:
    """All layers over all lines. `items` are in the order of their ids; of each group at most one offer
    is among the `chosen`, which are in their order of stacking."""
    sheet = Sheet(items)
    _member_prices(sheet, grants)
    _line_offers(sheet, [c for c in chosen if c.offer.layer == LINE])
    _unit_offers(sheet, [c for c in chosen if c.offer.layer == UNIT])
    _order_offers(sheet, ORDER, [c for c in chosen if c.offer.layer == ORDER])
    _given(sheet, ORDER, grants)
    _order_offers(sheet, COUPON, [c for c in chosen if c.offer.layer == COUPON])
    _given(sheet, POINTS, grants)
    return sheet


def sold(item: Item) -> bool:
    """Whether any discount may touch the line: goods that are sold at a price that is not fixed."""
    return item.discountable and item.quantity > 0 and item.unit_minor > 0


def offered(item: Item) -> bool:
    """Whether the layers L1 to L4 may touch it."""
    return sold(item) and not item.override


def _member_prices(sheet: Sheet, grants: Sequence[Grant]) -> None:
    for grant in grants:
        if grant.layer == MEMBER:
            for line, item in enumerate(sheet.items):
                if grant.line_id in (0, item.line_id) and offered(item):
                    off = grant.amount_minor or rounded(item.unit_minor * grant.basis_points, 10_000)
                    sheet.take(line, MEMBER, grant, off * item.quantity, item.quantity)


def _line_offers(sheet: Sheet, chosen: Sequence[Candidate]) -> None:
    """The best of the exclusive ones for each line, then the stackable ones one after another."""
    reached = [c for c in chosen if _pieces(sheet, c.lines) >= _line_rule(c).pieces_min]
    for line, item in enumerate(sheet.items):
        best: tuple[int, Offer] | None = None
        for candidate in reached:
            if candidate.offer.terms.group_mode != STACKABLE and line in candidate.lines:
                off = _piece_off(_line_rule(candidate), sheet.net[line] // item.quantity)
                if off and (best is None or off > best[0]):
                    best = (off, candidate.offer)
        if best is not None:
            sheet.take(line, LINE, best[1], best[0] * item.quantity, item.quantity)
    for candidate in reached:
        if candidate.offer.terms.group_mode == STACKABLE:
            for line in candidate.lines:
                pieces = sheet.items[line].quantity
                off = _piece_off(_line_rule(candidate), sheet.net[line] // pieces)
                sheet.take(line, LINE, candidate.offer, off * pieces, pieces)


def _line_rule(candidate: Candidate) -> LineRule:
    assert isinstance(candidate.offer.rule, LineRule), candidate
    return candidate.offer.rule


def _pieces(sheet: Sheet, lines: Collection[int]) -> int:
    return sum(sheet.items[line].quantity for line in lines)


def _piece_off(rule: LineRule, unit_minor: int) -> int:
    """What one piece is reduced by."""
    if rule.price_minor:
        return max(unit_minor - rule.price_minor, 0)
    return min(unit_minor, rule.amount_minor or rounded(unit_minor * rule.basis_points, 10_000))


def _unit_offers(sheet: Sheet, chosen: Sequence[Candidate]) -> None:
    free = units(sheet, {line for candidate in chosen for line in candidate.lines})
    for candidate in chosen:
        offer, rule = candidate.offer, candidate.offer.rule
        assert not isinstance(rule, (LineRule, OrderRule)), candidate
        mine = [unit for unit in free if unit.line in candidate.lines]
        groups = rule.groups(mine)[: offer.terms.uses_per_sale or None]
        used = {unit[1:3] for group in groups for unit in group.units}
        free = [unit for unit in free if unit[1:3] not in used]
        off: dict[int, tuple[int, int]] = {}
        for group in groups:
            for unit, amount in group.rewards:
                before = off.get(unit.line, (0, 0))
                off[unit.line] = (before[0] + min(amount, unit.net), before[1] + 1)
        for line in sorted(off):
            sheet.take(line, UNIT, offer, *off[line])


def units(sheet: Sheet, lines: Collection[int]) -> list[Unit]:
    """The pieces of `lines`, dearest first."""
    found = []
    for line in lines:
        item = sheet.items[line]
        each, more = divmod(sheet.net[line], item.quantity)
        found += [Unit(each + (n < more), line, n, item) for n in range(item.quantity)]
    return sorted(found, key=lambda unit: unit.order)


def _order_offers(sheet: Sheet, layer: int, chosen: Sequence[Candidate]) -> None:
    """Thresholds count what the layer before has left; each amount comes off what is left by then."""
    entering = list(sheet.net)
    for candidate in chosen:
        offer = candidate.offer
        step, times = reached(offer, measure(sheet.items, entering, candidate))
        if step is None:
            continue
        lines = [line for line in candidate.lines if sheet.net[line] > 0]
        if step.basis_points and not offer.terms.cap_minor:
            _share_off(sheet, layer, offer, step.basis_points, lines)
        else:
            amount = step.amount_minor * times
            if step.basis_points:
                amount = rounded(sum(sheet.net[line] for line in lines) * step.basis_points, 10_000)
            _amount_off(sheet, layer, offer, min(amount, offer.terms.cap_minor or amount), lines)


def measure(items: Sequence[Item], nets: Sequence[int], candidate: Candidate) -> int:
    """What a threshold of the offer counts."""
    if candidate.offer.terms.basis == "gross":
        return sum(items[line].gross_minor for line in candidate.lines)
    return sum(nets[line] for line in candidate.lines)


def reached(offer: Offer, basis: int) -> tuple[Step | None, int]:
    """The highest step that is reached, and how many times its amount is given."""
    rule = offer.rule
    assert isinstance(rule, OrderRule), offer
    best: Step | None = None
    for step in rule.steps:
        if step.threshold_minor <= basis and (best is None or step.threshold_minor > best.threshold_minor):
            best = step
    if best is None or basis <= 0:
        return None, 0
    return best, basis // best.threshold_minor if rule.repeats and best.threshold_minor else 1


def _amount_off(sheet: Sheet, layer: int, source: Offer | Grant, amount: int, lines: Sequence[int]) -> None:
    """Split an amount by the nets. What a line cannot give, because of its lowest price, the others do."""
    desired = dict(zip(lines, split(amount, [sheet.net[line] for line in lines]), strict=True))
    shares: dict[int, int] = {}
    left, open_lines = amount, list(lines)
    while open_lines:
        parts = split(left, [sheet.net[line] for line in open_lines])
        room = [sheet.net[line] - sheet.lowest[line] for line in open_lines]
        full = [i for i in range(len(open_lines)) if parts[i] > room[i]]
        if not full:
            shares.update(zip(open_lines, parts, strict=True))
            break
        for i in full:
            shares[open_lines[i]] = max(room[i], 0)
            left -= max(room[i], 0)
        open_lines = [line for i, line in enumerate(open_lines) if i not in full]
    _take_shares(sheet, layer, source, lines, shares, desired)


def _share_off(sheet: Sheet, layer: int, source: Offer | Grant, points: int, lines: Sequence[int]) -> None:
    """A percentage of the sum, split by the nets. A line at its lowest price gives what it can, and is no
    part of the sum."""
    low = [
        line for line in lines if sheet.net[line] * points > (sheet.net[line] - sheet.lowest[line]) * 10_000
    ]
    rest = [line for line in lines if line not in low]
    nets = [sheet.net[line] for line in rest]
    shares = dict(zip(rest, split(rounded(sum(nets) * points, 10_000), nets), strict=True))
    desired = dict(shares)
    for line in low:
        desired[line] = rounded(sheet.net[line] * points, 10_000)
        shares[line] = sheet.net[line] - sheet.lowest[line]
    _take_shares(sheet, layer, source, lines, shares, desired)


def _take_shares(
    sheet: Sheet,
    layer: int,
    source: Offer | Grant,
    lines: Sequence[int],
    shares: dict[int, int],
    desired: dict[int, int],
) -> None:
    for line in lines:
        amount, wanted = max(shares.get(line, 0), 0), desired[line]
        if amount or wanted:
            basis = sheet.net[line]
            entry = Entry(
                line, layer, source, amount, max(wanted, amount), basis, sheet.items[line].quantity
            )
            sheet.entries.append(entry)
            sheet.net[line] -= amount


def _given(sheet: Sheet, layer: int, grants: Sequence[Grant]) -> None:
    """What was decided by hand, and points, in the order given."""
    may = offered if layer == ORDER else sold
    for grant in grants:
        if grant.layer == layer:
            lines = [
                line
                for line, item in enumerate(sheet.items)
                if grant.line_id in (0, item.line_id) and may(item) and sheet.net[line] > 0
            ]
            if grant.basis_points:
                _share_off(sheet, layer, grant, grant.basis_points, lines)
            else:
                _amount_off(sheet, layer, grant, grant.amount_minor, lines)
