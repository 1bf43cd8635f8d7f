"""The uplink process: reads the journal, talks MQTT, tells the gateway what HQ said."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import msgspec

from services.domain import days, stream
from services.domain.stream import Ack, BoxClock, HqState, StoreState
from services.store import box, journal
from services.store.db import LEDGER
from services.uplink.client import (
    ClientSettings,
    Connected,
    Disconnected,
    MqttClient,
    Published,
    Received,
    Will,
)
from services.uplink.client import Event as MqttEvent
from services.uplink.link import (
    BEAT_MS,
    READER,
    Acked,
    Cut,
    FromGateway,
    GatewayUp,
    Link,
    LinkState,
    Wake,
)
from services.uplink.publisher import STALL_FIRST_MS, Publisher, Span
from services.uplink.source import Source

EVENTS_MAX = 1_000  # taken from the queue before the journal is looked at again
PACKET_OVERHEAD = 512  # topic, properties and header of a batch

read_ack = msgspec.json.Decoder(Ack).decode
read_hq_state = msgspec.json.Decoder(HqState).decode


class UplinkSettings(msgspec.Struct, frozen=True, kw_only=True):
    database: str
    socket: str
    store_id: str
    shard: int
    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password: str = ""
    firmware: str = ""
    keepalive_s: int = 30
    will_delay_s: int = 10
    reconnect_min_ms: int = 1_000
    reconnect_first_ms: int = 5_000
    reconnect_max_ms: int = 120_000
    birth_jitter_ms: int = 10_000  # thousands of stores see HQ come back in the same second
    stall_first_ms: int = STALL_FIRST_MS
    peer_uids: tuple[int, ...] = ()


def run(
    settings: UplinkSettings,
    stop: threading.Event,
    now_ms: Callable[[], int],
    clock_quality: Callable[[], str],
) -> None:
    """Until `stop`. The database must exist and be migrated; it is only read."""
    LEDGER.open(Path(settings.database), read_only=True)
    try:
        serve(settings, stop, now_ms, clock_quality)
    finally:
        LEDGER.shut()


def serve(
    settings: UplinkSettings,
    stop: threading.Event,
    now_ms: Callable[[], int],
    clock_quality: Callable[[], str],
) -> None:
    """One uplink for each boot of the gateway: the number stands in births and in the will."""
    while not stop.is_set():
        Uplink(settings, now_ms, clock_quality).run(stop)


class Uplink:
    """One thread with everything that decides; MQTT and the socket only post into its queue."""

    def __init__(
        self, settings: UplinkSettings, now_ms: Callable[[], int], clock_quality: Callable[[], str]
    ) -> None:
        self._settings = settings
        self._utc_ms = now_ms
        self._clock_quality = clock_quality
        self._boot, self._epoch = _identity()
        self._outdated = False
        # Bounded by its sources: UNREAD_MAX messages, the window's PUBACKs, the gateway's few lines.
        self._events: queue.SimpleQueue[MqttEvent | FromGateway | GatewayUp] = queue.SimpleQueue()
        acked, _ = journal.cursor(READER)
        self._publisher = Publisher(acked, journal.head()[0], stall_first_ms=settings.stall_first_ms)
        self._client = MqttClient(self._mqtt_settings(), self._events.put)
        self._link = Link(settings.socket, self._events.put, settings.peer_uids)
        self._on_the_way: dict[int, Span] = {}  # by packet number
        self._source = Source(settings.store_id, self._epoch)
        self._birth_at_ms: int | None = None  # HQ came back: our birth is due then
        self._acked = Acked(hwm=acked, safe=0)
        self._state = LinkState(code="broker_away", since_ms=self._utc_ms())
        self._told_at_ms = 0
        self._looked_at_ms = 0
        self._handlers: dict[type, Callable[..., None]] = {
            Connected: self._connected,
            Disconnected: self._disconnected,
            Received: self._received,
            Published: self._published,
            Wake: lambda event: self._publisher.grown(event.head),
            Cut: lambda event: self._client.cut(event.on),
            GatewayUp: self._gateway_up,
        }

    def run(self, stop: threading.Event) -> None:
        self._client.start()
        self._link.start()
        try:
            while not (stop.is_set() or self._outdated):
                self._client.check()
                self._take_events()
                self._send_birth()
                self._look()
                self._send_batches()
                self._tell()
                self._pack_ahead()
        finally:
            if not self._outdated:
                self._publish_state(StoreState(online=False, boot=self._boot))
            self._client.stop()
            self._link.stop()

    def _take_events(self) -> None:
        wait_ms = self._publisher.next_look_ms(_mono_ms(), BEAT_MS // 2)
        if self._birth_at_ms is not None:
            wait_ms = max(1, min(wait_ms, self._birth_at_ms - _mono_ms()))
        try:
            self._handle(self._events.get(timeout=wait_ms / 1000))
            for _ in range(EVENTS_MAX):
                self._handle(self._events.get_nowait())
        except queue.Empty:
            return

    def _handle(self, event: MqttEvent | FromGateway | GatewayUp) -> None:
        self._handlers[type(event)](event)

    def _connected(self, event: Connected) -> None:
        self._on_the_way.clear()
        limit = event.maximum_packet or stream.BATCH_BYTES_MAX + PACKET_OVERHEAD
        self._source.limit(min(stream.BATCH_BYTES_MAX, limit - PACKET_OVERHEAD))
        # Half for the stream, half for replays, and a place left for births: a strict broker hangs up.
        self._publisher.connected(_mono_ms(), max(1, event.receive_maximum // 2 - 1))
        shard, store = self._settings.shard, self._settings.store_id
        self._client.subscribe((stream.ack_topic(shard, store), stream.hq_state_topic()))
        self._publish_birth()

    def _disconnected(self, event: Disconnected) -> None:
        self._on_the_way.clear()
        self._birth_at_ms = None
        self._publisher.disconnected(event.reason)

    def _received(self, message: Received) -> None:
        self._client.taken(message)
        try:
            if message.topic == stream.hq_state_topic():
                self._hq_state(read_hq_state(message.payload), message.retained)
            else:
                self._ack(read_ack(message.payload))
        except msgspec.MsgspecError as error:
            self._publisher.unreadable(f"{message.topic}: {error}")

    def _hq_state(self, state: HqState, retained: bool) -> None:
        if not state.online:
            self._birth_at_ms = None
            self._publisher.hq(False, _mono_ms())
        elif retained or self._publisher.hq_online:  # known when we connected, or nothing new
            self._publisher.hq(True, _mono_ms())
        elif self._birth_at_ms is None:
            self._birth_at_ms = _mono_ms() + random.randint(0, self._settings.birth_jitter_ms)

    def _send_birth(self) -> None:
        if self._birth_at_ms is not None and _mono_ms() >= self._birth_at_ms:
            self._birth_at_ms = None
            self._publish_birth()
            self._publisher.hq(True, _mono_ms())

    def _ack(self, ack: Ack) -> None:
        now_ms = _mono_ms()
        if ack.epoch != self._epoch:
            self._publisher.rejected(1, f"HQ expects epoch {ack.epoch}, this is {self._epoch}", now_ms)
            return
        if ack.hwm > self._publisher.acked:
            self._publisher.grown(journal.head()[0])
            if ack.head and ack.hwm <= self._publisher.head and _hash_at(ack.hwm) != ack.head:
                self._publisher.broken(f"HQ holds another history at event {ack.hwm}")
                return
        if self._publisher.acknowledged(ack.hwm, now_ms):
            self._acked = Acked(hwm=ack.hwm, safe=min(ack.safe, ack.hwm), head=ack.head)
            self._link.send(self._acked)
        if ack.rejected_from is None:
            self._publisher.accepted()
        else:
            self._publisher.rejected(ack.rejected_from, ack.reason, now_ms)
        if ack.replay is not None:
            self._publisher.replay(*ack.replay, now_ms)

    def _published(self, event: Published) -> None:
        span = self._on_the_way.pop(event.packet, None)
        if span is not None and event.generation == self._client.generation:
            self._publisher.puback(span, event.reason, _mono_ms())

    def _gateway_up(self, _: GatewayUp) -> None:
        self._outdated = _identity() != (self._boot, self._epoch)
        self._link.send(self._state)
        if self._acked.hwm:
            self._link.send(self._acked)

    def _look(self) -> None:
        """The journal's head, once a second, if no wake has come."""
        now_ms = _mono_ms()
        if now_ms - self._looked_at_ms >= BEAT_MS:
            self._looked_at_ms = now_ms
            self._publisher.grown(journal.head()[0])

    def _send_batches(self) -> None:
        settings = self._settings
        topic = stream.events_topic(settings.shard, settings.store_id)
        while (span := self._publisher.due(_mono_ms())) is not None:
            packed = self._source.batch(span)
            if packed is None:
                self._publisher.gone(span)
                continue
            packet = self._client.publish(
                topic, packed.payload, content_type=stream.CONTENT_TYPE, user=packed.user
            )
            if not packet:  # the connection has just broken, and the event is in the queue
                return
            span = Span(packed.first, packed.last, span.again)
            self._on_the_way[packet] = span
            self._publisher.sent(span, _mono_ms())

    def _pack_ahead(self) -> None:
        """Use the time in which HQ works on what it has."""
        while self._events.empty() and self._source.prepare(self._publisher.sent_to, self._publisher.head):
            pass

    def _tell(self) -> None:
        """Report to the gateway when something changed, and as a sign of life."""
        code, detail = self._publisher.code, self._publisher.detail
        now_ms = _mono_ms()
        if (code, detail) != (self._state.code, self._state.detail):
            since_ms = self._utc_ms() if code != self._state.code else self._state.since_ms
            self._state = LinkState(code=code, since_ms=since_ms, detail=detail)
        elif now_ms - self._told_at_ms < BEAT_MS:
            return
        self._told_at_ms = now_ms
        self._link.send(self._state)

    def _publish_birth(self) -> None:
        self._publish_state(
            StoreState(
                online=True,
                boot=self._boot,
                epoch=self._epoch,
                first=journal.first(),
                last=journal.head()[0],
                acked=self._publisher.acked,
                fw=self._settings.firmware,
                schema=stream.STREAM_VERSION,
                clock=BoxClock(utc=days.iso(self._utc_ms(), UTC), q=self._clock_quality()),
            )
        )

    def _publish_state(self, state: StoreState) -> None:
        topic = stream.state_topic(self._settings.shard, self._settings.store_id)
        self._client.publish(topic, msgspec.json.encode(state), retain=True)

    def _mqtt_settings(self) -> ClientSettings:
        wanted = self._settings
        death = msgspec.json.encode(StoreState(online=False, boot=self._boot))
        return ClientSettings(
            host=wanted.host,
            port=wanted.port,
            client_id=wanted.store_id,
            username=wanted.username,
            password=wanted.password,
            keepalive_s=wanted.keepalive_s,
            will=Will(stream.state_topic(wanted.shard, wanted.store_id), death, wanted.will_delay_s),
            reconnect_min_ms=wanted.reconnect_min_ms,
            reconnect_first_ms=wanted.reconnect_first_ms,
            reconnect_max_ms=wanted.reconnect_max_ms,
        )


def _identity() -> tuple[int, int]:
    """(number of this boot, epoch given by HQ). The gateway may count its boot after we have started."""
    return int(box.get("boot", "0")), int(box.get("epoch", "1"))


def _hash_at(seq: int) -> str:
    """The journal's hash in hex; "" for a row that is not there, which equals no acknowledgement's."""
    try:
        return journal.hash_at(seq).hex()
    except KeyError:
        return ""


def _mono_ms() -> int:
    return time.monotonic_ns() // 1_000_000
