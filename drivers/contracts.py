"""What every driver offers: values, states, health and errors, in UnifiedPOS words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

CODE_LENGTH_MAX = 128  # characters of one scan; a longer one is noise and is dropped whole


class ErrorCode(StrEnum):
    """UnifiedPOS result codes, as far as our devices can meet them."""

    CLOSED = "closed"
    CLAIMED = "claimed"  # somebody else holds the device
    NOSERVICE = "noservice"  # the library for it is not installed
    ILLEGAL = "illegal"
    NOHARDWARE = "nohardware"  # unplugged, or never there
    OFFLINE = "offline"  # there, but it does not answer
    FAILURE = "failure"
    TIMEOUT = "timeout"
    BUSY = "busy"
    PAPER_END = "paper_end"  # extended: receipt empty
    COVER_OPEN = "cover_open"  # extended: cover open


class DriverError(Exception):
    """Hardware did not do what it was asked.

    `hint` is one sentence a technician can act on. `began` tells whether the first byte of a job
    may already have reached the device: such a job must never be repeated blindly.
    """

    def __init__(self, message: str, *, code: ErrorCode, hint: str, began: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint
        self.began = began


class State(StrEnum):
    CLOSED = "closed"
    IDLE = "idle"
    BUSY = "busy"
    ERROR = "error"


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Health:
    """How a device is. `code` is stable and translated by the pages; `detail` is for technicians."""

    code: str  # "ready", or an ErrorCode, or a kind's own word such as "paper_near_end"
    level: Level
    detail: str = ""


READY = Health("ready", Level.OK)


class Device(Protocol):
    """Opens in its constructor (open, claim and enable at once) and closes twice without harm."""

    @property
    def state(self) -> State: ...

    def check_health(self) -> Health:
        """The device's own word, asked now where it can be asked. Never raises, waits at most 1 s."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Scan:
    """One barcode. `data` is printable ASCII, where GS (0x1D) may stand between GS1 elements."""

    data: str
    scanner: str  # the name from the settings


class Scanner(Device, Protocol):
    def scans(self) -> Iterator[Scan]:
        """Scans in the order they were read, each once. Ends on close(), raises DriverError on loss."""
        ...


class Align(StrEnum):
    LEFT = "left"
    CENTER = "center"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, wrapped by display width (a Han character is two cells)."""

    text: str
    align: Align = Align.LEFT
    bold: bool = False
    size: int = 1  # 1 or 2: times the normal height, and width where the whole text fits one line then
    lines_max: int = 0  # what does not fit so many lines is cut; 0: no limit


@dataclass(frozen=True, slots=True)
class Row:
    """Two texts on one line, the right one flush right. When both do not fit, the left one is cut, or it
    `wraps` and the right one stands on its last line."""

    left: str
    right: str
    bold: bool = False
    size: int = 1  # as of a Text
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code, error correction M, centred."""

    data: str
    module_dots: int = 5  # 3 to 12


@dataclass(frozen=True, slots=True)
class Barcode:
    """A Code 128 symbol (set B: printable ASCII, 1 to 40 characters), centred, text below.

    80 mm of paper hold 21 characters, 58 mm hold 12; of a longer one only the text is printed.
    """

    data: str
    height_dots: int = 80  # of the bars; 24 to 255


@dataclass(frozen=True, slots=True)
class Ean13:
    """An EAN-13 symbol: thirteen digits, the last of them right. Text below."""

    data: str
    height_dots: int = 80


@dataclass(frozen=True, slots=True)
class Form:
    """From here on one label of this size, to the next Form or the Cut; left aligned. Feeds to its end, or
    to where the printer's sensor sees the next one. Raises (print) ILLEGAL when its content is higher."""

    width_mm: int
    height_mm: int


@dataclass(frozen=True, slots=True)
class Feed:
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed past the knife and cut."""


Op = Text | Row | Rule | Qr | Barcode | Ean13 | Form | Feed | Cut


class Outcome(StrEnum):
    CONFIRMED = "confirmed"  # the printer answered after the last byte that all is well
    SENT = "sent"  # every byte was taken, but this printer cannot be asked


class Printer(Device, Protocol):
    def print(self, ops: Sequence[Op]) -> Outcome:
        """Print a whole document. Status is asked before the first byte and after the last one.

        Raises DriverError with `began` false when nothing was sent, true when paper may have moved.
        """
        ...

    def kick(self, *, pin: int, on_ms: int, off_ms: int) -> None:
        """Pulse the drawer connector's pin 2 or 5. Both times are always sent explicitly."""
        ...

    def check_kick(self) -> Health:
        """Whether a kick would work now: a printer without paper may be able to."""
        ...

    def drawer_open(self) -> bool | None:
        """The sensor on the drawer connector; None where the printer cannot be asked."""
        ...


class Drawer(Device, Protocol):
    def open_drawer(self) -> None:
        """Pulse the lock once. Returns at once; never repeats by itself."""
        ...

    def is_open(self) -> bool | None:
        """What the sensor says; None where there is none."""
        ...


class Twin(Protocol):
    """The hardware itself, in software. It outlives the device that talks to it, as hardware does."""

    @property
    def faults(self) -> Mapping[str, bool]:
        """Every fault this twin can play, and whether it is on now."""
        ...

    def set_fault(self, name: str, on: bool) -> None:
        """Switch one fault. Raises KeyError for a name not in `faults`."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver file's constant. `open` gets the settings, the twin (None: real hardware) and, for a
    device that hangs on another one (a drawer on a printer), that device."""

    key: str  # "printer.escpos"
    kind: str  # "scanner" | "printer" | "drawer"
    settings: type[Any]  # a frozen msgspec.Struct with defaults for all that can have one
    open: Callable[[Any, Any | None, Any | None], Any]
    twin: Callable[[Any], Any]
    draw: Callable[[Any, Sequence[Op]], str] | None = None  # of a printer: what `print` would put on paper
