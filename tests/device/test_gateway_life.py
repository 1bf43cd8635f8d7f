"""How the gateway begins, goes on and ends when something is in its way."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from device import gateway as gateway_module
from device import health, storage, supervise
from device.config import Data, Settings, Web
from device.gateway import Gateway
from device.leash import CannotStart
from device.storage import Reserve, Storage
from device.supervise import Supervisor
from drivers.contracts import Outcome
from services.flows import baskets, members, spool
from services.flows.shop import Shop
from services.store import box, db, jobs, journal
from services.store.db import LEDGER
from services.store.jobs import Job
from tests.ports import free_port
from tests.shop import GTINS, TEE, open_store
from tests.stack import ROOT, Stack
from tests.uplink.shop_events import record_sales
from tests.waits import WAIT_S, until
from web_console.api import Answer, ScanView


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """On a ledger of its own, not started."""
    settings = Settings(data=Data(dir=str(tmp_path)), web=Web(port=free_port()))
    open_store(settings.database)
    yield Gateway(settings)
    LEDGER.shut()


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A folder with settings of its own and nothing running; what is started is killed afterwards."""
    stack = Stack(tmp_path, free_port(), free_port())
    stack.configure()
    yield stack
    for process in stack.processes.values():
        process.kill()
        process.wait()


def ended(stack: Stack, *words: str) -> tuple[int, str]:
    """Exit code and words of a command that should end by itself."""
    done = subprocess.run(
        stack.command(*words), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=WAIT_S
    )
    return done.returncode, done.stdout.decode()


def children_of(stack: Stack) -> list[str]:
    """What runs with the settings of `stack`."""
    named = str(stack.config).encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if named in command.split(b"\0"):
            found.append(command.replace(b"\0", b" ").decode())
    return found


def raising(code: int, seen: list[int] | None = None) -> object:
    def fail(*_: object, **__: object) -> None:
        if seen is not None:
            seen.append(code)
        error = sqlite3.OperationalError("played")
        error.sqlite_errorcode = code
        raise error

    return fail


def test_a_second_gateway_and_a_job_on_the_same_folder_are_refused_before_they_touch_it(
    stack: Stack,
) -> None:
    stack.start("run")
    uplink = stack.folder / "var" / "uplink.sock"
    until(uplink.is_socket, "the uplink's socket")
    held = uplink.stat().st_ino
    other = Stack(stack.folder, free_port(), stack.broker_port)
    other.configure()
    for words in (("run",), ("job", "demo_shop"), ("demo",)):
        code, said = ended(other, *words)
        assert code == 2, said
        assert "already works with" in said and len(said.splitlines()) == 1
    assert uplink.stat().st_ino == held
    assert stack.ready()


def test_a_port_that_is_taken_ends_the_gateway_in_one_sentence_before_it_listens_to_the_uplink(
    stack: Stack,
) -> None:
    with socket.create_server(("127.0.0.1", stack.web_port)):
        code, said = ended(stack, "run")
    assert code == 2, said
    assert f"at 127.0.0.1:{stack.web_port}: Address already in use" in said and len(said.splitlines()) == 1
    assert not (stack.folder / "var" / "uplink.sock").exists()


def test_the_demo_is_not_fooled_by_somebody_else_at_its_port_and_leaves_no_process(stack: Stack) -> None:
    with socket.create_server(("127.0.0.1", stack.web_port)) as other:
        threading.Thread(target=says_ready, args=(other,), daemon=True).start()
        code, said = ended(stack, "demo")
    assert code == 2, said
    assert "already in use" in said and "Traceback" not in said and "is open" not in said
    assert children_of(stack) == []


def says_ready(listener: socket.socket) -> None:
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:
            return
        with peer:
            peer.recv(4096)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_is_open_and_leaves_no_process_when_told_to_end(
    stack: Stack, number: signal.Signals
) -> None:
    with (stack.folder / "demo.log").open("wb") as log:
        demo = subprocess.Popen(stack.command("demo"), cwd=ROOT, stdout=log, stderr=log)
    stack.processes["demo"] = demo
    until(lambda: "is open" in (stack.folder / "demo.log").read_text("utf-8"), "the demo is open")
    assert len(children_of(stack)) == 4
    demo.send_signal(number)
    assert demo.wait(WAIT_S) == 0
    assert children_of(stack) == []


