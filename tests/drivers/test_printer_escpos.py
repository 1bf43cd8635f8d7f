"""The receipt printer, over a real TCP socket to a reader that shares no code with the driver."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import zxingcpp

from drivers.contracts import (
    Align,
    Barcode,
    Cut,
    DriverError,
    ErrorCode,
    Feed,
    Level,
    Op,
    Outcome,
    Qr,
    Row,
    Rule,
    State,
    Text,
)
from drivers.escpos_encoder import Encoder, Sheet
from drivers.printer_escpos import DRIVER, EscposPrinter, Settings
from drivers.printer_twin import PrinterTwin
from tests import paper_reader
from tests.paper_reader import PtyPrinter, TcpPrinter, read, skeleton, text_of
from tests.waits import WAIT_S, until

URL = "https://shop.example/r/0192f3c1-7a?m=abc&n=张"
RECEIPT: list[Op] = [
    Text("街角便利店", Align.CENTER, bold=True, size=2),
    Text("上海市静安区南京西路1266号", Align.CENTER),
    Rule(),
    Row("可口可乐 Coca-Cola 330ml", "3.50"),
    Row("有机全脂牛奶 1L", "19.90"),
    Rule(),
    Row("合计", "¥23.40", bold=True, size=2),
    Feed(1),
    Qr(URL),
    Barcode("S1-{2026}-000123"),
    Text("谢谢惠顾", Align.CENTER),
    Cut(),
]
STATUS_BYTES = 12  # the question before and after; between them the document and 3 bytes more
HOSTILE = (
    *(
        "\x1bp\x00\x19\xfa",
        "\x10\x14\x01\x00\x05",
        "\x1d(k\x03\x001Q0",
        "\x1b@",
        "\x1dV\x00",
        "\n\n\n",
        "\r",
    ),
    *("\u202e\u2066", "\u200b\ufeff", "\ud800", "\udfff", "\x7f\x80\x9b", "\x00", "\x1c.", "🧋", "é", "㐂"),
    *("汉字", "ABC", " ", "\ue5e5", "\u3000", "￥", "\U0010ffff", "ﷺ", "a\u0301", "\u2028"),
)


@pytest.fixture
def wire() -> Iterator[TcpPrinter]:
    printer = TcpPrinter()
    yield printer
    printer.close()


@pytest.fixture
def printer(wire: TcpPrinter) -> Iterator[EscposPrinter]:
    device = EscposPrinter(network(wire))
    yield device
    device.close()


def network(wire: TcpPrinter, **changes: object) -> Settings:
    return Settings(link="network", host="127.0.0.1", port=wire.port, **changes)  # type: ignore[arg-type]


def encode(*ops: Op, sheet: Sheet = Sheet()) -> bytes:  # noqa: B008
    return Encoder(sheet).encode(ops)


@pytest.mark.parametrize("qr", ["native", "raster"])
def test_the_paper_shows_what_was_printed(wire: TcpPrinter, tmp_path: Path, qr: str) -> None:
    device = EscposPrinter(network(wire, qr=qr))
    assert device.print(RECEIPT) is Outcome.CONFIRMED
    device.close()
    (paper,) = wire.papers
    lines = [line.strip() for line in text_of(paper) if line.strip()]
    assert lines == [
        "街角便利店",
        "上海市静安区南京西路1266号",
        "-" * 48,
        "可口可乐 Coca-Cola 330ml" + " " * 20 + "3.50",
        "有机全脂牛奶 1L" + " " * 28 + "19.90",
        "-" * 48,
        "合计" + " " * 12 + "￥23.40".rjust(7),
        "谢谢惠顾",
    ]
    picture = paper_reader.render(paper)
    picture.save(tmp_path / f"receipt-{qr}.png")
    codes = {(str(code.format), code.text) for code in zxingcpp.read_barcodes(picture)}
    assert {text for _, text in codes} == {URL, "S1-{2026}-000123"}, codes


def test_no_name_changes_the_commands_of_a_receipt() -> None:
    encoder = Encoder(Sheet())

    def receipt(name: str) -> bytes:
        return encoder.encode([Text("店", size=2), Row(name, "3.50"), Row("会员", name, bold=True), Cut()])

    blank = skeleton(read(receipt("")))
    dice = random.Random(20261122)
    for turn in range(25_000):
        name = "".join(
            dice.choice(HOSTILE) if dice.random() < 0.7 else chr(dice.randrange(0xD800)) for _ in range(4)
        )
        document = receipt(name)
        assert skeleton(read(document)) == blank, (turn, name)
    assert b"\x1bp" not in document


def test_every_character_there_is_prints_as_text_only() -> None:
    encoder = Encoder(Sheet())
    for start in range(0, 0x110000, 0x400):
        name = "".join(map(chr, range(start, start + 0x400)))
        commands = read(encoder.encode([Text(name)]))
        assert {command[0] for command in commands} <= {
            *("reset", "unasked", "chinese", "size", "bold", "align", "text", "line"),
        }, hex(start)


def test_a_row_is_as_wide_as_the_paper_whatever_it_holds() -> None:
    dice = random.Random(7)
    for _ in range(500):
        left = "".join(dice.choice("ab 汉字\u0301é😀") for _ in range(dice.randrange(60)))
        (line,) = text_of(read(encode(Row(left, "¥1.00"))))
        assert sum(1 if character < "\x80" else 2 for character in line) == 48, left
        assert line.endswith(" ￥1.00")


def test_a_paragraph_wraps_between_words_and_never_inside_a_han_character() -> None:
    text = (
        "A long paragraph which has to be wrapped at the borders of words, "
        "也包括中文字符在内的一段较长的文字"
    )
    lines = text_of(read(encode(Text(text), sheet=Sheet(width=32))))
    assert lines == [
        "A long paragraph which has to be",
        "wrapped at the borders of words,",
        "也包括中文字符在内的一段较长的文",
        "字",
    ]
    assert text_of(read(encode(Text("x" * 100), sheet=Sheet(width=32)))) == ["x" * 32] * 3 + ["x" * 4]


def test_line_feeds_become_spaces_and_invisible_marks_vanish() -> None:
    assert text_of(read(encode(Text("a\nb\u202ec\u200bd\x1be\x9bf\ud800g")))) == ["a bcdef?g"]


def test_without_chinese_the_printer_gets_ascii_only() -> None:
    assert text_of(read(encode(Row("可乐 Café", "1"), sheet=Sheet(chinese=False)))) == [
        "?? Cafe".ljust(47) + "1"
    ]


UNPRINTABLE: list[Op] = [
    *(Qr(""), Qr("a\x10\x14\x01"), Qr("x" * 1_001), Qr("\ud800")),
    *(Barcode(""), Barcode("汉"), Barcode("a\n"), Barcode("x" * 41), Text("x", size=3)),
]


@pytest.mark.parametrize("op", UNPRINTABLE, ids=lambda op: ascii(op)[:30])
def test_what_cannot_be_printed_is_refused_before_the_first_byte(
    printer: EscposPrinter, wire: TcpPrinter, op: Op
) -> None:
    with pytest.raises(DriverError) as refused:
        printer.print([Text("x"), op, Cut()])
    assert (refused.value.code, refused.value.began) == (ErrorCode.ILLEGAL, False)
    assert not wire.papers and printer.state is State.IDLE


def test_a_barcode_wider_than_the_paper_becomes_its_text() -> None:
    for length in range(1, 41):
        commands = read(encode(Barcode("7" * length), sheet=Sheet(width=32)))
        drawn = any(command[0] == "barcode" for command in commands)
        assert drawn == (length <= 12), length
        assert drawn or text_of(commands)[0] == "7" * min(length, 32)


def test_a_qr_code_is_made_smaller_to_fit_the_paper() -> None:
    for length in (1, 14, 15, 100, 500, 900):
        commands = read(encode(Qr("x" * length, module_dots=12), sheet=Sheet(width=32)))
        paper_reader.render(commands)
        (qr,) = (command for command in commands if command[0] == "qr")
        assert qr[2] >= 3


def test_raster_symbols_hold_no_real_time_command() -> None:
    for turn in range(50):
        document = encode(
            Qr(f"https://x.example/{turn}" * (1 + turn % 5), module_dots=3), sheet=Sheet(qr="raster")
        )
        picture = next(command for command in read(document) if command[0] == "raster")
        assert b"\x10" not in picture[3]


def test_200_lines_come_out_whole_and_in_order(printer: EscposPrinter, wire: TcpPrinter) -> None:
    rows = [Row(f"商品 {number}", f"{number}.00") for number in range(200)]
    assert printer.print([*rows, Cut()]) is Outcome.CONFIRMED
    assert [line.split()[1] for line in text_of(wire.papers[0])] == [str(number) for number in range(200)]


def test_confirmed_means_that_the_last_line_is_on_paper() -> None:
    wire = TcpPrinter(line_s=0.02)
    device = EscposPrinter(network(wire))
    assert device.print([Text(str(number)) for number in range(20)] + [Cut()]) is Outcome.CONFIRMED
    assert len(wire.papers) == 1
    device.close()
    wire.close()


def test_paper_that_ends_in_mid_job_is_no_success_and_the_rest_follows_the_new_roll() -> None:
    wire = TcpPrinter(line_s=0.01)
    device = EscposPrinter(network(wire))
    wire.paper_out_after = 20
    with pytest.raises(DriverError) as failed:
        device.print([*[Text("first")] * 20, Cut()])
    assert (failed.value.code, failed.value.began) == (ErrorCode.PAPER_END, True)
    with pytest.raises(DriverError) as waiting:
        device.print(RECEIPT)
    assert (waiting.value.code, waiting.value.began) == (ErrorCode.PAPER_END, False)
    wire.paper_out_after, wire.paper_out = None, False
    assert device.print([*[Text("second")] * 20, Cut()]) is Outcome.CONFIRMED
    assert len(wire.papers) == 2, "the answer that the first job was owed must not confirm the second"
    device.close()
    wire.close()


def test_a_slow_printer_has_all_the_time_it_needs_while_it_takes_bytes() -> None:
    master, slave = os.openpty()
    tty.setraw(slave)
    device = EscposPrinter(Settings(path=os.ttyname(slave), status=False, write_ms=600))
    reader = threading.Thread(target=lambda: [(time.sleep(0.25), os.read(master, 4096)) for _ in range(8)])
    reader.start()
    started = time.monotonic()
    assert device.print([Text("x" * 48)] * 500) is Outcome.SENT
    assert time.monotonic() - started > 0.6
    reader.join()
    device.close()
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize(
    ("fault", "code"), [("paper_out", ErrorCode.PAPER_END), ("cover_open", ErrorCode.COVER_OPEN)]
)
def test_a_printer_that_stands_still_gets_no_byte_of_the_document(
    printer: EscposPrinter, wire: TcpPrinter, fault: str, code: ErrorCode
) -> None:
    setattr(wire, fault, True)
    assert printer.check_health().code == code
    with pytest.raises(DriverError) as failed:
        printer.print(RECEIPT)
    assert (failed.value.code, failed.value.began) == (code, False)
    setattr(wire, fault, False)
    assert printer.check_health().level is Level.OK
    assert printer.print(RECEIPT) is Outcome.CONFIRMED
    assert len(wire.papers) == 1


@pytest.mark.parametrize("fault", ["paper_out", "cover_open"])
@pytest.mark.parametrize(("on_ms", "taken_ms"), [(50, 100), (100, 100), (101, 200), (510, 600)])
def test_a_printer_that_stands_still_opens_its_drawer_in_real_time(
    printer: EscposPrinter, wire: TcpPrinter, fault: str, on_ms: int, taken_ms: int
) -> None:
    setattr(wire, fault, True)
    assert printer.check_kick().level is Level.OK
    printer.kick(pin=5, on_ms=on_ms, off_ms=250)
    assert printer.drawer_open() is True
    setattr(wire, fault, False)
    assert printer.print(RECEIPT) is Outcome.CONFIRMED
    assert wire.kicks == [("kick_now", 1, taken_ms)], "and no second time when the paper is back"


@pytest.mark.parametrize("fault", ["paper_out", "cover_open"])
def test_a_printer_without_real_time_kicks_that_stands_still_gets_none(
    wire: TcpPrinter, fault: str
) -> None:
    device = EscposPrinter(network(wire, kick_offline=False))
    setattr(wire, fault, True)
    assert device.check_kick().level is Level.BAD
    with pytest.raises(DriverError):
        device.kick(pin=2, on_ms=50, off_ms=250)
    setattr(wire, fault, False)
    assert device.print(RECEIPT) is Outcome.CONFIRMED
    device.close()
    assert not wire.kicks


def test_a_silent_printer_is_offline_unless_it_is_said_to_be_silent(wire: TcpPrinter) -> None:
    wire.silent = True
    device = EscposPrinter(network(wire))
    with pytest.raises(DriverError) as failed:
        device.print(RECEIPT)
    assert (failed.value.code, failed.value.began) == (ErrorCode.OFFLINE, False)
    device.close()
    device = EscposPrinter(network(wire, status=False))
    assert device.print(RECEIPT) is Outcome.SENT
    assert device.drawer_open() is None
    device.close()
    until(lambda: wire.papers, "the paper came out")
    assert len(wire.papers) == 1


def test_the_drawer_gets_explicit_times_and_its_sensor_is_read(
    printer: EscposPrinter, wire: TcpPrinter
) -> None:
    assert printer.drawer_open() is False
    printer.kick(pin=5, on_ms=50, off_ms=250)
    assert printer.drawer_open() is True
    assert wire.kicks == [("kick", 1, 50, 250)]


@pytest.mark.parametrize(
    ("pin", "on_ms", "off_ms"), [(3, 50, 250), (2, 0, 250), (2, 511 + 1, 250), (2, 50, 1)]
)
def test_a_pulse_the_printer_cannot_make_is_refused(
    printer: EscposPrinter, pin: int, on_ms: int, off_ms: int
) -> None:
    with pytest.raises(DriverError) as refused:
        printer.kick(pin=pin, on_ms=on_ms, off_ms=off_ms)
    assert refused.value.code is ErrorCode.ILLEGAL


def test_a_printer_that_dies_over_tcp_is_reported_and_comes_back(
    printer: EscposPrinter, wire: TcpPrinter
) -> None:
    wire.dies_after = 200
    with pytest.raises(DriverError) as failed:
        printer.print(RECEIPT)
    assert failed.value.began and printer.state is State.ERROR
    assert printer.check_health().level is Level.BAD
    wire.dies_after = None
    printer.close()
    again = EscposPrinter(network(wire))
    assert again.print(RECEIPT) is Outcome.CONFIRMED
    again.close()


def test_a_printer_that_hangs_up_is_noticed_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        device = EscposPrinter(Settings(link="network", host="127.0.0.1", port=server.getsockname()[1]))
        server.accept()[0].close()
        started = time.monotonic()
        assert device.check_health().code == ErrorCode.OFFLINE
        assert time.monotonic() - started < 0.3
        device.close()


def test_nobody_at_the_address_is_a_driver_error() -> None:
    with pytest.raises(DriverError) as failed:
        EscposPrinter(Settings(link="network", host="127.0.0.1", port=1))
    assert failed.value.code is ErrorCode.OFFLINE


def test_wherever_the_printer_dies_it_is_known_whether_paper_may_have_moved() -> None:
    document = len(encode(*RECEIPT))
    for taken in range(document + 40):
        twin = PrinterTwin()
        device = DRIVER.open(Settings(), twin, None)
        twin.dies_after = taken
        twin.set_fault("dies_midway", True)
        try:
            outcome = device.print(RECEIPT)
        except DriverError as error:
            assert error.began == (taken > STATUS_BYTES), taken
            assert taken <= STATUS_BYTES + document + 3 + STATUS_BYTES, taken
        else:
            assert outcome is Outcome.CONFIRMED and len(twin.papers) == 1
        device.close()
        twin.set_fault("dies_midway", False)
        again = DRIVER.open(Settings(), twin, None)
        # What a spool may do: an unbegun job is printed, a begun one is asked about first.
        if taken <= STATUS_BYTES:
            again.print(RECEIPT)
        again.close()
        assert sum(paper.endswith(b"\x1dVB\x00") for paper in twin.papers) <= 1, taken


def test_over_a_real_socket_too_a_begun_job_is_known_as_begun(wire: TcpPrinter) -> None:
    for taken in (1, 11, 12, 13, 14, 100, 300, len(encode(*RECEIPT)) + STATUS_BYTES - 1):
        wire.received, wire.dies_after = b"", taken
        device = EscposPrinter(network(wire))
        with pytest.raises(DriverError) as failed:
            device.print(RECEIPT)
        assert failed.value.began == (taken > STATUS_BYTES), taken
        device.close()
    assert wire.papers == []


def test_one_document_at_a_time_gets_through(printer: EscposPrinter, wire: TcpPrinter) -> None:
    jobs = [
        threading.Thread(target=printer.print, args=([*(Text(f"{name} {n}") for n in range(30)), Cut()],))
        for name in "ABCD"
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(WAIT_S)
    assert len(wire.papers) == 4
    for paper in wire.papers:
        assert len({line.split()[0] for line in text_of(paper)}) == 1


def test_close_from_another_thread_ends_a_print_that_hangs() -> None:
    wire = TcpPrinter(line_s=0.05)
    device = EscposPrinter(network(wire))
    ended: list[DriverError] = []

    def job() -> None:
        try:
            device.print([Text("x")] * 400)
        except DriverError as error:
            ended.append(error)

    thread = threading.Thread(target=job)
    thread.start()
    time.sleep(0.3)
    started = time.monotonic()
    device.close()
    thread.join(2)
    assert time.monotonic() - started < 1
    assert [(error.code, error.began) for error in ended] == [(ErrorCode.CLOSED, True)]
    wire.close()


def test_a_kick_does_not_wait_for_a_long_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.printer_escpos.KICK_WAIT_S", 0.1)
    wire = TcpPrinter(line_s=0.02)
    device = EscposPrinter(network(wire))
    job = threading.Thread(target=device.print, args=([*[Text("x")] * 30, Cut()],))
    job.start()
    time.sleep(0.2)
    assert device.state is State.BUSY and device.check_health().code == "busy"
    with pytest.raises(DriverError) as refused:
        device.kick(pin=2, on_ms=50, off_ms=250)
    assert (refused.value.code, refused.value.began) == (ErrorCode.BUSY, False)
    job.join(WAIT_S)
    assert len(wire.papers) == 1 and not wire.kicks
    device.close()
    wire.close()


def test_paper_that_ends_soon_is_a_warning_and_prints() -> None:
    twin = PrinterTwin()
    device = EscposPrinter(Settings(), twin)
    twin.set_fault("paper_low", True)
    assert (device.check_health().code, device.check_health().level) == ("paper_near_end", Level.WARN)
    assert device.print(RECEIPT) is Outcome.CONFIRMED


def test_what_a_twin_was_sent_while_it_stood_still_comes_out_afterwards() -> None:
    twin = PrinterTwin()
    device = EscposPrinter(Settings(status=False), twin)
    twin.set_fault("paper_out", True)
    assert device.print(RECEIPT) is Outcome.SENT
    assert twin.papers == [] and twin.current == b""
    twin.set_fault("paper_out", False)
    assert twin.papers == [encode(*RECEIPT)] and twin.current == b""


def test_a_twin_keeps_the_last_50_papers_and_can_be_torn() -> None:
    twin = PrinterTwin()
    device = EscposPrinter(Settings(), twin)
    for number in range(60):
        device.print([Text(str(number)), Cut()])
    assert len(twin.papers) == 50 and text_of(read(twin.papers[0])) == ["10"]
    device.print([Text("uncut")])
    assert text_of(read(twin.current)) == ["uncut"]
    twin.tear()
    twin.tear()
    assert twin.current == b"" and text_of(read(twin.papers[-1])) == ["uncut"]


@pytest.mark.parametrize("link", ["usb", "serial"])
def test_a_printer_node_and_a_serial_line_work_like_the_network(link: Literal["usb", "serial"]) -> None:
    wire = PtyPrinter()
    device = EscposPrinter(Settings(link=link, path=wire.path))
    assert device.check_health().code == "ready" and device.drawer_open() is False
    assert device.print(RECEIPT * 5) is Outcome.CONFIRMED
    assert len(wire.papers) == 5
    wire.cover_open = True
    assert device.check_health().code == "cover_open"
    device.close()
    wire.close()


@pytest.mark.parametrize("link", ["usb", "serial"])
def test_a_node_that_is_not_there_is_no_hardware(link: Literal["usb", "serial"]) -> None:
    with pytest.raises(DriverError) as failed:
        EscposPrinter(Settings(link=link, path="/dev/no-printer"))
    assert failed.value.code is ErrorCode.NOHARDWARE


def test_a_printer_that_takes_no_more_bytes_is_given_up_in_time() -> None:
    """Nobody reads at the other end: the line's buffer fills, as with a printer that hangs."""
    wire = PtyPrinter()
    wire.silent = True
    device = EscposPrinter(Settings(link="usb", path=wire.path, status=False, write_ms=300))
    wire._closed = True
    wire._thread.join(2)
    started = time.monotonic()
    with pytest.raises(DriverError) as failed:
        device.print([Text("x" * 40)] * 2_000)
    assert (failed.value.code, failed.value.began) == (ErrorCode.TIMEOUT, True)
    assert time.monotonic() - started < 2
    device.close()
    wire.close()


def test_stale_answers_are_not_taken_for_new_ones() -> None:
    wire = PtyPrinter()
    device = EscposPrinter(Settings(link="usb", path=wire.path))
    os.write(wire._master, bytes([0x12, 0x16, 0x12, 0x72]) * 10)  # no paper, an hour ago
    time.sleep(0.05)
    assert device.check_health().code == "ready"
    device.close()
    wire.close()
