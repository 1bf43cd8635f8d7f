"""What issues, uses and gives back coupons, inside the transaction that makes it true: a sale's, mostly.

`group` is all ids of one person, the one that stands for them first: a coupon stays with the id it came
under, and counts for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.domain import coupon_codes as codes
from services.domain import coupons as rules
from services.domain.coupon_codes import Genuine
from services.domain.coupon_errors import CouponRefused, CouponUnknown
from services.domain.coupon_events import CouponMoved
from services.domain.coupons import Template, Validity
from services.domain.offers import MINOR_MAX
from services.flows.record import record
from services.flows.shop import Shop
from services.flows.stored_value_moves import Group, Moment
from services.store import coupon_templates, coupons
from services.store.coupons import Coupon

BIRTHDAY, RECEIPT, ELSEWHERE, TIER = "birthday", "receipt", "elsewhere", "tier"  # reasons
TRIES = 20  # for a code that nobody has yet


def template(template_id: str) -> Template:
    """The version that stands. Raises CouponUnknown."""
    version = coupon_templates.newest(template_id)
    if version is None or version.until_ms:
        raise CouponUnknown("no such coupon is issued", template_id=template_id)
    return version.template


def issue(
    shop: Shop, when: Moment, template_id: str, member_id: str, *, reason: str, round_id: str = ""
) -> Coupon:
    """A new coupon for a member; "" for one that anybody may use, where its kind allows that. With
    `when.sale_id` it is that sale's, and is cancelled when all of the sale comes back.

    Raises CouponUnknown, CouponRefused (why: holder).
    """
    kind = template(template_id)
    good = rules.validity(kind, when.day)
    return _issue(shop, when, kind, member_id, good, reason, round_id=round_id)


def adopt(shop: Shop, when: Moment, kind: Template, made: Genuine, code: str, member_id: str) -> Coupon:
    """Take another store's coupon on its code alone, as one of this box from now on: HQ finds by template,
    serial, holder and last day whether it was used twice. Never one that is worth too much, nor more than
    so many of a member on a day; those without a member are counted together.

    Raises CouponRefused (why: elsewhere).
    """
    dear = (kind.face_minor or MINOR_MAX) > shop.coupons.foreign_face_max_minor
    before = coupons.given_on(member_id, ELSEWHERE, when.business_day)
    if dear or before >= shop.coupons.foreign_a_day:
        raise CouponRefused("only the store that issued it takes it now", why=ELSEWHERE)
    good = Validity(first_day=when.day, last_day=made.last_day)
    return _added(shop, when, kind, member_id, good, ELSEWHERE, made.serial, code)


def issue_birthday(
    shop: Shop, when: Moment, template_id: str, group: Group, person_keys: Iterable[bytes]
) -> Coupon | None:
    """This calendar year's coupon for a birthday; None where the person had it, under any of their ids or
    keys. `person_keys` know somebody again who left and joined anew: digests, that are kept here only.
    """
    year = when.day[:4]
    claimed = coupons.claim_year(person_keys, year)
    if not claimed or coupons.had_in_year(group, BIRTHDAY, year):
        return None
    return issue(shop, when, template_id, group[0], reason=BIRTHDAY)


def issue_with_sale(shop: Shop, when: Moment, member_id: str, total_minor: int) -> list[Coupon]:
    """What the shop gives with a sale of so much: to its member, or to whoever has the paper."""
    return [
        issue(shop, when, kind.template_id, "" if kind.bearer else member_id, reason=RECEIPT)
        for kind in coupon_templates.given_on(RECEIPT)
        if total_minor >= max(1, kind.occasion_min_minor) and (kind.bearer or member_id)
    ]


def gift(shop: Shop, when: Moment, template_id: str, member_id: str) -> bool:
    """A tier's gift; whether the shop still gives it."""
    version = coupon_templates.newest(template_id)
    if version is None or version.until_ms:
        return False
    issue(shop, when, template_id, member_id, reason=TIER)
    return True


