"""Sales for the journal as a clothing shop makes them: many, cheap, different from one another."""

from __future__ import annotations

import random
import uuid

from services.domain.events import SaleCompleted, SoldLine, SoldTender
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, journal

START_MS = 1_795_340_000_000
NAMES = (
    "纯棉基础 T 恤",
    "高腰直筒牛仔裤",
    "精梳棉袜",
    "羊毛混纺大衣",
    "亚麻衬衫",
    "百褶半身裙",
    "轻薄羽绒服",
)
COLOURS = ("白", "黑", "水洗蓝", "燕麦", "酒红", "雾霾蓝")
SIZES = ("XS", "S", "M", "L", "XL", "27", "28", "均码")
TENDERS = ("cash", "card", "qr")


def sale(n: int) -> SaleCompleted:
    """The n-th sale, always the same one."""
    rng = random.Random(n)
    lines = tuple(_line(rng, number) for number in range(1, rng.choice((1, 1, 2, 2, 3)) + 1))
    total = sum(line.extended_minor for line in lines)
    change = rng.choice((0, 0, 100, 1_500))
    return SaleCompleted(
        sale_id=unique_id(rng, n),
        number=f"S0001-1-{n:06d}",
        retail_store_id="S0001",
        workstation_id="1",
        sequence_number=n,
        business_day="2026-11-22",
        operator_id=rng.choice(("zhou", "he", "lin")),
        currency="CNY",
        begun_at_ms=START_MS + n * 31_000,
        ended_at_ms=START_MS + n * 31_000 + rng.randrange(8_000, 90_000),
        line_items=lines,
        tenders=(
            SoldTender(
                tender_type=rng.choice(TENDERS),
                amount_minor=total,
                tendered_minor=total + change,
                change_minor=change,
            ),
        ),
        total_minor=total,
    )


def unique_id(rng: random.Random, n: int) -> str:
    """The form of a UUIDv7, from a seed."""
    return str(uuid.UUID(int=((START_MS + n) << 80) | (7 << 76) | rng.getrandbits(76)))


def record_sales(shop: Shop, count: int, group: int = 500) -> int:
    """Journal `count` sales, many to a transaction; the head's seq."""
    done = journal.head()[0]
    for start in range(0, count, group):
        with db.write():
            for n in range(start, min(start + group, count)):
                record(shop, sale(done + n + 1), shop.now_ms())
    return journal.head()[0]


def _line(rng: random.Random, number: int) -> SoldLine:
    style, colour, size = rng.randrange(len(NAMES)), rng.choice(COLOURS), rng.choice(SIZES)
    price, quantity = rng.randrange(29, 1_299) * 100, rng.choice((1, 1, 1, 2))
    return SoldLine(
        line_number=number,
        item_id=f"{'TJKDCQY'[style]}-{rng.randrange(1000):03d}-{size}",
        gtin=f"0690{rng.randrange(10**10):010d}",
        description=NAMES[style],
        variant=f"{colour} / {size}",
        entry_method=rng.choice(("scanned", "scanned", "picked")),
        quantity=quantity,
        unit_price_minor=price,
        extended_minor=price * quantity,
        void_flag=False,
    )
