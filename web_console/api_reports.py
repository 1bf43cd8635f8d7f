"""What the back office asks of the reports, and what it hears. Every number comes written."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from web_console.api import Answer, Request

Day = Annotated[str, Meta(pattern="^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]


class LanguageQuery(Request, frozen=True, kw_only=True):
    lang: Literal["zh", "en"] = "zh"


class ReportQuery(Request, frozen=True, kw_only=True):
    """A named period, or `own` with its first and last business day, both included."""

    period: Literal["today", "yesterday", "week", "last7", "month", "last30", "own"] = "last7"
    first: Day = ""
    last: Day = ""
    lang: Literal["zh", "en"] = "zh"
    narrow: bool = False  # a chart for a phone


class ReportCard(Answer, frozen=True, kw_only=True):
    key: str
    label: str


class ColumnView(Answer, frozen=True, kw_only=True):
    key: str
    label: str
    number: bool
    wide: bool  # a phone leaves it out


class Change(Answer, frozen=True, kw_only=True):
    """Against the period before. `text` is "" where there is nothing to compare with."""

    text: str = ""  # "+20.2%"
    trend: Literal["up", "down", "same", "none"] = "none"


class RowView(Answer, frozen=True, kw_only=True):
    cells: tuple[str, ...]
    change: Change


class FigureView(Answer, frozen=True, kw_only=True):
    label: str
    value: str
    change: Change


class BarView(Answer, frozen=True, kw_only=True):
    label: str
    text: str
    permille: int  # of the longest bar


class ReportView(Answer, frozen=True, kw_only=True):
    key: str
    title: str
    first: str
    last: str
    before_first: str
    before_last: str
    empty: bool  # nothing was sold in the period
    columns: tuple[ColumnView, ...]
    rows: tuple[RowView, ...]
    foot: tuple[str, ...]
    figures: tuple[FigureView, ...]
    bars: tuple[BarView, ...]  # the first ten of a ranking
    chart: bool  # whether there is a picture to ask for
    changed: str  # the column that `change` speaks of


class ChartView(Answer, frozen=True, kw_only=True):
    svg: str
    label: str  # what it shows, in a sentence
