"""Rows of an imported file: what each may say, and what it would change in the shop."""

from __future__ import annotations

import pytest

from services.domain import import_plan, imports
from services.domain.errors import ImportUnreadable
from services.domain.import_plan import Held, HeldArticle, HeldStyle, Plan
from services.domain.imports import Bad, Table

HELD = Held(
    categories=(("tops", "上装"), ("bottoms", "下装")),
    styles={"T1": HeldStyle("T1", "纯棉 T 恤", "tops", "tee", "cmtx", 1)},
    articles={
        "T1-W-S": HeldArticle("T1-W-S", "T1", "06901028020947", "白", "white", "S", 0, 0, 99_00),
        "T1-W-M": HeldArticle("T1-W-M", "T1", "", "白", "white", "M", 0, 1, 99_00),
    },
    on_hand={"T1-W-S": 5},
)
HEAD = "sku,style,name,category,colour,size,gtin,price\n"


def read(text: str, kind: str = "articles") -> Table:
    return imports.read(text.encode(), kind, "CNY")


def plan(text: str, kind: str = "articles") -> Plan:
    return import_plan.plan(read(text, kind), HELD, "CNY")


def reasons(bad: list[Bad]) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.reason) for each in bad]


def test_headers_are_known_in_both_languages_and_strange_ones_are_named() -> None:
    table = read("款号,名称,分类,颜色,尺码,条码,售价（元）,备注\nT9,裙,tops,红,M,6901028014571,¥99,x\n")
    assert table.columns == ["style", "name", "category", "colour", "size", "gtin", "price"]
    assert table.ignored == ["备注"]
    (row,) = table.rows
    assert (row.gtin, row.price_minor) == ("06901028014571", 99_00)


@pytest.mark.parametrize(
    ("text", "kind", "missing"),
    [
        ("name,price\n1,2", "articles", ["category", "style"]),
        ("price\n1", "prices", ["gtin", "sku", "style"]),
        ("sku,name\nA,B", "stock", ["quantity"]),
    ],
)
def test_without_the_columns_that_matter_nothing_is_read_and_they_are_named(
    text: str, kind: str, missing: list[str]
) -> None:
    table = read(text, kind)
    assert (table.missing, table.rows, table.bad) == (missing, [], [])


def test_two_columns_of_one_meaning_are_refused() -> None:
    with pytest.raises(ImportUnreadable) as refusal:
        read("sku,price,售价\n", "prices")
    assert refusal.value.details["reason"] == "column_twice"


def test_whoever_imports_may_say_what_each_column_is() -> None:
    text = "编号,标价,原价\nT-W-S,99,120\n"
    assert read(text, "prices").missing == ["price"]
    table = imports.read(text.encode(), "prices", "CNY", columns=("sku", "", "price", "name", "beyond"))
    assert (table.fields, table.ignored) == (["sku", "", "price"], ["标价"])
    assert [(row.sku, row.price_minor) for row in table.rows] == [("T-W-S", 120_00)]
    with pytest.raises(ImportUnreadable):
        imports.read(text.encode(), "prices", "CNY", columns=("sku", "price", "price"))


@pytest.mark.parametrize(
    ("cell", "minor"),
    [
        *(("99", 99_00), ("99.5", 99_50), ("1,299.00", 1_299_00), ("¥ 99", 99_00), ("￥99.10", 99_10)),
        *(("99元", 99_00), ("９９．５０", 99_50), ("99.000", 99_00), ('"1,000,000.00"', 1_000_000_00)),
    ],
)
def test_prices_as_people_write_them(cell: str, minor: int) -> None:
    (row,) = read(f"sku;price\nT1-W-S;{cell}\n", "prices").rows
    assert row.price_minor == minor


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        *(
            ("-1", "price_negative"),
            ("−1", "price_form"),
            ("0", "price_zero"),
            ("1000000.01", "price_huge"),
        ),
        *(("9" * 40, "price_huge"), ("abc", "price_form"), ("1e3", "price_form"), ("NaN", "price_form")),
        *(("1,2", "price_form"), ("99.005", "price_digits"), ("=1+1", "price_form"), ("٩٩", "price_form")),
    ],
)
def test_prices_that_are_none(cell: str, reason: str) -> None:
    assert reasons(read(f"sku;price\nT1-W-S;{cell}\n", "prices").bad) == [(2, "price", reason)]