def use(shop: Shop, when: Moment, coupon_ids: Iterable[str], *, basket_id: str) -> None:
    """Consume coupons in the sale `when.sale_id`: each of them is there for it, or the sale is not made.

    Raises CouponUnknown, CouponRefused (why: used, expired, early, reserved ...).
    """
    assert when.sale_id
    for coupon_id in coupon_ids:
        coupon = find(coupon_id)
        told = _told(shop, when, coupon, rules.USED, -1)
        if not coupons.move(told, basket_id, when.day):
            raise CouponRefused("this coupon cannot be used", **why_not(coupon, when, basket_id))
        _keep(shop, told)


def give_back(shop: Shop, when: Moment, coupon_ids: Iterable[str], *, used_sale: str) -> list[Coupon]:
    """Coupons of a sale whose lines have all come back: usable again, as they are where they have not
    ended, for the days of grace where they ended lately, else as new ones with what time was left.

    One that was given back before is passed over. Answers with the coupons that can be used now.
    """
    found = []
    for coupon in map(find, coupon_ids):
        if coupon.used_sale != used_sale:
            continue
        found.append(_given_back(shop, when, coupon))
    return found


def sale_undone(shop: Shop, when: Moment, sale_id: str) -> list[Coupon]:
    """All of a sale came back: cancel the coupons that it issued, whoever they were handed to, not those
    that an exchange gave back. Answers with those that were used meanwhile: what they took off is not
    taken back."""
    used = []
    for issued in coupons.issued_by(sale_id):
        if issued.reason == rules.REISSUE:
            continue
        coupon = _last_of(issued)
        if coupon.state == rules.ISSUED:
            cancel(shop, when, coupon, reason=rules.WITH_ITS_SALE)
        elif coupon.state == rules.USED:
            used.append(coupon)
    return used


def _last_of(coupon: Coupon) -> Coupon:
    """Itself, or the one that has taken its place since, and so on."""
    while coupon.state in (rules.TRANSFERRED, rules.CANCELLED):
        heir = coupons.heir(coupon.coupon_id)
        if heir is None:
            break
        coupon = heir
    return coupon


def cancel(shop: Shop, when: Moment, coupon: Coupon, *, reason: str) -> None:
    """Raises CouponRefused for one that is over."""
    _end(shop, when, coupon, rules.CANCELLED, reason)


def hand_over(shop: Shop, when: Moment, coupon: Coupon, member_id: str) -> Coupon:
    """Another member has it from now on, under a new code, until the same day. Raises CouponRefused (why:
    not_transferable, or as for any that is over)."""
    kind = coupon_templates.version(coupon.template_id, coupon.template_version)
    if not kind.transferable or not member_id or member_id == coupon.member_id:
        raise CouponRefused("this coupon stays with its holder", why="not_transferable")
    _end(shop, when, coupon, rules.TRANSFERRED, "")
    good = Validity(first_day=coupon.first_day, last_day=coupon.last_day)
    return _issue(shop, when, kind, member_id, good, "transfer", coupon.coupon_id, coupon.round_id)


def expire(shop: Shop, when: Moment, coupon: Coupon) -> None:
    """Write off a coupon whose last day is over."""
    if not over(coupon, when.day):
        raise CouponRefused("its last day is not over", why="early", last_day=coupon.last_day)
    _end(shop, when, coupon, rules.EXPIRED, "")


def find(coupon_id: str) -> Coupon:
    """Raises CouponUnknown."""
    coupon = coupons.by_id(coupon_id)
    if coupon is None:
        raise CouponUnknown("there is no such coupon", coupon_id=coupon_id)
    return coupon


def over(coupon: Coupon, day: str) -> bool:
    return bool(coupon.last_day) and coupon.last_day < day


def why_not(coupon: Coupon, when: Moment, basket_id: str) -> dict[str, object]:
    """Why a coupon cannot be used now, as details of a refusal; empty: it can."""
    if coupon.state != rules.ISSUED:
        return {"why": coupon.state, "day": coupon.used_day}
    if over(coupon, when.day):
        return {"why": rules.EXPIRED, "day": coupon.last_day}
    if coupon.first_day > when.day:
        return {"why": "early", "day": coupon.first_day}
    return {"why": "reserved"} if coupon.held(basket_id, when.at_ms) else {}


