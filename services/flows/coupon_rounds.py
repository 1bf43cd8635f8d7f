"""One kind of coupon for many members at once: a piece at a time beside the till, never two for one person,
and what nobody has used can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from services.domain.coupon_errors import CouponRefused, CouponUnknown
from services.domain.coupon_events import CouponRoundBegun, CouponRoundEnded, CouponRoundWithdrawn
from services.domain.coupon_rounds import RUNNING, WITHDRAWN, Audience
from services.domain.offers import MINOR_MAX
from services.domain.rfm import Group as Fellows
from services.domain.rfm import Stage
from services.flows import approvals, coupon_moves
from services.flows.approvals import Approval
from services.flows.coupons import GIVE
from services.flows.record import record
from services.flows.shop import Shop
from services.flows.stored_value_moves import Group, Moment, moment
from services.store import coupon_rounds, coupon_templates, coupons, db, members, requests, tags, tiers
from services.store.coupon_rounds import Round

REASON = "round"  # of the coupons that are given so, and of those that are taken back
PIECE = 10  # members of one transaction: a till waits some milliseconds for it


@dataclass(frozen=True, slots=True)
class Reach:
    """Of an audience, as it stands now."""

    people: int
    had: int  # of them: they get no second one of this version


@dataclass(frozen=True, slots=True)
class View:
    """A round, and what became of its coupons."""

    held: Round
    states: dict[str, int]  # of a coupon -> how many

    @property
    def busy(self) -> bool:
        """Whether it still gives, or takes back."""
        taking = self.held.state == WITHDRAWN and self.states.get("issued", 0) > 0
        return taking or self.held.state == RUNNING


def reach(template_id: str, audience: Audience) -> Reach:
    """How many a round would come to. Raises CouponUnknown, CouponRefused (why: audience)."""
    kind = coupon_moves.template(template_id)
    _check(audience)
    return Reach(*coupon_rounds.reach(audience, template_id, kind.version, REASON))


def begin(
    shop: Shop,
    template_id: str,
    audience: Audience,
    *,
    version: int,
    approval: Approval | None = None,
    operator_id: str,
    request_id: str,
) -> View:
    """Give a coupon of the version that stands to everybody of an audience who has none of it from a round:
    go_on() does it. A repeat is the first one's round.

    Raises CouponUnknown, CouponRefused (why: version, where another one stands by now; holder, where a kind
    is nobody's; audience; nobody), and what approvals.approve() raises.
    """
    asked = requests.fingerprint("coupon.round_begin", template_id, version, list(audience))
    if (done := requests.answer(request_id, asked)) is not None:
        return view(done)
    kind = coupon_moves.template(template_id)
    size = kind.face_minor or MINOR_MAX
    approver_id = approvals.approve(shop, GIVE, approval, operator_id=operator_id, size=size)
    found = reach(template_id, audience)
    with db.write():
        if (done := requests.answer(request_id, asked)) is not None:
            return view(done)
        if coupon_moves.template(template_id).version != version:
            raise CouponRefused("another version stands by now", why="version")
        if found.people <= found.had:
            raise CouponRefused("nobody is left to get one", why="nobody")
        made = _begun(shop, template_id, version, audience, found.people - found.had, operator_id)
        approvals.granted(
            *(shop, GIVE, approver_id, approval),
            operator_id=operator_id,
            subject=f"coupon_round {made.round_id}",
            size=size,
        )
        requests.remember(request_id, asked, made.round_id, made.begun_at_ms)
    return view(made.round_id)


def withdraw(shop: Shop, round_id: str, *, operator_id: str, request_id: str) -> View:
    """Give no more of a round and take back what nobody has used: go_on() does it, also with one that comes
    back later with its sale. A repeat changes nothing. Raises CouponUnknown."""
    asked = requests.fingerprint("coupon.round_withdraw", round_id)
    with db.write():
        held = _find(round_id)
        new = requests.claim(request_id, asked, round_id, shop.now_ms()) is None
        if new and held.state != WITHDRAWN:
            now_ms = shop.now_ms()
            coupon_rounds.withdraw(round_id, operator_id, now_ms)
            record(shop, CouponRoundWithdrawn(round_id=round_id, operator_id=operator_id), now_ms)
    return view(round_id)


def view(round_id: str) -> View:
    """Raises CouponUnknown."""
    held = _find(round_id)
    return View(held, coupons.counts_of_rounds(held.template_id).get(round_id, {}))


def listed(template_id: str) -> list[View]:
    """All rounds of a kind, the newest first."""
    counted = coupons.counts_of_rounds(template_id)
    return [View(held, counted.get(held.round_id, {})) for held in coupon_rounds.of_template(template_id)]


def go_on(shop: Shop) -> bool:
    """Give, or take back, the next PIECE of a round that is not at its end; whether there was one. The shop
    itself does it, again and again: a piece is there with its place in the round or not at all."""
    if coupon_rounds.unfinished() is None:
        return False
    with db.write():
        held = coupon_rounds.unfinished()
        if held is not None and held.state == WITHDRAWN:
            _take_back(shop, held)
        elif held is not None:
            _give(shop, held)
    return True


def _take_back(shop: Shop, held: Round) -> None:
    when = moment(shop, held.withdrawn_by)
    for coupon in coupons.open_of_round(held.round_id, PIECE):
        coupon_moves.cancel(shop, when, coupon, reason=REASON)


def _give(shop: Shop, held: Round) -> None:
    when = moment(shop, held.operator_id)
    newest = coupon_templates.newest(held.template_id)
    assert newest is not None, held
    if newest.until_ms or newest.template.version != held.template_version:
        return _ended(shop, held, when, given=0, passed=0, whole=False)
    people = coupon_rounds.behind(held.audience, held.cursor, PIECE)
    given = sum(_given(shop, when, held, members.group(each)) for each in people)
    passed = len(people) - given
    coupon_rounds.advance(held.round_id, given, passed, people[-1] if people else held.cursor)
    if len(people) < PIECE:
        _ended(shop, held, when, given=given, passed=passed, whole=True)
    return None


def _given(shop: Shop, when: Moment, held: Round, group: Group) -> bool:
    """Whether this person got one now."""
    template_id, version = held.template_id, held.template_version
    if not _among(held.audience, group) or any(row.blocked for row in members.of_group(group[0])):
        return False
    if coupons.had_version(group, REASON, template_id, version):
        return False
    coupon_moves.issue(shop, when, template_id, group[0], reason=REASON, round_id=held.round_id)
    return True


def _among(audience: Audience, group: Sequence[str]) -> bool:
    """Several ids of one person stand on the highest of their tiers."""
    if audience.kind != "tier":
        return True
    ladder = tiers.program()
    return max((tiers.standing(each).tier for each in group), key=ladder.rank) == audience.key


def _ended(shop: Shop, held: Round, when: Moment, *, given: int, passed: int, whole: bool) -> None:
    """`given` and `passed` are those of its last piece."""
    coupon_rounds.end(held.round_id, when.at_ms, whole=whole)
    event = CouponRoundEnded(
        round_id=held.round_id,
        given=held.given + given,
        passed=held.passed + passed,
        whole=whole,
    )
    record(shop, event, when.at_ms)


def _begun(
    shop: Shop, template_id: str, version: int, audience: Audience, expected: int, operator_id: str
) -> Round:
    made = Round(
        round_id=shop.new_id(),
        template_id=template_id,
        template_version=version,
        audience=audience,
        expected=expected,
        state=RUNNING,
        given=0,
        operator_id=operator_id,
        begun_at_ms=shop.now_ms(),
        ended_at_ms=0,
        withdrawn_by="",
        passed=0,
        cursor="",
    )
    coupon_rounds.add(made)
    event = CouponRoundBegun(
        round_id=made.round_id,
        template_id=template_id,
        template_version=version,
        audience=audience.kind,
        key=audience.key,
        expected=expected,
        operator_id=operator_id,
    )
    record(shop, event, made.begun_at_ms)
    return made


def _check(audience: Audience) -> None:
    known = {
        "tag": lambda: tags.book().tag(audience.key) is not None,
        "tier": lambda: tiers.program().tier(audience.key) is not None,
        "stage": lambda: audience.key in get_args(Stage),
        "group": lambda: audience.key in get_args(Fellows),
    }
    if not known[audience.kind]():
        raise CouponRefused("there are no such members", why="audience")


def _find(round_id: str) -> Round:
    held = coupon_rounds.by_id(round_id)
    if held is None:
        raise CouponUnknown("there is no such round", round_id=round_id)
    return held
