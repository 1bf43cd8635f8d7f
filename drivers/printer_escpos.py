"""Receipt printer that speaks ESC/POS, on a USB printer node, a network port or a serial line."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import msgspec

from drivers import escpos_link, paper
from drivers.contracts import (
    READY,
    Driver,
    DriverError,
    ErrorCode,
    Form,
    Health,
    Level,
    Op,
    Outcome,
    Printer,
    State,
)
from drivers.escpos_dialogue import Dialogue
from drivers.escpos_encoder import DOTS_PER_MM, Encoder, Sheet
from drivers.escpos_link import Link
from drivers.printer_twin import PrinterTwin

BUSY_S = 0.1  # check_health does not wait for a receipt to finish
KICK_WAIT_S = 3.0  # a drawer that opens later than this opens when nobody expects it
CLOSE_S = 2.0
PULSE_UNIT_MS = 2
PULSE_UNITS_MAX = 255
REAL_TIME_UNIT_MS = 100
REAL_TIME_UNITS_MAX = 8
KICKS_WITHOUT = (ErrorCode.PAPER_END, ErrorCode.COVER_OPEN)  # in any other trouble DLE DC4 is ignored
PINS = {2: 0, 5: 1}

log = logging.getLogger(__name__)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A printer. The times are milliseconds without any progress before the job is given up."""

    name: str = "printer"
    link: Literal["usb", "network", "serial"] = "usb"
    path: str = "/dev/usb/lp0"  # of the USB node (better: its udev symlink) or the serial line
    host: str = ""
    port: int = 9100
    baud: int = 38_400
    width: int = 48  # cells: 48 on 80 mm, 32 on 58 mm
    status: bool = True  # false: this printer never answers, a job ends as "sent"
    chinese: bool = True
    qr: Literal["native", "raster"] = "native"
    barcode: Literal["native", "raster"] = "native"
    text: Literal["font", "raster"] = "font"  # raster: drawn here, for a printer without Chinese
    font: str = ""  # file that raster text is drawn with; empty: Debian's fonts-noto-cjk
    labels: Literal["dots", "mark"] = "dots"  # on by a label's height, or to where the sensor sees one
    cut: Literal["partial", "full", "none"] = "partial"
    kick_offline: bool = True  # false: this printer has no DLE DC4; without paper its drawer stays shut
    write_ms: int = 5_000
    drain_ms: int = 20_000

    def __post_init__(self) -> None:
        if not 16 <= self.width <= 96:
            raise ValueError("width: 16 to 96 cells")
        if self.write_ms <= 0 or self.drain_ms <= 0:
            raise ValueError("write_ms, drain_ms: more than 0")
        if self.link == "network" and not self.host:
            raise ValueError("host: the printer's address")


