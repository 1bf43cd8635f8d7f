"""Promotions in the back office: drawn from their kinds, tried before they are published, once."""

from __future__ import annotations

from typing import Any

import pytest

from services.flows.shop import Shop
from services.store import promotions
from tests.shop import JEANS, TEE
from tests.web.conftest import Browser, contents, new_key
from tests.web.test_access import DRAFT

SPEND: dict[str, Any] = {
    "kind": "spend_and_save",
    "layer": 4,
    "label_zh": "满 300 减 40",
    "label_en": "Spend 300, save 40",
    "params": {"steps": [{"threshold_minor": 300_00, "amount_minor": 40_00}], "repeats": False},
}


def publish(manager: Browser, draft: dict[str, Any], key: str = "") -> Any:
    return manager.send("POST", "/api/office/promotions", draft, key=key or new_key())


def tried(manager: Browser, draft: dict[str, Any], *sample: tuple[str, int]) -> Any:
    bag = [{"sku": sku, "quantity": quantity} for sku, quantity in sample]
    return manager.send("POST", "/api/office/promotion-trial?lang=zh", {"draft": draft, "sample": bag})


def test_the_form_describes_every_kind_down_to_its_last_input(manager: Browser) -> None:
    form = manager.get("/api/office/promotion-form?lang=en").json
    kinds = {kind["key"]: kind for kind in form["kinds"]}
    (steps, repeats) = kinds["spend_and_save"]["inputs"]
    assert [each["key"] for each in steps["inputs"]] == ["threshold_minor", "amount_minor"]
    assert steps["unit"] == "rows" and repeats["value"] is False
    assert {each["key"] for each in form["terms"]} >= {"goods", "window", "budget_minor"}
    assert form["decimals"] == 2 and len(form["sample"]) == 3


def test_a_draft_is_priced_by_the_engine_and_nothing_is_kept(manager: Browser) -> None:
    before = contents()
    view = tried(manager, SPEND, (JEANS, 1)).json
    assert (view["gross"]["text"], view["total"]["text"]) == ("¥329.00", "¥289.00")
    assert view["offers"][0]["mine"] and view["offers"][0]["amount"]["minor"] == -40_00
    assert view["lines"][0]["cheaper"] and view["lines"][0]["net"]["minor"] == 289_00
    both = tried(manager, SPEND, (JEANS, 1), (TEE, 2)).json
    assert [(line["sku"], line["quantity"]) for line in both["lines"]] == [(JEANS, 1), (TEE, 2)]
    assert both["gross"]["minor"] == 527_00 and both["total"]["minor"] == 487_00
    missed = tried(manager, SPEND, (TEE, 2)).json["offers"][0]
    assert (missed["code"], missed["needed"], missed["have"]) == ("threshold", "¥300.00", "¥198.00")
    assert contents() == before


def test_a_published_promotion_is_live_and_its_next_version_follows(manager: Browser) -> None:
    first = publish(manager, SPEND).json
    assert first["row"]["state"] == "live" and first["draft"]["params"] == SPEND["params"]
    again = {**SPEND, "promotion_id": first["row"]["promotion_id"], "label_zh": "再来"}
    assert publish(manager, again).json["row"]["version"] == 2
    (row,) = manager.get("/api/office/promotions").json
    assert (row["label"], row["version"]) == ("再来", 2)
    shown = manager.get(f"/api/office/promotions/{row['promotion_id']}").json
    assert [each["version"] for each in shown["versions"]] == [2, 1] and shown["versions"][1]["until"]


@pytest.mark.parametrize(
    ("window", "state"),
    [
        ({"from_day": "2026-12-01"}, "planned"),
        ({"to_day": "2026-11-21"}, "ended"),
        ({"from_day": "2026-11-22", "to_day": "2026-11-22"}, "live"),
    ],
)
def test_the_window_says_how_a_promotion_stands(manager: Browser, window: object, state: str) -> None:
    assert publish(manager, {**SPEND, "terms": {"window": window}}).json["row"]["state"] == state


def test_a_withdrawn_promotion_gives_nothing_more_and_a_repeat_changes_nothing(manager: Browser) -> None:
    path = f"/api/office/promotions/{publish(manager, SPEND).json['row']['promotion_id']}/withdraw"
    assert tried(manager, DRAFT, (JEANS, 1)).json["total"]["minor"] < 296_10
    assert manager.send("POST", path, {}, key="withdraw-1").json["row"]["state"] == "withdrawn"
    before = contents()
    assert manager.send("POST", path, {}, key="withdraw-1").json["row"]["state"] == "withdrawn"
    assert contents() == before
    assert tried(manager, DRAFT, (JEANS, 1)).json["total"]["minor"] == 296_10
    assert manager.send("POST", path, {}, key="withdraw-2").json["code"] == "promotion_unknown"


def test_pressing_publish_twice_publishes_once(manager: Browser, shop: Shop) -> None:
    first, second = publish(manager, SPEND, "the-same-key"), publish(manager, SPEND, "the-same-key")
    assert first.json == second.json and len(promotions.newest_of_all()) == 1
    other = publish(manager, DRAFT, "the-same-key")
    assert (other.status_code, other.json["code"]) == (409, "request_reused")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "free_money"}, "promotion_refused"),
        ({"layer": 2}, "promotion_refused"),
        ({"params": {"steps": []}}, "promotion_refused"),
        ({"params": {"steps": [{"threshold_minor": -1, "amount_minor": 1}]}}, "promotion_refused"),
        ({"params": {"steps": [{"threshold_minor": 10**30, "amount_minor": 1}]}}, "promotion_refused"),
        ({"promotion_id": "nobody"}, "promotion_unknown"),
        ({"label_zh": ""}, "bad_request"),
        ({"label_zh": "x" * 61}, "bad_request"),
        ({"terms": {"nothing": 1, "window": {"from_day": "tomorrow"}}}, "bad_request"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(
    manager: Browser, change: dict[str, Any], code: str
) -> None:
    before = contents()
    assert publish(manager, {**SPEND, **change}).json["code"] == code
    assert contents() == before


def test_a_draft_is_looked_at_on_the_sales_there_were(manager: Browser) -> None:
    for sku in (JEANS, TEE, TEE):
        manager.pay(manager.add(sku, 1 if sku == JEANS else 2), 400_00)
    manager.pay(manager.add(TEE), 400_00)
    before = contents()
    later = {**SPEND, "terms": {"window": {"from_day": "2027-01-01"}}}
    told = manager.send("POST", "/api/office/promotion-history", later).json
    assert (told["sales"], told["reduced"], told["given"]["minor"], told["near"]) == (4, 1, 40_00, 0)
    near = {**SPEND, "params": {"steps": [{"threshold_minor": 298_00, "amount_minor": 1}]}}
    assert manager.send("POST", "/api/office/promotion-history", near).json["near"] == 2
    assert contents() == before
    refused = manager.send("POST", "/api/office/promotion-history", {**SPEND, "kind": "none"})
    assert refused.json["code"] == "promotion_refused"


def test_a_sample_of_unknown_articles_is_refused(manager: Browser) -> None:
    assert tried(manager, SPEND, ("nothing", 1)).json["code"] == "code_unknown"
    assert tried(manager, SPEND, (TEE, 100)).json["code"] == "bad_request"
    assert tried(manager, SPEND).json["total"]["minor"] == 0
