"""X and Z on paper: every figure in its language, nothing of the drawer before it was counted."""

from __future__ import annotations

import random
import re

import pytest
from msgspec.structs import replace

from drivers.contracts import Op, Qr, Row, Text
from drivers.escpos_encoder import Encoder, Sheet
from services.domain.paper_words import LANGUAGES, Words
from services.domain.tax import RateTax
from services.domain.z import Z
from services.domain.z_paper import LAYERS, REASONS, ZPaper, ops
from tests.domain.test_z_fold import day, folded, notes, points_moved, value_moved
from tests.paper_reader import read, text_of


def printed(z: Z, **more: object) -> list[str]:
    asked: dict[str, object] = dict(
        z=z, store_name="S", opened_at="", closed_at="", people={"zhou": "周婷"}, tenders={}
    )
    return [_text(op) for op in ops(ZPaper(**{**asked, **more}))]  # type: ignore[arg-type]


def _text(op: Op) -> str:
    match op:
        case Text(text=text):
            return text
        case Row(left=left, right=right):
            return f"{left}|{right}"
        case Qr(data=data):
            return data
    return ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_paper_has_the_same_figures_in_every_language(language: str) -> None:
    rng = random.Random(3)
    loyal = [make(rng, n) for n in range(20) for make in (value_moved, points_moved)]
    z = folded([*day(3), *loyal])
    assert z.members is not None and z.members.points is not None
    lines = printed(z, words=Words(language))
    figures = [line.partition("|")[2] for line in lines if re.search(r"\|-?¥?[\d,.]+$", line)]
    chinese = [line.partition("|")[2] for line in printed(z) if re.search(r"\|-?¥?[\d,.]+$", line)]
    assert figures == chinese and len(figures) > 20
    han = [line for line in lines if re.search("[一-鿿]", line.replace("周婷", ""))]
    assert bool(han) == (language != "en"), han[:3]


@pytest.mark.parametrize("seed", range(10))
def test_a_blind_paper_tells_no_sum_of_cash(seed: int) -> None:
    z = folded(day(seed))
    (drawer,) = z.cash
    told = "\n".join(printed(z, numbered=False, blind=True))
    for minor in (drawer.expected_minor, drawer.sales_minor, drawer.float_minor, drawer.drops_minor):
        if minor:
            assert f"|{minor // 100:,}.{minor % 100:02d}" not in told
    assert told.count("清点后显示") == 2


def test_a_paper_tells_each_currency_with_what_it_was_worth() -> None:
    z = folded([*day(1), notes(1_000, 61), notes(1_001, -61), notes(1_002, 100)])
    told = printed(z, words=Words("en"))
    assert {" USD × 2|161.00", "  worth|1,139.88", " Handed back USD × 1|-61.00", "  worth|-431.88"} <= {
        *told
    }
    assert "Drawer USD" in told and " Change for foreign cash|-280.00" in told
    blind = printed(z, words=Words("en"), numbered=False, blind=True)
    assert not [line for line in blind if "161.00" in line or "1,139.88" in line]


def test_a_paper_tells_the_tax_of_each_rate_and_what_came_back_apart() -> None:
    taxes = ((900, 109_00, 9_00), (1300, 226_00, 26_00), (1300, -113_00, -13_00))
    z = replace(
        folded(day(1)), taxes=tuple(RateTax(tax_bp=bp, net_minor=n, tax_minor=t) for bp, n, t in taxes)
    )
    told = printed(z, words=Words("en"))
    place = told.index("Tax included 9%|9.00")
    assert told[place : place + 6] == [
        *("Tax included 9%|9.00", " Without tax|100.00", "Tax included 13%|26.00", " Without tax|200.00"),
        *("Tax returned 13%|-13.00", " Without tax|-100.00"),
    ]
    assert "退货含税 13%|-13.00" in printed(z)
    assert not [line for line in printed(folded(day(1))) if "税" in line]


@pytest.mark.parametrize("language", LANGUAGES)
def test_narrow_paper_cuts_no_label(language: str) -> None:
    z, words = folded(day(3)), Words(language)
    asked = ZPaper(
        z=z, store_name="S", opened_at="", closed_at="", people={}, tenders={}, words=words, copy_number=1
    )
    paper = "".join(text_of(read(Encoder(Sheet(width=32)).encode(ops(asked))))).replace(" ", "")
    for op in ops(asked):
        if isinstance(op, Row):
            assert op.left.replace(" ", "") in paper
    assert paper.count(f"Z{z.z_no}") == 1
    assert paper.count("COPY") == 1


def test_every_layer_and_reason_has_words_in_both_languages() -> None:
    for zh, en in (*LAYERS.values(), *REASONS.values()):
        assert zh and en and zh != en
