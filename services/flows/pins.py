"""Checking a PIN: every try is counted before it is looked at, and waits grow with the failures."""

from __future__ import annotations

from services.domain.errors import PinLocked, PinRefused
from services.flows.shop import Shop
from services.store import db, staff
from services.store.staff import Failures, Member

FREE_TRIES = 3  # wrong PINs before the first wait
TRIES_MAX = 10  # wrong PINs of one person before only a manager or technician can help
PLACE_WAIT_MAX_S = 300  # a place is never locked for good, or anybody could close the shop

_PERSON = "staff:"


def check(shop: Shop, staff_id: str, pin: str, place: str) -> Member:
    """Whose PIN it is. `place` is where it was typed and counts failures too: whoever tries everybody's
    PIN there waits like one who tries a single person's.

    Every try is stored as a failure before the PIN is looked at; accept() takes it back. Tries in
    parallel or around a restart count like any others. Raises PinRefused with details.tries_left,
    PinLocked with details.wait_s (0 and details.by_manager true when waiting does not help); a stranger
    gets the same answers after the same time. Slow on purpose: never inside a transaction.
    """
    tries_left = _count_try(shop, _PERSON + staff_id, place)
    member = staff.by_id(staff_id)
    compared = member.pin_hash if member else staff.some_pin_hash()
    right = shop.check_pin(compared, pin) if compared else False
    if member is None or not right:
        raise PinRefused("unknown member of staff or wrong PIN", tries_left=tries_left)
    return member


def prove(shop: Shop, staff_id: str, pin: str, place: str) -> Member:
    """check() and accept(): for what may be refused afterwards for another reason, which must not cost
    a try. To be called outside a transaction."""
    member = check(shop, staff_id, pin, place)
    with db.write():
        accept(member, place)
    return member


def accept(member: Member, place: str) -> None:
    """Inside a transaction: the PIN was right, and nothing about `member` has changed while it was
    checked. Raises PinRefused."""
    if staff.by_id(member.staff_id) != member:
        raise PinRefused("unknown member of staff or wrong PIN")
    staff.clear_failures(_PERSON + member.staff_id)
    staff.clear_failures(place)
    staff.clear_strangers(_PERSON)


def check_secret(shop: Shop, subject: str, hashed: str, pin: str, place: str) -> None:
    """The PIN of somebody who is no member of staff, kept as `hashed`; "" where there is none. Tries count
    as in check(). Raises PinRefused, PinLocked. To be called outside a transaction."""
    tries_left = _count_try(shop, subject, place)
    compared = hashed or staff.some_pin_hash()
    if not (shop.check_pin(compared, pin) and hashed):
        raise PinRefused("wrong PIN", tries_left=tries_left)
    with db.write():
        staff.clear_failures(subject)
        staff.clear_failures(place)


def forgive_secret(subject: str) -> None:
    """Inside a transaction: let somebody who is no member of staff try again."""
    staff.clear_failures(subject)


def forgive(staff_id: str) -> None:
    """Inside a transaction: let somebody try again."""
    staff.clear_failures(_PERSON + staff_id)


def locked(staff_id: str) -> bool:
    """Whether waiting does not help any more."""
    return staff.failures(_PERSON + staff_id).count >= TRIES_MAX


def _count_try(shop: Shop, person: str, place: str) -> int:
    """Store one more failure of person and place; how many tries the person has left. Raises PinLocked."""
    with db.write():
        now_ms = shop.now_ms()
        by_person, by_place = staff.failures(person), staff.failures(place)
        locked = by_person.count >= TRIES_MAX
        wait_ms = max(_wait_ms(by_person, now_ms), _wait_ms(by_place, now_ms))
        if not locked and wait_ms == 0:
            staff.put_failures(person, _failed(by_person, now_ms))
            staff.put_failures(place, _failed(by_place, now_ms))
        elif wait_ms:  # a clock that jumped back must not make the wait longer than it was
            _shorten(person, by_person, now_ms)
            _shorten(place, by_place, now_ms)
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
    return int(min(2 ** min(count - FREE_TRIES, 16), PLACE_WAIT_MAX_S) * 1000)


def _wait_ms(held: Failures, now_ms: int) -> int:
    if held.locked_until_ms == 0:
        return 0
    return max(0, min(held.locked_until_ms - now_ms, _pause_ms(held.count)))


def _shorten(subject: str, held: Failures, now_ms: int) -> None:
    latest_ms = now_ms + _pause_ms(held.count)
    if held.locked_until_ms > latest_ms:
        staff.put_failures(subject, Failures(held.count, latest_ms))
