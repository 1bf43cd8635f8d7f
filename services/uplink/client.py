"""An MQTT 5 connection that heals itself: the only file that knows paho."""

from __future__ import annotations

import logging
import random
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.exception import MQTTException
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

LOG = logging.getLogger(__name__)
PAHO_LOG = LOG.getChild("paho")
# Broken connections are told by events; of paho's own words only our bugs are worth a line.
PAHO_LOG.addFilter(lambda record: str(record.msg).startswith("Caught exception"))

INFLIGHT_MAX = 128  # more than two windows of ours: paho itself never queues
QUEUED_MAX = 1_000  # beyond this publish() sends nothing
UNREAD_MAX = 500  # messages not yet taken; the network waits, and with it the broker
LOOP_S = 0.2  # how soon a cut or a stop is seen
FLUSH_LOOPS_MAX = 10

# What paho raises on a broken connection or a malformed packet: reconnecting is the cure for each.
FAULTS = (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error, MQTTException)


class Will(msgspec.Struct, frozen=True):
    topic: str
    payload: bytes
    delay_s: int = 0


class ClientSettings(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    port: int
    client_id: str
    username: str = ""
    password: str = ""
    keepalive_s: int = 30
    clean_start: bool = True
    session_expiry_s: int = 0
    receive_maximum: int = 0  # 0 leaves it to the broker
    manual_ack: bool = False
    report_published: bool = True  # post a Published for each PUBACK
    will: Will | None = None
    reconnect_min_ms: int = 1_000
    reconnect_first_ms: int = 5_000  # upper bound of the first delay; doubles up to:
    reconnect_max_ms: int = 120_000
    connect_timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Connected:
    maximum_packet: int  # bytes; 0 when the broker names none
    receive_maximum: int = 65_535  # messages without PUBACK that the broker bears; paho does not mind it


@dataclass(frozen=True, slots=True)
class Disconnected:
    reason: str


@dataclass(frozen=True, slots=True)
class Received:
    topic: str
    payload: bytes
    user: tuple[tuple[str, str], ...]
    retained: bool
    packet: int
    generation: int


@dataclass(frozen=True, slots=True)
class Published:
    """The broker's PUBACK: it took the message, or says why not. No proof that HQ will see it."""

    packet: int
    reason: int
    generation: int


Event = Connected | Disconnected | Received | Published


class MqttClient:
    """Keeps one connection up from start() to stop() and posts what happens on it, in its own thread.

    Nothing is sent later than asked: without a connection publish() gives 0 and forgets, and what was
    not acknowledged when a connection broke is forgotten too. Whoever took a Received calls taken().
    """

    def __init__(self, settings: ClientSettings, post: Callable[[Event], None]) -> None:
        self._settings = settings
        self._post = post
        self._stopping = threading.Event()
        self._moved = threading.Event()  # stop or a cut changed: leave a waiting delay early
        self._held = False
        self._gate = threading.Lock()  # no packet is queued while the connection is being replaced
        self._up = False
        self.generation = 0
        self._unread = threading.BoundedSemaphore(UNREAD_MAX)
        self._why = ""
        self._attempts = 0
        self._client = self._build()
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Send what is queued, say goodbye (so no will is published), and end. Harmless when repeated."""
        self._stopping.set()
        self._moved.set()
        if self._thread.is_alive():
            self._thread.join()

    def check(self) -> None:
        """Raises RuntimeError when the network thread has died: only a new process helps then."""
        if not self._thread.is_alive():
            raise RuntimeError("the network thread has died")

    def cut(self, on: bool) -> None:
        """Tear the connection without a goodbye and stay away while `on`."""
        self._held = on
        self._moved.set()

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        content_type: str = "",
        user: Sequence[tuple[str, str]] = (),
    ) -> int:
        """The packet number, under which a Published will come; 0 when it was not sent."""
        properties = None
        if content_type or user:
            properties = _properties(PacketTypes.PUBLISH)
            properties.PayloadFormatIndicator = 0
            properties.ContentType = content_type
            properties.UserProperty = list(user)
        with self._gate:
            if not self._up:
                return 0
            info = self._client.publish(topic, payload, qos, retain, properties)
            return info.mid if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else 0

    def subscribe(self, filters: Sequence[str]) -> None:
        """To be done at every Connected: the broker may have forgotten."""
        with self._gate:
            if self._up:
                self._client.subscribe([(each, 1) for each in filters])

    def taken(self, message: Received, *, acknowledge: bool = True) -> None:
        """`message` has been dealt with. With manual_ack this acknowledges it to the broker."""
        self._unread.release()
        if not (self._settings.manual_ack and acknowledge and message.packet):
            return
        with self._gate:  # a number of an earlier connection would acknowledge another message
            if self._up and message.generation == self.generation:
                self._client.ack(message.packet, 1)

    def _build(self) -> Client:
        wanted = self._settings
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=wanted.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=wanted.manual_ack,
        )
        client.suppress_exceptions = True  # an exception in a callback would end the thread
        client.enable_logger(PAHO_LOG)
        client.connect_timeout = wanted.connect_timeout_s
        client.max_inflight_messages = INFLIGHT_MAX
        client.max_queued_messages = QUEUED_MAX
        if wanted.username:
            client.username_pw_set(wanted.username, wanted.password)
        if wanted.will:
            delayed = _properties(PacketTypes.WILLMESSAGE)
            delayed.WillDelayInterval = wanted.will.delay_s
            client.will_set(wanted.will.topic, wanted.will.payload, 1, True, delayed)
        asked = _properties(PacketTypes.CONNECT)
        asked.SessionExpiryInterval = wanted.session_expiry_s
        if wanted.receive_maximum:
            asked.ReceiveMaximum = wanted.receive_maximum
        client.connect_async(
            wanted.host,
            wanted.port,
            wanted.keepalive_s,
            clean_start=wanted.clean_start,
            properties=asked,
        )
        client.on_socket_open = _without_delay
        client.on_socket_register_write = _nothing  # else publish() would write in the caller's thread
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        if wanted.report_published:
            client.on_publish = self._on_publish
        return client

    def _run(self) -> None:
        while not self._stopping.is_set():
            if self._held:
                self._rest(LOOP_S)
                continue
            self.generation += 1
            self._why = ""
            self._client.drop_out_messages()  # what HQ did not acknowledge is sent anew, from the journal
            try:
                self._client.reconnect()
                self._serve()
            except FAULTS as error:
                self._why = f"{type(error).__name__}: {error}"
            self._down()
            if not self._stopping.is_set():
                self._rest(self._delay_s())

    def _serve(self) -> None:
        """Until the connection breaks, is cut, or we stop."""
        while self._client.loop(LOOP_S) == MQTTErrorCode.MQTT_ERR_SUCCESS:
            if self._held:
                return
            if self._stopping.is_set():
                self._flush()
                return

    def _flush(self) -> None:
        with self._gate:
            self._up = False
            self._client.disconnect()
        for _ in range(FLUSH_LOOPS_MAX):
            if self._client.socket() is None or self._client.loop(LOOP_S):
                return

    def _down(self) -> None:
        with self._gate:
            self._up = False
        sock = self._client.socket()
        if sock is not None:
            sock.close()
        self._post(Disconnected(self._why or "connection lost"))

    def _delay_s(self) -> float:
        wanted = self._settings
        bound = min(wanted.reconnect_first_ms << min(self._attempts, 20), wanted.reconnect_max_ms)
        self._attempts += 1
        return random.uniform(wanted.reconnect_min_ms, max(bound, wanted.reconnect_min_ms)) / 1000

    def _rest(self, seconds: float) -> None:
        self._moved.wait(seconds)
        self._moved.clear()

    def _on_connect(
        self, client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, given: Properties | None
    ) -> None:
        if reason.is_failure:
            self._why = f"refused: {reason}"
            return
        self._attempts = 0
        with self._gate:
            self._up = True
        self._post(
            Connected(
                int(getattr(given, "MaximumPacketSize", 0)), int(getattr(given, "ReceiveMaximum", 65_535))
            )
        )

    def _on_disconnect(
        self,
        client: Client,
        _data: Any,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        given: Properties | None,
    ) -> None:
        self._why = self._why or str(reason)

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        while not self._unread.acquire(timeout=LOOP_S):
            if self._stopping.is_set():
                return
        given: Any = message.properties
        user = tuple((str(k), str(v)) for k, v in getattr(given, "UserProperty", ()))
        packet = message.mid if message.qos else 0
        self._post(
            Received(message.topic, bytes(message.payload), user, message.retain, packet, self.generation)
        )

    def _on_publish(
        self, client: Client, _data: Any, packet: int, reason: ReasonCode, given: Properties
    ) -> None:
        self._post(Published(packet, int(reason.value), self.generation))


def _properties(packet: int) -> Any:
    """paho sets these attributes dynamically and does not annotate them."""
    return Properties(packet)  # type: ignore[no-untyped-call]


def _without_delay(_client: Client, _data: Any, sock: Any) -> None:
    """Without this a small message waits about 40 ms for the acknowledgement of the one before."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _nothing(_client: Client, _data: Any, _sock: Any) -> None:
    """Makes paho leave all writing to the loop."""
