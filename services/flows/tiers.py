"""The tiers of members: published in versions, risen to by buying, looked at again when a period ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from msgspec import structs

from services.domain import days, metrics
from services.domain import tiers as rules
from services.domain.errors import TierRefused
from services.domain.metrics import Dated, Measure, Purchase, Window
from services.domain.tier_events import TierChanged, TierProgramPublished
from services.domain.tiers import Lack, Program, Rule, Standing, Tier
from services.flows import coupon_moves, points
from services.flows.coupon_moves import TIER
from services.flows.record import record
from services.flows.rule_trials import Tried, tried
from services.flows.shop import Shop
from services.flows.stored_value_moves import moment
from services.store import coupons, db, facts, points_rules, requests, tiers
from services.store.members import group
from services.store.sales import Sale

SWEPT_MAX = 200  # members of one transaction


@dataclass(frozen=True, slots=True)
class View:
    """Where a member stands, as pages show it."""

    standing: Standing
    tier: Tier | None
    next: Tier | None
    to_next: tuple[Lack, ...]  # what is missing to it
    to_stay: tuple[Lack, ...]  # in the last days of a period: what is missing to stay


def publish(shop: Shop, wanted: Program, *, seen_version: int, operator_id: str) -> Program:
    """The shop's tiers from now on. What says the same as before changes nothing, so a repeat does not
    either. Raises TierRefused (details.why: version, many, rank, key, needs, depth)."""
    rules.check(wanted)
    with db.write():
        held = tiers.program()
        if structs.replace(wanted, version=held.version) == held:
            return held
        if held.version != seen_version:
            raise TierRefused("somebody has changed it meanwhile", why="version", version=held.version)
        new = structs.replace(wanted, version=held.version + 1)
        tiers.add_program(new, operator_id)
        record(shop, TierProgramPublished(program=new, operator_id=operator_id), shop.now_ms())
    return new


def program() -> Program:
    """The tiers as they stand; version 0, without any, before the first."""
    return tiers.program()


def trial(shop: Shop, rule: Rule, after: str = "") -> Tried:
    """How many would reach this rule today, of those who have bought here and stand behind `after`."""
    today = _today(shop)
    return tried(after, lambda ids: rules.reached(rule, _measure(shop, ids, today)))


def counts() -> dict[str, int]:
    """How many members stand on each tier."""
    return tiers.counts()


def held_by(ladder: Program, member_ids: Sequence[str]) -> Standing:
    """Where one person, known by these ids, stands: as high as any of them, the first where they are level.
    So becoming one lowers nobody before a period ends."""
    return max((tiers.standing(each) for each in member_ids), key=lambda each: ladder.rank(each.tier))


def view(shop: Shop, member_ids: Sequence[str]) -> View:
    """Where one person, known by these ids, stands; the first is the one by which they are kept."""
    ladder, today = tiers.program(), _today(shop)
    held, measure = held_by(ladder, member_ids), _measure(shop, member_ids, today)
    above = rules.following(ladder, held.tier)
    return View(
        standing=held,
        tier=ladder.tier(held.tier),
        next=above,
        to_next=rules.lacks(above.rule, measure) if above is not None else (),
        to_stay=rules.warning(ladder, held, measure, today),
    )


def reached_with(shop: Shop, member_ids: Sequence[str], held: str, bought: Sequence[Purchase]) -> str:
    """The tier above `held` that a bag brings its member to, where that counts in the same sale; or ""."""
    ladder = tiers.program()
    if not bought:
        return ""
    key = rules.earned(ladder, _measure(shop, member_ids, _today(shop), bought))
    return key if ladder.rank(key) > ladder.rank(held) else ""


def follow(shop: Shop, sale: Sale, member_ids: Sequence[str], priced_as: str = "") -> Standing | None:
    """Inside the transaction of a document that sells something, after its rows: the step it leads to, if
    any. It counts from the next sale on, or had its prices already (`priced_as`)."""
    ladder = tiers.program()
    if not ladder.tiers:
        return None
    today, held = sale.business_day, held_by(ladder, member_ids)
    measure = _measure(shop, member_ids, today)
    step = rules.risen(ladder, held, measure, today, priced_as)
    if step is None:
        return None
    return _kept(shop, ladder, member_ids, step, measure, today, sale.operator_id, sale_id=sale.sale_id)


def came_back(shop: Shop, document: Sale, member_ids: Sequence[str], sold_day: str) -> None:
    """Inside the transaction of a return, void or exchange, after its rows: the step that what came back
    had led whoever bought it to is undone. It falls where it stands, under the id that holds it.

    `sold_day` is when that was bought first: exchanged goods are as old as what they were exchanged for.
    """
    ladder = tiers.program()
    if not ladder.tiers:
        return
    today, held = document.business_day, held_by(ladder, member_ids)
    measure = _measure(shop, member_ids, today)
    step = rules.returned(ladder, held, measure, sold_day, today)
    if step is not None:
        holder = next(each for each in member_ids if tiers.standing(each) == held)
        who, sale_id = (holder,), document.sale_id
        _kept(shop, ladder, who, step, measure, today, document.operator_id, sale_id=sale_id)


def risen(sale: Sale) -> Tier | None:
    """The tier to which a sale has brought its member, where it is a higher one."""
    if not sale.member_id:
        return None
    ladder = tiers.program()
    tier, before = tiers.step_of(sale)
    return ladder.tier(tier) if ladder.rank(tier) > ladder.rank(before) else None


def grant(
    shop: Shop,
    member_id: str,
    *,
    tier: str,
    until: str,
    note: str,
    operator_id: str,
    request_id: str,
) -> Standing:
    """Give a tier by hand until a day. A repeat changes nothing. Raises MemberUnknown, TierRefused
    (details.why: tier, lower, until, note)."""
    asked = requests.fingerprint("grant_tier", member_id, tier, until, note)
    if not note.strip():
        raise TierRefused("say why", why="note")
    with db.write():
        if requests.answer(request_id, asked) is not None:
            return held_by(tiers.program(), group(member_id))
        member_ids = points.person(member_id)
        held = held_by(tiers.program(), member_ids)
        ladder, today = tiers.program(), _today(shop)
        step = rules.granted(ladder, tier, held, until, today)
        measure = _measure(shop, member_ids, today)
        kept = _kept(shop, ladder, member_ids, step, measure, today, operator_id, note=note)
        requests.remember(request_id, asked, tier, shop.now_ms())
    return kept


def carry_in(shop: Shop, member_ids: Sequence[str], tier: str, *, note: str, operator_id: str) -> Standing:
    """Inside the transaction in which somebody joins, or is found in a file: the tier they had elsewhere,
    for one period from now on and without its gift. Raises TierRefused (details.why: tier, lower)."""
    ladder, today = tiers.program(), _today(shop)
    until = days.later(date.fromisoformat(today), ladder.period_months).isoformat()
    step = rules.granted(ladder, tier, held_by(ladder, member_ids), until, today)
    measure = _measure(shop, member_ids, today)
    return _kept(shop, ladder, member_ids, step, measure, today, operator_id, note=note, gifts=False)


def gains(member_ids: Sequence[str], tier: str) -> str:
    """Why somebody would not gain this tier by a file: "lower", "had" where they were given it before; ""
    where they would."""
    ladder = tiers.program()
    if ladder.rank(tier) <= ladder.rank(held_by(ladder, member_ids).tier):
        return "lower"
    given = [each for each in tiers.path(member_ids) if each.reason == "granted"]
    return "had" if any(each.tier == tier for each in given) else ""


def sweep(shop: Shop) -> int:
    """Look again at everybody whose period has ended; how many there were. Each piece is a transaction of
    its own, and a second sweep of the day finds nothing. Nobody falls by a clock that is not to be
    trusted."""
    if not shop.clock_trusted:
        return 0
    ladder, today, found = tiers.program(), _today(shop), 0
    while members := tiers.over(today, SWEPT_MAX):
        with db.write():
            for member_id in members:
                held, measure = tiers.standing(member_id), _measure(shop, group(member_id), today)
                step = rules.ended(ladder, held, measure, today)
                assert step is not None and (step.until > today or not step.tier), step
                _kept(shop, ladder, [member_id], step, measure, today, "")
        found += len(members)
    return found


def _kept(
    shop: Shop,
    ladder: Program,
    member_ids: Sequence[str],
    step: Standing,
    measure: Measure,
    today: str,
    operator_id: str,
    *,
    sale_id: str = "",
    note: str = "",
    gifts: bool = True,
) -> Standing:
    """The step, written down under the id by which the person is kept, and told."""
    tier = ladder.tier(step.tier)
    up = ladder.rank(step.tier) > ladder.rank(step.before)
    gift = tier.benefits.gift if tier is not None and up and gifts else ""
    if gift and rules.gift_due(step.tier, _gifted(member_ids), today):
        when = moment(shop, operator_id, sale_id=sale_id)
        step = replace(step, gifted=coupon_moves.gift(shop, when, gift, member_ids[0]))
    number = tiers.add_step(member_ids[0], step)
    event = TierChanged(
        member_id=member_ids[0],
        number=number,
        tier=step.tier,
        before=step.before,
        since=step.since,
        until=step.until,
        granted_until=step.granted_until,
        gifted=step.gifted,
        reason=step.reason,
        program_version=ladder.version,
        metrics={str(key): value for key, value in measure(Window(length=ladder.period_months)).items()},
        sale_id=sale_id,
        operator_id=operator_id,
        note=note,
    )
    record(shop, event, shop.now_ms())
    return step


def _gifted(member_ids: Sequence[str]) -> list[Standing]:
    """The steps of a person; the gift of one was never given where it went unused with its sale."""
    path = tiers.path(member_ids)
    return [each for each in path if not each.gifted or coupons.kept_of(member_ids, TIER, each.since)]


def _measure(
    shop: Shop, member_ids: Sequence[str], today: str, besides_bought: Sequence[Purchase] = ()
) -> Measure:
    """Whoever was brought counts from the day on which that first purchase can no longer come back."""
    window = timedelta(days=points_rules.newest().book.referral.window_days)
    settled = [(date.fromisoformat(day) + window).isoformat() for day in facts.brought(member_ids)]
    besides = [*facts.earned_points(member_ids), *(Dated("referrals", day) for day in settled)]
    bought = [*facts.purchases(shop.store_id, member_ids), *besides_bought]
    return metrics.measure(bought, besides, today)


def _today(shop: Shop) -> str:
    return days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
