"""One press of pay is one sale, whatever happens to request and answer on their way."""

from __future__ import annotations

import random
import socket
import threading

from services.store import db, journal
from tests.shop import TEE
from tests.web import wire
from tests.web.conftest import Browser, new_key, payment
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
