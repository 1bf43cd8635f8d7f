"""Papers over the API: copies with their reasons, gift receipts, labels."""

from __future__ import annotations

from typing import Any

import pytest

from services.domain.printing import LATE_COPY_MS
from services.flows.shop import Shop
from services.store import db, jobs
from tests.flows.test_stock import receive
from tests.shop import JEANS, SOCKS, TEE, Clock
from tests.web.conftest import Browser, PlayedBox, new_key


def sale(browser: Browser) -> dict[str, Any]:
    return browser.pay(browser.add(TEE), 100_00).json  # type: ignore[no-any-return]


def test_a_late_copy_says_which_reasons_there_are_and_takes_one(cashier: Browser, clock: Clock) -> None:
    path = f"/api/sales/{sale(cashier)['sale_id']}/copies"
    clock.at_ms += LATE_COPY_MS - 60_000  # no longer than a session is left alone
    cashier.get("/api/till/basket")
    clock.at_ms += 60_000
    refused = cashier.send("POST", path, {}, key="copy-0001")
    assert (refused.status_code, refused.json["code"]) == (422, "reason_needed")
    reason = refused.json["details"]["reasons"][0]
    copied = cashier.send("POST", path, {"reason": reason, "language": "en"}, key="copy-0001")
    assert (copied.status_code, copied.json["kind"]) == (200, "copy")


def test_a_gift_receipt_is_one_job_however_often_it_is_asked_for(cashier: Browser, box: PlayedBox) -> None:
    path = f"/api/sales/{sale(cashier)['sale_id']}/gift-receipts"
    box.woken.clear()
    asked = [cashier.send("POST", path, {}, key="gift-0001").json for _ in range(5)]
    assert asked == [asked[0]] * 5 and asked[0]["kind"] == "gift"
    assert "jobs 1" in box.woken and "uplink" in box.woken


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("copies", {"language": "fr"}),
        ("copies", {"reason": "x" * 33}),
        ("copies", {"reason": "\u0000"}),
        ("copies", {"approval": {"approver_id": "he", "pin": "1", "reason": "x"}}),
        ("gift-receipts", {"language": 1}),
        ("gift-receipts", {"price": True}),
    ],
)
def test_a_wish_of_another_form_is_refused(cashier: Browser, path: str, body: dict[str, Any]) -> None:
    refused = cashier.send("POST", f"/api/sales/{sale(cashier)['sale_id']}/{path}", body, key=new_key())
    assert (refused.status_code, refused.json["code"]) == (400, "bad_request")


def test_labels_for_articles_and_for_a_delivery(cashier: Browser, shop: Shop, box: PlayedBox) -> None:
    stocks = cashier.get("/api/labels/stocks").json
    assert [each["key"] for each in stocks] == ["roll", "40x30", "40x60"]
    box.woken.clear()
    wanted = {"stock": "40x30", "items": [{"sku": TEE, "copies": 2}, {"sku": JEANS}]}
    first = cashier.send("POST", "/api/labels", wanted, key="labels-01")
    assert [job["kind"] for job in first.json] == ["label"] and box.woken == ["jobs 1"]
    assert cashier.send("POST", "/api/labels", wanted, key="labels-01").json == first.json
    document = receive(shop, (SOCKS, 30), (TEE, 3))
    wanted = {"layout": "hang", "document_id": document.document_id}
    queued = cashier.send("POST", "/api/labels", wanted, key="labels-02").json
    assert len(queued) == 2, "33 pieces, twenty to a job"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "bad_request"),
        ({"items": [{"sku": TEE}], "document_id": "x"}, "bad_request"),
        ({"items": [{"sku": TEE, "copies": 0}]}, "bad_request"),
        ({"items": [{"sku": TEE, "copies": 1_001}]}, "bad_request"),
        ({"items": [{"sku": TEE, "copies": 600}, {"sku": JEANS, "copies": 600}]}, "too_large"),
        ({"items": [{"sku": "forged"}]}, "code_unknown"),
        ({"items": [{"sku": TEE}], "stock": "A4"}, "not_found"),
        ({"document_id": "forged"}, "document_unknown"),
        ({"items": [{"sku": TEE}], "layout": "poster"}, "bad_request"),
    ],
)
def test_labels_that_cannot_be_are_refused_and_none_is_queued(
    cashier: Browser, body: dict[str, Any], code: str
) -> None:
    assert cashier.send("POST", "/api/labels", body, key=new_key()).json["code"] == code
    assert not jobs.open_jobs("1")


def test_labels_that_did_not_come_out_are_answered_once(cashier: Browser) -> None:
    (job,) = cashier.send("POST", "/api/labels", {"items": [{"sku": TEE}]}, key=new_key()).json
    with db.write():
        jobs.mark(job["job_id"], jobs.UNKNOWN, 1)
    path = f"/api/jobs/{job['job_id']}/answer"
    again = cashier.send("POST", path, {"came_out": False}).json
    assert (again["kind"], again["state"]) == ("label", "queued") and again["job_id"] != job["job_id"]
    assert cashier.send("POST", path, {"came_out": False}).json == again
    assert cashier.send("POST", path, {"came_out": True}).status_code == 404


def test_a_label_is_drawn_as_it_would_be_printed_or_said_to_be_too_large(cashier: Browser) -> None:
    path = f"/api/labels/preview?sku={TEE}"
    drawn = cashier.get(f"{path}&stock=40x30").json["svg"]
    assert drawn.startswith("<svg") and "99.00" in drawn
    assert 'width="368"' in drawn, "40 mm are 320 dots, and white beside them"
    assert not jobs.open_jobs("1"), "looking prints nothing"
    refused = cashier.get(f"{path}&layout=hang&stock=40x30")
    assert (refused.status_code, refused.json["code"]) == (422, "label_too_small")
    assert cashier.get(f"{path}&layout=hang&stock=40x60").status_code == 200
    assert cashier.get("/api/labels/preview?sku=forged").json["code"] == "code_unknown"
    assert cashier.get(f"{path}&stock=A4").json["code"] == "not_found"


def test_how_far_a_request_for_labels_is_counts_every_piece(cashier: Browser) -> None:
    wanted = {"items": [{"sku": TEE, "copies": 25}]}
    queued = cashier.send("POST", "/api/labels", wanted, key=new_key()).json
    group = queued[0]["job_id"].partition(".")[0]
    batches = cashier.get(f"/api/labels/{group}").json
    assert [(each["pieces"], each["job"]["state"]) for each in batches] == [(20, "queued"), (5, "queued")]
    with db.write():
        jobs.mark(queued[1]["job_id"], jobs.UNKNOWN, 1)
    cashier.send("POST", f"/api/jobs/{queued[1]['job_id']}/answer", {"came_out": False})
    states = [(each["pieces"], each["job"]["state"]) for each in cashier.get(f"/api/labels/{group}").json]
    assert states == [(20, "queued"), (5, "cancelled"), (5, "queued")]
    assert cashier.get("/api/labels/label-forged").json["code"] == "not_found"
    assert cashier.get("/api/labels/some-sale").json["code"] == "not_found"
