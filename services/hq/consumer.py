"""The HQ process: takes batches from the broker, commits them, and only then acknowledges."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import msgspec

from services.domain import days, stream
from services.domain.stream import HqState
from services.hq.ingest import Delivery, Ingest, opened_early
from services.hq.schema import open_database
from services.uplink.client import (
    ClientSettings,
    Connected,
    Disconnected,
    Event,
    MqttClient,
    Received,
    Will,
)

LOG = logging.getLogger(__name__)

GROUP_MAX = 50  # messages of one transaction: all the broker may deliver unacknowledged
IDLE_S = 0.5
SESSION_S = 3_600
WILL_DELAY_S = 3  # a network hiccup does not stop every store


class HqSettings(msgspec.Struct, frozen=True, kw_only=True):
    database: str
    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password: str = ""
    client_id: str = "hq-ingest"
    shards: tuple[int, ...] = ()  # of this consumer; none given means all
    keepalive_s: int = 30
    reconnect_min_ms: int = 500
    reconnect_first_ms: int = 1_000
    reconnect_max_ms: int = 10_000


def run(settings: HqSettings, stop: threading.Event, now_ms: Callable[[], int]) -> None:
    """Until `stop`. A disk that fails ends it: what was not committed is delivered again."""
    connection = open_database(Path(settings.database))
    try:
        Consumer(settings, Ingest(connection, now_ms), _incarnation(connection), now_ms).run(stop)
    finally:
        connection.close()


class Consumer:
    def __init__(
        self, settings: HqSettings, ingest: Ingest, incarnation: int, now_ms: Callable[[], int]
    ) -> None:
        self._ingest = ingest
        self._now_ms = now_ms
        self._incarnation = incarnation
        self._filters = stream.hq_filters(settings.shards)
        # Bounded by the client: UNREAD_MAX messages not yet taken.
        self._events: queue.SimpleQueue[Event | tuple[Received, Delivery]] = queue.SimpleQueue()
        self._client = MqttClient(
            ClientSettings(
                host=settings.host,
                port=settings.port,
                client_id=settings.client_id,
                username=settings.username,
                password=settings.password,
                keepalive_s=settings.keepalive_s,
                clean_start=False,
                session_expiry_s=SESSION_S,
                receive_maximum=GROUP_MAX,
                manual_ack=True,
                report_published=False,
                will=Will(stream.hq_state_topic(), self._state(False), WILL_DELAY_S),
                reconnect_min_ms=settings.reconnect_min_ms,
                reconnect_first_ms=settings.reconnect_first_ms,
                reconnect_max_ms=settings.reconnect_max_ms,
            ),
            self._post,
        )

    def run(self, stop: threading.Event) -> None:
        self._client.start()
        try:
            while not stop.is_set():
                self._client.check()
                group = self._waiting()
                if group:
                    self._take(group)
        finally:
            self._client.publish(stream.hq_state_topic(), self._state(False), retain=True)
            self._client.stop()

    def _post(self, event: Event) -> None:
        """In the network thread: it opens batches while this consumer waits for the disk."""
        if isinstance(event, Received):
            encoding = dict(event.user).get("enc", "")
            delivery = Delivery(event.topic, event.payload, encoding, event.retained)
            self._events.put((event, opened_early(delivery)))
        else:
            self._events.put(event)

    def _waiting(self) -> list[tuple[Received, Delivery]]:
        """Everything that has come: one transaction for all is what makes this fast."""
        group: list[tuple[Received, Delivery]] = []
        try:
            event = self._events.get(timeout=IDLE_S)
            while True:
                if isinstance(event, tuple):
                    group.append(event)
                else:
                    self._changed(event)
                if len(group) >= GROUP_MAX:
                    return group
                event = self._events.get_nowait()
        except queue.Empty:
            return group

    def _changed(self, event: Event) -> None:
        if isinstance(event, Connected):
            self._client.subscribe(self._filters)
            self._client.publish(stream.hq_state_topic(), self._state(True), retain=True)
            LOG.info("connected")
        elif isinstance(event, Disconnected):
            LOG.info("disconnected: %s", event.reason)

    def _take(self, group: list[tuple[Received, Delivery]]) -> None:
        replies = self._ingest.take([delivery for _, delivery in group])
        for message, _ in group:
            self._client.taken(message)
        for reply in replies:
            self._client.publish(reply.topic, msgspec.json.encode(reply.ack), retain=True)
            if reply.again is not None:
                self._client.publish(reply.topic, msgspec.json.encode(reply.again))

    def _state(self, online: bool) -> bytes:
        utc = days.iso(self._now_ms(), UTC) if online else ""
        return msgspec.json.encode(
            HqState(
                online=online,
                utc=utc,
                incarnation=self._incarnation,
                min_schema=stream.STREAM_VERSION if online else "",
            )
        )


def _incarnation(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM hq WHERE key = 'incarnation'").fetchone()
    return int(row[0])
