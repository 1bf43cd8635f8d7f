"""What the counter page of the software twins says to the gateway and hears from it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from web_console.api import Answer, HealthView, Id, Request


class TwinView(Answer, frozen=True, kw_only=True):
    name: str
    kind: Literal["scanner", "printer", "drawer", "uplink"]
    faults: dict[str, bool]
    drawer_open: bool | None = None
    drawer_opened_count: int = 0
    drawer_pulse_ms: int = 0
    papers: int = 0  # finished papers hanging out, oldest first
    lines: tuple[str, ...] = ()  # the newest paper as plain text
    revision: int = 0  # changes whenever the picture does


class CounterView(Answer, frozen=True, kw_only=True):
    twins: tuple[TwinView, ...]
    health: HealthView
    articles: tuple[CounterArticle, ...]  # something to scan


class CounterArticle(Answer, frozen=True, kw_only=True):
    name: str
    code: str


class TwinScan(Request, frozen=True, kw_only=True):
    twin: Id
    code: Annotated[str, Meta(min_length=1, max_length=5000)]


class TwinFault(Request, frozen=True, kw_only=True):
    twin: Id
    fault: Id
    on: bool


class PaperQuery(Request, frozen=True, kw_only=True):
    n: Annotated[int, Meta(ge=0, le=10_000)] = 0  # which paper; 0 is the oldest
    r: Annotated[str, Meta(max_length=32)] = ""  # the revision, only to get past a browser's cache


class TwinName(Request, frozen=True, kw_only=True):
    twin: Id
