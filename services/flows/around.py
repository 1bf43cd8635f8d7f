"""All around one member: what they like, when they came, how they rose, whom they brought."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.domain import consents, days
from services.domain.checkin import Visit
from services.domain.metrics import Purchase
from services.domain.preferences import Kept, Preferences, preferences
from services.domain.referrals import Referral
from services.domain.tiers import Standing
from services.flows.shop import Shop
from services.store import catalogue, check_ins, facts, member_records, referrals, tiers

LINES_MAX = 500  # of the newest purchases, on which preferences rest
VARIANT = " / "  # between colour and size, as a line was sold


@dataclass(frozen=True, slots=True)
class Day:
    """What was bought on one day and kept."""

    day: str  # YYYY-MM-DD
    orders: int
    pieces: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class Around:
    likes: Preferences | None  # None: they do not want to be profiled
    visits: tuple[Day, ...]  # the newest first
    path: tuple[Standing, ...]  # steps between tiers, the newest first
    check_ins: tuple[Visit, ...]  # the newest first
    brought: tuple[Referral, ...]
    came_by: Referral | None


def around(shop: Shop, member_ids: Sequence[str]) -> Around:
    """Of one person, known by these ids."""
    ids = tuple(member_ids)
    may = consents.may_profile(member_records.consents(ids))
    return Around(
        likes=preferences(_kept(shop, ids)) if may else None,
        visits=tuple(_visits(facts.purchases(shop.store_id, ids))),
        path=tuple(reversed(tiers.path(ids))),
        check_ins=tuple(check_ins.of_group(ids)),
        brought=tuple(referrals.by_referrer(ids)),
        came_by=referrals.of_newcomer(ids),
    )


def _kept(shop: Shop, ids: tuple[str, ...]) -> Iterator[Kept]:
    bought = facts.bought(ids, LINES_MAX)
    articles = catalogue.by_skus(line.sku for line in bought)
    for line in bought:
        article, wall = articles.get(line.sku), days.local(line.at_ms, shop.zone)
        colour, _, size = line.variant.partition(VARIANT)
        yield Kept(
            category=article.category if article is not None else "",
            colour=colour,
            size=size,
            hour=wall.hour,
            weekday=wall.isoweekday(),
            pieces=line.pieces,
        )


def _visits(purchases: Sequence[Purchase]) -> Iterator[Day]:
    for day in sorted({each.day for each in purchases}, reverse=True):
        lines = [each for each in purchases if each.day == day]
        yield Day(
            day=day,
            orders=len({each.sale_id for each in lines}),
            pieces=sum(each.pieces for each in lines),
            net_minor=sum(each.net_minor for each in lines),
        )
