"""A shift's values as the pages get them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.domain import cash, exchange
from services.domain.money import Money, signed
from services.domain.shift import OPEN, UNATTENDED, Shift
from services.domain.shift_events import CashMoved, DrawerClosed
from services.domain.z import Z
from services.domain.z import expected as z_expected
from services.flows import shifts as flow
from services.flows import z_papers
from services.flows.shop import Shop
from services.store import shifts, staff, stretch
from services.store.shifts import Count
from web_console import views
from web_console.api_shifts import (
    CashMoveView,
    ComparedView,
    CountView,
    Denomination,
    DrawerForm,
    OpeningView,
    ReportView,
    ShiftCard,
    ShiftRow,
    ShiftView,
)
from web_console.paper_views import paper_lines


def standing(shop: Shop, till: str) -> ShiftView:
    """How the till stands now."""
    shift, fold = flow.look(shop, till)
    last = shift or shifts.last_of(till)
    counts = _standing(last, fold.expected) if last else []
    uncounted = shift is None and last is not None and last.state == UNATTENDED and not counts
    judged = shift is not None and bool(counts) and not shift.unknown_float
    return ShiftView(
        till=till,
        shift=card(shop, shift, counts) if shift else None,
        uncounted=card(shop, last, counts) if last and uncounted else None,
        count_again=shift is not None and not counts and bool(shifts.counts_of(shift.shift_id)),
        drawers=tuple(form(shop, currency) for currency in _counted(shop, fold.expected)),
        recount=len(counts) < cash.COUNTS_MAX,
        needs_reason=judged
        and flow.worst_minor(shop, counts[-1].cash) > shop.shift_rules.reason_over_minor,
        reasons=dict(cash.REASONS),
    )


def _counted(shop: Shop, expected: Iterable[str]) -> list[str]:
    """The shop's own money first, then all that it takes, whether any is there or not: the list tells
    nobody what to find."""
    return [shop.currency, *sorted({*expected, *shop.foreign_cash} - {shop.currency})]


def form(shop: Shop, currency: str) -> DrawerForm:
    """What one currency is counted by; of those that the shop takes from customers, notes alone."""
    notes = exchange.notes_of(currency) if currency in shop.foreign_cash else cash.denominations(currency)
    return DrawerForm(
        currency=currency,
        zero=views.cash(shop, Money(0, currency)),
        denominations=tuple(
            Denomination(value_minor=minor, label=_face(shop, Money(minor, currency))) for minor in notes
        ),
    )


def _face(shop: Shop, money: Money) -> str:
    """As people name a note or a coin: ¥50, ¥0.5"""
    text = signed(money, shop.currency)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _standing(shift: Shift, expected: Mapping[str, int]) -> list[Count]:
    """The counts that still say what is in the drawer, or said it when the shift ended."""
    found = shifts.z_of(shift.shift_id)
    if found is not None:
        expected = z_expected(found[0].cash)
    return [each for each in shifts.counts_of(shift.shift_id) if cash.stands(each.cash, expected)]


def card(shop: Shop, shift: Shift, counts: Sequence[Count] | None = None) -> ShiftCard:
    """`counts`: those that are told, instead of all."""
    told = shifts.counts_of(shift.shift_id) if counts is None else counts
    return ShiftCard(
        shift_id=shift.shift_id,
        till=shift.till,
        number=shift.number,
        state=shift.state,
        business_day=shift.business_day,
        opened_by=staff.name_of(shift.operator_id) if shift.operator_id else "",
        opened_at_ms=shift.opened_at_ms,
        closed_by=staff.name_of(shift.closed_by) if shift.closed_by else "",
        closed_at_ms=shift.closed_at_ms,
        unknown_float=shift.unknown_float,
        counts=tuple(_count(shop, each) for each in told),
    )


def _count(shop: Shop, held: Count) -> CountView:
    return CountView(
        number=held.number,
        by=staff.name_of(held.operator_id),
        at_ms=held.counted_at_ms,
        cash=tuple(
            ComparedView(
                counted=views.cash(shop, Money(each.counted_minor, each.currency)),
                expected=views.cash(shop, Money(each.expected_minor, each.currency)),
                variance=views.cash(shop, Money(each.variance_minor, each.currency)),
            )
            for each in held.cash
        ),
    )


def x_view(shop: Shop, shift: Shift, x: Z) -> ReportView:
    paper = tuple(paper_lines(z_papers.x_ops(shop, x)))
    moves, openings = _moves(shop, shift.shift_id), _openings(x)
    told = card(shop, shift, _standing(shift, z_expected(x.cash)))
    return ReportView(shift=told, z_no=0, hash="", moves=moves, openings=openings, paper=paper)


def z_view(shop: Shop, shift_id: str) -> ReportView:
    """Raises ShiftChanged for a shift without a Z."""
    paper = tuple(paper_lines(z_papers.z_ops(shop, shift_id)))
    shift, found = shifts.by_id(shift_id), shifts.z_of(shift_id)
    assert shift is not None and found is not None, shift_id
    return ReportView(
        shift=card(shop, shift),
        z_no=found[0].z_no,
        hash=found[1].hex(),
        moves=_moves(shop, shift_id),
        openings=_openings(found[0]),
        paper=paper,
    )


def _moves(shop: Shop, shift_id: str) -> tuple[CashMoveView, ...]:
    return tuple(move(shop, each) for each in shifts.moves_of(shift_id))


def _openings(z: Z) -> tuple[OpeningView, ...]:
    found = stretch.openings(z.workstation_id, z.first_seq - 1, z.last_seq)
    return tuple(
        OpeningView(
            at_ms=each.opened_at_ms if isinstance(each, DrawerClosed) else each.released_at_ms,
            cause=each.cause if isinstance(each, DrawerClosed) else "no_sale",
            reason="" if isinstance(each, DrawerClosed) else each.reason,
            note="" if isinstance(each, DrawerClosed) else each.note,
            by="" if isinstance(each, DrawerClosed) else staff.name_of(each.operator_id),
            open_s=each.open_ms // 1000 if isinstance(each, DrawerClosed) else None,
        )
        for each in found
    )


def move(shop: Shop, held: CashMoved) -> CashMoveView:
    return CashMoveView(
        move_id=held.move_id,
        kind=held.kind,
        amount=views.cash(shop, Money(held.amount_minor, held.currency)),
        reason=held.reason,
        note=held.note,
        by=staff.name_of(held.operator_id),
        approved_by=staff.name_of(held.approver_id) if held.approver_id else "",
        at_ms=held.moved_at_ms,
    )


def row(shop: Shop, shift: Shift) -> ShiftRow:
    found = shifts.z_of(shift.shift_id) if shift.state != OPEN else None
    if found is None:
        return ShiftRow(shift=card(shop, shift), sales=0, net=None, expected=None, variance=None)
    z, _ = found
    own = next(each for each in z.cash if each.currency == z.currency)
    counts = _standing(shift, {})
    judged = {each.currency: each.variance_minor for each in counts[-1].cash} if counts else {}
    if z.unknown_float:
        judged = {}
    variance = judged.pop(z.currency, None)
    return ShiftRow(
        shift=card(shop, shift),
        sales=z.sales,
        net=views.amount(Money(z.net_minor, z.currency)),
        expected=views.amount(Money(own.expected_minor, z.currency)),
        variance=None if variance is None else views.amount(Money(variance, z.currency)),
        others=tuple(views.cash(shop, Money(minor, each)) for each, minor in judged.items() if minor),
    )
