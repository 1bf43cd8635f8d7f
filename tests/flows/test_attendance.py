"""Time at work: clocked once, closed when forgotten, corrected with what was clocked kept beside it."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.domain import attendance as rules
from services.domain.attendance import Span
from services.domain.errors import (
    ApprovalNeeded,
    AttendanceRefused,
    NotFound,
    PinRefused,
    RequestReused,
    ShopError,
)
from services.flows import attendance
from services.flows.approvals import Approval
from services.flows.attendance import Amended
from services.flows.shop import Shop
from services.store import attendance as stored
from services.store import books, db, journal
from services.store.db import LEDGER
from tests.faults import each_failure
from tests.shop import START_MS, Clock
from tests.web.conftest import PINS

HOUR_MS = 3_600_000
BY_HE = Approval(approver_id="he", pin="735290", reason="mistake")


def clock_at(
    shop: Shop, direction: str, who: str = "zhou", key: str = "", pin: str = "", till: str = "1"
) -> Span:
    return attendance.clock(
        shop, who, pin or PINS[who], direction, till=till, request_id=key or shop.new_id()
    )


def amended(
    span: Span | None = None, began: str = "2026-11-22T09:00", ended: str = "2026-11-22T18:00"
) -> Amended:
    return Amended(
        span_id=span.span_id if span else "", staff_id="zhou", began=began, ended=ended, reason="forgot"
    )


def correct(
    shop: Shop, wanted: Amended, key: str = "", by: str = "he", approval: Approval | None = None
) -> Span:
    return attendance.correct(shop, wanted, approval, operator_id=by, request_id=key or shop.new_id())


def why(step: Callable[[], object]) -> object:
    with pytest.raises(AttendanceRefused) as caught:
        step()
    return caught.value.details["why"]


def test_a_day_from_in_to_out_counts_its_milliseconds(shop: Shop, clock: Clock) -> None:
    began = clock_at(shop, "in")
    assert [span.staff_id for span in attendance.present(shop)] == ["zhou"]
    clock.at_ms = began.in_at_ms + 8 * HOUR_MS
    ended = clock_at(shop, "out")
    assert (ended.span_id, ended.state) == (began.span_id, rules.CLOSED)
    assert 8 * HOUR_MS <= ended.worked_ms < 8 * HOUR_MS + 100
    assert attendance.present(shop) == []
    assert [row.type for row in journal.after(0, 9)] == ["attendance.clocked"] * 2
    assert books.differences() == []


def test_the_same_key_clocks_once_and_another_request_with_it_is_refused(shop: Shop) -> None:
    first = clock_at(shop, "in", key="key")
    assert clock_at(shop, "in", key="key") == first
    with pytest.raises(RequestReused):
        clock_at(shop, "out", key="key")


def test_nobody_is_in_twice_or_out_without_being_in(shop: Shop) -> None:
    assert why(lambda: clock_at(shop, "out")) == "out"
    clock_at(shop, "in")
    assert why(lambda: clock_at(shop, "in")) == "in"
    assert clock_at(shop, "in", "he"), "another person is another matter"


def test_a_wrong_pin_clocks_nobody_and_counts(shop: Shop) -> None:
    with pytest.raises(PinRefused):
        clock_at(shop, "in", pin="000000")
    assert attendance.present(shop) == [] and journal.head()[0] == 0
    with pytest.raises(NotFound):
        clock_at(shop, "in", till="9")


def test_a_forgotten_end_is_unattended_after_the_rollover_and_counts_nothing(
    shop: Shop, clock: Clock
) -> None:
    began = clock_at(shop, "in")
    assert attendance.close_forgotten(shop) == 0
    clock.at_ms += 20 * HOUR_MS
    (seen,) = attendance.month(shop, "2026-11-01", "2026-11-30")
    assert (seen.state, seen.worked_ms, seen.asks) == (rules.UNATTENDED, 0, True), (
        "before anybody wrote it down"
    )
    assert attendance.present(shop) == []
    assert attendance.close_forgotten(shop) == 1
    assert attendance.close_forgotten(shop) == 0
    held = attendance.find(began.span_id)
    assert (held.state, held.out_at_ms) == (rules.UNATTENDED, 0)
    assert books.differences() == []


def test_the_next_morning_s_clock_in_closes_what_was_forgotten(shop: Shop, clock: Clock) -> None:
    began = clock_at(shop, "in")
    clock.at_ms += 20 * HOUR_MS
    assert why(lambda: clock_at(shop, "out")) == "out"
    new = clock_at(shop, "in")
    assert attendance.find(began.span_id).state == rules.UNATTENDED
    assert attendance.find(new.span_id).state == rules.OPEN
    assert books.differences() == []


def test_a_clock_that_jumps_back_makes_the_hours_doubtful_and_never_negative(
    shop: Shop, clock: Clock
) -> None:
    clock_at(shop, "in")
    clock.at_ms -= 2 * HOUR_MS
    ended = clock_at(shop, "out")
    assert (ended.state, ended.worked_ms, ended.asks) == (rules.DOUBTFUL, 0, True)


def test_a_clock_that_nobody_believes_makes_the_hours_doubtful(shop: Shop, clock: Clock) -> None:
    clock_at(shop, "in")
    clock.at_ms += HOUR_MS
    unsure = dataclasses.replace(shop, clock_quality=lambda: "saved")
    assert clock_at(unsure, "out").state == rules.DOUBTFUL


def test_a_correction_stands_and_what_was_clocked_is_kept(shop: Shop, clock: Clock) -> None:
    began = clock_at(shop, "in")
    clock.at_ms += 20 * HOUR_MS
    attendance.close_forgotten(shop)
    right = correct(shop, amended(began))
    assert (right.state, right.worked_ms, right.corrections) == (rules.CORRECTED, 9 * HOUR_MS, 1)
    again = correct(shop, amended(began, ended="2026-11-22T18:30"))
    assert (again.worked_ms, again.corrections) == (9 * HOUR_MS + HOUR_MS // 2, 2)
    kept = attendance.history(began.span_id)
    assert (kept[0].n, kept[0].in_at_ms) == (0, began.in_at_ms)
    assert [each.reason for each in kept] == ["", "forgot", "forgot"]
    assert books.differences() == []


def test_hours_that_nobody_clocked_can_be_written_down(shop: Shop) -> None:
    right = correct(shop, amended(began="2026-11-21T09:00", ended="2026-11-21T17:00"))
    assert (right.business_day, right.worked_ms) == ("2026-11-21", 8 * HOUR_MS)
    assert attendance.history(right.span_id)[0].in_at_ms == 0
    assert books.differences() == []


def test_who_is_corrected_while_at_work_can_clock_in_again(shop: Shop) -> None:
    began = clock_at(shop, "in")
    correct(shop, amended(began, ended="2026-11-22T10:00"))
    assert why(lambda: clock_at(shop, "out")) == "out"
    assert clock_at(shop, "in").state == rules.OPEN
    assert books.differences() == []


def test_a_cashier_corrects_only_with_a_manager_s_pin_and_only_that_span(shop: Shop) -> None:
    began = clock_at(shop, "in")
    wanted = amended(began, ended="2026-11-22T10:00")
    with pytest.raises(ApprovalNeeded):
        correct(shop, wanted, by="zhou")
    right = correct(shop, wanted, by="zhou", approval=BY_HE)
    rows = [json.loads(row.body)["data"] for row in journal.after(0, 99) if row.type == "approval.granted"]
    assert [(row["subject"], row["approver_id"], row["operator_id"]) for row in rows] == [
        (right.span_id, "he", "zhou")
    ]
    with pytest.raises(ApprovalNeeded):
        correct(shop, amended(began, ended="2026-11-22T10:30"), by="zhou")


def test_a_repeat_of_a_correction_changes_nothing(shop: Shop) -> None:
    first = correct(shop, amended(began="2026-11-21T09:00", ended="2026-11-21T17:00"), key="c")
    head = journal.head()
    assert correct(shop, amended(began="2026-11-21T09:00", ended="2026-11-21T17:00"), key="c") == first
    assert journal.head() == head
    with pytest.raises(RequestReused):
        correct(shop, amended(), key="c")


@pytest.mark.parametrize(
    ("began", "ended", "reason"),
    [
        ("2026-11-22T10:00", "2026-11-22T09:00", "order"),
        ("2026-11-20T09:00", "2026-11-21T09:01", "order"),
        ("2026-11-22T09:00", "2026-11-22T23:00", "future"),
        ("2026-01-22T09:00", "2026-01-22T18:00", "past"),
        ("2026-13-22T09:00", "2026-11-22T18:00", "time"),
        ("2026-11-22T24:30", "2026-11-22T18:00", "time"),
        ("2026-11-22T09:00+00:00", "2026-11-22T18:00", "time"),
        ("", "2026-11-22T18:00", "time"),
    ],
)
def test_hours_that_cannot_be_are_refused(shop: Shop, began: str, ended: str, reason: str) -> None:
    assert why(lambda: correct(shop, amended(began=began, ended=ended))) == reason
    assert journal.head()[0] == 0


def test_two_spans_of_one_person_do_not_overlap(shop: Shop) -> None:
    correct(shop, amended(began="2026-11-21T09:00", ended="2026-11-21T12:00"))
    assert (
        why(lambda: correct(shop, amended(began="2026-11-21T11:59", ended="2026-11-21T15:00"))) == "overlap"
    )
    assert correct(shop, amended(began="2026-11-21T12:00", ended="2026-11-21T15:00"))


def test_a_correction_stays_on_its_day(shop: Shop) -> None:
    span = correct(shop, amended(began="2026-11-21T09:00", ended="2026-11-21T12:00"))
    moved = amended(span, began="2026-11-20T09:00", ended="2026-11-20T12:00")
    assert why(lambda: correct(shop, moved)) == "day"


def test_two_who_clock_one_person_in_at_once_make_one_span(shop: Shop) -> None:
    for _ in range(30):
        started, outcome = threading.Barrier(2), []

        def go(till: str, started: threading.Barrier = started, outcome: list[str] = outcome) -> None:
            started.wait()
            try:
                outcome.append(clock_at(shop, "in", till=till).state)
            except ShopError as error:
                outcome.append(error.code)

        threads = [threading.Thread(target=go, args=(each,)) for each in "12"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(outcome) == ["attendance_refused", "open"]
        clock_at(shop, "out")
    assert books.differences() == []


def _look() -> object:
    return (
        LEDGER.execute_sql("SELECT * FROM attendance").fetchall(),
        LEDGER.execute_sql("SELECT * FROM attendance_correction").fetchall(),
        journal.head(),
    )


def test_clocking_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock
) -> None:
    def prepare(n: int) -> int:
        clock.at_ms += 24 * HOUR_MS  # also closes what was left open the day before; and ends every wait
        return n

    each_failure(monkeypatch, tmp_path, prepare, lambda n: clock_at(shop, "in", key=f"key-{n}"), _look)


def test_a_correction_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock
) -> None:
    def step(n: int) -> None:
        day = f"2026-{10 + n // 28:02d}-{n % 28 + 1:02d}"
        wanted = amended(began=f"{day}T09:00", ended=f"{day}T12:00")
        correct(shop, wanted, key=f"key-{n}", by="zhou", approval=BY_HE)

    def prepare(n: int) -> int:
        clock.at_ms += 300_000  # whatever failed before has been waited for
        return n

    each_failure(monkeypatch, tmp_path, prepare, step, _look)


def test_the_books_name_hours_that_were_changed_behind_the_journal_s_back(shop: Shop) -> None:
    clock_at(shop, "in")
    correct(shop, amended(began="2026-11-21T09:00", ended="2026-11-21T12:00"))
    with db.write():
        LEDGER.execute_sql("UPDATE attendance SET in_at_ms = in_at_ms - 3600000 WHERE state = 'open'")
        LEDGER.execute_sql("UPDATE attendance_correction SET out_at_ms = out_at_ms + 3600000")
    assert len(books.differences()) == 2


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("began", "ended", "hours"),
    [
        ("2026-10-25T01:00", "2026-10-25T04:00", 4),  # the hour from 2 to 3 comes twice
        ("2026-10-25T01:00", "2026-10-25T02:30", 1.5),  # the first 2:30
        ("2026-03-29T01:00", "2026-03-29T04:00", 2),  # and once it is left out
    ],
)
def test_an_hour_that_the_clock_repeats_or_leaves_out_is_counted_as_it_passed(
    began: str, ended: str, hours: float
) -> None:
    start_ms = rules.wall_ms(began, BERLIN)
    assert rules.wall_ms(ended, BERLIN, start_ms) - start_ms == hours * HOUR_MS


def test_a_time_between_two_equal_hours_takes_the_one_after_the_beginning() -> None:
    second_half_past_two = rules.wall_ms("2026-10-25T02:30", BERLIN) + HOUR_MS
    assert rules.wall_ms("2026-10-25T02:30", BERLIN, second_half_past_two - 60_000) == second_half_past_two


def test_a_time_that_the_clock_never_showed_is_refused() -> None:
    assert why(lambda: rules.wall_ms("2026-03-29T02:30", BERLIN)) == "time"


def test_a_span_over_midnight_belongs_to_the_day_it_began_on(shop: Shop, clock: Clock) -> None:
    clock.at_ms = START_MS - START_MS % (24 * HOUR_MS) + 15 * HOUR_MS  # 23:00 in Shanghai
    began = clock_at(shop, "in")
    clock.at_ms += 4 * HOUR_MS  # 3:00, before the rollover
    ended = clock_at(shop, "out")
    assert ended.business_day == began.business_day == "2026-11-22"
    assert ended.state == rules.CLOSED
    assert stored.between("2026-11-22", "2026-11-22") == [ended]
