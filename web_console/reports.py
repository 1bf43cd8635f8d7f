"""Reports of the back office: figures, table, chart, and the same as files."""

from __future__ import annotations

from decimal import Decimal

from flask import Response, current_app

from services.domain import days, periods
from services.domain.errors import BadRequest, NotFound
from services.domain.money import Money, minor_digits, signed
from services.flows.shop import Shop
from services.registry import discover
from services.reports import answer as answers
from services.reports.answer import Answer, change_bp
from services.reports.contract import Cell, Column, Question, Report
from web_console import charts
from web_console.api_reports import (
    BarView,
    Change,
    ChartView,
    ColumnView,
    FigureView,
    LanguageQuery,
    ReportCard,
    ReportQuery,
    ReportView,
    RowView,
)
from web_console.downloads import CSV, XLSX, csv_file, xlsx_file
from web_console.downloads import Cell as FileCell
from web_console.gate import Call
from web_console.routes import MANAGER, Routes

ROUTES = Routes()

BARS = 10  # of a ranking
REPORTS: dict[str, Report] = discover("services.reports", "REPORT")


@ROUTES.get("/api/office/reports", MANAGER, tuple[ReportCard, ...], "All reports", query=LanguageQuery)
def list_reports(call: Call, query: LanguageQuery) -> tuple[ReportCard, ...]:
    ordered = sorted(REPORTS.values(), key=lambda report: (report.place, report.key))
    return tuple(ReportCard(key=each.key, label=_label(each, query.lang)) for each in ordered)


@ROUTES.get("/api/office/reports/<ident:key>", MANAGER, ReportView, "One report", query=ReportQuery)
def show_report(call: Call, query: ReportQuery, key: str) -> ReportView:
    report, question = _asked(call, query, key)
    return _view(call.shop, report, question, answers.answer(report, question))


@ROUTES.get(
    "/api/office/reports/<ident:key>/chart", MANAGER, ChartView, "A report's picture", query=ReportQuery
)
def show_chart(call: Call, query: ReportQuery, key: str) -> ChartView:
    report, question = _asked(call, query, key)
    if report.chart is None or report.chart.kind != "time":
        raise NotFound("this report has no picture", key=key)
    return _chart(call.shop, report, question, answers.answer(report, question), query.narrow)


@ROUTES.get(
    "/api/office/reports/<ident:key>/csv", MANAGER, None, "A report as CSV", query=ReportQuery, media=CSV
)
def save_report_csv(call: Call, query: ReportQuery, key: str) -> Response:
    report, question = _asked(call, query, key)
    found = answers.answer(report, question)
    return csv_file(f"{_file_name(report, question)}.csv", _file_rows(call.shop, report, question, found))


@ROUTES.get(
    "/api/office/reports/<ident:key>/xlsx",
    MANAGER,
    None,
    "A report for Excel",
    query=ReportQuery,
    media=XLSX,
)
def save_report_xlsx(call: Call, query: ReportQuery, key: str) -> Response:
    report, question = _asked(call, query, key)
    found = answers.answer(report, question)
    decimals = [_decimals(call.shop, column) for column in report.columns]
    rows = _file_rows(call.shop, report, question, found)
    return xlsx_file(f"{_file_name(report, question)}.xlsx", _label(report, question.lang), rows, decimals)


def _asked(call: Call, query: ReportQuery, key: str) -> tuple[Report, Question]:
    report = REPORTS.get(key)
    if report is None:
        raise NotFound("there is no such report", key=key)
    shop = call.shop
    today = days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
    try:
        own = query.period == "own"
        period = periods.period(query.first, query.last) if own else periods.named(query.period, today)
        period.before()
    except (ValueError, OverflowError) as error:
        raise BadRequest(str(error)) from error
    tenders = {
        tender.key: tender.label_en if query.lang == "en" else tender.label_zh
        for tender in shop.tenders.values()
    }
    reserve_bp = shop.stored_value.reserve_bp
    return report, Question(
        period=period, zone=shop.zone, lang=query.lang, tenders=tenders, reserve_bp=reserve_bp
    )


def _view(shop: Shop, report: Report, question: Question, found: Answer) -> ReportView:
    before = question.period.before()
    changed = report.chart.value if report.chart else ""
    place = answers.column(report, changed) if changed else -1
    return ReportView(
        key=report.key,
        title=_label(report, question.lang),
        first=question.period.begin,
        last=question.period.last,
        before_first=before.begin,
        before_last=before.last,
        empty=found.empty,
        columns=tuple(
            ColumnView(key=c.key, label=_label(c, question.lang), number=c.kind != "text", wide=c.wide)
            for c in report.columns
        ),
        rows=tuple(
            RowView(
                cells=tuple(_written(shop, c, cell) for c, cell in zip(report.columns, row, strict=True)),
                change=_change(row[place], past[place] if past else None) if changed else Change(),
            )
            for row, past in zip(found.rows, found.before, strict=True)
        ),
        foot=tuple(_written(shop, c, cell) for c, cell in zip(report.columns, found.totals, strict=True)),
        figures=tuple(_figure(shop, report, question, found, key) for key in report.figures),
        bars=_bars(shop, report, found),
        chart=report.chart is not None and report.chart.kind == "time",
        changed=changed,
    )


