"""What the shop does by night, and a person with tags and tiers, wherever storage fails: whole or not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from services.flows import coupons, stored_value, tags, tiers
from services.flows.shop import Shop
from services.store import books, db
from services.store import tags as stored
from tests.faults import each_failure
from tests.flows.loyal import Till
from tests.flows.test_tags import BOOK
from tests.flows.test_tiers import DAY_MS, gold, sold
from tests.shop import JEANS, Clock, make_shop

_TABLES = ("tier_step", "member_tag", "coupon", "stored_value_move", "journal")


def look() -> object:
    assert books.differences() == []
    rows = (db.LEDGER.execute_sql(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in _TABLES)
    return [stored.swept(), *([tuple(row) for row in each] for each in rows)]


def by_hand(shop: Shop, member_id: str) -> None:
    tags.by_hand(shop, (member_id,), "linen", on=True, operator_id="he")


def kept_off(shop: Shop, member_id: str) -> None:
    tags.by_hand(shop, (member_id,), "big", on=False, operator_id="he")


def granted(shop: Shop, member_id: str) -> None:
    tiers.grant(
        *(shop, member_id),
        tier="gold",
        until="2099-12-31",
        note="friend",
        operator_id="he",
        request_id=f"grant-{member_id}",
    )


# A step for one member, and how many days pass before it
STEPS: dict[str, tuple[Callable[[Shop, str], object], int]] = {
    "tier sweep": (lambda shop, _: tiers.sweep(shop), 370),
    "tag sweep": (lambda shop, _: tags.sweep(shop), 40),
    "coupons that end": (lambda shop, _: coupons.expire_all(shop), 40),
    "bonus that ends": (lambda shop, _: stored_value.expire_all(shop), 40),
    "a tag by hand": (by_hand, 0),
    "a tag kept off": (kept_off, 0),
    "a tier by hand": (granted, 0),
}


@pytest.mark.parametrize("name", STEPS)
def test_it_is_done_whole_or_not_at_all_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    clock = Clock()
    shop, (step, days) = make_shop(clock), STEPS[name]

    def prepare(n: int) -> str:
        if n == 1:
            tags.publish(shop, BOOK, seen_version=0, operator_id="he")
            tiers.publish(shop, gold(), seen_version=0, operator_id="he")
        till = Till(shop, f"138{0 if name == 'tag sweep' else n:08d}")  # it looks at everybody there is
        till.coupon()
        till.recharge(100_00, 10_00, bonus_days=20)
        sold(shop, JEANS, member_id=till.member)
        clock.at_ms += days * DAY_MS
        return till.member

    each_failure(monkeypatch, tmp_path, prepare, lambda member_id: step(shop, member_id), look)
