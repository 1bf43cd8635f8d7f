"""PINs cannot be guessed, sessions cannot be fixed, stolen or revived."""

from __future__ import annotations

import dataclasses
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from services.domain.errors import NotFound, NotSignedIn, PinLocked, PinRefused
from services.flows import staff as flow
from services.flows.shop import Shop
from services.flows.staff import Limits
from services.store import db, journal, staff
from tests.shop import Clock, make_shop, open_store
from tests.web.conftest import PINS, Browser

LIMITS = Limits(idle_s=600, absolute_s=43_200)


class Counted:
    """A PIN check that counts how often it was really asked."""

    def __init__(self, shop: Shop) -> None:
        self.of: Counter[str] = Counter()
        self.shop = dataclasses.replace(shop, check_pin=self._check)
        self._right = shop.check_pin

    def _check(self, hashed: str, pin: str) -> bool:
        self.of[hashed] += 1
        return self._right(hashed, pin)


def signed_on(shop: Shop, staff_id: str = "zhou", till: str = "1", pin: str = "") -> flow.SignedOn:
    return flow.sign_on(shop, staff_id, pin or PINS.get(staff_id, "0"), till, LIMITS)


def wrong(shop: Shop, staff_id: str = "zhou", till: str = "1") -> PinRefused | PinLocked:
    with pytest.raises((PinRefused, PinLocked)) as caught:
        signed_on(shop, staff_id, till, "000000")
    assert isinstance(caught.value, PinRefused | PinLocked)
    return caught.value


def test_ten_thousand_guesses_look_at_ten_pins(shop: Shop, clock: Clock) -> None:
    counted, guesses = Counted(shop), random.Random(7)
    for _ in range(10_000):
        with pytest.raises((PinRefused, PinLocked)) as caught:
            signed_on(counted.shop, "zhou", guesses.choice("12"), f"{guesses.randrange(200_000):06d}")
        clock.at_ms += 1000 * int(caught.value.details.get("wait_s", 0))  # type: ignore[call-overload]
    assert counted.of == {"hashed:204816": 10}


def test_guessing_at_everybody_waits_for_the_till(shop: Shop, clock: Clock) -> None:
    counted, began_ms = Counted(shop), clock.at_ms
    for n in range(2_000):
        refused = wrong(counted.shop, f"stranger-{n}" if n % 2 else "he")
        clock.at_ms += 1000 * int(refused.details.get("wait_s", 0))  # type: ignore[call-overload]
    hours = (clock.at_ms - began_ms) / 3_600_000
    assert sum(counted.of.values()) / hours < 20


def test_the_waits_double_and_the_tenth_failure_needs_a_manager(shop: Shop, clock: Clock) -> None:
    told: list[tuple[str, object]] = []
    for _ in range(19):
        refused = wrong(shop)
        told.append((refused.code, refused.details.get("wait_s", refused.details.get("tries_left"))))
        clock.at_ms += 1000 * int(refused.details.get("wait_s", 0))  # type: ignore[call-overload]
    tries = [left for code, left in told if code == "pin_refused"]
    waits = [wait for code, wait in told if code == "pin_locked" and wait]
    assert tries == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert waits == [1, 2, 4, 8, 16, 32, 64]
    assert told[-1] == ("pin_locked", 0)
    with pytest.raises(PinLocked) as caught:
        signed_on(shop)  # the right PIN does not help any more
    assert caught.value.details == {"wait_s": 0, "by_manager": True}
    clock.at_ms += 300_000
    assert flow.unlock("zhou").staff_id == "zhou"
    assert signed_on(shop).session.staff_id == "zhou"


def test_a_restart_resets_nothing(shop: Shop, clock: Clock, tmp_path: Path) -> None:
    for _ in range(4):
        clock.at_ms += 1_000
        wrong(shop)
    counted = Counted(make_shop(clock))
    open_store(tmp_path / "shop.db")
    assert wrong(counted.shop).code == "pin_locked"
    assert not counted.of
    clock.at_ms += 2_000
    assert wrong(counted.shop).details["tries_left"] == 5


def test_a_try_counts_even_when_the_power_goes_while_it_is_checked(shop: Shop) -> None:
    def power_cut(hashed: str, pin: str) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        signed_on(dataclasses.replace(shop, check_pin=power_cut))
    assert wrong(shop).details["tries_left"] == 8


def test_fifty_tries_at_once_count_like_fifty_in_a_row(shop: Shop) -> None:
    started = threading.Barrier(50)
    told: Counter[str] = Counter()
    looked: list[str] = []

    def slow(hashed: str, pin: str) -> bool:
        looked.append(pin)
        time.sleep(0.05)
        return False

    slow_shop = dataclasses.replace(shop, check_pin=slow, now_ms=lambda: 1_795_340_000_000)

    def guess() -> None:
        started.wait()
        told[wrong(slow_shop).code] += 1

    threads = [threading.Thread(target=guess) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(looked), told) == (3, {"pin_refused": 3, "pin_locked": 47})


