"""Approvals, the list of staff and hours over the API: nothing is lent twice, nobody stays who has left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.store import journal
from tests.web.conftest import PINS, Browser, new_key

APPROVAL = {"approver_id": "he", "pin": PINS["he"], "reason": "mistake"}
HOURS = {"staff_id": "zhou", "began": "2026-11-21T09:00", "ended": "2026-11-21T18:00", "reason": "forgot"}


def correct(browser: Browser, key: str = "", **more: Any) -> Any:
    return browser.send("POST", "/api/attendance/corrections", {**HOURS, **more}, key=key or new_key())


@pytest.fixture
def manager(browsers: Callable[[], Browser]) -> Browser:
    browser = browsers()
    assert browser.sign_on("he", till="2").status_code == 200
    return browser


def test_the_refusal_names_who_may_approve_and_the_approval_goes_with_the_same_request(
    cashier: Browser,
) -> None:
    refused = correct(cashier)
    assert (refused.status_code, refused.json["code"]) == (403, "approval_needed")
    assert refused.json["details"]["approvers"] == [{"staff_id": "he", "name": "何敏", "role": "manager"}]
    done = correct(cashier, approval=APPROVAL)
    assert (done.status_code, done.json["worked_min"]) == (200, 9 * 60)
    assert cashier.get("/api/session").json["staff"]["staff_id"] == "zhou", "who is signed on stays so"


def test_an_approval_cannot_be_replayed_for_another_subject_or_right(cashier: Browser) -> None:
    key = new_key()
    span = correct(cashier, key, approval=APPROVAL).json
    again = correct(cashier, key, approval=APPROVAL)
    assert again.json == span, "the same request gets its first answer"
    other = correct(cashier, key, staff_id="he", approval=APPROVAL)
    assert (other.status_code, other.json["code"]) == (409, "request_reused")
    stripped = correct(cashier, key, staff_id="he")
    assert stripped.json["code"] == "request_reused"
    changed = {"span_id": span["span_id"], "ended": "2026-11-21T17:00"}
    assert correct(cashier, **changed).json["code"] == "approval_needed"
    forged = correct(cashier, **changed, approval={**APPROVAL, "right": "discount"})
    assert forged.json["code"] == "bad_request"
    granted = [row for row in journal.after(0, 100) if row.type == "approval.granted"]
    assert len(granted) == 1


def test_wrong_pins_are_told_like_at_sign_on_and_do_not_sign_the_cashier_off(cashier: Browser) -> None:
    told = [correct(cashier, approval={**APPROVAL, "pin": "000000"}) for _ in range(4)]
    assert [(r.status_code, r.json["code"]) for r in told] == [(401, "pin_refused")] * 3 + [
        (429, "pin_locked")
    ]
    assert told[2].json["details"]["tries_left"] == 7
    assert cashier.get("/api/session").status_code == 200


def test_a_cashier_cannot_approve_even_with_the_right_pin(cashier: Browser) -> None:
    own = correct(cashier, approval={"approver_id": "zhou", "pin": PINS["zhou"], "reason": "x"})
    assert (own.status_code, own.json["code"]) == (403, "approver_refused")


def test_who_is_let_go_is_signed_off_at_once_in_every_tab(
    cashier: Browser, manager: Browser, live: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bytes] = []
    cut = live.end
    monkeypatch.setattr(live, "end", lambda owner: (ended.append(owner), cut(owner)))
    stream = cashier.get("/api/live")
    assert stream.status_code == 200
    gone = {"name": "周婷", "role": "cashier", "active": False, "rank": 1}
    assert manager.send("PUT", "/api/roster/zhou", gone).json["active"] is False
    assert len(ended) == 1, "at once, not when the stream next looks whether it may go on"
    assert cashier.get("/api/till/basket").json["code"] == "not_signed_in"
    chunks = iter(stream.response)
    for _ in range(100):  # what was on its way, then the end
        if next(chunks, None) is None:
            break
    else:
        pytest.fail("the stream of somebody who has left goes on")
    stream.close()
    assert cashier.sign_on().status_code == 401
    assert "zhou" not in [person["staff_id"] for person in cashier.get("/api/staff").json]


def test_the_last_manager_cannot_be_let_go(manager: Browser) -> None:
    for body in (
        {"name": "何敏", "role": "manager", "active": False, "rank": 2},
        {"name": "何敏", "role": "seller", "active": True, "rank": 2},
    ):
        refused = manager.send("PUT", "/api/roster/he", body)
        assert (refused.status_code, refused.json["details"]["why"]) == (422, "last_manager")
    assert manager.get("/api/session").status_code == 200


def test_a_new_pin_is_shown_once_and_works(manager: Browser, browser: Browser) -> None:
    key = new_key()
    shown = manager.send("POST", "/api/roster/zhou/pin", {}, key=key).json
    assert manager.send("POST", "/api/roster/zhou/pin", {}, key=key).json == {**shown, "pin": ""}
    assert browser.sign_on("zhou").status_code == 401
    assert browser.sign_on("zhou", pin=shown["pin"]).status_code == 200
    assert shown["pin"] not in manager.get("/api/roster").text
    easy = manager.send("POST", "/api/roster/zhou/pin", {"pin": "123456"}, key=new_key())
    assert easy.json["details"]["why"] == "pin_easy"


def test_a_hostile_name_is_kept_as_text_and_an_invisible_one_refused(manager: Browser) -> None:
    name = "<img src=x onerror=alert(1)>'\"; --"
    added = manager.send("POST", "/api/roster", {"name": name, "role": "seller"}, key=new_key()).json
    assert added["person"]["name"] == name
    unseen = manager.send("POST", "/api/roster", {"name": "a\u202eb", "role": "seller"}, key=new_key())
    assert unseen.json["details"]["why"] == "name"
    half = rb'{"name": "\ud800", "role": "seller"}'
    lone = manager.send("POST", "/api/roster", key=new_key(), data=half, content_type="application/json")
    assert lone.status_code == 400 or lone.json["details"].get("why") == "name"


def test_a_rule_of_the_shop_holds_from_the_next_request_on(manager: Browser, cashier: Browser) -> None:
    rule = {"four_eyes": False, "limits": {"manager": None, "cashier": None}}
    assert manager.send("PUT", "/api/rights/attendance_correct", rule).json["limits"]["cashier"] is None
    assert correct(cashier).status_code == 200
    for limits in ({"cashier": 1}, {"manager": None, "technician": 1}):
        bad = manager.send("PUT", "/api/rights/discount", {"four_eyes": False, "limits": limits})
        assert bad.status_code == 400
    assert manager.send("PUT", "/api/rights/fly", rule).status_code == 404


def test_anybody_clocks_in_at_a_till_where_somebody_else_is_signed_on(cashier: Browser) -> None:
    body = {"staff_id": "he", "pin": PINS["he"], "till": "1", "direction": "in"}
    assert cashier.send("POST", "/api/attendance", body, key=new_key()).json["state"] == "open"
    assert [person["staff_id"] for person in cashier.get("/api/attendance/now").json] == ["he"]
    assert cashier.get("/api/session").json["staff"]["staff_id"] == "zhou"


def test_the_month_lists_everybody_s_hours(manager: Browser) -> None:
    correct(manager)
    correct(manager, began="2026-11-20T09:00", ended="2026-11-20T13:30")
    month = manager.get("/api/attendance?month=2026-11").json
    (zhou,) = month["people"]
    assert (zhou["name"], zhou["days"], zhou["worked_min"], zhou["asks"]) == ("周婷", 2, 13 * 60 + 30, 0)
    assert [span["began"] for span in zhou["spans"]] == ["2026-11-20T09:00", "2026-11-21T09:00"]
    assert manager.get("/api/attendance?month=2026-10").json["people"] == []
    for bad in ("2026-13", "2026", "0000-01'--", "2026-1"):
        assert manager.get(f"/api/attendance?month={bad}").status_code == 400
    assert manager.get("/api/attendance?month=0000-01").status_code == 200
