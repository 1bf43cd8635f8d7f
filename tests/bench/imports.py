"""A file of 20,000 variants, from its bytes to the committed catalogue; and what a sale pays for stock."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from device import cores, sheets
from device.identity import new_id
from services.domain import gs1
from services.domain.imports import Table
from services.domain.stock import Line
from services.flows import imports
from services.store import catalogue, db, stock
from services.store.db import LEDGER
from tests.bench.figure import Figure
from tests.shop import make_shop, open_store
from tests.stack import ROOT

VARIANTS = 20_000
IMPORT_S = 10.0
MOVES = 2_000
MOVE_US = 40.0
SIZES = ("XS", "S", "M", "L", "XL")
NAMES = ("羊毛混纺开衫", "高腰直筒牛仔裤", "纯棉基础 T 恤", "法式茶歇连衣裙", "亚麻宽松衬衫")


def figures() -> Iterator[Figure]:
    cores.keep_to_one()  # as the gateway does; the file is read in a process of its own
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        open_store(Path(folder) / "shop.db")
        yield _import()
        yield _again()
        yield _three_lines()
        LEDGER.shut()
    cores.roam()


def _file() -> bytes:
    lines = ["货号,款号,名称,分类,颜色,尺码,条码,价格"]
    for n in range(VARIANTS):
        style, body = n // len(SIZES), f"6931234{n:05d}"
        name = f"{NAMES[style % len(NAMES)]} {style}"
        gtin = body + gs1.check_digit(body)
        price = f"{29 + n % 1200}.00"
        lines.append(f"A{style}-{n % 5},A{style},{name},上装,雾蓝,{SIZES[n % 5]},{gtin},{price}")
    return "\r\n".join(lines).encode("gb18030")


def _import() -> Figure:
    """Look and take over, as the page does: the file is read and compared twice."""
    shop = make_shop(new_id=new_id, read_sheet=_read)
    data = _file()
    begun = time.perf_counter()
    seen = imports.preview(shop, "articles", data)
    assert len(seen.plan.created) == VARIANTS, seen.plan.bad[:3]
    imports.take_over(shop, "articles", data, token=seen.token, operator_id="he", request_id="bench-1")
    took = time.perf_counter() - begun
    assert catalogue.count() >= VARIANTS
    return Figure(
        "import of 20,000 variants, preview and all",
        f"{took:.2f} s",
        f"{IMPORT_S:.0f} s",
        took / IMPORT_S,
        1,
    )


def _again() -> Figure:
    """The longest that a till may wait meanwhile: prices of all variants change in one transaction."""
    shop = make_shop(new_id=new_id, read_sheet=_read)
    data = _file().replace(b".00", b".50")
    token = imports.preview(shop, "articles", data).token
    waited: list[float] = []

    def told(doing: str, _: int) -> None:
        if doing == imports.WRITING:
            waited.append(time.perf_counter())

    imports.take_over(
        shop, "articles", data, token=token, operator_id="he", request_id="bench-2", told=told
    )
    took = time.perf_counter() - waited[0]
    return Figure("the same again: the transaction alone", f"{took:.2f} s", "2 s", took / 2, 1)


def _three_lines() -> Figure:
    """What a sale of three lines pays for stock."""
    skus = [f"A{n}-0" for n in range(VARIANTS // 5)]
    with db.write():
        stock.add([Line(sku, 1_000) for sku in skus])
    took = []
    with db.write():
        for n in range(MOVES):
            sold = [(skus[(n + step) % len(skus)], 1) for step in (0, 700, 1_900)]
            begun = time.perf_counter()
            stock.move(sold)
            took.append(time.perf_counter() - begun)
    median_us = statistics.median(took) * 1e6
    return Figure(
        "stock of a sale of three lines",
        f"{median_us:.0f} us",
        f"{MOVE_US:.0f} us",
        median_us / MOVE_US,
        1,
    )


def _read(data: bytes, kind: str, told: Callable[[int], None], columns: Sequence[str]) -> Table:
    return sheets.read(data, kind, "CNY", told, columns)
