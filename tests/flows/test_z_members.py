"""What members do at a till stands in its X and Z; money for stored value is in tenders and drawer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.etree import ElementTree

import msgspec
import pytest
from msgspec import structs

from drivers.contracts import Op, Row
from services.domain import poslog
from services.domain.events import EVENTS, Event
from services.domain.points_rules import Discount
from services.domain.z import Z, ZTender, written
from services.domain.z_fold import Fold, belongs
from services.domain.z_loyalty import section
from services.domain.z_members import ZCoupons, ZMembers, ZPoints, ZStoredValue
from services.flows import coupon_templates, members, shifts, stored_value, z_papers
from services.flows import poslog as export
from services.flows.shop import Shop
from services.store import books, journal
from services.store import shifts as store
from services.store.db import LEDGER
from services.store.stored_value import Move
from tests.flows.loyal import MANAGER, TWENTY, Till
from tests.flows.test_shifts import begin, close, count, drawer
from tests.shop import SOCKS, TEE, Clock

DAY_MS = 86_400_000
KINDS = {kind.type: kind for kind in EVENTS}
CASH = [(100_00, 20)]


def recharged(till: Till, minor: int, tender: str) -> Move:
    return stored_value.recharge(
        *(till.shop, till.till, till.member),
        paid_minor=minor,
        tender=tender,
        reference="T-1" if tender != "cash" else "",
        operator_id="zhou",
        request_id=till.shop.new_id(),
    )


def paid_out(till: Till, move: Move, tender: str) -> int:
    worth = stored_value.worth(till.shop, move.move_id, "customer").pays_minor
    stored_value.cash_out(
        *(till.shop, till.till, move.move_id),
        reason="customer",
        shown_minor=worth,
        tender=tender,
        reference="T-2" if tender != "cash" else "",
        approval=MANAGER,
        operator_id="zhou",
        request_id=till.shop.new_id(),
    )
    return worth


def closed(shop: Shop, shift_id: str) -> Z:
    count(shop, shift_id, CASH)
    return close(shop, shift_id)


def taken(z: Z) -> dict[str, tuple[int, int, int, int]]:
    return {t.tender_type: (t.count, t.amount_minor, t.refunds, t.refunds_minor) for t in z.tenders}


def somebody(shop: Shop, phone: str) -> None:
    joining = members.Joining(given={"phone": phone}, till="1")
    members.join(shop, joining, operator_id="zhou", request_id=phone)


def receipts_give(shop: Shop) -> None:
    draft = msgspec.structs.replace(TWENTY, occasion="receipt", face_minor=5_00, bearer=True, wait_days=1)
    coupon_templates.publish(shop, draft, operator_id="he", request_id=shop.new_id())


@pytest.fixture
def shift_id(shop: Shop) -> str:
    """A shift of everything that members do at a till, and one customer whom nobody knows."""
    shift_id = begin(shop)
    till = Till(shop)
    somebody(shop, "13800000001")
    till.earns(1, discount=Discount(points=50, minor=1_00))
    till.recharge(500_00, 60_00)  # in cash
    card = recharged(till, 100_00, "card")
    recharged(till, 50_00, "mobile")
    coupon = till.coupon()
    receipts_give(shop)
    till.fill(TEE, SOCKS)
    till.use(coupon)
    till.pay_stored(100_00)
    sale = till.settle(8_00)
    till.fill(TEE, known=False)
    till.pay()
    till.take_back(sale, (2, 1))
    till.fill(SOCKS)
    till.spend_points(50)
    till.pay()
    assert paid_out(till, card, "card") == 100_00
    return shift_id


def test_a_z_tells_what_members_did_and_its_sums_agree(shop: Shop, shift_id: str) -> None:
    z = closed(shop, shift_id)
    assert taken(z) == {
        "card": (1, 100_00, 1, 100_00),
        "cash": (4, 500_00 + 8_00 + 99_00 + 28_00, 1, 1_81),
        "mobile": (1, 50_00, 0, 0),
        "stored_value": (1, 100_00, 1, 22_66),
    }
    assert z.members == ZMembers(
        customers=3,
        member_sales=2,
        member_net_minor=108_00 - 24_47 + 28_00,
        members=1,
        joined=1,
        points=ZPoints(
            earned=99 + 28,
            redeemed=50,
            redeemed_minor=1_00,
            restored=0,
            clawed=23,
            per_points=50,
            per_minor=1_00,
            earned_minor=2_54,
            clawed_minor=46,
        ),
        stored_value=ZStoredValue(
            recharges=3,
            recharged_minor=650_00,
            bonus_given_minor=60_00,
            spent_minor=91_55,
            bonus_spent_minor=8_45,
            refunded_minor=20_75,
            bonus_refunded_minor=1_91,
            paid_out=1,
            paid_out_minor=100_00,
            kept_minor=0,
            bonus_ended_minor=0,
            cash_minor=500_00,
        ),
        coupons=ZCoupons(
            issued=3,
            issued_minor=15_00,
            redeemed=1,
            redeemed_minor=20_00,
            given_back=0,
            cancelled=0,
        ),
    )
    money = sum(each.amount_minor - each.refunds_minor for each in z.tenders)
    assert z.net_minor + z.rounding_minor + 650_00 - 100_00 == money
    assert books.differences() == []


def test_a_birthdays_coupon_is_in_the_z_of_the_till_at_which_it_came(shop: Shop) -> None:
    shift_id = begin(shop)
    till = Till(shop)
    draft = msgspec.structs.replace(TWENTY, occasion="birthday")
    coupon_templates.publish(shop, draft, operator_id="he", request_id="birthday")
    born = members.Edit(given={"birthday": "1990-11-05"})
    members.edit(shop, till.member, born, revision=1, operator_id="zhou", request_id="born")
    till.fill(SOCKS)
    till.pay()
    z = closed(shop, shift_id)
    assert z.members is not None and z.members.coupons is not None
    assert (z.members.coupons.issued, z.members.coupons.issued_minor) == (1, 20_00)


def test_money_for_stored_value_lies_in_the_drawer_as_it_is_counted(shop: Shop, shift_id: str) -> None:
    z = closed(shop, shift_id)
    notes = drawer(z)
    assert (notes.pay_ins_minor, notes.sales_minor) == (500_00, 135_00)
    cash = next(each for each in z.tenders if each.tender_type == "cash")
    assert notes.expected_minor == 200_00 + cash.amount_minor - cash.refunds_minor
    (operator,) = z.operators
    assert operator.cash_minor == cash.amount_minor - cash.refunds_minor


def test_a_recharge_by_card_begins_the_shift_in_whose_z_it_is(shop: Shop) -> None:
    till = Till(shop)
    recharged(till, 100_00, "card")
    shift, fold = shifts.look(shop, "1")
    assert shift is not None
    x = shifts.x_report(shop, shift, fold)
    assert x.tenders == (
        ZTender(
            tender_type="card", currency="CNY", count=1, amount_minor=100_00, refunds=0, refunds_minor=0
        ),
    )
    z = closed(shop, shift.shift_id)
    assert z.tenders == x.tenders and z.members == x.members


def test_what_another_till_does_is_in_its_own_z(shop: Shop) -> None:
    ids = [begin(shop, "1"), begin(shop, "2")]
    one, two = Till(shop), Till(shop, key="2")
    one.earns(1)
    recharged(two, 100_00, "mobile")
    two.fill(TEE)
    two.pay()
    first, second = (closed(shop, each) for each in ids)
    assert first.tenders == () and first.members == ZMembers(
        customers=0, member_sales=0, member_net_minor=0, members=0, joined=0
    )
    told = second.members
    assert told is not None and told.points is not None and told.stored_value is not None
    assert (told.member_sales, told.points.earned, told.stored_value.recharges) == (1, 99, 1)
    assert books.differences() == []


def test_a_forgotten_shift_leaves_the_next_day_its_recharge(shop: Shop, clock: Clock) -> None:
    forgotten = begin(shop)
    till = Till(shop)
    recharged(till, 100_00, "card")
    clock.at_ms += DAY_MS
    recharged(till, 50_00, "card")
    shift, _ = shifts.look(shop, "1")
    held = store.z_of(forgotten)
    assert shift is not None and held is not None and held[0].unattended
    assert taken(held[0]) == {"card": (1, 100_00, 0, 0)}
    assert taken(closed(shop, shift.shift_id)) == {"card": (1, 50_00, 0, 0)}
    assert books.differences() == []


def test_a_z_of_before_is_still_the_fold_of_its_events(
    shop: Shop, shift_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older program told of no members, and had no recharge in its tenders."""
    with monkeypatch.context() as older:
        given = Fold.__init__.__defaults__
        assert given is not None
        older.setattr(Fold.__init__, "__defaults__", (True, True, False, *given[3:]))
        z = closed(shop, shift_id)
    assert z.members is None and b"members" not in written(z)
    assert taken(z) == {
        "cash": (3, 135_00, 1, 1_81),
        "stored_value": (1, 100_00, 1, 22_66),
    }
    assert books.differences() == []


