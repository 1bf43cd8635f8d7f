"""Four eyes: lent by PIN, for one action, with a reason; never by oneself, never twice for one typing."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import threading
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from services.domain.errors import ApprovalNeeded, ApproverRefused, OutcomeUnknown, PinLocked, PinRefused
from services.domain.rights import DEFAULTS
from services.flows import approvals
from services.flows import staff as sessions
from services.flows.approvals import Approval
from services.flows.shop import Shop
from services.flows.staff import Limits
from services.store import db, journal, rights, staff
from services.store.db import LEDGER
from tests.shop import Clock, make_shop, open_store

BY_HE = Approval(approver_id="he", pin="735290", reason="damaged")
WRONG = Approval(approver_id="he", pin="000000", reason="damaged")


def lent(
    shop: Shop, approval: Approval | None = BY_HE, right: str = "price_override", size: int = 100
) -> str:
    return approvals.approve(shop, right, approval, operator_id="zhou", size=size)


def wrong(shop: Shop, approval: Approval = WRONG) -> PinRefused | PinLocked:
    with pytest.raises((PinRefused, PinLocked)) as caught:
        lent(shop, approval)
    assert isinstance(caught.value, PinRefused | PinLocked)
    return caught.value


def told() -> list[dict[str, object]]:
    rows = journal.after(0, 100)
    return [json.loads(row.body)["data"] for row in rows if row.type == "approval.granted"]


def grant(
    shop: Shop, subject: str = "sale-1", approval: Approval | None = BY_HE, approver: str = "he"
) -> None:
    with db.write():
        approvals.granted(
            shop, "price_override", approver, approval, operator_id="zhou", subject=subject, size=100
        )


def test_what_a_role_may_do_alone_asks_nobody_and_journals_nothing(shop: Shop) -> None:
    assert approvals.approve(shop, "discount", None, operator_id="zhou", size=1_000) == "zhou"
    grant(shop, approval=None, approver="zhou")
    assert journal.head()[0] == 0


def test_beyond_the_limit_the_answer_names_the_right_and_who_can_lend_it(shop: Shop) -> None:
    with pytest.raises(ApprovalNeeded) as caught:
        approvals.approve(shop, "discount", None, operator_id="zhou", size=1_001)
    assert caught.value.details == {
        "right": "discount",
        "size": 1_001,
        "unit": "bp",
        "roles": ["manager"],
        "approvers": [{"staff_id": "he", "name": "何敏", "role": "manager"}],
    }


def test_a_manager_s_pin_lends_the_right_and_the_journal_keeps_who_why_and_what_for(shop: Shop) -> None:
    assert lent(shop) == "he"
    grant(shop)
    assert told() == [
        {
            "right": "price_override",
            "size": 100,
            "subject": "sale-1",
            "operator_id": "zhou",
            "approver_id": "he",
            "reason": "damaged",
        }
    ]


def test_nobody_lends_themselves_what_needs_a_second_pair_of_eyes(shop: Shop) -> None:
    with pytest.raises(ApproverRefused):
        approvals.approve(shop, "return_blind", BY_HE, operator_id="he", size=1)
    with pytest.raises(ApprovalNeeded) as caught:
        approvals.approve(shop, "return_blind", None, operator_id="he", size=1)
    assert caught.value.details["approvers"] == [] and caught.value.details["roles"] == ["manager"]
    assert staff.failures("staff:he").count == 0


@pytest.mark.parametrize("who", ["tech", "zhou"])
def test_a_role_without_the_right_cannot_lend_it_and_it_costs_no_try(shop: Shop, who: str) -> None:
    with pytest.raises(ApproverRefused):
        lent(shop, Approval(approver_id=who, pin="918273", reason="x"))
    assert staff.failures(f"staff:{who}").count == 0


def test_a_limit_of_the_approver_s_role_counts_too(shop: Shop) -> None:
    with db.write():
        rights.put(DEFAULTS["discount"].changed(four_eyes=False, limits={"manager": 3_000, "cashier": 500}))
    assert approvals.approve(shop, "discount", BY_HE, operator_id="zhou", size=3_000) == "he"
    with pytest.raises(ApproverRefused):
        approvals.approve(shop, "discount", BY_HE, operator_id="zhou", size=3_001)
    with pytest.raises(ApprovalNeeded):  # nor may the manager alone
        approvals.approve(shop, "discount", None, operator_id="he", size=3_001)


def test_an_operator_who_has_left_holds_no_right(shop: Shop) -> None:
    with db.write():
        staff.retire("zhou")
    with pytest.raises(ApprovalNeeded):
        approvals.approve(shop, "discount", None, operator_id="zhou", size=1)


def test_ten_wrong_pins_lock_the_approver_for_signing_on_too(shop: Shop, clock: Clock) -> None:
    for _ in range(40):
        refused = wrong(shop)
        clock.at_ms += 1000 * int(refused.details.get("wait_s", 0))  # type: ignore[call-overload]
    assert wrong(shop).details == {"wait_s": 0, "by_manager": True}
    with pytest.raises(PinLocked):
        sessions.sign_on(shop, "he", "735290", "2", Limits(600, 43_200))
    assert sessions.sign_on(shop, "zhou", "204816", "1", Limits(600, 43_200)), "who asks may go on selling"


def test_guessing_at_one_after_another_waits_like_guessing_at_one(shop: Shop) -> None:
    codes = Counter(
        wrong(shop, Approval(approver_id=f"nobody-{n}", pin="000000", reason="x")).code for n in range(9)
    )
    assert codes == {"pin_refused": 3, "pin_locked": 6}


def test_a_stranger_is_answered_like_somebody_with_a_wrong_pin(shop: Shop) -> None:
    stranger = wrong(shop, Approval(approver_id="nobody", pin="735290", reason="x"))
    assert (stranger.code, str(stranger)) == (wrong(shop).code, str(wrong(shop)))


def test_wrong_pins_survive_a_restart(shop: Shop, clock: Clock, tmp_path: Path) -> None:
    for _ in range(3):
        wrong(shop)
    open_store(tmp_path / "shop.db")
    assert wrong(make_shop(clock)).code == "pin_locked"


def test_the_right_pin_clears_what_was_counted(shop: Shop) -> None:
    for _ in range(2):
        wrong(shop)
    lent(shop)
    assert staff.failures("staff:he").count == staff.failures("asker:zhou").count == 0


def test_a_pin_that_changes_while_it_is_checked_lends_nothing(shop: Shop) -> None:
    def changed_meanwhile(hashed: str, pin: str) -> bool:
        with db.write():
            staff.put("he", "何敏", "manager", "hashed:999999", 1)
        return True

    with pytest.raises(PinRefused):
        lent(dataclasses.replace(shop, check_pin=changed_meanwhile))


def test_an_approver_who_leaves_before_it_is_done_undoes_it(shop: Shop) -> None:
    lent(shop)
    with db.write():
        staff.retire("he")
    with pytest.raises(ApprovalNeeded):
        grant(shop)
    assert told() == []


def test_an_approval_of_one_action_is_worth_nothing_for_the_next(shop: Shop) -> None:
    lent(shop)
    grant(shop)
    with pytest.raises(ApprovalNeeded):
        lent(shop, None)
    with pytest.raises(ApprovalNeeded):
        approvals.approve(shop, "void_sale", None, operator_id="zhou", size=100)


def test_two_managers_who_approve_at_once_are_both_heard(shop: Shop) -> None:
    with db.write():
        staff.put("lin", "林岚", "manager", "hashed:618034", 4)
    started, answered = threading.Barrier(2), []

    def go(approval: Approval) -> None:
        started.wait()
        approver = lent(shop, approval)
        with db.write():
            approvals.granted(
                shop, "price_override", approver, approval, operator_id="zhou", subject="s", size=100
            )
        answered.append(approver)

    for _ in range(50):
        answered.clear()
        pair = [BY_HE, Approval(approver_id="lin", pin="618034", reason="goodwill")]
        threads = [threading.Thread(target=go, args=(each,)) for each in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(answered) == ["he", "lin"]


def test_it_is_whole_or_absent_wherever_storage_fails(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    lent(shop)
    real, before = type(LEDGER).execute_sql, journal.head()
    for n in range(1, 50):
        count = 0

        def failing(self: object, sql: str, params: object = (), n: int = n) -> object:
            nonlocal count
            count += 1
            if count == n:
                raise sqlite3.OperationalError("disk I/O error")
            return real(self, sql, params)  # type: ignore[arg-type]

        with monkeypatch.context() as patch:
            patch.setattr(type(LEDGER), "execute_sql", failing)
            try:
                grant(shop)
            except (sqlite3.OperationalError, OutcomeUnknown):
                assert journal.head() == before, n
                continue
        assert count < n and len(told()) == 1
        return
    pytest.fail("the fault loop never reached a clean run")


@pytest.mark.parametrize(
    "body",
    [
        {"approver_id": "he", "pin": "73529", "reason": "x"},
        {"approver_id": "he", "pin": "７３５２９０", "reason": "x"},
        {"approver_id": "he", "pin": "735290", "reason": ""},
        {"approver_id": "he", "pin": "735290", "reason": "   "},
        {"approver_id": "he", "pin": "735290", "reason": "x" * 201},
        {"approver_id": "he", "pin": "735290", "reason": "a\x1b[31mb"},
        {"approver_id": "he'--", "pin": "735290", "reason": "x"},
        {"approver_id": "he", "pin": "735290", "reason": "x", "right": "discount"},
    ],
    ids=str,
)
def test_a_malformed_approval_is_no_approval(body: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps(body), type=Approval)


def test_a_pin_is_in_no_log_and_in_no_row(shop: Shop) -> None:
    assert "735290" not in repr(BY_HE) and "735290" not in f"{BY_HE}"
    lent(shop)
    grant(shop)
    dump = "".join(repr(row) for row in LEDGER.execute_sql("SELECT body FROM journal"))
    assert "735290" not in dump
