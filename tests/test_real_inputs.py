"""The same sale without a twin: a serial scanner on a pty, a printer and its drawer on a TCP socket."""

from __future__ import annotations

import json
import os
import pty
import tty
import unicodedata
from pathlib import Path

import zxingcpp

from tests import paper_reader
from tests.paper_reader import TcpPrinter, text_of
from tests.stack import Api, running
from tests.waits import until

SETTINGS = """
[[till]]
key = "1"
scanner = "hand"
printer = "slip"
drawer = "cash"
[[device]]
name = "hand"
driver = "scanner.serial"
settings = {{ path = "{scanner}" }}
[[device]]
name = "slip"
driver = "printer.escpos"
settings = {{ link = "network", host = "127.0.0.1", port = {port} }}
[[device]]
name = "cash"
driver = "drawer.printer"
parent = "slip"
"""


def scan(wire: int, code: str) -> None:
    os.write(wire, f"{code}\r\n".encode())


def test_scan_over_a_serial_line_paper_over_tcp_event_at_hq(tmp_path: Path) -> None:
    wire, device = pty.openpty()
    tty.setraw(wire)
    printer = TcpPrinter()
    tail = SETTINGS.format(scanner=os.ttyname(device), port=printer.port)
    try:
        with running(tmp_path, "twins = false", tail) as stack:
            api = Api(stack, "hemin")  # a manager sells, and sees the devices
            until(lambda: healthy(api), "scanner, printer and drawer are ready")
            articles = stack.rows(
                stack.database,
                "SELECT a.gtin, s.name, a.price_minor FROM article a JOIN style s USING (style)"
                " GROUP BY a.style ORDER BY s.rank LIMIT 3",
            )
            for pieces, (gtin, _, _) in enumerate(articles, 1):
                scan(wire, gtin.removeprefix("0"))
                until(lambda n=pieces: api.send("GET", "/api/till/basket")["pieces"] == n, "the line")  # type: ignore[misc]
            basket = api.send("GET", "/api/till/basket")
            sale = api.pay(basket, "real-inputs-1")
            (paper,) = until(lambda: printer.papers, "the paper")
            picture = paper_reader.render(paper)
            picture.save(tmp_path / "receipt.png")
            read = {code.text for code in zxingcpp.read_barcodes(picture)}
            assert read == {sale["number"]}, "QR code and bar code both name the receipt"
            assert_says(text_of(paper), sale, articles)
            assert len(printer.kicks) == 1
            jobs = until(lambda: settled(api, sale["sale_id"]), "the jobs are confirmed")
            assert jobs == {"drawer": "confirmed", "receipt": "confirmed"}
            (body,) = until(
                lambda: stack.rows(
                    stack.hq_database, "SELECT body FROM event WHERE type = 'sale.completed'"
                ),
                "the event at HQ",
            )[0]
            data = json.loads(body)["data"]
            assert data["number"] == sale["number"]
            assert [item["entry_method"] for item in data["line_items"]] == ["scanned"] * 3
    finally:
        printer.close()
        os.close(wire)
        os.close(device)


def healthy(api: Api) -> bool:
    devices = api.send("GET", "/api/technician")["health"]["devices"]
    return all(device["code"] == "ready" for device in devices)


def settled(api: Api, sale_id: str) -> dict[str, str] | None:
    states = {job["kind"]: job["state"] for job in api.send("GET", f"/api/sales/{sale_id}")["jobs"]}
    return states if set(states.values()) == {"confirmed"} else None


def assert_says(lines: list[str], sale: dict[str, object], articles: list[tuple[str, str, int]]) -> None:
    """Every article with its price, the total, the tender and the number, in the sale's own figures."""
    text = unicodedata.normalize("NFKC", "\n".join(lines))
    for _, name, price in articles:
        assert unicodedata.normalize("NFKC", name) in text
        assert f"{price / 100:,.2f}" in text
    total = sum(price for _, _, price in articles)
    assert f"合计{f'¥{total / 100:,.2f}':>20}".replace(" ", "") in text.replace(" ", "")
    assert f"现金{total / 100:,.2f}" in text.replace(" ", "")
    assert str(sale["number"]) in text
