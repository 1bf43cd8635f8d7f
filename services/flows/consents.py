"""Members agree to one purpose at a time, and take it back as easily."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.domain import consents as rules
from services.domain import days, profile
from services.domain.consents import Consent
from services.domain.member_errors import MemberRefused
from services.domain.member_events import MemberConsented
from services.flows import members as people
from services.flows.members import Member
from services.flows.record import record
from services.flows.shop import Shop
from services.store import db, member_records, members, requests

CHANNEL = "till"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`text` is exactly what the member was shown; only its hash is kept."""

    purpose: str
    granted: bool
    text_id: str
    text_version: str
    text: str
    evidence: str


def say(
    shop: Shop, member_id: str, wish: Wish, *, till: str, operator_id: str, request_id: str
) -> dict[str, bool]:
    """Write down a yes or a no; what stands after it. A repeat changes nothing.

    A yes is written for each id of the person that had said no, so that it stands. Raises MemberUnknown,
    MemberSealed, MemberRefused (why: "minor") for a yes of a child to what is not for children.
    """
    asked = requests.fingerprint("consent", member_id, *(getattr(wish, name) for name in Wish.__slots__))
    with db.write():
        if requests.claim(request_id, asked, member_id, shop.now_ms()) is None:
            member = people.find(member_id)
            _check(shop, member, wish)
            for each in _whom(member, wish):
                _write(shop, each, wish, till, operator_id)
        return standing(members.group(member_id))


def standing(ids: Sequence[str]) -> dict[str, bool]:
    return rules.standing(log(ids))


def log(ids: Sequence[str]) -> Sequence[Consent]:
    """Every yes and no of a person, oldest first; it is kept of one who was erased."""
    return member_records.consents(ids)


def _check(shop: Shop, member: Member, wish: Wish) -> None:
    today = days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
    age = profile.age(member.profile, today)
    child = age is not None and age < profile.CONSENTING
    if child and wish.granted and wish.purpose in rules.NOT_FOR_CHILDREN:
        raise MemberRefused("children are asked for nothing of that", why="minor", field=wish.purpose)


def _whom(member: Member, wish: Wish) -> list[str]:
    before = log(member.ids)
    refusing = {
        each
        for each in member.ids
        if rules.standing(c for c in before if c.member_id == each).get(wish.purpose) is False
    }
    return (
        [member.member_id, *sorted(refusing - {member.member_id})] if wish.granted else [member.member_id]
    )


def _write(shop: Shop, member_id: str, wish: Wish, till: str, operator_id: str) -> None:
    consent = Consent(
        consent_id=shop.new_id(),
        member_id=member_id,
        purpose=wish.purpose,
        granted=wish.granted,
        text_id=wish.text_id,
        text_version=wish.text_version,
        text_hash=rules.text_hash(wish.text),
        channel=CHANNEL,
        evidence=wish.evidence,
        operator_id=operator_id,
        workstation_id=till,
        at_ms=shop.now_ms(),
    )
    member_records.add_consent(consent)
    named = {field: getattr(consent, field) for field in MemberConsented.__struct_fields__}
    record(shop, MemberConsented(**named), consent.at_ms)