def _figure(shop: Shop, report: Report, question: Question, found: Answer, key: str) -> FigureView:
    place = answers.column(report, key)
    held = report.columns[place]
    return FigureView(
        label=_label(held, question.lang),
        value=_written(shop, held, found.totals[place]) or "–",
        change=_change(found.totals[place], found.totals_before[place]),
    )


def _bars(shop: Shop, report: Report, found: Answer) -> tuple[BarView, ...]:
    if report.chart is None or report.chart.kind != "rank":
        return ()
    place = answers.column(report, report.chart.value)
    values = [(str(row[0]), row[place]) for row in found.rows[:BARS]]
    top = max((value for _, value in values if isinstance(value, int)), default=0)
    return tuple(
        BarView(
            label=name,
            text=_written(shop, report.columns[place], value),
            permille=max(0, value) * 1000 // top if isinstance(value, int) and top > 0 else 0,
        )
        for name, value in values
    )


def _chart(shop: Shop, report: Report, question: Question, found: Answer, narrow: bool) -> ChartView:
    assert report.chart is not None
    place = answers.column(report, report.chart.value)
    held = report.columns[place]
    now = [_number(row[place]) for row in found.rows]
    before = [_number(past[place]) if past else 0 for past in found.before]
    labels = [_point(str(row[0])) for row in found.rows]
    words = current_app.extensions["words"].get(question.lang, {})
    top = max(now, default=0)
    name = _label(held, question.lang)
    label = words["report.chart_none"].format(name=name)
    if top > 0:
        highest = labels[now.index(top)]
        label = words["report.chart"].format(name=name, at=highest, top=_written(shop, held, top))
    svg = charts.over_time(
        labels,
        now,
        before,
        lambda value: _short(shop, held, value, question.lang),
        (words["report.before"], words["report.now"]),
        narrow=narrow,
        label=label,
    )
    return ChartView(svg=svg, label=label)


def _number(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0


def _point(label: str) -> str:
    """A day without its year."""
    return label[5:] if len(label) == len("YYYY-MM-DD") and label[4] == "-" else label


def _label(named: Report | Column, lang: str) -> str:
    return named.label_en if lang == "en" else named.label_zh


def _change(now: Cell, past: Cell) -> Change:
    by = change_bp(now, past)
    if by is None:
        return Change()
    tenths = (abs(by) + 5) // 10
    if tenths == 0:
        return Change(text="0.0%", trend="same")
    sign = "+" if by > 0 else "−"
    return Change(text=f"{sign}{tenths // 10:,}.{tenths % 10}%", trend="up" if by > 0 else "down")


def _written(shop: Shop, column: Column, cell: Cell) -> str:
    """As it stands in a table: amounts of a thousand and more without their decimals."""
    if not isinstance(cell, int):
        return cell or ""
    if column.kind == "money":
        return _reported(Money(cell, shop.currency))
    if column.kind == "hundredths":
        return f"{'-' if cell < 0 else ''}{abs(cell) // 100}.{abs(cell) % 100:02}"
    if column.kind == "share":
        return f"{'-' if cell < 0 else ''}{abs(cell) // 100}.{abs(cell) % 100 // 10}%"
    return f"{cell:,}"


def _reported(amount: Money) -> str:
    unit = 10 ** minor_digits(amount.currency)
    if abs(amount.minor) < 1_000 * unit or unit == 1:
        return signed(amount)
    whole = (abs(amount.minor) + unit // 2) // unit * unit
    text = signed(Money(whole if amount.minor > 0 else -whole, amount.currency))
    return text.rpartition(".")[0]


def _short(shop: Shop, column: Column, value: int, lang: str) -> str:
    """As it stands in a chart: "12k", "1.2 万"."""
    unit = 10 ** minor_digits(shop.currency) if column.kind == "money" else 1
    whole = abs(value) // unit
    step, word = (10_000, " 万") if lang == "zh" else (1_000, "k")
    sign = "-" if value < 0 else ""
    if whole < step:
        return f"{sign}{whole:,}"
    tenths = (whole * 10 + step // 2) // step
    return f"{sign}{tenths // 10:,}{f'.{tenths % 10}' if tenths % 10 else ''}{word}"


def _file_name(report: Report, question: Question) -> str:
    return f"{_label(report, question.lang)}-{question.period.begin}-{question.period.last}"


def _file_rows(shop: Shop, report: Report, question: Question, found: Answer) -> list[tuple[FileCell, ...]]:
    """Exact figures, a head and a foot."""
    total = current_app.extensions["words"].get(question.lang, {})["report.total"]
    head = tuple(
        f"{_label(c, question.lang)}{' %' if c.kind == 'share' else ''}"
        + (f" ({shop.currency})" if c.kind == "money" else "")
        for c in report.columns
    )
    rows = (*found.rows, (total, *found.totals[1:]))
    return [
        head,
        *(tuple(_exact(shop, c, x) for c, x in zip(report.columns, row, strict=True)) for row in rows),
    ]


def _exact(shop: Shop, column: Column, cell: Cell) -> FileCell:
    decimals = _decimals(shop, column)
    return Decimal(cell).scaleb(-decimals) if isinstance(cell, int) else cell


def _decimals(shop: Shop, column: Column) -> int:
    return {"money": minor_digits(shop.currency), "hundredths": 2, "share": 2}.get(column.kind, 0)
