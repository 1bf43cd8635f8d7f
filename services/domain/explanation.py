"""Why each offer gave what it gave, and which one is nearly reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from services.domain.best_price import Found, group_key, in_order
from services.domain.candidate import Candidate
from services.domain.conditions import Miss
from services.domain.entangled import unit_rule
from services.domain.layers import Entry, Sheet, lower, measure, units, upper
from services.domain.offers import UNIT, Context, Item, Lack, LineRule, Offer, OrderRule, Unit

TRIED_MAX = 3  # near misses that are priced


class Explanation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of one offer: applied with its amount and lines, or missed with a code.

    Codes: not_started, ended, wrong_weekday, wrong_day, wrong_hour, wrong_store, wrong_tier,
    not_in_segment, needs_member, limit_member, limit_store, budget_empty, needs_coupon, coupon_expired,
    basis_empty (none of its goods), threshold (needed, have), excluded_by (winner), at_floor.
    """

    promotion_id: str
    version: int
    label_zh: str
    label_en: str
    applied: bool
    amount_minor: int = 0  # below zero
    line_ids: tuple[int, ...] = ()
    code: str = ""
    needed: int = 0
    have: int = 0
    unit: str = ""  # of needed and have: "minor" | "pieces"
    group: str = ""
    winner: str = ""  # the promotion that was taken instead


