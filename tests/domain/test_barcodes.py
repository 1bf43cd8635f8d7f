"""Every symbology with real numbers, what the shop's own rules make of a number, and hostile scans."""

from __future__ import annotations

import contextlib
import datetime
import string
import subprocess
import sys
from pathlib import Path

import pytest
from biip import checksums
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain import gs1
from services.domain.barcodes import (
    ARTICLE,
    DATA_MAX,
    MEASURED,
    OWN,
    SKU,
    SKU_MAX,
    BarcodeRules,
    Identified,
    Layout,
    OwnRange,
    identify,
)
from services.domain.errors import CodeMalformed, GoodsExpired, ShopError

TODAY = datetime.date(2026, 11, 22)
GS = "\x1d"
RULES = BarcodeRules(
    layouts=(
        Layout("22", 5, "weight", 5, 3),
        Layout("02", 4, "price", 5, 2, verifier=True),
        Layout("23", 5, "price", 5, 1),
        Layout("291", 4, "weight", 5, 2),
    ),
    own=(
        OwnRange("28", "member", 13, check_digit=True),
        OwnRange("29", "park", 13, check_digit=True),
        OwnRange("M", "article"),
        OwnRange("9", "drawer", 6),
    ),
)
NUMBER = "06901234567892"


def seen(data: str, today: datetime.date = TODAY) -> Identified:
    return identify(data, RULES, today)


@pytest.mark.parametrize(
    ("digits", "check"),
    [("690123456789", "2"), ("03600029145", "2"), ("9638507", "4"), ("221234501234", "3"), ("000000", "0")],
)
def test_the_check_digit_is_that_of_the_vectors(digits: str, check: str) -> None:
    assert gs1.check_digit(digits) == check


@given(st.text(string.digits, min_size=1, max_size=17))
def test_the_check_digit_is_that_of_an_independent_library(digits: str) -> None:
    assert gs1.check_digit(digits) == str(checksums.gs1_standard_check_digit(digits))


@given(st.text(string.digits, min_size=4, max_size=5))
def test_the_verifier_digit_is_that_of_an_independent_library(measure: str) -> None:
    assert gs1.verifier_digit(measure) == str(checksums.gs1_price_weight_check_digit(measure))


@pytest.mark.parametrize(
    ("data", "gtin"),
    [
        ("6901234567892", "06901234567892"),  # EAN-13
        ("4006381333931", "04006381333931"),
        ("]E06901234567892", "06901234567892"),
        ("]E3690123456789212", "06901234567892"),  # with an add-on of two or five digits
        ("]E3690123456789251299", "06901234567892"),
        ("  6901234567892 ", "06901234567892"),
        ("96385074", "00000096385074"),  # EAN-8
        ("]E496385074", "00000096385074"),
        ("036000291452", "00036000291452"),  # UPC-A
        ("]E00036000291452", "00036000291452"),  # as readers send it: with a zero before
        ("04252614", "00042100005264"),  # UPC-E of each kind of shortening
        ("01234531", "00012300000451"),
        ("01234543", "00012340000053"),
        ("01234565", "00012345000065"),
        ("]E001234565", "00012345000065"),
        ("]E401234565", "00000001234565"),  # right as EAN-8 too: the reader knows which it saw
        ("16901234567899", "16901234567899"),  # ITF-14: a box of them
        ("]I116901234567899", "16901234567899"),
        ("2112345678900", "02112345678900"),  # in-store without a rule: printed and listed by the shop
    ],
)
def test_a_plain_number_becomes_a_gtin_14(data: str, gtin: str) -> None:
    found = seen(data)
    assert (found.kind, found.gtin, found.item) == (ARTICLE, gtin, "")


