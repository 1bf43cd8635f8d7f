"""Labels: what is asked for, in order, once; each fits its stock, and its bars read back."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import zxingcpp

from drivers.contracts import DriverError, Ean13, Form, Row, Text
from drivers.escpos_encoder import Encoder, Sheet
from services.domain import labels as layout
from services.domain.errors import CodeUnknown, DeviceAbsent, NotFound, RequestReused, TooLarge
from services.domain.labels import USUAL_STOCKS, Label, Stock
from services.flows import labels, spool
from services.flows.shop import Shop
from services.store import catalogue, db, jobs, prices
from services.store.db import LEDGER
from services.store.jobs import Job
from tests.drivers.test_printer_escpos import HOSTILE
from tests.faults import each_failure
from tests.paper_reader import Command, read, render, skeleton
from tests.shop import GTINS, JEANS, SOCKS, TEE, make_shop

ROLL, SMALL, LARGE = USUAL_STOCKS
DOTS_PER_MM = 8


def ask(
    shop: Shop, *wanted: tuple[str, int], form: str = "price", stock: str = "roll", key: str = "k1"
) -> list[Job]:
    return labels.print_labels(shop, "1", wanted, form=form, stock_key=stock, request_id=key)  # type: ignore[arg-type]


def printed(queued: list[Job]) -> list[tuple[str, int]]:
    """(sku, copies) of every label on paper, job by job."""
    sheets = [msgspec.json.decode(job.document, type=layout.Sheet) for job in queued]
    return [(label.sku, label.copies) for sheet in sheets for label in sheet.labels]


def test_a_request_becomes_jobs_of_twenty_in_the_order_asked_for(shop: Shop) -> None:
    queued = ask(shop, (TEE, 15), (JEANS, 30), (SOCKS, 1))
    assert printed(queued) == [(TEE, 15), (JEANS, 5), (JEANS, 20), (JEANS, 5), (SOCKS, 1)]
    assert [job.kind for job in queued] == ["label"] * 3
    assert [job.job_id for job in queued] == sorted(job.job_id for job in queued)


def test_a_repeat_prints_none_and_other_labels_need_another_key(shop: Shop) -> None:
    first = ask(shop, (TEE, 3))
    assert ask(shop, (TEE, 3)) == first and len(first) == 1
    with pytest.raises(RequestReused):
        ask(shop, (TEE, 4))


def test_what_cannot_be_printed_is_refused_whole(shop: Shop) -> None:
    for wanted, error in (
        (((TEE, 1), ("nothing", 1)), CodeUnknown),
        (((TEE, layout.PIECES_MAX), (SOCKS, 1)), TooLarge),
        ((), TooLarge),
    ):
        with pytest.raises(error):
            ask(shop, *wanted)
    with pytest.raises(NotFound):
        ask(shop, (TEE, 1), stock="100x100")
    with pytest.raises(DeviceAbsent):
        ask(replace(shop, label_printers=frozenset("2")), (TEE, 1))
    assert not LEDGER.execute_sql("SELECT COUNT(*) FROM job").fetchone()[0]


def test_a_label_says_what_was_true_when_it_was_asked_for(shop: Shop) -> None:
    (job,) = ask(shop, (SOCKS, 1))
    article = catalogue.by_sku(SOCKS)
    assert article is not None
    with db.write():
        catalogue.put_article(replace(article, price_minor=1_00), 1, 1)
    texts = [op.text for op in spool.paper(shop, job, ()) if isinstance(op, Text)]
    assert "¥29.00" in texts


def test_a_label_has_the_price_that_the_till_takes_now(shop: Shop) -> None:
    now_ms = shop.now_ms()
    with db.write():
        prices.put(SOCKS, "", now_ms - 1_000, 0, 19_00)
        prices.put(TEE, "", now_ms + 60_000, 0, 1_00)
    (job,) = ask(shop, (SOCKS, 1), (TEE, 1))
    texts = [op.text for op in spool.paper(shop, job, ()) if isinstance(op, Text)]
    assert "¥19.00" in texts and "¥99.00" in texts


def test_labels_that_did_not_come_out_are_printed_again(shop: Shop) -> None:
    first, second = ask(shop, (TEE, 25))
    with db.write():
        jobs.mark(first.job_id, jobs.UNKNOWN, shop.now_ms())
    again = spool.answer(shop, first.job_id, came_out=False, operator_id="zhou")
    assert (again.document, again.state, again.kind) == (first.document, jobs.QUEUED, jobs.LABEL)
    with db.write():
        jobs.mark(again.job_id, jobs.UNKNOWN, shop.now_ms())
    third = spool.answer(shop, again.job_id, came_out=False, operator_id="zhou")
    assert len({first.job_id, second.job_id, again.job_id, third.job_id}) == 4
    assert third.document == first.document


def one(
    name: str = "高腰直筒牛仔裤", variant: str = "水洗蓝 / 27", gtin: str = "", sku: str = "J-B-27"
) -> Label:
    return Label(
        sku=sku,
        style="J1",
        name=name,
        variant=variant,
        price_minor=32_900,
        currency="CNY",
        gtin=gtin,
        copies=1,
    )


def on_paper(label: Label, form: str, stock: Stock, sheet: Sheet, language: str = "zh") -> list[Command]:
    whole = layout.Sheet(
        layout=form,  # type: ignore[arg-type]
        stock=stock,
        store_name="衣间 · 南京西路店",
        language=language,
        labels=(label,),
    )
    return read(Encoder(sheet).encode(layout.ops(whole)))


@pytest.mark.parametrize("text", ["font", "raster"])
@pytest.mark.parametrize(("form", "stock", "width"), [("price", SMALL, 26), ("hang", LARGE, 26),
                                                      ("price", ROLL, 48), ("hang", ROLL, 32)])  # fmt: skip
@pytest.mark.parametrize("sku", [TEE, JEANS, SOCKS])
def test_the_bars_of_a_label_read_back(text: str, form: str, stock: Stock, width: int, sku: str) -> None:
    sheet = Sheet(width=width, text=text, barcode="raster" if text == "raster" else "native")
    picture = render(
        on_paper(one(gtin=GTINS[sku]), form, stock, sheet), max(width * 12, stock.width_mm * 8)
    )
    assert [(c.format.name, c.text) for c in zxingcpp.read_barcodes(picture)] == [("EAN13", GTINS[sku][1:])]


def test_an_article_without_a_gtin_has_its_number_in_bars(shop: Shop) -> None:
    picture = render(on_paper(one(sku="T-W-M"), "price", SMALL, Sheet(width=26)), 320)
    assert [(c.format.name, c.text) for c in zxingcpp.read_barcodes(picture)] == [("Code128", "T-W-M")]


@pytest.mark.parametrize("labels_by", ["dots", "mark"])
@pytest.mark.parametrize("text", ["font", "raster"])
@pytest.mark.parametrize("language", ["zh", "both"])
def test_every_label_is_exactly_as_high_as_its_stock(labels_by: str, text: str, language: str) -> None:
    for form, stock in (("price", SMALL), ("hang", LARGE)):
        for name in ("袜", "很长很长的名字" * 10, "A very long name indeed " * 5):
            sheet = Sheet(width=26, text=text, barcode="raster", labels=labels_by)
            commands = on_paper(one(name, gtin=GTINS[TEE]), form, stock, sheet, language)
            if labels_by == "mark":
                assert commands[-2:-1] == [("next_label",)] or ("next_label",) in commands
                continue
            height = render(commands, 320).height - 16  # the reader's own margins
            assert height == stock.height_mm * DOTS_PER_MM


def test_a_label_too_small_for_its_content_is_refused_before_the_first_byte() -> None:
    with pytest.raises(DriverError):
        on_paper(one(), "hang", Stock(key="x", width_mm=40, height_mm=20), Sheet(width=26))
    with pytest.raises(DriverError):
        Encoder(Sheet()).encode([Form(15, 60), Ean13("6901028020947")])


def test_no_name_changes_the_commands_of_a_label() -> None:
    """25,000 hostile names, the shop's own words and all; many labels to a document."""
    encoder = Encoder(Sheet(width=26))
    dice = random.Random(20261125)
    sheet = layout.Sheet(layout="price", stock=SMALL, store_name="店", language="zh", labels=())

    def document(names: list[str]) -> bytes:
        one_each = tuple(one(name, f"{name} / {name}", sku="S") for name in names)
        return encoder.encode(layout.ops(msgspec.structs.replace(sheet, labels=one_each)))

    blank = skeleton(read(document([""] * 250)))
    for _ in range(100):
        names = [
            "".join(
                dice.choice(HOSTILE) if dice.random() < 0.7 else chr(dice.randrange(0xD800))
                for _ in range(4)
            )
            for _ in range(250)
        ]
        assert skeleton(read(document(names))) == blank


def test_a_hang_tag_names_size_and_colour_apart() -> None:
    sheet = layout.Sheet(layout="hang", stock=ROLL, store_name="店", language="both", labels=(one(),))
    rows = {op.left: op.right for op in layout.ops(sheet) if isinstance(op, Row)}
    assert rows == {
        "款号 Style": "J1",
        "颜色 Colour": "水洗蓝",
        "尺码 Size": "27",
        "零售价 Price": "¥329.00",
    }


def test_labels_are_all_queued_or_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shop = make_shop()
    each_failure(
        monkeypatch,
        tmp_path,
        prepare=lambda n: f"key-{n}",
        step=lambda key: ask(shop, (TEE, 50), key=key),
        look=lambda: LEDGER.execute_sql(
            "SELECT (SELECT COUNT(*) FROM job), (SELECT COUNT(*) FROM request)"
        ).fetchone(),
    )
