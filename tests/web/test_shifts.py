"""Shifts over HTTP: what is told before the count and after it, to whom, and what a stranger's id gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.flows import business_day
from services.flows.shop import Shop
from services.store import jobs
from services.store import shifts as store
from tests.shop import SOCKS
from tests.web.conftest import Browser, PlayedBox, new_key

COUNT = [{"currency": "CNY", "pieces": [{"value_minor": 100_00, "pieces": 2}]}]


def ask(browser: Browser, path: str, body: object, key: str = "") -> Any:
    return browser.send("POST", path, body, key=key or new_key())


def begin(browser: Browser) -> str:
    shift_id: str = ask(browser, "/api/till/shift", {"counts": COUNT}).json["shift"]["shift_id"]
    return shift_id


def count(browser: Browser, shift_id: str, counts: object = COUNT) -> Any:
    return ask(browser, "/api/till/shift/count", {"shift_id": shift_id, "counts": counts})


def close(browser: Browser, shift_id: str, **more: object) -> Any:
    return ask(browser, "/api/till/shift/close", {"shift_id": shift_id, **more})


def test_what_ought_to_be_there_is_told_only_after_the_count(cashier: Browser) -> None:
    shift_id = begin(cashier)
    cashier.pay(cashier.add(SOCKS), 50_00)
    before = [cashier.get(path).get_data(as_text=True) for path in ("/api/till/shift", "/api/till/shift/x")]
    for text in before:
        assert "229.00" not in text and "22900" not in text, "float and cash sales together"
    paper = json.dumps(json.loads(before[1])["paper"], ensure_ascii=False)
    assert "200.00" not in paper and paper.count("清点后显示") == 2
    told = count(cashier, shift_id).json
    ((cash,),) = [held["cash"] for held in told["shift"]["counts"]]
    assert (cash["expected"]["text"], cash["variance"]["text"]) == ("¥229.00", "-¥29.00")
    assert told["needs_reason"] and told["recount"]
    assert "229.00" in cashier.get("/api/till/shift/x").get_data(as_text=True)


def test_a_difference_is_closed_with_a_reason_and_a_manager_in_place(
    cashier: Browser, box: PlayedBox
) -> None:
    shift_id = begin(cashier)
    cashier.pay(cashier.add(SOCKS), 50_00)
    count(cashier, shift_id)
    refused = close(cashier, shift_id)
    assert (refused.status_code, refused.json["code"]) == (422, "reason_needed")
    refused = close(cashier, shift_id, reason="not_found")
    assert (refused.status_code, refused.json["code"]) == (403, "approval_needed")
    approval = {"approver_id": "he", "pin": "735290", "reason": "seen"}
    z = close(cashier, shift_id, reason="not_found", approval=approval).json
    assert (z["z_no"], z["shift"]["state"]) == (1, "closed")
    assert "何敏" in json.dumps(z["paper"], ensure_ascii=False)
    assert [job.kind for job in jobs.open_jobs("1") if job.kind == jobs.Z_REPORT] == ["z_report"]
    assert "jobs 1" in box.woken
    assert close(cashier, shift_id, reason="not_found").json["code"] == "shift_changed"


def test_a_till_counts_and_closes_its_own_shift_only(browsers: Callable[[], Browser]) -> None:
    one, two = browsers(), browsers()
    one.sign_on("zhou", "1")
    two.sign_on("zhou", "2")
    shift_id = begin(one)
    for answer in (count(two, shift_id), close(two, shift_id), count(one, "none"), close(one, "none")):
        assert (answer.status_code, answer.json["code"]) == (409, "shift_changed")
    assert store.counts_of(shift_id) == []


@pytest.mark.parametrize(
    "pieces",
    [
        [{"value_minor": 3_00, "pieces": 1}],
        [{"value_minor": 100_00, "pieces": -1}],
        [{"value_minor": 100_00, "pieces": 10_000}],
        [{"value_minor": 0, "pieces": 1}],
        [{"value_minor": "100", "pieces": 1}],
        [{"value_minor": 100_00, "pieces": 1.5}],
        [{"value_minor": 100_00, "pieces": 1}] * 33,
    ],
)
def test_a_count_that_is_none_is_refused_and_keeps_nothing(cashier: Browser, pieces: object) -> None:
    shift_id = begin(cashier)
    refused = count(cashier, shift_id, [{"currency": "CNY", "pieces": pieces}])
    assert refused.status_code in (400, 422) and refused.json["code"] in ("bad_request", "count_refused")
    assert store.counts_of(shift_id) == []


def test_after_a_drop_the_count_is_told_no_more_and_asked_for_again(cashier: Browser) -> None:
    shift_id = begin(cashier)
    count(cashier, shift_id)
    ask(
        cashier,
        "/api/till/cash-moves",
        {"kind": "drop", "currency": "CNY", "amount_minor": 100_00, "reason": "safe"},
    )
    view = cashier.get("/api/till/shift").json
    assert view["count_again"] and view["recount"] and view["shift"]["counts"] == []
    paper = json.dumps(cashier.get("/api/till/shift/x").json["paper"], ensure_ascii=False)
    assert "清点后显示" in paper
    assert close(cashier, shift_id).json["code"] == "count_needed"
    fresh = count(
        cashier, shift_id, [{"currency": "CNY", "pieces": [{"value_minor": 10_000, "pieces": 1}]}]
    )
    assert not fresh.json["count_again"]
    ((cash,),) = [held["cash"] for held in fresh.json["shift"]["counts"]]
    assert (cash["expected"]["minor"], cash["variance"]["minor"]) == (100_00, 0)
    assert close(cashier, shift_id).status_code == 200


def test_the_gateway_adds_up_what_is_being_counted(cashier: Browser) -> None:
    found = cashier.get("/api/till/cash-sum?currency=CNY&pieces=10000x12,50x3").json
    assert (found["total"]["text"], [row["text"] for row in found["rows"]]) == (
        "¥1,201.50",
        ["¥1,200.00", "¥1.50"],
    )
    assert cashier.get("/api/till/cash-sum?currency=CNY&pieces=").json["total"]["minor"] == 0
    for wrong in ("300x1", "100x", "x", "100x1;", "100x12345", "-100x1"):
        answer = cashier.get(f"/api/till/cash-sum?currency=CNY&pieces={wrong}")
        assert answer.status_code in (400, 422), wrong


def test_a_hostile_note_is_kept_as_it_is_and_a_control_character_refused(cashier: Browser) -> None:
    begin(cashier)
    move = {"kind": "drop", "currency": "CNY", "amount_minor": 100, "reason": "safe"}
    name = "<img src=x onerror=alert(1)> =1+1 \u202e"
    assert ask(cashier, "/api/till/cash-moves", {**move, "note": name}).json["note"] == name.strip()
    told = ask(cashier, "/api/till/cash-moves", {**move, "note": "退给 138 1234 5620"}).json["note"]
    assert told == "退给 138****5620", "what people type is kept for ever, and nobody can erase it"
    assert ask(cashier, "/api/till/cash-moves", {**move, "note": "a\x1b@b"}).status_code == 400
    assert ask(cashier, "/api/till/cash-moves", {**move, "note": "x" * 201}).status_code == 400


def test_the_back_office_lists_shifts_with_their_differences(
    cashier: Browser, browsers: Callable[[], Browser]
) -> None:
    shift_id = begin(cashier)
    ask(cashier, "/api/till/drawer", {"reason": "check", "note": "coins"})
    count(cashier, shift_id)
    close(cashier, shift_id)
    begin(cashier)
    manager = browsers()
    manager.sign_on("he")
    rows = manager.get("/api/shifts").json["rows"]
    assert [(row["shift"]["number"], row["shift"]["state"]) for row in rows] == [(2, "open"), (1, "closed")]
    assert rows[0]["variance"] is None and rows[1]["variance"]["minor"] == 0
    one = manager.get(f"/api/shifts/{shift_id}").json
    assert [(each["cause"], each["note"], each["by"]) for each in one["openings"]] == [
        ("no_sale", "coins", "周婷")
    ]
    assert len(one["hash"]) == 64
    copy = ask(manager, f"/api/shifts/{shift_id}/copies", {}, "the-copy").json
    assert ask(manager, f"/api/shifts/{shift_id}/copies", {}, "the-copy").json == copy
    assert manager.get("/api/shifts/none").json["code"] == "shift_changed"


def test_whoever_signs_on_is_asked_for_the_float_until_it_is_counted_or_put_off(
    browsers: Callable[[], Browser], shop: Shop
) -> None:
    def asked(till: str = "1") -> bool:
        return bool(browsers().sign_on("zhou", till).json["asks_float"])

    assert asked()
    cashier = browsers()
    cashier.sign_on("zhou", "1")
    cashier.pay(cashier.add(SOCKS), 50_00)
    business_day.keep(shop, "1")
    assert asked(), "a sale has begun the shift, and nobody has counted"
    begin(cashier)
    assert not asked() and asked("2")
    two = browsers()
    two.sign_on("zhou", "2")
    ask(two, "/api/till/shift", {})
    assert not asked("2"), "put off"
