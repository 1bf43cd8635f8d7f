"""What the pages ask of the device they run on; the device package provides it."""

from __future__ import annotations

from typing import Protocol

from services.domain.receipt import Paper
from web_console.api import HealthView
from web_console.api_box import BoxView
from web_console.api_counter import CounterView


class Twins(Protocol):
    """The software twins behind the counter page; absent on real hardware."""

    def view(self) -> CounterView: ...

    def scan(self, twin: str, code: str) -> None:
        """Play one scan. Raises DeviceAbsent for an unknown twin."""
        ...

    def set_fault(self, twin: str, fault: str, on: bool) -> None:
        """Raises DeviceAbsent for an unknown twin or fault."""
        ...

    def push_drawer(self, twin: str) -> None: ...

    def tear(self, twin: str) -> None:
        """Take the finished papers of a printer away."""
        ...

    def reset(self) -> None:
        """All faults off, drawers closed, papers torn."""
        ...

    def picture(self, twin: str, n: int) -> str:
        """The n-th hanging paper (0 is the oldest) as SVG. Raises NotFound."""
        ...


class Box(Protocol):
    @property
    def twins(self) -> Twins | None: ...

    def health(self, till: str) -> HealthView:
        """What the cashier at `till` must know, now. Cheap: called once a second for each page."""
        ...

    def view(self) -> BoxView:
        """What a technician must know, now."""
        ...

    def draw_label(self, till: str, label: Paper) -> str:
        """A label as the label printer of `till` would print it, as SVG.

        Raises DeviceAbsent, LabelTooSmall."""
        ...

    def check_journal(self) -> None:
        """Verify the whole hash chain; the result is in the next view()."""
        ...

    def wake_jobs(self, till: str) -> None:
        """Jobs of `till` have been queued: send them now."""
        ...

    def wake_uplink(self) -> None:
        """The journal has grown."""
        ...
