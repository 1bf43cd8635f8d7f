"""Coupons at the counter: given, looked at, kept for a bag, cancelled, handed on, written off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.domain import coupon_codes as codes
from services.domain import coupons as rules
from services.domain import offers
from services.domain.coupon_errors import CouponRefused, CouponUnknown
from services.domain.coupons import Template
from services.domain.offers import MINOR_MAX
from services.flows import approvals, coupon_moves, points
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.flows.stored_value_moves import Group, moment
from services.store import coupon_templates, coupons, db, requests
from services.store.coupons import Coupon

GIVE = "coupon_give"  # the right
PIECE = 200  # coupons that one transaction writes off


@dataclass(frozen=True, slots=True)
class Verified:
    """What a code turned out to be: a coupon of this box, or a genuine one of another store's."""

    template: Template
    last_day: str
    holder: str  # a member id; "": whoever has it
    coupon: Coupon | None
    why_not: str  # "" where it can be used now
    serial: int = 0  # of one that is another store's


def give(
    shop: Shop,
    template_id: str,
    member_id: str,
    *,
    reason: str,
    approval: Approval | None = None,
    till: str = "",
    operator_id: str,
    request_id: str,
) -> Coupon:
    """A coupon for somebody, by hand; "" for whoever has it. A repeat gives the first one. Raises
    MemberUnknown, CouponUnknown, CouponRefused, and what approvals.approve() raises."""
    asked = requests.fingerprint("coupon.give", template_id, member_id, reason)
    if (done := requests.answer(request_id, asked)) is not None:
        return coupon_moves.find(done)
    size = coupon_moves.template(template_id).face_minor or MINOR_MAX  # a share may take anything off
    approver_id = approvals.approve(shop, GIVE, approval, operator_id=operator_id, size=size)
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return coupon_moves.find(done)
        when = moment(shop, operator_id, till=till)
        owner = points.person(member_id)[0] if member_id else ""
        made = coupon_moves.issue(shop, when, template_id, owner, reason=reason)
        approvals.granted(
            *(shop, GIVE, approver_id, approval),
            operator_id=operator_id,
            subject=f"coupon {made.coupon_id}",
            size=size,
        )
        requests.remember(request_id, asked, made.coupon_id, when.at_ms)
    return made


def wallet(group: Group) -> Sequence[Coupon]:
    """All that a person has or had, the newest first."""
    return coupons.of_group(group)


def template_of(coupon: Coupon) -> Template:
    return coupon_templates.version(coupon.template_id, coupon.template_version)


def verify(shop: Shop, text: str, group: Group = (), basket_id: str = "") -> Verified:
    """What a code is, without asking anybody else. `group` is the person at the till, for coupons of other
    stores that are a member's. Raises CodeMalformed, CouponUnknown for an invented one, or one that is
    over or somebody else's."""
    code, when = codes.read(text), moment(shop, "")
    coupon = coupons.by_code(code)
    if coupon is not None:
        refusal = coupon_moves.why_not(coupon, when, basket_id)
        kind = template_of(coupon)
        if not refusal and group and _anothers(coupon, group):
            refusal = {"why": "holder"}
        return Verified(kind, coupon.last_day, coupon.member_id, coupon, str(refusal.get("why", "")))
    for kind in coupon_templates.numbered(codes.number(shop.keyring.coupon, code)):
        days = rules.last_days(kind, when.day)
        found = codes.genuine(shop.keyring.coupon, code, ("", *group), days)
        if found is not None:
            return Verified(kind, found.last_day, found.holder, None, coupon_moves.ELSEWHERE, found.serial)
    raise CouponUnknown("no coupon has this code")


def present(shop: Shop, text: str, *, basket_id: str, group: Group, operator_id: str) -> Coupon:
    """A code was scanned for a bag: keep its coupon for the bag, also another store's that is genuine and
    within what this shop takes on its code alone. A repeat keeps it anew. Raises what verify() and
    reserve() raise, and CouponRefused (why: elsewhere)."""
    found = verify(shop, text, group, basket_id)
    coupon = found.coupon
    if coupon is None:
        code, member_id = codes.read(text), group[0] if group else ""
        made = codes.Genuine(found.template.number, found.serial, found.holder, found.last_day)
        with db.write():
            coupon = coupons.by_code(code) or coupon_moves.adopt(
                shop, moment(shop, operator_id), found.template, made, code, member_id
            )
    return reserve(shop, coupon.coupon_id, basket_id=basket_id, group=group)


def reserve(shop: Shop, coupon_id: str, *, basket_id: str, group: Group) -> Coupon:
    """Keep a coupon for a bag for RESERVED_MS from now on; a repeat begins them anew. `group` is whose bag
    it is. Raises CouponUnknown, CouponRefused (why: holder, sale_max, used, expired, early, reserved)."""
    with db.write():
        keep(shop, coupon_id, basket_id=basket_id, group=group)
    return coupon_moves.find(coupon_id)