def test_the_right_pin_clears_what_was_counted(shop: Shop) -> None:
    for _ in range(2):
        wrong(shop)
        wrong(shop, "stranger", "2")
    signed_on(shop)
    assert staff.failures("staff:zhou").count == staff.failures("till:1").count == 0
    assert staff.failures("staff:stranger").count == 0
    assert staff.failures("till:2").count == 2


def test_a_clock_that_jumps_back_does_not_lengthen_a_wait(shop: Shop, clock: Clock) -> None:
    for _ in range(3):
        wrong(shop)
    clock.at_ms -= 86_400_000
    assert wrong(shop).details["wait_s"] == 1
    clock.at_ms += 1_000
    assert wrong(shop).code == "pin_refused"


def test_a_stranger_gets_the_same_answers_as_somebody_with_a_wrong_pin(shop: Shop, clock: Clock) -> None:
    known = [(e.code, str(e), e.details) for e in (wrong(shop, "zhou", "1") for _ in range(6))]
    clock.at_ms += 3_600_000
    unknown = [(e.code, str(e), e.details) for e in (wrong(shop, "nobody", "2") for _ in range(6))]
    assert known == unknown


def test_a_stranger_is_refused_after_the_same_time(shop: Shop, clock: Clock) -> None:
    hasher = PasswordHasher(time_cost=2, memory_cost=4096, parallelism=1)

    def check(hashed: str, pin: str) -> bool:
        try:
            return hasher.verify(hashed, pin)
        except VerifyMismatchError:
            return False

    real = dataclasses.replace(shop, hash_pin=hasher.hash, check_pin=check)
    with db.write():
        for person in staff.listed():
            staff.put(person.staff_id, person.name, person.role, hasher.hash("204816"), 1)
    spent: dict[str, list[float]] = {"zhou": [], "nobody": []}
    for _ in range(25):
        for staff_id, times in spent.items():
            with db.write():
                staff.clear_failures(f"staff:{staff_id}")
                staff.clear_failures("till:1")
            began = time.thread_time()
            wrong(real, staff_id)
            times.append(time.thread_time() - began)
    assert 0.8 < median(spent["nobody"]) / median(spent["zhou"]) < 1.2


def test_an_unknown_till_is_not_found_and_costs_no_try(shop: Shop) -> None:
    with pytest.raises(NotFound):
        signed_on(shop, "zhou", "99")
    assert staff.failures("staff:zhou").count == 0


def test_signing_on_and_off_is_journalled_once(shop: Shop) -> None:
    session = signed_on(shop).session
    flow.sign_off(shop, session)
    flow.sign_off(shop, session)
    assert [row.type for row in journal.after(0, 10)] == ["operator.signed_on", "operator.signed_off"]


def test_only_the_hash_of_a_token_is_stored(shop: Shop) -> None:
    begun = signed_on(shop)
    assert len(begun.token) >= 43
    rows = db.LEDGER.execute_sql("SELECT * FROM session").fetchall()
    assert begun.token not in repr(rows) and begun.token.encode() not in rows[0]
    assert rows[0][0] == flow.token_hash(begun.token)


def test_a_session_from_a_clock_far_ahead_does_not_outlive_it(shop: Shop, clock: Clock) -> None:
    clock.at_ms += 10 * 365 * 86_400_000
    token = signed_on(shop).token
    clock.at_ms -= 10 * 365 * 86_400_000
    with pytest.raises(NotSignedIn):
        flow.find_session(shop, token, LIMITS)


def test_another_pin_another_role_or_leaving_ends_the_sessions(shop: Shop) -> None:
    def change(role: str, hashed: str) -> None:
        with db.write():
            staff.put("zhou", "周婷", role, hashed, 1)

    for role, hashed in (("cashier", "hashed:333444"), ("manager", "hashed:204816")):
        change("cashier", "hashed:204816")
        begun = signed_on(shop)
        change("cashier", "hashed:204816")  # the same again changes nothing
        assert flow.find_session(shop, begun.token, LIMITS)
        change(role, hashed)
        with pytest.raises(NotSignedIn):
            flow.find_session(shop, begun.token, LIMITS)
    begun = signed_on(shop, "he")
    with db.write():
        staff.retire("he")
    with pytest.raises(NotSignedIn):
        flow.find_session(shop, begun.token, LIMITS)
    assert wrong(shop, "he").code == "pin_refused"
    assert [person.staff_id for person in staff.listed()] == ["zhou", "tech"]