@pytest.mark.parametrize(
    "data",
    [
        "6901234567893",  # wrong check digit
        "6901234657892",  # two neighbours swapped
        "96385075",
        "036000291453",
        "16901234567898",
        "690123456789",  # a digit lost
        "69012345678921",
        "1234567",
        "123456789012345",
        "0000000000000",
        "00000000",
        "]E0690123456789",
        "]E06901234567892A",
        "]E0M1001",
        "]E46901234567892",
        "]I16901234567892",
        "]E112",  # an add-on alone
    ],
)
def test_a_wrong_number_is_refused(data: str) -> None:
    with pytest.raises(CodeMalformed):
        seen(data)


@given(st.integers(0, 12), st.integers(1, 9))
def test_no_single_wrong_digit_passes(place: int, by: int) -> None:
    wrong = list("6901234567892")
    wrong[place] = str((int(wrong[place]) + by) % 10)
    with pytest.raises(CodeMalformed):
        identify("".join(wrong), BarcodeRules(), TODAY)


@pytest.mark.parametrize(
    ("data", "item", "weight_g", "price_minor"),
    [
        ("2212345012343", "12345", 1_234, None),
        ("]E02212345012343", "12345", 1_234, None),
        ("2354321129901", "54321", None, 129_900),
        ("0212346146858", "1234", None, 14_685),
        ("212346146858", "1234", None, 14_685),  # the same as UPC-A
        ("2911234001504", "1234", 1_500, None),  # 291 stands before the tickets of 29
    ],
)
def test_an_in_store_number_holds_an_item_and_its_measure(
    data: str, item: str, weight_g: int | None, price_minor: int | None
) -> None:
    found = seen(data)
    assert (found.kind, found.gtin, found.item) == (MEASURED, "", item)
    assert (found.weight_g, found.price_minor) == (weight_g, price_minor)


def test_an_in_store_number_with_a_wrong_verifier_is_refused() -> None:
    body = "021234514685"
    with pytest.raises(CodeMalformed):
        seen(body + gs1.check_digit(body))


def test_weights_and_prices_are_rounded_half_up_to_what_is_counted() -> None:
    rules = BarcodeRules(layouts=(Layout("24", 5, "weight", 5, 4), Layout("25", 5, "price", 5, 3)))
    assert identify("2412345000153", rules, TODAY).weight_g == 2
    assert identify("2412345000146", rules, TODAY).weight_g == 1
    assert identify("2512345012351", rules, TODAY).price_minor == 124


@pytest.mark.parametrize(
    ("data", "namespace", "item"),
    [
        ("2800000012342", "member", "0000001234"),
        ("]E02800000012342", "member", "0000001234"),
        ("2900000000421", "park", "0000000042"),
        ("M1001-RD", "article", "1001-RD"),
        ("]C0M1001-RD", "article", "1001-RD"),
        ("900017", "drawer", "00017"),
    ],
)
def test_the_shops_own_numbers_carry_their_namespace(data: str, namespace: str, item: str) -> None:
    found = seen(data)
    assert (found.kind, found.namespace, found.item, found.gtin) == (OWN, namespace, item, "")


@pytest.mark.parametrize("data", ["2800000012345", "M", "M" + "1" * SKU_MAX])
def test_a_broken_own_number_is_refused(data: str) -> None:
    with pytest.raises(CodeMalformed):
        seen(data)


@pytest.mark.parametrize(
    "number", ["６９０１２３４５６７８９２", "690123456789２", "６901234567892", "", "-901234567892"]
)
def test_only_0_to_9_are_digits(number: str) -> None:
    with pytest.raises(CodeMalformed):
        gs1.gtin14(number)


def test_the_longest_prefix_decides_between_layouts() -> None:
    rules = BarcodeRules(layouts=(Layout("2", 6, "price", 5, 2), Layout("22", 5, "weight", 5, 3)))
    assert identify("2212345012343", rules, TODAY).weight_g == 1_234
    assert identify("2112345012346", rules, TODAY).price_minor == 1_234


def test_two_rules_for_one_prefix_are_a_bug() -> None:
    with pytest.raises(AssertionError):
        BarcodeRules(layouts=(Layout("28", 5, "weight", 5, 3),), own=(OwnRange("28", "member", 13),))
    with pytest.raises(AssertionError):
        Layout("22", 5, "weight", 4, 3)