class EscposPrinter:
    """One printer. `print` and `kick` may be called from any thread, one at a time gets through."""

    def __init__(self, settings: Settings, twin: PrinterTwin | None = None) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._busy = False
        self._lost: DriverError | None = None
        self.twin = twin
        try:
            self._encoder = Encoder(_sheet(settings), settings.font)
            self._link = twin.connect() if twin is not None else _open(settings)
        except ImportError as error:
            raise DriverError(
                str(error), code=ErrorCode.NOSERVICE, hint="install python-escpos and pyserial"
            ) from error
        except OSError as error:
            raise escpos_link.gone(error, began=False) from error
        self._dialogue = Dialogue(self._link, self._closed, settings.write_ms, settings.drain_ms)
        log.info("printer ready name=%s", settings.name)

    @property
    def state(self) -> State:
        if self._closed.is_set():
            return State.CLOSED
        if self._lost is not None:
            return State.ERROR
        return State.BUSY if self._busy else State.IDLE

    def check_health(self) -> Health:
        if self._closed.is_set():
            return Health(ErrorCode.CLOSED, Level.BAD)
        if not self._lock.acquire(timeout=BUSY_S):
            return Health("busy", Level.OK, "printing")
        try:
            with self._watching():
                return self._dialogue.ask().health if self._settings.status else self._unasked()
        except DriverError as error:
            return Health(error.code, Level.BAD, str(error))
        finally:
            self._lock.release()

    def check_kick(self) -> Health:
        health = self.check_health()
        return READY if self._kicks_in_real_time(health) else health

    def _kicks_in_real_time(self, health: Health) -> bool:
        return self._settings.kick_offline and health.code in KICKS_WITHOUT

    def _unasked(self) -> Health:
        if self._lost is not None:
            raise self._lost
        return Health("ready", Level.OK, "this printer cannot be asked")

    def print(self, ops: Sequence[Op]) -> Outcome:
        patience_s = (self._settings.write_ms + self._settings.drain_ms) / 1_000
        with self._owned(patience_s), self._watching():
            document = self._encoder.encode(ops)
            if self._settings.status:
                self._dialogue.require_ready()
            self._dialogue.send(document)
            if not self._settings.status:
                return Outcome.SENT
            self._dialogue.wait_until_printed()
            self._dialogue.require_ready()
            return Outcome.CONFIRMED

    def kick(self, *, pin: int, on_ms: int, off_ms: int) -> None:
        """Pulse pin 2 or 5, 2 to 510 ms each way. Raises DriverError.

        A printer that stands still would keep the pulse and open the drawer with the next receipt. Without
        paper or with its cover open it is told in real time, for the same time on and off; in other trouble
        the kick is refused.
        """
        on, off = on_ms // PULSE_UNIT_MS, off_ms // PULSE_UNIT_MS
        if pin not in PINS or not 0 < on <= PULSE_UNITS_MAX or not 0 < off <= PULSE_UNITS_MAX:
            raise DriverError(
                f"pin {pin}, {on_ms} ms on, {off_ms} ms off",
                code=ErrorCode.ILLEGAL,
                hint="pin 2 or 5, times from 2 to 510 ms",
            )
        command = b"\x1bp" + bytes([PINS[pin], on, off])
        with self._owned(KICK_WAIT_S), self._watching():
            if self._settings.status:
                health = self._dialogue.ask().health
                if self._kicks_in_real_time(health):
                    command = _real_time_kick(PINS[pin], on_ms)
                else:
                    self._dialogue.require(health)
            self._dialogue.send(command)

    def drawer_open(self) -> bool | None:
        """True while pin 3 of the drawer connector is high, which most drawers wire as open."""
        if not self._settings.status:
            return None
        with self._owned(KICK_WAIT_S), self._watching():
            return self._dialogue.ask().pin_3_high

    def close(self) -> None:
        self._closed.set()
        # Whoever prints notices within a slice; the descriptor must not be closed under its hands.
        alone = self._lock.acquire(timeout=CLOSE_S)
        self._link.close()
        if alone:
            self._lock.release()

    @contextmanager
    def _owned(self, patience_s: float) -> Iterator[None]:
        if not self._lock.acquire(timeout=patience_s):
            raise DriverError(
                "another document is being printed", code=ErrorCode.BUSY, hint="wait until it is out"
            )
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
            self._lock.release()

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Turns a lost link into DriverError, remembers it and says so once."""
        if self._lost is not None and not self._closed.is_set():
            raise DriverError(str(self._lost), code=self._lost.code, hint=self._lost.hint)
        self._dialogue.began = False
        try:
            self._dialogue.stop_if_closed()
            yield
        except OSError as error:
            self._lost = escpos_link.gone(error, began=self._dialogue.began)
            log.warning("printer lost name=%s error=%s", self._settings.name, error)
            raise self._lost from error


def _sheet(settings: Settings) -> Sheet:
    return Sheet(
        width=settings.width,
        chinese=settings.chinese,
        qr=settings.qr,
        barcode=settings.barcode,
        text=settings.text,
        labels=settings.labels,
        cut=settings.cut,
    )


def _real_time_kick(pin: int, on_ms: int) -> bytes:
    """DLE DC4 1: carried out when it arrives. It counts in tenths of a second, up to eight."""
    units = min(-(-on_ms // REAL_TIME_UNIT_MS), REAL_TIME_UNITS_MAX)
    return b"\x10\x14\x01" + bytes([pin, units])


def _open(settings: Settings) -> Link:
    match settings.link:
        case "usb":
            return escpos_link.open_node(settings.path)
        case "network":
            return escpos_link.open_network(settings.host, settings.port)
        case "serial":
            return escpos_link.open_serial(settings.path, settings.baud)


def _draw(settings: Settings, ops: Sequence[Op]) -> str:
    """The paper as SVG, drawn from the very bytes; nothing is sent. A label is drawn in its own width."""
    sheet = _sheet(settings)
    form = next((op for op in ops if isinstance(op, Form)), None)
    dots = sheet.dots if form is None else min(sheet.dots, form.width_mm * DOTS_PER_MM)
    return paper.svg(Encoder(sheet, settings.font).encode(ops), dots)


def _open_driver(settings: Settings, twin: PrinterTwin | None, parent: Any | None) -> Printer:
    return EscposPrinter(settings, twin)


DRIVER = Driver(
    key="printer.escpos",
    kind="printer",
    settings=Settings,
    open=_open_driver,
    twin=lambda settings: PrinterTwin(),
    draw=_draw,
)
