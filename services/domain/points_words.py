"""Why points moved, in the two languages, from a stable code and what stands with it."""

from __future__ import annotations

from collections.abc import Mapping

from services.domain.money import Money, signed
from services.domain.points_rules import FACTOR_ONE

# {amount}, {points}, {per}, {label}, {times}, {pieces}, {days} are made from the row's arguments.
WORDS: Mapping[str, tuple[str, str]] = {
    "purchase": ("消费 {amount}，每 {per} 得 {points} 分", "{amount} spent, {points} for each {per}"),
    "per_purchase": ("{label}", "{label}"),
    "first_purchase": ("首单：{label}", "First purchase: {label}"),
    "article": ("{label}，{pieces} 件", "{label}, {pieces} pcs"),
    "multiplier": ("{label}：{amount} 的积分 {times} 倍", "{label}: {times} times for {amount}"),
    "discount": ("积分抵现", "Taken off a purchase"),
    "returned": ("退货", "Goods came back"),
    "activated": ("积分到账", "Now usable"),
    "expired": ("积分到期", "Expired"),
    "settled": ("补回欠的积分", "Settles what was owed"),
    "goodwill": ("补偿", "Goodwill"),
    "correction": ("更正", "Correction"),
    "import": ("期初积分", "Brought along"),
    "event": ("活动赠送", "Given at an event"),
    "check_in": ("签到，连续第 {days} 天", "Check-in, day {days} in a row"),
    "streak": ("连续签到 {days} 天奖励", "{days} days in a row"),
    "referrer": ("推荐新会员", "Brought a new member"),
    "newcomer": ("经推荐加入", "Joined through a member"),
    "referral_void": ("推荐的首单已退货", "That first purchase came back"),
    "reward": ("兑换：{label}", "Exchanged for {label}"),
    "reward_back": ("取消兑换：{label}", "Exchange undone: {label}"),
}
ADJUSTED_FOR = ("goodwill", "correction", "event")  # reasons that a person may give


def why(reason: str, args: Mapping[str, int | str], currency: str, language: str) -> str:
    """The sentence of a row; a code that this program does not know stands for itself."""
    words = WORDS.get(reason)
    if words is None:
        return reason
    english = language == "en"
    blanks = {
        "amount": signed(Money(_number(args, "amount_minor"), currency)),
        "per": signed(Money(_number(args, "per_minor"), currency)),
        "points": str(_number(args, "points")),
        "pieces": str(_number(args, "pieces")),
        "days": str(_number(args, "days")),
        "times": _times(_number(args, "factor_bp")),
        "label": str(args.get("label_en" if english else "label_zh", "")),
    }
    return words[english].format(**blanks)


def _times(factor_bp: int) -> str:
    """1.5 for 15,000."""
    whole, part = divmod(factor_bp, FACTOR_ONE)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".")


def _number(args: Mapping[str, int | str], key: str) -> int:
    value = args.get(key, 0)
    return value if isinstance(value, int) else 0
