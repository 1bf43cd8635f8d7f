"""Whatever people call goods, offers and themselves: no paper of a sale holds a command of theirs."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from msgspec import structs

from drivers.escpos_encoder import Encoder, Sheet
from services.domain import receipt
from services.domain.paper_words import Words
from services.domain.priced import PricedLine
from tests.domain.test_receipt_lines import off, paper, sold
from tests.drivers.test_printer_escpos import HOSTILE
from tests.paper_reader import read, skeleton

LINES = 125
TURNS = 13  # of four names a line; with two papers in two languages 26,000 names


def lines(names: list[str]) -> tuple[PricedLine, ...]:
    found = []
    for n in range(LINES):
        name, variant, offer, other = names[4 * n : 4 * n + 4]
        line = sold(n + 1, name, 1, 99_00, off(n + 1, 2, -1_00, offer, other), off(n + 1, 4, -1_00, "满减"))
        found.append(structs.replace(line, line=replace(line.line, variant=variant)))
    return tuple(found)


@pytest.mark.parametrize("language", ["zh", "both"])
@pytest.mark.parametrize("make", [receipt.ops, receipt.gift])
def test_no_name_changes_the_commands_of_a_paper(make: object, language: str) -> None:
    encoder = Encoder(Sheet())

    def document(names: list[str]) -> bytes:
        held = paper(lines(names), words=Words(language), operator=names[0], footer=[names[1]])
        return encoder.encode(make(held))  # type: ignore[operator]

    blank = skeleton(read(document([""] * 4 * LINES)))
    dice = random.Random(20261125)
    for _ in range(TURNS):
        names = [
            "".join(
                dice.choice(HOSTILE) if dice.random() < 0.7 else chr(dice.randrange(0xD800))
                for _ in range(4)
            )
            for _ in range(4 * LINES)
        ]
        printed = document(names)
        assert skeleton(read(printed)) == blank
        assert b"\x1bp" not in printed and b"\x10\x14" not in printed
