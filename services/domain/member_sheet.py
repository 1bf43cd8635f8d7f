"""Rows of an imported file that are people: what their columns are called, and one form for each cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from services.domain import identity, profile, sheet
from services.domain.member_errors import MemberRefused

HEADS = {
    "name": ("name", "姓名", "名字", "会员姓名", "客户姓名", "会员名称", "full name"),
    "gender": ("gender", "sex", "性别"),
    "birthday": ("birthday", "birth date", "date of birth", "生日", "出生日期", "出生年月日"),
    "phone": ("phone", "mobile", "telephone", "cell", "手机", "手机号", "手机号码", "电话", "联系电话"),
    "email": ("email", "e-mail", "mail", "邮箱", "电子邮箱", "邮件"),
    "wechat": ("wechat", "openid", "微信", "微信号", "微信 openid"),
    "id_card": ("id card", "id number", "身份证", "身份证号", "身份证号码"),
    "card": ("card", "card number", "member card", "卡号", "会员卡号", "会员卡"),
    "notes": ("notes", "remarks", "备注"),
}
_GENDERS = {
    **dict.fromkeys(("f", "female", "女", "女士", "女性"), "f"),
    **dict.fromkeys(("m", "male", "男", "先生", "男性"), "m"),
    **dict.fromkeys(("未知", "保密", "unknown", "-"), ""),
}
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE)  # a number Excel has shortened
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?: 0?0:00(?::00)?)?")
_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL = re.compile(r"[1-5][0-9]{4}")
_FIRST_DAY = date(1899, 12, 30)  # from which Excel counts days
_YEARLESS = re.compile(r"([0-9]{1,2})[-/.月]([0-9]{1,2})日?")


class WrongCell(Exception):
    """Its reason, never what the cell says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def normal(field: str, cell: str) -> str:
    """The cell as a member's data have it; "" for nothing. Raises WrongCell."""
    text = identity.unmarked(cell)
    if not sheet.is_clean(text) and field != profile.NOTES:
        raise WrongCell("control")
    text = _unquoted(text)
    if field in (identity.PHONE, identity.CARD, identity.ID_CARD):
        if _ROUNDED.fullmatch(text):
            raise WrongCell("rounded")
        text = text.removesuffix(".0")
    elif field == profile.BIRTHDAY:
        text = day(text)
    elif field == profile.GENDER:
        text = _GENDERS.get(unicodedata.normalize("NFKC", text).casefold(), text)
    try:
        return profile.normalised({field: text})[field]
    except MemberRefused:
        raise WrongCell("member_form") from None


def unfindable(given: dict[str, str]) -> bool:
    """Whether nothing in the row would find this person again."""
    return not given.keys() & set(identity.KINDS)


def repeated(people: Iterable[tuple[int, dict[str, str]]]) -> Iterator[tuple[int, str, int]]:
    """(line, field, line above) of rows that share with a row above what finds a person."""
    seen: dict[tuple[str, str], int] = {}
    for line, given in people:
        keys = [(kind, given[kind]) for kind in identity.KINDS if kind in given]
        if above := next((key for key in keys if key in seen), None):
            yield line, above[0], seen[above]
        else:
            seen.update(dict.fromkeys(keys, line))


def _unquoted(cell: str) -> str:
    """Without what makes a spreadsheet take a number for a text: '123 or ="123"."""
    text = cell.strip().removeprefix("'").strip()
    return text[2:-1].strip() if text.startswith('="') and text.endswith('"') else text


def day(text: str) -> str:
    """YYYY-MM-DD or MM-DD where it can be read as a day; else as it is."""
    plain = unicodedata.normalize("NFKC", text)
    if match := _DAY.fullmatch(plain) or _DATE.fullmatch(plain):
        return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"
    if _SERIAL.fullmatch(plain):  # a date whose cell was formatted as a number
        return (_FIRST_DAY + timedelta(days=int(plain))).isoformat()
    if match := _YEARLESS.fullmatch(plain):
        return f"{int(match[1]):02d}-{int(match[2]):02d}"
    return text
