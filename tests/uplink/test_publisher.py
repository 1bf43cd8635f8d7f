"""The publisher against a far side that fails in the middle, and mutants that must be caught."""

from __future__ import annotations

import pytest

from services.uplink.publisher import (
    PUBACK_FORBIDDEN,
    PUBACK_NOBODY,
    PUBACK_SUCCESS,
    STALL_FIRST_MS,
    STALL_MAX_MS,
    Publisher,
    Span,
)
from tests.uplink.far_side import Day

SEEDS = range(200)
WINDOW = 4
QUOTA = 0x97


def online(acked: int = 0, head: int = 0) -> Publisher:
    publisher = Publisher(acked, head)
    publisher.connected(0, WINDOW)
    publisher.hq(True, 0)
    return publisher


def send(publisher: Publisher, now_ms: int) -> list[Span]:
    spans = []
    for _ in range(100):
        span = publisher.due(now_ms)
        if span is None:
            return spans
        publisher.sent(span, now_ms)
        spans.append(span)
    raise AssertionError("never stops")


def test_whatever_fails_in_the_middle_hq_gets_every_event_in_order(soak: int) -> None:
    for seed in range(len(SEEDS) * soak):
        assert Day(seed, Publisher(0, 0)).run() == "", f"seed {seed}"


class AcknowledgesTooFar(Publisher):
    def acknowledged(self, hwm: int, now_ms: int) -> bool:
        return super().acknowledged(min(hwm + 1, self.head), now_ms)


class CursorStuck(Publisher):
    def acknowledged(self, hwm: int, now_ms: int) -> bool:
        return super().acknowledged(hwm, now_ms) if hwm % 50 else False


class BelievesTheBroker(Publisher):
    def puback(self, span: Span, reason: int, now_ms: int) -> None:
        super().puback(span, reason, now_ms)
        if reason == PUBACK_SUCCESS:
            super().acknowledged(span.last, now_ms)


class BelievesABrokerWithoutListeners(Publisher):
    def puback(self, span: Span, reason: int, now_ms: int) -> None:
        if reason == PUBACK_NOBODY:
            super().acknowledged(span.last, now_ms)


class NeverGoesBack(Publisher):
    def _go_back(self, now_ms: int) -> None:
        self._progress_ms = now_ms


class GoesBackTooShort(Publisher):
    def _go_back(self, now_ms: int) -> None:
        super()._go_back(now_ms)
        self._next = min(self._next + 1, self.head + 1)


class DeafToReplayAndTimers(Publisher):
    def replay(self, first: int, last: int, now_ms: int) -> None:
        return

    def next_look_ms(self, now_ms: int, at_most_ms: int) -> int:
        return at_most_ms

    def due(self, now_ms: int) -> Span | None:
        self._progress_ms = now_ms
        return super().due(now_ms)


class ForgetsAfterAPartialSend(Publisher):
    def sent(self, span: Span, now_ms: int) -> None:
        super().sent(span, now_ms)
        if not span.again and len(self._sent) == 2:
            super().acknowledged(span.last, now_ms)


@pytest.mark.parametrize(
    "mutant",
    [
        AcknowledgesTooFar,
        CursorStuck,
        BelievesTheBroker,
        BelievesABrokerWithoutListeners,
        NeverGoesBack,
        GoesBackTooShort,
        DeafToReplayAndTimers,
        ForgetsAfterAPartialSend,
    ],
)
def test_each_known_mistake_is_caught(mutant: type[Publisher]) -> None:
    def caught(seed: int) -> bool:
        try:
            return Day(seed, mutant(0, 0)).run() != ""
        except AssertionError:
            return True

    assert sum(caught(seed) for seed in SEEDS) >= len(SEEDS) // 12


def test_one_sale_is_sent_at_once_and_at_most_four_batches_are_on_their_way() -> None:
    publisher = online()
    for n in range(1, 7):
        publisher.grown(n)
        sent = send(publisher, n)
        assert sent == ([Span(n, n)] if n <= 4 else [])
    assert publisher.acknowledged(1, 10)
    assert send(publisher, 10) == [Span(5, 6)]  # what waited goes together


def test_a_broker_that_bears_less_is_given_less() -> None:
    publisher = Publisher(0, 500)
    publisher.connected(0, 2)
    publisher.hq(True, 0)
    assert send(publisher, 0) == [Span(1, 50), Span(51, 100)]
    publisher.connected(1, 1_000)
    publisher.hq(True, 1)
    assert len(send(publisher, 1)) == 10, "and never more than our own window"


def test_a_backlog_goes_in_batches_of_fifty_through_a_window_of_two_hundred() -> None:
    publisher = online(acked=1_000, head=1_270)
    assert send(publisher, 0) == [
        Span(1_001, 1_050),
        Span(1_051, 1_100),
        Span(1_101, 1_150),
        Span(1_151, 1_200),
    ]
    publisher.acknowledged(1_100, 5)
    assert send(publisher, 5) == [Span(1_201, 1_250), Span(1_251, 1_270)]


def test_without_progress_it_goes_back_after_3_6_12_up_to_60_seconds() -> None:
    publisher = online(head=10)
    send(publisher, 0)
    waits, last_ms = [], 0
    for now_ms in range(0, 300_000, 500):
        if send(publisher, now_ms):
            waits.append(now_ms - last_ms)
            last_ms = now_ms
    assert waits == [3_000, 6_000, 12_000, 24_000, 48_000, 60_000, 60_000, 60_000]
    assert publisher.acknowledged(10, 300_000)
    publisher.grown(11)
    assert send(publisher, 300_000) == [Span(11, 11)]
    assert send(publisher, 300_000 + STALL_FIRST_MS) == [Span(11, 11)]


