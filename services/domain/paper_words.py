"""The fixed words on paper: in Chinese, in English, or in both."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("zh", "en", "both")

_WORDS = {
    "number": ("单号", "No."),
    "coupon": ("下次可用", "For next time"),
    "member": ("会员", "Member"),
    "points_earned": ("本单积分", "Points of this sale"),
    "points_spent": ("使用积分", "Points used"),
    "points": ("积分余额", "Points"),
    "points_end": ("其中到期于", "of them end after"),
    "stored_value": ("储值余额", "Stored balance"),
    "stored_bonus": ("其中赠送", "of it bonus"),
    "recharge": ("储值充值", "RECHARGE"),
    "value_paid_out": ("储值退款", "PAID OUT"),
    "principal": ("本金", "Principal"),
    "bonus": ("赠送", "Bonus"),
    "bonus_end": ("赠送有效期至", "Bonus ends after"),
    "reference": ("交易号", "Reference"),
    "original": ("原单号", "Original no."),
    "no_receipt": ("无小票", "No receipt"),
    "copied": ("补打", "Printed again"),
    "return": ("退货", "RETURN"),
    "exchange": ("换货", "EXCHANGE"),
    "void": ("作废", "VOID"),
    "pieces": ("件数", "Pieces"),
    "subtotal": ("小计", "Subtotal"),
    "total": ("合计", "TOTAL"),
    "refund": ("应退", "REFUND"),
    "saved": ("已优惠", "You saved"),
    "tax": ("含税", "Tax included"),
    "tax_back": ("退货含税", "Tax returned"),
    "bonus_off": ("赠送金抵扣", "Paid with bonus"),
    "bonus_back": ("退货赠送金", "Bonus returned"),
    "bonus_of": ("其中赠送金", "of it bonus"),
    "untaxed": ("不含税金额", "Without tax"),
    "rounding": ("抹零", "Rounding"),
    "change": ("找零", "Change"),
    "paid_back": ("退", "Refund"),
    "as_paid": ("原单优惠", "Discount then"),
    "gift": ("礼品小票", "GIFT RECEIPT"),
    "gift_use": ("凭此小票可换货", "Exchange with this receipt"),
    "gift_card": ("礼品卡", "Gift card"),
    "gift_card_use": ("付款时出示此码，请像现金一样保管", "Pays like cash: keep it safe"),
    "invoice": ("扫码开发票", "Scan for a tax invoice"),
    "due": ("应还", "Due"),
    "balance": ("余额", "Balance"),
    "price": ("零售价", "Price"),
    "style": ("款号", "Style"),
    "colour": ("颜色", "Colour"),
    "size": ("尺码", "Size"),
    "parked": ("挂单", "PARKED"),
    "reason": ("原因", "Reason"),
    "self_test": ("自检", "SELF-TEST"),
    "time": ("时间", "Time"),
    "gateway": ("网关", "Gateway"),
    "version": ("版本", "Version"),
    "addresses": ("地址", "Addresses"),
    "journal_seq": ("日志序号", "Journal row"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one paper."""

    language: str = "zh"  # one of LANGUAGES

    def __call__(self, key: str) -> str:
        return self.pick(*_WORDS[key])

    def named(self, key: str) -> str:
        """The word for `key`, or the key itself where it is a name that needs none."""
        return self(key) if key in _WORDS else key

    def lines(self, zh: str, en: str) -> list[str]:
        """The same where each language has a line of its own; an empty text has none."""
        if self.language == "both" and zh and en and zh != en:
            return [zh, en]
        return [text] if (text := self.pick(zh, en)) else []

    def lines_of(self, key: str) -> list[str]:
        return self.lines(*_WORDS[key])

    def pick(self, zh: str, en: str) -> str:
        """Of a text that exists twice; one that is missing is made up for by the other."""
        if self.language == "zh" or not en or zh == en:
            return zh or en
        return en if self.language == "en" or not zh else f"{zh} {en}"


CHINESE = Words()
