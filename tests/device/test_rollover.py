"""The end of the day closes what people have left open, also when the box was off at that time."""

from __future__ import annotations

import logging
import threading

import pytest

from device.rollover import Rollover
from services.domain.errors import OutcomeUnknown
from services.domain.tags import Away, Book, Tag
from services.flows import attendance, stored_value, tags
from services.flows.shop import Shop
from services.store import points
from tests.flows.points_till import MEMBER, Customer
from tests.flows.test_stored_value import recharge
from tests.flows.test_tiers import ANNA, sold
from tests.shop import TEE, Clock

DAY_MS = 86_400_000


def test_hours_left_open_are_closed_after_the_rollover_and_not_before(shop: Shop, clock: Clock) -> None:
    span = attendance.clock(shop, "zhou", "204816", "in", till="1", request_id="k")
    Rollover(shop).look()
    assert attendance.find(span.span_id).state == "open"
    clock.at_ms += DAY_MS
    stop = threading.Event()
    stop.set()
    Rollover(shop).run(stop)
    assert attendance.find(span.span_id).state == "unattended"


def test_a_disk_in_trouble_is_told_of_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def trouble(shop: Shop) -> int:
        raise OutcomeUnknown("the disk failed")

    watch = Rollover(shop)
    monkeypatch.setattr(attendance, "close_forgotten", trouble)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            watch.look()
    assert len(caplog.records) == 1
    monkeypatch.setattr(attendance, "close_forgotten", lambda shop: 0)
    watch.look()
    monkeypatch.setattr(attendance, "close_forgotten", trouble)
    watch.look()
    assert len(caplog.records) == 2


def test_bonus_that_has_ended_is_written_off(shop: Shop, clock: Clock) -> None:
    recharge(shop, days=10)
    clock.at_ms += 11 * DAY_MS
    Rollover(shop).look()
    assert [move.kind for move in stored_value.statement(("m-1",))] == ["expired", "recharged"]


def test_points_whose_month_is_over_end(shop: Shop, clock: Clock) -> None:
    Customer(shop).give(100, "2026-11")
    clock.at_ms += 9 * DAY_MS
    Rollover(shop).look()
    assert points.balance(MEMBER) == 0


def test_tags_that_come_with_time_are_put_on_while_nobody_sells(shop: Shop, clock: Clock) -> None:
    away = Tag(key="away", label_zh="久未光临", label_en="Away", rule=Away(90))
    tags.publish(shop, Book(tags=(away,)), seen_version=0, operator_id="he")
    sold(shop, TEE)
    clock.at_ms += 90 * DAY_MS
    assert tags.segments((ANNA,)) == set()
    Rollover(shop).look()
    assert tags.segments((ANNA,)) == {"away"}