def test_a_puback_moves_nothing() -> None:
    publisher = online(head=3)
    (span,) = send(publisher, 0)
    publisher.puback(span, PUBACK_SUCCESS, 1)
    assert publisher.acked == 0


def test_nothing_is_sent_until_hq_is_online() -> None:
    publisher = Publisher(0, 5)
    publisher.connected(0)
    assert (send(publisher, 0), publisher.code) == ([], "hq_away")
    publisher.hq(True, 1)
    assert (send(publisher, 1), publisher.code) == ([Span(1, 5)], "online")
    publisher.hq(False, 2)
    publisher.grown(6)
    assert (send(publisher, 2), publisher.code) == ([], "hq_away")
    publisher.disconnected("x")
    assert publisher.code == "broker_away"


def test_a_message_nobody_listened_to_is_sent_again_later() -> None:
    publisher = online(head=5)
    (span,) = send(publisher, 0)
    publisher.puback(span, PUBACK_NOBODY, 1)
    assert (send(publisher, 2), publisher.code) == ([], "hq_away")
    assert send(publisher, 1 + STALL_FIRST_MS) == [span]
    publisher.puback(span, PUBACK_NOBODY, 4_000)
    publisher.hq(True, 4_001)  # HQ announces itself: no need to wait
    assert (send(publisher, 4_001), publisher.code) == ([span], "online")


def test_a_forbidden_topic_raises_the_alarm_and_is_tried_once_a_minute() -> None:
    publisher = online(head=5)
    (span,) = send(publisher, 0)
    publisher.puback(span, PUBACK_FORBIDDEN, 1)
    assert (send(publisher, STALL_MAX_MS), publisher.code) == ([], "refused")
    assert send(publisher, STALL_MAX_MS + 1) == [span]


def test_a_quota_only_slows_down() -> None:
    publisher = online(head=5)
    (span,) = send(publisher, 0)
    publisher.puback(span, QUOTA, 1)
    assert (send(publisher, 2), publisher.code) == ([], "online")
    assert send(publisher, 1 + STALL_FIRST_MS) == [span]


def test_a_gap_makes_it_go_back_once_for_all_batches_after_it() -> None:
    publisher = online(head=200)
    send(publisher, 0)
    publisher.replay(1, 50, 10)
    assert [span.first for span in send(publisher, 10)] == [1, 51, 101, 151]
    publisher.replay(1, 100, 20)
    publisher.replay(1, 150, 30)
    assert send(publisher, 30) == []
    assert publisher.resent == 1


def test_a_replay_of_acknowledged_events_goes_first_and_the_cursor_stays() -> None:
    publisher = online(acked=300, head=310)
    publisher.replay(101, 260, 0)
    spans = send(publisher, 0)
    assert [(s.first, s.last, s.again) for s in spans] == [
        (101, 150, True),
        (151, 200, True),
        (201, 250, True),
        (251, 260, True),
        (301, 310, False),
    ]
    assert publisher.acked == 300
    publisher.replay(101, 200, 1)
    assert send(publisher, 1) == []  # the broker has not yet taken the first four
    publisher.puback(spans[0], PUBACK_SUCCESS, 2)
    assert send(publisher, 2) == [Span(101, 150, again=True)]
    publisher.replay(5, 3, 2)
    publisher.replay(0, 7, 2)
    assert send(publisher, 2) == []


def test_an_acknowledgement_beyond_the_journal_stops_the_stream_for_good() -> None:
    publisher = online(acked=5, head=10)
    assert not publisher.acknowledged(11, 0)
    publisher.grown(20)
    assert not send(publisher, 1)
    assert (publisher.acked, publisher.code) == (5, "rejected")
    assert "11" in publisher.detail and "10" in publisher.detail


def test_a_rejection_is_shown_and_tried_again_after_a_minute() -> None:
    publisher = online(head=10)
    send(publisher, 0)
    publisher.rejected(1, "chain", 5)
    assert (send(publisher, 100), publisher.code) == ([], "rejected")
    assert send(publisher, 5 + STALL_MAX_MS) == [Span(1, 10)]
    publisher.rejected(1, "chain", 70_000)
    publisher.accepted()
    assert publisher.code == "online"


def test_old_acknowledgements_change_nothing() -> None:
    publisher = online(acked=50, head=60)
    assert not publisher.acknowledged(40, 0)
    assert not publisher.acknowledged(50, 0)
    assert publisher.acked == 50


def test_rows_that_are_gone_end_a_replay_but_stop_the_stream() -> None:
    publisher = online(acked=50, head=60)
    publisher.replay(1, 20, 0)
    wish = publisher.due(0)
    assert wish is not None
    publisher.gone(wish)
    span = publisher.due(0)
    assert span == Span(51, 60)
    publisher.gone(span)
    assert (publisher.due(0), publisher.code) == (None, "rejected")


def test_it_knows_how_long_nothing_needs_doing() -> None:
    publisher = online(head=5)
    assert publisher.next_look_ms(0, 500) == 500
    send(publisher, 0)
    assert publisher.next_look_ms(2_900, 500) == 100
    assert publisher.next_look_ms(9_000, 500) == 1