@pytest.mark.parametrize(
    ("cell", "tax_bp"),
    [
        *(("13%", 1300), ("13", 1300), ("１３％", 1300), ("1.5", 150), ("9.25 %", 925), ("0", 0)),
        *(("100%", 10_000), ("默认", None), ("Default", None), ("", imports.UNSAID)),
    ],
)
def test_rates_of_tax_as_people_write_them(cell: str, tax_bp: int | None) -> None:
    (row,) = read(f"style,name,category,price,税率(%)\nT1,T,tops,1,{cell}\n").rows
    assert row.tax_bp == tax_bp


@pytest.mark.parametrize("cell", ["-1", "0.13%x", "100.01", "1300", "13.005", "免税", "=1+1", "٩"])
def test_rates_of_tax_that_are_none(cell: str) -> None:
    bad = read(f"style,name,category,price,vat\nT1,T,tops,1,{cell}\n").bad
    assert reasons(bad) == [(2, "tax", "tax_form")]


def test_a_rate_is_of_the_whole_style_and_stays_where_a_row_does_not_say() -> None:
    head = HEAD.replace("\n", ",tax\n")
    rows = "T1-W-S,T1,,,,,,,9%\nT1-W-M,T1,,,,,,,\n,D1,连衣裙,tops,,S,,529,13\n,D1,连衣裙,tops,,M,,529,\n"
    made = plan(head + rows)
    assert made.bad == []
    assert [(c.sku, c.field, c.old, c.new) for c in made.changed] == [("T1", "tax", "", "9%")]
    assert {style: held.tax_bp for style, held in made.styles.items()} == {"T1": 900, "D1": 1300}
    held = Held(HELD.categories, {**HELD.styles, **made.styles}, HELD.articles, {})
    back = import_plan.plan(read(head + "T1-W-S,T1,,,,,,,默认\n"), held, "CNY")
    assert [(c.field, c.old, c.new) for c in back.changed] == [("tax", "9%", "")]
    twice = read(head + ",D1,裙,tops,,S,,5,\n,D1,裙,tops,,M,,5,13\n,D1,裙,tops,,L,,5,9\n")
    assert reasons(twice.bad) == [(4, "style", "style_differs")]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        *(("6901028014572", "gtin_digit"), ("6.90103E+12", "gtin_rounded"), ("12345", "gtin_form")),
        *(("ABCDEFGHIJKLM", "gtin_form"), ("0000000000000", "gtin_form")),
    ],
)
def test_barcodes_that_are_none(cell: str, reason: str) -> None:
    assert reasons(read(f"gtin,price\n{cell},1\n", "prices").bad) == [(2, "gtin", reason)]


def test_a_barcode_that_was_made_a_text_for_excel_is_one() -> None:
    rows = read('gtin,price\n\'6901028014571,1\n"=""6901028020947""",1\n', "prices").rows
    assert [row.gtin for row in rows] == ["06901028014571", "06901028020947"]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("-1", "quantity_negative"),
        ("1.5", "quantity_form"),
        ("100000", "quantity_huge"),
        ("x", "quantity_form"),
    ],
)
def test_pieces_that_are_none(cell: str, reason: str) -> None:
    assert reasons(read(f"sku,stock\nT1-W-S,{cell}\n", "stock").bad) == [(2, "quantity", reason)]


def test_texts_that_are_too_long_or_print_nothing_are_named_by_line() -> None:
    text = HEAD + f"A-1,A,{'x' * 81},tops,,,,1\nA-2,A,a\x07,tops,,,,1\nA 3,A,ok,tops,,,,1\n,,ok,tops,,,,1\n"
    assert reasons(read(text).bad) == [
        (2, "name", "too_long"),
        (3, "name", "control"),
        (4, "sku", "code_form"),
        (5, "", "unnamed"),
    ]


def test_a_formula_is_kept_as_text() -> None:
    made = plan(HEAD + "A-1,A,'=HYPERLINK(1),tops,,,,1\n")
    assert made.styles["A"].name == "=HYPERLINK(1)"


def test_what_a_row_above_has_named_is_refused() -> None:
    text = HEAD + (
        "A-1,A,a,tops,红,S,6901028014571,1\n"
        "A-2,A,a,tops,红,M,6901028014571,1\n"
        "A-1,A,a,tops,红,L,,1\n"
        "A-4,A,other,tops,红,XL,,1\n"
    )
    table = read(text)
    assert reasons(table.bad) == [
        (3, "gtin", "twice"),
        (4, "sku", "twice"),
        (5, "style", "style_differs"),
    ]
    assert [bad.other for bad in table.bad] == ["2", "2", "2"] and table.bad_rows == 3


