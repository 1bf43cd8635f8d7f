"""The report of an X or Z, laid out from what its fold has summed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from services.domain.cash import ComparedCash, Drawer
from services.domain.gift_cards import TENDER
from services.domain.shift import NOBODY_ASKED, UNATTENDED, Shift, Why
from services.domain.z import Z, ZCash, ZForeign, ZGiftCards, ZLayer, ZOperator, ZTender
from services.domain.z_fold import Fold
from services.domain.z_loyalty import section

SUMS = (  # the plain figures of a Z
    *("sales", "returns", "voids", "pieces", "gross_minor", "returned_minor", "net_minor"),
    *(
        "rounding_minor",
        "voided_lines",
        "changed_prices",
        "no_sales",
        "key_openings",
        "copies",
        "parked",
        "abandoned",
        "bonus_minor",
    ),
)


def report(
    fold: Fold,
    shift: Shift,
    counted: Iterable[ComparedCash],
    *,
    first_hash: str,
    last_hash: str,
    grand_before_minor: int,
    why: Why = NOBODY_ASKED,
) -> Z:
    """The Z of a closed `shift`, or the X of an open one. Without `counted` nobody has counted."""
    compared = {each.currency: each for each in counted}
    sums = fold.sums
    return Z(
        workstation_id=shift.till,
        z_no=shift.number,
        shift_id=shift.shift_id,
        business_day=shift.business_day,
        currency=fold.currency,
        opened_by=shift.operator_id,
        opened_at_ms=shift.opened_at_ms,
        closed_by=shift.closed_by,
        closed_at_ms=shift.closed_at_ms,
        unattended=shift.state == UNATTENDED,
        unknown_float=shift.unknown_float,
        reason=why.reason,
        note=why.note,
        approver_id=why.approver_id,
        **{name: sums.get(name, 0) for name in SUMS},
        discounts=tuple(
            ZLayer(layer=layer, count=count, amount_minor=minor)
            for layer, (count, minor) in sorted(fold.layers.items())
        ),
        tenders=tuple(
            ZTender(
                tender_type=key,
                currency=currency,
                count=sums.get("count", 0),
                amount_minor=sums.get("amount_minor", 0),
                refunds=sums.get("refunds", 0),
                refunds_minor=sums.get("refunds_minor", 0),
                bonus_minor=sums.get("bonus_minor", 0),
                bonus_refunds_minor=sums.get("bonus_refunds_minor", 0),
            )
            for (key, currency), sums in sorted(fold.tenders.items())
        ),
        cash=tuple(
            _cash(fold.drawer(currency), compared.get(currency))
            for currency in sorted({*fold.expected, *compared})
        ),
        cash_tenders=tuple(sorted(fold.cash)),
        operators=tuple(
            _operator(operator_id, known) for operator_id, known in sorted(fold.operators.items())
        ),
        first_number=fold.numbers[0] if fold.numbers else "",
        last_number=fold.numbers[-1] if fold.numbers else "",
        first_seq=shift.first_seq,
        last_seq=shift.last_seq,
        first_hash=first_hash,
        last_hash=last_hash,
        grand_total_minor=grand_before_minor + sums.get("net_minor", 0),
        foreign=tuple(_foreign(currency, sums) for currency, sums in sorted(fold.foreign.items())),
        gift_cards=_gift_cards(fold) if fold.cards_apart else None,
        taxes=fold.taxes,
        sub_shifts=tuple(_operator(*each) for each in fold.sub_shifts) if fold.turns else None,
        members=section(fold.loyalty, fold.layers, fold.rate, sums.get("value_cash_minor", 0))
        if fold.members
        else None,
    )


def _operator(operator_id: str, known: Mapping[str, int]) -> ZOperator:
    return ZOperator(
        operator_id=operator_id,
        first_at_ms=known["first_at_ms"],
        last_at_ms=known["last_at_ms"],
        **{name: known.get(name, 0) for name in ("sales", "net_minor", "cash_minor", "no_sales")},
    )


def _gift_cards(fold: Fold) -> ZGiftCards | None:
    """None where no card was sold, taken back, or has paid."""
    paid = fold.tenders.get((TENDER, fold.currency), {})
    found = ZGiftCards(
        sold=fold.sums.get("cards_sold", 0),
        sold_minor=fold.sums.get("cards_sold_minor", 0),
        taken_back=fold.sums.get("cards_taken_back", 0),
        taken_back_minor=fold.sums.get("cards_taken_back_minor", 0),
        redeemed_minor=paid.get("amount_minor", 0),
        refunded_minor=paid.get("refunds_minor", 0),
    )
    return found if any(msgspec.structs.astuple(found)) else None


def _foreign(currency: str, sums: Mapping[str, int]) -> ZForeign:
    names = ("count", "foreign_minor", "worth_minor")
    back = ("refunds", "refunds_foreign_minor", "refunds_worth_minor")
    return ZForeign(currency=currency, **{name: sums.get(name, 0) for name in (*names, *back)})


def _cash(drawer: Drawer, compared: ComparedCash | None) -> ZCash:
    return ZCash(
        currency=drawer.currency,
        float_minor=drawer.float_minor,
        sales_minor=drawer.sales_minor,
        refunds_minor=drawer.refunds_minor,
        pay_ins_minor=drawer.pay_ins_minor,
        loans_minor=drawer.loans_minor,
        pay_outs_minor=drawer.pay_outs_minor,
        drops_minor=drawer.drops_minor,
        expected_minor=drawer.expected_minor,
        counted_minor=compared.counted_minor if compared else None,
        variance_minor=compared.variance_minor if compared else None,
        change_minor=drawer.change_minor,
    )
