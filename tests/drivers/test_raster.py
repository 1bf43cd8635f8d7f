"""Printers without Chinese characters: what they get is drawn dot by dot, and reads the same."""

from __future__ import annotations

import random

import pytest
import zxingcpp
from PIL import Image, ImageChops

from drivers import escpos_picture
from drivers.contracts import (
    Align,
    Barcode,
    Cut,
    DriverError,
    Ean13,
    ErrorCode,
    Feed,
    Op,
    Qr,
    Row,
    Rule,
    Text,
)
from drivers.escpos_encoder import Encoder, Sheet
from drivers.printer_escpos import EscposPrinter, Settings
from drivers.typeface import Typeface
from tests import paper_reader
from tests.drivers.test_printer_escpos import HOSTILE, RECEIPT
from tests.paper_reader import PtyPrinter, mono, read, render, skeleton, text_of

RASTER = Sheet(text="raster", qr="raster", barcode="raster")
REAL_TIME = (b"\x10\x04", b"\x10\x05", b"\x10\x14")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(RASTER)


def drawn(encoder: Encoder, *ops: Op) -> Image.Image:
    """The paper, without the reader's margins."""
    picture = render(read(encoder.encode(ops)))
    return picture.crop((0, 8, picture.width, picture.height - 8))


def same(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one.convert("L"), other.convert("L")).getbbox() is None


LINES = (
    "纯棉基础 T 恤 白/S",
    " 2 × 99.00",
    "gjpqy ÄÖ |@#",
    "件数 Pieces 12",
    "，。：（）￥",
    "W" * 48,
    "汉" * 24,
)


@pytest.mark.parametrize("text", LINES)
def test_a_line_is_drawn_as_another_program_draws_it(encoder: Encoder, text: str) -> None:
    spelled = text.translate({ord("Ä"): "A", ord("Ö"): "O"})
    assert same(drawn(encoder, Text(text)), mono(spelled))


def test_two_different_texts_are_two_different_pictures(encoder: Encoder) -> None:
    assert not same(drawn(encoder, Text("合计 99.00")), mono("合计 98.00"))


def test_large_text_is_twice_as_high_and_as_wide_where_it_fits(encoder: Encoder) -> None:
    assert same(drawn(encoder, Text("合计 99.00", size=2)), mono("合计 99.00", 2))
    tall = drawn(encoder, Text("汉" * 20, size=2))
    assert tall.height == 60
    assert same(tall.resize((tall.width, 30), Image.Resampling.NEAREST), mono("汉" * 20))


def test_an_amount_stands_flush_right(encoder: Encoder) -> None:
    box = ImageChops.invert(drawn(encoder, Row("小计", "1,299.00"))).getbbox()
    assert box is not None and 576 - 12 < box[2] <= 576


def test_centred_text_stands_in_the_middle(encoder: Encoder) -> None:
    box = ImageChops.invert(drawn(encoder, Text("店" * 5, Align.CENTER))).getbbox()
    assert box is not None and abs((box[0] + box[2]) / 2 - 288) < 3


def test_a_receipt_as_pictures_has_no_text_and_its_codes_read(encoder: Encoder) -> None:
    commands = read(encoder.encode(RECEIPT))
    assert text_of(commands) == [""] or not "".join(text_of(commands))
    assert not [command for command in commands if command[0] == "chinese"]
    codes = {code.text for code in zxingcpp.read_barcodes(render(commands))}
    assert codes == {op.data for op in RECEIPT if isinstance(op, Qr | Barcode)}


@pytest.mark.parametrize("width", [32, 48])
def test_the_picture_is_as_long_as_the_printed_text_would_be(width: int) -> None:
    ops = [op for op in RECEIPT if isinstance(op, Text | Row | Rule)]
    heights = [
        render(read(Encoder(Sheet(width=width, text=text)).encode(ops))).height
        for text in ("font", "raster")
    ]
    assert heights[0] == heights[1]


