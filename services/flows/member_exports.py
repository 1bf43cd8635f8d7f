"""All members as one table, masked unless somebody may see them in clear; every export is journalled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.domain import days, masks, profile
from services.domain.member_errors import MemberUnknown
from services.domain.member_events import MembersExported
from services.flows import approvals
from services.flows import members as people
from services.flows.approvals import Approval
from services.flows.member_privacy import AGAIN_MS, EXPORT, UNMASK
from services.flows.members import Member
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, members, requests
from services.store.sealed import VAULT

HEADS = (
    "会员编号",
    "加入日期",
    *("姓名", "性别", "生日", "手机", "身份证", "邮箱", "微信", "卡号", "备注"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`form`: "csv" or "xlsx"."""

    form: str
    clear: bool
    reason: str
    approval: Approval | None = None


def export(shop: Shop, wish: Wish, *, operator_id: str, request_id: str) -> list[tuple[str, ...]]:
    """Everybody once, the oldest first, below the heads. A repeat by the same person gives another copy and
    journals nothing; it is refused once that was AGAIN_MS ago.

    Free text is left out where the rest is masked. Raises MemberSealed, and what approvals.approve()
    raises for the export, and for the clear one.
    """
    asked = requests.fingerprint("export members", operator_id, wish.form, wish.clear, wish.reason)
    VAULT.forgotten()  # or there is nothing to tell
    new = not requests.again(request_id, asked, shop.now_ms() - AGAIN_MS)
    rights = (EXPORT, UNMASK) if wish.clear else (EXPORT,)
    given = {
        right: approvals.approve(shop, right, wish.approval, operator_id=operator_id)
        for right in (rights if new else ())
    }
    rows = [HEADS, *(_row(shop, member, wish.clear) for member in _everybody())]
    if new:
        with db.write():
            if requests.claim(request_id, asked, "", shop.now_ms()) is None:
                _tell(shop, wish, given, len(rows) - 1, operator_id)
    return rows


def _tell(shop: Shop, wish: Wish, given: dict[str, str], rows: int, operator_id: str) -> None:
    event = MembersExported(
        export_id=shop.new_id(),
        members=rows,
        clear=wish.clear,
        form=wish.form,
        reason=masks.said(wish.reason),
        operator_id=operator_id,
        approver_id=given[EXPORT],
    )
    record(shop, event, shop.now_ms())
    for right, approver_id in given.items():
        approvals.granted(
            shop,
            right,
            approver_id,
            wish.approval,
            operator_id=operator_id,
            subject=event.export_id,
        )


def _everybody() -> Iterator[Member]:
    for member_id in members.living():
        try:
            member = people.find(member_id)
        except MemberUnknown:
            continue  # erased a moment ago
        if member.member_id == member_id:
            yield member


def _row(shop: Shop, member: Member, clear: bool) -> tuple[str, ...]:
    held = member.values
    shown = [
        text if clear else "" if field == profile.NOTES else masks.masked(field, text)
        for field in profile.FIELDS
        for text in (held.get(field, ""),)
    ]
    return member.member_id, days.iso(member.created_at_ms, shop.zone)[:10], *shown
