"""What a seller earns on what was sold: a share by steps of the month's sum, a fixed amount a piece."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.domain.errors import CommissionRefused

SHARE, PIECE = "share", "piece"
RULES_MAX = 100
STEPS_MAX = 10
SHARE_MAX_BP = 10_000
PIECE_MAX_MINOR = 100_000_00


@dataclass(frozen=True, slots=True)
class Step:
    """From this monthly sum on, this rate: basis points for a share, minor units for a piece."""

    from_minor: int
    rate: int


@dataclass(frozen=True, slots=True)
class Rule:
    """For whose sales of what. Empty means any; of one kind the most exact rule counts, and only that:
    one for a person before one for a role, then one for a category before one for all.

    Steps look at the sum of what the seller sold in the month under this rule. When `whole`, the step
    that was reached counts for the whole sum, otherwise each for what lies above it. A rule by the piece
    counts the step that was reached.
    """

    kind: str
    staff_id: str
    role: str
    category: str
    whole: bool
    steps: tuple[Step, ...]  # rising; the first from 0

    def fits(self, sold: Sold) -> bool:
        return (
            self.staff_id in ("", sold.staff_id)
            and self.role in ("", sold.role)
            and self.category in ("", sold.category)
        )

    @property
    def exactness(self) -> tuple[bool, bool, bool]:
        return bool(self.staff_id), bool(self.role), bool(self.category)


@dataclass(frozen=True, slots=True)
class Sold:
    """What one person sold of one category in one month; what came back is subtracted."""

    staff_id: str
    role: str
    category: str
    net_minor: int
    pieces: int


def check(rules: Sequence[Rule]) -> None:
    """Raises CommissionRefused (details.why, details.n from 1) for rules that say nothing clear."""
    if len(rules) > RULES_MAX:
        raise CommissionRefused("too many rules", why="many", n=0)
    seen: set[tuple[str, str, str, str]] = set()
    for n, rule in enumerate(rules, 1):
        highest = SHARE_MAX_BP if rule.kind == SHARE else PIECE_MAX_MINOR
        froms = [step.from_minor for step in rule.steps]
        rising = all(low < high for low, high in pairwise(froms))
        if not froms or len(froms) > STEPS_MAX or froms[0] != 0 or not rising:
            raise CommissionRefused("steps rise, and the first is from 0", why="steps", n=n)
        if any(not 0 <= step.rate <= highest for step in rule.steps):
            raise CommissionRefused("this rate is beyond all reason", why="rate", n=n)
        about = (rule.kind, rule.staff_id, rule.role, rule.category)
        if about in seen or (rule.staff_id and rule.role):
            raise CommissionRefused(
                "two rules about the same, or for a person and a role", why="twice", n=n
            )
        seen.add(about)


def earned(rules: Sequence[Rule], sold: Iterable[Sold]) -> dict[str, int]:
    """Person -> what the sales of one month, from its first day on, have earned; minor units.

    Halves are rounded away from zero, once for each person and rule. What a day earned is the difference
    of two such sums, so that the days of a month add up to it.
    """
    by_rule: defaultdict[tuple[str, int], list[Sold]] = defaultdict(list)
    for each in sold:
        for kind in (SHARE, PIECE):
            fitting = [
                (rule.exactness, n) for n, rule in enumerate(rules) if rule.kind == kind and rule.fits(each)
            ]
            if fitting:
                by_rule[each.staff_id, max(fitting)[1]].append(each)
    total: defaultdict[str, int] = defaultdict(int)
    for (staff_id, n), parts in by_rule.items():
        rule, net = rules[n], sum(part.net_minor for part in parts)
        if rule.kind == PIECE:
            total[staff_id] += sum(part.pieces for part in parts) * _reached(rule.steps, net).rate
        else:
            total[staff_id] += _share(rule, net)
    return dict(total)


def _reached(steps: Sequence[Step], net_minor: int) -> Step:
    """The last step that the sum has reached; below zero it is the first."""
    return max(
        (step for step in steps if step.from_minor <= net_minor),
        default=steps[0],
        key=lambda s: s.from_minor,
    )


def _share(rule: Rule, net_minor: int) -> int:
    if rule.whole or net_minor <= 0:
        return _bp(net_minor * _reached(rule.steps, net_minor).rate)
    ends = [step.from_minor for step in rule.steps[1:]] + [max(net_minor, rule.steps[-1].from_minor)]
    slices = (
        max(0, min(net_minor, end) - step.from_minor) * step.rate
        for step, end in zip(rule.steps, ends, strict=True)
    )
    return _bp(sum(slices))


def _bp(ten_thousandths: int) -> int:
    magnitude = (abs(ten_thousandths) + 5_000) // 10_000
    return magnitude if ten_thousandths >= 0 else -magnitude
