"""Points of a member: moved inside the transaction of whatever moves them, each change a row and an event.

A person is given as the group of their member ids, the one that stands for them first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.domain import days
from services.domain import points as rules
from services.domain.earning import Grant, Purchase, earned
from services.domain.errors import PointsRefused
from services.domain.member_errors import MemberUnknown
from services.domain.points import Account, Lot, Move, Past
from services.domain.points_events import PointsMoved
from services.domain.points_returns import Given, Return, Spent, plan
from services.domain.points_words import ADJUSTED_FOR
from services.flows import approvals
from services.flows.approvals import Approval
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, members, points, points_rules, requests
from services.store.points import Entry

Group = tuple[str, ...]
DISCOUNT, RETURNED = "discount", "returned"
ADJUST = "points_adjust"  # the right to correct a balance by hand
PAGE = 50  # rows of a statement at once
PIECE = 100  # accounts of one transaction
PIECES_MAX = 100_000  # of one run
_OF_KIND = {rules.ACTIVATED: "activated", rules.EXPIRED: "expired", rules.SETTLED: "settled"}
_OF_GRANT = {"base": "purchase", "purchase": "per_purchase"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What a row of the statement says of its reason."""

    reason: str
    args: dict[str, int | str] = field(default_factory=dict)
    at_ms: int
    business_day: str = ""
    sale_id: str = ""
    of_sale: str = ""
    grant: Grant | None = None
    operator_id: str = ""
    till: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A closed document, as far as points ask: what it bought, spent and took back. What it takes back
    belongs to whoever bought that, also where that is somebody else."""

    sale_id: str
    group: Group  # who buys; (): nobody known
    at_ms: int
    business_day: str = ""
    operator_id: str = ""
    till: str = ""
    spent: int = 0  # points that took something off its lines
    purchase: Purchase | None = None
    returned: Return | None = None  # of `of_sale`
    of_sale: str = ""
    member_id: str = ""  # of the group, whose lots get what is earned; "": the first
    first_sale: str = ""  # with which it was bought before any exchange; "": `of_sale`
    kept: bool = False  # something is left, also of what it was exchanged for
    never: bool = False  # `of_sale` is undone whole, as if it had never been


def person(member_id: str) -> Group:
    """All ids of the person whom this one stands for. Raises MemberUnknown, also for one who was erased."""
    if not any(row.sealed is not None for row in members.of_group(member_id)):
        raise MemberUnknown("there is no such member", member_id=member_id)
    return members.group(member_id)


def follow(shop: Shop, document: Document) -> None:
    """Inside the transaction that closes a document: give back and take back what a return undoes, spend,
    earn. A document that was followed before changes nothing. Raises PointsShort."""
    if points.of_document(document.sale_id):
        return
    if document.returned is not None:
        _take_back(shop, document, document.returned)
    if not document.group:
        return
    account = caught_up(shop, document.group, document.at_ms)
    if document.spent:
        why = _why(document, DISCOUNT, of_sale=document.sale_id)
        account = moved(shop, account, rules.spend(account, document.spent), why)
    if document.purchase is not None:
        _earn(shop, account, document, document.purchase)


def caught_up(shop: Shop, group: Group, at_ms: int, program: str = rules.MAIN) -> Account:
    """Inside a transaction: the account, once everything is done that is due by now."""
    account = points.account(group, program)
    return moved(shop, account, due(shop, account, at_ms), Why(reason="due", at_ms=at_ms))


def catch_up_all(shop: Shop) -> int:
    """Do what is due for everybody, also for members whom nobody looks at; how many accounts it was."""
    done, after = 0, ("", "")
    for _ in range(PIECES_MAX):
        found = points.due(day(shop, shop.now_ms()), PIECE, after, closing=shop.clock_trusted)
        if not found:
            break
        with db.write():
            for member_id, program in found:
                caught_up(shop, members.group(member_id), shop.now_ms(), program)
        done, after = done + len(found), found[-1]
    return done


def look(shop: Shop, group: Group, program: str = rules.MAIN) -> Account:
    """The account as it is now, also where nobody has written down yet what is due."""
    account = points.account(group, program)
    return account.after(due(shop, account, shop.now_ms()))


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the statement with what the person had after it."""

    entry: Entry
    balance: int


