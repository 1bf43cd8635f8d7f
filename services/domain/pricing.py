"""What a basket costs, and why: the one engine that every price of a sale comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from services.domain.best_price import Found, Search
from services.domain.candidate import Candidate
from services.domain.conditions import Miss, missed
from services.domain.explanation import Explainer, Explanation, Nearest
from services.domain.layers import offered, sold
from services.domain.offers import COUPON, Context, Grant, Item, LineRule, Offer, OrderRule
from services.domain.tax import contained


class Adjustment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What one source changes at one line. A discount is below zero, so net = gross + the sum of these."""

    layer: int
    source: str  # "promotion" | "coupon" | "member" | "manual" | "points"
    source_id: str
    version: int  # of the promotion; 0 for the others
    label_zh: str
    label_en: str
    amount_minor: int
    desired_minor: int  # what it would be without the lowest price
    basis_minor: int  # the line's net before
    pieces: int  # of the line that it works on


class PricedLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    line_id: int
    gross_minor: int
    adjustments: tuple[Adjustment, ...]  # by layer
    net_minor: int
    tax_bp: int
    tax_minor: int  # contained in net


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """A whole basket. Lines are in the order of their ids."""

    lines: tuple[PricedLine, ...]
    gross_minor: int
    total_minor: int
    explanations: tuple[Explanation, ...]  # of every offer, by its id
    nearest: Nearest | None
    bounded: bool  # not every combination of offers was looked at
    evaluated: int  # how many were
    applied: tuple[Offer, ...]  # the offers that gave something

    def given_minor(self, promotion_id: str) -> int:
        """What a promotion gives in all, 0 or more."""
        amounts = (e.amount_minor for e in self.explanations if e.promotion_id == promotion_id)
        return -sum(amounts)


def price(items: Sequence[Item], offers: Sequence[Offer], context: Context) -> Priced:
    """Price `items` with the best choice of `offers`. Pure: the same values give the same answer, in
    whatever order they come.

    A flow calls it as `flows.promotions.price(shop, items, at_ms, begun_at_ms=..., grants=...)`: one Item
    for each standing line; what a cashier gives by hand is a Grant (layer ORDER, source "manual", line_id
    0 for the order). `lines[].adjustments` and `net_minor` are stored as they are: nobody computes them
    again.
    In the sale's transaction `flows.promotions.consume(shop, priced, at_ms)` counts the uses.
    """
    lines = sorted(items, key=lambda item: item.line_id)
    assert len({item.line_id for item in lines}) == len(lines), "line ids are unique"
    candidates, misses = _candidates(lines, sorted(offers, key=lambda o: o.promotion_id), context)
    found = Search(lines, context).best(candidates)
    priced = _lines(lines, found)
    explainer = Explainer(lines, context, candidates, misses, found)
    return Priced(
        lines=priced,
        gross_minor=sum(line.gross_minor for line in priced),
        total_minor=sum(line.net_minor for line in priced),
        explanations=tuple(explainer.explain(offer) for offer in _by_id(offers)),
        nearest=explainer.nearest(),
        bounded=found.bounded,
        evaluated=found.evaluated,
        applied=tuple(offer for offer in _by_id(offers) if offer.promotion_id in found.sheet.applied),
    )


def _by_id(offers: Sequence[Offer]) -> list[Offer]:
    return sorted(offers, key=lambda offer: offer.promotion_id)


def _candidates(
    lines: Sequence[Item], offers: Sequence[Offer], context: Context
) -> tuple[list[Candidate], dict[str, Miss]]:
    """The offers that stand and meet goods; for the others, why not."""
    candidates: list[Candidate] = []
    misses: dict[str, Miss] = {}
    places = _Places(lines)
    member_priced = {grant.line_id for grant in context.grants if grant.source == "member"}
    for offer in offers:
        if miss := missed(offer, context):
            misses[offer.promotion_id] = miss
            continue
        if candidate := places.candidate(offer, member_priced):
            candidates.append(candidate)
        else:
            misses[offer.promotion_id] = Miss("basis_empty")
    return candidates, misses


class _Places:
    """The places of lines by what offers name: an offer that names other goods costs one look-up."""

    def __init__(self, lines: Sequence[Item]) -> None:
        self.lines = lines
        self.named: dict[str, set[int]] = {}
        for place, item in enumerate(lines):
            if sold(item):
                for key in ("sku", item.sku), ("style", item.style), ("category", item.category):
                    self.named.setdefault("/".join(key), set()).add(place)
        self.all = {place for place, item in enumerate(lines) if sold(item)}

    def candidate(self, offer: Offer, member_priced: set[int]) -> Candidate | None:
        """None when the basket has none of its goods."""
        places = tuple(self._of(offer, member_priced))
        if isinstance(offer.rule, (LineRule, OrderRule)):
            return Candidate(offer, places) if places else None
        parts = tuple(
            frozenset(place for place in places if part.covers(self.lines[place]))
            for part in offer.rule.parts
        )
        useful = frozenset[int]().union(*parts)
        places = tuple(place for place in places if place in useful)
        return Candidate(offer, places, parts) if places else None

    def _of(self, offer: Offer, member_priced: set[int]) -> Iterator[int]:
        """In rising order."""
        goods, terms = offer.terms.goods, offer.terms
        mixed, coupon = terms.stack_with_member_price or not member_priced, offer.layer == COUPON
        named = self.all
        if not goods.everything:
            keys = [f"sku/{sku}" for sku in goods.skus] + [f"style/{style}" for style in goods.styles]
            keys += [f"category/{category}" for category in goods.categories]
            named = set[int]().union(*(self.named[key] for key in keys if key in self.named))
        for place in sorted(named):
            item = self.lines[place]
            if goods.excluded and not goods.covers(item):
                continue
            if (coupon or offered(item)) and (mixed or not member_priced & {0, item.line_id}):
                yield place


def _lines(lines: Sequence[Item], found: Found) -> tuple[PricedLine, ...]:
    adjustments: list[list[Adjustment]] = [[] for _ in lines]
    for entry in found.sheet.entries or ():
        source = entry.source
        adjustments[entry.line].append(
            Adjustment(
                layer=entry.layer,
                source=_source(source),
                source_id=source.promotion_id if isinstance(source, Offer) else source.source_id,
                version=source.version if isinstance(source, Offer) else 0,
                label_zh=source.label_zh,
                label_en=source.label_en,
                amount_minor=-entry.amount,
                desired_minor=-entry.desired,
                basis_minor=entry.basis,
                pieces=entry.pieces,
            )
        )
    taxes = contained([(item.tax_bp, net) for item, net in zip(lines, found.sheet.net, strict=True)])
    return tuple(
        PricedLine(
            line_id=item.line_id,
            gross_minor=item.gross_minor,
            adjustments=tuple(adjustments[place]),
            net_minor=found.sheet.net[place],
            tax_bp=item.tax_bp,
            tax_minor=taxes[place],
        )
        for place, item in enumerate(lines)
    )


def _source(source: Offer | Grant) -> str:
    if isinstance(source, Grant):
        return source.source
    return "coupon" if source.layer == COUPON else "promotion"