def test_new_changed_and_unchanged_rows_are_told_apart() -> None:
    made = plan(
        HEAD + "T1-W-S,T1,纯棉短袖,上装,白,S,6901028020947,109\n"
        "T1-W-M,T1,,,,,,99.00\n"
        ",D1,连衣裙,tops,雾蓝,L,,529\n,D1,连衣裙,tops,雾蓝,S,,529\n,D1,连衣裙,tops,砖红,S,,529\n"
    )
    assert made.bad == []
    assert [(c.sku, c.field, c.old, c.new) for c in made.changed] == [
        ("T1", "name", "纯棉 T 恤", "纯棉短袖"),
        ("T1-W-S", "price", "99.00", "109.00"),
    ]
    assert made.unchanged == 1
    assert [(c.line, c.name, c.variant, c.price_minor) for c in made.created] == [
        (4, "连衣裙", "雾蓝 / L", 529_00),
        (5, "连衣裙", "雾蓝 / S", 529_00),
        (6, "连衣裙", "砖红 / S", 529_00),
    ]
    dresses = [a for a in made.articles.values() if a.style == "D1"]
    assert [(a.colour, a.swatch, a.colour_rank, a.size, a.size_rank) for a in dresses] == [
        ("雾蓝", "denim", 0, "L", 1),
        ("雾蓝", "denim", 0, "S", 0),
        ("砖红", "brick", 1, "S", 0),
    ]
    assert made.styles["D1"].rank == 2


def test_a_file_twice_changes_nothing_the_second_time() -> None:
    text = HEAD + ",D1,连衣裙,tops,雾蓝,XL,,529\n"
    first = plan(text)
    held = Held(
        HELD.categories, {**HELD.styles, **first.styles}, {**HELD.articles, **first.articles}, HELD.on_hand
    )
    second = import_plan.plan(read(text), held, "CNY")
    assert (second.created, second.changed, second.articles, second.unchanged) == ([], [], {}, 1)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (",N1,裙,skirts,,,,1", ("category", "category_unknown")),
        (",N1,裙,,,,,1", ("category", "required")),
        (",N1,,tops,,,,1", ("name", "required")),
        (",N1,裙,tops,,,,", ("price", "required")),
        ("X-1,,裙,tops,,,,1", ("style", "required")),
        ("T1-W-S,N1,裙,tops,,,,1", ("style", "other_style")),
        ("N1-1,N1,裙,tops,,,6901028020947,1", ("gtin", "gtin_taken")),
        ("T1-X,T1,纯棉 T 恤,tops,白,S,,1", ("size", "variant_taken")),
        (",T1,纯棉 T 恤,tops,W,S,,1", ("sku", "number_taken")),  # T1-W-S is the white one's
        ("T1-W-M,T1,纯棉 T 恤,tops,白,S,,1", ("size", "variant_taken")),
    ],
)
def test_what_does_not_fit_the_shop_is_named(row: str, fault: tuple[str, str]) -> None:
    made = plan(f"{HEAD}{row}\n")
    assert [(bad.column, bad.reason) for bad in made.bad] == [fault]
    assert made.bad_rows == 1


def test_a_price_reaches_one_article_or_all_of_a_style() -> None:
    made = plan("style,size,price\nT1,,88\n", "prices")
    assert {a.sku: a.price_minor for a in made.articles.values()} == {"T1-W-S": 88_00, "T1-W-M": 88_00}
    made = plan("style,size,price\nT1,S,88\nT1,M,99\n", "prices")
    assert list(made.articles) == ["T1-W-S"] and made.unchanged == 1
    assert [bad.reason for bad in plan("style,size,price\nT1,S,88\nT1,,77\n", "prices").bad] == ["twice"]
    assert [bad.reason for bad in plan("sku,price\nNO,1\n", "prices").bad] == ["article_unknown"]


def test_pieces_reach_exactly_one_article() -> None:
    made = plan("sku,stock\nT1-W-S,7\nT1-W-M,0\n", "stock")
    assert made.stock == {"T1-W-S": 7, "T1-W-M": 0}
    assert [(c.old, c.new) for c in made.changed] == [("5", "7"), ("", "0")]
    assert plan("sku,stock\nT1-W-S,5\n", "stock").unchanged == 1
    assert [bad.reason for bad in plan("style,stock\nT1,5\n", "stock").bad] == ["ambiguous"]


def test_so_many_bad_rows_are_counted_and_some_are_named() -> None:
    table = read("sku,price\n" + "".join(f"A{n},x\n" for n in range(2_000)), "prices")
    assert table.bad_rows == 2_000 and len(table.bad) == imports.BAD_MAX
