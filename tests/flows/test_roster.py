"""People come, change and leave; PINs are given out once; somebody always leads the shop."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from services.domain.errors import NotFound, NotSignedIn, PinRefused, RequestReused, StaffRefused
from services.flows import rights, roster
from services.flows import staff as sessions
from services.flows.shop import Shop
from services.flows.staff import Limits
from services.store import books, db, journal, staff
from services.store import roster as stored
from services.store.db import LEDGER
from tests.faults import each_failure

LIMITS = Limits(600, 43_200)


def added(
    shop: Shop, name: str = "李维", role: str = "cashier", pin: str = "", key: str = "k1"
) -> roster.Listed:
    return roster.add(shop, name, role, pin, operator_id="he", request_id=key)


def changed(shop: Shop, staff_id: str, **fields: object) -> roster.Listed:
    held = roster.find(staff_id)
    now = {"name": held.name, "role": held.role, "active": held.active, "rank": held.rank, **fields}
    return roster.change(shop, staff_id, operator_id="he", **now)  # type: ignore[arg-type]


def told() -> list[dict[str, object]]:
    return [json.loads(row.body)["data"] for row in journal.after(0, 500) if row.type == "staff.changed"]


def on(shop: Shop, staff_id: str, pin: str) -> sessions.SignedOn:
    return sessions.sign_on(shop, staff_id, pin, "1", LIMITS)


def test_somebody_new_stands_last_and_signs_on_with_the_pin_that_was_shown_once(shop: Shop) -> None:
    new = added(shop)
    assert new.person.staff_id == "p1" and stored.everybody()[-1] == new.person
    assert on(shop, "p1", new.pin).session.name == "李维"
    assert added(shop).pin == "", "a repeat shows it no more"
    assert len(stored.everybody()) == 4
    assert [event["changed"] for event in told()] == [["added"]]


def test_a_chosen_pin_is_not_said_back(shop: Shop) -> None:
    assert added(shop, pin="846207").pin == ""
    assert on(shop, "p1", "846207")


def test_the_same_key_for_somebody_else_is_refused(shop: Shop) -> None:
    added(shop)
    with pytest.raises(RequestReused):
        added(shop, name="王若溪")


def test_an_id_is_never_given_out_again(shop: Shop) -> None:
    added(shop)
    changed(shop, "p1", active=False)
    assert added(shop, name="王若溪", key="k2").person.staff_id == "p2"


def test_who_leaves_is_signed_off_at_once_and_cannot_come_back_by_pin(shop: Shop) -> None:
    begun = on(shop, "zhou", "204816")
    gone = changed(shop, "zhou", active=False)
    assert gone.ended == (begun.session.token_hash,)
    with pytest.raises(NotSignedIn):
        sessions.find_session(shop, begun.token, LIMITS)
    with pytest.raises(PinRefused):
        on(shop, "zhou", "204816")
    changed(shop, "zhou", active=True)
    assert on(shop, "zhou", "204816")


@pytest.mark.parametrize("fields", [{"name": "周小婷"}, {"rank": 9}], ids=str)
def test_a_new_name_or_place_signs_nobody_off(shop: Shop, fields: dict[str, object]) -> None:
    begun = on(shop, "zhou", "204816")
    assert changed(shop, "zhou", **fields).ended == ()
    assert sessions.find_session(shop, begun.token, LIMITS)


def test_the_same_again_changes_and_tells_nothing(shop: Shop) -> None:
    changed(shop, "zhou")
    assert told() == []


def test_a_reset_pin_ends_sessions_forgives_failures_and_is_the_only_one(shop: Shop) -> None:
    begun = on(shop, "zhou", "204816")
    for _ in range(2):
        with pytest.raises(PinRefused):
            on(shop, "zhou", "000000")
    reset = roster.reset_pin(shop, "zhou", "", operator_id="he", request_id="r1")
    assert reset.ended == (begun.session.token_hash,)
    assert staff.failures("staff:zhou").count == 0
    assert on(shop, "zhou", reset.pin)
    with pytest.raises(PinRefused):
        on(shop, "zhou", "204816")
    assert roster.reset_pin(shop, "zhou", "", operator_id="he", request_id="r1").pin == ""
    assert on(shop, "zhou", reset.pin), "a repeat has not reset it again"


def test_a_pin_is_in_no_row_of_the_journal_and_in_no_request(shop: Shop) -> None:
    pin = added(shop).pin
    roster.reset_pin(shop, "p1", "846207", operator_id="he", request_id="r2")
    rows = [*LEDGER.execute_sql("SELECT body FROM journal"), *LEDGER.execute_sql("SELECT * FROM request")]
    text = repr(rows)
    assert pin not in text and "846207" not in text and "hashed:" not in text


def test_a_seller_works_here_and_never_signs_on(shop: Shop) -> None:
    new = added(shop, role="seller")
    with pytest.raises(Exception, match="does not sign on"):
        on(shop, "p1", new.pin)
    assert "p1" in [person.staff_id for person in staff.listed()]


def test_two_managers_who_let_each_other_go_leave_one(shop: Shop) -> None:
    for n in range(40):
        with db.write():
            staff.put("he", "何敏", "manager", "hashed:735290", 2)
            staff.put("lin", "林岚", "manager", "hashed:618034", 5)
        started, outcome = threading.Barrier(2), []

        def go(staff_id: str, started: threading.Barrier = started, outcome: list[str] = outcome) -> None:
            started.wait()
            try:
                changed(shop, staff_id, **({"active": False} if n % 2 else {"role": "cashier"}))  # noqa: B023
                outcome.append("gone")
            except StaffRefused as error:
                outcome.append(str(error.details["why"]))

        threads = [threading.Thread(target=go, args=(each,)) for each in ("he", "lin")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(outcome) == ["gone", "last_manager"], n
        assert stored.managers() == 1


def test_nobody_unknown_is_changed(shop: Shop) -> None:
    for step in (
        lambda: roster.change(shop, "x", name="a", role="cashier", active=True, rank=1, operator_id="he"),
        lambda: roster.reset_pin(shop, "x", "", operator_id="he", request_id="r"),
    ):
        with pytest.raises(NotFound):
            step()


def test_the_books_find_who_was_changed_behind_the_journal_s_back(shop: Shop) -> None:
    added(shop)
    rights.change(shop, "discount", four_eyes=True, limits={"manager": None}, operator_id="he")
    assert books.differences() == []
    with db.write():
        LEDGER.execute_sql("UPDATE staff SET role = 'manager' WHERE staff_id = 'p1'")
        LEDGER.execute_sql("UPDATE role_right SET four_eyes = 0")
    found = books.differences()
    assert len(found) == 2 and "p1" in found[0] and "discount" in found[1]


def test_a_rule_is_set_once_and_told_once(shop: Shop) -> None:
    for _ in range(2):
        rights.change(
            shop, "return", four_eyes=False, limits={"manager": None, "cashier": 9}, operator_id="he"
        )
    assert [row.type for row in journal.after(0, 10)] == ["right.changed"]
    assert rights.listed()["return"].limits == {"manager": None, "cashier": 9}


def _people(shop: Shop) -> Callable[[], object]:
    return lambda: (
        LEDGER.execute_sql("SELECT staff_id, name, role, active, rank FROM staff").fetchall(),
        journal.head(),
        LEDGER.execute_sql("SELECT COUNT(*) FROM request").fetchone(),
    )


def test_adding_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    each_failure(
        monkeypatch, tmp_path, lambda n: n, lambda n: added(shop, f"名{n}", key=f"key-{n}"), _people(shop)
    )


def test_a_change_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    each_failure(
        monkeypatch, tmp_path, lambda n: n, lambda n: changed(shop, "zhou", name=f"名{n}"), _people(shop)
    )


def test_a_reset_is_whole_or_absent_wherever_storage_fails(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    each_failure(
        monkeypatch,
        tmp_path,
        lambda n: n,
        lambda n: roster.reset_pin(shop, "zhou", "846207", operator_id="he", request_id=f"r-{n}"),
        _people(shop),
    )
