"""Points at the till and in the back office: every answer as described, every line with its reason."""

from __future__ import annotations

from tests.web.conftest import Browser, Told, new_key
from tests.web.test_members import join

BOOK = {
    "terms": {"points": 1},
    "check_in": {"points": 2},
    "referral": {"referrer_points": 100},
    "rewards": [
        {"reward_id": "hem", "kind": "service", "label_zh": "改裤脚", "label_en": "Hemming", "points": 30}
    ],
}
POINTS = "/api/members/{member_id}/points"


def test_points_are_given_exchanged_and_given_back_and_the_statement_says_why(
    told: Told,
    cashier: Browser,
    manager: Browser,
) -> None:
    told.send(manager, "PUT", "/api/office/points/rules", {"seen_version": 0, "book": BOOK})
    who = {"member_id": join(told, cashier)["member_id"]}
    given = {"points": 50, "reason": "goodwill", "lang": "en"}
    assert told.send(cashier, "POST", POINTS, given, values=who)["code"] == "approval_needed"
    assert told.send(manager, "POST", POINTS, given, values=who)["balance"] == 50
    (reward,) = told.send(cashier, "GET", "/api/members/{member_id}/rewards", values=who)
    assert (reward["label"], reward["missing"]) == ("改裤脚", "")
    path = "/api/members/{member_id}/rewards/{reward_id}"
    exchange = told.send(cashier, "POST", path, {}, values={**who, "reward_id": "hem"})
    assert (exchange["balance"], exchange["coupon_id"]) == (20, "")
    undo = "/api/points/exchanges/{exchange_id}/undo"
    assert told.send(manager, "POST", undo, {}, values=exchange)["balance"] == 50
    shown = told.send(cashier, "GET", POINTS, values=who, query="?lang=en")
    assert (shown["balance"], shown["usable"], shown["pending"]) == (50, 50, 0)
    assert [(row["why"], row["points"], row["balance"]) for row in shown["rows"]] == [
        ("Exchange undone: Hemming", 30, 50),
        ("Exchanged for Hemming", -30, 20),
        ("Goodwill", 50, 50),
    ]


def test_a_correction_sent_twice_counts_once_and_nobody_unknown_gets_points(
    told: Told,
    manager: Browser,
) -> None:
    member = join(told, manager)["member_id"]
    key = new_key()
    for _ in range(3):
        answer = manager.send(
            "POST", f"/api/members/{member}/points", {"points": 7, "reason": "event"}, key=key
        )
        assert answer.json["balance"] == 7
    assert manager.get("/api/members/nobody/points").json["code"] == "member_unknown"


def test_a_visit_counts_once_a_day(
    told: Told,
    cashier: Browser,
    manager: Browser,
) -> None:
    told.send(manager, "PUT", "/api/office/points/rules", {"seen_version": 0, "book": BOOK})
    who = {"member_id": join(told, cashier)["member_id"]}
    shown = told.send(cashier, "GET", "/api/till/check-in-code")["text"]
    path = "/api/members/{member_id}/check-in"
    visit = told.send(cashier, "POST", path, {"shown": shown}, values=who)
    assert (visit["streak"], visit["balance"]) == (1, 2)
    again = told.send(cashier, "POST", path, {}, values=who)
    assert (again["code"], again["details"]["why"]) == ("check_in_refused", "today")


def test_a_newcomer_says_who_sent_them(
    told: Told,
    cashier: Browser,
    manager: Browser,
) -> None:
    told.send(manager, "PUT", "/api/office/points/rules", {"seen_version": 0, "book": BOOK})
    one = join(told, cashier)["member_id"]
    other = join(told, cashier, phone="13912345620")["member_id"]
    path = "/api/members/{member_id}/referrer"
    held = told.send(cashier, "PUT", path, {"referrer_id": one}, values={"member_id": other})
    assert held == {"newcomer_id": other, "referrer_id": one, "state": "waiting"}
    alone = told.send(cashier, "PUT", path, {"referrer_id": one}, values={"member_id": one})
    assert alone["code"] == "referral_refused"


def test_a_book_is_tried_on_a_sale_before_it_is_published(manager: Browser) -> None:
    eleven = {"from_day": "2026-11-11", "to_day": "2026-11-11"}
    double = {"rule_id": "d", "kind": "multiplier", "label_zh": "双十一", "label_en": "11-11"}
    rules = [{**double, "factor_bp": 20_000, "window": eleven, "tiers": ["gold"]}]
    tried = {"book": {"terms": {"points": 1, "per_minor": 50}, "earning": rules}, "amount_minor": 299_00}
    path = "/api/office/points-trial"
    found = manager.send("POST", path, {**tried, "day": "2026-11-11", "tier": "gold"}).json
    assert found["points"] == 2 * 598
    assert [each["why"] for each in found["reasons"]] == [
        "消费 ¥299.00，每 ¥0.50 得 1 分",
        "双十一：¥299.00 的积分 2 倍",
    ]
    for day, tier in (("2026-11-12", "gold"), ("2026-11-11", "")):
        assert manager.send("POST", path, {**tried, "day": day, "tier": tier}).json["points"] == 598
    assert manager.send("POST", path, {**tried, "day": "2026-02-30"}).status_code == 400
    odd = {**tried, "book": {"earning": [{**double, "factor_bp": 10_000}]}, "day": "2026-11-11"}
    assert manager.send("POST", path, odd).json["details"]["why"] == "factor"