class Nearest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The offer that is nearly reached: put in what is missing, and `saves_minor` comes off the new sum."""

    promotion_id: str
    label_zh: str
    label_en: str
    missing: int
    unit: str  # "minor" | "pieces"
    line_id: int  # the line of which one piece more would do; 0: any goods of the offer
    saves_minor: int


class Explainer:
    def __init__(
        self,
        lines: Sequence[Item],
        context: Context,
        candidates: Sequence[Candidate],
        misses: Mapping[str, Miss],
        found: Found,
    ) -> None:
        self.lines, self.context, self.misses, self.found = lines, context, misses, found
        assert found.sheet.entries is not None
        self.entries = found.sheet.entries
        self._by_source: dict[int, list[Entry]] = {}  # the same by the identity of their source
        for entry in self.entries:
            self._by_source.setdefault(id(entry.source), []).append(entry)
        self._sheets: dict[int, Sheet] = {}
        self.candidates = {candidate.offer.promotion_id: candidate for candidate in candidates}

    def explain(self, offer: Offer) -> Explanation:
        entries = self._by_source.get(id(offer), ())
        given = sum(entry.amount for entry in entries)
        told = Explanation(
            promotion_id=offer.promotion_id,
            version=offer.version,
            label_zh=offer.label_zh,
            label_en=offer.label_en,
            applied=given > 0,
            amount_minor=-given,
            line_ids=tuple(sorted({self.lines[e.line].line_id for e in entries if e.amount})),
        )
        if given:
            return told
        miss = self.misses.get(offer.promotion_id) or (Miss("at_floor") if entries else self._lost(offer))
        return msgspec.structs.replace(
            told,
            code=miss.code,
            needed=miss.needed,
            have=miss.have,
            unit=miss.unit,
            group=miss.group,
            winner=miss.winner,
        )

    def nearest(self) -> Nearest | None:
        """The one near miss that does the most for the customer; none when no miss lowers the price of what
        would have to be added."""
        tried = sorted(self._near(), key=lambda near: (near[0], near[1].order))[:TRIED_MAX]
        priced = [(near[0], self._hint(*near)) for near in tried]
        hints = [(hint.saves_minor - cost, hint) for cost, hint in priced if hint.saves_minor > 0]
        return max(hints, key=lambda pair: (pair[0], pair[1].promotion_id))[1] if hints else None

    def _lost(self, offer: Offer) -> Miss:
        """Of an offer that stands and meets goods, but gives nothing."""
        candidate = self.candidates[offer.promotion_id]
        rule = offer.rule
        if isinstance(rule, LineRule):
            have, needed = sum(self.lines[line].quantity for line in candidate.lines), rule.pieces_min
            return Miss("threshold", needed, have, "pieces") if have < needed else self._excluded(candidate)
        if isinstance(rule, OrderRule):
            have, needed = self._measured(candidate), min(step.threshold_minor for step in rule.steps)
            return Miss("threshold", needed, have, "minor") if have < needed else self._excluded(candidate)
        lack, gives = self._lack(candidate), self._gives(candidate)
        if gives:
            return self._excluded(candidate)
        if lack.needed_minor:
            return Miss("threshold", lack.needed_minor, lack.have_minor, "minor")
        return Miss("threshold", lack.of, lack.of - lack.pieces, "pieces")

    def _excluded(self, candidate: Candidate) -> Miss:
        """By an offer of the same layer, or one whose threshold would else be missed."""
        offer, lines = candidate.offer, set(candidate.lines)
        rivals = [
            entry
            for entry in self.entries
            if entry.amount and entry.line in lines and isinstance(entry.source, Offer)
        ]
        rivals.sort(key=lambda entry: (entry.layer != offer.layer, entry.layer < offer.layer, entry.line))
        winner = rivals[0].source if rivals else None
        return Miss(
            "excluded_by",
            group=offer.terms.group,
            winner=winner.promotion_id if isinstance(winner, Offer) else "",
        )

    def _entering(self, layer: int) -> Sheet:
        """The basket when the layer began."""
        if layer in self._sheets:
            return self._sheets[layer]
        sheet = self._sheets[layer] = Sheet(self.lines)
        sheet.net = list(self.found.sheet.net)
        for entry in self.entries:
            if entry.layer >= layer:
                sheet.net[entry.line] += entry.amount
        return sheet

    def _measured(self, candidate: Candidate) -> int:
        sheet = self._entering(candidate.offer.layer)
        return measure(sheet, sheet.net, candidate)

    def _units(self, candidate: Candidate) -> list[Unit]:
        return units(self._entering(UNIT), candidate.lines)

    def _lack(self, candidate: Candidate) -> Lack:
        every, own = self._units(candidate), candidate.offer.promotion_id
        others = self.found.sheet.used.items()
        used = frozenset[int]().union(*(keys for each, keys in others if each != own))
        free = [unit for unit in every if unit.key not in used]
        return unit_rule(candidate).lacks(free, every, candidate.parts)

    def _gives(self, candidate: Candidate) -> bool:
        every = self._units(candidate)
        return bool(unit_rule(candidate).groups(every, every, candidate.parts))

    def _near(self) -> Iterator[tuple[int, Candidate, int, int]]:
        """(cost of what is missing, offer, missing amount, or place of the line to add a piece to)."""
        for candidate in self.candidates.values():
            rule = candidate.offer.rule
            if isinstance(rule, OrderRule):
                missing = rule.next_minor(have := self._measured(candidate)) - have
                if 0 < missing <= self.context.near_minor:
                    yield missing, candidate, missing, -1
            elif isinstance(rule, LineRule):
                pieces = sum(self.lines[line].quantity for line in candidate.lines)
                if rule.pieces_min - pieces == 1:
                    yield from self._one_more(candidate, candidate.lines)
            else:
                lack = self._lack(candidate)
                missing = lack.needed_minor - lack.have_minor
                if 0 < missing <= self.context.near_minor:
                    yield missing, candidate, missing, -1
                elif lack.pieces == 1:
                    covered = [n for n in candidate.lines if lack.goods.covers(self.lines[n])]
                    yield from self._one_more(candidate, covered)

    def _one_more(
        self, candidate: Candidate, lines: Sequence[int]
    ) -> Iterator[tuple[int, Candidate, int, int]]:
        """A piece more of the cheapest line."""
        if lines:
            line = min(lines, key=lambda n: (self.lines[n].unit_minor, n))
            yield self.lines[line].unit_minor, candidate, 0, line

    def _hint(self, cost: int, candidate: Candidate, missing: int, line: int) -> Nearest:
        """With what is saved on the basket that has the addition."""
        offer = candidate.offer
        items = list(self.lines)
        if line >= 0:
            items[line] = replace(items[line], quantity=items[line].quantity + 1)
        else:
            last = max((item.line_id for item in items), default=0)
            items.append(Item(line_id=last + 1, sku="", quantity=1, unit_minor=missing))
            candidate = with_line(candidate, len(items) - 1)
        chosen = in_order(
            [candidate]
            + [
                each
                for each in self.found.chosen
                if each.offer is not offer and group_key(each) != group_key(candidate)
            ]
        )
        start = Sheet(items, self.context.grants)
        payable = upper(lower(start, chosen), chosen, self.context.grants).payable
        return Nearest(
            promotion_id=offer.promotion_id,
            label_zh=offer.label_zh,
            label_en=offer.label_en,
            missing=missing or 1,
            unit="minor" if missing else "pieces",
            line_id=self.lines[line].line_id if line >= 0 else 0,
            saves_minor=self.found.sheet.payable + cost - payable,
        )


def with_line(candidate: Candidate, line: int) -> Candidate:
    """The same with one line more, which can have each of its roles but the first: a gift is no gift for
    being bought."""
    roles = tuple(
        lines | {line} if n or len(candidate.parts) == 1 else lines
        for n, lines in enumerate(candidate.parts)
    )
    return Candidate(candidate.offer, (*candidate.lines, line), roles)
