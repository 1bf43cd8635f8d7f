"""The socket between gateway and uplink: acknowledgements, states, wakes, strangers and nonsense."""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from services.flows.shop import Shop
from services.store import db, journal
from services.uplink import inbox as inbox_module
from services.uplink import link as link_module
from services.uplink.inbox import Inbox
from services.uplink.link import LINE_MAX, Acked, Cut, GatewayUp, Lines, Link, LinkState, Wake
from tests.uplink.gateway_end import RunningInbox
from tests.uplink.shop_events import record_sales
from tests.waits import WAIT_S, until


@pytest.fixture
def inbox(shop: Shop, tmp_path: Path) -> Iterator[RunningInbox]:
    inbox = RunningInbox(tmp_path / "up.sock", now_ms=shop.now_ms)
    inbox.start()
    yield inbox
    inbox.close()


class FakeUplink:
    def __init__(self, path: Path) -> None:
        self.connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.connection.settimeout(WAIT_S)
        self.connection.connect(str(path))
        self._lines = Lines()
        self._read: list[bytes] = []

    def say(self, *messages: LinkState | Acked) -> None:
        self.connection.sendall(b"".join(link_module.encode(message) for message in messages))

    def hear(self) -> Wake | Cut:
        while not self._read:
            data = self.connection.recv(65_536)
            if not data:
                raise ConnectionError("closed")
            self._read += self._lines.feed(data)
        return link_module.read_gateway(self._read.pop(0))

    def closed(self) -> bool:
        with contextlib.suppress(ConnectionError):
            while True:
                self.hear()
        return True


@pytest.fixture
def uplink(inbox: Inbox, tmp_path: Path) -> Iterator[FakeUplink]:
    uplink = FakeUplink(tmp_path / "up.sock")
    assert uplink.hear() == Cut(on=False)
    yield uplink
    uplink.connection.close()


def cursor() -> int:
    return journal.cursor("uplink")[0]


def test_an_acknowledgement_moves_the_cursor_and_an_old_one_does_not(
    shop: Shop, inbox: Inbox, uplink: FakeUplink
) -> None:
    record_sales(shop, 10)
    uplink.say(Acked(hwm=7, safe=5, head=journal.hash_at(7).hex()))
    until(lambda: cursor() == 7, "cursor at 7")
    uplink.say(Acked(hwm=3, safe=3), Acked(hwm=10, safe=10))
    until(lambda: cursor() == 10, "cursor at 10")


@pytest.mark.parametrize(
    ("acked", "why"),
    [
        (Acked(hwm=11, safe=0), "ends at 10"),
        (Acked(hwm=9, safe=0, head="0" * 64), "another history"),
    ],
)
def test_what_hq_cannot_hold_is_refused_and_told(
    shop: Shop, inbox: Inbox, uplink: FakeUplink, acked: Acked, why: str
) -> None:
    record_sales(shop, 10)
    uplink.say(LinkState(code="online", since_ms=5), acked)
    until(lambda: inbox.link.code == "rejected", "rejected")
    assert why in inbox.link.detail
    assert cursor() == 0


def test_an_acknowledged_event_the_journal_lacks_is_refused_and_told(
    shop: Shop, inbox: RunningInbox, uplink: FakeUplink
) -> None:
    record_sales(shop, 10)
    with db.write():
        db.LEDGER.execute_sql("DELETE FROM journal WHERE seq = 7")
    uplink.say(LinkState(code="online", since_ms=5), Acked(hwm=7, safe=0, head="0" * 64))
    until(lambda: inbox.link.code == "rejected", "rejected")
    assert "lacks" in inbox.link.detail
    uplink.say(LinkState(code="online", since_ms=6))
    until(lambda: inbox.link.since_ms == 6, "it still listens")


def test_it_is_served_again_after_a_failure(
    shop: Shop, inbox: RunningInbox, uplink: FakeUplink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_sales(shop, 3)

    def no_descriptors(*_: object) -> int:
        raise OSError(errno.EMFILE, "too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(inbox_module, "peer_uid", no_descriptors)
        stranger = FakeUplink(tmp_path / "up.sock")
        assert stranger.closed() and uplink.closed()
        stranger.connection.close()
        until(lambda: not (tmp_path / "up.sock").exists(), "the name is taken away")
    inbox.wake(3)  # while nobody listens
    until((tmp_path / "up.sock").is_socket, "it listens again")
    again = FakeUplink(tmp_path / "up.sock")
    again.say(Acked(hwm=3, safe=3))
    until(lambda: cursor() == 3, "the next uplink is heard")
    again.connection.close()


def test_many_acknowledgements_are_few_writes(
    shop: Shop, inbox: Inbox, uplink: FakeUplink, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = record_sales(shop, 500)
    writes: list[int] = []
    real = journal.acknowledge

    def counted(reader: str, seq: int, at_ms: int) -> None:
        writes.append(seq)
        real(reader, seq, at_ms)

    monkeypatch.setattr(inbox_module.journal, "acknowledge", counted)
    begun = time.monotonic()
    for hwm in range(1, head + 1):
        uplink.say(Acked(hwm=hwm, safe=0))
        if hwm % 100 == 0:
            time.sleep(0.06)
    until(lambda: cursor() == head, "all acknowledged")
    assert len(writes) <= 2 + (time.monotonic() - begun) / inbox_module.WRITE_EVERY_S


def test_a_disk_in_trouble_loses_no_acknowledgement(shop: Shop, inbox: Inbox, uplink: FakeUplink) -> None:
    record_sales(shop, 10)
    with db.write():
        db.LEDGER.execute_sql(
            "CREATE TRIGGER full BEFORE INSERT ON cursor BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    uplink.say(Acked(hwm=8, safe=0))
    time.sleep(0.2)
    assert cursor() == 0
    with db.write():
        db.LEDGER.execute_sql("DROP TRIGGER full")
    until(lambda: cursor() == 8, "acknowledged after the trouble")


def test_the_link_tells_what_the_uplink_said_and_when_it_fell_silent(
    inbox: Inbox, uplink: FakeUplink, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert inbox.link.code == "uplink_down"
    uplink.say(LinkState(code="hq_away", since_ms=123, detail="nobody listens"))
    until(lambda: inbox.link == LinkState(code="hq_away", since_ms=123, detail="nobody listens"), "told")
    monkeypatch.setattr(inbox_module, "SILENCE_MS", 100)
    until(lambda: inbox.link.code == "uplink_down", "silence is seen")
    since_ms = inbox.link.since_ms
    assert since_ms > 123
    assert inbox.link.since_ms == since_ms


def test_a_wake_and_a_cut_reach_the_uplink_and_a_new_one_learns_of_the_cut(
    inbox: Inbox, uplink: FakeUplink, tmp_path: Path
) -> None:
    inbox.wake(41)
    inbox.wake(42)
    assert any(uplink.hear() == Wake(head=42) for _ in range(2))
    inbox.cut(True)
    assert any(uplink.hear() == Cut(on=True) for _ in range(2))
    newer = FakeUplink(tmp_path / "up.sock")
    assert newer.hear() == Cut(on=True)
    assert uplink.closed()
    newer.connection.close()


def test_a_wake_never_waits_even_when_nobody_reads(inbox: Inbox, uplink: FakeUplink) -> None:
    begun = time.monotonic()
    for head in range(20_000):
        inbox.wake(head)
    assert time.monotonic() - begun < 2.0


@pytest.mark.parametrize(
    "garbage",
    [b"not json\n", b'{"type":"acked"}\n', b'{"type":"acked","hwm":"x","safe":0}\n', b"x" * (LINE_MAX + 2)],
)
def test_nonsense_closes_the_connection_and_the_next_one_works(
    shop: Shop, inbox: Inbox, uplink: FakeUplink, tmp_path: Path, garbage: bytes
) -> None:
    record_sales(shop, 3)
    uplink.connection.sendall(garbage)
    assert uplink.closed()
    again = FakeUplink(tmp_path / "up.sock")
    again.say(Acked(hwm=3, safe=3))
    until(lambda: cursor() == 3, "the next uplink is heard")
    again.connection.close()


def test_a_process_of_another_user_is_not_listened_to(shop: Shop, tmp_path: Path) -> None:
    record_sales(shop, 3)
    inbox = RunningInbox(tmp_path / "up.sock", now_ms=shop.now_ms, peer_uids=(os.getuid() + 1,))
    inbox.start()
    try:
        stranger = FakeUplink(tmp_path / "up.sock")
        with contextlib.suppress(OSError):
            stranger.say(Acked(hwm=3, safe=3))
        assert stranger.closed()
        assert cursor() == 0
        stranger.connection.close()
    finally:
        inbox.close()


def test_closing_writes_the_last_acknowledgement(shop: Shop, tmp_path: Path) -> None:
    record_sales(shop, 9)
    inbox = RunningInbox(tmp_path / "up.sock", now_ms=shop.now_ms)
    inbox.start()
    uplink = FakeUplink(tmp_path / "up.sock")
    uplink.say(Acked(hwm=1, safe=0))
    until(lambda: cursor() == 1, "first acknowledgement")
    uplink.say(Acked(hwm=9, safe=0))
    time.sleep(0.02)
    inbox.close()
    inbox.close()
    assert cursor() == 9
    assert not (tmp_path / "up.sock").exists()
    uplink.connection.close()


def test_the_uplinks_end_comes_back_when_the_gateway_was_restarted(shop: Shop, tmp_path: Path) -> None:
    record_sales(shop, 3)
    heard: queue.SimpleQueue[object] = queue.SimpleQueue()
    link = Link(str(tmp_path / "up.sock"), heard.put)
    link.start()
    try:
        for hwm in (2, 3):
            inbox = RunningInbox(tmp_path / "up.sock", now_ms=shop.now_ms)
            inbox.start()
            while heard.get(timeout=WAIT_S) != GatewayUp():
                pass  # the last gateway's closing words
            assert heard.get(timeout=WAIT_S) == Cut(on=False)
            link.send(Acked(hwm=hwm, safe=0))
            until(lambda hwm=hwm: cursor() == hwm, f"cursor at {hwm}")  # type: ignore[misc]
            inbox.close()
    finally:
        link.stop()


def test_lines_are_cut_wherever_the_bytes_break() -> None:
    text = b"one\ntwo\n\nthree\nrest"
    for at in range(len(text)):
        lines = Lines()
        assert [*lines.feed(text[:at]), *lines.feed(text[at:])] == [b"one", b"two", b"", b"three"]
    with pytest.raises(ValueError, match="too long"):
        list(Lines().feed(b"x" * (LINE_MAX + 1) + b"\n"))


def test_the_messages_keep_their_form_on_the_wire() -> None:
    assert link_module.encode(Wake(head=7)) == b'{"type":"wake","head":7}\n'
    assert link_module.encode(Cut(on=True)) == b'{"type":"cut","on":true}\n'
    acked = link_module.encode(Acked(hwm=1, safe=0, head="ab"))
    assert acked == b'{"type":"acked","hwm":1,"safe":0,"head":"ab"}\n'
    with pytest.raises(msgspec.ValidationError):
        link_module.read_uplink(b'{"type":"wake","head":7}')


def test_the_ledger_is_only_written_when_the_cursor_moves(
    shop: Shop, inbox: Inbox, uplink: FakeUplink, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_sales(shop, 3)
    uplink.say(Acked(hwm=3, safe=0))
    until(lambda: cursor() == 3, "cursor at 3")
    before = db.LEDGER.execute_sql("PRAGMA data_version").fetchone()
    uplink.say(Acked(hwm=3, safe=0), Acked(hwm=2, safe=0))
    time.sleep(0.2)
    assert db.LEDGER.execute_sql("PRAGMA data_version").fetchone() == before
