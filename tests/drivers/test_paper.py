"""The picture of the paper: true to the bytes, safe in a page, and there for any bytes at all."""

from __future__ import annotations

import base64
import io
import random
import re
import xml.etree.ElementTree as ElementTree

import zxingcpp
from PIL import Image, ImageDraw

from drivers import paper
from drivers.contracts import Align, Barcode, Cut, Feed, Op, Qr, Row, Rule, Text
from drivers.escpos_encoder import Encoder, Sheet
from drivers.paper_elements import HEIGHT_DOTS_MAX, Picture, elements

SVG = "{http://www.w3.org/2000/svg}"
OPS: list[Op] = [
    Text("街角便利店", Align.CENTER, bold=True, size=2),
    Rule(),
    Row("可乐 <b>&\"'", "3.50"),
    Feed(2),
    Qr("https://shop.example/r/1"),
    Barcode("S1-000123"),
    Cut(),
]


def document(sheet: Sheet = Sheet()) -> bytes:  # noqa: B008
    return Encoder(sheet).encode(OPS)


def pictures(data: bytes) -> list[Image.Image]:
    """Each picture of the paper with white around it, as a camera sees it."""
    found = []
    for element in elements(data):
        if isinstance(element, Picture):
            image = Image.new("L", (element.width + 80, element.height + 80), 255)
            draw = ImageDraw.Draw(image)
            for x, y, wide, high in paper._runs(element):
                draw.rectangle((40 + x, 40 + y, 39 + x + wide, 39 + y + high), fill=0)
            found.append(image)
    return found


def test_the_lines_say_what_is_on_the_paper() -> None:
    assert paper.plain_text(document()) == [
        "街角便利店",
        "-" * 48,
        "可乐 <b>&\"'" + " " * 33 + "3.50",
        *("", "", ""),
        "[QR https://shop.example/r/1]",
        "",
        "[barcode S1-000123]",
        "S1-000123",
        "[cut]",
    ]


def test_both_symbols_can_be_read_from_the_picture() -> None:
    for sheet in (Sheet(), Sheet(qr="raster")):
        codes = [zxingcpp.read_barcodes(image) for image in pictures(document(sheet))]
        assert [code.text for (code,) in codes] == ["https://shop.example/r/1", "S1-000123"]


def test_the_svg_is_one_safe_document() -> None:
    root = ElementTree.fromstring(paper.svg(document()))
    assert root.get("viewBox") == f"0 0 624 {root.get('height')}"
    assert {element.tag for element in root.iter()} == {f"{SVG}svg", f"{SVG}path", f"{SVG}text"}
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert words[0] == "街角便利店" and "<b>&\"'" in words
    assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)


def test_words_stand_in_their_columns_whatever_the_font() -> None:
    root = ElementTree.fromstring(paper.svg(Encoder(Sheet()).encode([Row("可乐", "3.50")])))
    left, right = root.iter(f"{SVG}text")
    assert (left.get("transform"), left.get("textLength")) == ("translate(24 45) scale(1 1)", "48")
    assert (right.get("transform"), right.get("textLength")) == ("translate(552 45) scale(1 1)", "48")


def test_random_bytes_give_a_well_formed_picture() -> None:
    dice = random.Random(20261122)
    pieces = [
        document(),
        *(bytes([prefix]) for prefix in b"\x10\x1b\x1c\x1d\n\t"),
        b"\x1dv0\0\5\0\5\0",
        b"\x1b*!\2\0",
    ]
    for _ in range(1_500):
        data = b"".join(
            dice.choice(pieces)[: dice.randrange(1, 400)]
            if dice.random() < 0.5
            else dice.randbytes(dice.randrange(60))
            for _ in range(6)
        )
        ElementTree.fromstring(paper.svg(data))
        assert all(line.isprintable() or "\u3000" in line for line in paper.plain_text(data))


def test_every_single_command_cut_off_anywhere_is_harmless() -> None:
    whole = document(Sheet(qr="raster"))
    for end in range(0, len(whole), 7):
        ElementTree.fromstring(paper.svg(whole[:end]))


def test_a_roll_without_end_is_drawn_up_to_a_limit() -> None:
    drawn = paper.svg(b"\x1bd\xff" * 10_000)
    height = int(re.findall(r'height="(\d+)"', drawn)[0])
    assert HEIGHT_DOTS_MAX < height < 2 * HEIGHT_DOTS_MAX and len(drawn) < 100_000


def test_a_busy_picture_is_embedded_with_the_same_dots() -> None:
    dice = random.Random(1)
    raw = dice.randbytes(72 * 300)
    drawn = paper.svg(b"\x1dv0\x00\x48\x00\x2c\x01" + raw)
    (source,) = re.findall(r'href="data:image/png;base64,([^"]+)"', drawn)
    image = Image.open(io.BytesIO(base64.b64decode(source)))
    assert image.convert("1").tobytes() == bytes(byte ^ 255 for byte in raw)


def test_columns_of_dots_and_tabs_and_other_sizes_are_drawn() -> None:
    data = (
        b"\x1b*!\x02\x00\xff\xff\xff\x00\x00\x00"
        + b"a\tb\n"
        + b"\x1b!\x38big\n"
        + b"\x1dk\x02123456\x00"
        + b"\x1dkC\x0c690123456789"
    )
    assert paper.plain_text(data) == [
        "[picture]",
        "a       b",
        "big",
        "[barcode 123456]",
        "[barcode 690123456789]",
    ]


def test_a_line_longer_than_the_paper_goes_on_in_the_next_one() -> None:
    assert paper.plain_text(b"x" * 100) == ["x" * 48, "x" * 48, "x" * 4]
    assert paper.plain_text(b"\x1c&" + "汉".encode("gb18030") * 25) == ["汉" * 24, "汉"]