@pytest.mark.parametrize("other", ["points.moved", "coupon.moved", "stored_value.moved"])
def test_what_an_older_program_told_without_a_till_counts_by_its_document(
    shop: Shop, shift_id: str, other: str
) -> None:
    """Such an event of a document is in the Z of the till that closed it; of none, in no Z."""
    events = {"points.moved": "points", "coupon.moved": "coupons", "stored_value.moved": "stored_value"}
    fold = Fold("1", shift_id, "CNY", ["cash"])
    for seq in range(1, journal.head()[0] + 1):
        event = event_at(seq)
        if event.type == other:
            event = structs.replace(event, workstation_id="")  # type: ignore[call-arg]
        if belongs(event, "1"):
            fold.add(event)
    told = section(fold.loyalty, fold.layers, (100, 1_00), 0)
    part = getattr(told, events[other])
    assert part is not None
    if isinstance(part, ZStoredValue):
        assert (part.recharges, part.spent_minor, part.refunded_minor) == (0, 91_55, 20_75)
    elif isinstance(part, ZPoints):
        assert (part.earned, part.redeemed, part.clawed) == (127, 50, 23)
    else:
        assert (part.issued, part.redeemed) == (3, 1)


def test_the_paper_has_a_section_of_members_and_a_blind_one_hides_their_cash(
    shop: Shop, shift_id: str
) -> None:
    shift, fold = shifts.look(shop, "1")
    assert shift is not None
    blind = rows(z_papers.x_ops(shop, shifts.x_report(shop, shift, fold)))
    closed(shop, shift_id)
    told = rows(z_papers.z_ops(shop, shift_id))
    assert {
        "顾客": "3",
        "会员单 × 2": "111.53",
        "新会员": "1",
        " 赚取": "127 = 2.54",
        " 使用": "50 = 1.00",
        " 收回": "23 = 0.46",
        " 充值本金 × 3": "650.00",
        " 赠送": "60.00",
        " 消费本金": "-91.55",
        " 消费赠送": "-8.45",
        " 退款 × 1": "-100.00",
        " 其中现金收付": "500.00",
        " 发放（面值） × 3": "15.00",
        " 核销 × 1": "-20.00",
    }.items() <= told.items()
    assert " 其中现金收付" not in blind and blind.items() >= {"会员单 × 2": "111.53"}.items()


