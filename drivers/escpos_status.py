"""What a printer says about itself: the answers to DLE EOT 1 to 4 and to GS r 1."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.contracts import READY, ErrorCode, Health, Level

QUERY = b"".join(b"\x10\x04" + bytes([n]) for n in (1, 2, 3, 4))
ANSWERS = 4
DRAINED_QUERY = (
    b"\x1dr\x01"  # GS r 1 waits its turn in the buffer: its answer proves all before it was printed
)

PIN_3_HIGH = 0x04  # answer 1
OFFLINE = 0x08
COVER_OPEN = 0x04  # answer 2
PAPER_STOP = 0x20
CUTTER_ERROR = 0x08  # answer 3
UNRECOVERABLE = 0x20
NEAR_END = 0x0C  # answer 4
PAPER_END = 0x60


@dataclass(frozen=True, slots=True)
class Status:
    """The four answers, each one byte."""

    printer: int
    offline: int
    error: int
    paper: int

    @property
    def pin_3_high(self) -> bool:
        return bool(self.printer & PIN_3_HIGH)

    @property
    def health(self) -> Health:
        """The worst of what the bits say. Paper that ends soon is a warning, all else stops the printer."""
        if self.offline & COVER_OPEN:
            return Health(ErrorCode.COVER_OPEN, Level.BAD, "cover open")
        if self.paper & PAPER_END or self.offline & PAPER_STOP:
            return Health(ErrorCode.PAPER_END, Level.BAD, "no paper")
        if self.error & CUTTER_ERROR:
            return Health(ErrorCode.FAILURE, Level.BAD, "cutter jammed")
        if self.error & UNRECOVERABLE:
            return Health(
                ErrorCode.FAILURE, Level.BAD, "unrecoverable error: switch the printer off and on"
            )
        if self.printer & OFFLINE:
            return Health(ErrorCode.OFFLINE, Level.BAD, "offline")
        if self.paper & NEAR_END:
            return Health("paper_near_end", Level.WARN, "paper ends soon")
        return READY


def is_answer(byte: int) -> bool:
    """An answer to DLE EOT has bits 1 and 4 set, bits 0 and 7 clear."""
    return byte & 0x93 == 0x12


def is_drained(byte: int) -> bool:
    """The answer to GS r 1 has bits 4 and 7 clear, which tells it from the real-time answers."""
    return byte & 0x90 == 0