def _given_back(shop: Shop, when: Moment, coupon: Coupon) -> Coupon:
    grace_days = shop.coupons.grace_days
    last_day = coupon.last_day
    if over(coupon, when.day):
        last_day = rules.last_day_of_grace(when.day, grace_days)
    told = _told(shop, when, coupon, rules.REINSTATED, 1, last_day=last_day, reason="returned")
    moved = coupons.move(told)
    assert moved, coupon
    _keep(shop, told)
    back = find(coupon.coupon_id)
    if rules.ended_within(coupon.last_day, when.day, grace_days):
        return back
    _end(shop, when, back, rules.CANCELLED, rules.REISSUE)
    kind = coupon_templates.version(coupon.template_id, coupon.template_version)
    left = rules.remaining(coupon.last_day, coupon.used_day, when.day)
    good = Validity(first_day=when.day, last_day=left)
    replaces = (coupon.coupon_id, coupon.round_id)
    return _issue(shop, when, kind, coupon.member_id, good, rules.REISSUE, *replaces)


def _issue(
    shop: Shop,
    when: Moment,
    kind: Template,
    member_id: str,
    good: Validity,
    reason: str,
    other_id: str = "",
    round_id: str = "",
) -> Coupon:
    if not member_id and not kind.bearer:
        raise CouponRefused("this coupon needs a member", why="holder")
    serial, code = _new_code(shop, kind, "" if kind.bearer else member_id, good.last_day)
    return _added(shop, when, kind, member_id, good, reason, serial, code, other_id, round_id)


def _added(
    shop: Shop,
    when: Moment,
    kind: Template,
    member_id: str,
    good: Validity,
    reason: str,
    serial: int,
    code: str,
    other_id: str = "",
    round_id: str = "",
) -> Coupon:
    told = CouponMoved(
        coupon_id=shop.new_id(),
        number=1,
        kind=rules.ISSUED,
        delta=1,
        balance=1,
        template_id=kind.template_id,
        template_version=kind.version,
        member_id=member_id,
        first_day=good.first_day,
        last_day=good.last_day,
        retail_store_id=shop.store_id,
        business_day=when.business_day,
        moved_at_ms=when.at_ms,
        operator_id=when.operator_id,
        serial=serial,
        reason=reason,
        sale_id=when.sale_id,
        other_id=other_id,
        workstation_id=when.till,
        face_minor=kind.face_minor,
        round_id=round_id,
    )
    coupons.add(told, code)
    _keep(shop, told)
    return find(told.coupon_id)


def _new_code(shop: Shop, kind: Template, holder: str, last_day: str) -> tuple[int, str]:
    for _ in range(TRIES):
        serial = shop.random_bits(codes.SERIAL_BITS)
        made = Genuine(kind.number, serial, holder, last_day)
        code = codes.code(shop.keyring.coupon, made)
        if coupons.by_code(code) is None:
            return serial, code
    raise CouponRefused("there are no more codes of this kind", why="codes")


def _end(shop: Shop, when: Moment, coupon: Coupon, kind: str, reason: str) -> None:
    told = _told(shop, when, coupon, kind, -1, reason=reason)
    if not coupons.move(told):
        raise CouponRefused("this coupon is over", why=find(coupon.coupon_id).state)
    _keep(shop, told)


def _told(
    shop: Shop,
    when: Moment,
    coupon: Coupon,
    kind: str,
    delta: int,
    *,
    last_day: str = "",
    reason: str = "",
) -> CouponMoved:
    return CouponMoved(
        coupon_id=coupon.coupon_id,
        number=coupon.moves + 1,
        kind=kind,
        delta=delta,
        balance=1 if delta > 0 else 0,
        template_id=coupon.template_id,
        template_version=coupon.template_version,
        member_id=coupon.member_id,
        first_day=coupon.first_day,
        last_day=last_day or coupon.last_day,
        retail_store_id=shop.store_id,
        business_day=when.business_day,
        moved_at_ms=when.at_ms,
        operator_id=when.operator_id,
        reason=reason,
        sale_id=when.sale_id,
        workstation_id=when.till,
        round_id=coupon.round_id,
    )


def _keep(shop: Shop, told: CouponMoved) -> None:
    coupons.note(told)
    record(shop, told, told.moved_at_ms, told.business_day)
