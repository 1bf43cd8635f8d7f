"""One line a record on standard error; what people typed can never start a second line, and a phone or an
ID number that got into one is masked."""

from __future__ import annotations

import logging
import re

# Nobody logs them on purpose; an exception's text may hold what it choked on.
_PHONE = re.compile(r"(?<!\d)((?:\+?86|0086)?1[3-9]\d)\d{4}(\d{4})(?!\d)")
_ID_CARD = re.compile(r"(?<!\d)(\d{4})\d{10}(\d{3}[\dXx])(?!\d)")


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        text = _ID_CARD.sub(r"\1**********\2", _PHONE.sub(r"\1****\2", text))
        return "".join(ch if ch.isprintable() or ch == "\t" else ascii(ch)[1:-1] for ch in text)


def setup(name: str, level: int = logging.INFO) -> None:
    """Log as `name`. systemd adds the time; the demo shows who speaks."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine(f"{name}: %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
