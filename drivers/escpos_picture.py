"""Pictures for printers: GS v 0 in pieces that any printer's memory holds."""

from __future__ import annotations

from collections.abc import Sequence

PIECE_BYTES = 4_096  # of one command; the pieces follow each other without a gap
PIECE_ROWS_MAX = 255  # more than one byte can say is more than some printers read
FEED_DOTS_MAX = 255
# A real-time command may stand anywhere, even within a picture, and begins with 0x10: one lone dot in the
# middle of eight. It is made two dots wide, which nobody sees.
_HARMLESS = bytes(0x18 if byte == 0x10 else byte for byte in range(256))


def picture(rows: Sequence[bytes]) -> bytes:
    """The rows, each of the same number of bytes, the leftmost dot in the highest bit; b"" for none."""
    if not rows or not rows[0]:
        return b""
    width = len(rows[0])
    at_a_time = max(1, min(PIECE_ROWS_MAX, PIECE_BYTES // width))
    pieces = (rows[at : at + at_a_time] for at in range(0, len(rows), at_a_time))
    return b"".join(
        b"\x1dv0\x00"
        + width.to_bytes(2, "little")
        + len(piece).to_bytes(2, "little")
        + b"".join(piece).translate(_HARMLESS)
        for piece in pieces
    )


def modules(rows: Sequence[str], wide: int, high: int) -> bytes:
    """Rows of "0" and "1" as a picture, each `wide` by `high` dots."""
    lines: list[bytes] = []
    for row in rows:
        bits = "".join(module * wide for module in row)
        width = -(-len(bits) // 8)
        lines.extend([int(bits.ljust(width * 8, "0"), 2).to_bytes(width, "big")] * high)
    return picture(lines)


def feed(dots: int) -> bytes:
    """ESC J, as often as it takes."""
    whole, rest = divmod(max(dots, 0), FEED_DOTS_MAX)
    return b"\x1bJ\xff" * whole + (b"\x1bJ" + bytes([rest]) if rest else b"")
