"""One press of pay is one sale, whatever happens to request and answer on their way."""

from __future__ import annotations

import random
import socket
import threading

import pytest

from services.store import db, jobs, journal
from tests.shop import SOCKS, TEE
from tests.web import wire
from tests.web.conftest import Browser, new_key, payment
from web_console.routes import declared
from web_console.server import Server


def sales() -> int:
    return int(db.LEDGER.execute_sql("SELECT COUNT(*) FROM sale").fetchone()[0])


def cut(port: int, sent: bytes, dice: random.Random) -> None:
    """Break the connection somewhere: in the request, after it, or in the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
        if dice.random() < 0.5:
            peer.sendall(sent[: dice.randrange(len(sent) + 1)])
        else:
            peer.sendall(sent)
            left = dice.randrange(2_000)
            while left > 0 and (got := peer.recv(min(left, 700))):
                left -= len(got)
        if dice.random() < 0.5:  # reset instead of an orderly end
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_a_thousand_broken_tries_sell_once(server: Server) -> None:
    session = wire.sign_on(server.port)
    basket = session.send("POST", "/api/till/lines", {"sku": TEE}, key=new_key()).json
    pay = session.request("POST", "/api/sales", payment(basket, 100_00), key="the-attempt")

    def storm(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(250):
            cut(server.port, pay, dice)

    threads = [threading.Thread(target=storm, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = wire.exchange(server.port, pay)
    assert last.status in (200, 201) and sales() == 1
    found = session.send("GET", "/api/sales/by-key/the-attempt")
    assert found.json == last.json
    completed = [row for row in journal.after(0, 100) if row.type == "sale.completed"]
    assert len(completed) == 1
    assert db.LEDGER.execute_sql("SELECT COUNT(*) FROM job").fetchone()[0] == 2


def test_forty_presses_at_once_sell_once(server: Server) -> None:
    session = wire.sign_on(server.port)
    basket = session.send("POST", "/api/till/lines", {"sku": TEE}, key=new_key()).json
    pay = session.request("POST", "/api/sales", payment(basket, 100_00), key="the-attempt")
    numbers: list[str] = []
    threads = [
        threading.Thread(target=lambda: numbers.append(wire.exchange(server.port, pay).json["number"]))
        for _ in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers == ["S0001-1-000001"] * 40 and sales() == 1


def test_the_same_key_for_something_else_is_refused(cashier: Browser) -> None:
    basket = cashier.add(TEE)
    assert cashier.pay(basket, 100_00, "the-attempt").status_code == 201
    other = cashier.pay(basket, 200_00, "the-attempt")
    assert (other.status_code, other.json["code"]) == (409, "request_reused")
    reused = cashier.send("POST", "/api/till/lines", {"sku": TEE}, key="the-attempt")
    assert (reused.status_code, reused.json["code"]) == (409, "request_reused")
    assert sales() == 1


def test_adding_an_article_twice_with_one_key_adds_it_once(cashier: Browser) -> None:
    for _ in range(3):
        basket = cashier.send("POST", "/api/till/lines", {"sku": TEE}, key="scan-0001").json
    assert (basket["pieces"], basket["version"]) == (1, 1)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/api/till/lines/1", {"quantity": 5}),
        ("POST", "/api/till/lines/1/restore", {}),
        ("POST", "/api/till/lines", {"sku": SOCKS}),
    ],
)
def test_a_change_delayed_past_the_payment_spares_the_next_customer(
    cashier: Browser, method: str, path: str, body: dict[str, object]
) -> None:
    first = cashier.add(TEE)
    assert cashier.pay(first, 100_00).status_code == 201
    second = cashier.add(SOCKS)
    late = cashier.send(method, path, {**body, "basket_id": first["basket_id"]}, key=new_key())
    assert (late.status_code, late.json["code"]) == (409, "basket_changed")
    assert cashier.get("/api/till/basket").json == second


def test_a_line_change_without_its_basket_is_refused(cashier: Browser) -> None:
    before = cashier.add(TEE)
    for method, path, body in (
        ("PUT", "/api/till/lines/1", {"quantity": 5}),
        ("POST", "/api/till/lines/1/restore", {}),
    ):
        assert cashier.send(method, path, body).json["code"] == "bad_request"
    assert cashier.get("/api/till/basket").json == before


def test_ten_presses_of_a_device_test_are_one_ticket(browser: Browser) -> None:
    browser.sign_on("tech")
    test = {"till": "1", "test": "ticket"}
    tickets = [browser.send("POST", "/api/technician/tests", test, key="the-press").json for _ in range(10)]
    assert tickets == [tickets[0]] * 10
    assert db.LEDGER.execute_sql("SELECT COUNT(*) FROM job").fetchone()[0] == 1
    other = browser.send("POST", "/api/technician/tests", {**test, "test": "drawer"}, key="the-press")
    assert other.json["code"] == "request_reused"


@pytest.mark.parametrize("reason", ["", "late"])
@pytest.mark.parametrize("came_out", [True, False])
def test_the_same_answer_about_a_receipt_again_gets_the_same_result(
    cashier: Browser, came_out: bool, reason: str
) -> None:
    sale = cashier.pay(cashier.add(TEE), 100_00).json
    copy = cashier.send("POST", f"/api/sales/{sale['sale_id']}/copies", {}, key="copy-0001").json
    with db.write():
        jobs.mark(f"{sale['sale_id']}.receipt", jobs.UNKNOWN, 1, reason=reason)
    path = f"/api/jobs/{sale['sale_id']}.receipt/answer"
    first = cashier.send("POST", path, {"came_out": came_out})
    assert first.status_code == 200 and first.json["job_id"] != copy["job_id"]
    assert (
        cashier.send("POST", f"/api/sales/{sale['sale_id']}/copies", {}, key="copy-0002").status_code == 200
    )
    for _ in range(3):
        again = cashier.send("POST", path, {"came_out": came_out})
        assert (again.status_code, again.json) == (200, first.json)
    assert len(jobs.of_sale(sale["sale_id"])) == (4 if came_out else 5)
    assert cashier.send("POST", path, {"came_out": not came_out}).json["code"] == "job_unknown"


def test_every_write_has_a_key_or_says_what_a_repeat_does() -> None:
    for route in declared():
        assert route.safe or route.keyed or "repeat" in (route.view.__doc__ or "").lower(), route.path
