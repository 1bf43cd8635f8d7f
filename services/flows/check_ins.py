"""Checking in at the till: once a day for each person, by their card or by the code that the till shows."""

from __future__ import annotations

import hashlib
import hmac

import msgspec

from services.domain import checkin
from services.domain import points as rules
from services.domain.checkin import Visit
from services.domain.errors import CheckInRefused
from services.domain.points_events import CheckedIn
from services.flows import points
from services.flows.points import Group, Why
from services.flows.record import record
from services.flows.shop import Shop
from services.store import check_ins, db, points_rules, requests

OFF, OPEN, DONE = "off", "open", "done"  # the shop counts no visits; today's is to come; it is counted
CODE, CARD = "code", "card"  # how somebody shows that they are here
_PROOF = 16  # characters of the code's seal


def code(shop: Shop) -> tuple[str, int]:
    """What the till shows now, and until when (UTC ms) it is taken. Nobody can make one ahead of time."""
    now_s = shop.now_ms() // 1000
    until_s = now_s + points_rules.newest().book.check_in.valid_s
    return checkin.code_text(now_s, _proof(shop, now_s)), until_s * 1000


def today(shop: Shop, group: Group) -> str:
    """OFF, OPEN or DONE."""
    terms = points_rules.newest().book.check_in
    if not terms.points and not terms.ladder:
        return OFF
    day = points.day(shop, shop.now_ms())
    return DONE if any(each.day >= day for each in check_ins.of_group(group)) else OPEN


def check_in(
    shop: Shop, member_id: str, shown: str, *, till: str = "", operator_id: str, request_id: str
) -> Visit:
    """Count today's visit and give its points. `shown` is the till's code, "" where their card was scanned
    here. A repeat gives the first one's visit.

    Raises MemberUnknown, CheckInRefused (details.why: off, today, code_wrong, code_old).
    """
    asked = requests.fingerprint("check_in", member_id)
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return msgspec.json.decode(done, type=Visit)
        at_ms, group = shop.now_ms(), points.person(member_id)
        today = points.day(shop, at_ms)
        terms = points_rules.newest().book.check_in
        if not terms.points and not terms.ladder:
            raise CheckInRefused("this shop counts no visits", why="off")
        if shown:
            _check(shop, shown, at_ms // 1000, terms.valid_s)
        visit = checkin.next_visit(check_ins.of_group(group), today, terms.jokers)
        event = CheckedIn(
            member_id=group[0],
            day=visit.day,
            streak=visit.streak,
            jokers=visit.jokers,
            proof=CODE if shown else CARD,
            operator_id=operator_id,
        )
        check_ins.add(event, at_ms)
        record(shop, event, at_ms)
        _give(shop, group, visit, at_ms, operator_id, till)
        requests.remember(request_id, asked, msgspec.json.encode(visit).decode(), at_ms)
    return visit


def _give(shop: Shop, group: Group, visit: Visit, at_ms: int, operator_id: str, till: str) -> None:
    account = points.caught_up(shop, group, at_ms)
    lot = points.new_lot(shop, group[0], at_ms, pending_days=0)
    given = checkin.earned(points_rules.newest().book.check_in, visit.streak)
    for reason, each in zip(("check_in", "streak"), given, strict=True):
        if each:
            why = Why(
                reason=reason,
                args={"days": visit.streak},
                at_ms=at_ms,
                operator_id=operator_id,
                till=till,
            )
            account = points.moved(shop, account, rules.earn(account, lot, each), why)


def _check(shop: Shop, shown: str, now_s: int, valid_s: int) -> None:
    issued_s, proof = checkin.code_parts(shown)
    if not hmac.compare_digest(proof.encode(), _proof(shop, issued_s).encode()):
        raise CheckInRefused("this is no code of this shop", why="code_wrong")
    checkin.check_fresh(issued_s, now_s, valid_s)


def _proof(shop: Shop, issued_s: int) -> str:
    told = f"check-in\0{shop.store_id}\0{issued_s}".encode()
    return hmac.new(shop.keyring.coupon, told, hashlib.sha256).hexdigest()[:_PROOF]
