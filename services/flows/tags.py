"""Tags of members: published in versions, put on by rules after a sale and at the day's end, or by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import structs

from services.domain import consents, days, rfm
from services.domain import tags as rules
from services.domain.member_errors import TagRefused
from services.domain.metrics import Purchase
from services.domain.rfm import Life
from services.domain.tag_events import TagBookPublished, TagChanged
from services.domain.tags import Book, Evidence, Rule, Tag
from services.flows.record import record
from services.flows.rule_trials import Tried, tried
from services.flows.shop import Shop
from services.store import db, facts, lives, member_records, tags
from services.store.members import group, of_group
from services.store.sales import Sale
from services.store.tags import Held

SWEPT_MAX = 50  # people of one transaction
NOTHING = Evidence()  # where a person decided
FIRST = " "  # stands before every id


@dataclass(frozen=True, slots=True)
class Worn:
    """A tag of the shop and what was last said of it; None: nothing yet."""

    tag: Tag
    on: bool
    said: Held | None


@dataclass(frozen=True, slots=True)
class Census:
    """How many members wear each tag, and how many the last look at everybody found in each stage and
    group."""

    day: str  # of that look, YYYY-MM-DD; "": there was none yet
    done: bool  # to its end, with the newest book
    wear: Mapping[str, int]
    stages: Mapping[str, int]
    groups: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Among:
    """Those who wear a tag, or are of a stage and a group; "" is any."""

    tag: str
    stage: str
    group: str


@dataclass(frozen=True, slots=True)
class View:
    tags: tuple[Worn, ...]
    life: Life


def publish(shop: Shop, wanted: Book, *, seen_version: int, operator_id: str) -> Book:
    """The shop's tags from now on. What says the same as before changes nothing, so a repeat does not
    either. Raises TagRefused (details.why: version and those of tags.check())."""
    rules.check(wanted)
    with db.write():
        held = tags.book()
        if structs.replace(wanted, version=held.version) == held:
            return held
        if held.version != seen_version:
            raise TagRefused("somebody has changed it meanwhile", why="version", version=held.version)
        new = structs.replace(wanted, version=held.version + 1)
        tags.add_book(new, operator_id)
        record(shop, TagBookPublished(book=new, operator_id=operator_id), shop.now_ms())
    return new


def book() -> Book:
    return tags.book()


def segments(member_ids: Sequence[str]) -> frozenset[str]:
    """The tags that are on one person: what promotions ask for. One that the shop no longer has is none."""
    said = tags.of(member_ids)
    if not said:
        return frozenset()
    return frozenset(tag.key for tag in tags.book().tags if _worn(tag, said).on)


def view(shop: Shop, member_ids: Sequence[str]) -> View:
    """The shop's tags on one person, and the stage that they are in."""
    held, said = tags.book(), tags.of(member_ids)
    life = rfm.life(held.limits, facts.purchases(shop.store_id, member_ids), _today(shop))
    return View(tuple(_worn(tag, said) for tag in held.tags), life)


def trial(shop: Shop, rule: Rule, after: str = "") -> Tried:
    """Of how many this rule would hold today, of those who have bought here and stand behind `after`.
    Raises TagRefused (details.why: those of tags.check_rule())."""
    rules.check_rule(rule)
    today = _today(shop)
    return tried(after, lambda ids: rules.answer(rule, _purchases(shop, ids), today).holds)


def census() -> Census:
    day, version, cursor = tags.swept()
    return Census(
        day=day,
        done=bool(day) and not cursor and version == tags.book().version,
        wear=tags.counts(),
        stages=lives.stages(),
        groups=lives.groups(),
    )


def among(wanted: Among, after: str, limit: int) -> list[str]:
    """At most so many living members, behind `after`, by their ids."""
    if wanted.tag:
        return tags.wearing(wanted.tag, after, limit)
    return lives.among(wanted.stage, wanted.group, after, limit)


def by_hand(
    shop: Shop, member_ids: Sequence[str], key: str, *, on: bool, operator_id: str, reason: str = ""
) -> None:
    """Put a tag on or keep it off, whatever its rule says; `reason` is a code, see TagChanged. A repeat
    changes nothing. Raises TagRefused (details.why: tag)."""
    with db.write():
        tag, said = _known(key), tags.of(member_ids)
        worn = _worn(tag, said)
        if worn.said is not None and worn.said.by_hand and worn.on == on:
            return
        _say(
            *(shop, tag, member_ids, said),
            on=on,
            by_hand=True,
            operator_id=operator_id,
            reason=reason,
        )


