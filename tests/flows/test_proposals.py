"""What the till proposes to whoever buys: from real sales, real stock, and as far as they agree."""

from __future__ import annotations

from services.flows import members, merges, proposals, stock
from services.flows.catalogue import NewStyle, Variant, add_style
from services.flows.shop import Shop
from tests.flows.loyal import Till
from tests.flows.test_member_privacy import say
from tests.shop import JEANS, SOCKS, TEE


def shown(till: Till) -> list[tuple[str, str, str, str]]:
    found = proposals.propose(till.shop, till.bag)
    return [(each.style.style, each.reason, each.beside, each.size) for each in found]


def sell(till: Till, *skus: str, times: int = 1, known: bool = False) -> None:
    for _ in range(times):
        till.fill(*skus, known=known)
        till.pay()


def tops(shop: Shop, *styles: str, sizes: str = "SM") -> None:
    for style in styles:
        variants = tuple(Variant("W", size) for size in sizes)
        new = NewStyle(
            style=style,
            name=f"上装 {style}",
            category="tops",
            garment="tee",
            price_minor=79_00,
            variants=variants,
        )
        add_style(shop, new, operator_id="he", request_id=f"style-{style}")


def stocked(shop: Shop, **pieces: int) -> None:
    """So many of each size of style T2."""
    found = [(f"T2-W-{size}", count) for size, count in pieces.items()]
    stock.adjust(shop, found, reason="found", note="", operator_id="he", request_id=f"stock-{pieces}")


def test_what_often_goes_with_the_bag_is_proposed_and_to_nobody_unknown(shop: Shop) -> None:
    till = Till(shop)
    sell(till, TEE, SOCKS, times=3)
    sell(till, JEANS, times=3)
    till.fill(TEE, known=False)
    assert shown(till) == []
    till.fill()
    assert shown(till) == [("K1", "together", "纯棉基础 T 恤", "")]
    till.fill(SOCKS)
    assert shown(till) == [], "it is in the bag"


def test_two_sales_are_chance_and_what_came_with_everything_says_nothing(shop: Shop) -> None:
    till = Till(shop)
    sell(till, TEE, SOCKS, times=2)
    sell(till, JEANS, SOCKS, times=4)
    till.fill(TEE)
    assert shown(till) == []


def test_best_sellers_of_what_they_like_are_proposed_while_their_size_is_there(
    shop: Shop,
) -> None:
    till = Till(shop)
    tops(shop, "T2", "T3")
    sell(till, "T-W-M", known=True)
    till.fill(JEANS)
    assert shown(till) == [("T2", "liked", "", "M"), ("T3", "liked", "", "M")]
    stocked(shop, S=4, M=1)
    assert shown(till)[0] == ("T2", "liked", "", "M")
    stocked(shop, M=-1)
    assert [style for style, *_ in shown(till)] == ["T3"], "there is an S, which they do not wear"
    sell(till, "T3-W-S", known=True)
    till.fill(JEANS)
    assert shown(till) == [("T2", "liked", "", "S")], "the newer of as many pieces; and T3 they have"
    stocked(shop, S=-4)
    assert shown(till) == []


def test_whoever_does_not_want_to_be_profiled_sees_what_goes_with_the_bag_alone(shop: Shop) -> None:
    till = Till(shop)
    tops(shop, "T2")
    sell(till, TEE, SOCKS, times=3)
    sell(till, "T-W-M", times=3, known=True)
    sell(till, JEANS, times=9)
    till.fill(TEE)
    assert {reason for _, reason, _, _ in shown(till)} == {"together", "liked"}
    say(shop, members.find(till.member), "no-1", "profiling", granted=False)
    assert shown(till) == [("K1", "together", "纯棉基础 T 恤", "")]
    say(shop, members.find(till.member), "yes-1", "profiling", granted=True)
    assert {reason for _, reason, _, _ in shown(till)} == {"together", "liked"}


def test_one_person_by_two_ids_is_known_by_what_both_bought(shop: Shop) -> None:
    one, other = Till(shop), Till(shop, phone="13912345678")
    tops(shop, "T2")
    sell(one, "T-W-M", known=True)
    other.fill(JEANS)
    assert shown(other) == []
    merges.merge(shop, one.member, other.member, "同一人", None, operator_id="he", request_id="merge-1")
    assert shown(other) == [("T2", "liked", "", "M")]
