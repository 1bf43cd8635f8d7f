"""The demo shop is a whole one: every barcode true, every article findable, and made once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from services.jobs import demo_shop
from services.jobs.contract import Arguments
from services.registry import discover
from services.store import catalogue, db, schema
from services.store.catalogue import Article
from services.store.db import LEDGER
from tests.shop import make_shop


def hashed(pin: str) -> str:
    return f"hashed:{pin}"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[None]:
    LEDGER.open(tmp_path / "shop.db")
    schema.migrate()
    yield
    LEDGER.shut()


@pytest.fixture
def made(empty: None) -> None:
    demo_shop.make(hashed)


def articles() -> list[Article]:
    return [article for style in pages() for article in catalogue.variants(style.style)]


def pages(category: str = "", size: int = catalogue.PAGE) -> list[catalogue.Style]:
    """Every tile, page after page."""
    found: list[catalogue.Style] = []
    for _ in range(100):
        page = catalogue.styles(category=category, after_rank=found[-1].rank if found else -1)
        if not page:
            return found
        found += page
    raise AssertionError("paging never ends")


def everything() -> list[tuple[object, ...]]:
    tables = ("category", "style", "article", "staff")
    return [row for table in tables for row in LEDGER.execute_sql(f"SELECT * FROM {table}").fetchall()]


def names(query: str) -> list[str]:
    return [style.name for style in catalogue.styles(query=query)]


def test_there_are_enough_articles_for_a_real_shop(made: None) -> None:
    assert 330 <= catalogue.count() <= 420
    assert len(articles()) == catalogue.count()


def test_every_barcode_is_a_chinese_ean_13_of_its_own(made: None) -> None:
    gtins = [article.gtin for article in articles()]
    assert len(set(gtins)) == len(gtins)
    for gtin in gtins:
        digits = [int(digit) for digit in gtin]
        assert len(digits) == 14 and digits[0] == 0
        assert 690 <= int(gtin[1:4]) <= 699
        assert (3 * sum(digits[0::2]) + sum(digits[1::2])) % 10 == 0, gtin


def test_every_category_has_tiles_and_every_tile_a_drawing(made: None) -> None:
    assert [name for _, name in catalogue.categories()] == [
        *("上装", "下装", "裙装", "外套", "配饰", "新品", "礼品卡")
    ]
    english = ["Tops", "Bottoms", "Dresses", "Outerwear", "Accessories", "New in", "Gift cards"]
    assert [name for _, name in catalogue.categories("en")] == english
    assert all(pages(category=key) for key, _ in catalogue.categories())
    garments = "cardigan jeans tee dress shirt coat skirt sock bag trousers sweater jacket scarf hat belt"
    assert {style.garment for style in pages()} == {*garments.split(), "shorts", "vest", "hoodie"}
    swatches = {article.swatch for article in articles()}
    assert swatches == {"mist", "denim", "white", "sand", "black", "rose", "olive", "brick"}


def test_some_styles_come_as_one_piece_only(made: None) -> None:
    single = [style for style in pages() if style.only_sku]
    assert 2 <= len(single) <= 6
    assert all(catalogue.by_sku(style.only_sku) is not None for style in single)


def test_the_first_tile_is_the_one_of_the_drawings(made: None) -> None:
    first = pages()[0]
    assert (first.name, first.price_minor, first.colours) == ("羊毛混纺开衫", 45_900, 3)
    assert (first.first_size, first.last_size) == ("S", "XL")
    article = catalogue.by_sku("C1001-MB-M")
    assert article is not None and article.variant == "雾蓝 / M"
    assert catalogue.by_gtin(article.gtin) == article


def test_styles_are_found_by_the_initials_of_their_pinyin(made: None) -> None:
    assert names("ymhf") == ["羊毛混纺开衫"]
    assert names("YMHF") == ["羊毛混纺开衫"]
    assert "纯棉基础 T 恤" in names("cmjctx")


def test_styles_are_found_by_number_sku_barcode_and_part_of_the_name(made: None) -> None:
    article = catalogue.by_sku("J2001-SX-27")
    assert article is not None
    for query in ("J2001", "J2001-SX-27", article.gtin, article.gtin.lstrip("0"), "高腰直筒"):
        assert names(query) == ["高腰直筒牛仔裤"], query
    assert len(names("开衫")) == 2
    assert names("没有这件") == []


def test_paging_shows_every_style_once(made: None, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pages()
    monkeypatch.setattr(catalogue, "PAGE", 7)
    assert pages() == whole
    assert len({style.style for style in whole}) == len(whole) == 40


def test_three_people_can_sign_in_with_pins_nobody_guesses(made: None) -> None:
    rows = LEDGER.execute_sql(
        "SELECT staff_id, name, role, pin_hash FROM staff WHERE active ORDER BY rank"
    ).fetchall()
    assert [(name, role) for _, name, role, _ in rows] == [
        ("周婷", "cashier"),
        ("何敏", "manager"),
        ("技术员", "technician"),
    ]
    assert {staff_id: pin_hash for staff_id, _, _, pin_hash in rows} == {
        staff_id: hashed(pin) for staff_id, pin in demo_shop.DEMO_PINS.items()
    }
    for pin in demo_shop.DEMO_PINS.values():
        steps = {int(b) - int(a) for a, b in pairwise(pin)}
        assert len(pin) == 6 and pin.isdigit() and len(steps) > 2, pin


def test_a_second_run_keeps_an_edited_price(made: None) -> None:
    article = catalogue.by_sku("T1002-BS-S")
    assert article is not None
    with db.write():
        catalogue.put_article(replace(article, price_minor=7_900), 0, 1)
    before = everything()

    def costly(pin: str) -> str:
        raise AssertionError("nobody needs this hash")

    assert demo_shop.make(costly) == 0
    assert everything() == before
    edited = catalogue.by_sku("T1002-BS-S")
    assert edited is not None and edited.price_minor == 7_900


def test_a_run_that_breaks_off_leaves_nothing(empty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(demo_shop.staff, "put", full_disk)
        with pytest.raises(OSError):
            demo_shop.make(hashed)
    assert everything() == []
    assert demo_shop.make(hashed) == catalogue.count() > 0


def test_the_job_is_found_by_its_name_and_says_what_it_did(empty: None) -> None:
    job = discover("services.jobs", "JOB")["demo_shop"]
    assert job.run(Arguments((), hashed, lambda: 0, make_shop)) == f"made {catalogue.count()} articles"
    assert "nothing changed" in job.run(Arguments((), hashed, lambda: 0, make_shop))
