"""Two members become one without anything moving, in any order, and two again as they were."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.domain import merging
from services.domain.errors import ApprovalNeeded
from services.domain.member_errors import MemberRefused, MemberUnknown, MergeRefused
from services.domain.merging import Edge
from services.domain.points_rules import Book
from services.domain.points_rules import Terms as PointsTerms
from services.flows import (
    baskets,
    checkout,
    consents,
    customers,
    member_privacy,
    merges,
    points,
    points_rules,
    tiers,
)
from services.flows import members as flow
from services.flows.approvals import Approval
from services.flows.members import Edit, Member
from services.flows.shop import Shop
from services.store import books, members
from services.store.db import LEDGER
from tests.faults import each_failure
from tests.flows.test_member_privacy import erase, say
from tests.flows.test_members import CARD, OTHER, PHONE, count, edit, join, state, who
from tests.flows.test_tiers import filled, gold, sold
from tests.shop import JEANS, TEE, Clock, make_shop

DAY = 86_400_000


def merge(shop: Shop, one: str, other: str, key: str = "m1") -> Member:
    return merges.merge(shop, one, other, "同一人", None, operator_id="he", request_id=key)


def part(shop: Shop, pair: Edge, key: str = "u1") -> tuple[Member, Member]:
    return merges.unmerge(shop, pair, "弄错了", None, operator_id="he", request_id=key)


@pytest.fixture
def two(shop: Shop) -> tuple[Member, Member]:
    first = join(shop, phone=PHONE, name="王芳", notes="旧")
    return first, join(shop, "j2", phone=OTHER, name="王芳", email="w@x.cn", notes="新")


def test_one_person_is_found_by_the_keys_of_both(shop: Shop, two: tuple[Member, Member]) -> None:
    one, other = two
    shown = merges.review(shop, one.member_id, other.member_id)
    assert (shown.evidence, shown.conflicts, shown.refused) == (("name",), ("phone", "notes"), "")
    both = merge(shop, other.member_id, one.member_id)
    assert both.member_id == one.member_id and both.ids == (one.member_id, other.member_id)
    assert both.values == {"name": "王芳", "phone": OTHER, "email": "w@x.cn", "notes": "新"}
    assert both.profile == shown.outcome
    for text in (PHONE, OTHER, "w@x.cn", "5620", flow.qr_text(shop, other.member_id)):
        assert who(shop, text) == [one.member_id], text
    assert members.group(other.member_id) == members.group(one.member_id) == both.ids
    assert books.differences() == []


def test_merging_twice_changes_nothing(shop: Shop, two: tuple[Member, Member]) -> None:
    one, other = (each.member_id for each in two)
    both = merge(shop, one, other)
    before = count("journal")
    assert merge(shop, one, other) == merge(shop, other, one, "m2") == merge(shop, one, one, "m3") == both
    assert count("journal") == before and count("member_alias") == 1


def test_two_again_are_exactly_as_they_were(shop: Shop, two: tuple[Member, Member]) -> None:
    one, other = two
    both = merge(shop, one.member_id, other.member_id)
    (made,) = merges.merges_of(both)
    assert part(shop, made.edge) == part(shop, made.edge) == two
    assert (who(shop, PHONE), who(shop, OTHER)) == ([one.member_id], [other.member_id])
    with pytest.raises(MergeRefused) as refused:
        part(shop, made.edge, "u2")
    assert refused.value.details["why"] == "not_merged"
    assert books.differences() == []
    merge(shop, one.member_id, other.member_id, "m2")
    assert books.differences() == []


def test_what_was_bought_after_a_merge_goes_with_the_side_whose_key_was_shown(
    shop: Shop, two: tuple[Member, Member]
) -> None:
    one, other = two
    merge(shop, one.member_id, other.member_id)
    points_rules.change(
        shop, Book(terms=PointsTerms(points=1, per_minor=1_00)), seen_version=0, operator_id="he"
    )
    bought = {}
    for n, (sku, text) in enumerate(((TEE, PHONE), (JEANS, OTHER), (TEE, "w@x.cn"))):
        (hit,) = flow.recognise(shop, text)
        basket = baskets.add(shop, "1", sku=sku, code="", quantity=1, request_id=f"add-{n}")[0]
        named = customers.name(shop, "1", hit.key_id, basket_id=basket.basket_id)
        assert customers.of(shop, named).member_id == hit.member.member_id == one.member_id
        bought[text] = checkout.settle(
            *(shop, "1"),
            basket_id=named.basket_id,
            version=named.version,
            tendered=[("cash", 500_00)],
            operator_id="zhou",
            request_id=f"pay-{n}",
        ).member_id
    assert bought == {PHONE: one.member_id, OTHER: other.member_id, "w@x.cn": other.member_id}
    assert points.look(shop, members.group(one.member_id)).balance == 99 + 329 + 99
    part(shop, Edge(other.member_id, one.member_id))
    assert [points.look(shop, (each.member_id,)).balance for each in two] == [99, 329 + 99]
    assert books.differences() == []


def test_after_thirty_days_two_stay_one(shop: Shop, two: tuple[Member, Member], clock: Clock) -> None:
    (made,) = merges.merges_of(merge(shop, two[0].member_id, two[1].member_id))
    clock.at_ms += 31 * DAY
    with pytest.raises(MergeRefused) as refused:
        part(shop, made.edge)
    assert refused.value.details["why"] == "too_late"


def test_two_id_cards_are_two_people(shop: Shop) -> None:
    one = join(shop, phone=PHONE, id_card="11010519491231002X")
    other = join(shop, "j2", phone=OTHER, id_card="110101199003070134")
    assert merges.review(shop, one.member_id, other.member_id).refused == "id_cards"
    with pytest.raises(MergeRefused):
        merge(shop, one.member_id, other.member_id)
    assert count("member_alias") == 0


def test_a_cashier_needs_somebody_who_may(shop: Shop, two: tuple[Member, Member]) -> None:
    ids = [each.member_id for each in two]
    with pytest.raises(ApprovalNeeded):
        merges.merge(shop, *ids, "同一人", None, operator_id="zhou", request_id="m1")
    lent = Approval(approver_id="he", pin="735290", reason="看过证件")
    assert merges.merge(shop, *ids, "同一人", lent, operator_id="zhou", request_id="m1").ids == tuple(ids)
    with pytest.raises(MemberUnknown):
        merge(shop, ids[0], "nobody", "m2")


def test_a_no_of_either_is_a_no_and_a_later_yes_stands(shop: Shop, two: tuple[Member, Member]) -> None:
    one, other = two
    say(shop, one, "c1")
    say(shop, other, "c2", granted=False)
    say(shop, other, "c3", "profiling")
    shown = merges.review(shop, one.member_id, other.member_id)
    both = merge(shop, one.member_id, other.member_id)
    assert consents.standing(both.ids) == shown.consents == {"marketing_sms": False, "profiling": True}
    assert say(shop, both, "c4")["marketing_sms"] is True


def test_who_is_blocked_stays_so_in_company(shop: Shop, two: tuple[Member, Member]) -> None:
    one, other = two
    flow.edit(
        shop, other.member_id, Edit(given={}, blocked=True), revision=1, operator_id="he", request_id="b1"
    )
    assert merges.review(shop, one.member_id, other.member_id).blocked
    both = merge(shop, one.member_id, other.member_id)
    assert both.blocked
    free = Edit(given={}, blocked=False)
    after = flow.edit(shop, both.member_id, free, revision=both.revision, operator_id="he", request_id="b2")
    assert not after.blocked and books.differences() == []


def test_a_change_after_a_merge_holds_for_all_ids(shop: Shop, two: tuple[Member, Member]) -> None:
    both = merge(shop, two[0].member_id, two[1].member_id)
    after = edit(shop, both, "e1", phone="13712345678", notes="", email="")
    assert after.values == {"name": "王芳", "phone": "13712345678"}
    assert who(shop, OTHER) == [] and who(shop, "13712345678") == [both.member_id]
    with pytest.raises(MemberRefused):
        edit(shop, after, "e2", phone="")
    (made,) = merges.merges_of(after)
    one, other = part(shop, made.edge)
    assert (one.values["phone"], other.values) == ("13712345678", {"name": "王芳"}), "it was the older's"
    assert books.differences() == []


def test_two_who_buy_now_wait_until_one_is_done(shop: Shop, two: tuple[Member, Member]) -> None:
    for till, member in zip("12", two, strict=True):
        basket = baskets.add(shop, till, sku=TEE, code="", quantity=1, request_id=f"add-{till}")[0]
        customers.name(shop, till, member.member_id, basket_id=basket.basket_id)
    with pytest.raises(MergeRefused) as refused:
        merge(shop, two[0].member_id, two[1].member_id)
    assert refused.value.details["why"] == "bags"
    customers.name(shop, "1", "", basket_id=baskets.current(shop, "1").basket_id)
    merge(shop, two[0].member_id, two[1].member_id)


def test_the_higher_tier_of_two_stands_and_goes_with_its_own_id(
    shop: Shop, two: tuple[Member, Member]
) -> None:
    tiers.publish(shop, gold(), seen_version=0, operator_id="he")
    one, other = two
    sale = sold(shop, JEANS, member_id=other.member_id)
    merge(shop, one.member_id, other.member_id)
    bag = filled(shop, TEE, member_id=one.member_id)
    ids = members.group(one.member_id)
    assert customers.of(shop, bag).tier == "gold" and tiers.view(shop, ids).standing.tier == "gold"
    known = customers.known(other.member_id).tier
    assert known is not None and known.key == "gold"
    baskets_bag = baskets.current(shop, "1")
    customers.name(shop, "1", "", basket_id=baskets_bag.basket_id)
    part(shop, Edge(other.member_id, one.member_id))
    assert customers.of(shop, bag).tier == ""
    assert tiers.view(shop, (other.member_id,)).standing.tier == "gold"
    assert sale.member_id == other.member_id and books.differences() == []


def test_erasing_one_erases_the_person(shop: Shop, two: tuple[Member, Member]) -> None:
    both = merge(shop, two[0].member_id, two[1].member_id)
    assert member_privacy.preview(shop, two[1].member_id).ids == both.ids
    erase(shop, two[1].member_id)
    assert who(shop, PHONE) == who(shop, OTHER) == [] and count("member_key") == 0
    assert books.differences() == []


def test_who_may_be_one_is_listed_surest_first(shop: Shop) -> None:
    born = {"name": "王芳", "birthday": "1990-05-21"}
    one = join(shop, phone=PHONE, email="w@x.cn", **born)
    hint = join(shop, "j2", phone=OTHER, **born)
    join(shop, "j3", card=CARD, email="v@x.cn")
    assert [(m.member_id, how) for m, how in merges.suspects(shop, one)] == [(hint.member_id, "hint")]
    assert merges.duplicates() == [(one.member_id, hint.member_id)]
    merge(shop, one.member_id, hint.member_id)
    assert merges.duplicates() == [] and merges.suspects(shop, flow.find(one.member_id)) == []


@pytest.mark.parametrize("apart", [False, True])
def test_each_is_whole_or_absent_wherever_storage_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, apart: bool
) -> None:
    shop = make_shop()

    def prepare(n: int) -> Edge:
        one = join(shop, f"a-{n}", phone=str(13_800_000_000 + n))
        other = join(shop, f"b-{n}", phone=str(13_900_000_000 + n))
        pair = Edge(other.member_id, one.member_id)
        if apart:
            merge(shop, *pair, f"m-{n}")
        return pair

    def step(pair: Edge) -> None:
        if apart:
            part(shop, pair, f"u-{pair.absorbed}")
        else:
            merge(shop, *pair, f"m-{pair.absorbed}")

    def look() -> object:
        return state(), LEDGER.execute_sql("SELECT * FROM member_alias").fetchall()

    each_failure(monkeypatch, tmp_path, prepare, step, look)


def roots(pairs: list[Edge], created_ms: dict[str, int]) -> dict[str, str]:
    """The law by itself: union-find with the least root."""
    root = {each: each for each in created_ms}
    for pair in pairs:
        older, younger = sorted((root[each] for each in pair), key=lambda each: (created_ms[each], each))
        root = {each: older if held == younger else held for each, held in root.items()}
    return root


PEOPLE = 8
PAIRS = st.lists(st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1)), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    PAIRS, st.lists(st.integers(0, 3), min_size=PEOPLE, max_size=PEOPLE), st.randoms(use_true_random=False)
)
def test_two_stores_that_merge_in_any_order_end_equal(
    shop: Shop, pairs: list[tuple[int, int]], born: list[int], dice: random.Random
) -> None:
    created = {f"p{n}": born[n] for n in range(PEOPLE)}
    wanted = [(f"p{a}", f"p{b}") for a, b in pairs if a != b]
    seen = []
    for order in (wanted, dice.sample(wanted, len(wanted)) + wanted[:3]):
        with LEDGER.write():
            LEDGER.execute_sql("DELETE FROM member_alias")
            LEDGER.execute_sql("DELETE FROM member")
            for each, at_ms in created.items():
                members.add(members.MemberRow(each, at_ms, at_ms, 1, b"x", False, "", at_ms))
            for a, b in order:  # as flows/merges does: between those who stand for the two
                one, other = members.group(a)[0], members.group(b)[0]
                if one != other:
                    pair = merging.edge(one, created[one], other, created[other])
                    assert pair == merging.edge(other, created[other], one, created[one])
                    members.add_alias(*pair, 1)
        seen.append({each: members.group(each) for each in created})
    assert seen[0] == seen[1]
    law = roots([merging.edge(a, created[a], b, created[b]) for a, b in wanted], created)
    assert {each: group[0] for each, group in seen[0].items()} == law
