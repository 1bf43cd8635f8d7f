"""A broker and an HQ without network for the publisher: they fail half-way, lose, repeat and forget."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from services.uplink.publisher import PUBACK_NOBODY, PUBACK_SUCCESS, Publisher, Span

STEP_MS = 250
SENDS_MAX = 200  # at one moment: two windows, and replays that are confirmed at once


@dataclass
class FarSide:
    """Carries `carries` more messages, then none until it is mended. HQ keeps what is in order."""

    rng: random.Random
    hwm: int = 0
    stored: list[int] = field(default_factory=list)
    carries: int = 10**9
    up: bool = True
    hq_up: bool = True
    to_hq: list[Span] = field(default_factory=list)
    acks: list[int] = field(default_factory=list)
    replays: list[tuple[int, int]] = field(default_factory=list)

    def publish(self, span: Span) -> int | None:
        """The PUBACK, or None when none will come. Taken by the broker is not stored by HQ."""
        if not self.up:
            return None
        if not self.hq_up:
            return PUBACK_NOBODY
        if self.carries > 0:
            self.carries -= 1
            self.to_hq.append(span)
        return PUBACK_SUCCESS  # also for what it will lose: that is what brokers do

    def work(self) -> None:
        """HQ takes some of what has come, in order or not, and answers, or its answer is lost."""
        while self.to_hq and self.rng.random() < 0.9:
            at = 0 if self.rng.random() < 0.9 else self.rng.randrange(len(self.to_hq))
            span = self.to_hq.pop(at)
            if self.rng.random() < 0.1:
                self.to_hq.append(span)  # delivered again later
            if span.first > self.hwm + 1:
                self.replays.append((self.hwm + 1, span.first - 1))
                continue
            for seq in range(max(span.first, self.hwm + 1), span.last + 1):
                self.stored.append(seq)
                self.hwm = seq
            if self.rng.random() < 0.9:
                self.acks.append(self.hwm)

    def answer(self, publisher: Publisher, now_ms: int) -> None:
        for hwm in self.acks:
            publisher.acknowledged(hwm, now_ms)
        for first, last in self.replays:
            publisher.replay(first, last, now_ms)
        self.acks.clear()
        self.replays.clear()


@dataclass
class Day:
    """One seeded run; violations are told, not raised, so that mutants can be counted."""

    seed: int
    publisher: Publisher
    events: int = 4_000
    steps: int = 400

    def run(self) -> str:
        """What was wrong, or ""."""
        rng = random.Random(self.seed)
        far, now_ms, head = FarSide(rng), 0, 0
        self.publisher.connected(now_ms)
        self.publisher.hq(True, now_ms)
        for step in range(self.steps + 400):
            now_ms += STEP_MS
            if head < self.events and rng.random() < 0.5:
                head = min(self.events, head + rng.choice((1, 1, 2, 90)))
                self.publisher.grown(head)
            self._trouble(rng, far, now_ms, calm=step >= self.steps)
            if wrong := self._send(far, now_ms):
                return wrong
            far.work()
            if far.up:
                far.answer(self.publisher, now_ms)
            if self.publisher.acked > far.hwm:
                return f"cursor at {self.publisher.acked}, HQ has {far.hwm}"
        if far.stored != list(range(1, far.hwm + 1)):
            return "HQ's rows are not in order"
        if far.hwm != head or self.publisher.acked != head:
            return f"stuck: journal {head}, HQ {far.hwm}, cursor {self.publisher.acked}"
        return ""

    def _send(self, far: FarSide, now_ms: int) -> str:
        for _ in range(SENDS_MAX):
            span = self.publisher.due(now_ms)
            if span is None:
                return ""
            if not 1 <= span.first <= span.last <= self.publisher.head:
                return f"nonsense due: {span}"
            if far.rng.random() < 0.2:  # fewer fit into the message
                span = Span(span.first, far.rng.randint(span.first, span.last), span.again)
            self.publisher.sent(span, now_ms)
            reason = far.publish(span)
            if reason is not None and far.rng.random() < 0.95:
                self.publisher.puback(span, reason, now_ms)
        return "never stops sending"

    def _trouble(self, rng: random.Random, far: FarSide, now_ms: int, *, calm: bool) -> None:
        chance = 0.0 if calm else 0.04
        if rng.random() < chance:
            far.carries = rng.randrange(6)  # n more messages, then none
        if rng.random() < chance:
            far.up = False
            far.to_hq.clear()  # killed and wiped
            far.acks.clear()
            self.publisher.disconnected("test")
        if rng.random() < chance:
            far.hq_up = False
            self.publisher.hq(False, now_ms) if rng.random() < 0.5 else None
        if calm or rng.random() < 0.2:
            far.carries = 10**9
        if not far.hq_up and (calm or rng.random() < 0.3):
            far.hq_up = True
            self.publisher.hq(True, now_ms)
        if not far.up and (calm or rng.random() < 0.3):
            far.up = True
            self.publisher.connected(now_ms)
            self.publisher.hq(far.hq_up, now_ms)
            far.acks.append(far.hwm)  # HQ answers the birth
