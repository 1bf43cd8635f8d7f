"""One kind of coupon for everybody who wears a tag: a piece at a time, and never two for one person."""

from __future__ import annotations

from dataclasses import dataclass

from services.domain.coupon_errors import CouponRefused
from services.domain.offers import MINOR_MAX
from services.flows import approvals, coupon_moves
from services.flows.coupons import GIVE
from services.flows.shop import Shop
from services.flows.stored_value_moves import moment
from services.store import coupons, db, members, requests, tags

REASON = "round"  # of the coupons that are given so
PIECE = 50  # members of one transaction


@dataclass(frozen=True, slots=True)
class Piece:
    """What became of some of them; `next` is where the others begin, "" when there are none."""

    given: int
    had: int  # they had this version from a round before, under any of their ids
    next: str


def give_piece(
    shop: Shop,
    template_id: str,
    tag: str,
    *,
    version: int,
    after: str,
    operator_id: str,
    request_id: str,
) -> Piece:
    """Give a coupon of the version that stands to the members behind `after` who wear a tag, PIECE of them.

    Whoever was given this version so before gets no second one: what was broken off is begun again at "".
    A repeat gives nothing and says the same. Raises CouponUnknown, CouponRefused (why: version, where
    another one stands by now; holder, where a kind is nobody's), ApprovalNeeded.
    """
    asked = requests.fingerprint("coupon.round", template_id, version, tag, after)
    if (done := requests.answer(request_id, asked)) is not None:
        return _told(done)
    size = coupon_moves.template(template_id).face_minor or MINOR_MAX
    approvals.approve(shop, GIVE, None, operator_id=operator_id, size=size)
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return _told(done)
        kind, when = coupon_moves.template(template_id), moment(shop, operator_id)
        if kind.version != version:
            raise CouponRefused("another version stands by now", why="version")
        wearers, given = tags.wearing(tag, after, PIECE), 0
        for group in map(members.group, wearers):
            if not coupons.had_version(group, REASON, template_id, version):
                coupon_moves.issue(shop, when, template_id, group[0], reason=REASON)
                given += 1
        left = wearers[-1] if len(wearers) == PIECE else ""
        requests.remember(request_id, asked, f"{given} {len(wearers) - given} {left}", when.at_ms)
    return Piece(given, len(wearers) - given, left)


def _told(answer: str) -> Piece:
    given, had, left = answer.split(" ")
    return Piece(int(given), int(had), left)
