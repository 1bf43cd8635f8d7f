"""Changing the catalogue: whole or not at all, once, told in the journal, never in an open bag."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from services import initials
from services.domain import imports
from services.domain.errors import ArticleRefused, CodeUnknown, RequestReused
from services.domain.imports import Table
from services.flows import baskets, catalogue
from services.flows.catalogue import NewStyle, StyleChange, Variant
from services.flows.shop import Shop
from services.store import catalogue as store
from services.store import journal, prices
from services.store.db import LEDGER
from tests.faults import each_failure
from tests.shop import GTINS, JEANS, TEE, Clock, make_shop

NEW = NewStyle(
    style="N1",
    name="羊毛开衫",
    category="tops",
    garment="cardigan",
    price_minor=459_00,
    variants=tuple(Variant(colour, size) for colour in ("黑", "米白") for size in ("L", "S")),
)
AS_IT_IS = StyleChange(name="纯棉基础 T 恤", category="tops", garment="tee", prices={})
DAY_MS = 86_400_000


def add(shop: Shop, new: NewStyle = NEW, key: str = "key-add") -> str:
    return catalogue.add_style(shop, new, operator_id="he", request_id=key)


def change(shop: Shop, changed: StyleChange, key: str = "key-change", style: str = "T1") -> int:
    return len(catalogue.change_style(shop, style, changed, operator_id="he", request_id=key))


def read_with_initials(
    data: bytes, kind: str, told: Callable[[int], None], columns: Sequence[str]
) -> Table:
    """As the reader of files does it, in a process of its own."""
    table = imports.read(data, kind, "CNY", told, columns)
    letters = initials.of(row.name for row in table.rows)
    for row in table.rows:
        row.initials = letters[row.name]
    return table


def told() -> list[dict[str, object]]:
    rows = journal.after(0, 100)
    return [msgspec.json.decode(row.body)["data"] for row in rows if row.type == "catalogue.changed"]


def contents() -> list[object]:
    tables = ("style", "article", "price", "journal")
    return [LEDGER.execute_sql(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables]


def bag_price(shop: Shop, sku: str) -> int:
    basket, _ = baskets.add(shop, "2", sku=sku, code="", quantity=1, request_id=shop.new_id())
    return basket.standing[-1].unit_price.minor


def test_a_new_style_has_all_its_variants_in_order_and_stands_last(shop: Shop) -> None:
    assert add(replace(shop, read_sheet=read_with_initials)) == "N1"
    variants = store.variants("N1")
    assert [(each.colour, each.size) for each in variants] == [
        *(("黑", "S"), ("黑", "L"), ("米白", "S"), ("米白", "L"))
    ]
    assert len({each.sku for each in variants}) == 4
    assert [each.swatch for each in variants[::2]] == ["black", "white"]
    assert store.styles()[-1].style == "N1"
    assert store.styles(query="ymks")[0].style == "N1"
    (event,) = told()
    assert event["style"] == "N1" and len(event["added"]) == 4  # type: ignore[arg-type]


def test_the_same_key_adds_once_and_never_something_else(shop: Shop) -> None:
    add(shop)
    before = contents()
    assert add(shop) == "N1"
    with pytest.raises(RequestReused):
        add(shop, replace(NEW, name="另一款"))
    assert contents() == before


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        (replace(NEW, style="T1"), "style_known"),
        (replace(NEW, category="nowhere"), "category_unknown"),
        (replace(NEW, variants=()), "variants_missing"),
        (replace(NEW, variants=(Variant("黑", "S"),) * 2), "variant_twice"),
        (replace(NEW, variants=(Variant("黑", "S", "6901028020940"),)), "gtin_bad"),
        (replace(NEW, variants=(Variant("黑", "S", "123"),)), "gtin_bad"),
        (replace(NEW, variants=(Variant("黑", "S", GTINS[TEE]),)), "gtin_known"),
        (replace(NEW, variants=(Variant("黑", "S", GTINS[TEE]), Variant("黑", "M", GTINS[TEE][1:]))),
         "gtin_twice"),
        (replace(NEW, variants=tuple(Variant(str(n), "S") for n in range(301))), "variants_missing"),
    ],
)  # fmt: skip
def test_a_style_that_cannot_be_is_refused_and_nothing_is_kept(
    shop: Shop, new: NewStyle, reason: str
) -> None:
    before = contents()
    with pytest.raises(ArticleRefused) as refused:
        add(shop, new)
    assert refused.value.details["reason"] == reason and contents() == before


def test_a_price_from_now_on_is_not_that_of_an_open_bag(shop: Shop) -> None:
    basket, _ = baskets.add(shop, "1", sku=TEE, code="", quantity=1, request_id="key-bag")
    assert change(shop, replace(AS_IT_IS, prices={TEE: 79_00})) == 1
    assert baskets.current(shop, "1") == basket and basket.standing[0].unit_price.minor == 99_00
    assert bag_price(shop, TEE) == 79_00
    assert told()[0]["changed"] == [{"sku": TEE, "field": "price_minor", "old": "9900", "new": "7900"}]


def test_a_rate_of_tax_is_that_of_what_is_added_from_then_on(shop: Shop) -> None:
    shop = replace(shop, tax_bp=1300)
    baskets.add(shop, "1", sku=TEE, code="", quantity=1, request_id="key-bag")
    assert change(shop, replace(AS_IT_IS, tax_bp=0)) == 1
    basket, _ = baskets.add(shop, "1", sku=TEE, code="", quantity=1, request_id="key-again")
    assert [line.tax_bp for line in basket.standing] == [1300, 0]
    assert change(shop, replace(AS_IT_IS), "key-back") == 1
    assert [each["changed"] for each in told()] == [
        [{"field": "tax_bp", "old": "", "new": "0"}],
        [{"field": "tax_bp", "old": "0", "new": ""}],
    ]
    add(shop, replace(NEW, tax_bp=900))
    assert {each.tax_bp for each in store.variants("N1")} == {900}


def test_a_planned_price_begins_with_its_business_day(shop: Shop, clock: Clock) -> None:
    change(shop, replace(AS_IT_IS, prices={TEE: 79_00}, from_day="2026-11-23"))
    assert bag_price(shop, TEE) == 99_00
    (planned,) = prices.planned([TEE], shop.now_ms()).values()
    clock.at_ms = planned[0][0] - 2
    assert bag_price(shop, TEE) == 99_00
    clock.at_ms = planned[0][0]
    assert bag_price(shop, TEE) == 79_00


def test_a_price_at_once_ends_the_one_that_stands_and_leaves_the_planned_one(
    shop: Shop, clock: Clock
) -> None:
    change(shop, replace(AS_IT_IS, prices={TEE: 79_00}, from_day="2026-11-23"), "key-1")
    change(shop, replace(AS_IT_IS, prices={TEE: 59_00}, from_day="2026-12-24"), "key-2")
    clock.at_ms += 2 * DAY_MS
    change(shop, replace(AS_IT_IS, prices={TEE: 69_00}), "key-3")
    assert bag_price(shop, TEE) == 69_00
    clock.at_ms += 40 * DAY_MS
    assert bag_price(shop, TEE) == 59_00


def test_a_day_that_has_begun_is_refused(shop: Shop) -> None:
    with pytest.raises(ArticleRefused):
        change(shop, replace(AS_IT_IS, prices={TEE: 1}, from_day="2026-11-22"))


def test_another_name_is_found_by_its_initials(shop: Shop) -> None:
    shop = replace(shop, read_sheet=read_with_initials)
    assert change(shop, replace(AS_IT_IS, name="棉麻短袖", garment="shirt")) == 2
    assert store.variants("T1")[0].name == "棉麻短袖"
    assert [style.style for style in store.styles(query="mmdx")] == ["T1"]


def test_what_is_so_already_is_no_change(shop: Shop) -> None:
    assert change(shop, replace(AS_IT_IS, prices={TEE: 99_00})) == 0
    assert told() == []


def test_articles_of_another_style_are_not_priced(shop: Shop) -> None:
    before = contents()
    for style, priced in (("T1", {TEE: 1, JEANS: 1}), ("nothing", {})):
        with pytest.raises(CodeUnknown):
            change(shop, replace(AS_IT_IS, prices=priced), style=style)
    assert contents() == before


def test_of_two_who_add_the_same_style_one_does(shop: Shop) -> None:
    ended: list[str] = []

    def one(key: str) -> None:
        try:
            ended.append(add(shop, key=key))
        except ArticleRefused as refused:
            ended.append(str(refused.details["reason"]))

    threads = [threading.Thread(target=one, args=(f"key-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["N1"] + ["style_known"] * 7 and len(told()) == 1


def test_a_new_style_is_whole_or_absent_wherever_storage_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()
    each_failure(
        monkeypatch,
        tmp_path,
        lambda n: replace(NEW, style=f"N{n}"),
        lambda new: add(shop, new, f"key-{new.style}"),
        contents,
    )


def test_a_change_is_whole_or_absent_wherever_storage_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = make_shop()
    each_failure(
        monkeypatch,
        tmp_path,
        lambda n: (n, replace(AS_IT_IS, name=f"名 {n}", prices={TEE: 50_00 + n, "T-W-M": 60_00 + n})),
        lambda case: change(shop, case[1], f"key-change-{case[0]}"),
        contents,
    )
