"""A member brings somebody: said when the newcomer joins, rewarded once their first purchase was kept."""

from __future__ import annotations

from dataclasses import replace

from services.domain import points as rules
from services.domain import referrals as terms
from services.domain.errors import ReferralRefused
from services.domain.points_events import ReferralChanged
from services.domain.referrals import Referral
from services.flows import points
from services.flows.points import Document, Group, Why
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, facts, members, points_rules, referrals
from services.store import points as ledger

REFERRER, NEWCOMER, VOIDED = "referrer", "newcomer", "referral_void"


def refer(shop: Shop, newcomer_id: str, referrer_id: str, *, operator_id: str) -> Referral:
    """Write down who sent a newcomer. A repeat changes nothing.

    Raises MemberUnknown, ReferralRefused (details.why: off, known, ring, and those of the rules' own
    check).
    """
    with db.write():
        newcomer, referrer = points.person(newcomer_id), points.person(referrer_id)
        held = referrals.of_newcomer(newcomer)
        if held is not None and held.referrer_id in referrer:
            return held
        book = points_rules.newest().book.referral
        if not book.referrer_points and not book.newcomer_points:
            raise ReferralRefused("this shop rewards nobody for it", why="off")
        if held is not None:
            raise ReferralRefused("somebody else sent them", why="known")
        if newcomer in _senders(referrer):
            raise ReferralRefused("who sent somebody is not sent by them", why="ring")
        row, at_ms = members.by_id(newcomer_id), shop.now_ms()
        terms.check(
            *(newcomer, referrer, referrals.shared_keys(newcomer, referrer)),
            joined_ms=row.created_at_ms if row is not None else 0,
            now_ms=at_ms,
            bought=facts.orders(newcomer) > 0,
        )
        made = Referral(newcomer[0], referrer[0])
        _keep(shop, made, at_ms, "", operator_id)
    return made


def may_be_named(shop: Shop, newcomer_id: str) -> bool:
    """Whether it may be said now who sent somebody: the shop rewards it, they have just joined, and it was
    not said before; of nobody who was erased."""
    newcomer, book = members.group(newcomer_id), points_rules.newest().book.referral
    if not book.referrer_points and not book.newcomer_points:
        return False
    row = members.by_id(newcomer_id)
    late = row is None or row.sealed is None or shop.now_ms() - row.created_at_ms > terms.JOINED_MS
    return not (late or referrals.of_newcomer(newcomer) or facts.orders(newcomer))


def follow(shop: Shop, document: Document) -> None:
    """Inside the transaction that closes a document, after points.follow(): a newcomer's first purchase
    gives both their points, pending while it can come back; when all of it does, and of what it was
    exchanged for, they go again."""
    if document.returned is not None:
        left = any(line.pieces > line.before + line.now for line in document.returned.lines)
        kept = left or document.kept
        held = referrals.of_sale(document.first_sale or document.of_sale)
        if held is not None and held.state == terms.REWARDED and not kept:
            _void(shop, held, document)
    if document.purchase is not None:
        _reward(shop, document, sum(line.net_minor for line in document.purchase.lines))


def _senders(sent: Group) -> list[Group]:
    """Who sent somebody, who sent those, and so on."""
    found: list[Group] = []
    while (held := referrals.of_newcomer(sent)) is not None:
        sent = members.group(held.referrer_id)
        if sent in found:  # two who were made one may have sent each other
            break
        found.append(sent)
    return found


def _reward(shop: Shop, document: Document, amount_minor: int) -> None:
    held = referrals.of_newcomer(document.group)
    if held is None:
        return
    book = points_rules.newest().book.referral
    month, referrer = points.day(shop, document.at_ms)[:7], members.group(held.referrer_id)
    after = terms.counted(
        *(held, book),
        sale_id=document.sale_id,
        amount_minor=amount_minor,
        month=month,
        had=referrals.brought(referrer, month),
    )
    if after == held:
        return
    _keep(shop, after, document.at_ms, document.business_day, document.operator_id)
    mine = 0 if after.capped else book.referrer_points
    for reason, group, each in (
        (REFERRER, referrer, mine),
        (NEWCOMER, document.group, book.newcomer_points),
    ):
        if each:
            account = points.caught_up(shop, group, document.at_ms)
            lot = points.new_lot(shop, group[0], document.at_ms, book.window_days)
            points.moved(shop, account, rules.earn(account, lot, each), _why(document, reason))


def _void(shop: Shop, held: Referral, document: Document) -> None:
    """What is still pending goes; what the return window has made theirs stays. A sale undone whole never
    was: the next purchase is the first. After a return none is."""
    entries = ledger.of_sale(held.sale_id)
    given = [each for each in entries if each.reason in (REFERRER, NEWCOMER)]
    left = [past for each in given if (past := ledger.undone(entries, each)).points]
    gone = False
    for member_id in sorted({each.lot.member_id for each in left}):
        account = points.caught_up(shop, members.group(member_id), document.at_ms)
        mine = [each for each in left if each.lot.member_id == member_id]
        moves = rules.claw(account, mine, "only_pending")
        points.moved(shop, account, moves, _why(document, VOIDED, held.sale_id))
        gone = gone or bool(moves)
    if gone or not left:
        after = Referral(held.newcomer_id, held.referrer_id)
        if not document.never:
            after = replace(held, state=terms.VOID)
        _keep(shop, after, document.at_ms, document.business_day, document.operator_id)


def _why(document: Document, reason: str, of_sale: str = "") -> Why:
    return Why(
        reason=reason,
        at_ms=document.at_ms,
        business_day=document.business_day,
        sale_id=document.sale_id,
        of_sale=of_sale or document.sale_id,
        operator_id=document.operator_id,
        till=document.till,
    )


def _keep(shop: Shop, held: Referral, at_ms: int, business_day: str, operator_id: str) -> None:
    referrals.put(held)
    event = ReferralChanged(
        newcomer_id=held.newcomer_id,
        referrer_id=held.referrer_id,
        state=held.state,
        sale_id=held.sale_id,
        month=held.month,
        capped=held.capped,
        operator_id=operator_id,
    )
    record(shop, event, at_ms, business_day)
