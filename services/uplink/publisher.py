"""Decides what is sent next and what counts as arrived: go-back-N, without I/O and without a clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from services.domain.stream import BATCH_EVENTS_MAX, WINDOW_BATCHES

STALL_FIRST_MS = 3_000  # no progress for this long: send again from the last acknowledged event
STALL_MAX_MS = 60_000
REPLAYS_MAX = 16  # ranges waiting to be sent again; HQ asks again for what it still misses
REWIND_EVERY_MS = 1_000  # each batch after a gap makes HQ ask; one answer is enough

PUBACK_SUCCESS = 0x00
PUBACK_NOBODY = 0x10  # no matching subscriber: the broker threw it away
PUBACK_FORBIDDEN = 0x87
PUBACK_FAILURE = 0x80  # this and above


@dataclass(frozen=True, slots=True)
class Span:
    """Events first..last, both inclusive, to be sent in one message."""

    first: int
    last: int
    again: bool = False  # asked for by HQ, below what it once acknowledged


class Publisher:
    """All times in milliseconds of one monotonic clock, given by the caller.

    `acked` is what HQ said it holds and nothing else: neither the broker's word nor what was sent.
    """

    def __init__(self, acked: int, head: int, *, stall_first_ms: int = STALL_FIRST_MS) -> None:
        assert 0 <= acked <= head, (acked, head)
        self.acked = acked
        self.head = head
        self.resent = 0  # how often we went back
        self._stall_first_ms = stall_first_ms
        self._stall_ms = stall_first_ms
        self._connected = False
        self._hq_online = False
        self._next = acked + 1
        self._sent: deque[Span] = deque()  # in order, without acknowledgement
        self._progress_ms = 0
        self._held_until_ms = 0
        self._held_code = ""
        self._detail = ""
        self._broken = ""  # HQ's history is not ours: nothing is sent until a restart
        self._replays: deque[Span] = deque()
        self._replaying = 0  # batches of replays without the broker's PUBACK
        self._window = WINDOW_BATCHES
        self._rewound = (0, -REWIND_EVERY_MS)

    @property
    def code(self) -> str:
        if not self._connected:
            return "broker_away"
        if self._broken:
            return "rejected"
        return self._held_code or ("online" if self._hq_online else "hq_away")

    @property
    def detail(self) -> str:
        return self._broken or self._detail

    @property
    def sent_to(self) -> int:
        """The last event that is on its way or has arrived."""
        return self._next - 1

    @property
    def hq_online(self) -> bool:
        return self._hq_online

    def unreadable(self, detail: str) -> None:
        """HQ sent what we do not understand: tell, and go on."""
        self._detail = detail

    def connected(self, now_ms: int, window: int = WINDOW_BATCHES) -> None:
        """A new connection: nothing of an earlier one counts as being on its way.

        `window` is how many batches may be, 1 or more; replays have as many of their own.
        """
        self._window = min(window, WINDOW_BATCHES)
        self._connected = True
        self._hq_online = False  # until the broker says otherwise
        self._release()
        self._replays.clear()
        self._replaying = 0
        self._stall_ms = self._stall_first_ms
        self._go_back(now_ms)

    def disconnected(self, detail: str) -> None:
        self._connected = False
        self._hq_online = False
        self._release()
        self._detail = detail

    def hq(self, online: bool, now_ms: int) -> None:
        """HQ's retained state, at each message of it."""
        if online and self._held_code == "hq_away":
            self._release()
        if online and not self._hq_online:
            self._go_back(now_ms)
        self._hq_online = online

    def grown(self, head: int) -> None:
        self.head = max(self.head, head)

    def acknowledged(self, hwm: int, now_ms: int) -> bool:
        """HQ holds everything up to `hwm`. True when that is news; old acks change nothing."""
        if hwm > self.head:
            self.broken(f"HQ holds events up to {hwm}, this journal ends at {self.head}")
            return False
        if hwm <= self.acked:
            return False
        self.acked = hwm
        self._next = max(self._next, hwm + 1)
        while self._sent and self._sent[0].last <= hwm:
            self._sent.popleft()
        self._progress_ms = now_ms
        self._stall_ms = self._stall_first_ms
        self._release()
        return True

    def rejected(self, first: int, reason: str, now_ms: int) -> None:
        """HQ refuses the stream from `first` on: tell, and try again after a long while."""
        self._hold("rejected", f"HQ rejects from event {first}: {reason}", now_ms + STALL_MAX_MS, now_ms)

    def accepted(self) -> None:
        """HQ's newest answer refuses nothing."""
        if self._held_code == "rejected":
            self._release()

    def broken(self, detail: str) -> None:
        """The two histories differ. Sending on would lose sales that HQ takes for repeats."""
        self._broken = self._broken or detail

    def replay(self, first: int, last: int, now_ms: int) -> None:
        """HQ wants first..last again. Repeats of a wish just granted change nothing."""
        if not 1 <= first <= last:
            return
        if first > self.acked:
            at, when = self._rewound
            if at != self.acked or now_ms - when >= REWIND_EVERY_MS:
                self._rewound = (self.acked, now_ms)
                self._go_back(now_ms)
            return
        wanted = any(each.first <= first and last <= each.last for each in self._replays)
        if not wanted and len(self._replays) < REPLAYS_MAX:
            self._replays.append(Span(first, min(last, self.acked), again=True))

    def puback(self, span: Span, reason: int, now_ms: int) -> None:
        """The broker's answer to `span`. It never moves the cursor; a refusal makes us wait."""
        if span.again:
            self._replaying = max(0, self._replaying - 1)
        if reason == PUBACK_NOBODY:
            self._wait("hq_away", "nobody listens at HQ", now_ms, self._stall_ms)
        elif reason == PUBACK_FORBIDDEN:
            self._wait("refused", "the broker does not let this store publish", now_ms, STALL_MAX_MS)
        elif reason >= PUBACK_FAILURE:
            self._wait("", f"the broker refuses for now: {reason:#x}", now_ms, self._stall_ms)

    def due(self, now_ms: int) -> Span | None:
        """What to send now, or None. The caller may send less of it, and reports that with sent()."""
        if not self._connected or not self._hq_online or self._broken or now_ms < self._held_until_ms:
            return None
        if self._held_until_ms:
            self._release()
        if self._sent and now_ms - self._progress_ms >= self._stall_ms:
            self._stall_ms = min(self._stall_ms * 2, STALL_MAX_MS)
            self._go_back(now_ms)
        if self._replays:  # older events first: HQ needs them to accept newer ones
            wanted = self._replays[0]
            if self._replaying >= self._window:
                return None
            return Span(wanted.first, min(wanted.last, wanted.first + BATCH_EVENTS_MAX - 1), again=True)
        if self._next > self.head or len(self._sent) >= self._window:
            return None
        return Span(self._next, min(self.head, self._next + BATCH_EVENTS_MAX - 1))

    def sent(self, span: Span, now_ms: int) -> None:
        """The part `span` of what was due is on its way."""
        if span.again:
            wanted = self._replays.popleft()
            self._replaying += 1
            if span.last < wanted.last:
                self._replays.appendleft(Span(span.last + 1, wanted.last, again=True))
            return
        assert span.first == self._next, (span, self._next)
        if not self._sent:
            self._progress_ms = now_ms
        self._sent.append(span)
        self._next = span.last + 1

    def gone(self, span: Span) -> None:
        """These rows are no longer kept: skip the wish, or stop when HQ has never had them."""
        if span.again:
            self._replays.popleft()
        else:
            self.broken(f"event {span.first} is not in the journal")

    def next_look_ms(self, now_ms: int, at_most_ms: int) -> int:
        """How long nothing needs to be done if nothing happens."""
        waits = [at_most_ms]
        if self._held_until_ms:
            waits.append(self._held_until_ms - now_ms)
        elif self._sent:
            waits.append(self._progress_ms + self._stall_ms - now_ms)
        return max(1, min(waits))

    def _go_back(self, now_ms: int) -> None:
        if self._sent:
            self.resent += 1
        self._sent.clear()
        self._next = self.acked + 1
        self._progress_ms = now_ms

    def _wait(self, code: str, detail: str, now_ms: int, wait_ms: int) -> None:
        """One wait for all batches of a window that were refused together."""
        if now_ms < self._held_until_ms:
            return
        self._hold(code, detail, now_ms + wait_ms, now_ms)
        self._stall_ms = min(self._stall_ms * 2, STALL_MAX_MS)
        self._replays.clear()
        self._replaying = 0

    def _hold(self, code: str, detail: str, until_ms: int, now_ms: int) -> None:
        self._held_until_ms, self._held_code, self._detail = until_ms, code, detail
        self._go_back(now_ms)

    def _release(self) -> None:
        self._held_until_ms, self._held_code, self._detail = 0, "", ""
