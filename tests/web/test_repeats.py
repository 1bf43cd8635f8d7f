"""A request that is sent again, its answer lost, gives the first answer whatever became of the member."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.store import books, journal
from tests.web import wire
from tests.web.conftest import Browser, new_key
from tests.web.test_access import CONSENT
from tests.web.test_tiers import GOLD
from web_console.routes import declared
from web_console.server import Server

ME = "/api/members/<ident:member_id>"
BOOK = {
    "terms": {"points": 1},
    "check_in": {"points": 2},
    "rewards": [
        {"reward_id": "hem", "kind": "service", "label_zh": "改裤脚", "label_en": "Hemming", "points": 30}
    ],
}
KIND = {
    **{"template_id": "", "kind": "amount", "label_zh": "券", "label_en": "Coupon"},
    **{"face_minor": 5_00, "days": 30, "transferable": True},
}


@dataclass(frozen=True)
class Asked:
    """A request about a member. `made`: the fields of its answer that a second doing would change.
    `personal`: its answer is their data, so there is none once they are erased. `money`: leaves some on
    their account, so that they cannot be."""

    body: dict[str, object] = field(default_factory=dict)
    made: tuple[str, ...] = ()
    personal: bool = False
    money: bool = False


ASKED = {
    f"POST {ME}/check-in": Asked({}, ("day", "streak")),
    f"POST {ME}/points": Asked({"points": 7, "reason": "goodwill"}),
    f"POST {ME}/rewards/<ident:reward_id>": Asked({}, ("exchange_id",)),
    f"POST {ME}/coupons": Asked({"reason": "gift"}, ("coupon_id", "code")),
    "POST /api/coupons/<ident:coupon_id>/hand-over": Asked({}, ("coupon_id", "code")),
    f"POST {ME}/stored-value/recharges": Asked(
        {"paid_minor": 100_00, "tender": "cash"}, ("move_id",), money=True
    ),
    f"POST {ME}/stored-value/state": Asked({"change": "card_replaced", "reason": "lost"}),
    f"POST {ME}/stored-value/pin": Asked({"pin": "482913"}),
    "POST /api/office/members/<ident:member_id>/tier": Asked(
        {"tier": "gold", "until": "2028-01-01", "reason": "goodwill"}
    ),
    f"POST {ME}/consents": Asked(CONSENT),
    f"PUT {ME}": Asked({"revision": 1, "fields": {"notes": "喜欢亚麻"}}, personal=True),
    f"PUT {ME}/standing": Asked({"revision": 1, "blocked": False, "staff_id": "zhou"}, personal=True),
    f"POST {ME}/notes": Asked({"kind": "event", "text": "试穿会"}, ("note_id", "text"), personal=True),
    f"PUT {ME}/notes/<ident:note_id>": Asked({"text": "试衣会"}, ("note_id", "text"), personal=True),
    f"DELETE {ME}/notes/<ident:note_id>": Asked(),
    f"POST {ME}/unmask": Asked({"fields": ["phone"], "reason": "asked for"}, personal=True),
    f"POST {ME}/export": Asked({"reason": "asked for"}, personal=True),
    f"POST {ME}/export.csv": Asked({"reason": "asked for"}, personal=True),
}


class Story:
    """Two members, and a manager who may ask for anything."""

    def __init__(self, manager: Browser) -> None:
        self.manager, self.people = manager, 0
        self.ok("PUT", "/api/office/points/rules", {"seen_version": 0, "book": BOOK})
        self.ok("PUT", "/api/office/tiers", {"seen_version": 0, "tiers": [GOLD]})
        self.template = self.ok("POST", "/api/coupons/templates", KIND)["template_id"]
        self.begin()

    def begin(self) -> None:
        """Other members than before."""
        self.older, self.younger, self.third = self.join("王"), self.join("李"), self.join("张")

    def ok(self, method: str, path: str, body: object) -> Any:
        answer = self.manager.send(method, path, body, key=new_key())
        assert answer.status_code in (200, 201, 204), answer.json
        return answer.json

    def join(self, name: str) -> str:
        self.people += 1
        phone = f"1381234{self.people:04}"
        fields = {"phone": phone, "name": name, "email": f"{phone}@x.cn"}
        return str(self.ok("POST", "/api/members", {"fields": fields})["member_id"])

    def request(self, route: str) -> tuple[str, str, dict[str, object]]:
        """What asks for `route` about the younger one, after what it needs."""
        method, path = route.split(" ")
        body = dict(ASKED[route].body)
        values = {"member_id": self.younger, "reward_id": "hem"}
        if "rewards" in path:
            self.ok("POST", f"/api/members/{self.younger}/points", {"points": 50, "reason": "goodwill"})
        if "note_id" in path:
            said = {"kind": "event", "text": "试穿会"}
            values["note_id"] = self.ok("POST", f"/api/members/{self.younger}/notes", said)["note_id"]
        if path.endswith("/coupons"):
            body["template_id"] = self.template
        if "hand-over" in path:
            given = {"template_id": self.template, "reason": "gift"}
            coupon = self.ok("POST", f"/api/members/{self.third}/coupons", given)
            values["coupon_id"] = coupon["coupon_id"]
            body["member_id"] = self.younger
        for name, value in values.items():
            path = path.replace(f"<ident:{name}>", value)
        return method, path, body

    def merge(self) -> None:
        self.ok("POST", "/api/member-merges", {"one": self.older, "other": self.younger, "reason": "asked"})

    def part(self) -> None:
        pair = {"absorbed": self.younger, "survivor": self.older, "reason": "mistake"}
        self.ok("POST", "/api/member-merges/part", pair)

    def erase(self) -> None:
        self.ok("POST", f"/api/members/{self.younger}/erasure", {})


def nothing(story: Story) -> None:
    """Two who stay two."""


def merged_and_parted(story: Story) -> None:
    story.merge()
    story.part()


Step = Callable[[Story], None]
BETWEEN: dict[str, tuple[Step, Step]] = {  # what happens before the first send, and before the second
    "merged": (nothing, Story.merge),
    "parted": (Story.merge, Story.part),
    "merged and parted": (nothing, merged_and_parted),
    "erased": (nothing, Story.erase),
    "merged, then erased": (Story.merge, Story.erase),
}


@pytest.mark.parametrize("route", ASKED)
def test_a_repeat_gives_the_first_answer(manager: Browser, route: str) -> None:
    told, asked = Story(manager), ASKED[route]
    for n, (story, (before, between)) in enumerate(BETWEEN.items()):
        told.begin()
        method, path, body = told.request(route)
        before(told)
        if "revision" in body and before is Story.merge:
            body["revision"] = 2  # of both together
        first = manager.send(method, path, body, key=f"the-attempt-{n}")
        assert first.status_code in (200, 201, 204), first.json
        if asked.money and between is Story.erase:
            continue  # refused
        between(told)
        head = journal.head()
        again = manager.send(method, path, body, key=f"the-attempt-{n}")
        assert journal.head() == head, story
        if asked.personal and between is Story.erase:
            assert (again.status_code, again.json["code"]) == (404, "member_unknown"), story
            continue
        assert again.status_code == first.status_code, (story, again.json)
        for name in asked.made:
            assert again.json[name] == first.json[name], (story, name)
    assert books.differences() == []


def test_an_erasure_is_asked_for_again(manager: Browser) -> None:
    told = Story(manager)
    told.merge()
    for _ in range(3):
        path = f"/api/members/{told.younger}/erasure"
        assert manager.send("POST", path, {}, key="the-attempt").status_code == 204
    assert books.differences() == []


def test_every_keyed_request_about_a_member_is_among_them() -> None:
    known = {
        f"{route.method} {route.path}"
        for route in declared()
        if route.keyed and "<ident:member_id>" in route.path
    }
    assert known - {f"POST {ME}/erasure"} <= ASKED.keys()


def test_the_same_key_about_another_member_is_refused(manager: Browser) -> None:
    told = Story(manager)
    for who, status in ((told.younger, 200), (told.older, 409)):
        answer = manager.send("POST", f"/api/members/{who}/check-in", {}, key="the-attempt")
        assert answer.status_code == status, answer.json


def test_a_recharge_whose_answer_was_lost_is_taken_once(server: Server, manager: Browser) -> None:
    told = Story(manager)
    session = wire.sign_on(server.port, "he")
    path = f"/api/members/{told.younger}/stored-value/recharges"
    sent = session.request("POST", path, {"paid_minor": 100_00, "tender": "cash"}, key="the-attempt")
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as peer:
        peer.sendall(sent)
        assert peer.recv(1)  # it was answered, and the till has not heard it
    told.merge()
    again = wire.exchange(server.port, sent)
    assert again.status == 200 and again.json["member_id"] == told.younger
    account = session.send("GET", f"/api/members/{told.older}/stored-value").json
    assert account["principal"]["minor"] == 100_00 and books.differences() == []


def test_a_merge_and_its_undoing_are_asked_for_again_in_any_order(manager: Browser) -> None:
    told = Story(manager)
    pair = {"one": told.older, "other": told.younger, "reason": "asked"}
    edge = {"absorbed": told.younger, "survivor": told.older, "reason": "mistake"}
    asked = (("", pair, "merge"), ("/part", edge, "part"), ("/apart", pair, "apart"))
    for path, body, key in asked:
        sent = manager.send("POST", f"/api/member-merges{path}", body, key=f"the-{key}")
        assert sent.status_code == 200, sent.json
    told.merge()
    head = journal.head()
    for path, body, key in asked:
        again = manager.send("POST", f"/api/member-merges{path}", body, key=f"the-{key}")
        assert again.status_code == 200, again.json
    assert journal.head() == head
