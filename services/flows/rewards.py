"""Rewards of the catalogue: had for points, and given back."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from services.domain import days
from services.domain import points as rules
from services.domain.errors import NotFound, PointsRefused
from services.domain.points_rules import Reward
from services.domain.redemption import Moment, missing
from services.flows import approvals, points
from services.flows.approvals import Approval
from services.flows.points import Group, Why
from services.flows.shop import Shop
from services.store import db, points_rules, requests
from services.store import points as ledger

REWARD, BACK = "reward", "reward_back"


@dataclass(frozen=True, slots=True)
class Offer:
    reward: Reward
    missing: str  # why it cannot be had now; "" where it can


def offers(shop: Shop, group: Group, tiers: Set[str]) -> list[Offer]:
    """The whole catalogue for this person, now."""
    usable = points.usable(points.look(shop, group))
    moment = _moment(shop, shop.now_ms(), tiers)
    return [
        Offer(each, _missing(each, moment, group, usable)) for each in points_rules.newest().book.rewards
    ]


def redeem(
    shop: Shop,
    group: Group,
    reward_id: str,
    tiers: Set[str],
    *,
    till: str = "",
    operator_id: str,
    request_id: str,
) -> str:
    """Take the points for a reward; the id of the exchange, by which it is undone. A repeat gives the first
    one's id. Raises NotFound, PointsRefused (details: why), PointsShort."""
    asked = requests.fingerprint("redeem_reward", *group, reward_id)
    exchange_id = shop.new_id()
    with db.write():
        at_ms = shop.now_ms()
        if (done := requests.claim(request_id, asked, exchange_id, at_ms)) is not None:
            return done
        reward = _named(reward_id)
        account = points.caught_up(shop, group, at_ms)
        moves = rules.spend(account, reward.points)
        if why := _missing(reward, _moment(shop, at_ms, tiers), group, reward.points):
            raise PointsRefused("this reward cannot be had now", why=why, rule_id=reward_id)
        points.moved(shop, account, moves, _said(reward, exchange_id, at_ms, operator_id, till))
    return exchange_id


def give_back(
    shop: Shop,
    exchange_id: str,
    approval: Approval | None,
    *,
    till: str = "",
    operator_id: str,
    request_id: str,
) -> str:
    """Undo an exchange: its points go back into their lots; whose it was. A repeat, or another undo,
    changes nothing. Raises NotFound, and what approve() raises."""
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
    return member_id


def _named(reward_id: str) -> Reward:
    for each in points_rules.newest().book.rewards:
        if each.reward_id == reward_id:
            return each
    raise NotFound("there is no such reward", reward_id=reward_id)


def _missing(reward: Reward, moment: Moment, group: Group, usable: int) -> str:
    had = ledger.exchanged(reward.reward_id, group) if reward.per_member else 0
    given = ledger.exchanged(reward.reward_id) if reward.pieces else 0
    return missing(reward, moment, usable=usable, had=had, given=given)


def _moment(shop: Shop, at_ms: int, tiers: Set[str]) -> Moment:
    wall = days.local(at_ms, shop.zone)
    return Moment(
        day=wall.date().isoformat(),
        weekday=wall.isoweekday(),
        minute=wall.hour * 60 + wall.minute,
        tiers=tiers,
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