@pytest.mark.parametrize(
    "data",
    [
        f"]C101{NUMBER}172712311522063010B7{GS}21S-9{GS}22RED",
        f"]e001{NUMBER}1727123115220630{GS}10B7{GS}21S-9{GS}22RED{GS}",
        f"]d201{NUMBER}172712311522063010B7{GS}{GS}21S-9{GS}22RED",
        f"]Q301{NUMBER}172712311522063010B7{GS}21S-9{GS}22RED",
        f"{GS}10B7{GS}21S-9{GS}22RED{GS}01{NUMBER}1727123115220630",
        f"01{NUMBER}172712311522063010B7{GS}21S-9{GS}22RED",
        f"https://id.gs1.org/01/{NUMBER}/22/RED/10/B7/21/S-9?17=271231&15=220630",
        f"HTTPS://shop.example.cn/goods/01/{NUMBER}/22/RED/10/B7/21/S%2D9?15=220630&17=271231&from=qr#top",
        f"]Q1https://示例.中国/01/{NUMBER[1:]}/22/RED/10/B7/21/S-9?17=271231&15=220630",
    ],
)
def test_every_carrier_of_elements_says_the_same(data: str) -> None:
    found = seen(data)
    assert (found.kind, found.gtin) == (ARTICLE, NUMBER)
    assert (found.batch, found.serial, found.variant) == ("B7", "S-9", "RED")
    assert found.expires == datetime.date(2027, 12, 31)
    assert found.best_before == datetime.date(2022, 6, 30)
    assert found.best_before_passed
    assert dict(found.elements)["01"] == NUMBER


def test_digits_alone_are_an_element_string_when_they_begin_with_an_article() -> None:
    assert seen(f"01{NUMBER}17271231").expires == datetime.date(2027, 12, 31)
    assert seen(f"01{NUMBER}10ABC").batch == "ABC"


@pytest.mark.parametrize(
    "data",
    [
        "]C1",
        f"]C1{GS}",
        "]C11727123110B7",  # no article
        "]C10106901234567893",  # wrong check digit within
        "]C1010690123456789",  # too short
        f"]C101{NUMBER}17271331",  # a thirteenth month
        f"]C101{NUMBER}17270230",  # no such day
        f"]C101{NUMBER}17270031",
        f"]C101{NUMBER}11270230",
        f"]C101{NUMBER}172712",
        f"]C101{NUMBER}10" + "B" * 21,
        f"]C101{NUMBER}10" + "B" * 20 + "17271231",  # nothing ends the batch
        f"]C101{NUMBER}10",
        f"]C101{NUMBER}30{GS}10B7",  # an empty count
        f"]C101{NUMBER}10B7{GS}10B8",
        f"]C101{NUMBER}10雾蓝",
        f"]C101{NUMBER}0000",
        f"]C1XYZ01{NUMBER}",
        f"6901234567892{GS}",
        "https://id.gs1.org/01/06901234567893",
        "https://id.gs1.org/01/690123456789",
        "https://id.gs1.org/01/123",
        "https://id.gs1.org/01/0690123456789２",
        "https://id.gs1.org/01/",
        f"https://id.gs1.org/01/{NUMBER}/21/S/22/RED",  # qualifiers out of order
        f"https://id.gs1.org/01/{NUMBER}/10",
        f"https://id.gs1.org/01/{NUMBER}?17=271331",
        f"https://id.gs1.org/01/{NUMBER}?17=%EF%BC%92%EF%BC%97%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%91",
        f"https://id.gs1.org/01/{NUMBER}?3103=00123%EF%BC%94",
        f"https://id.gs1.org/01/{NUMBER}/21/%00",
        f"https://id.gs1.org/8004/1/01/{NUMBER}",
        f"https://[broken/01/{NUMBER}",
    ],
)
def test_a_broken_element_string_or_link_is_refused(data: str) -> None:
    with pytest.raises(CodeMalformed):
        seen(data)


