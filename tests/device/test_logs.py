"""A log line is one line, and shows nobody's phone or ID number."""

from __future__ import annotations

import logging

import pytest

from device.logs import _OneLine


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("phone 13812345620 refused", "phone 138****5620 refused"),
        ("['13812345620','15900001234']", "['138****5620','159****1234']"),
        ("+8613812345620", "+86138****5620"),
        ("id 11010519491231002X", "id 1101**********002X"),
        ("id 110105199003071234.", "id 1101**********1234."),
        ("at 1795340000000 seq 91203", "at 1795340000000 seq 91203"),  # milliseconds
        ("06901028020947", "06901028020947"),  # goods
        ("two\nlines", "two\\nlines"),
    ],
)
def test_a_line_is_one_and_masked(said: str, kept: str) -> None:
    record = logging.LogRecord("x", logging.INFO, "f", 1, said, None, None)
    assert _OneLine("%(message)s").format(record) == kept


def test_an_exception_s_text_is_masked_too() -> None:
    try:
        raise ValueError("cannot take 13812345620")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "f", 1, "oops", None, (ValueError, error, None))
    assert "13812345620" not in _OneLine("%(message)s").format(record)
