"""Two members who are one person become one, and two again where that was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from services.domain import consents as consent_rules
from services.domain import masks, merging, profile
from services.domain.identity import ID_CARD
from services.domain.member_errors import MemberUnknown, MergeRefused
from services.domain.member_events import MemberMerged, MembersToldApart, MemberUnmerged
from services.domain.merging import Edge
from services.domain.profile import Profile
from services.flows import approvals, consents
from services.flows import members as people
from services.flows.approvals import Approval
from services.flows.members import Member
from services.flows.record import record
from services.flows.shop import Shop
from services.store import baskets, db, member_records, members, requests
from services.store import duplicates as found

RIGHT = "member_merge"
PAIRS_MAX, ALIKE_MIN = 100, 30  # of one list; look-alikes that have a place in it
SWEEP = "sweep"  # the reason where nobody was asked


@dataclass(frozen=True, slots=True)
class Review:
    """Two members side by side, and what they would be together."""

    one: Member
    other: Member
    likeness: str  # see profile
    evidence: tuple[str, ...]  # the fields that speak for one person
    reasons: tuple[str, ...]  # why they are alike where little is equal: see resemblance
    conflicts: tuple[str, ...]  # the fields in which they differ
    outcome: Profile = field(repr=False)
    consents: dict[str, bool]
    blocked: bool
    sales: tuple[int, int]
    refused: str  # why they cannot be merged; ""


@dataclass(frozen=True, slots=True)
class Merged:
    """One pair of a person's ids, and until when it can be parted."""

    edge: Edge
    at_ms: int
    until_ms: int


def review(shop: Shop, one_id: str, other_id: str) -> Review:
    """What merge() would do. Raises MemberUnknown, MemberSealed."""
    one, other = people.find(one_id), people.find(other_id)
    log = consents.log((*one.ids, *other.ids))
    both = {**_profiles(one), **_profiles(other)}
    return Review(
        one=one,
        other=other,
        likeness=likeness(one, other),
        evidence=profile.evidence(one.profile, other.profile),
        reasons=reasons(one, other),
        conflicts=profile.conflicts(one.profile, other.profile),
        outcome=profile.united(both),
        consents=consent_rules.standing(log),
        blocked=one.blocked or other.blocked,
        sales=(member_records.sales_of(one.ids), member_records.sales_of(other.ids)),
        refused=_against(shop, one, other),
    )


def merge(
    shop: Shop,
    one_id: str,
    other_id: str,
    reason: str,
    approval: Approval | None,
    *,
    operator_id: str,
    request_id: str,
) -> Member:
    """The two are one person from now on. A repeat changes nothing, nor do two who are one already.

    Nothing moves: what belongs to either is read under all ids of the person. Raises MemberUnknown,
    MemberSealed, MergeRefused (why: "id_cards" where each has another number, "bags" while both buy at
    a till, "too_many"), and what approvals.approve() raises.
    """
    asked = requests.fingerprint("merge", sorted((one_id, other_id)), reason)
    if (done := requests.answer(request_id, asked)) is not None:
        return people.find(done)
    approver_id = approvals.approve(shop, RIGHT, approval, operator_id=operator_id)
    with db.write():
        one, other = people.find(one_id), people.find(other_id)
        if requests.claim(request_id, asked, one_id, shop.now_ms()) is None and one.ids != other.ids:
            if why := _against(shop, one, other):
                raise MergeRefused("these two cannot be one person", why=why)
            pair = _merge(shop, one, other, reason, operator_id, approver_id)
            approvals.granted(
                shop, RIGHT, approver_id, approval, operator_id=operator_id, subject=pair.absorbed
            )
        return people.find(one_id)


def merge_sure(shop: Shop, pair: tuple[str, str]) -> bool:
    """Inside the sweep's transaction: make one of two who surely are; whether that was done now.

    What the sweep found may be old, so the data themselves decide. Raises MemberSealed.
    """
    try:
        one, other = (people.find(each) for each in pair)
    except MemberUnknown:
        return False
    same = any(
        profile.likeness(mine, yours) == profile.SAME
        for mine in _profiles(one).values()
        for yours in _profiles(other).values()
    )
    if one.ids == other.ids or not same or members.parted(one.ids, other.ids) or _against(shop, one, other):
        return False
    _merge(shop, one, other, SWEEP, "", "")
    return True


