"""A report's answer: rows, the foot, and the period before, from what was stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.reports.contract import Cell, Column, Question, Report, Row


@dataclass(frozen=True, slots=True)
class Answer:
    """`before` are the rows of the period before, one for each of `rows` where there was one."""

    rows: tuple[Row, ...]
    totals: Row
    before: tuple[Row | None, ...]
    totals_before: Row

    @property
    def empty(self) -> bool:
        return not any(isinstance(cell, int) and cell for row in self.rows for cell in row)


def answer(report: Report, question: Question) -> Answer:
    """Ask for the period and for the one before it."""
    now, now_totals = _filled(report, question)
    past, past_totals = _filled(report, replace(question, period=question.period.before()))
    named = {row[0]: row for row in past}
    if report.matched:
        before = tuple(named.get(row[0]) for row in now)
    else:
        before = tuple(past[n] if n < len(past) else None for n in range(len(now)))
    return Answer(now, now_totals, before, past_totals)


def column(report: Report, key: str) -> int:
    """The place of a column."""
    return next(n for n, each in enumerate(report.columns) if each.key == key)


def change_bp(now: Cell, past: Cell) -> int | None:
    """The difference in basis points of the past; None where there was nothing to compare with."""
    if not isinstance(now, int) or not isinstance(past, int) or past == 0:
        return None
    return _rounded((now - past) * 10_000, abs(past))


def _filled(report: Report, question: Question) -> tuple[tuple[Row, ...], Row]:
    """(rows, foot) with every ratio and share worked out."""
    rows = tuple(report.rows(question))
    assert all(len(row) == len(report.columns) for row in rows), f"{report.key}: a row of another width"
    sums = tuple(_sum(each, rows, n) for n, each in enumerate(report.columns))
    return tuple(_worked_out(report, row, sums) for row in rows), _worked_out(report, sums, sums)


def _sum(held: Column, rows: Sequence[Row], place: int) -> Cell:
    if held.kind == "text" or not held.sums or held.ratio or held.share_of:
        return None
    return sum(cell for row in rows if isinstance(cell := row[place], int))


def _worked_out(report: Report, row: Row, sums: Row) -> Row:
    cells = list(row)
    for n, each in enumerate(report.columns):
        if each.ratio:
            top, bottom, factor = each.ratio
            cells[n] = _quotient(row[column(report, top)], row[column(report, bottom)], factor)
        elif each.share_of:
            place = column(report, each.share_of)
            cells[n] = _quotient(row[place], sums[place], 10_000)
    return tuple(cells)


def _quotient(top: Cell, bottom: Cell, factor: int) -> int | None:
    if not isinstance(top, int) or not isinstance(bottom, int) or bottom == 0:
        return None
    return _rounded(top * factor, bottom) if bottom > 0 else _rounded(-top * factor, -bottom)


def _rounded(numerator: int, denominator: int) -> int:
    """Halves away from zero; the denominator is above zero."""
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude
