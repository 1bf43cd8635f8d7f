"""Four eyes: somebody else lends a right with their PIN, for one action and with a reason."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from services.domain import masks
from services.domain.errors import ApprovalNeeded, ApproverRefused
from services.domain.events import ApprovalGranted
from services.domain.rights import HOLDERS, Right
from services.flows import pins
from services.flows.record import record
from services.flows.shop import Shop
from services.store import rights, staff
from services.store.staff import Member

_ASKER = "asker:"  # who asks is where the PIN was typed: one person guesses at one place only

# One line of text with something on it.
Reason = Annotated[
    str,
    Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"),
]


class Approval(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a request body: who approves it, their PIN, and why. It counts for this request alone."""

    approver_id: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
    pin: Annotated[str, Meta(pattern=r"^[0-9]{6}$")]
    reason: Reason

    def __repr__(self) -> str:
        """Without the PIN: this may end up in a log."""
        return f"Approval({self.approver_id!r}, {self.reason!r})"


def approve(shop: Shop, right: str, approval: Approval | None, *, operator_id: str, size: int = 0) -> str:
    """The id of whoever answers for it: the operator, where the role may do this at `size` alone, or the
    approver whose PIN came along.

    To be called before the transaction, since a PIN is slow to check; granted() inside it. `size` is in
    the right's unit. Raises ApprovalNeeded (details: right, size, unit, approvers, and the
    roles that could), ApproverRefused for
    somebody who may not approve this (it costs no try), PinRefused, PinLocked.
    """
    rule = rights.by_key(right)
    operator = staff.by_id(operator_id)
    if operator is not None and rule.alone(operator.role, size):
        return operator_id
    able = _able(rule, size, operator_id)
    if approval is None:
        raise _needed(rule, size, able)
    chosen = staff.by_id(approval.approver_id)
    if chosen is not None and chosen not in able:
        raise ApproverRefused("this person may not approve that", right=right, approver_id=chosen.staff_id)
    return pins.prove(shop, approval.approver_id, approval.pin, _ASKER + operator_id).staff_id


def granted(
    shop: Shop,
    right: str,
    approver_id: str,
    approval: Approval | None,
    *,
    operator_id: str,
    subject: str,
    size: int = 0,
) -> None:
    """Inside the caller's transaction: journal that the approver lent the right for `subject` ("sale",
    "line" and such with their ids). Nothing is written where the operator needed nobody.

    Raises ApprovalNeeded when the approver has lost the right since approve().
    """
    if approver_id == operator_id:
        return
    assert approval is not None and approval.approver_id == approver_id, approval
    rule = rights.by_key(right)
    able = _able(rule, size, operator_id)
    if approver_id not in [member.staff_id for member in able]:
        raise _needed(rule, size, able)
    event = ApprovalGranted(
        right=right,
        size=size,
        subject=subject,
        operator_id=operator_id,
        approver_id=approver_id,
        reason=masks.said(approval.reason.strip()),
    )
    record(shop, event, shop.now_ms())


def _able(rule: Right, size: int, operator_id: str) -> list[Member]:
    return [
        member
        for member in staff.listed()
        if member.staff_id != operator_id and rule.held_by(member.role, size)
    ]


def _needed(rule: Right, size: int, able: list[Member]) -> ApprovalNeeded:
    return ApprovalNeeded(
        "somebody with this right must approve",
        right=rule.key,
        size=size,
        unit=rule.unit,
        roles=[role for role in HOLDERS if rule.held_by(role, size)],
        approvers=[
            {"staff_id": member.staff_id, "name": member.name, "role": member.role} for member in able
        ],
    )