def test_no_name_brings_a_command_into_a_picture(encoder: Encoder) -> None:
    """6,000 names, many to a paper; whatever they hold, the printer sees pictures and feeds alone."""
    dice = random.Random(20261125)
    for _ in range(24):
        names = [
            "".join(
                dice.choice(HOSTILE) if dice.random() < 0.7 else chr(dice.randrange(0xD800))
                for _ in range(4)
            )
            for _ in range(250)
        ]
        document = encoder.encode([Row(name, "3.50") for name in names])
        kinds = {command[0] for command in skeleton(read(document))}
        assert kinds <= {"reset", "unasked", "align", "raster", "feed_dots"}
        assert not [mark for mark in REAL_TIME if mark in document]


def test_no_picture_holds_a_real_time_command() -> None:
    dice = random.Random(3)
    rows = [dice.randbytes(72) for _ in range(2_000)]
    data = escpos_picture.picture([*rows, *(mark * 24 for mark in (b"\x10\x04\x01", b"\x10\x14\x08"))])
    pieces = [command for command in read(data) if command[0] == "raster"]
    assert sum(piece[2] for piece in pieces) == 2_002
    assert not [piece for piece in pieces if b"\x10" in piece[3]]


def test_a_picture_goes_in_pieces_that_a_small_memory_holds() -> None:
    data = escpos_picture.picture([bytes([n % 7]) * 72 for n in range(1_000)])
    pieces = [command for command in read(data) if command[0] == "raster"]
    assert all(piece[1] * piece[2] <= 4_096 and piece[2] <= 255 for piece in pieces)
    assert b"".join(piece[3] for piece in pieces) == b"".join(bytes([n % 7]) * 72 for n in range(1_000))
    assert escpos_picture.picture([]) == b""


def test_two_hundred_lines_as_pictures_come_out_whole_over_a_slow_line() -> None:
    """A serial printer that takes its time: nothing is lost on the way, and in order."""
    wire = PtyPrinter()
    device = EscposPrinter(Settings(path=wire.path, text="raster", barcode="raster"))
    rows = [Row(f"商品 {number}", f"{number}.00") for number in range(200)]
    device.print([*rows, Cut()])
    (paper,) = wire.papers
    device.close()
    wire.close()
    picture = render([command for command in paper if command[0] != "cut"])
    expected = Image.new("1", (576, 200 * 30), 1)
    for number in range(200):
        amount = f"{number}.00"
        left = f"商品 {number}"
        cells = 48 - len(amount) - (5 + len(str(number)))
        expected.paste(mono(left + " " * cells + amount), (0, number * 30))
    assert same(picture.crop((0, 8, 576, 8 + 200 * 30)), expected)


def test_without_the_font_the_printer_says_which_package_is_missing() -> None:
    with pytest.raises(DriverError) as missing:
        EscposPrinter(Settings(text="raster", font="/nowhere/font.ttc"))
    assert (missing.value.code, missing.value.began) == (ErrorCode.NOSERVICE, False)
    assert "fonts-noto-cjk" in missing.value.hint


def test_blank_lines_are_fed_and_not_drawn(encoder: Encoder) -> None:
    commands = read(encoder.encode([Text(""), Text("\u200b"), Feed()]))
    assert not [command for command in commands if command[0] == "raster"]
    assert Typeface().line(" ", 576, bold=False, wide=1, high=1) == [b""] * 30


@pytest.mark.parametrize("barcode", ["native", "raster"])
@pytest.mark.parametrize("data", ["6901028020947", "0012345678905", "9780201379624"])
def test_an_ean_13_reads_back(barcode: str, data: str) -> None:
    picture = render(read(Encoder(Sheet(barcode=barcode)).encode([Ean13(data)])))
    assert [(code.format.name, code.text) for code in zxingcpp.read_barcodes(picture)] == [("EAN13", data)]


@pytest.mark.parametrize("data", ["6901028020948", "690102802094", "", "69010280209４7", "x" * 13])
def test_a_wrong_ean_13_is_refused(data: str) -> None:
    with pytest.raises(DriverError) as refused:
        Encoder(Sheet()).encode([Ean13(data)])
    assert refused.value.code is ErrorCode.ILLEGAL


def test_fonts_are_looked_for_where_the_reader_finds_them() -> None:
    assert paper_reader.font(24).getname()[0].startswith("Noto Sans Mono CJK")