def test_goods_are_refused_from_the_day_after_their_expiry() -> None:
    last = datetime.date(2027, 2, 28)
    assert seen(f"]C101{NUMBER}17270200", last).expires == last
    with pytest.raises(GoodsExpired) as refused:
        seen(f"]C101{NUMBER}17270200", last + datetime.timedelta(days=1))
    assert refused.value.details == {"expires": "2027-02-28", "gtin": NUMBER}
    with pytest.raises(GoodsExpired):
        seen(f"https://id.gs1.org/01/{NUMBER}?17=261121")


@pytest.mark.parametrize(("ai", "passed"), [("15261121", True), ("15261122", False), ("16261121", True)])
def test_goods_past_their_best_are_only_marked(ai: str, passed: bool) -> None:
    assert seen(f"]C101{NUMBER}{ai}").best_before_passed is passed


def test_broken_is_said_before_expired() -> None:
    with pytest.raises(CodeMalformed):
        seen("]C1010690123456789317200101")


@pytest.mark.parametrize(
    ("code", "today", "date"),
    [
        ("280200", "2026-11-22", "2028-02-29"),  # the month's end, in a leap year too
        ("270200", "2026-11-22", "2027-02-28"),
        ("761231", "2026-11-22", "2076-12-31"),  # 50 years ahead
        ("770101", "2026-11-22", "1977-01-01"),  # 49 back
        ("000229", "2026-11-22", "2000-02-29"),
        ("000101", "2051-01-01", "2100-01-01"),
        ("010101", "2051-01-01", "2101-01-01"),
        ("020101", "2051-01-01", "2002-01-01"),
        ("991231", "2051-01-01", "2099-12-31"),
    ],
)
def test_the_century_of_a_date_is_the_nearest_to_today(code: str, today: str, date: str) -> None:
    assert gs1.date_of(code, datetime.date.fromisoformat(today)) == datetime.date.fromisoformat(date)


@pytest.mark.parametrize(
    ("elements", "weight_g", "price_minor"),
    [
        ("3103001234", 1_234, None),
        ("3100000002", 2_000, None),
        ("3105000150", 2, None),  # 1.5 g
        ("3200000001", 454, None),  # a pound is 453.59237 g
        ("3203002500", 1_134, None),
        (f"30{3}{GS}39221299", None, 1_299),
        (f"3103001234{GS}39201", 1_234, 100),
        ("310300123439231235", 1_234, 124),
        ("310300123439321561299", 1_234, 1_299),  # 156 is the yuan
    ],
)
def test_measures_are_whole_grams_and_minor_units(
    elements: str, weight_g: int | None, price_minor: int | None
) -> None:
    found = seen(f"]C101{NUMBER}{elements}")
    assert (found.kind, found.gtin) == (MEASURED, NUMBER)
    assert (found.weight_g, found.price_minor) == (weight_g, price_minor)


@pytest.mark.parametrize(
    "elements",
    ["39221299", "39321561299", f"10B{GS}39221299", "310300123439328401299"],  # the last is in dollars
)
def test_a_price_without_its_measure_or_in_another_currency_is_refused(elements: str) -> None:
    with pytest.raises(CodeMalformed):
        seen(f"]C101{NUMBER}{elements}")


def test_a_member_of_a_chains_scheme_and_a_coupon_need_no_article() -> None:
    member = seen("]C18018690123456789012346")
    assert (member.kind, member.namespace, member.item) == (OWN, "8018", "690123456789012346")
    with pytest.raises(CodeMalformed):
        seen("]C18018690123456789012345")
    coupon = seen("]e08110106141416543213150110000310123196000")
    assert (coupon.kind, coupon.namespace) == (OWN, "8110")


@pytest.mark.parametrize(
    "data", ["C1001-MB-M", "纯棉 T 恤 白", "]C0C1001-MB-M", "wxp://f2f0abc", " 12-34 "]
)
def test_printable_text_is_an_article_number_of_the_shop(data: str) -> None:
    found = seen(data)
    text = data.removeprefix("]C0").strip()
    assert (found.kind, found.item, found.data, found.gtin) == (SKU, text, text, "")


