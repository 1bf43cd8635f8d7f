"""Tags: the shop's own, for those who may change them, and those of one member."""

from __future__ import annotations

from services.domain.money import Money
from services.domain.rfm import Life
from services.domain.tag_presets import PRESETS
from services.domain.tags import Book, Evidence
from services.flows import members, tags
from services.flows.members import Member
from services.flows.shop import Shop
from services.store import staff
from web_console import members as people
from web_console.api_tags import (
    LifeView,
    MemberTagsView,
    PublishTags,
    SayTag,
    TaggedQuery,
    TaggedRow,
    TaggedView,
    TagsView,
    TryTag,
    WornView,
)
from web_console.api_tiers import TriedRule
from web_console.gate import Call
from web_console.routes import MANAGER, TILL, Routes
from web_console.views import amount

ROUTES = Routes()
PAGE = 50  # members of a list at once
_MINE = "/api/members/<ident:member_id>/tags"


@ROUTES.get("/api/office/tags", MANAGER, TagsView, "The tags of members")
def show_tags(call: Call) -> TagsView:
    return _view(tags.book())


@ROUTES.put("/api/office/tags", MANAGER, TagsView, "Other tags from now on", body=PublishTags)
def publish_tags(call: Call, body: PublishTags) -> TagsView:
    """Needs no key: a repeat finds the tags as it says and changes nothing."""
    wanted = Book(tags=body.tags, limits=body.limits)
    operator_id = call.session.staff_id
    made = tags.publish(call.shop, wanted, seen_version=body.seen_version, operator_id=operator_id)
    call.box.wake_uplink()
    return _view(made)


@ROUTES.post(
    "/api/office/tag-trial", MANAGER, TriedRule, "Of how many a rule would hold today", body=TryTag
)
def try_tag(call: Call, body: TryTag) -> TriedRule:
    """Needs no key: it changes nothing, a repeat counts again."""
    found = tags.trial(call.shop, body.rule, body.after)
    return TriedRule(members=found.holds, of=found.people, next=found.next)


@ROUTES.get(
    "/api/office/tagged",
    MANAGER,
    TaggedView,
    "Members of a tag, a stage or a group, masked, and why",
    query=TaggedQuery,
)
def list_tagged(call: Call, query: TaggedQuery) -> TaggedView:
    ids = tags.among(tags.Among(query.tag, query.stage, query.group), query.after, PAGE)
    rows = [_row(call.shop, members.find(each), query.tag) for each in ids]
    return TaggedView(rows=tuple(rows), next=ids[-1] if len(ids) == PAGE else "")


@ROUTES.get(_MINE, TILL, MemberTagsView, "What a member is called, in which stage they are, and why")
def show_member_tags(call: Call, member_id: str) -> MemberTagsView:
    return _told(call.shop, members.find(member_id))


@ROUTES.put(
    f"{_MINE}/<ident:key>", MANAGER, MemberTagsView, "Put a tag on by hand, or keep it off", body=SayTag
)
def say_tag(call: Call, body: SayTag, member_id: str, key: str) -> MemberTagsView:
    """Needs no key: a repeat finds the tag as it says and changes nothing."""
    member = members.find(member_id)
    operator_id = call.session.staff_id
    tags.by_hand(call.shop, member.ids, key, on=body.on, operator_id=operator_id, reason=body.reason)
    call.box.wake_uplink()
    return _told(call.shop, member)


@ROUTES.delete(f"{_MINE}/<ident:key>", MANAGER, MemberTagsView, "Let a tag's rule decide again")
def lift_tag(call: Call, member_id: str, key: str) -> MemberTagsView:
    """Needs no key: a repeat finds nothing that was said by hand and changes nothing."""
    member = members.find(member_id)
    tags.lift(call.shop, member.ids, key, operator_id=call.session.staff_id)
    call.box.wake_uplink()
    return _told(call.shop, member)


def _view(book: Book) -> TagsView:
    found = tags.census()
    return TagsView(
        book=book,
        presets=PRESETS,
        members=dict(found.wear),
        stages=dict(found.stages),
        groups=dict(found.groups),
        looked_day=found.day,
        looked=found.done,
    )


def _row(shop: Shop, member: Member, key: str) -> TaggedRow:
    told = _told(shop, member)
    worn = next((each for each in told.tags if each.key == key), None)
    return TaggedRow(member=people.view(shop, member), worn=worn, life=told.life)


def _told(shop: Shop, member: Member) -> MemberTagsView:
    shown = tags.view(shop, member.ids)
    return MemberTagsView(tags=tuple(_worn(each) for each in shown.tags), life=_life(shop, shown.life))


def _life(shop: Shop, life: Life) -> LifeView:
    return LifeView(
        stage=life.stage,
        group=life.group,
        first_day=life.first_day,
        last_day=life.last_day,
        days_away=life.days_away,
        orders=life.orders,
        spend=amount(Money(life.spend_minor, shop.currency)),
    )


def _worn(worn: tags.Worn) -> WornView:
    said = worn.said
    return WornView(
        key=worn.tag.key,
        label_zh=worn.tag.label_zh,
        label_en=worn.tag.label_en,
        on=worn.on,
        by_hand=said is not None and said.by_hand,
        rule_version=said.rule_version if said is not None else 0,
        evidence=said.evidence if said is not None else Evidence(),
        sale_id=said.sale_id if said is not None else "",
        operator_id=said.operator_id if said is not None else "",
        operator=staff.name_of(said.operator_id) if said is not None and said.operator_id else "",
        reason=said.reason if said is not None else "",
    )
