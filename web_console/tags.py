"""Tags: the shop's own, for those who may change them, and those of one member."""

from __future__ import annotations

from services.domain.money import Money
from services.domain.tag_presets import PRESETS
from services.domain.tags import Book, Evidence
from services.flows import members, tags
from services.flows.members import Member
from services.flows.shop import Shop
from web_console.api_tags import LifeView, MemberTagsView, PublishTags, SayTag, TagsView, WornView
from web_console.gate import Call
from web_console.routes import MANAGER, TILL, Routes
from web_console.views import amount

ROUTES = Routes()
_MINE = "/api/members/<ident:member_id>/tags"


@ROUTES.get("/api/office/tags", MANAGER, TagsView, "The tags of members")
def show_tags(call: Call) -> TagsView:
    return TagsView(book=tags.book(), presets=PRESETS)


@ROUTES.put("/api/office/tags", MANAGER, TagsView, "Other tags from now on", body=PublishTags)
def publish_tags(call: Call, body: PublishTags) -> TagsView:
    """Needs no key: a repeat finds the tags as it says and changes nothing."""
    wanted = Book(tags=body.tags, limits=body.limits)
    operator_id = call.session.staff_id
    made = tags.publish(call.shop, wanted, seen_version=body.seen_version, operator_id=operator_id)
    call.box.wake_uplink()
    return TagsView(book=made, presets=PRESETS)


@ROUTES.get(_MINE, TILL, MemberTagsView, "What a member is called, in which stage they are, and why")
def show_member_tags(call: Call, member_id: str) -> MemberTagsView:
    return _told(call.shop, members.find(member_id))


@ROUTES.put(
    f"{_MINE}/<ident:key>", MANAGER, MemberTagsView, "Put a tag on by hand, or keep it off", body=SayTag
)
def say_tag(call: Call, body: SayTag, member_id: str, key: str) -> MemberTagsView:
    """Needs no key: a repeat finds the tag as it says and changes nothing."""
    member = members.find(member_id)
    tags.by_hand(call.shop, member.ids, key, on=body.on, operator_id=call.session.staff_id)
    call.box.wake_uplink()
    return _told(call.shop, member)


@ROUTES.delete(f"{_MINE}/<ident:key>", MANAGER, MemberTagsView, "Let a tag's rule decide again")
def lift_tag(call: Call, member_id: str, key: str) -> MemberTagsView:
    """Needs no key: a repeat finds nothing that was said by hand and changes nothing."""
    member = members.find(member_id)
    tags.lift(call.shop, member.ids, key, operator_id=call.session.staff_id)
    call.box.wake_uplink()
    return _told(call.shop, member)


def _told(shop: Shop, member: Member) -> MemberTagsView:
    shown = tags.view(shop, member.ids)
    life = LifeView(
        stage=shown.life.stage,
        group=shown.life.group,
        first_day=shown.life.first_day,
        last_day=shown.life.last_day,
        days_away=shown.life.days_away,
        orders=shown.life.orders,
        spend=amount(Money(shown.life.spend_minor, shop.currency)),
    )
    return MemberTagsView(tags=tuple(_worn(each) for each in shown.tags), life=life)


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
    )
