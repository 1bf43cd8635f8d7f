"""Gift cards with their balances, and every move of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from services.domain import gift_cards as rules
from services.domain.gift_card_events import GiftCardMoved
from services.store.db import LEDGER


@dataclass(frozen=True, slots=True)
class GiftCard:
    card_id: str  # may be told to everybody; the code never leaves the box but on paper
    code: str
    currency: str
    balance_minor: int
    used: bool
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Move:
    """What one sale did to one card."""

    card_id: str
    code: str
    kind: str
    amount_minor: int  # of the balance: negative where it fell
    balance_minor: int  # after it


_CARD = "SELECT card_id, code, currency, balance_minor, used, cancelled FROM gift_card "


def by_code(code: str) -> GiftCard | None:
    return _one(LEDGER.execute_sql(f"{_CARD} WHERE code = ?", (code,)).fetchone())


def by_id(card_id: str) -> GiftCard | None:
    return _one(LEDGER.execute_sql(f"{_CARD} WHERE card_id = ?", (card_id,)).fetchone())


def of_line(sale_id: str, line_number: int) -> list[GiftCard]:
    """The cards that a line sold."""
    rows = LEDGER.execute_sql(
        f"{_CARD} WHERE sale_id = ? AND line_number = ? ORDER BY card_id", (sale_id, line_number)
    )
    return [card for row in rows if (card := _one(row)) is not None]


def moves(sale_id: str) -> list[Move]:
    """What a sale did to cards, in its order."""
    rows = LEDGER.execute_sql(
        "SELECT card_id, code, kind, amount_minor, m.balance_minor"
        " FROM gift_card_move m JOIN gift_card USING (card_id) WHERE m.sale_id = ? ORDER BY n",
        (sale_id,),
    )
    return [Move(*row) for row in rows]


def add(card_id: str, code: str, sale_id: str, line_number: int, currency: str) -> None:
    """A new card with nothing on it."""
    LEDGER.execute_sql(
        "INSERT INTO gift_card (card_id, code, sale_id, line_number, currency, balance_minor, used,"
        " cancelled) VALUES (?, ?, ?, ?, ?, 0, 0, 0)",
        (card_id, code, sale_id, line_number, currency),
    )


def move(card_id: str, kind: str, amount_minor: int, *, undone: bool = False) -> bool:
    """Change a balance; False, and nothing is changed, where it would fall below zero, the card was
    cancelled, or one to be cancelled has been used. `undone`: the use is taken back, not the goods."""
    done = LEDGER.execute_sql(
        "UPDATE gift_card SET balance_minor = balance_minor + ?, used = used + ?, cancelled = ?"
        " WHERE card_id = ? AND NOT cancelled AND balance_minor + ? >= 0 AND NOT (? AND used)",
        (
            *(amount_minor, _uses(kind, undone), int(kind == rules.CANCELLED)),
            *(card_id, amount_minor, int(kind == rules.CANCELLED)),
        ),
    )
    return int(done.rowcount) == 1


def _uses(kind: str, undone: bool) -> int:
    """How many more sales a card has paid for than before the move."""
    return int(kind == rules.REDEEMED) - int(undone)


def note(sale_id: str, n: int, made: Move) -> None:
    LEDGER.execute_sql(
        "INSERT INTO gift_card_move (sale_id, n, card_id, kind, amount_minor, balance_minor)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (sale_id, n, made.card_id, made.kind, made.amount_minor, made.balance_minor),
    )


def differences() -> list[str]:
    """Every card and every move that is not what the journal told."""
    return [
        f"gift card {key!r}: {stored.get(key)!r} but journal {told.get(key)!r}"
        for stored, told in zip(_stored(), _told(), strict=True)
        for key in sorted(stored.keys() | told.keys(), key=repr)
        if stored.get(key) != told.get(key)
    ]


_Rows = dict[object, tuple[object, ...]]


def _stored() -> Iterator[_Rows]:
    """(the cards, the moves)."""
    rows = LEDGER.execute_sql(
        "SELECT card_id, sale_id, line_number, currency, balance_minor, used, cancelled FROM gift_card"
    )
    yield {row[0]: tuple(row[1:]) for row in rows}
    rows = LEDGER.execute_sql(
        "SELECT sale_id, n, card_id, kind, amount_minor, balance_minor FROM gift_card_move"
    )
    yield {(row[0], row[1]): tuple(row[2:]) for row in rows}


def _told() -> Iterator[_Rows]:
    """The same as the journal tells it."""
    cards: dict[object, tuple[Any, ...]] = {}
    made: dict[object, tuple[object, ...]] = {}
    balance: dict[str, int] = {}
    for (body,) in LEDGER.execute_sql(
        "SELECT body FROM journal WHERE type = ? ORDER BY seq", (GiftCardMoved.type,)
    ):
        event = _read(body).data
        balance[event.card_id] = balance.get(event.card_id, 0) + event.amount_minor
        issue = event.kind == rules.ISSUED
        root = (event.sale_id, event.line_number, event.currency)
        before = cards.get(event.card_id, (*(root if issue else ("", 0, "")), 0, 0, 0))
        cards[event.card_id] = (
            *(*before[:3], balance[event.card_id]),
            int(before[4]) + _uses(event.kind, event.undone),
            int(event.kind == rules.CANCELLED),
        )
        moved = (event.card_id, event.kind, event.amount_minor, balance[event.card_id])
        made[event.sale_id, event.number] = moved
    yield cards
    yield made


class _Told(msgspec.Struct):
    data: GiftCardMoved


_read = msgspec.json.Decoder(_Told).decode


def _one(row: tuple[Any, ...] | None) -> GiftCard | None:
    if row is None:
        return None
    card_id, code, currency, balance_minor, used, cancelled = row
    return GiftCard(card_id, code, currency, balance_minor, bool(used), bool(cancelled))
