"""Change that a member does not take along: the till keeps it, and it stands on their account."""

from __future__ import annotations

from services.domain import profile
from services.domain.tender_errors import StoredValueRefused
from services.flows import (
    approvals,
    business_day,
    cash_moves,
    checkout,
    members,
    stored_value,
    stored_value_moves,
    value_papers,
)
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.flows.stored_value_moves import moment
from services.store import db, requests, sales, shifts
from services.store import members as store
from services.store import stored_value as stored
from services.store.sales import Sale
from services.store.stored_value import Move


def can_keep(shop: Shop, sale: Sale) -> bool:
    """Whether its change may still go onto its member's account."""
    return bool(
        sale.member_id
        and _change_minor(shop, sale) > 0
        and not _late(sale)
        and not store.barred(sale.member_id)
        and not stored_value_moves.stopped(store.group(sale.member_id))
        and stored.kept_change(sale.sale_id) is None
    )


def keep(
    shop: Shop, sale_id: str, *, approval: Approval | None = None, operator_id: str, request_id: str
) -> Move:
    """Put the change of the till's last sale onto the account of whoever bought. A repeat, by whomever and
    under whatever key, gives the first.

    Raises SaleUnknown, StoredValueRefused (why: change, where there is none or nobody's; late, where the
    till has sold since or its Z tells of the sale; limit; cash), StoredValueFrozen, MemberUnknown,
    MemberSealed, and what approvals.approve() raises: it is a recharge.
    """
    asked = requests.fingerprint("stored_value.change", sale_id)
    if (done := requests.answer(request_id, asked) or stored.kept_change(sale_id)) is not None:
        return stored_value.find(done)
    sale = checkout.find(sale_id)
    size = max(0, _change_minor(shop, sale))
    approver_id = approvals.approve(shop, stored_value.IN, approval, operator_id=operator_id, size=size)
    with db.write():
        kept = requests.answer(request_id, asked) or stored.kept_change(sale_id)
        if kept is None:
            kept = _keep(shop, sale, operator_id)
            approvals.granted(
                *(shop, stored_value.IN, approver_id, approval),
                operator_id=operator_id,
                subject=f"stored value {kept}",
                size=size,
            )
        requests.remember(request_id, asked, kept, shop.now_ms())
    return stored_value.find(kept)


def _keep(shop: Shop, sale: Sale, operator_id: str) -> str:
    """The id of the move."""
    minor = _change_minor(shop, sale)
    if not sale.member_id or minor <= 0:
        raise StoredValueRefused("this sale gave nobody change", why="change")
    business_day.caught_up(shop, sale.till)  # a Z that is overdue tells of the sale first
    if _late(sale):
        raise StoredValueRefused("the till has sold or closed since", why="late")
    person = members.find(sale.member_id)
    told = stored_value_moves.recharge(
        *(shop, person.ids, moment(shop, operator_id, sale_id=sale.sale_id, till=sale.till)),
        paid_minor=minor,
        reason="change",
        tender=stored_value.CASH,
        named=bool(profile.value(person.profile, profile.NAME)),
    )
    cash_moves.put(
        *(shop, sale.till),
        kind="pay_in",
        currency=shop.currency,
        amount_minor=minor,
        reason="recharge",
        operator_id=operator_id,
        opens=False,
    )
    value_papers.queue(shop, sale.till, told.move_id)
    return told.move_id


def _late(sale: Sale) -> bool:
    """What lay in a drawer at its Z was counted there: it would be in it twice."""
    z = shifts.last_z(sale.till)
    counted = z is not None and sale.journal_seq <= z.last_seq
    return counted or sales.next_sequence(sale.till)[0] != sale.till_seq + 1


def _change_minor(shop: Shop, sale: Sale) -> int:
    """In the shop's own money, in which all change is given."""
    return sum(each.change.minor for each in sale.tenders if each.change.currency == shop.currency)
