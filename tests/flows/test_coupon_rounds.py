"""A coupon for many members at once: each person one, wherever it was broken off, and all can be undone."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from services.domain.coupon_errors import CouponRefused, CouponUnknown
from services.domain.coupon_rounds import Audience
from services.domain.errors import ApprovalNeeded
from services.domain.rfm import Life
from services.domain.tags import Book
from services.domain.tiers import Need, Program, Tier
from services.flows import coupon_rounds, coupon_templates, coupons, members, merges, rights, tags, tiers
from services.flows.approvals import Approval
from services.flows.coupon_rounds import View
from services.flows.shop import Shop
from services.store import books, db, journal, lives, staff
from services.store import members as people
from tests.faults import each_failure
from tests.flows.test_coupons import TWENTY, give_back, use
from tests.flows.test_customers import joined
from tests.flows.test_tags import named
from tests.shop import make_shop

BOOK = Book(tags=(named("linen"),))
LINEN = Audience("tag", "linen")


@pytest.fixture
def shop(shop: Shop) -> Shop:
    return worn(shop)


def worn(shop: Shop) -> Shop:
    tags.publish(shop, BOOK, seen_version=0, operator_id="he")
    for phone, card in (("13812345620", "2700000000014"), ("13987654321", "2700000000021")):
        member_id = joined(shop, phone, card)
        tags.by_hand(shop, (member_id,), "linen", on=True, operator_id="he")
    return shop


def kind(shop: Shop, template_id: str = "") -> str:
    draft = TWENTY if not template_id else coupon_templates.listed()[0].template
    return coupon_templates.publish(shop, draft, operator_id="he", request_id=shop.new_id()).template_id


def begin(
    shop: Shop,
    template_id: str,
    audience: Audience = LINEN,
    *,
    version: int = 1,
    operator_id: str = "he",
    approval: Approval | None = None,
    key: str = "",
) -> View:
    return coupon_rounds.begin(
        *(shop, template_id, audience),
        version=version,
        approval=approval,
        operator_id=operator_id,
        request_id=key or shop.new_id(),
    )


def done(shop: Shop, begun: View) -> View:
    while coupon_rounds.go_on(shop):
        pass
    return coupon_rounds.view(begun.held.round_id)


def withdraw(shop: Shop, begun: View, key: str = "") -> View:
    return coupon_rounds.withdraw(
        shop, begun.held.round_id, operator_id="he", request_id=key or shop.new_id()
    )


def wearers() -> list[str]:
    rows = db.LEDGER.execute_sql("SELECT member_id FROM member_tag WHERE is_on ORDER BY 1")
    return [str(member_id) for (member_id,) in rows]


def states(member_id: str) -> list[str]:
    return [each.state for each in coupons.wallet(people.group(member_id))]


def sound() -> None:
    assert books.differences() == [] and journal.first_break() == 0


def test_everybody_gets_one_piece_by_piece_and_nobody_two(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    five = kind(shop)
    monkeypatch.setattr(coupon_rounds, "PIECE", 1)
    assert coupon_rounds.reach(five, LINEN) == coupon_rounds.Reach(people=2, had=0)
    begun = begin(shop, five, key="round-one")
    assert (begun.held.expected, begun.held.given, begun.busy) == (2, 0, True)
    assert begin(shop, five, key="round-one") == begun
    assert coupon_rounds.go_on(shop)
    half = coupon_rounds.view(begun.held.round_id)
    assert (half.held.given, half.busy, half.states) == (1, True, {"issued": 1})
    after = done(shop, begun)
    assert (after.held.state, after.held.given, after.held.passed, after.busy) == ("done", 2, 0, False)
    assert not coupon_rounds.go_on(shop)
    assert coupon_rounds.reach(five, LINEN) == coupon_rounds.Reach(people=2, had=2)
    with pytest.raises(CouponRefused) as refused:
        begin(shop, five)
    assert refused.value.details == {"why": "nobody"}
    assert [states(each) for each in wearers()] == [["issued"], ["issued"]]
    sound()


def test_a_round_that_is_taken_back_leaves_what_was_used_and_can_be_given_anew(shop: Shop) -> None:
    five = kind(shop)
    begun = begin(shop, five)
    done(shop, begun)
    first, second = wearers()
    (coupon,) = coupons.wallet((first,))
    use(shop, coupon)
    taken = withdraw(shop, begun, "undo-one")
    assert (taken.held.state, taken.busy, taken.held.withdrawn_by) == ("withdrawn", True, "he")
    assert done(shop, begun).states == {"used": 1, "cancelled": 1}
    assert withdraw(shop, begun, "undo-one") == withdraw(shop, begun) == done(shop, begun)
    assert coupon_rounds.reach(five, LINEN) == coupon_rounds.Reach(people=2, had=1)
    again = begin(shop, five)
    assert (done(shop, again).held.given, states(first), states(second)) == (
        *(1, ["used"]),
        ["issued", "cancelled"],
    )
    give_back(shop, coupon)
    assert done(shop, begun).states == {"cancelled": 2}
    assert states(first) == ["cancelled"]
    sound()


def test_a_round_that_is_taken_back_half_way_gives_no_more(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coupon_rounds, "PIECE", 1)
    begun = begin(shop, kind(shop))
    assert coupon_rounds.go_on(shop)
    withdraw(shop, begun)
    after = done(shop, begun)
    assert (after.states, after.held.given, after.held.ended_at_ms > 0) == ({"cancelled": 1}, 1, True)
    assert [states(each) for each in wearers()] == [["cancelled"], []]
    sound()


def test_a_coupon_that_was_handed_on_is_taken_back_with_its_round(shop: Shop) -> None:
    draft = msgspec.structs.replace(TWENTY, transferable=True)
    made = coupon_templates.publish(shop, draft, operator_id="he", request_id=shop.new_id())
    begun = begin(shop, made.template_id)
    done(shop, begun)
    first, second = wearers()
    (coupon,) = coupons.wallet((first,))
    coupons.hand_over(shop, coupon.coupon_id, second, operator_id="he", request_id=shop.new_id())
    assert coupon_rounds.view(begun.held.round_id).held.given == 2
    withdraw(shop, begun)
    done(shop, begun)
    assert (states(first), states(second)) == (["transferred"], ["cancelled", "cancelled"])
    sound()


def test_a_version_that_comes_between_ends_a_round_and_is_a_coupon_of_its_own(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coupon_rounds, "PIECE", 1)
    five = kind(shop)
    begun = begin(shop, five)
    assert coupon_rounds.go_on(shop)
    assert kind(shop, five) == five
    assert (done(shop, begun).held.state, done(shop, begun).held.given) == ("stopped", 1)
    with pytest.raises(CouponRefused) as refused:
        begin(shop, five)
    assert refused.value.details == {"why": "version"}
    assert done(shop, begin(shop, five, version=2)).held.given == 2
    sound()


def test_a_right_that_needs_two_is_asked_for_and_lent(shop: Shop) -> None:
    with db.write():
        staff.put("li", "李雪", "manager", "hashed:358417", 4)
    rights.change(shop, "coupon_give", four_eyes=True, limits={"manager": None}, operator_id="he")
    five = kind(shop)
    with pytest.raises(ApprovalNeeded) as asked:
        begin(shop, five)
    assert asked.value.details["right"] == "coupon_give"
    assert not coupon_rounds.listed(five)
    begun = begin(shop, five, approval=Approval(approver_id="li", pin="358417", reason="agreed"))
    assert done(shop, begun).held.given == 2
    told = db.LEDGER.execute_sql("SELECT body FROM journal WHERE type = 'approval.granted'").fetchone()
    assert begun.held.round_id.encode() in bytes(told[0])
    with pytest.raises(ApprovalNeeded):
        begin(shop, kind(shop), operator_id="zhou")


def test_stages_groups_and_tiers_are_reached_too(shop: Shop) -> None:
    first, second = wearers()
    five = kind(shop)
    with db.write():
        lives.put((first,), Life("dormant", "win_back", "2026-01-01", "2026-02-01", 99, 3, 9_000_00))
        lives.put((second,), Life("active", "core", "2026-01-01", "2026-11-01", 9, 9, 9_000_00))
    assert coupon_rounds.reach(five, Audience("stage", "dormant")).people == 1
    assert done(shop, begin(shop, five, Audience("group", "core"))).held.given == 1
    assert (states(first), states(second)) == ([], ["issued"])
    silver = Tier(key="silver", rank=10, label_zh="银卡", label_en="Silver", rule=Need("visits", 99))
    tiers.publish(shop, Program(tiers=(silver,)), seen_version=0, operator_id="he")
    note = {"until": "2027-01-01", "note": "x", "operator_id": "he"}
    for each in (first, second):
        tiers.grant(shop, each, tier="silver", request_id=shop.new_id(), **note)
    assert coupon_rounds.reach(five, Audience("tier", "silver")) == coupon_rounds.Reach(2, 1)
    after = done(shop, begin(shop, five, Audience("tier", "silver")))
    assert (after.held.expected, after.held.given, after.held.passed) == (1, 1, 1)
    for kind_, key in (("tag", "none"), ("tier", "none"), ("stage", "none_such"), ("group", "x")):
        with pytest.raises(CouponRefused) as refused:
            begin(shop, five, Audience(kind_, key))  # type: ignore[arg-type]
        assert refused.value.details == {"why": "audience"}
    with pytest.raises(CouponUnknown):
        coupon_rounds.view("no-such")
    sound()


def test_two_who_turned_out_to_be_one_person_get_one_and_who_is_blocked_none(shop: Shop) -> None:
    one, other = wearers()
    merges.merge(shop, one, other, "same person", None, operator_id="he", request_id="merge-one")
    assert coupon_rounds.reach(kind(shop), LINEN).people == 1
    after = done(shop, begin(shop, kind(shop)))
    assert (after.held.expected, after.held.given, after.held.passed) == (1, 1, 1)
    assert states(one) == ["issued"]
    member, blocked = members.find(one), members.Edit(given={}, blocked=True)
    members.edit(shop, one, blocked, revision=member.revision, operator_id="he", request_id="block-one")
    assert coupon_rounds.reach(kind(shop), LINEN).people == 0
    sound()


@pytest.mark.parametrize("steps", [0, 1, 2, 3], ids=["begin", "give", "withdraw", "take back"])
def test_whatever_fails_a_step_is_whole_or_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    shop = make_shop()
    known: list[Shop] = []

    def walk(template_id: str, n: int) -> None:
        if n == 0:
            begin(shop, template_id, key=f"round-{template_id}")
        elif n == 2:
            withdraw(shop, coupon_rounds.listed(template_id)[0], f"undo-{template_id}")
        else:
            coupon_rounds.go_on(shop)

    def prepare(n: int) -> str:
        known.extend([] if known else [worn(shop)])
        template_id = kind(shop)
        for step in range(steps):
            walk(template_id, step)
        return template_id

    def look() -> object:
        assert books.differences() == []
        rounds = "SELECT round_id, state || cursor FROM coupon_round"
        query = f"SELECT coupon_id, state FROM coupon UNION {rounds}"
        return db.LEDGER.execute_sql(query).fetchall()

    each_failure(monkeypatch, tmp_path, prepare, lambda template_id: walk(template_id, steps), look)
