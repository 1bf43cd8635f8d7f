"""What somebody brings along from another till: points, stored value and a tier, as a file says them."""

from __future__ import annotations

import re
import unicodedata

from services.domain.points import POINTS_MAX

POINTS, POINTS_UNTIL, PRINCIPAL, BONUS = "points", "points_until", "principal", "bonus"
BONUS_UNTIL, TIER = "bonus_until", "tier"
# A bare "balance" may be points or money: whoever knows says which.
HEADS = {
    POINTS: ("points", "point balance", "积分", "积分余额", "可用积分", "当前积分"),
    POINTS_UNTIL: ("points until", "points expire", "积分有效期", "积分到期", "积分到期日"),
    PRINCIPAL: ("stored value", "principal", "储值", "储值余额", "储值本金", "本金余额", "本金"),
    BONUS: ("bonus", "bonus balance", "赠送余额", "储值赠送", "赠送金额", "赠送"),
    BONUS_UNTIL: ("bonus until", "bonus expires", "赠送有效期", "赠送到期", "赠送到期日"),
    TIER: ("tier", "level", "等级", "会员等级", "会员级别", "级别"),
}
MONEY = (PRINCIPAL, BONUS)  # in minor units
MINOR_MAX = 100_000_000
TIER_MAX = 60  # characters
_WHOLE = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.0+)?")
_MONEY = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.([0-9]*?)0*)?")
_SIGNS = ("¥", "￥", "CNY", "RMB", "元")


class WrongBalance(Exception):
    """Its text is the reason: "balance_form"."""


def normal(field: str, cell: str, digits: int) -> str:
    """A balance as an integer of points or of minor units with so many `digits`, a tier as it is called;
    "" for none. Raises WrongBalance."""
    text = unicodedata.normalize("NFKC", cell).strip()
    if field == TIER:
        return text[:TIER_MAX]
    bare = text.replace(" ", "")
    value = _points(bare) if field == POINTS else _minor(bare, digits)
    return str(value) if value else ""


def _points(text: str) -> int:
    match = _WHOLE.fullmatch(text)
    value = int(match[1].replace(",", "")) if match else -1
    if not 0 <= value <= POINTS_MAX:
        raise WrongBalance("balance_form")
    return value


def _minor(text: str, digits: int) -> int:
    for sign in _SIGNS:
        text = text.removeprefix(sign).removesuffix(sign)
    match = _MONEY.fullmatch(text)
    part = (match[2] or "") if match else ""
    value = int(match[1].replace(",", "") + part.ljust(digits, "0")) if match else -1
    if len(part) > digits or not 0 <= value <= MINOR_MAX:
        raise WrongBalance("balance_form")
    return value
