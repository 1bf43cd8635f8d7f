"""What a closed document does to gift cards, all in its own transaction."""

from __future__ import annotations

from collections.abc import Iterator

from services.domain import gift_cards as rules
from services.domain.gift_card_events import GiftCardMoved
from services.domain.tender_errors import GiftCardRefused, GiftCardShort
from services.flows.record import record
from services.flows.shop import Shop
from services.store import gift_cards
from services.store.gift_cards import Move
from services.store.sales import VOID, Sale

CODE_BITS = 5 * rules.BODY


def follow(shop: Shop, sale: Sale) -> None:
    """Take back the cards that come back, move what pays and is paid back, make the cards that were sold.

    Raises GiftCardShort when a card has less than it shall pay, GiftCardRefused when one that comes back
    was used, or one is sold that must not be.
    """
    standing = [each.line for each in sale.lines if not each.line.voided]
    if any(rules.is_card(line) for line in standing) or any(t.key == rules.TENDER for t in sale.tenders):
        rules.check_sold(standing, shop.gift_card_max_minor)
        for number, (line_number, made) in enumerate(_moved(shop, sale), 1):
            gift_cards.note(sale.sale_id, number, made)
            _tell(shop, sale, number, line_number, made)


def _moved(shop: Shop, sale: Sale) -> Iterator[tuple[int, Move]]:
    """(line of the document or 0, what was done), each done before it is given."""
    for line in (each.line for each in sale.lines if not each.line.voided and rules.is_card(each.line)):
        if line.returned is not None:
            for card in gift_cards.of_line(line.returned.sale_id, line.returned.line_number):
                yield line.line_id, _move(card.card_id, rules.CANCELLED, -card.balance_minor)
    for tender in (t for t in sale.tenders if t.key == rules.TENDER and t.amount.minor):
        kind = rules.REDEEMED if tender.amount.minor > 0 else rules.REFUNDED
        if kind == rules.REFUNDED and not sale.original_id:  # without a receipt: a card made for it
            kind = rules.ISSUED
            _add(shop, sale, tender.reference, 0)
        undone = kind == rules.REFUNDED and sale.kind == VOID
        yield 0, _move(tender.reference, kind, -tender.amount.minor, undone=undone)
    for line in (each.line for each in sale.lines if not each.line.voided and rules.is_card(each.line)):
        for _ in range(max(0, line.quantity)):
            card_id = shop.new_id()
            _add(shop, sale, card_id, line.line_id)
            yield line.line_id, _move(card_id, rules.ISSUED, line.unit_price.minor)


def _add(shop: Shop, sale: Sale, card_id: str, line_number: int) -> None:
    code = rules.code(shop.random_bits(CODE_BITS))
    gift_cards.add(card_id, code, sale.sale_id, line_number, sale.total.currency)


def _move(card_id: str, kind: str, amount_minor: int, *, undone: bool = False) -> Move:
    moved = gift_cards.move(card_id, kind, amount_minor, undone=undone)
    card = gift_cards.by_id(card_id)
    if not moved:
        if kind == rules.CANCELLED:
            raise GiftCardRefused("this gift card was used", card_id=card_id)
        balance = card.balance_minor if card is not None and not card.cancelled else 0
        raise GiftCardShort("there is not so much on the card", balance_minor=balance)
    assert card is not None, card_id
    return Move(card_id, card.code, kind, amount_minor, card.balance_minor)


def _tell(shop: Shop, sale: Sale, number: int, line_number: int, made: Move) -> None:
    event = GiftCardMoved(
        card_id=made.card_id,
        kind=made.kind,
        amount_minor=made.amount_minor,
        balance_minor=made.balance_minor,
        currency=sale.total.currency,
        sale_id=sale.sale_id,
        number=number,
        line_number=line_number,
        operator_id=sale.operator_id,
        undone=made.kind == rules.REFUNDED and sale.kind == VOID,
    )
    record(shop, event, sale.ended_at_ms, sale.business_day)
