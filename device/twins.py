"""The software twins as the counter page sees them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from drivers import paper
from services.domain.errors import DeviceAbsent, NotFound
from services.store import catalogue
from web_console.api import HealthView
from web_console.api_counter import CounterArticle, CounterView, TwinView

ARTICLES = 6  # offered for scanning
UPLINK = "uplink"
BROKER_DOWN = "broker_down"


class Counter:
    """Implements web_console.box.Twins over the twins of the configured devices and the line to HQ."""

    def __init__(
        self,
        twins: Mapping[str, tuple[str, Any]],  # name -> (kind, twin)
        cut_uplink: Callable[[bool], None],
        health: Callable[[], HealthView],
    ) -> None:
        self._twins = twins
        self._cut_uplink = cut_uplink
        self._cut = False
        self._health = health
        self._articles = tuple(
            CounterArticle(name=f"{a.name} {a.variant.replace(' / ', '/')}", code=a.gtin.removeprefix("0"))
            for a in catalogue.some(ARTICLES)
        )

    def view(self) -> CounterView:
        views = [_view(name, kind, twin) for name, (kind, twin) in self._twins.items()]
        uplink = TwinView(name=UPLINK, kind="uplink", faults={BROKER_DOWN: self._cut})
        return CounterView(twins=(*views, uplink), health=self._health(), articles=self._articles)

    def scan(self, twin: str, code: str) -> None:
        self._find(twin, "scanner").scan(code)

    def set_fault(self, twin: str, fault: str, on: bool) -> None:
        if (twin, fault) == (UPLINK, BROKER_DOWN):
            self._cut = on
            self._cut_uplink(on)
            return
        found = self._find(twin)
        if fault not in found.faults:
            raise DeviceAbsent("this twin has no such fault", twin=twin, fault=fault)
        found.set_fault(fault, on)

    def push_drawer(self, twin: str) -> None:
        self._find(twin, "drawer").push_closed()

    def tear(self, twin: str) -> None:
        self._find(twin, "printer").tear()

    def reset(self) -> None:
        self.set_fault(UPLINK, BROKER_DOWN, False)
        for kind, twin in self._twins.values():
            for fault in list(twin.faults):
                twin.set_fault(fault, False)
            if kind == "drawer":
                twin.push_closed()
            if kind == "printer":
                twin.tear()

    def picture(self, twin: str, n: int) -> str:
        papers = _hanging(self._find(twin, "printer"))
        if not 0 <= n < len(papers):
            raise NotFound("no such paper", n=n)
        return paper.svg(papers[n])

    def _find(self, name: str, kind: str = "") -> Any:
        found_kind, twin = self._twins.get(name, ("", None))
        if twin is None or (kind and kind != found_kind):
            raise DeviceAbsent("there is no such twin", twin=name)
        return twin


def _hanging(printer: Any) -> list[bytes]:
    """The finished papers and, last, the one being printed."""
    papers: list[bytes] = [*printer.papers]
    if any(line.strip() for line in paper.plain_text(printer.current)):
        papers.append(printer.current)
    return papers


def _view(name: str, kind: Any, twin: Any) -> TwinView:
    if kind == "printer":
        papers = _hanging(twin)
        lines = tuple(paper.plain_text(papers[-1])) if papers else ()
        revision = sum(len(p) for p in papers)
        return TwinView(
            name=name,
            kind=kind,
            faults=dict(twin.faults),
            papers=len(papers),
            lines=lines,
            revision=revision,
        )
    if kind == "drawer":
        return TwinView(
            name=name,
            kind=kind,
            faults=dict(twin.faults),
            drawer_open=twin.is_open,
            drawer_opened_count=twin.opened_count,
            drawer_pulse_ms=twin.last_pulse_ms or 0,
        )
    return TwinView(name=name, kind=kind, faults=dict(twin.faults))
