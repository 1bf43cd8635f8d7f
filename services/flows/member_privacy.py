"""What members may ask for, and what the shop must not keep: showing, copying and erasing their data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.domain import masks
from services.domain.errors import BadRequest
from services.domain.identity import CARD
from services.domain.member_errors import LookedTooOften, MemberRefused, MemberUnknown
from services.domain.member_events import MemberErased, MemberUnmasked
from services.flows import approvals, consents, points, stored_value_moves
from services.flows import members as people
from services.flows.approvals import Approval
from services.flows.member_copy import Copy, copied
from services.flows.members import Member
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, member_records, members, requests
from services.store.sealed import VAULT

UNMASK, EXPORT, ERASE = "member_unmask", "member_export", "member_erase"  # rights
HOUR_MS = 3_600_000
LOOKS_MAX = 20  # of one person in an hour, copies among them
AGAIN_MS = 10 * 60_000  # how long a repeat is the same look: a lost answer is asked for within seconds
IDLE_MS = 730 * 86_400_000  # data of somebody who has not been here so long are not kept
PIECE = 50  # members of one search
ASKED, RETENTION, RESTORED = "asked", "retention", "restored"  # why data were erased


@dataclass(frozen=True, slots=True)
class Preview:
    """What erasing takes away, by name, and what stays because the books need it."""

    ids: tuple[str, ...]
    fields: tuple[str, ...]
    sales: int
    consents: int
    balance_minor: int  # stored value: it is spent or paid out first
    points: int  # that are lost


def unmask(
    shop: Shop,
    member_id: str,
    fields: Sequence[str],
    reason: str,
    approval: Approval | None,
    *,
    operator_id: str,
    request_id: str,
) -> dict[str, str]:
    """These fields in clear, for a reason that is journalled. A repeat by the same person shows them again
    for AGAIN_MS, then it is refused.

    Raises MemberUnknown, MemberSealed, LookedTooOften (details.wait_s), BadRequest for a field that is
    never masked, and what approvals.approve() raises.
    """
    if not fields or not set(fields) <= masks.MASKS.keys():
        raise BadRequest("these fields are not masked", fields=sorted(masks.MASKS))
    asked = requests.fingerprint("unmask", operator_id, member_id, sorted(fields), reason)
    member = people.find(member_id)
    if not requests.again(request_id, asked, shop.now_ms() - AGAIN_MS):
        approver_id = approvals.approve(shop, UNMASK, approval, operator_id=operator_id)
        with db.write():
            if requests.claim(request_id, asked, member.member_id, shop.now_ms()) is None:
                _within_limit(shop, operator_id)
                look = _look(shop, member, tuple(sorted(fields)), reason, operator_id, approver_id, False)
                approvals.granted(
                    shop, UNMASK, approver_id, approval, operator_id=operator_id, subject=look
                )
    return {each: member.values[each] for each in fields if each in member.values}


def export(
    shop: Shop,
    member_id: str,
    reason: str,
    approval: Approval | None,
    *,
    operator_id: str,
    request_id: str,
) -> Copy:
    """All that is known of one member, as it is now. A repeat, as with unmask(), gives another copy and
    journals nothing.

    Raises MemberUnknown, MemberSealed, LookedTooOften, and what approvals.approve() raises.
    """
    asked = requests.fingerprint("export", operator_id, member_id, reason)
    member = people.find(member_id)
    if not requests.again(request_id, asked, shop.now_ms() - AGAIN_MS):
        approver_id = approvals.approve(shop, EXPORT, approval, operator_id=operator_id)
        with db.write():
            if requests.claim(request_id, asked, member.member_id, shop.now_ms()) is None:
                _within_limit(shop, operator_id)
                fields = tuple(member.values)
                look = _look(shop, member, fields, reason, operator_id, approver_id, True)
                approvals.granted(
                    shop, EXPORT, approver_id, approval, operator_id=operator_id, subject=look
                )
    return copied(member)


def preview(shop: Shop, member_id: str) -> Preview:
    """What erase() would do. Raises MemberUnknown, MemberSealed."""
    member = people.find(member_id)
    return Preview(
        ids=member.ids,
        fields=tuple(member.values),
        sales=member_records.sales_of(member.ids),
        consents=len(consents.log(member.ids)),
        balance_minor=_balance_minor(shop, members.group(member_id)),
        points=points.look(shop, members.group(member_id)).balance,
    )


def erase(
    shop: Shop, member_id: str, approval: Approval | None, *, operator_id: str, request_id: str
) -> None:
    """Delete a member's data for good, under all their ids, in every copy there is. The books stay.

    A repeat makes sure that the keys are gone. Raises MemberUnknown, MemberSealed,
    MemberRefused (why: "balance") while there is stored value, and what approvals.approve() raises.
    """
    asked = requests.fingerprint("erase", member_id)
    VAULT.forgotten()  # or nothing is begun
    if requests.answer(request_id, asked) is None:
        approver_id = approvals.approve(shop, ERASE, approval, operator_id=operator_id)
        with db.write():
            if requests.claim(request_id, asked, member_id, shop.now_ms()) is None:
                ids = members.group(member_id)
                if balance_minor := _balance_minor(shop, ids):
                    raise MemberRefused("money is left", why="balance", balance_minor=balance_minor)
                if not _erase(shop, ids, ASKED, operator_id, approver_id):
                    raise MemberUnknown("there is no such member", member_id=member_id)
                approvals.granted(
                    shop, ERASE, approver_id, approval, operator_id=operator_id, subject=member_id
                )
    gone = [row.member_id for row in members.of_group(member_id) if row.sealed is None]
    VAULT.forget(gone, shop.now_ms())


def forget_idle(shop: Shop) -> int:
    """Erase whoever was not here for IDLE_MS and holds no card or money; how many. Raises MemberSealed."""
    VAULT.forgotten()  # or nothing is begun
    before_ms, done, after = shop.now_ms() - IDLE_MS, 0, ""
    while idle := members.idle(before_ms, after, PIECE):
        after = idle[-1]
        for ids in {members.group(member_id) for member_id in idle}:
            with db.write():
                erased = _idle(shop, ids, before_ms) and _erase(shop, ids, RETENTION, "", "")
            if erased:
                VAULT.forget(ids, shop.now_ms())
                done += 1
    return done


def settle(shop: Shop) -> int:
    """At start-up: make true what a crash or a ledger that was put back has left half done; how many.

    Keys of the erased are deleted again, and whoever's key was deleted for good is erased. Raises
    MemberSealed where the keys cannot be opened.
    """
    gone = VAULT.forgotten()
    late = [member_id for member_id in members.erased() if member_id not in gone]
    if late:
        VAULT.forget(late, shop.now_ms())
    back = [member_id for member_id in members.living() if member_id in gone]
    for member_id in back:
        with db.write():
            _erase(shop, (member_id,), RESTORED, "", "")
    return len(late) + len(back)


def _balance_minor(shop: Shop, ids: Sequence[str]) -> int:
    return stored_value_moves.balance(shop, tuple(ids)).total


def _idle(shop: Shop, ids: Sequence[str], before_ms: int) -> bool:
    """Whether this person was seen under none of their ids, and holds neither card nor money."""
    if _balance_minor(shop, ids):
        return False
    rows = [row for each in ids if (row := members.by_id(each)) is not None]
    cards = (kind for each in ids for kind, _ in members.keys_of(each))
    return all(row.seen_at_ms < before_ms for row in rows) and CARD not in cards


def _erase(shop: Shop, ids: Sequence[str], reason: str, operator_id: str, approver_id: str) -> bool:
    """Whether there was anything."""
    living = [each for each in ids if (row := members.by_id(each)) is not None and row.sealed is not None]
    for member_id in living:
        now_ms = shop.now_ms()
        members.erase(member_id, now_ms)
        member_records.drop_notes(member_id)
        event = MemberErased(
            member_id=member_id, reason=reason, operator_id=operator_id, approver_id=approver_id
        )
        record(shop, event, now_ms)
    return bool(living)


def _within_limit(shop: Shop, operator_id: str) -> None:
    now_ms = shop.now_ms()
    looks = member_records.looks_since(operator_id, now_ms - HOUR_MS)
    if len(looks) >= LOOKS_MAX:
        wait_ms = looks[len(looks) - LOOKS_MAX] + HOUR_MS - now_ms
        raise LookedTooOften("too many looks in one hour", wait_s=-(-wait_ms // 1_000))


def _look(
    shop: Shop,
    member: Member,
    fields: tuple[str, ...],
    reason: str,
    operator_id: str,
    approver_id: str,
    exported: bool,
) -> str:
    now_ms, look_id = shop.now_ms(), shop.new_id()
    member_records.add_look(look_id, member.member_id, operator_id, now_ms, exported=exported)
    event = MemberUnmasked(
        look_id=look_id,
        member_id=member.member_id,
        fields=fields,
        exported=exported,
        reason=masks.said(reason.strip()),
        operator_id=operator_id,
        approver_id=approver_id,
    )
    record(shop, event, now_ms)
    return look_id
