"""Gift cards: their codes, what is a card in a bag, and what one move does to a balance."""

from __future__ import annotations

from collections.abc import Iterable

from services.domain.basket import Line
from services.domain.errors import CodeMalformed
from services.domain.tender_errors import GiftCardRefused

CATEGORY = "gift_cards"  # of the articles that are gift cards
TENDER = "gift_card"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # base32 without the letters that are taken for others
BODY = 12  # characters by chance, 60 bits; one to check them follows
PIECES_MAX = 50  # cards of one sale: each is a code on its paper
ISSUED, REDEEMED, REFUNDED, CANCELLED = "issued", "redeemed", "refunded", "cancelled"

_TAKEN_FOR = str.maketrans("OIL", "011", " -")


def code(bits: int) -> str:
    """The code for 60 random bits, with its check character."""
    body = "".join(ALPHABET[bits >> 5 * n & 31] for n in range(BODY))
    return body + _check(body)


def read(text: str) -> str:
    """A code as it is kept, from what was scanned or typed. Raises CodeMalformed."""
    found = text.upper().translate(_TAKEN_FOR)
    if len(found) != BODY + 1 or set(found) - set(ALPHABET) or found[-1] != _check(found[:-1]):
        raise CodeMalformed("this is no gift card's code")
    return found


def grouped(text: str) -> str:
    """A code as people read it: 7K2M-9QXD-4HTV-B."""
    return "-".join(text[n : n + 4] for n in range(0, len(text), 4))


def masked(text: str) -> str:
    """Enough to tell two cards apart, not enough to spend one."""
    return f"****{text[-4:]}"


def is_card(line: Line) -> bool:
    return line.category == CATEGORY


def check_sold(lines: Iterable[Line], value_max_minor: int) -> None:
    """Raises GiftCardRefused for more cards than one sale sells, or one worth more than the law allows."""
    bought = [line for line in lines if is_card(line) and line.quantity > 0]
    if sum(line.quantity for line in bought) > PIECES_MAX:
        raise GiftCardRefused("so many cards are not sold at once", pieces_max=PIECES_MAX)
    if any(not 0 < line.unit_price.minor <= value_max_minor for line in bought):
        raise GiftCardRefused("a card is not worth so much", value_max_minor=value_max_minor)


def _check(body: str) -> str:
    """Luhn's sum over 32 characters: one wrong character, or two neighbours exchanged, is found."""
    spent = 0
    for n, character in enumerate(reversed(body)):
        value = ALPHABET.index(character) * (1 if n % 2 else 2)
        spent += value // 32 + value % 32
    return ALPHABET[-spent % 32]
