"""What a receipt says to the member who bought, from the ledgers as they stood after it."""

from __future__ import annotations

from services.domain import masks, points
from services.domain.member_errors import MemberSealed, MemberUnknown
from services.domain.money import Money
from services.domain.points import EARNED, MAIN, RESTORED, SPENT
from services.domain.receipt import CouponOnPaper
from services.domain.receipt_member import MemberOnPaper
from services.flows import coupon_papers, members
from services.store import coupon_templates, coupons, stored_value
from services.store import points as ledger
from services.store.members import group
from services.store.sales import Sale


def on_paper(sale: Sale) -> MemberOnPaper | None:
    """None for a sale of nobody known. The same for a copy as for the original, but for who was erased."""
    if not sale.member_id:
        return None
    owns = group(sale.member_id)
    entries = [each for each in ledger.of_document(sale.sale_id) if each.lot.member_id in owns]
    seq = max((each.seq for each in entries), default=sale.journal_seq)
    spent = -sum(each.delta for each in entries if each.kind in (SPENT, RESTORED))
    earned = sum(each.delta for each in entries if each.kind in (EARNED, points.CLAWED))
    has = ledger.balance_at(owns, MAIN, seq)
    ending = ledger.ending_at(owns, MAIN, seq, sale.business_day[:7])
    left = stored_value.after(sale.sale_id, owns)
    currency = sale.total.currency
    return MemberOnPaper(
        name=named(sale.member_id),
        earned=earned,
        spent=spent,
        points=has if has or entries else None,
        ending=(ending[1], points.last_day(ending[0])) if ending is not None else None,
        principal=Money(left[0], currency) if left is not None else None,
        bonus=Money(left[1], currency) if left is not None else None,
    )


def coupons_of(sale: Sale) -> list[CouponOnPaper]:
    """Those that came with the sale, as they were then."""
    found = []
    for each in coupons.issued_by(sale.sale_id):
        kind = coupon_templates.version(each.template_id, each.template_version)
        currency = sale.total.currency
        found.append(coupon_papers.on_paper(kind, each.code, each.first_day, each.last_day, currency))
    return found


def named(member_id: str) -> str:
    """Their telephone or name, masked; "" for one who was erased."""
    try:
        held = members.find(member_id).values
    except (MemberUnknown, MemberSealed):
        return ""
    field = "phone" if held.get("phone") else "name"
    return masks.masked(field, held.get(field, ""))
