"""Server-sent events: what happens at a till reaches all its open pages, in one order, at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

import msgspec

from services.domain.errors import Busy
from services.flows.shop import Shop
from web_console import views
from web_console.api import Answer, BasketView, HealthView
from web_console.box import Box

TICK_S = 1.5  # the pages call the gateway lost after 4 s of silence
HEALTH_EVERY_S = 1.0
HELD_MAX = 64  # events a slow page may be behind before it has to start again
STREAMS_OF_ONE_MAX = 4  # of one session: a page that reloads must not use up the others' streams


class Stream:
    """What one page still has to get. Ends for good when it falls too far behind."""

    def __init__(self, till: str, owner: bytes, alive: Callable[[], bool]) -> None:
        self.till = till
        self.owner = owner
        self.alive = alive
        self._held: deque[bytes] = deque()
        self._news = threading.Condition()
        self._over = False

    def offer(self, chunk: bytes) -> None:
        """Add an event; a page that has not taken the last HELD_MAX is dropped, and will come again."""
        with self._news:
            if len(self._held) >= HELD_MAX:
                self._over = True
            self._held.append(chunk)
            self._news.notify()

    def end(self) -> None:
        with self._news:
            self._over = True
            self._news.notify()

    def take(self, wait_s: float) -> bytes | None:
        """What has come, b"" for nothing within `wait_s`, None when the stream is over."""
        with self._news:
            if not self._held and not self._over:
                self._news.wait(wait_s)
            if self._over:
                return None
            chunks = b"".join(self._held)
            self._held.clear()
            return chunks


class Live:
    """The hub. Every method may be called from any thread."""

    def __init__(self, shop: Shop, box: Box, *, streams_max: int) -> None:
        self._shop = shop
        self._box = box
        self._streams_max = streams_max
        self._lock = threading.Lock()
        self._streams: list[Stream] = []
        self._baskets: dict[str, tuple[BasketView, str]] = {}  # till -> (newest, id of the basket before)
        self._health: dict[str, HealthView] = {}
        self._scans: dict[str, int] = {}
        self._closed = threading.Event()
        self._watch: threading.Thread | None = None

    def next_scan_seq(self, till: str) -> int:
        """1, 2, 3 ... for the scans of `till` since this hub was made."""
        with self._lock:
            self._scans[till] = self._scans.get(till, 0) + 1
            return self._scans[till]

    def tell(self, till: str, event: str, view: Answer) -> None:
        """Send "basket", "scan", "job" or "health" to the pages of `till`. Never waits for a page.

        A basket older than one that was told before is left out: two flows may get here out of order.
        """
        with self._lock:
            if isinstance(view, BasketView) and self._newest(till, view) is not view:
                return
            chunk = _written(event, view)
            for stream in self._streams:
                if stream.till == till:
                    stream.offer(chunk)

    def enter(self, till: str, owner: bytes, alive: Callable[[], bool]) -> Stream:
        """A stream that begins with basket and health as they are now. `alive` is asked at each tick.

        Raises Busy at the limit of streams. A session's fifth stream ends its first. Must be left().
        """
        stream = Stream(till, owner, alive)
        with self._lock:
            own = [held for held in self._streams if held.owner == owner]
            if len(own) >= STREAMS_OF_ONE_MAX:
                own[0].end()
                self._streams.remove(own[0])
            if self._closed.is_set() or len(self._streams) >= self._streams_max:
                raise Busy("too many pages are open", streams_max=self._streams_max, retry_after_s=5)
            self._streams.append(stream)
            self._start_watch()
        try:
            basket = views.basket(self._shop, till)
            health = self._box.health(till)
        except BaseException:
            self.leave(stream)
            raise
        with self._lock:
            stream.offer(_written("basket", self._newest(till, basket)))
            stream.offer(_written("health", health))
        return stream

    def chunks(self, stream: Stream) -> Iterator[bytes]:
        """The bytes of `stream` until it ends or its session does."""
        tick_at = time.monotonic()
        while True:
            chunk = stream.take(max(0.0, tick_at - time.monotonic()))
            if chunk is None:
                return
            if time.monotonic() >= tick_at:
                if not stream.alive():
                    return
                chunk += b'event: tick\ndata: {"now_ms":%d}\n\n' % self._shop.now_ms()
                tick_at = time.monotonic() + TICK_S
            if chunk:
                yield chunk

    def leave(self, stream: Stream) -> None:
        """The page is gone. A repeat does no harm."""
        stream.end()
        with self._lock:
            if stream in self._streams:
                self._streams.remove(stream)

    def end(self, owner: bytes) -> None:
        """End the streams of a session."""
        with self._lock:
            for stream in [held for held in self._streams if held.owner == owner]:
                stream.end()
                self._streams.remove(stream)

    def close(self) -> None:
        """End every stream at once, and take no more. A repeat does no harm."""
        self._closed.set()
        with self._lock:
            for stream in self._streams:
                stream.end()
            self._streams.clear()
            watch = self._watch
        if watch is not None:
            watch.join(timeout=HEALTH_EVERY_S * 2)

    @property
    def count(self) -> int:
        """Open streams, for the technician."""
        return len(self._streams)

    def _newest(self, till: str, view: BasketView) -> BasketView:
        """`view`, or the newer one that was told before it. The caller holds the lock."""
        held, before = self._baskets.get(till, (None, ""))
        if held is not None:
            if view.basket_id == held.basket_id and view.version < held.version:
                return held
            if view.basket_id == before:
                return held
            before = held.basket_id if view.basket_id != held.basket_id else before
        self._baskets[till] = (view, before)
        return view

    def _start_watch(self) -> None:
        if self._watch is None or not self._watch.is_alive():
            self._watch = threading.Thread(target=self._watch_health, name="live-health", daemon=True)
            self._watch.start()

    def _watch_health(self) -> None:
        """Look at each watched till once a second, and tell what has changed."""
        while not self._closed.wait(HEALTH_EVERY_S):
            with self._lock:
                tills = {stream.till for stream in self._streams}
            for till in sorted(tills):
                view = self._box.health(till)
                lasting = msgspec.structs.replace(view, now_ms=0)
                if self._health.get(till) != lasting:
                    self._health[till] = lasting
                    self.tell(till, "health", view)


def _written(event: str, view: Answer) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (event.encode(), msgspec.json.encode(view))
