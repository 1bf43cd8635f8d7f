"""What people are known by: one normal form of each, and what a scanned or typed text is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import phonenumbers

PHONE, ID_CARD, EMAIL, WECHAT, CARD = "phone", "id_card", "email", "wechat", "card"
KINDS = (PHONE, ID_CARD, EMAIL, WECHAT, CARD)
STRONG = (ID_CARD, WECHAT, CARD)  # never another person's later on, as a phone or an address may be
LAST4 = "last4"  # of a phone: many share it
QR = "qr"
TEXT_MAX = 200  # of what is typed or scanned

CARD_PREFIX = "27"  # of the shop's own EAN-13: member cards
CARD_DIGITS = 13
QR_PREFIX = "SGM1."
REGION = "CN"  # of a phone without a country

_MAINLAND = re.compile(r"1[3-9][0-9]{9}")
_ID18 = re.compile(r"[0-9]{17}[0-9X]")
_ID15 = re.compile(r"[0-9]{15}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+")
_OPENID = re.compile(r"o[A-Za-z0-9_-]{27}")
_WECHAT_NAME = re.compile(r"[a-z][a-z0-9_-]{5,19}")  # that somebody gave themselves
_QR = re.compile(r"SGM1\.([0-9A-Za-z-]{1,64})\.([0-9a-f]{12})")
_GAPS = re.compile(r"[\s()\-.·\u2010-\u2015/]+")


def unmarked(text: str) -> str:
    """Without what has no width of its own: phone books copy turned directions along with a number."""
    if text.isascii():
        return text
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def folded(text: str) -> str:
    """Full-width digits and letters as plain ones, unmarked() and without spaces around; "" for a text
    beyond TEXT_MAX."""
    return unicodedata.normalize("NFKC", unmarked(text)).strip() if len(text) <= TEXT_MAX else ""


def phone(text: str) -> str:
    """Eleven digits for the mainland, "+" and digits for every other country; "" for no phone."""
    plain = _GAPS.sub("", folded(text))
    plain = f"+{plain[2:]}" if plain.startswith("00") else plain
    if plain.startswith("86") and _MAINLAND.fullmatch(plain[2:]):
        plain = plain[2:]
    if not re.fullmatch(r"\+?[0-9]{5,17}", plain):
        return ""
    domestic = re.sub(r"^(\+86)?0?(?=1[3-9])", "", plain)
    if _MAINLAND.fullmatch(domestic):
        return domestic
    if not plain.startswith("+") or plain.startswith("+86"):
        return ""  # a mobile phone of the mainland, or a country: a landline is shared
    try:
        number = phonenumbers.parse(plain, None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def id_card(text: str) -> str:
    """The 18 characters of an ID number with a true check character and birthday; "" for any other.

    One of 15 digits, as they were until 1999, gets its century and check character.
    """
    plain = _GAPS.sub("", folded(text)).upper()
    if _ID15.fullmatch(plain):
        plain = f"{plain[:6]}19{plain[6:]}"
        plain += _check(plain)
    if not _ID18.fullmatch(plain) or _check(plain) != plain[17]:
        return ""
    return plain if is_day(f"{plain[6:10]}-{plain[10:12]}-{plain[12:14]}") else ""


def email(text: str) -> str:
    """In lower case; "" for what is no address."""
    plain = folded(text).lower()
    return plain if _EMAIL.fullmatch(plain) else ""


def wechat(text: str) -> str:
    """An openid, 28 characters as they are, or the WeChat ID that its owner tells others, in lower case;
    "" for any other. Whoever is known by both is two until other keys say otherwise."""
    plain = folded(text)
    if _OPENID.fullmatch(plain):
        return plain
    return plain.lower() if _WECHAT_NAME.fullmatch(plain.lower()) else ""


def card(text: str) -> str:
    """The 13 digits of one of our cards, its check digit true; "" for any other."""
    plain = _GAPS.sub("", folded(text))
    right = re.fullmatch(r"[0-9]{13}", plain) and plain.startswith(CARD_PREFIX)
    return plain if right and card_check(plain[:-1]) == plain[-1] else ""


def card_check(digits: str) -> str:
    """The check digit after the first twelve, as EAN-13 has it."""
    total = sum(int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(digits))
    return str(-total % 10)


NORMAL: Mapping[str, Callable[[str], str]] = {
    PHONE: phone,
    ID_CARD: id_card,
    EMAIL: email,
    WECHAT: wechat,
    CARD: card,
}


@dataclass(frozen=True, slots=True)
class Known:
    """`value` is the normal form of a key of `kind`; with QR a member's id and its proof, with LAST4 four
    digits."""

    kind: str
    value: str

    def __repr__(self) -> str:
        """Without the value: this may end up in a log."""
        return f"Known({self.kind})"


def recognised(text: str) -> tuple[Known, ...]:
    """What this may be, likeliest first; empty for nothing a member is known by."""
    plain = folded(text)
    if _QR.fullmatch(plain):
        return (Known(QR, plain),)
    if re.fullmatch(r"[0-9]{4}", plain):
        return (Known(LAST4, plain),)
    kinds = (CARD, PHONE, ID_CARD, EMAIL, WECHAT)
    return tuple(Known(kind, value) for kind in kinds if (value := NORMAL[kind](text)))


def shown(text: str) -> bool:
    """Whether this is what a member shows to be known: their QR code or their card."""
    return _QR.fullmatch(folded(text)) is not None or bool(card(text))


def qr_text(member_id: str, proof: str) -> str:
    """What a member's QR code says. `proof` is twelve hex digits that nobody else can make."""
    return f"{QR_PREFIX}{member_id}.{proof}"


def qr_parts(text: str) -> tuple[str, str]:
    """(member id, proof) of a text that recognised() called a QR."""
    match = _QR.fullmatch(text)
    assert match, "only what was recognised as a QR has parts"
    return match[1], match[2]


def is_day(text: str) -> bool:
    """Whether this is a day of the calendar, YYYY-MM-DD."""
    try:
        return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None and bool(
            date.fromisoformat(text)
        )
    except ValueError:
        return False


def _check(digits: str) -> str:
    return _CHECKS[sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=False)) % 11]