HOSTILE = [
    "",
    " ",
    "]",
    "]]",
    "]C",
    "]Y9",
    "]!!6901234567892",
    "]E0",
    "\x00",
    "\x1b@\x1bp\x00\x19\xfa",
    "6901234567892\n",
    "6901234567892\r\n6901234567892",
    "\t6901234567892",
    "\x106901234567892",
    "６９０１２３４５６７８９２",
    "٦٩٠١٢٣٤٥٦٧٨٩٢",
    "६९०१२३४५६७८९२",
    "𝟔𝟗𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗𝟐",
    "690123456789²",
    "690123456789٢",
    "]E0６９０１２３４５６７８９２",
    "01０6901234567892",
    "\u202e6901234567892",
    "690\u200b1234567892",
    "6901234567892\u00a0",
    "\ud800",
    "9" * 5000,
    "A" * 5000,
    "]C1" + "01" * 2500,
    "A" * (SKU_MAX + 1),
    "https://example.com/" + "a" * SKU_MAX,
    "https://example.com/01/" + "a/" * 200,
]


@pytest.mark.parametrize("data", HOSTILE)
def test_a_hostile_scan_is_malformed(data: str) -> None:
    with pytest.raises(CodeMalformed):
        seen(data)


@pytest.mark.parametrize(
    "data", ["'; DROP TABLE article; --", "../../etc/passwd", "%s%n{0}", "<script>", "-1", "1e9"]
)
def test_text_that_means_harm_elsewhere_is_only_a_number_nobody_has(data: str) -> None:
    assert seen(data).kind == SKU


def test_the_longest_code_is_read_and_a_longer_one_refused() -> None:
    link = f"https://id.gs1.org/01/{NUMBER}?x="
    assert seen(link.ljust(DATA_MAX, "x")).gtin == NUMBER
    with pytest.raises(CodeMalformed):
        seen(link.ljust(DATA_MAX + 1, "x"))


PIECES = st.sampled_from(
    f"01|{NUMBER}|17|271231|00|10|21|30|37|3103|001234|3929|3932|156|8018|8110|7003|8008|4324|415|]C1|]Q3|]E0"
    f"|]Y|{GS}|/01/|/10/|?17=|&|%|%00|https://a/|http://[|２|²|-|1|9|0|\0|é|雾".split("|")
)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(max_size=80),
        st.text(string.digits, max_size=40),
        st.lists(PIECES, max_size=12).map("".join),
        st.text(string.printable, max_size=60).map(lambda text: f"]C101{NUMBER}{text}"),
        st.text(max_size=60).map(lambda text: f"https://id.gs1.org/01/{NUMBER}{text}"),
    ),
    st.dates(),
)
def test_nothing_but_a_refusal_comes_back_for_any_scan(data: str, today: datetime.date) -> None:
    with contextlib.suppress(CodeMalformed, GoodsExpired):
        found = identify(data, RULES, today)
        assert found.kind in (ARTICLE, MEASURED, OWN, SKU)
        assert found.gtin or found.item
        if found.gtin:
            assert found.gtin.isascii() and len(found.gtin) == 14
            assert gs1.check_digit(found.gtin[:-1]) == found.gtin[-1]
        assert found.expires is None or found.expires >= today
    assert issubclass(CodeMalformed, ShopError) and issubclass(GoodsExpired, ShopError)


def test_a_till_that_reads_plain_numbers_never_loads_the_element_library() -> None:
    program = (
        "import datetime, sys\n"
        "from services.domain.barcodes import BarcodeRules, identify\n"
        "for data in ('6901234567892', '04252614', 'C1001-MB-M'):\n"
        "    identify(data, BarcodeRules(), datetime.date(2026, 11, 22))\n"
        "assert 'biip' not in sys.modules\n"
        f"identify(']C101{NUMBER}', BarcodeRules(), datetime.date(2026, 11, 22))\n"
        "assert 'biip' in sys.modules\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", program], cwd=root, check=True, timeout=60)