def unmerge(
    shop: Shop,
    pair: Edge,
    reason: str,
    approval: Approval | None,
    *,
    operator_id: str,
    request_id: str,
) -> tuple[Member, Member]:
    """They were two after all: (the older, the younger). A repeat changes nothing.

    What happened meanwhile stays with the id it happened to. Raises MergeRefused (why: "not_merged",
    "too_late" after 30 days), and what approvals.approve() raises.
    """
    asked = requests.fingerprint("unmerge", pair.absorbed, pair.survivor, reason)
    if requests.answer(request_id, asked) is not None:
        return _pair(pair)
    approver_id = approvals.approve(shop, RIGHT, approval, operator_id=operator_id)
    with db.write():
        if requests.claim(request_id, asked, pair.absorbed, shop.now_ms()) is None:
            _unmerge(shop, pair, reason, operator_id, approver_id)
            approvals.granted(
                shop, RIGHT, approver_id, approval, operator_id=operator_id, subject=pair.absorbed
            )
        return _pair(pair)


def tell_apart(
    shop: Shop,
    one_id: str,
    other_id: str,
    reason: str,
    approval: Approval | None,
    *,
    operator_id: str,
    request_id: str,
) -> tuple[Member, Member]:
    """They are two, so nobody is asked about them again: (the older, the younger). A repeat changes
    nothing, nor does saying it twice; whoever merges them after all is believed.

    Raises MemberUnknown, MemberSealed, MergeRefused (why: "one_already"), and what approvals.approve()
    raises.
    """
    asked = requests.fingerprint("tell_apart", sorted((one_id, other_id)), reason)
    one, other = people.find(one_id), people.find(other_id)
    pair = merging.edge(one.member_id, one.created_at_ms, other.member_id, other.created_at_ms)
    if requests.answer(request_id, asked) is not None:
        return _pair(pair)
    approver_id = approvals.approve(shop, RIGHT, approval, operator_id=operator_id)
    with db.write():
        if requests.claim(request_id, asked, pair.absorbed, shop.now_ms()) is None:
            one, other = people.find(one_id), people.find(other_id)
            if one.ids == other.ids:
                raise MergeRefused("these two are one", why="one_already")
            if not members.parted(one.ids, other.ids):
                pair = _tell_apart(shop, one, other, reason, operator_id, approver_id)
                approvals.granted(
                    shop, RIGHT, approver_id, approval, operator_id=operator_id, subject=pair.absorbed
                )
        return _pair(pair)


def merges_of(member: Member) -> tuple[Merged, ...]:
    """The pairs that make this person one, oldest first."""
    return tuple(
        Merged(Edge(absorbed, survivor), at_ms, at_ms + merging.UNMERGE_MS)
        for absorbed, survivor, at_ms in members.aliases(member.ids)
    )


def suspects(shop: Shop, member: Member) -> list[tuple[Member, str]]:
    """Who else this person may be, and how likely; surest first. Nobody who was told apart."""
    alike = people.alike(shop, member.profile, member.ids, hints=True)
    found = [each for each in alike if not members.parted(member.ids, each[0].ids)]
    order = (profile.SAME, profile.CANDIDATE, profile.HINT)
    return sorted(found, key=lambda each: order.index(each[1]))


def likeness(one: Member, other: Member) -> str:
    """How sure it is that they are one; see profile. "" for two who share nothing that is equal."""
    return profile.likeness(one.profile, other.profile)


def reasons(one: Member, other: Member) -> tuple[str, ...]:
    """Why they may be one: what the last sweep found alike (see resemblance.REASONS; nothing where one
    changed since), else what is equal."""
    return found.reasons(one.ids, other.ids) or profile.reasons(one.profile, other.profile)


