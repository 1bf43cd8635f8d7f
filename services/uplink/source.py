"""The journal as batches ready to be sent; while HQ works, the next ones are packed ahead."""

from __future__ import annotations

from services.domain.stream import BATCH_BYTES_MAX, BATCH_EVENTS_MAX, WINDOW_BATCHES
from services.store import journal
from services.uplink.batch import Packed, pack
from services.uplink.publisher import Span


class Source:
    """Holds at most a window of packed batches. Rows never change, so a batch stays right."""

    def __init__(self, store_id: str, epoch: int) -> None:
        self._store_id = store_id
        self._epoch = epoch
        self._bytes_max = BATCH_BYTES_MAX
        self._ahead: dict[int, Packed] = {}  # by first event, in order

    def limit(self, bytes_max: int) -> None:
        """What the broker takes in one message; known at each connection."""
        if bytes_max != self._bytes_max:
            self._bytes_max = bytes_max
            self._ahead.clear()

    def batch(self, span: Span) -> Packed | None:
        """The rows of `span`, or as many of them as fit; None when its first row is not there."""
        ready = self._ahead.pop(span.first, None)
        if ready is not None and ready.last <= span.last:
            return ready
        self._ahead.clear()
        return self._pack(span.first, span.last - span.first + 1)

    def prepare(self, after: int, head: int) -> bool:
        """Pack one more full batch beyond those held, the first of them after `after`. False: enough."""
        first = (max(self._ahead.values(), key=_last).last if self._ahead else after) + 1
        if len(self._ahead) >= WINDOW_BATCHES or first + BATCH_EVENTS_MAX - 1 > head:
            return False
        packed = self._pack(first, BATCH_EVENTS_MAX)
        if packed is not None:
            self._ahead[first] = packed
        return packed is not None

    def _pack(self, first: int, count: int) -> Packed | None:
        rows = journal.after(first - 1, count)
        if not rows or rows[0].seq != first:
            return None
        return pack(self._store_id, self._epoch, rows, self._bytes_max)


def _last(packed: Packed) -> int:
    return packed.last
