"""Reports on a known week: every number is the sum of what was stored, and sums of parts are the whole."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from services.domain.periods import Period, named, period
from services.flows.shop import Shop
from services.registry import discover
from services.reports.answer import Answer, answer, change_bp, column
from services.reports.contract import Question, Report
from services.store import db
from services.store.db import LEDGER
from tests.shop import JEANS, SHANGHAI, SOCKS, START_MS, TEE

REPORTS: dict[str, Report] = discover("services.reports", "REPORT")
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
MONDAY = period("2026-11-16", "2026-11-16")
_N = itertools.count(1)

Line = tuple[str, str, int, int, int]  # sku, category, pieces, unit price, net


def sold(
    day: str,
    hour: int,
    *lines: Line,
    kind: str = "sale",
    who: str = "zhou",
    tenders: tuple[tuple[str, int], ...] = (),
    adjustments: tuple[tuple[str, int], ...] = (),
) -> None:
    """Store a document as checkout does. `hour` is the shop's; `day` the business day."""
    n = next(_N)
    total = sum(line[4] for line in lines)
    midnight = START_MS - START_MS % DAY_MS - 8 * HOUR_MS
    with db.write():
        LEDGER.execute_sql(
            "INSERT INTO sale (sale_id, till, till_seq, number, business_day, operator_id, currency,"
            " total_minor, begun_at_ms, ended_at_ms, journal_seq, kind)"
            " VALUES (?, '1', ?, ?, ?, ?, 'CNY', ?, ?, ?, ?, ?)",
            (f"s{n:05}", n, f"n{n}", day, who, total, 0, midnight + hour * HOUR_MS, n, kind),
        )
        for number, (sku, category, pieces, price, net) in enumerate(lines, 1):
            LEDGER.execute_sql(
                "INSERT INTO sale_line (sale_id, line_number, sku, gtin, name, variant, quantity,"
                " unit_price_minor, extended_minor, entry_method, voided, net_minor, category)"
                " VALUES (?, ?, ?, '', ?, 'v', ?, ?, ?, 'scanned', ?, ?, ?)",
                (
                    f"s{n:05}",
                    number,
                    sku,
                    f"name of {sku}",
                    pieces,
                    price,
                    pieces * price,
                    0,
                    net,
                    category,
                ),
            )
        for number, (key, minor) in enumerate(tenders or (("cash", total),), 1):
            LEDGER.execute_sql(
                "INSERT INTO tender (sale_id, n, key, amount_minor, tendered_minor, change_minor)"
                " VALUES (?, ?, ?, ?, ?, 0)",
                (f"s{n:05}", number, key, minor, minor),
            )
        for number, (source, minor) in enumerate(adjustments, 1):
            LEDGER.execute_sql(
                "INSERT INTO adjustment VALUES (?, ?, 1, 4, ?, 1, ?, ?, ?)",
                (f"s{n:05}", number, source, minor, f"{source} 中", f"{source} en"),
            )


@pytest.fixture
def week(shop: Shop) -> Shop:
    tee, jeans, socks = (
        (TEE, "tops", 2, 99_00, 188_00),
        (JEANS, "bottoms", 1, 329_00, 329_00),
        (SOCKS, "", 3, 29_00, 87_00),
    )
    sold("2026-11-16", 10, tee, jeans, adjustments=(("autumn", -10_00),))
    sold("2026-11-16", 23, socks, who="he", tenders=(("cash", 50_00), ("card", 37_00)))
    sold("2026-11-17", 10, jeans)
    sold("2026-11-17", 11, (JEANS, "bottoms", -1, 329_00, -329_00), kind="return")
    sold("2026-11-18", 12, (TEE, "tops", -1, 99_00, -94_00), jeans, kind="exchange")
    sold("2026-11-19", 12, socks)
    sold("2026-11-19", 12, (SOCKS, "", -3, 29_00, -87_00), kind="void")
    sold("2026-11-20", 1, socks)  # after midnight, before the day changes: the 19th's hours, the 20th's day
    return shop


def asked(key: str, days: Period, lang: Any = "zh") -> Answer:
    question = Question(period=days, zone=SHANGHAI, lang=lang, tenders={"cash": "现金"})
    return answer(REPORTS[key], question)


WEEK = period("2026-11-16", "2026-11-22")


def test_a_day_is_gross_less_discounts_less_returns(week: Shop) -> None:
    rows = {row[0]: row[1:] for row in asked("days", WEEK).rows}
    assert rows["2026-11-16"] == (614_00, -10_00, 0, 604_00, 6, 2, 302_00, 300)
    assert rows["2026-11-17"] == (329_00, 0, -329_00, 0, 0, 1, 0, 0)
    assert rows["2026-11-18"] == (329_00, 0, -94_00, 235_00, 0, 1, 235_00, 0)
    assert rows["2026-11-19"] == (87_00, 0, -87_00, 0, 0, 0, None, None)
    assert rows["2026-11-22"] == (0, 0, 0, 0, 0, 0, None, None)
    for gross, discounts, returns, net, *_ in rows.values():
        assert isinstance(gross, int) and gross + discounts + returns == net


