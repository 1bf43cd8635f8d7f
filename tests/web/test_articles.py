"""Articles in the back office: what a manager reads and writes of a style."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.shop import GTINS, TEE
from tests.web.conftest import Browser, contents, new_key
from tests.web.test_access import NEW_STYLE

T1 = {"name": "纯棉基础 T 恤", "category": "tops", "garment": "tee"}


def post(manager: Browser, path: str, body: dict[str, Any], key: str = "") -> Any:
    return manager.send("POST", f"/api/office/articles{path}", body, key=key or new_key())


def told(manager: Browser) -> dict[str, str]:
    """What the audit trail says of the newest change."""
    (row,) = manager.get("/api/office/journal?type=catalogue.changed").json["rows"][:1]
    facts = manager.get(f"/api/office/journal/{row['seq']}").json["facts"]
    return {f["name"]: f["text"] for f in facts if f["part"] == "changed" or f["name"] == "tax_bp"}


def test_a_style_is_shown_with_its_prices_now_and_later(manager: Browser) -> None:
    post(manager, "/T1", {**T1, "prices": [{"sku": TEE, "price_minor": 79_00}], "from_day": "2026-12-01"})
    post(manager, "/T1", {**T1, "prices": [{"sku": "T-W-M", "price_minor": 109_00}]})
    style = manager.get("/api/office/articles/T1").json
    (small, medium) = style["variants"]
    assert (small["price"]["text"], medium["price"]["text"]) == ("¥99.00", "¥109.00")
    assert [(each["since"], each["price"]["text"]) for each in small["planned"]] == [
        ("2026-12-01", "¥79.00")
    ]
    assert style["choices"]["tomorrow"] == "2026-11-23" and style["choices"]["decimals"] == 2


def test_a_style_has_its_own_rate_of_tax_or_the_shop_s(manager: Browser) -> None:
    assert manager.get("/api/office/articles/T1").json["tax_bp"] is None
    assert manager.get("/api/office/article-form").json["tax_bp"] == 0
    assert post(manager, "/T1", {**T1, "tax_bp": 900}).json["changes"] == 1
    assert manager.get("/api/office/articles/T1").json["tax_bp"] == 900
    assert told(manager) == {"tax_bp": "9%", "field": "tax_bp", "old": "", "new": "9%"}
    for wrong in (-1, 10_001, 1.5, "13"):
        assert post(manager, "/T1", {**T1, "tax_bp": wrong}).status_code == 400
    assert post(manager, "/T1", T1).json["changes"] == 1
    assert post(manager, "", {**NEW_STYLE, "tax_bp": 100}).json["style"] == "N1"
    assert manager.get("/api/office/articles/N1").json["tax_bp"] == 100


def test_a_new_style_is_sold_at_once(manager: Browser) -> None:
    assert post(manager, "", NEW_STYLE).json == {"style": "N1", "changes": 1}
    (variant,) = manager.get("/api/styles/N1").json["variants"]
    basket = manager.add(variant["sku"])
    assert basket["total"]["text"] == "¥459.00"


def test_a_repeat_adds_nothing_and_another_body_is_refused(manager: Browser) -> None:
    first = post(manager, "", NEW_STYLE, "the-same-key").json
    before = contents()
    assert post(manager, "", NEW_STYLE, "the-same-key").json == first
    assert post(manager, "", {**NEW_STYLE, "name": "x"}, "the-same-key").json["code"] == "request_reused"
    assert contents() == before


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"style": "a b"}, "bad_request"),
        ({"style": "x" * 33}, "bad_request"),
        ({"name": "   "}, "bad_request"),
        ({"name": "x" * 81}, "bad_request"),
        ({"price_minor": -1}, "bad_request"),
        ({"price_minor": 10**12}, "bad_request"),
        ({"variants": []}, "bad_request"),
        ({"variants": [{"colour": "黑", "size": "S", "gtin": "=1+1"}]}, "bad_request"),
        ({"variants": [{"colour": "黑", "size": "S", "gtin": GTINS[TEE]}]}, "article_refused"),
        ({"category": "nowhere"}, "article_refused"),
        ({"nothing": 1}, "bad_request"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(
    manager: Browser, change: dict[str, Any], code: str
) -> None:
    before = contents()
    assert post(manager, "", {**NEW_STYLE, **change}).json["code"] == code
    assert contents() == before


@pytest.mark.parametrize("day", ["2026-13-01", "2026-11-22", "0001-01-01", "9999-12-31x"])
def test_a_day_that_cannot_be_is_refused(manager: Browser, day: str) -> None:
    change = {**T1, "prices": [{"sku": TEE, "price_minor": 1}], "from_day": day}
    assert post(manager, "/T1", change).json["code"] in ("bad_request", "article_refused")


def test_a_hostile_name_is_a_name(manager: Browser) -> None:
    name = "<script>alert(1)</script>'\"%00"
    assert post(manager, "/T1", {**T1, "name": name}).json["changes"] == 1
    assert manager.get("/api/office/articles/T1").json["name"] == name


def test_the_till_shows_a_planned_price_from_its_day_on(
    manager: Browser, later: Callable[[float], None]
) -> None:
    change = {**T1, "prices": [{"sku": TEE, "price_minor": 79_00}], "from_day": "2026-11-23"}
    post(manager, "/T1", change)

    def shown() -> tuple[str, str]:
        (tile,) = manager.get("/api/catalogue?q=T1").json["tiles"]
        return tile["price"]["text"], manager.get("/api/styles/T1").json["variants"][0]["price"]["text"]

    assert shown() == ("¥99.00", "¥99.00")
    later(86_400)
    manager.sign_on("he")
    assert shown() == ("¥79.00", "¥79.00")