def test_poslog_tells_money_for_stored_value_once_by_its_tender(shop: Shop, shift_id: str) -> None:
    name = f"{{{poslog.NAMESPACE}}}"
    log = ElementTree.fromstring("".join(export.export("S0001", "CNY", "2026-11-22")))
    told = [
        (each.tag.removeprefix(name), each.get("TenderType"), each.findtext(f"{name}Amount"))
        for control in log.iter(f"{name}TenderControlTransaction")
        for each in control
    ]
    assert [each for each in told if each[0] in ("PaidIn", "PaidOut")] == [
        ("PaidIn", "cash", "500.00"),
        ("PaidIn", "card", "100.00"),
        ("PaidIn", "mobile", "50.00"),
        ("PaidOut", "card", "100.00"),
    ]
    tills = {each.text for each in log.iter(f"{name}WorkstationID")}
    assert tills == {"1"}


def rows(paper: Sequence[Op]) -> dict[str, str]:
    return {op.left: op.right for op in paper if isinstance(op, Row)}


def event_at(seq: int) -> Event:
    row = LEDGER.execute_sql("SELECT type, body FROM journal WHERE seq = ?", (seq,)).fetchone()
    return msgspec.json.decode(msgspec.json.encode(json.loads(row[1])["data"]), type=KINDS[row[0]])
