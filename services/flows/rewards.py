"""Rewards of the catalogue: had for points, and given back."""

from __future__ import annotations

from dataclasses import dataclass

from services.domain import days
from services.domain import points as rules
from services.domain import stock as stock_rules
from services.domain.coupons import ISSUED
from services.domain.errors import NotFound, PointsRefused
from services.domain.points_rules import Reward
from services.domain.redemption import Moment, missing
from services.flows import approvals, coupon_moves, points, stock, tiers
from services.flows.approvals import Approval
from services.flows.points import Group, Why
from services.flows.shop import Shop
from services.flows.stored_value_moves import moment
from services.store import coupons, db, points_rules, requests
from services.store import points as ledger
from services.store import stock as shelf

REWARD, BACK = "reward", "reward_back"


@dataclass(frozen=True, slots=True)
class Offer:
    reward: Reward
    missing: str  # why it cannot be had now; "" where it can


def offers(shop: Shop, group: Group) -> list[Offer]:
    """The whole catalogue for this person, now."""
    usable = points.usable(points.look(shop, group))
    asked = _moment(shop, shop.now_ms(), group)
    return [
        Offer(each, _missing(each, asked, group, usable)) for each in points_rules.newest().book.rewards
    ]


def redeem(
    shop: Shop,
    member_id: str,
    reward_id: str,
    *,
    till: str = "",
    operator_id: str,
    request_id: str,
) -> str:
    """Take the points for a reward: its coupon is issued, its goods leave the stock. The exchange's id, by
    which it is undone; a repeat gives the first one's. Raises MemberUnknown, NotFound, PointsRefused
    (details: why), PointsShort, CouponUnknown, CodeUnknown, and OutOfStock where the shop sells nothing
    that is not there."""
    asked = requests.fingerprint("redeem_reward", member_id, reward_id)
    exchange_id = shop.new_id()
    with db.write():
        at_ms = shop.now_ms()
        if (done := requests.claim(request_id, asked, exchange_id, at_ms)) is not None:
            return done
        group, reward = points.person(member_id), _named(reward_id)
        account = points.caught_up(shop, group, at_ms)
        moves = rules.spend(account, reward.points)
        if why := _missing(reward, _moment(shop, at_ms, group), group, reward.points):
            raise PointsRefused("this reward cannot be had now", why=why, rule_id=reward_id)
        points.moved(shop, account, moves, _said(reward, exchange_id, at_ms, operator_id, till))
        _handed_out(shop, reward, group, exchange_id, operator_id, till)
    return exchange_id


def coupon_of(exchange_id: str) -> str:
    """The id of the coupon that an exchange brought and that can still be used; "" where there is none."""
    issued = (each for each in coupons.issued_by(exchange_id) if each.state == ISSUED)
    return next((each.coupon_id for each in issued), "")


def give_back(
    shop: Shop,
    exchange_id: str,
    approval: Approval | None,
    *,
    till: str = "",
    operator_id: str,
    request_id: str,
) -> str:
    """Undo an exchange: its points go back into their lots, its coupon is cancelled, its goods come back;
    whose it was. A repeat, or another undo, changes nothing. Raises NotFound, PointsRefused (why: used,
    where its coupon was), and what approve() raises."""
    asked = requests.fingerprint("give_back_reward", exchange_id)
    if (done := requests.answer(request_id, asked)) is not None:
        return done
    approver_id = approvals.approve(shop, points.ADJUST, approval, operator_id=operator_id)
    with db.write():
        entries = [each for each in ledger.of_sale(exchange_id) if each.reason in (REWARD, BACK)]
        spent = [ledger.undone(entries, each) for each in entries if each.kind == rules.SPENT]
        if not spent:
            raise NotFound("there was no such exchange", exchange_id=exchange_id)
        member_id, at_ms = spent[0].lot.member_id, shop.now_ms()
        left = sum(each.points for each in spent)
        if requests.claim(request_id, asked, member_id, at_ms) is None and left:
            approvals.granted(
                *(shop, points.ADJUST, approver_id, approval), operator_id=operator_id, subject=exchange_id
            )
            why = Why(
                reason=BACK,
                args=entries[0].args,
                at_ms=at_ms,
                sale_id=shop.new_id(),
                of_sale=exchange_id,
                operator_id=operator_id,
                till=till,
            )
            points.restored(shop, spent, left, why)
            _taken_back(shop, exchange_id, operator_id, till)
    return member_id


def _handed_out(
    shop: Shop, reward: Reward, group: Group, exchange_id: str, operator_id: str, till: str
) -> None:
    """The coupon is the exchange's as another is its sale's, and the stock document has its id."""
    if reward.kind == "coupon":
        when = moment(shop, operator_id, sale_id=exchange_id, till=till)
        coupon_moves.issue(shop, when, reward.item, group[0], reason=REWARD)
    elif reward.kind == "goods" and reward.item:
        lines = stock.named_lines(shop, [(reward.item, -1)])
        if not shelf.on_hand(sku for sku, _ in lines):
            return  # nobody counts these goods
        document = stock.document_of(
            shop, exchange_id, stock_rules.ADJUSTED, operator_id, reason=stock_rules.REWARD
        )
        stock.post(shop, document, [stock_rules.Line(sku, pieces) for sku, pieces in lines])


def _taken_back(shop: Shop, exchange_id: str, operator_id: str, till: str) -> None:
    if coupon_moves.sale_undone(
        shop, moment(shop, operator_id, sale_id=exchange_id, till=till), exchange_id
    ):
        raise PointsRefused("the coupon of this exchange was used", why="used", rule_id=exchange_id)
    if (document := shelf.by_id(exchange_id)) is not None:
        stock.reverse(shop, document, shop.new_id(), operator_id)


def _named(reward_id: str) -> Reward:
    for each in points_rules.newest().book.rewards:
        if each.reward_id == reward_id:
            return each
    raise NotFound("there is no such reward", reward_id=reward_id)


def _missing(reward: Reward, asked: Moment, group: Group, usable: int) -> str:
    if reward.pay_minor:
        return "pay"  # money is taken with a sale: a coupon for the goods, had for points, goes into one
    had = ledger.exchanged(reward.reward_id, group) if reward.per_member else 0
    given = ledger.exchanged(reward.reward_id) if reward.pieces else 0
    return missing(reward, asked, usable=usable, had=had, given=given)


def _moment(shop: Shop, at_ms: int, group: Group) -> Moment:
    wall = days.local(at_ms, shop.zone)
    return Moment(
        day=wall.date().isoformat(),
        weekday=wall.isoweekday(),
        minute=wall.hour * 60 + wall.minute,
        tiers=frozenset({tiers.held_by(tiers.program(), group).tier} - {""}),
    )


def _said(reward: Reward, exchange_id: str, at_ms: int, operator_id: str, till: str) -> Why:
    named: dict[str, int | str] = {
        "reward_id": reward.reward_id,
        "label_zh": reward.label_zh,
        "label_en": reward.label_en,
    }
    return Why(
        reason=REWARD,
        args=named,
        at_ms=at_ms,
        sale_id=exchange_id,
        of_sale=exchange_id,
        operator_id=operator_id,
        till=till,
    )
