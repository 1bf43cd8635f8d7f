"""Park tickets and self-tests: bars that a scanner reads on either paper, words of the shop's language."""

from __future__ import annotations

import re

import pytest
import zxingcpp

from drivers.contracts import Ean13
from drivers.escpos_encoder import Encoder, Sheet
from services.domain import receipt
from services.domain.money import Money
from services.domain.paper_words import Words
from services.domain.receipt import ParkTicket, SelfTest
from tests.paper_reader import read, render, text_of

CODE = "2800000000424"
HAN = re.compile("[\u4e00-\u9fff]")


def park_ticket(language: str, code: str = CODE) -> receipt.Paper:
    return receipt.park_ticket(
        ParkTicket(
            store_name="Yijian Nanjing Road",
            number="0042",
            code=code,
            parked_at="2026-11-22 09:43",
            operator="Zhou",
            reason=("等同伴", "Waiting for companion"),
            note="",
            pieces=2,
            total=Money(428_00, "CNY"),
            words=Words(language),
        )
    )


def self_test(language: str) -> receipt.Paper:
    return receipt.self_test(
        SelfTest(
            store_id="S0001",
            store_name="Yijian",
            printed_at="2026-11-22 09:43",
            facts=[
                ("gateway", "box-7"),
                ("version", "1"),
                ("addresses", "10.0.0.7"),
                ("printer-1", "ready"),
            ],
            console_url="",
            journal_seq=12,
            journal_hash="ab" * 32,
            words=Words(language),
        )
    )


@pytest.mark.parametrize("drawn", ["native", "raster"])
@pytest.mark.parametrize("width", [48, 32])
def test_a_park_ticket_carries_an_ean_13_that_reads_back_on_either_paper(drawn: str, width: int) -> None:
    sheet = Sheet(width=width, barcode=drawn, text="raster" if drawn == "raster" else "font")
    commands = read(Encoder(sheet).encode(park_ticket("zh")))
    if drawn == "native":
        assert [command[1:] for command in commands if command[0] == "barcode"] == [(67, CODE.encode())]
    picture = render(commands, width * 12)
    assert [(c.format.name, c.text) for c in zxingcpp.read_barcodes(picture)] == [("EAN13", CODE)]


def test_a_shop_without_a_prefix_prints_no_bars() -> None:
    assert not [op for op in park_ticket("zh", code="") if isinstance(op, Ean13)]


@pytest.mark.parametrize("paper", [park_ticket, self_test])
@pytest.mark.parametrize("width", [48, 32])
def test_either_ticket_speaks_the_shop_s_language(paper: object, width: int) -> None:
    lines = {
        language: [
            # the one line that proves the printer's own Chinese is on every self-test
            line
            for line in text_of(read(Encoder(Sheet(width=width)).encode(paper(language))))
            if "中文" not in line  # type: ignore[operator]
        ]
        for language in ("zh", "en", "both")
    }
    assert not [line for line in lines["en"] if HAN.search(line)]
    assert [line for line in lines["zh"] if HAN.search(line)]
    assert not {"PARKED", "SELF-TEST"} & {line.strip() for line in lines["zh"]}
    joined = "\n".join(lines["both"])
    for word in (
        ("挂单", "PARKED", "等同伴", "companion") if paper is park_ticket else ("自检", "SELF-TEST", "网关")
    ):
        assert word in joined
