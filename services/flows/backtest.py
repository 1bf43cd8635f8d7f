"""What a promotion would have given on the sales of the last weeks: a look back before it is published."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import msgspec

from services.domain import pricing
from services.domain.explanation import Explanation
from services.domain.offers import Item, Window
from services.flows import promotions as flow
from services.flows.promotions import Draft
from services.flows.shop import Shop
from services.store import past_sales
from services.store.past_sales import PastLine

DAYS = 30
SALES_MAX = 1_000  # the newest ones
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Backtest:
    """Of `sales` that were looked at: how many it would have reduced, by how much, and how many lacked
    little to its threshold."""

    sales: int
    reduced: int
    given_minor: int
    near: int


def backtest(shop: Shop, draft: Draft) -> Backtest:
    """Price each sale again with the draft alone, whatever its window. Nothing is stored.

    Raises PromotionRefused.
    """
    made = flow.drafted(draft)
    made = replace(made, terms=msgspec.structs.replace(made.terms, window=Window()))
    count = reduced = given_minor = near = 0
    lines = past_sales.newest(shop.now_ms() - DAYS * _DAY_MS, SALES_MAX)
    for at_ms, sale in itertools.groupby(lines, key=lambda line: (line.sale_id, line.at_ms)):
        moment = flow.context(shop, at_ms[1], (made,))
        told = pricing.price([_item(line) for line in sale], (made,), moment).explanations[0]
        count += 1
        reduced += told.applied
        given_minor -= told.amount_minor
        near += _lacks_little(told, moment.near_minor)
    return Backtest(count, reduced, given_minor, near)


def _item(line: PastLine) -> Item:
    return Item(
        line_id=line.line_number,
        sku=line.sku,
        style=line.style,
        category=line.category,
        quantity=line.quantity,
        unit_minor=line.unit_minor,
    )


def _lacks_little(told: Explanation, near_minor: int) -> bool:
    lacks = told.needed - told.have
    return told.code == "threshold" and told.unit == "minor" and 0 < lacks <= near_minor
