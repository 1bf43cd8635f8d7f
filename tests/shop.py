"""A small real shop for tests: a real SQLite file, a few articles, a clock that only moves when told."""

from __future__ import annotations

import itertools
import secrets
from datetime import timedelta, timezone
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from services.domain import imports, profile
from services.domain.barcodes import BarcodeRules, OwnRange
from services.domain.keyring import Keyring
from services.domain.settlement import EXACT
from services.flows import members as people
from services.flows.shop import Shop
from services.registry import discover
from services.store import catalogue, db, members, schema, staff
from services.store.catalogue import Article
from services.store.sealed import VAULT

START_MS = 1_795_340_000_000  # 2026-11-22, late morning in Shanghai
KEYRING = Keyring(master=b"m" * 32, index=b"i" * 32, coupon=b"c" * 32)
SHANGHAI = timezone(timedelta(hours=8))
TEE, JEANS, SOCKS = "T-W-S", "J-B-27", "K-W"
PRICES = {TEE: 99_00, JEANS: 329_00, SOCKS: 29_00}
GTINS = {TEE: "06901028020947", JEANS: "06901028014571", SOCKS: "06901234567892"}


class Clock:
    """Milliseconds that move by one at each look, and by hand."""

    def __init__(self) -> None:
        self.at_ms = START_MS

    def now_ms(self) -> int:
        self.at_ms += 1
        return self.at_ms


def make_shop(clock: Clock | None = None, **changes: object) -> Shop:
    ids = itertools.count(1)
    settings: dict[str, object] = dict(
        store_id="S0001",
        store_name="南京西路店",
        currency="CNY",
        zone=SHANGHAI,
        rollover_hour=4,
        tills=("1", "2"),
        printers=frozenset("12"),
        label_printers=frozenset("12"),
        drawers=frozenset("12"),
        barcode_rules=BarcodeRules(own=(OwnRange("28", "parked", 13, check_digit=True),)),
        tenders=discover("services.tenders", "TENDER"),
        cash_rounding=EXACT,
        receipt_footer="7 天可退换",
        park_tickets=True,
        parked_at_close="carry",
        oversell="warn",
        reorder_point=3,
        now_ms=(clock or Clock()).now_ms,
        clock_quality=lambda: "ntp",
        new_id=lambda: f"id-{next(ids):012d}",
        random_bits=secrets.randbits,
        read_sheet=lambda data, kind, told, columns: imports.read(data, kind, "CNY", told, columns),
        keyring=KEYRING,
        hash_pin=lambda pin: f"hashed:{pin}",
        check_pin=lambda hashed, pin: hashed == f"hashed:{pin}",
    )
    settings.update(changes)
    return Shop(**settings)  # type: ignore[arg-type]


def open_store(path: Path) -> None:
    """Open and migrate the store at `path`; a new one is a copy of one that was made and filled before."""
    keys = path.with_suffix(".keys.db")
    if not path.exists():
        for file, content in zip((path, keys), _made(), strict=True):
            file.touch(0o600)
            file.write_bytes(content)
    _open(path, keys)
    if catalogue.count() == 0:
        fill()


def _open(path: Path, keys: Path) -> None:
    db.LEDGER.open(path)
    schema.migrate()
    VAULT.open(keys, KEYRING)


@cache
def _made() -> tuple[bytes, bytes]:
    """A new store and its keys: a tenth of a second for each process, instead of for each test."""
    with TemporaryDirectory() as folder:
        path, keys = Path(folder, "shop.db"), Path(folder, "keys.db")
        _open(path, keys)
        fill()
        VAULT.shut()
        db.LEDGER.shut()
        return path.read_bytes(), keys.read_bytes()


def enrol(shop: Shop, *ids: str, name: str = "王芳") -> None:
    """Members under ids that a test has chosen, where there are none yet. No key finds them."""
    for member_id in ids:
        if members.by_id(member_id) is None:
            VAULT.create(member_id)
            with db.write():
                known = profile.changed({}, {"name": name} if name else {}, frozenset(), shop.now_ms())
                people.admit(shop, member_id, known, people.Joining(given={}), "zhou")


def fill() -> None:
    with db.write():
        catalogue.put_category("tops", "上装", 1, "Tops")
        catalogue.put_category("new", "新品", 2)
        catalogue.put_style("T1", "纯棉基础 T 恤", "tops", "tee", "cmjctx", 1)
        catalogue.put_style("J1", "高腰直筒牛仔裤", "bottoms", "jeans", "gyztnzk", 2)
        catalogue.put_style("K1", "精梳棉袜", "accessories", "sock", "jsmw", 3)
        for sku, style, name, garment, colour, swatch, size in (
            (TEE, "T1", "纯棉基础 T 恤", "tee", "白", "white", "S"),
            ("T-W-M", "T1", "纯棉基础 T 恤", "tee", "白", "white", "M"),
            (JEANS, "J1", "高腰直筒牛仔裤", "jeans", "水洗蓝", "denim", "27"),
            (SOCKS, "K1", "精梳棉袜", "sock", "白", "white", "均码"),
        ):
            article = Article(
                sku, style, name, garment, colour, swatch, size, GTINS.get(sku, ""), PRICES.get(sku, 99_00)
            )
            catalogue.put_article(article, 1, 1 if size != "M" else 2)
        staff.put("zhou", "周婷", "cashier", "hashed:204816", 1)
        staff.put("he", "何敏", "manager", "hashed:735290", 2)
        staff.put("tech", "技术员", "technician", "hashed:918273", 3)
