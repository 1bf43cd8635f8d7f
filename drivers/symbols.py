"""QR, Code 128 and EAN-13 symbols as black and white modules."""

from __future__ import annotations

from collections.abc import Iterator

CODE_128_STARTS = {"A": 103, "B": 104, "C": 105}
CODE_128_SWITCHES = {"A": 101, "B": 100, "C": 99}
QR_BYTES_MAX = 2_953


def qr(data: bytes, level: str) -> list[str] | None:
    """Rows of "0" and "1" without a quiet zone; None for what no QR code can hold."""
    import segno

    if not 0 < len(data) <= QR_BYTES_MAX:
        return None
    try:
        symbol = segno.make(data, error=level, mode="byte", micro=False, boost_error=False)
    except segno.DataOverflowError:
        return None
    return ["".join("1" if module else "0" for module in row) for row in symbol.matrix]


def code_128(data: bytes) -> str | None:
    """One row of "0" and "1" for the data of GS k 73: {A, {B and {C choose the set. None: not printable."""
    from barcode.charsets.code128 import CODES

    values = list(_values(data))
    if len(values) < 2 or values[0] not in CODE_128_STARTS.values() or max(values) > 105:
        return None
    check = (values[0] + sum(at * value for at, value in enumerate(values[1:], 1))) % 103
    return "".join(CODES[value] for value in (*values, check)) + "1100011101011"


def ean_13(digits: str) -> str | None:
    """One row of "0" and "1"; None for anything but thirteen digits with the right last one."""
    from barcode.charsets import ean

    if (
        len(digits) != 13
        or not (digits.isascii() and digits.isdigit())
        or ean_check(digits[:12]) != digits[12]
    ):
        return None
    left = "".join(
        ean.CODES[which][int(digit)]
        for which, digit in zip(ean.LEFT_PATTERN[int(digits[0])], digits[1:7], strict=True)
    )
    right = "".join(ean.CODES["C"][int(digit)] for digit in digits[7:])
    return f"{ean.EDGE}{left}{ean.MIDDLE}{right}{ean.EDGE}"


def ean_check(digits: str) -> str:
    """The check digit of the twelve before it."""
    weighted = sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))
    return str(-weighted % 10)


def code_128_text(data: bytes) -> str:
    """What stands below the bars."""
    text = data.decode("ascii", "replace")
    for mark in ("{A", "{B", "{C", "{S", "{1", "{2", "{3", "{4"):
        text = text.replace(mark, "")
    return text.replace("{{", "{")


def _values(data: bytes) -> Iterator[int]:
    code_set = ""
    at = 0
    while at < len(data):
        byte = data[at]
        at += 1
        if byte == ord("{") and at < len(data):
            mark = chr(data[at])
            at += 1
            if mark in CODE_128_STARTS:
                yield (CODE_128_SWITCHES if code_set else CODE_128_STARTS)[mark]
                code_set = mark
                continue
            if mark != "{":
                yield {"1": 102, "2": 97, "3": 96}.get(mark, 98)
                continue
        yield _value(byte, code_set)


def _value(byte: int, code_set: str) -> int:
    """The symbol value of a byte; 999 where the set does not have it."""
    if code_set == "C":
        return byte if byte < 100 else 999
    if code_set == "A" and byte < 32:
        return byte + 64
    return byte - 32 if 32 <= byte < (96 if code_set == "A" else 128) else 999