def test_a_pin_that_changes_while_it_is_checked_does_not_sign_on(shop: Shop) -> None:
    def changed_meanwhile(hashed: str, pin: str) -> bool:
        with db.write():
            staff.put("zhou", "周婷", "cashier", "hashed:999999", 1)
        return True

    with pytest.raises(PinRefused):
        signed_on(dataclasses.replace(shop, check_pin=changed_meanwhile))
    assert db.LEDGER.execute_sql("SELECT COUNT(*) FROM session").fetchone()[0] == 0


def test_a_session_id_from_before_signing_on_is_worth_nothing(browser: Browser) -> None:
    browser.client.set_cookie("session", "chosen-by-somebody-else")
    assert browser.sign_on().status_code == 200
    cookie = browser.client.get_cookie("session")
    assert cookie is not None and cookie.value != "chosen-by-somebody-else"
    assert (cookie.http_only, cookie.same_site, cookie.secure) == (True, "Strict", False)
    browser.client.set_cookie("session", "chosen-by-somebody-else")
    assert browser.get("/api/session").status_code == 401


def test_signing_on_again_gives_a_new_session_and_ends_the_old_one(
    browser: Browser, browsers: Callable[[], Browser]
) -> None:
    browser.sign_on("zhou")
    old, old_csrf = browser.client.get_cookie("session"), browser.csrf
    browser.sign_on("he")
    new = browser.client.get_cookie("session")
    assert old is not None and new is not None and old.value != new.value and old_csrf != browser.csrf
    thief = browsers()
    thief.client.set_cookie("session", old.value)
    assert thief.get("/api/session").status_code == 401
    assert browser.get("/api/session").json["staff"]["role"] == "manager"


def test_a_request_does_not_write_but_once_a_minute(
    cashier: Browser, later: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[bytes] = []
    monkeypatch.setattr(staff, "touch_session", lambda token_hash, at_ms: stored.append(token_hash))
    for _ in range(20):
        cashier.get("/api/session")
        later(2)
    assert not stored
    later(60)
    cashier.get("/api/session")
    assert len(stored) == 1


def test_the_page_hears_how_many_tries_are_left_and_how_long_to_wait(browser: Browser) -> None:
    told = [browser.sign_on("zhou", pin="000000") for _ in range(4)]
    assert [(r.status_code, r.json["code"]) for r in told] == [(401, "pin_refused")] * 3 + [
        (429, "pin_locked")
    ]
    assert [r.json["details"].get("tries_left") for r in told] == [9, 8, 7, None]
    assert told[3].json["details"]["wait_s"] == 1 and told[3].headers["Retry-After"] == "1"


def test_a_manager_unlocks_over_the_api(
    browser: Browser, browsers: Callable[[], Browser], later: Callable[[float], None]
) -> None:
    for _ in range(10):
        browser.sign_on("zhou", pin="000000")
        later(300)
    assert browser.sign_on("zhou").json["details"] == {"wait_s": 0, "by_manager": True}
    manager = browsers()
    assert manager.sign_on("he", till="2").status_code == 200
    assert manager.send("POST", "/api/staff/zhou/unlock").json["staff_id"] == "zhou"
    assert manager.send("POST", "/api/staff/nobody/unlock").status_code == 404
    later(300)
    assert browser.sign_on("zhou").status_code == 200


def test_over_https_the_cookie_is_bound_to_the_host(
    shop: Shop, box: object, live: object, settings: object
) -> None:
    import msgspec

    from web_console.app import create_app

    app = create_app(shop, box, live, msgspec.structs.replace(settings, https=True))  # type: ignore[arg-type]
    body = {"staff_id": "zhou", "pin": PINS["zhou"], "till": "1"}
    response = app.test_client().post(
        "/api/session", json=body, headers={"Origin": "https://localhost"}, base_url="https://localhost"
    )
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert "Path=/" in cookie and "Domain" not in cookie


def test_looking_goes_on_while_the_disk_cannot_store_that_the_session_is_in_use(
    cashier: Browser,
    later: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried: list[bytes] = []

    def full(token_hash: bytes, at_ms: int) -> None:
        tried.append(token_hash)
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(staff, "touch_session", full)
        for _ in range(12):  # the session lives on, though the file still holds its beginning
            later(61)
            for _ in range(2):
                assert cashier.get("/api/till/basket").status_code == 200
    assert len(tried) == 12
    assert len([record for record in caplog.records if "use of sessions" in record.message]) == 1
    later(61)
    assert cashier.get("/api/till/basket").status_code == 200
    later(599)
    assert cashier.get("/api/till/basket").status_code == 200
