"""Signing on with a PIN, staying signed on, signing off, and unlocking who typed too many wrong ones."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from services.domain.errors import Forbidden, NotFound, NotSignedIn
from services.domain.events import OperatorSignedOff, OperatorSignedOn
from services.domain.roster import UNSEEN
from services.flows import pins
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, journal, staff
from services.store.staff import Member, Session

TOKEN_BYTES = 32

_TILL = "till:"


@dataclass(frozen=True, slots=True)
class SignedOn:
    """A new session and its token, which nothing but the browser keeps."""

    token: str
    session: Session


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts: since it was last used, and since it began."""

    idle_s: int
    absolute_s: int


def sign_on(shop: Shop, staff_id: str, pin: str, till: str, limits: Limits) -> SignedOn:
    """Begin a session of `staff_id` at `till`.

    Raises NotFound for an unknown till, Forbidden for somebody who never signs on, and PinRefused or
    PinLocked as pins.check() does.
    """
    if till not in shop.tills:
        raise NotFound("there is no such till", till=till)
    member = pins.check(shop, staff_id, pin, _TILL + till)
    if member.role in UNSEEN:
        raise Forbidden("this role does not sign on", role=member.role)
    return _begin(shop, member, till, limits)


def find_session(shop: Shop, token: str, limits: Limits, last_seen_ms: int = 0) -> Session:
    """The session of `token`. `last_seen_ms` is what the caller knows and the file may not yet.

    Raises NotSignedIn for a token that was never given out, signed off, or not used for too long.
    """
    found = staff.session(token_hash(token))
    if found is None:
        raise NotSignedIn("nobody is signed on here")
    now_ms = shop.now_ms()
    idle_ms = now_ms - max(found.seen_at_ms, last_seen_ms)
    # Seen in the future: by a clock that has been set back since.
    if abs(idle_ms) > limits.idle_s * 1000 or now_ms - found.begun_at_ms > limits.absolute_s * 1000:
        raise NotSignedIn("the session has ended")
    return found


def touch(shop: Shop, session: Session) -> str:
    """Store that the session is in use; why that failed, or "". It happens while somebody only looks:
    a disk in trouble must not keep anybody from looking."""
    try:
        with db.write():
            staff.touch_session(session.token_hash, shop.now_ms())
    except journal.TROUBLE as error:
        return str(error.__cause__ or error)
    return ""


def sign_off(shop: Shop, session: Session) -> None:
    """End the session. A repeat changes nothing."""
    with db.write():
        if staff.session(session.token_hash) is not None:
            staff.delete_session(session.token_hash)
            event = OperatorSignedOff(operator_id=session.staff_id, workstation_id=session.till)
            record(shop, event, shop.now_ms())


def unlock(staff_id: str) -> Member:
    """Let somebody try again after too many wrong PINs. A repeat changes nothing. Raises NotFound."""
    member = staff.by_id(staff_id)
    if member is None:
        raise NotFound("there is no such member of staff", staff_id=staff_id)
    with db.write():
        pins.forgive(staff_id)
    return member


def token_hash(token: str) -> bytes:
    """What is stored of a token: whoever reads the file cannot use it to sign on."""
    return hashlib.sha256(token.encode()).digest()


def _begin(shop: Shop, member: Member, till: str, limits: Limits) -> SignedOn:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now_ms = shop.now_ms()
    begun = Session(
        token_hash=token_hash(token),
        staff_id=member.staff_id,
        name=member.name,
        role=member.role,
        till=till,
        csrf=secrets.token_urlsafe(TOKEN_BYTES),
        begun_at_ms=now_ms,
        seen_at_ms=now_ms,
    )
    with db.write():
        pins.accept(member, _TILL + till)
        staff.delete_sessions_before(now_ms - limits.absolute_s * 1000)
        staff.create_session(begun)
        event = OperatorSignedOn(operator_id=member.staff_id, role=member.role, workstation_id=till)
        record(shop, event, now_ms)
    return SignedOn(token, begun)