def statement(group: Group, program: str = rules.MAIN, *, before: int = 0) -> tuple[list[Line], int]:
    """(lines, the newest first; `before` of the next page, 0 for none). What only moves points between lots
    of the same person is left out."""
    rows = points.statement(group, program, before=before, limit=PAGE)
    balance = points.balance_at(group, program, rows[0].seq) if rows else 0
    lines = []
    for entry in rows:
        inner = entry.kind == rules.SETTLED or (entry.kind == rules.ACTIVATED and entry.delta < 0)
        if not inner:
            lines.append(Line(entry, balance))
        balance -= entry.delta if entry.lot.state != rules.PENDING else 0
    return lines, rows[-1].seq if len(rows) == PAGE else 0


def adjust(
    shop: Shop,
    member_id: str,
    change: int,
    *,
    reason: str,
    approval: Approval | None,
    operator_id: str,
    request_id: str,
) -> None:
    """Give or take points by hand, for one of ADJUSTED_FOR's reasons. A repeat changes nothing.

    Raises PointsRefused for nothing to change, MemberUnknown, PointsShort, and what approve() raises.
    """
    if not change or reason not in ADJUSTED_FOR:
        raise PointsRefused("nothing is corrected, or for no reason", why="nothing", rule_id="")
    asked = requests.fingerprint("adjust_points", member_id, change, reason)
    if requests.answer(request_id, asked) is not None:
        return
    approver_id = approvals.approve(shop, ADJUST, approval, operator_id=operator_id)
    with db.write():
        if requests.answer(request_id, asked) is not None:
            return
        group = person(member_id)
        subject = f"member {group[0]}"
        approvals.granted(shop, ADJUST, approver_id, approval, operator_id=operator_id, subject=subject)
        at_ms = shop.now_ms()
        account = caught_up(shop, group, at_ms)
        moves = rules.adjust(account, new_lot(shop, group[0], at_ms, pending_days=0), change)
        moved(shop, account, moves, Why(reason=reason, at_ms=at_ms, operator_id=operator_id))
        requests.remember(request_id, asked, group[0], at_ms)


def usable(account: Account) -> int:
    """What can be spent now."""
    return 0 if account.debt else account.active


def restored(shop: Shop, spent: list[Past], back: int, why: Why) -> None:
    """Inside a transaction: give back so many points of what a document spent, to whoever had them."""
    terms, today = points_rules.newest().book.terms, day(shop, why.at_ms)
    grace = rules.month_after(today, terms.grace_days)
    parts = rules.last_drawn(spent, back)
    for member_id in sorted({each.lot.member_id for each in parts}):
        side = caught_up(shop, members.group(member_id), why.at_ms)
        mine = [each for each in parts if each.lot.member_id == member_id]
        moved(shop, side, rules.restore(side, mine, today[:7], grace), why)


def due(shop: Shop, account: Account, at_ms: int) -> list[Move]:
    return rules.due(account, day(shop, at_ms), closing=shop.clock_trusted)


def day(shop: Shop, at_ms: int) -> str:
    """YYYY-MM-DD on the shop's calendar: points begin and end at midnight, whatever the business day."""
    return days.local(at_ms, shop.zone).date().isoformat()


def moved(shop: Shop, account: Account, moves: Iterable[Move], why: Why) -> Account:
    """Inside a transaction: make the moves, with a row and an event for each; the account after them."""
    moves = list(moves)
    after = account.after(moves)
    after.check()
    for move in moves:
        credited, debited, balance = points.move(move.lot, move.delta)
        event = PointsMoved(
            member_id=move.lot.member_id,
            program=move.lot.program,
            kind=move.kind,
            state=move.lot.state,
            expires=move.lot.expires,
            pending_until=move.lot.pending_until,
            delta=move.delta,
            credited=credited,
            debited=debited,
            balance=balance,
            reason=_OF_KIND.get(move.kind, why.reason),
            args={} if move.kind in _OF_KIND else why.args,
            sale_id=why.sale_id,
            of_sale=why.of_sale,
            of_seq=move.of_seq,
            grant=why.grant if move.kind == rules.EARNED else None,
            operator_id=why.operator_id,
            workstation_id=why.till,
        )
        points.note(record(shop, event, why.at_ms, why.business_day), event, why.at_ms)
    return after


