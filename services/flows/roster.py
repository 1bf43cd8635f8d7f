"""Who works here: adding, changing and letting go, and giving out PINs that are shown once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from services.domain import roster as rules
from services.domain.errors import NotFound, StaffRefused
from services.domain.events import StaffChanged
from services.domain.roster import Person
from services.flows import pins
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, requests, roster


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of somebody's place in the list."""

    person: Person
    pin: str = ""  # a new one that was made here; shown once and kept nowhere
    ended: tuple[bytes, ...] = ()  # sessions that are over: the hashes of their tokens


def add(shop: Shop, name: str, role: str, pin: str, *, operator_id: str, request_id: str) -> Listed:
    """Add somebody at the end of the list; without `pin` one is made. A repeat adds nobody and gives no
    PIN: a lost one is reset. Raises StaffRefused (details.why: name, role, pin, pin_easy, full)."""
    person = Person("", rules.plain_name(name), role, True, 0)
    rules.check_change(person, person, managers=2)
    pin, made = _chosen(pin)
    asked = requests.fingerprint("add_staff", name, role)
    pin_hash = shop.hash_pin(pin)
    with db.write():
        if (done := requests.answer(request_id, asked)) is None:
            if roster.count() >= roster.PEOPLE_MAX:
                raise StaffRefused("the list is full", why="full", people_max=roster.PEOPLE_MAX)
            ranks = [each.rank for each in roster.everybody()]
            person = replace(
                person, staff_id=roster.free_id(), rank=min(max(ranks, default=0) + 1, rules.RANK_MAX)
            )
            roster.add(person, pin_hash)
            requests.remember(request_id, asked, person.staff_id, shop.now_ms())
            _tell(shop, person, ("added",), operator_id)
            return Listed(person, made)
    return Listed(find(done))


def change(
    shop: Shop, staff_id: str, *, name: str, role: str, active: bool, rank: int, operator_id: str
) -> Listed:
    """Set everything but the PIN. Another role, or leaving, ends the person's sessions at once. A repeat
    changes nothing. Raises NotFound, StaffRefused (details.why: name, role, rank, last_manager)."""
    wanted = Person(staff_id, rules.plain_name(name), role, active, rank)
    ended: tuple[bytes, ...] = ()
    with db.write():
        before = find(staff_id)
        rules.check_change(before, wanted, roster.managers())
        changed = tuple(
            field
            for field in ("name", "role", "active", "rank")
            if getattr(before, field) != getattr(wanted, field)
        )
        if changed:
            roster.put(wanted)
            if {"role", "active"} & set(changed):
                ended = roster.end_sessions(staff_id)
            _tell(shop, wanted, changed, operator_id)
    return Listed(wanted, ended=ended)


def reset_pin(shop: Shop, staff_id: str, pin: str, *, operator_id: str, request_id: str) -> Listed:
    """Give somebody a new PIN, `pin` or one that is made here, and another ten tries. Ends their sessions.

    A repeat changes nothing and gives no PIN. Raises NotFound, StaffRefused (details.why: pin, pin_easy).
    """
    pin, made = _chosen(pin)
    asked = requests.fingerprint("reset_pin", staff_id)
    find(staff_id)
    pin_hash = shop.hash_pin(pin)
    with db.write():
        person = find(staff_id)
        if requests.claim(request_id, asked, staff_id, shop.now_ms()) is not None:
            return Listed(person)
        roster.put_pin(staff_id, pin_hash)
        pins.forgive(staff_id)
        ended = roster.end_sessions(staff_id)
        _tell(shop, person, ("pin",), operator_id)
    return Listed(person, made, ended)


def find(staff_id: str) -> Person:
    """Raises NotFound."""
    person = roster.by_id(staff_id)
    if person is None:
        raise NotFound("there is no such member of staff", staff_id=staff_id)
    return person


def everybody() -> list[Person]:
    return roster.everybody()


def _chosen(pin: str) -> tuple[str, str]:
    """(the PIN to use, the same again where it was made here)."""
    if pin:
        rules.check_pin(pin)
        return pin, ""
    while rules.guessable(made := f"{secrets.randbelow(10**rules.PIN_LENGTH):06d}"):
        pass
    return made, made


def _tell(shop: Shop, person: Person, changed: tuple[str, ...], operator_id: str) -> None:
    event = StaffChanged(
        staff_id=person.staff_id,
        name=person.name,
        role=person.role,
        active=person.active,
        rank=person.rank,
        changed=changed,
        operator_id=operator_id,
    )
    record(shop, event, shop.now_ms())