def lift(shop: Shop, member_ids: Sequence[str], key: str, *, operator_id: str) -> None:
    """Take back what was said by hand: the tag's rule decides again. A repeat changes nothing. Raises
    TagRefused (details.why: tag)."""
    with db.write():
        tag, said = _known(key), tags.of(member_ids)
        worn = _worn(tag, said)
        if worn.said is None or not worn.said.by_hand:
            return
        _say(shop, tag, member_ids, said, on=False, by_hand=False, operator_id=operator_id)
        _look(shop, tags.book(), member_ids, _purchases(shop, member_ids), _today(shop))


def follow(shop: Shop, sale: Sale, member_ids: Sequence[str]) -> None:
    """Inside the transaction of a document, after its rows: the tags that it puts on or takes off. They
    count from the next sale on."""
    held = tags.book()
    if held.self_updating:
        bought = _purchases(shop, member_ids)
        _look(shop, held, member_ids, bought, sale.business_day, sale.sale_id, sale.operator_id)


def sweep(shop: Shop) -> int:
    """Look again at everybody once a day and after every new version, since windows move on without a
    sale: which tags they wear, in which stage they are; how many people there were. Each piece is a
    transaction, and the next goes on from it."""
    held, today, found = tags.book(), _today(shop), 0
    day, version, cursor = tags.swept()
    if (day, version) != (today, held.version):
        cursor = FIRST
    if not cursor:
        return 0
    while cursor:
        with db.write():
            people = tags.people(cursor, SWEPT_MAX)
            for member_id in people:
                ids = group(member_id)
                bought = _purchases(shop, ids)
                _look(shop, held, ids, bought, today)
                lives.put(ids, rfm.life(held.limits, bought, today))
            cursor = people[-1] if len(people) == SWEPT_MAX else ""
            tags.set_swept(today, held.version, cursor)
        found += len(people)
    return found


def _look(
    shop: Shop,
    held: Book,
    member_ids: Sequence[str],
    purchases: Sequence[Purchase],
    today: str,
    sale_id: str = "",
    operator_id: str = "",
) -> None:
    """Let every rule decide, but not about what a person decided, nor about who refused to be profiled."""
    said = tags.of(member_ids)
    for tag in held.self_updating:
        worn = _worn(tag, said)
        if worn.said is not None and worn.said.by_hand:
            continue
        found = _answer(tag, purchases, today)
        if found.holds != worn.on:
            _say(
                *(shop, tag, member_ids, said),
                on=found.holds,
                by_hand=False,
                operator_id=operator_id,
                evidence=found.evidence,
                sale_id=sale_id,
            )


def _answer(tag: Tag, purchases: Sequence[Purchase], today: str) -> rules.Answer:
    assert tag.rule is not None, tag
    return rules.answer(tag.rule, purchases, today)


def _purchases(shop: Shop, member_ids: Sequence[str]) -> Sequence[Purchase]:
    """What rules may see; nothing of those who are not to be profiled."""
    return facts.purchases(shop.store_id, member_ids) if _may(member_ids) else []


def _may(member_ids: Sequence[str]) -> bool:
    """Somebody who was never asked may be; not who said no under any id, nor who was erased."""
    if any(row.sealed is None for row in of_group(member_ids[0])):
        return False
    return consents.may_profile(member_records.consents(member_ids))


def _known(key: str) -> Tag:
    tag = tags.book().tag(key)
    if tag is None:
        raise TagRefused("there is no such tag", why="tag", key=key)
    return tag


def _worn(tag: Tag, said: Sequence[Held]) -> Worn:
    """What holds of several ids of one person: what a person said before a rule, off before on."""
    of_tag = [each for each in said if each.tag == tag.key]
    last = min(of_tag, key=lambda each: (not each.by_hand, each.on == each.by_hand), default=None)
    return Worn(tag, last is not None and last.on, last)


def _say(
    shop: Shop,
    tag: Tag,
    member_ids: Sequence[str],
    said: Sequence[Held],
    *,
    on: bool,
    by_hand: bool,
    operator_id: str,
    evidence: Evidence = NOTHING,
    sale_id: str = "",
    reason: str = "",
) -> None:
    """Under the id by which the person is kept; what any other id says otherwise is taken back."""
    version = tags.book().version
    others = [
        each.member_id
        for each in said
        if each.tag == tag.key and each.member_id != member_ids[0] and (each.on or each.by_hand)
    ]
    for member_id in (member_ids[0], *others):
        first = member_id == member_ids[0]
        event = TagChanged(
            member_id=member_id,
            tag=tag.key,
            on=on and first,
            by_hand=by_hand and first,
            rule_version=version,
            evidence=evidence,
            sale_id=sale_id,
            operator_id=operator_id,
            reason=reason if first else "",
        )
        tags.put(event)
        record(shop, event, shop.now_ms())


def _today(shop: Shop) -> str:
    return days.business_day(shop.now_ms(), shop.zone, shop.rollover_hour)
