"""Time at work: spans from clocking in to clocking out, what of them counts, and what may be corrected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from services.domain import days
from services.domain.errors import AttendanceRefused

OPEN = "open"  # at work
CLOSED = "closed"
UNATTENDED = "unattended"  # nobody clocked out before the business day was over: the end is not known
DOUBTFUL = "doubtful"  # the clock could not be believed at one of its ends
ADDED = "added"  # never clocked: a manager wrote it down afterwards
CORRECTED = "corrected"

SPAN_MAX_MS = 24 * 3_600_000
BACK_MAX_MS = 93 * 86_400_000  # further back nothing is corrected: those hours have been paid


@dataclass(frozen=True, slots=True)
class Span:
    """As it stands now. What was recorded, and every correction, is kept beside it."""

    span_id: str
    staff_id: str
    business_day: str  # on which it began
    in_at_ms: int
    out_at_ms: int  # 0 while open, and where the end is not known
    state: str
    corrections: int = 0

    @property
    def worked_ms(self) -> int:
        """What counts: nothing that still needs a manager's word."""
        return self.out_at_ms - self.in_at_ms if self.state in (CLOSED, CORRECTED) else 0

    @property
    def asks(self) -> bool:
        """Whether a manager must say what is right."""
        return self.state in (UNATTENDED, DOUBTFUL)


def as_of(span: Span, today: str) -> Span:
    """The span on business day `today`: one that was left open on an earlier day is unattended by now."""
    return left_open(span) if span.state == OPEN and span.business_day < today else span


def left_open(span: Span) -> Span:
    """The open span closed by nobody: its end is not known."""
    return replace(span, state=UNATTENDED)


def ended(span: Span, at_ms: int, *, believed: bool) -> Span:
    """The open span closed. A clock that went back, or by more than a day, makes it doubtful; so does
    one that was not `believed` at either end."""
    whole = 0 <= at_ms - span.in_at_ms <= SPAN_MAX_MS
    state = CLOSED if whole and believed else DOUBTFUL
    return replace(span, out_at_ms=at_ms, state=state)


def wall_ms(text: str, zone: tzinfo, not_before_ms: int = 0) -> int:
    """The moment at which the shop's clock on the wall shows `text` ("2026-11-25T09:00").

    An hour that the wall shows twice, when summer time ends, is the first one unless that is before
    `not_before_ms`. Raises AttendanceRefused for a time that is none, or that the wall never shows.
    """
    try:
        shown = datetime.fromisoformat(text)
    except ValueError as error:
        raise AttendanceRefused("this is no time", why="time") from error
    if shown.tzinfo is not None:
        raise AttendanceRefused("a time on the wall has no offset", why="time")
    moments = [_utc_ms(shown, zone, fold) for fold in (0, 1)]
    shows = [at_ms for at_ms in moments if days.local(at_ms, zone).replace(tzinfo=None) == shown]
    if not shows:
        raise AttendanceRefused("the clock never shows this time on that day", why="time")
    return next((at_ms for at_ms in shows if at_ms >= not_before_ms), shows[0])


def _utc_ms(shown: datetime, zone: tzinfo, fold: int) -> int:
    since = shown.replace(tzinfo=zone, fold=fold) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(milliseconds=1)


def check(span: Span, others: Iterable[Span], now_ms: int) -> None:
    """Whether a corrected `span` may stand beside the `others` of this person. Raises AttendanceRefused."""
    if not 0 <= span.out_at_ms - span.in_at_ms <= SPAN_MAX_MS:
        raise AttendanceRefused("it ends after it begins, within 24 hours", why="order")
    if span.out_at_ms > now_ms:
        raise AttendanceRefused("it lies in the future", why="future")
    if span.in_at_ms < now_ms - BACK_MAX_MS:
        raise AttendanceRefused("it is too long ago", why="past")
    for other in others:
        end_ms = other.out_at_ms or (now_ms if other.state == OPEN else other.in_at_ms)
        if other.span_id != span.span_id and other.in_at_ms < span.out_at_ms and span.in_at_ms < end_ms:
            raise AttendanceRefused("it overlaps another time at work", why="overlap")