def test_a_ledger_that_cannot_be_written_stops_neither_the_start_nor_the_page_nor_the_end(
    stack: Stack,
) -> None:
    assert ended(stack, "job", "demo_shop")[0] == 0
    with sqlite3.connect(stack.database) as connection:
        connection.execute("CREATE TRIGGER f BEFORE INSERT ON box BEGIN SELECT RAISE(ABORT, 'full'); END")
    connection.close()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("")
        systemd.settimeout(WAIT_S)
        environment = {
            **os.environ,
            "NOTIFY_SOCKET": "@" + systemd.getsockname()[1:].decode(),
            "WATCHDOG_USEC": "400000",
        }
        with (stack.folder / "run.log").open("wb") as log:
            run = subprocess.Popen(stack.command("run"), cwd=ROOT, stdout=log, stderr=log, env=environment)
        stack.processes["run"] = run
        assert [systemd.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        assert stack.ready()
        run.terminate()
        assert run.wait(WAIT_S) == 0
    told = (stack.folder / "run.log").read_text()
    assert told.count("the ledger cannot be written") == 1
    assert "could not be counted" in told and "Traceback" not in told


def test_the_port_is_claimed_before_anything_runs(gateway: Gateway, tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", gateway.settings.web.port)),
        pytest.raises(CannotStart, match="already in use"),
    ):
        gateway.start()
    assert not (tmp_path / "uplink.sock").exists()
    assert gateway.stop()


def test_every_thread_of_the_gateway_ends_with_it(gateway: Gateway) -> None:
    before = set(threading.enumerate())
    gateway.start()
    assert gateway.well
    assert gateway.stop()
    assert [thread.name for thread in set(threading.enumerate()) - before] == []


def test_a_part_that_is_late_keeps_the_ledger_open_under_it(gateway: Gateway) -> None:
    release = threading.Event()
    gateway.start()
    gateway.supervisor.keep("printing", lambda _: release.wait() and None)
    gateway.supervisor.stop_s = 0.2
    assert not gateway.stop()
    release.set()
    gateway.supervisor.stop_s = 5
    assert gateway.stop()


def test_a_paper_in_the_middle_is_waited_for_then_left_for_people_to_ask_about(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    gateway.start()
    printer = gateway._devices["printer-1"]
    until(lambda: printer.device is not None, "the printer is open")
    monkeypatch.setattr(printer.device, "print", lambda _: release.wait() and Outcome.CONFIRMED)
    job = spool.self_test(gateway.shop, "1", "ticket", operator_id="tech", request_id="request-1")
    gateway.panel.wake_jobs("1")
    until(lambda: state_of(job) == jobs.SENDING, "it is being printed")
    gateway.supervisor.stop_s = 0.2
    assert not gateway.stop()
    assert state_of(job) == jobs.SENDING  # where the power goes now, the next start asks people
    release.set()
    gateway.supervisor.stop_s = 5
    assert gateway.stop()
    assert state_of(job) == jobs.CONFIRMED
    assert printer.device is None


def state_of(job: Job) -> str:
    held = jobs.by_id(job.job_id)
    return held.state if held else ""


def test_the_tills_wait_no_longer_than_a_moment_for_a_disk_that_works_again(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "RETRY_S", 0.01)
    kept = Storage(Reserve(tmp_path / "reserve"), every_s=60)
    supervisor = Supervisor()
    with monkeypatch.context() as patched:
        patched.setattr(box, "put", raising(sqlite3.SQLITE_FULL))
        supervisor.keep("storage", kept.run)
        until(lambda: kept.failing, "it fails")
    until(lambda: not kept.failing, "it works again")
    assert supervisor.stop()


def test_a_scan_while_the_disk_is_in_trouble_says_that_nobody_knows_what_became_of_it(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str, Answer]] = []
    monkeypatch.setattr(gateway.live, "tell", lambda *what: told.append(what))
    monkeypatch.setattr(baskets, "scan", raising(sqlite3.SQLITE_FULL))
    gateway.take_scan("1", GTINS[TEE])
    ((till, event, view),) = told
    assert (till, event) == ("1", "scan")
    assert isinstance(view, ScanView) and (view.code, view.data) == ("outcome_unknown", GTINS[TEE])


def test_a_card_under_the_scanner_names_who_buys_and_is_shown_to_nobody(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    joining = members.Joining(given={"phone": "13812345620", "card": "2700000000014"})
    member = members.join(gateway.shop, joining, operator_id="zhou", request_id="join")
    told: list[tuple[str, str, Answer]] = []
    monkeypatch.setattr(gateway.live, "tell", lambda *what: told.append(what))
    gateway.take_scan("1", "2700000000014")
    assert [event for _, event, _ in told] == ["basket", "scan"]
    view = told[1][2]
    assert isinstance(view, ScanView)
    assert (view.code, view.data, view.name) == ("member", "", "138****5620")
    assert baskets.current(gateway.shop, "1").member_id == member.member_id


def test_a_boot_that_cannot_be_stored_is_not_counted(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gateway_module._count_boot() == 1
    with monkeypatch.context() as patched:
        patched.setattr(box, "put", raising(sqlite3.SQLITE_FULL))
        assert gateway_module._count_boot() == 1
    assert gateway_module._count_boot() == 2


def test_the_space_kept_back_is_given_away_where_the_ledger_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=Data(dir=str(tmp_path)))
    gateway_module._reserve(settings).keep()
    assert (tmp_path / "reserve").stat().st_blocks * 512 >= storage.RESERVE_BYTES

    def opened(_: Settings) -> None:
        if (tmp_path / "reserve").exists():
            raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(gateway_module, "open_ledger", opened)
    with pytest.raises(sqlite3.OperationalError):  # the disk has space: it is something else
        gateway_module._open(settings)
    monkeypatch.setattr(health, "disk", lambda _: health.Disk(0, 10, "bad"))
    gateway_module._open(settings)
    assert not (tmp_path / "reserve").exists()
    Reserve(tmp_path / "reserve").keep()
    assert not (tmp_path / "reserve").exists()  # not while there is too little


def test_writes_that_fail_are_told_once_and_ask_for_no_restart(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    kept = Storage(Reserve(tmp_path / "reserve"), every_s=0.02)
    kept.look()
    assert (tmp_path / "reserve").exists() and not kept.failing
    with monkeypatch.context() as patched:
        patched.setattr(box, "put", raising(sqlite3.SQLITE_FULL))
        time.sleep(0.05)
        assert kept.stuck
        kept.look()
        kept.look()
        assert kept.failing == "played" and not kept.stuck
    kept.look()
    assert not kept.failing
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.INFO]


def test_writes_that_find_the_ledger_locked_ask_for_a_restart(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Storage(Reserve(tmp_path / "reserve"), every_s=0.02)
    monkeypatch.setattr(box, "put", raising(sqlite3.SQLITE_BUSY))
    time.sleep(0.05)
    kept.look()
    assert kept.failing and kept.stuck


def test_the_journal_is_checked_in_the_background_one_check_at_a_time(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_sales(shop, 30)
    monkeypatch.setattr(health, "CHECK_ROWS", 10)
    told: list[tuple[str, int]] = []
    pieces: list[int] = []
    go = threading.Semaphore(0)
    real = journal.first_break

    def watched(from_seq: int, upto: int) -> int:
        pieces.append(upto)
        go.acquire()
        return real(from_seq, upto)

    monkeypatch.setattr(journal, "first_break", watched)
    check = health.JournalCheck(lambda *what: told.append(what))
    supervisor = Supervisor()
    supervisor.keep("check", check.run)
    until(lambda: pieces == [10], "begun")
    check.ask()  # one is going on
    assert check.checking and check.checked_seq == 0
    go.release()
    until(lambda: pieces == [10, 20], "goes on")
    assert check.checked_seq == 10
    go.release(2)
    until(lambda: not check.checking, "done")
    assert (check.verdict, check.checked_seq, pieces) == ("intact", 30, [10, 20, 30])
    with db.write():
        LEDGER.execute_sql("UPDATE journal SET body = x'00' WHERE seq = 25")
    check.ask()
    assert check.checking
    go.release(3)
    until(lambda: not check.checking, "done again")
    assert (check.verdict, check.checked_seq) == ("broken", 25)
    assert told == [("intact", 30), ("broken", 25)]
    assert supervisor.stop()


def test_a_page_that_cannot_be_read_ends_the_check_as_broken_and_every_till_hears_it(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[int] = []
    monkeypatch.setattr(journal, "head", lambda: (7, b""))
    monkeypatch.setattr(journal, "first_break", raising(sqlite3.SQLITE_CORRUPT, seen))
    supervisor = Supervisor()
    supervisor.keep("check", gateway.panel.journal_check.run)
    until(lambda: gateway.panel.health("1").journal == "broken", "told")
    assert supervisor.stop()
    assert len(seen) == 1
    assert "failed; again" not in caplog.text
    assert gateway.panel.view().journal_check == "broken"
    gateway.panel.check_journal()
    assert gateway.panel.view().journal_check == "checking"
    assert gateway.panel.health("2").journal == "broken"


def test_a_newest_row_that_cannot_be_read_is_told_as_broken_and_the_pages_go_on(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = gateway.panel.view()
    assert before.journal_check == "checking" and gateway.panel.health("1").journal == "unchecked"
    with monkeypatch.context() as patch:
        patch.setattr(journal, "head", raising(sqlite3.SQLITE_CORRUPT))
        for till in ("1", "2", "1"):
            assert gateway.panel.health(till).journal == "broken"
        assert gateway.panel.view().journal_hash == before.journal_hash
        gateway.panel.wake_uplink()
    assert [note.code for note in gateway.panel.notes.newest()] == ["journal_broken"]
    assert caplog.text.count("newest row cannot be read") == 1
    with monkeypatch.context() as patch:
        patch.setattr(journal, "head", raising(sqlite3.SQLITE_FULL))
        with pytest.raises(sqlite3.OperationalError):
            gateway.panel.health("1")


def test_the_check_says_in_a_line_what_cannot_be_read(stack: Stack) -> None:
    assert ended(stack, "job", "demo_shop")[0] == 0
    stack.database.write_bytes(b"no database at all, but some text instead" * 1000)
    code, said = ended(stack, "check")
    assert code == 1, said
    assert "journal: " in said and "Traceback" not in said


def test_who_ran_well_starts_again_soon_and_who_does_not_waits_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervise, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(supervise, "RAN_WELL_S", 0.1)
    supervisor = Supervisor()
    pauses: list[float] = []
    monkeypatch.setattr(supervisor.stopping, "wait", lambda pause_s: pauses.append(pause_s))
    runs = iter([0, 0, 0, 0.15, 0])

    def fails(stop: threading.Event) -> None:
        time.sleep(next(runs))
        raise RuntimeError("played")

    def last(stop: threading.Event) -> None:
        try:
            fails(stop)
        except StopIteration:
            stop.set()

    supervisor.keep("part", last)
    until(supervisor.stopping.is_set, "all runs")
    assert pauses[:5] == [0.01, 0.02, 0.04, 0.01, 0.02]
    assert supervisor.stop()


def test_all_parts_together_get_one_time_to_stop() -> None:
    supervisor = Supervisor(stop_s=0.3)
    release = threading.Event()
    for name in "abc":
        supervisor.keep(name, lambda _: release.wait() and None)
    began = time.monotonic()
    assert not supervisor.stop()
    assert time.monotonic() - began < 0.8
    release.set()
    assert supervisor.stop()