def new_lot(shop: Shop, member_id: str, at_ms: int, pending_days: int = -1) -> Lot:
    """Where points that are earned now go, as the newest rules say; `pending_days` of -1: theirs too."""
    terms, today = points_rules.newest().book.terms, day(shop, at_ms)
    wait = terms.pending_days if pending_days < 0 else pending_days
    month = rules.last_month(today, terms.valid_months)
    if not wait:
        return Lot(member_id, expires=month)
    until = rules.later(today, wait)
    if month and month < until[:7]:
        month = until[:7]
    return Lot(member_id, state=rules.PENDING, expires=month, pending_until=until)


def told(grant: Grant) -> tuple[str, dict[str, int | str]]:
    """The reason of an earned row, and what its words name."""
    return _OF_GRANT.get(grant.kind, grant.kind), _said(grant)


def _earn(shop: Shop, account: Account, document: Document, purchase: Purchase) -> None:
    version = points_rules.newest()
    lot = new_lot(shop, document.member_id or document.group[0], document.at_ms)
    for each in earned(version.book.terms, version.book.earning, version.version, purchase):
        grant = each.grant
        reason, args = told(grant)
        why = _why(document, reason, of_sale=document.sale_id, grant=grant, args=args)
        account = moved(shop, account, rules.earn(account, lot, each.points), why)


def _said(grant: Grant) -> dict[str, int | str]:
    """What the words of an earned row name."""
    if grant.kind == "base":
        return {"amount_minor": grant.basis, "points": grant.points, "per_minor": grant.per_minor}
    named: dict[str, int | str] = {"label_zh": grant.label_zh, "label_en": grant.label_en}
    if grant.kind == "multiplier":
        return {**named, "amount_minor": grant.basis, "factor_bp": grant.factor_bp}
    return {**named, "pieces": grant.basis} if grant.kind == "article" else named


def _take_back(shop: Shop, document: Document, returned: Return) -> None:
    """From and to the lots of the sale, each with all that its owner has by now: nobody pays the debt of
    somebody else, whoever they were one with when it was sold."""
    entries = points.of_sale(document.of_sale)
    spent = [
        Spent(points.undone(entries, each), -each.delta)
        for each in entries
        if each.kind == rules.SPENT and each.reason == DISCOUNT
    ]
    planned = plan(returned, spent, list(_given(entries)))
    terms, today = points_rules.newest().book.terms, day(shop, document.at_ms)
    grace = rules.month_after(today, terms.grace_days)
    parts = rules.last_drawn([each.past for each in spent], planned.restored)
    why = _why(document, RETURNED, of_sale=document.of_sale)
    for owner in _owners(document, [*parts, *planned.clawed]):
        side = caught_up(shop, owner, document.at_ms)
        back = rules.restore(side, _owned(side, parts), today[:7], grace)
        after = moved(shop, side, back, why)
        moved(shop, after, rules.claw(after, _owned(side, planned.clawed), terms.clawback), why)


def _owners(document: Document, past: Iterable[Past]) -> list[Group]:
    """Whose lots these are, each person once."""
    ids = sorted({each.lot.member_id for each in past})
    mine = [document.group] if set(ids) & set(document.group) else []
    return [*mine, *dict.fromkeys(members.group(each) for each in ids if each not in document.group)]


def _owned(side: Account, past: Iterable[Past]) -> list[Past]:
    return [each for each in past if each.lot.member_id in side.group]


def _given(entries: list[Entry]) -> Iterable[Given]:
    for each in entries:
        if each.kind == rules.EARNED and each.grant is not None:
            yield Given(points.undone(entries, each), each.grant)


def _why(
    document: Document,
    reason: str,
    *,
    of_sale: str,
    grant: Grant | None = None,
    args: dict[str, int | str] | None = None,
) -> Why:
    return Why(
        reason=reason,
        args=args or {},
        at_ms=document.at_ms,
        business_day=document.business_day,
        sale_id=document.sale_id,
        of_sale=of_sale,
        grant=grant,
        operator_id=document.operator_id,
        till=document.till,
    )