def test_the_last_day_of_a_period_belongs_to_it_and_the_next_one_does_not(week: Shop) -> None:
    assert [row[0] for row in asked("days", period("2026-11-16", "2026-11-17")).rows] == [
        "2026-11-16",
        "2026-11-17",
    ]
    both = [asked("days", period(day, day)).totals[4] for day in ("2026-11-16", "2026-11-17")]
    assert asked("days", period("2026-11-16", "2026-11-17")).totals[4] == sum(both)


@pytest.mark.parametrize(
    "key", ["days", "hours", "styles", "variants", "categories", "taxes", "tenders", "cashiers"]
)
def test_every_report_adds_up_to_the_same_net_sales(week: Shop, key: str) -> None:
    found = asked(key, WEEK)
    assert found.totals[column(REPORTS[key], "net")] == 926_00
    nothing = asked(key, period("2020-01-01", "2020-01-31"))
    assert nothing.empty and not found.empty


def test_hours_are_the_shop_s_and_go_from_the_first_to_the_last_busy_one(week: Shop) -> None:
    rows = asked("hours", WEEK).rows
    assert (rows[0][0], rows[-1][0], len(rows)) == ("01:00", "23:00", 23)
    assert {row[0]: row[1:3] for row in rows}["10:00"] == (188_00 + 2 * 329_00, 2)


def test_styles_take_their_name_from_the_catalogue_and_count_what_came_back(week: Shop) -> None:
    rows = {row[1]: row for row in asked("styles", WEEK).rows}
    assert rows["J1"][:4] == ("高腰直筒牛仔裤", "J1", 2, 658_00) and rows["J1"][5] == 1
    with db.write():
        LEDGER.execute_sql("DELETE FROM article WHERE style = 'J1'")
    assert {row[1]: row[0] for row in asked("styles", WEEK).rows}[JEANS] == f"name of {JEANS}"


def test_shares_are_of_the_whole_and_ratios_of_the_sums(week: Shop) -> None:
    found = asked("categories", WEEK)
    assert {row[0]: row[3] for row in found.rows} == {"bottoms": 7106, "上装": 1015, "未分类": 1879}
    days = asked("days", WEEK)
    assert days.totals[7] == 926_00 // 5  # five customers
    assert asked("categories", WEEK, "en").rows[1][0] == "No category"


def test_a_discount_is_told_by_its_promotion_in_the_asker_s_language(week: Shop) -> None:
    assert asked("discounts", WEEK).rows == (("autumn 中", "autumn", 1, 10_00, 10_000),)
    assert asked("discounts", WEEK, "en").rows[0][0] == "autumn en"


def test_the_period_before_is_matched_by_name_or_by_place(week: Shop) -> None:
    sold("2026-11-10", 10, (JEANS, "bottoms", 1, 329_00, 200_00))
    styles = asked("styles", WEEK)
    (jeans,) = (past for row, past in zip(styles.rows, styles.before, strict=True) if row[1] == "J1")
    assert jeans is not None and jeans[3] == 200_00
    days = asked("days", WEEK)
    assert [past[4] if past else None for past in days.before][:3] == [0, 200_00, 0]
    assert days.totals_before[4] == 200_00


def test_a_change_is_in_basis_points_of_what_was(week: Shop) -> None:
    assert change_bp(120, 100) == 2000 and change_bp(80, 100) == -2000 and change_bp(1, 3) == -6667
    assert change_bp(5, 0) is None and change_bp(None, 5) is None
    assert change_bp(50, -100) == 15_000


def test_tenders_are_named_and_split_into_taken_and_paid_back(week: Shop) -> None:
    rows = {row[0]: row for row in asked("tenders", WEEK).rows}
    assert rows["card"][1:5] == (1, 37_00, 0, 37_00)
    assert rows["现金"][2] - 889_00 == -rows["现金"][3] == 416_00  # type: ignore[operator]


def test_named_periods_end_today_and_weeks_begin_on_monday() -> None:
    today = "2026-11-22"  # a Sunday
    assert named("week", today) == Period("2026-11-16", "2026-11-23")
    assert named("week", "2026-11-23") == Period("2026-11-23", "2026-11-24")
    assert named("month", today) == Period("2026-11-01", "2026-11-23")
    assert named("yesterday", "2027-01-01") == Period("2026-12-31", "2027-01-01")
    assert named("last7", today).days == 7 and named("last30", today).days == 30
    assert named("last7", today).before() == Period("2026-11-09", "2026-11-16")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2026-11-02", "2026-11-01"),
        ("x", "y"),
        ("2020-01-01", "2026-01-01"),
        ("20261101", "20261102"),
        ("2026-W01-1", "2026-W01-2"),
    ],
)
def test_no_period_is_backwards_endless_or_not_of_days(first: str, last: str) -> None:
    with pytest.raises(ValueError):
        period(first, last)


def test_every_report_keeps_its_word_about_its_columns(week: Shop) -> None:
    for report in REPORTS.values():
        keys = [each.key for each in report.columns]
        assert len(set(keys)) == len(keys) and report.columns[0].kind == "text"
        named_ = {
            name for each in report.columns for name in (*(each.ratio or ())[:2], each.share_of) if name
        }
        assert named_ | set(report.figures) <= set(keys)
        assert len(report.figures) <= 4
        assert report.chart is None or report.chart.value in keys
        question = Question(period=WEEK, zone=SHANGHAI, lang="en", tenders={})
        assert answer(report, question) == answer(report, replace(question))