def duplicates() -> Sequence[tuple[str, str]]:
    """Pairs of members who share a key that stands, or name and birthday, or are alike; at most PAIRS_MAX.

    First what the last sweeps found, surest first, with room for look-alikes however many share a key;
    then what can be seen without a sweep. Not those whom a shared number or a common name makes a pair by
    chance: they stand on the members' own pages alone.
    """
    pairs: dict[tuple[str, str], None] = {}
    alike = found.likeliest(PAIRS_MAX)
    sure = found.surest(PAIRS_MAX - min(len(alike), ALIKE_MIN))
    for absorbed, survivor in (*sure, *alike):
        one, other = members.group(survivor), members.group(absorbed)
        if one != other and not members.parted(one, other):
            pairs[one[0], other[0]] = None
    for ids in members.sharing(PAIRS_MAX):
        first, *others = dict.fromkeys(members.group(each) for each in ids)
        pairs.update({(first[0], each[0]): None for each in others if _asked_about(first, each)})
    return list(pairs)[:PAIRS_MAX]


def _asked_about(one: Sequence[str], other: Sequence[str]) -> bool:
    return not members.parted(one, other) and not found.is_chance(one, other)


def _pair(pair: Edge) -> tuple[Member, Member]:
    return people.find(pair.survivor), people.find(pair.absorbed)


def _merge(shop: Shop, one: Member, other: Member, reason: str, operator_id: str, approver_id: str) -> Edge:
    now_ms = shop.now_ms()
    pair = merging.edge(one.member_id, one.created_at_ms, other.member_id, other.created_at_ms)
    members.add_alias(pair.absorbed, pair.survivor, now_ms)
    found.answer(one.ids, other.ids)
    event = MemberMerged(
        absorbed=pair.absorbed,
        survivor=pair.survivor,
        evidence=profile.evidence(one.profile, other.profile),
        reason=masks.said(reason.strip()),
        operator_id=operator_id,
        approver_id=approver_id,
    )
    record(shop, event, now_ms)
    return pair


def _tell_apart(
    shop: Shop, one: Member, other: Member, reason: str, operator_id: str, approver_id: str
) -> Edge:
    now_ms = shop.now_ms()
    pair = merging.edge(one.member_id, one.created_at_ms, other.member_id, other.created_at_ms)
    reasons = found.reasons(one.ids, other.ids) or profile.evidence(one.profile, other.profile)
    members.tell_apart(pair.absorbed, pair.survivor, now_ms)
    found.answer(one.ids, other.ids)
    event = MembersToldApart(
        absorbed=pair.absorbed,
        survivor=pair.survivor,
        evidence=reasons,
        reason=masks.said(reason.strip()),
        operator_id=operator_id,
        approver_id=approver_id,
    )
    record(shop, event, now_ms)
    return pair


def _unmerge(shop: Shop, pair: Edge, reason: str, operator_id: str, approver_id: str) -> None:
    now_ms = shop.now_ms()
    merged_ms = members.alias_at(pair.absorbed, pair.survivor)
    if merged_ms is None:
        raise MergeRefused("these two were not merged", why="not_merged")
    if now_ms > merged_ms + merging.UNMERGE_MS:
        raise MergeRefused("it is too long ago", why="too_late")
    members.drop_alias(pair.absorbed, pair.survivor, now_ms)
    event = MemberUnmerged(
        absorbed=pair.absorbed,
        survivor=pair.survivor,
        reason=masks.said(reason.strip()),
        operator_id=operator_id,
        approver_id=approver_id,
    )
    record(shop, event, now_ms)


def _against(shop: Shop, one: Member, other: Member) -> str:
    """Why these two cannot be one person now; "" for nothing."""
    buying = {bag.member_id for till in shop.tills if (bag := baskets.load(till)) is not None and bag.lines}
    if buying & set(one.ids) and buying & set(other.ids):
        return "bags"
    cards = {profile.value(each.profile, ID_CARD) for each in (one, other)} - {""}
    if len(cards) > 1:
        return "id_cards"
    return "too_many" if len({*one.ids, *other.ids}) > members.GROUP_MAX else ""


def _profiles(member: Member) -> dict[str, Profile]:
    rows = (members.by_id(each) for each in member.ids)
    return {row.member_id: people.opened(row) for row in rows if row is not None}