def keep(shop: Shop, coupon_id: str, *, basket_id: str, group: Group) -> None:
    """What reserve() does, inside a transaction."""
    coupon, when = coupon_moves.find(coupon_id), moment(shop, "")
    kind = template_of(coupon)
    refusal = coupon_moves.why_not(coupon, when, basket_id)
    if _anothers(coupon, group):
        refusal = {"why": "holder"}
    kept = [
        each
        for each in coupons.of_basket(basket_id, when.at_ms)
        if each.template_id == coupon.template_id and each.coupon_id != coupon_id
    ]
    if not refusal and len(kept) >= kind.sale_max:
        refusal = {"why": "sale_max", "most": kind.sale_max}
    until_ms = when.at_ms + rules.RESERVED_MS
    if refusal or not coupons.reserve(coupon_id, basket_id, until_ms, when.at_ms):
        raise CouponRefused("this coupon cannot be used", **(refusal or {"why": "reserved"}))


def release(basket_id: str, coupon_id: str = "") -> None:
    """Let go of a coupon, or of all that a bag keeps. A repeat changes nothing."""
    with db.write():
        coupons.release(basket_id, coupon_id)


def of_basket(shop: Shop, basket_id: str) -> tuple[offers.Coupon, ...]:
    """The keys to promotions that a bag keeps: what promotions.Customer.coupons takes."""
    when = moment(shop, "")
    held = coupons.of_basket(basket_id, when.at_ms)
    return _keys(each for each in held if each.first_day <= when.day)


def usable(
    shop: Shop, coupon_ids: Sequence[str], basket_id: str, group: Group
) -> tuple[offers.Coupon, ...]:
    """The keys to promotions among coupons that were shown for a bag of this person; one that was used
    elsewhere or has ended meanwhile is none any more, nor is another's: who was one may be two again."""
    when = moment(shop, "")
    held = (each for coupon_id in coupon_ids if (each := coupons.by_id(coupon_id)) is not None)
    return _keys(
        each
        for each in held
        if not coupon_moves.why_not(each, when, basket_id) and not _anothers(each, group)
    )


def _anothers(coupon: Coupon, group: Group) -> bool:
    return bool(coupon.member_id) and coupon.member_id not in group and not template_of(coupon).bearer


def _keys(held: Iterable[Coupon]) -> tuple[offers.Coupon, ...]:
    """Of one kind as many as go into one sale each meet an offer of their own, the first to end first."""
    found: dict[str, list[offers.Coupon]] = {}
    for coupon in sorted(held, key=lambda each: (each.last_day or "9999", each.coupon_id)):
        kind = rules.promotion_id(coupon.template_id, coupon.template_version)
        alike = found.setdefault(kind, [])
        n = min(len(alike) + 1, template_of(coupon).sale_max)
        alike.append(
            offers.Coupon(
                coupon_id=coupon.coupon_id,
                promotion_id=rules.nth(kind, n),
                valid_to=coupon.last_day,
            )
        )
    return tuple(key for alike in found.values() for key in alike)


def applied(held: Sequence[offers.Coupon], promotion_ids: Sequence[str]) -> list[str]:
    """Which of the coupons a priced bag has used: one for each promotion, the one that ends first."""
    found = {}
    for coupon in sorted(held, key=lambda each: (each.valid_to or "9999", each.coupon_id), reverse=True):
        if coupon.promotion_id in promotion_ids:
            found[coupon.promotion_id] = coupon.coupon_id
    return sorted(found.values())


def cancel(shop: Shop, coupon_id: str, *, reason: str, operator_id: str, request_id: str) -> Coupon:
    """Take a coupon away. A repeat changes nothing. Raises CouponUnknown, CouponRefused."""
    asked = requests.fingerprint("coupon.cancel", coupon_id, reason)
    with db.write():
        coupon = coupon_moves.find(coupon_id)
        if requests.claim(request_id, asked, coupon_id, shop.now_ms()) is None:
            coupon_moves.cancel(shop, moment(shop, operator_id), coupon, reason=reason)
    return coupon_moves.find(coupon_id)


def hand_over(shop: Shop, coupon_id: str, member_id: str, *, operator_id: str, request_id: str) -> Coupon:
    """Give somebody's coupon to another member; the new one. A repeat gives the same. Raises MemberUnknown,
    CouponUnknown, CouponRefused (why: not_transferable, used ...)."""
    asked = requests.fingerprint("coupon.transfer", coupon_id, member_id)
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return coupon_moves.find(done)
        when, owner = moment(shop, operator_id), points.person(member_id)[0]
        made = coupon_moves.hand_over(shop, when, coupon_moves.find(coupon_id), owner)
        requests.remember(request_id, asked, made.coupon_id, when.at_ms)
    return made


def expire_all(shop: Shop) -> int:
    """Write off coupons whose last day is over, PIECE at a time; how many. The shop itself does it. None by
    a clock that is not to be trusted: one that has ended is taken by no bag meanwhile, as it seems."""
    if not shop.clock_trusted or not coupons.over(moment(shop, "").day, 1):
        return 0
    total, found = 0, PIECE
    while found == PIECE:
        with db.write():
            when = moment(shop, "")
            ended = coupons.over(when.day, PIECE)
            for coupon in ended:
                coupon_moves.expire(shop, when, coupon)
        found = len(ended)
        total += found
    return total
