"""What the till proposes to the member whose bag it is: on the shelf now, in their size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from services.domain import consents
from services.domain.basket import Basket
from services.domain.gift_cards import CATEGORY
from services.domain.proposals import Reason, proposed, usual_size
from services.flows.around import LINES_MAX
from services.flows.shop import Shop
from services.store import catalogue, facts, member_records
from services.store.catalogue import Style
from services.store.members import group

SALES = 3_000  # the newest ones, of which it is counted what goes together
SHOWN_MAX = 12
LIKED = 2  # categories


@dataclass(frozen=True, slots=True)
class Proposed:
    style: Style
    reason: Reason
    beside: str  # the name of what it goes with
    size: str  # the member's, and there is one; "" where it is not known


def propose(shop: Shop, basket: Basket) -> list[Proposed]:
    """The best first, SHOWN_MAX at most; none for a bag of nobody known. Nothing is proposed that is sold
    out, or out of the member's size. Of whoever does not want to be profiled nothing is looked up: they are
    shown what goes with the bag alone."""
    if not basket.member_id:
        return []
    ids = group(basket.member_id)
    may = consents.may_profile(member_records.consents(ids))
    kept, owned = _taste(ids) if may else ([], frozenset())
    lines = [line for line in basket.lines if not line.voided and line.quantity > 0]
    names = {line.style: line.name for line in lines if line.style}
    now_ms = shop.now_ms()
    tiles = {tile.style: tile for tile in _liked(kept, now_ms)}
    ranked = proposed(names, facts.together(sorted(names), SALES), tiles, owned)
    tiles |= catalogue.tiles([each.style for each in ranked if each.style not in tiles], now_ms)
    found: list[Proposed] = []
    for each in ranked:
        tile = tiles.get(each.style)
        if tile is None or tile.category == CATEGORY:
            continue
        size, on_shelf = usual_size(kept, tile.category), _on_shelf(tile)
        if on_shelf.get(size, any(on_shelf.values())):
            size = size if size in on_shelf else ""
            found.append(Proposed(tile, each.reason, names.get(each.beside, ""), size))
            if len(found) == SHOWN_MAX:
                break
    return found


def _taste(ids: Sequence[str]) -> tuple[list[tuple[str, str, int]], frozenset[str]]:
    """(category, size, pieces) of what they kept, newest first, and its styles."""
    bought = facts.bought(ids, LINES_MAX)
    articles = catalogue.by_skus(line.sku for line in bought)
    known = [(articles[line.sku], line) for line in bought if line.sku in articles]
    kept = [(article.category, article.size, line.pieces) for article, line in known]
    return kept, frozenset(article.style for article, _ in known)


def _on_shelf(tile: Style) -> dict[str, bool]:
    """By size: whether there is one in any colour. What is not kept in the books counts as there."""
    found: dict[str, bool] = {}
    for size, pieces in zip(tile.sizes, tile.on_hand, strict=True):
        found[size] = found.get(size, False) or pieces is None or pieces > 0
    return found


def _liked(kept: Sequence[tuple[str, str, int]], at_ms: int) -> Iterator[Style]:
    """The best sellers of the categories of which they have kept the most pieces, by turns."""
    pieces: Counter[str] = Counter()
    for category, _, many in kept:
        pieces[category] += many
    pages = [catalogue.styles(category=key, at_ms=at_ms) for key, _ in pieces.most_common(LIKED)]
    for row in zip_longest(*pages):
        yield from (tile for tile in row if tile is not None)
