"""What a return does to points: from the stored rows of the sale, as parts that add up to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.domain.earning import Bought, Grant, worth
from services.domain.money import rounded
from services.domain.points import Past
from services.domain.recompute import shared


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLine:
    """A line of the sale, with what has come back of it."""

    line_number: int
    pieces: int  # that were sold
    net_minor: int  # of all of them, as stored
    points_minor: int = 0  # what points took off them, zero or more
    before: int = 0  # pieces that came back before this document
    now: int = 0  # pieces that come back with it

    def left(self, back: int) -> Bought:
        """With the customer after `back` pieces have come back."""
        gone = rounded(self.net_minor * back, self.pieces)
        return Bought(
            line_number=self.line_number, sku="", pieces=self.pieces - back, net_minor=self.net_minor - gone
        )

    def given(self, back: int) -> int:
        """What points took off the pieces that came back."""
        return rounded(self.points_minor * back, self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """All goods of the sale, what was given for those that came back, where that is not their share, and
    what of the shop's own gift in its payment is not paid back."""

    lines: tuple[SoldLine, ...]
    given_before_minor: int | None = None  # before this document; None: the shares of what came back
    given_after_minor: int | None = None
    bonus_before_minor: int = 0
    bonus_after_minor: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """A row by which the sale spent points, and all that it took."""

    past: Past
    whole: int


@dataclass(frozen=True, slots=True)
class Given:
    """A row by which the sale earned points, and why."""

    past: Past
    grant: Grant


@dataclass(frozen=True, slots=True)
class Plan:
    restored: int  # points that go back into the lots they came from
    clawed: tuple[Past, ...]  # the rows whose points go, each with how many


def plan(returned: Return, spent: Sequence[Spent], given: Sequence[Given]) -> Plan:
    """In proportion to the lines that come back; the last of them brings the rest."""
    lines = returned.lines
    before = _kept([line.left(line.before) for line in lines], lines, returned.given_before_minor)
    after = _kept([line.left(line.before + line.now) for line in lines], lines, returned.given_after_minor)
    clawed = []
    for each in given:
        was = worth(each.grant, before, returned.bonus_before_minor)
        stays = worth(each.grant, after, returned.bonus_after_minor)
        points = min(each.past.points, max(0, was - stays))
        if points:
            clawed.append(replace(each.past, points=points))
    return Plan(_restored(returned, spent), tuple(clawed))


def _kept(left: Sequence[Bought], sold: Sequence[SoldLine], given_minor: int | None) -> dict[int, Bought]:
    """What is still with the customer, by its line. Where less was given for the rest than its share, since
    an offer asked for it, what is kept has cost them the more."""
    found = {line.line_number: line for line in left}
    kept = [line for line in left if line.pieces]
    paid_minor = sum(line.net_minor for line in sold) - (given_minor or 0)
    if given_minor is None or not kept or paid_minor == sum(line.net_minor for line in kept):
        return found
    nets = shared(paid_minor, [line.net_minor for line in kept])
    more = (replace(line, net_minor=net) for line, net in zip(kept, nets, strict=True))
    return found | {line.line_number: line for line in more}


def _restored(returned: Return, spent: Sequence[Spent]) -> int:
    whole_minor = sum(line.points_minor for line in returned.lines)
    left = sum(each.past.points for each in spent)
    if not whole_minor:
        return 0
    whole = sum(each.whole for each in spent)
    before_minor = sum(line.given(line.before) for line in returned.lines)
    after_minor = sum(line.given(line.before + line.now) for line in returned.lines)
    return min(left, rounded(whole * after_minor, whole_minor) - rounded(whole * before_minor, whole_minor))
