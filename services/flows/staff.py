"""Signing on with a PIN, staying signed on, signing off, and unlocking who typed too many wrong ones."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from services.domain.errors import NotFound, NotSignedIn, PinLocked, PinRefused
from services.domain.events import OperatorSignedOff, OperatorSignedOn
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, journal, staff
from services.store.staff import Failures, Member, Session

FREE_TRIES = 3  # wrong PINs before the first wait
TRIES_MAX = 10  # wrong PINs of one person before only a manager or technician can help
TILL_WAIT_MAX_S = 300  # a till is never locked for good, or anybody could close the shop
TOKEN_BYTES = 32

_PERSON, _TILL = "staff:", "till:"


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

    Every try is stored as a failure before the PIN is looked at, and the right PIN takes that back: tries
    in parallel or around a restart count like any others. Raises NotFound for an unknown till, PinRefused
    with details.tries_left, PinLocked with details.wait_s (0 and details.by_manager true when waiting
    does not help); a stranger gets the same answers after the same time.
    """
    if till not in shop.tills:
        raise NotFound("there is no such till", till=till)
    tries_left = _count_try(shop, staff_id, till)
    member = staff.by_id(staff_id)
    compared = member.pin_hash if member else staff.some_pin_hash()
    right = shop.check_pin(compared, pin) if compared else False
    if member is None or not right:
        raise PinRefused("unknown member of staff or wrong PIN", tries_left=tries_left)
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
        staff.clear_failures(_PERSON + staff_id)
    return member


def token_hash(token: str) -> bytes:
    """What is stored of a token: whoever reads the file cannot use it to sign on."""
    return hashlib.sha256(token.encode()).digest()


def _count_try(shop: Shop, staff_id: str, till: str) -> int:
    """Store one more failure of person and till; how many tries the person has left. Raises PinLocked."""
    person, device = _PERSON + staff_id, _TILL + till
    with db.write():
        now_ms = shop.now_ms()
        by_person, by_till = staff.failures(person), staff.failures(device)
        locked = by_person.count >= TRIES_MAX
        wait_ms = max(_wait_ms(by_person, now_ms), _wait_ms(by_till, now_ms))
        if not locked and wait_ms == 0:
            staff.put_failures(person, _failed(by_person, now_ms))
            staff.put_failures(device, _failed(by_till, now_ms))
        elif wait_ms:  # a clock that jumped back must not make the wait longer than it was
            _shorten(person, by_person, now_ms)
            _shorten(device, by_till, now_ms)
    if locked:
        raise PinLocked("too many wrong PINs; a manager can unlock", wait_s=0, by_manager=True)
    if wait_ms:
        raise PinLocked("too many wrong PINs; wait", wait_s=-(-wait_ms // 1000), by_manager=False)
    return TRIES_MAX - by_person.count - 1


def _failed(before: Failures, now_ms: int) -> Failures:
    count = before.count + 1
    return Failures(count, now_ms + _pause_ms(count) if count >= FREE_TRIES else 0)


def _pause_ms(count: int) -> int:
    """The wait after failure number `count`: 1, 2, 4, 8 ... seconds from the third on."""
    return int(min(2 ** min(count - FREE_TRIES, 16), TILL_WAIT_MAX_S) * 1000)


def _wait_ms(held: Failures, now_ms: int) -> int:
    if held.locked_until_ms == 0:
        return 0
    return max(0, min(held.locked_until_ms - now_ms, _pause_ms(held.count)))


def _shorten(subject: str, held: Failures, now_ms: int) -> None:
    latest_ms = now_ms + _pause_ms(held.count)
    if held.locked_until_ms > latest_ms:
        staff.put_failures(subject, Failures(held.count, latest_ms))


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
        if staff.by_id(member.staff_id) != member:  # retired, or another PIN, while this one was checked
            raise PinRefused("unknown member of staff or wrong PIN")
        staff.clear_failures(_PERSON + member.staff_id)
        staff.clear_failures(_TILL + till)
        staff.clear_strangers(_PERSON)
        staff.delete_sessions_before(now_ms - limits.absolute_s * 1000)
        staff.create_session(begun)
        event = OperatorSignedOn(operator_id=member.staff_id, role=member.role, workstation_id=till)
        record(shop, event, now_ms)
    return SignedOn(token, begun)
