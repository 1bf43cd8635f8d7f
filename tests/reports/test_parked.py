"""What the reasons of parked baskets say: baskets parked, resumed, swapped and lost through the flows."""

from __future__ import annotations

from services.domain.periods import period
from services.flows import baskets, parking
from services.flows.shop import Shop
from services.registry import discover
from services.reports.answer import Answer, answer
from services.reports.contract import Question, Report
from tests.flows.test_checkout import fill, pay
from tests.flows.test_parking import park, resume
from tests.shop import JEANS, SHANGHAI, SOCKS, TEE, Clock

REPORTS: dict[str, Report] = discover("services.reports", "REPORT")
MINUTE_MS = 60_000


def told(key: str, lang: str = "zh") -> Answer:
    question = Question(
        period=period("2026-11-22", "2026-11-22"),
        zone=SHANGHAI,
        lang=lang,  # type: ignore[arg-type]
        tenders={},
    )
    return answer(REPORTS[key], question)


def a_day(shop: Shop, clock: Clock) -> None:
    """Three for a phone call, of which one is lost and one swapped; one child; one slip of the finger."""
    for n, minutes in enumerate((4, 10)):
        fill(shop, "1", TEE, SOCKS)
        row = park(shop, key=f"p{n}")
        clock.at_ms += minutes * MINUTE_MS
        basket = resume(shop, "2", row, key=f"r{n}").basket
        if n:
            fill(shop, "2", JEANS)
            basket = baskets.set_quantity(shop, "2", 1, 0, basket_id=basket.basket_id)
        now = baskets.current(shop, "2")
        pay(shop, (now.basket_id, now.version), till="2", key=f"pay{n}")
    fill(shop, "1", JEANS)
    lost = park(shop, key="p-lost")
    parking.abandon(shop, "1", lost.parked_id, reason="customer_left", operator_id="he")
    fill(shop, "1", SOCKS)
    park(shop, reason="child", key="p-waits")
    fill(shop, "1", SOCKS)
    resume(shop, "1", park(shop, reason="queue", key="p-slip"), key="r-slip")


def test_each_reason_says_how_many_came_back_how_fast_and_what_was_lost(shop: Shop, clock: Clock) -> None:
    a_day(shop, clock)
    found = told("parked")
    assert found.rows == (
        ("接电话", 3, 2, 6667, 4, 585_00, 256_00, 329_00, 1),
        ("照看孩子", 1, 0, 0, None, 29_00, 0, 0, 0),
    )
    assert found.totals == (None, 4, 2, 5000, None, 614_00, 256_00, 329_00, 1)
    assert told("parked", "en").rows[0][0] == "Phone call"


def test_hours_and_cashiers_are_the_same_baskets(shop: Shop, clock: Clock) -> None:
    a_day(shop, clock)
    whole = told("parked").totals
    for key in ("parked_hours", "parked_people"):
        assert told(key).totals == whole
    assert [row[0] for row in told("parked_people").rows] == ["周婷"]
    assert all(str(row[0]).endswith(":00") for row in told("parked_hours").rows)


def test_a_day_without_parked_baskets_is_empty(shop: Shop) -> None:
    assert told("parked").empty and told("parked").rows == ()
