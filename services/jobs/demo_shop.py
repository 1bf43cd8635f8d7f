"""A clothing shop to try the box with: styles in colours and sizes, and three people behind the counter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from services import initials
from services.domain import gift_cards, gs1
from services.domain.offers import LINE, ORDER, UNIT, Goods, Terms, Window
from services.flows import promotions
from services.flows.promotions import Draft
from services.flows.shop import Shop
from services.jobs.contract import Arguments, Job
from services.store import catalogue, db, staff
from services.store.catalogue import Article

DEMO_PINS: Mapping[str, str] = {"zhouting": "582093", "hemin": "740316", "tech": "916257"}

_STAFF = (  # id, name, role; in the order of the sign-in page
    ("zhouting", "周婷", "cashier"),
    ("hemin", "何敏", "manager"),
    ("tech", "技术员", "technician"),
)

_MANAGER = "hemin"

_COMPANY = "6901234"  # GS1 China, the number of every textbook; then 2 digits of style, 3 of variant

_CATEGORIES = (
    ("tops", "上装", "Tops"),
    ("bottoms", "下装", "Bottoms"),
    ("dresses", "裙装", "Dresses"),
    ("outerwear", "外套", "Outerwear"),
    ("accessories", "配饰", "Accessories"),
    ("new", "新品", "New in"),
    (gift_cards.CATEGORY, "礼品卡", "Gift cards"),
)

_COLOURS: Mapping[str, tuple[str, str]] = {  # the code within the article number: name, swatch
    "MB": ("雾蓝", "mist"),
    "YH": ("烟灰", "mist"),
    "SX": ("水洗蓝", "denim"),
    "ZQ": ("藏青", "denim"),
    "MW": ("米白", "white"),
    "BS": ("白", "white"),
    "YM": ("燕麦", "sand"),
    "KQ": ("卡其", "sand"),
    "TH": ("炭黑", "black"),
    "DS": ("豆沙", "rose"),
    "GL": ("橄榄", "olive"),
    "ZH": ("砖红", "brick"),
    "JT": ("焦糖", "brick"),
}

ONE_SIZE = "均码"
_ONE = (ONE_SIZE,)
_XS_XL = ("XS", "S", "M", "L", "XL")
_S_XL = ("S", "M", "L", "XL")
_S_L = ("S", "M", "L")
_WAIST = ("25", "26", "27", "28", "29", "30", "31")


@dataclass(frozen=True, slots=True)
class _Style:
    number: str
    name: str
    category: str
    garment: str
    price_minor: int  # fen
    colours: str  # codes, the first gives the tile its colour
    sizes: tuple[str, ...]


_STYLES = (  # best sellers first; the place in this table is part of each barcode: append, never insert
    _Style("C1001", "羊毛混纺开衫", "tops", "cardigan", 459_00, "MB YM TH", _S_XL),
    _Style("J2001", "高腰直筒牛仔裤", "bottoms", "jeans", 329_00, "SX TH", _WAIST),
    _Style("T1002", "纯棉基础 T 恤", "tops", "tee", 99_00, "BS TH MB YM GL DS", _XS_XL),
    _Style("D3001", "法式茶歇连衣裙", "dresses", "dress", 529_00, "DS GL", _S_L),
    _Style("S1003", "亚麻宽松衬衫", "tops", "shirt", 269_00, "MW MB GL KQ", _XS_XL),
    _Style("W4001", "双面呢短大衣", "outerwear", "coat", 1_299_00, "YM TH JT", _S_L),
    _Style("K3002", "A 字半身裙", "dresses", "skirt", 239_00, "TH YM", _S_L),
    _Style("P5001", "精梳棉袜", "accessories", "sock", 29_00, "BS TH YH YM ZH", _ONE),
    _Style("P5002", "托特帆布包", "accessories", "bag", 159_00, "MW TH", _ONE),
    _Style("Z1004", "圆领针织衫", "tops", "sweater", 299_00, "YM MB ZH TH", _S_XL),
    _Style("J2002", "阔腿牛仔裤", "bottoms", "jeans", 359_00, "SX ZQ", _WAIST),
    _Style("R2003", "垂感阔腿西裤", "bottoms", "trousers", 299_00, "TH YM KQ", _S_XL),
    _Style("S1005", "真丝混纺飘带衬衫", "tops", "shirt", 599_00, "MW DS", _S_L),
    _Style("T1006", "条纹长袖 T 恤", "tops", "tee", 149_00, "ZQ TH ZH", _XS_XL),
    _Style("H1007", "重磅连帽卫衣", "tops", "hoodie", 279_00, "YH TH GL YM", _S_XL),
    _Style("W4002", "短款牛仔夹克", "outerwear", "jacket", 439_00, "SX TH", _S_XL),
    _Style("D3003", "针织吊带连衣裙", "dresses", "dress", 369_00, "TH YM ZH", _S_L),
    _Style("R2004", "直筒九分休闲裤", "bottoms", "trousers", 249_00, "KQ TH ZQ", _S_XL),
    _Style("Z1008", "羊绒高领毛衣", "tops", "sweater", 899_00, "YM TH JT", _S_L),
    _Style("V1009", "菱格针织马甲", "tops", "vest", 229_00, "MW ZQ", _S_L),
    _Style("W4003", "经典双排扣风衣", "outerwear", "coat", 999_00, "KQ TH", _S_XL),
    _Style("K3004", "百褶中长半身裙", "dresses", "skirt", 299_00, "YH TH DS", _S_L),
    _Style("B2005", "亚麻五分短裤", "bottoms", "shorts", 189_00, "MW KQ GL", _S_XL),
    _Style("D3005", "衬衫式收腰连衣裙", "dresses", "dress", 459_00, "MB MW", _S_XL),
    _Style("W4004", "轻薄羽绒服", "outerwear", "jacket", 699_00, "MW TH GL", _S_XL),
    _Style("P5003", "羊毛格纹围巾", "accessories", "scarf", 199_00, "JT YH ZQ", _ONE),
    _Style("P5004", "羊毛贝雷帽", "accessories", "hat", 129_00, "TH YM ZH", _ONE),
    _Style("P5005", "头层牛皮细腰带", "accessories", "belt", 169_00, "TH JT", _ONE),
    _Style("C1010", "V 领短款开衫", "tops", "cardigan", 329_00, "DS MW GL", _S_L),
    _Style("J2006", "微喇牛仔裤", "bottoms", "jeans", 369_00, "ZQ", _WAIST),
    _Style("W4005", "小香风粗花呢外套", "new", "jacket", 799_00, "MW DS", _S_L),
    _Style("D3006", "桑蚕丝印花长裙", "new", "dress", 1_099_00, "ZH GL", _S_L),
    _Style("H1011", "半拉链抓绒卫衣", "new", "hoodie", 339_00, "YM GL", _S_XL),
    _Style("R2007", "灯芯绒锥形裤", "new", "trousers", 319_00, "JT TH", _S_XL),
    _Style("V4006", "立领绗缝马甲", "new", "vest", 389_00, "TH KQ", _S_L),
    _Style("P5006", "手工编织草帽", "accessories", "hat", 139_00, "YM", _ONE),
    _Style("P5007", "真丝小方巾", "accessories", "scarf", 259_00, "ZH", _ONE),
    _Style("P5008", "软皮单肩包", "accessories", "bag", 599_00, "JT", _ONE),
    _Style("G6001", "礼品卡 200 元", gift_cards.CATEGORY, "bag", 200_00, "DS", _ONE),
    _Style("G6002", "礼品卡 500 元", gift_cards.CATEGORY, "bag", 500_00, "ZH", _ONE),
)

# Beside the first, on articles of their own: whoever tries the till meets an offer only on purpose.
_PROMOTIONS: Mapping[str, Draft] = {
    "autumn": Draft(
        kind="spend_and_save",
        layer=ORDER,
        label_zh="秋冬满减",
        label_en="Autumn savings",
        params={
            "steps": [
                {"threshold_minor": 1_500_00, "amount_minor": 150_00},
                {"threshold_minor": 3_000_00, "amount_minor": 400_00},
            ]
        },
    ),
    "scarves": Draft(
        kind="nth_item",
        layer=UNIT,
        label_zh="围巾第二条半价",
        label_en="Second scarf half price",
        terms=Terms(goods=Goods(styles=("P5003", "P5007"))),
        params={"nth": 2, "basis_points": 5_000},
    ),
    "fleece": Draft(
        kind="bundle",
        layer=UNIT,
        label_zh="卫衣配锥形裤 599",
        label_en="Hoodie and trousers for 599",
        params={
            "made_of": [{"goods": {"styles": ["H1011"]}}, {"goods": {"styles": ["R2007"]}}],
            "price_minor": 599_00,
        },
    ),
    "evening": Draft(
        kind="percentage",
        layer=LINE,
        label_zh="周末晚间马甲 8 折",
        label_en="Weekend evenings: 20 % off vests",
        terms=Terms(
            goods=Goods(styles=("V4006",)),
            window=Window(weekdays=(5, 6, 7), from_minute=18 * 60, to_minute=22 * 60),
        ),
        params={"basis_points": 2_000},
    ),
}


def make(hash_pin: Callable[[str], str]) -> int:
    """Fill an empty catalogue and its staff; the number of articles made.

    All of it or nothing; a shop that has articles already is left as it is.
    """
    if catalogue.count():
        return 0
    letters = initials.of(style.name for style in _STYLES)
    hashes = {staff_id: hash_pin(pin) for staff_id, pin in DEMO_PINS.items()}
    with db.write():
        if catalogue.count():  # somebody else was first
            return 0
        for rank, (key, name, name_en) in enumerate(_CATEGORIES):
            catalogue.put_category(key, name, rank, name_en)
        for rank, style in enumerate(_STYLES):
            catalogue.put_style(
                style.number, style.name, style.category, style.garment, letters[style.name], rank
            )
            for article, colour_rank, size_rank in _variants(style, rank + 1):
                catalogue.put_article(article, colour_rank, size_rank)
        for rank, (staff_id, name, role) in enumerate(_STAFF):
            staff.put(staff_id, name, role, hashes[staff_id], rank)
        return catalogue.count()


def _variants(style: _Style, place: int) -> Iterator[tuple[Article, int, int]]:
    """(article, colour rank, size rank), by colour, then size."""
    variant = 0
    for colour_rank, code in enumerate(style.colours.split()):
        colour, swatch = _COLOURS[code]
        for size_rank, size in enumerate(style.sizes):
            variant += 1
            body = f"{_COMPANY}{place:02}{variant:03}"
            article = Article(
                sku=f"{style.number}-{code}-{'F' if size == ONE_SIZE else size}",
                style=style.number,
                name=style.name,
                garment=style.garment,
                colour=colour,
                swatch=swatch,
                size=size,
                gtin=gs1.gtin14(body + gs1.check_digit(body)),
                price_minor=style.price_minor,
            )
            yield article, colour_rank, size_rank


def _publish(shop: Shop) -> None:
    for name, draft in _PROMOTIONS.items():
        promotions.publish(shop, draft, operator_id=_MANAGER, request_id=f"demo-{name}")


def _run(arguments: Arguments) -> str:
    made = make(arguments.hash_pin)
    if made:
        _publish(arguments.shop())
    return f"made {made} articles" if made else "the shop has articles already: nothing changed"


JOB = Job(key="demo_shop", run=_run)
