"""One choice of offers, worked through the layers: what every line is reduced by, and what it leaves."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from typing import NamedTuple

from services.domain.candidate import Candidate
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
from services.domain.pieces import Known, Pieces

STACKABLE = "stackable"
KEYS = 1_000_000  # more than a line has pieces
UNITS_MAX = 2_000  # the dearest pieces of a basket, on which L3 works: nobody waits for more


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
    """The lines while the layers work on them, in the order of their ids.

    `out` is how many pieces of each line take part in no offer; they pay what L1 has left. `entries` are
    written only when asked for: a search looks at many sheets and reads one.
    """

    __slots__ = (
        "applied",
        "entries",
        "idle",
        "items",
        "known",
        "net",
        "offs",
        "out",
        "taken",
        "units",
        "used",
    )

    def __init__(
        self, items: Sequence[Item], grants: Sequence[Grant] = (), *, written: bool = False
    ) -> None:
        self.items = items
        self.out: Sequence[int] = (0,) * len(items)
        self.net = [item.gross_minor for item in items]
        self.idle = [0] * len(items)  # the part of the net that the pieces left out make
        self.entries: list[Entry] | None = None
        self.applied: set[str] = set()  # the promotions that took something off
        self.units: Pieces | None = None  # as they are when L3 begins
        self.known: Known = {}  # of all copies
        self.taken: frozenset[int] = frozenset()  # the keys of the units that groups hold
        self.used: dict[str, frozenset[int]] = {}  # the same by promotion, where entries are written
        self.offs: dict[Candidate, list[tuple[int, int]]] = {}  # what exclusive L2 offers would take off
        if written:
            self.entries = []
        _member_prices(self, grants)

    def copy(self) -> Sheet:
        """One to go on with, while this one stays as it is."""
        other = object.__new__(Sheet)
        other.items, other.out, other.units, other.offs = self.items, self.out, self.units, self.offs
        other.taken, other.used, other.known = self.taken, self.used, self.known
        other.net, other.idle, other.applied = list(self.net), list(self.idle), set(self.applied)
        other.entries = None if self.entries is None else list(self.entries)
        return other

    def without(self, out: Sequence[int]) -> Sheet:
        """The same after L1, with these pieces left out."""
        other = self.copy()
        other.out, other.offs = out, {}
        for line, pieces in enumerate(out):
            if pieces:
                each = self.net[line] // self.items[line].quantity
                other.idle[line] = each * pieces
        return other

    def open(self, line: int) -> int:
        """The net of the pieces that take part."""
        return self.net[line] - self.idle[line]

    def room(self, line: int) -> int:
        """What may be taken off those pieces."""
        item = self.items[line]
        return max(self.open(line) - item.floor_minor * (item.quantity - self.out[line]), 0)

    def take(self, line: int, layer: int, source: Offer | Grant, amount: int, desired: int) -> None:
        if self.entries is not None and (desired or amount):
            pieces = self.items[line].quantity - self.out[line]
            entry = Entry(line, layer, source, amount, max(desired, amount), self.net[line], pieces)
            self.entries.append(entry)
        if amount:
            self.net[line] -= amount
            if isinstance(source, Offer):
                self.applied.add(source.promotion_id)

    @property
    def payable(self) -> int:
        return sum(self.net)


def sold(item: Item) -> bool:
    """Whether any discount may touch the line: goods that are sold at a price that is not fixed."""
    return item.discountable and item.quantity > 0 and item.unit_minor > 0


def offered(item: Item) -> bool:
    """Whether the layers L1 to L4 may touch it."""
    return sold(item) and not item.override


def lower(start: Sheet, chosen: Sequence[Candidate]) -> Sheet:
    """L2 and L3 on what L1 has left. The `chosen` of these layers are in their order of stacking."""
    sheet = start.copy()
    line_offers(sheet, [candidate for candidate in chosen if candidate.offer.layer == LINE])
    for candidate in chosen:
        if candidate.offer.layer == UNIT:
            sheet = unit_offer(sheet, candidate)
    return sheet


def upper(left: Sheet, chosen: Sequence[Candidate], grants: Sequence[Grant]) -> Sheet:
    """L4 to L6 on what lower() has left."""
    sheet = left.copy()
    _order_offers(sheet, ORDER, [candidate for candidate in chosen if candidate.offer.layer == ORDER])
    _given(sheet, ORDER, grants)
    _order_offers(sheet, COUPON, [candidate for candidate in chosen if candidate.offer.layer == COUPON])
    _given(sheet, POINTS, grants)
    return sheet


def _member_prices(sheet: Sheet, grants: Sequence[Grant]) -> None:
    for grant in grants:
        if grant.layer != MEMBER:
            continue
        for line, item in enumerate(sheet.items):
            if grant.line_id in (0, item.line_id) and offered(item):
                off = grant.amount_minor or rounded(item.unit_minor * grant.basis_points, 10_000)
                _off_each(sheet, line, MEMBER, grant, off)


def _off_each(sheet: Sheet, line: int, layer: int, source: Offer | Grant, off: int) -> None:
    """Reduce each piece that takes part by the same amount, at most down to its lowest price."""
    pieces = sheet.items[line].quantity - sheet.out[line]
    each = min(off, sheet.room(line) // pieces)
    sheet.take(line, layer, source, each * pieces, off * pieces)


def line_offers(sheet: Sheet, chosen: Sequence[Candidate]) -> None:
    """The best of the exclusive ones for each line, then the stackable ones one after another."""
    best: dict[int, tuple[int, Offer]] = {}
    for candidate in chosen:
        if candidate.offer.terms.group_mode != STACKABLE:
            if candidate not in sheet.offs:
                sheet.offs[candidate] = _pieces_off(sheet, candidate)
            for line, off in sheet.offs[candidate]:
                if off > best.get(line, (0,))[0]:
                    best[line] = (off, candidate.offer)
    for line, (off, offer) in best.items():
        _off_each(sheet, line, LINE, offer, off)
    for candidate in chosen:
        if candidate.offer.terms.group_mode == STACKABLE:
            for line, off in _pieces_off(sheet, candidate):
                _off_each(sheet, line, LINE, candidate.offer, off)


def _pieces_off(sheet: Sheet, candidate: Candidate) -> list[tuple[int, int]]:
    """(line, what one piece of it is reduced by) of an L2 offer, as far as its lines take part."""
    rule = candidate.offer.rule
    assert isinstance(rule, LineRule), candidate
    lines = [(line, sheet.items[line].quantity - sheet.out[line]) for line in candidate.lines]
    if sum(pieces for _, pieces in lines) < rule.pieces_min:
        return []
    return [(line, rule.off(sheet.open(line) // pieces)) for line, pieces in lines if pieces]


def unit_offer(left: Sheet, candidate: Candidate) -> Sheet:
    """L3: an offer forms its groups of the units that those before it have left; `left` itself when it
    forms none."""
    if left.units is None:
        every = units(left, [line for line, item in enumerate(left.items) if offered(item)])
        left.units = Pieces(every, left.known)
    formed = left.units.own(candidate).formed(left.items, left.taken)
    if not formed.keys:
        return left
    sheet, offer = left.copy(), candidate.offer
    sheet.taken |= formed.keys
    if sheet.entries is not None:
        sheet.used = {**sheet.used, offer.promotion_id: formed.keys}
    for line, amount, desired in formed.off:
        sheet.take(line, UNIT, offer, amount, desired)
    return sheet


def units(sheet: Sheet, lines: Collection[int]) -> list[Unit]:
    """The pieces of `lines` that take part, dearest first, then by line; at most UNITS_MAX."""
    alike = []
    for line in lines:
        if pieces := sheet.items[line].quantity - sheet.out[line]:
            alike.append((-(sheet.open(line) // pieces), line, pieces))
    alike.sort()
    every = (Unit(-net, line, line * KEYS + n) for net, line, pieces in alike for n in range(pieces))
    return list(itertools.islice(every, UNITS_MAX))


def _order_offers(sheet: Sheet, layer: int, chosen: Sequence[Candidate]) -> None:
    """Thresholds count what the layer before has left; each amount comes off what is left by then."""
    entering = [sheet.open(line) for line in range(len(sheet.net))] if chosen else []
    for candidate in chosen:
        offer = candidate.offer
        basis = measure(sheet, entering, candidate)
        step, times = reached(offer, basis)
        if step is None:
            continue
        lines = [line for line in candidate.lines if sheet.open(line) > 0]
        if step.basis_points and not offer.terms.cap_minor:
            _share_off(sheet, layer, offer, step.basis_points, lines)
        else:
            amount = step.amount_minor * times
            if step.basis_points:
                amount = rounded(sum(map(sheet.open, lines)) * step.basis_points, 10_000)
            _amount_off(sheet, layer, offer, min(amount, offer.terms.cap_minor or amount), lines)


def measure(sheet: Sheet, entering: Sequence[int], candidate: Candidate) -> int:
    """What a threshold of the offer counts."""
    if candidate.offer.terms.basis == "gross":
        pieces = ((sheet.items[line], sheet.out[line]) for line in candidate.lines)
        return sum(item.unit_minor * (item.quantity - out) for item, out in pieces)
    return sum(map(entering.__getitem__, candidate.lines))


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
    desired = split(amount, [sheet.open(line) for line in lines])
    shares = dict.fromkeys(lines, 0)
    left, giving = amount, list(lines)
    while giving:
        parts = split(left, [sheet.open(line) for line in giving])
        room = [sheet.room(line) for line in giving]
        if all(part <= most for part, most in zip(parts, room, strict=True)):
            shares.update(zip(giving, parts, strict=True))
            break
        full = {line: most for line, part, most in zip(giving, parts, room, strict=True) if part > most}
        shares.update(full)
        left -= sum(full.values())
        giving = [line for line in giving if line not in full]
    for line, wanted in zip(lines, desired, strict=True):
        sheet.take(line, layer, source, shares[line], wanted)


def _share_off(sheet: Sheet, layer: int, source: Offer | Grant, points: int, lines: Sequence[int]) -> None:
    """A percentage of the sum, split by the nets. A line at its lowest price gives what it can, and is no
    part of the sum."""
    nets = {line: sheet.open(line) for line in lines}
    whole = [line for line in lines if nets[line] * points <= sheet.room(line) * 10_000]
    weights = [nets[line] for line in whole]
    shares = dict(zip(whole, split(rounded(sum(weights) * points, 10_000), weights), strict=True))
    for line in lines:
        if line in shares:
            sheet.take(line, layer, source, shares[line], shares[line])
        else:
            sheet.take(line, layer, source, sheet.room(line), rounded(nets[line] * points, 10_000))


def _given(sheet: Sheet, layer: int, grants: Sequence[Grant]) -> None:
    """What was decided by hand, and points, in the order given; on all pieces of a line."""
    for grant in grants:
        if grant.layer != layer:
            continue
        out, idle = sheet.out, sheet.idle
        sheet.out, sheet.idle = (0,) * len(sheet.items), [0] * len(sheet.items)
        may = offered if layer == ORDER else sold
        lines = [
            line
            for line, item in enumerate(sheet.items)
            if grant.line_id in (0, item.line_id) and may(item) and sheet.net[line] > 0
        ]
        if grant.basis_points:
            _share_off(sheet, layer, grant, grant.basis_points, lines)
        else:
            most = sum(map(sheet.open, lines)) * grant.most_bp // 10_000
            _amount_off(sheet, layer, grant, min(grant.amount_minor, most), lines)
        sheet.out, sheet.idle = out, [min(pair) for pair in zip(idle, sheet.net, strict=True)]
