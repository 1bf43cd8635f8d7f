"""Server-sent events: what happens at a till reaches all its open pages, in one order, at once."""

from __future__ import annotations

import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

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
OVER_MAX = 64  # baskets of a till that are known to be over


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


@dataclass(slots=True)
class _Known:
    """The newest of a till."""

    basket: BasketView | None = None
    told: int = 0  # baskets told so far
    over: deque[str] = field(default_factory=lambda: deque(maxlen=OVER_MAX))  # ids of the baskets before
    health: HealthView | None = None
    looked: int = 0  # when health was looked at, as the number of that look


class Live:
    """The hub. Every method may be called from any thread."""

    def __init__(self, shop: Shop, box: Box, *, streams_max: int) -> None:
        self._shop = shop
        self._box = box
        self._streams_max = streams_max
        self._lock = threading.Lock()
        self._streams: list[Stream] = []
        self._known: dict[str, _Known] = {}
        self._looks = itertools.count(1)
        self._scans: dict[str, int] = {}
        self._closed = False

    def next_scan_seq(self, till: str) -> int:
        """1, 2, 3 ... for the scans of `till` since this hub was made."""
        with self._lock:
            self._scans[till] = self._scans.get(till, 0) + 1
            return self._scans[till]

    def tell(self, till: str, event: str, view: Answer) -> None:
        """Send "basket", "scan" or "job" to the pages of `till`. Never waits for a page.

        A basket older than one that was told before is left out: two flows may get here out of order.
        """
        with self._lock:
            if isinstance(view, BasketView):
                if self._newest(till, view) is not view:
                    return
                self._of(till).told += 1
            self._offer(till, event, view)

    def tell_all(self, event: str, view: Answer) -> None:
        """Send what concerns every till to all pages. Never waits for a page."""
        chunk = _written(event, view)
        with self._lock:
            for stream in self._streams:
                stream.offer(chunk)

    def enter(self, till: str, owner: bytes, alive: Callable[[], bool]) -> Stream:
        """A stream that begins with basket, health and parked baskets as they are. `alive` is asked at each
        tick.

        Raises Busy at the limit of streams. A session's fifth stream ends its first. Must be left().
        """
        stream = Stream(till, owner, alive)
        with self._lock:
            own = [held for held in self._streams if held.owner == owner]
            if len(own) >= STREAMS_OF_ONE_MAX:
                own[0].end()
                self._streams.remove(own[0])
            if self._closed or len(self._streams) >= self._streams_max:
                raise Busy("too many pages are open", streams_max=self._streams_max, retry_after_s=5)
            self._streams.append(stream)
            known = self._of(till)
            told, look = known.told, next(self._looks)
        try:
            basket = views.basket(self._shop, till)
            health = self._box.health(till)
            parked = views.parked_news()
        except BaseException:
            self.leave(stream)
            raise
        with self._lock:
            if known.basket is None or known.told == told:
                basket = self._newest(till, basket)
            else:
                basket = known.basket  # told meanwhile, and what we have read may be older
            stream.offer(_written("basket", basket))
            if not self._tell_health(till, look, health) and known.health is not None:
                stream.offer(_written("health", known.health))
            stream.offer(_written("parked", parked))
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
        with self._lock:
            self._closed = True
            for stream in self._streams:
                stream.end()
            self._streams.clear()

    def run(self, stop: threading.Event) -> None:
        """Until `stop`, look at each watched till once a second, and tell what has changed."""
        while not stop.wait(HEALTH_EVERY_S):
            with self._lock:
                tills = {stream.till for stream in self._streams}
            for till in sorted(tills):
                look = next(self._looks)
                health = self._box.health(till)
                with self._lock:
                    self._tell_health(till, look, health)

    def _of(self, till: str) -> _Known:
        return self._known.setdefault(till, _Known())

    def _offer(self, till: str, event: str, view: Answer) -> None:
        """To all pages of `till`. The caller holds the lock."""
        chunk = _written(event, view)
        for stream in self._streams:
            if stream.till == till:
                stream.offer(chunk)

    def _newest(self, till: str, view: BasketView) -> BasketView:
        """`view`, or the newer one that was told before it. The caller holds the lock."""
        known = self._of(till)
        held = known.basket
        if held is not None:
            if view.basket_id in known.over:
                return held
            if view.basket_id != held.basket_id:
                known.over.append(held.basket_id)
            elif view.version < held.version:
                return held
        known.basket = view
        return view

    def _tell_health(self, till: str, look: int, health: HealthView) -> bool:
        """Tell `health` where it is news, not where a later look was faster. The caller holds the lock."""
        known = self._of(till)
        if look < known.looked:
            return False
        before, known.health, known.looked = known.health, health, look
        if before is not None and msgspec.structs.replace(before, now_ms=health.now_ms) == health:
            return False
        self._offer(till, "health", health)
        return True


def _written(event: str, view: Answer) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (event.encode(), msgspec.json.encode(view))
