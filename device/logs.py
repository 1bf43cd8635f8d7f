"""One line a record on standard error; what people typed can never start a second line, and a phone or an
ID number that got into one is masked."""

from __future__ import annotations

import logging

from services.domain import masks


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = masks.said(super().format(record))
        return "".join(ch if ch.isprintable() or ch == "\t" else ascii(ch)[1:-1] for ch in text)


def setup(name: str, level: int = logging.INFO) -> None:
    """Log as `name`. systemd adds the time; the demo shows who speaks."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine(f"{name}: %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
