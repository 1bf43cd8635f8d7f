"""The event stream over a real socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from services.domain.errors import Busy
from services.flows.shop import Shop
from tests.shop import JEANS, SOCKS, TEE
from tests.waits import WAIT_S
from tests.web import wire
from tests.web.conftest import PlayedBox, new_key
from web_console import views
from web_console.api import BasketView, ScanView
from web_console.live import HELD_MAX, STREAMS_OF_ONE_MAX, Live
from web_console.server import Server


def scan(seq: int) -> ScanView:
    return ScanView(seq=seq, at_ms=0, data="6901028014571", code="added", name="牛仔裤\n")


def test_it_begins_with_basket_and_health_and_goes_on_in_order(server: Server, live: Live) -> None:
    session = wire.sign_on(server.port)
    session.send("POST", "/api/till/lines", {"sku": TEE}, key=new_key())
    with wire.listening(session) as events:
        assert events.reply.headers["content-type"].startswith("text/event-stream")
        assert events.reply.headers["cache-control"] == "no-store"
        first = [events.next() for _ in range(3)]
        assert sorted(name for name, _ in first[:2]) == ["basket", "health"]
        assert first[0][1]["lines"][0]["sku"] == TEE
        for seq in range(1, 200):
            live.tell("2", "scan", scan(-seq))
            live.tell("1", "scan", scan(seq))
            if seq % 50 == 0:
                assert events.next("scan")[1]["name"] == "牛仔裤\n"
                while events.seen[-1][1]["seq"] != seq:
                    events.next("scan")
        live.tell("1", "scan", scan(200))
        while events.next("scan")[1]["seq"] != 200:
            pass
        assert [data["seq"] for name, data in events.seen if name == "scan"] == list(range(1, 201))


def test_what_one_page_does_another_page_of_the_till_sees_at_once(server: Server) -> None:
    here, there, elsewhere = (
        wire.sign_on(server.port, *who) for who in (("zhou", "1"), ("he", "1"), ("he", "2"))
    )
    with wire.listening(there) as events, wire.listening(elsewhere) as others:
        events.next("basket")
        others.next("basket")
        began = time.monotonic()
        here.send("POST", "/api/till/lines", {"sku": SOCKS}, key=new_key())
        assert events.next("basket")[1]["lines"][0]["sku"] == SOCKS
        assert time.monotonic() - began < 1
        with pytest.raises(TimeoutError):
            others.next("basket", timeout_s=0.3)


def test_a_tick_comes_at_least_every_two_seconds_with_the_time(server: Server) -> None:
    with wire.listening(wire.sign_on(server.port)) as events:
        assert events.next("tick")[1]["now_ms"] > 1_795_340_000_000
        began = time.monotonic()
        events.next("tick")
        assert time.monotonic() - began < 2


def test_health_is_told_when_it_changes(server: Server, box: PlayedBox) -> None:
    with wire.listening(wire.sign_on(server.port)) as events:
        assert events.next("health")[1]["jobs_waiting"] == 0
        box.jobs_waiting = 3
        while events.next("health")[1]["jobs_waiting"] != 3:
            pass


def test_it_ends_with_its_session(server: Server, later: Callable[[float], None]) -> None:
    signed_off, idle = wire.sign_on(server.port, "zhou"), wire.sign_on(server.port, "he")
    with wire.listening(signed_off) as events, wire.listening(idle) as others:
        events.next("health")
        others.next("health")
        assert signed_off.send("DELETE", "/api/session").status == 204
        assert events.ends(within_s=1)
        later(601)
        assert others.ends(within_s=2.5)
    assert signed_off.send("GET", "/api/live").status == 401


def test_the_stream_beyond_the_limit_is_refused_and_gets_in_when_one_leaves(
    server: Server, live: Live, settings: object
) -> None:
    import contextlib

    sessions = [wire.sign_on(server.port, *who) for who in (("zhou", "1"), ("he", "1"), ("he", "2"))]
    with contextlib.ExitStack() as stack:
        open_streams = [stack.enter_context(wire.listening(sessions[n % 3])) for n in range(6)]
        refused = sessions[0].send("GET", "/api/live")
        assert (refused.status, refused.json["code"]) == (503, "busy")
        assert int(refused.headers["retry-after"]) > 0
        assert sessions[0].send("GET", "/api/till/basket").status == 200  # requests still get their thread
        open_streams[0].peer.close()
        end = time.monotonic() + WAIT_S
        entered = False
        while not entered and time.monotonic() < end:
            try:
                live.leave(live.enter("1", b"next", lambda: True))
                entered = True
            except Busy:
                time.sleep(0.05)
        with wire.listening(sessions[0]) as events:
            assert events.next()[0] == "basket"


def test_one_sessions_fifth_stream_ends_its_first(shop: Shop, live: Live) -> None:
    streams = [live.enter("1", b"me", lambda: True) for _ in range(STREAMS_OF_ONE_MAX + 1)]
    assert streams[0].take(0) is None
    assert all(stream.take(0) for stream in streams[1:])


def test_a_page_that_falls_behind_starts_again(shop: Shop, live: Live) -> None:
    stream = live.enter("1", b"me", lambda: True)
    for seq in range(HELD_MAX):
        live.tell("1", "scan", scan(seq))
    assert stream.take(0) is None
    assert list(live.chunks(stream)) == []


def test_a_basket_never_goes_back_in_time(shop: Shop, live: Live) -> None:
    stream = live.enter("1", b"me", lambda: True)
    stream.take(0)
    empty = views.basket(shop, "1")

    def at(basket_id: str, version: int) -> BasketView:
        return msgspec.structs.replace(empty, basket_id=basket_id, version=version)

    for view in (at("a", 1), at("a", 3), at("a", 2), at("b", 0), at("a", 4), at("b", 1), at("b", 1)):
        live.tell("1", "basket", view)
    told = (stream.take(0) or b"").decode()
    ids = [
        (msgspec.json.decode(line[6:])["basket_id"], msgspec.json.decode(line[6:])["version"])
        for line in told.splitlines()
        if line.startswith("data: ")
    ]
    assert ids == [("a", 1), ("a", 3), ("b", 0), ("b", 1), ("b", 1)]


def events_of(chunk: bytes | None) -> list[tuple[str, dict[str, Any]]]:
    told = (block.split("\n") for block in (chunk or b"").decode().split("\n\n") if block)
    return [(name.removeprefix("event: "), msgspec.json.decode(data[6:])) for name, data in told]


def test_a_basket_that_is_over_stays_over_however_late_it_is_told(shop: Shop, live: Live) -> None:
    stream = live.enter("1", b"me", lambda: True)
    stream.take(0)
    empty = views.basket(shop, "1")
    for basket_id in ("a", "b", "c", "d", "b", "a"):
        live.tell("1", "basket", msgspec.structs.replace(empty, basket_id=basket_id))
    assert [data["basket_id"] for _, data in events_of(stream.take(0))] == ["a", "b", "c", "d"]


def test_a_page_that_comes_while_a_basket_is_told_begins_with_that_basket(
    shop: Shop, live: Live, box: PlayedBox
) -> None:
    empty = views.basket(shop, "1")

    def told_meanwhile() -> None:
        line = msgspec.structs.replace(empty, basket_id="filled", version=1)
        live.tell("1", "basket", line)

    box.meanwhile = told_meanwhile
    stream = live.enter("1", b"me", lambda: True)
    assert [data["basket_id"] for name, data in events_of(stream.take(0)) if name == "basket"][
        -1
    ] == "filled"


def test_a_page_that_comes_with_an_older_look_at_health_begins_with_the_newer(
    shop: Shop, live: Live, box: PlayedBox
) -> None:
    before = live.enter("1", b"other", lambda: True)

    def changed_meanwhile() -> None:
        box.jobs_waiting = 3
        end = time.monotonic() + WAIT_S
        seen: list[tuple[str, dict[str, Any]]] = []
        while not any(data.get("jobs_waiting") == 3 for _, data in seen) and time.monotonic() < end:
            seen += events_of(before.take(0.1))

    box.meanwhile = changed_meanwhile
    stream = live.enter("1", b"me", lambda: True)
    health = [data for name, data in events_of(stream.take(0)) if name == "health"]
    assert health[-1]["jobs_waiting"] == 3


def test_what_a_new_page_is_first_to_see_of_health_the_others_are_told(shop: Shop, box: PlayedBox) -> None:
    hub = Live(shop, box, streams_max=4)  # nobody looks once a second
    first = hub.enter("1", b"one", lambda: True)
    first.take(0)
    box.jobs_waiting = 2
    hub.enter("1", b"two", lambda: True)
    assert [data["jobs_waiting"] for name, data in events_of(first.take(0)) if name == "health"] == [2]
    hub.close()


def test_many_changes_at_once_end_with_the_newest_basket(server: Server) -> None:
    session = wire.sign_on(server.port)
    with wire.listening(session) as events:
        events.next("basket")
        skus = [TEE, JEANS, SOCKS, "T-W-M"] * 5
        threads = [
            threading.Thread(
                target=session.send,
                args=("POST", "/api/till/lines", {"sku": sku}),
                kwargs={"key": new_key()},
            )
            for sku in skus
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        while events.next("basket")[1]["version"] != len(skus):
            pass
        versions = [data["version"] for name, data in events.seen if name == "basket"]
        assert versions == sorted(versions)


def test_stopping_ends_every_stream_within_a_second(server: Server, live: Live) -> None:
    with wire.listening(wire.sign_on(server.port)) as events:
        events.next("health")
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 1.5
        assert events.ends(within_s=0.5)
    with pytest.raises(Busy):
        live.enter("1", b"me", lambda: True)
    server.stop()


def test_scan_numbers_rise_for_each_till(live: Live) -> None:
    assert [live.next_scan_seq(till) for till in "1121"] == [1, 2, 1, 3]


def test_a_bag_whose_member_is_erased_in_the_office_is_shown_as_nobodys_at_once(server: Server) -> None:
    till, office = wire.sign_on(server.port, "zhou", "1"), wire.sign_on(server.port, "he", "2")
    member = till.send("POST", "/api/members", {"fields": {"phone": "13812345620"}}, key=new_key()).json
    basket = till.send("POST", "/api/till/lines", {"sku": TEE}, key=new_key()).json
    named = {"basket_id": basket["basket_id"], "member_id": member["member_id"]}
    assert till.send("PUT", "/api/till/member", named).json["customer"] is not None
    with wire.listening(till) as events:
        assert events.next("basket")[1]["customer"] is not None
        office.send("POST", f"/api/members/{member['member_id']}/erasure", {}, key=new_key())
        assert events.next("basket")[1]["customer"] is None
