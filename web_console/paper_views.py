"""A paper as the screen draws it: the same ops that a printer gets."""

from __future__ import annotations

from collections.abc import Iterable

from drivers import contracts as paper
from web_console.api import PaperLine

QR_QUIET = 2  # modules of white around a code on the screen


def paper_lines(ops: Iterable[paper.Op]) -> Iterable[PaperLine]:
    """The printed ops as the screen draws them; the cut draws nothing."""
    for op in ops:
        match op:
            case paper.Text(text=text, align=align, bold=bold, size=size):
                center = align is paper.Align.CENTER
                yield PaperLine(op="text", text=text, bold=bold, size=size, center=center)
            case paper.Row(left=left, right=right, bold=bold, size=size):
                yield PaperLine(op="row", text=left, right=right, bold=bold, size=size)
            case paper.Rule():
                yield PaperLine(op="rule")
            case paper.Qr(data=data):
                yield _qr(data)
            case paper.Barcode(data=data):
                yield PaperLine(op="barcode", text=data, center=True)
            case paper.Feed():
                yield PaperLine(op="feed")
            case paper.Cut():
                pass


def _qr(data: str) -> PaperLine:
    """The code as SVG path data, one unit a module: error correction M as on the paper."""
    import segno

    code = segno.make_qr(data, error="m", boost_error=False)
    rows = list(code.matrix)
    marks = [
        f"M{x + QR_QUIET} {y + QR_QUIET}h1v1h-1z"
        for y, row in enumerate(rows)
        for x, dark in enumerate(row)
        if dark
    ]
    return PaperLine(op="qr", text=data, svg="".join(marks), modules=len(rows) + 2 * QR_QUIET)
