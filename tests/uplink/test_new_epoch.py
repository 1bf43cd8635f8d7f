"""A box restored from an old backup: refused at first, and whole again in the epoch that HQ gives out."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from device.__main__ import main
from services.flows.shop import Shop
from services.jobs import new_epoch
from services.store import box, db, journal
from services.store.db import LEDGER
from tests.uplink.gateway_end import RunningInbox
from tests.uplink.mosquitto import Mosquitto
from tests.uplink.processes import Part
from tests.uplink.shop_events import record_sales
from tests.uplink.test_chaos import quarantined
from tests.uplink.test_straight_line import (
    broker,  # noqa: F401 - a fixture
    hq_settings,
    journal_bodies,
    until,
    uplink_settings,
)


def count_boot() -> None:
    with db.write():
        box.put("boot", str(int(box.get("boot", "0")) + 1))


def copy(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(source)) as read,
        contextlib.closing(sqlite3.connect(target)) as to,
    ):
        read.backup(to)


def at_hq(path: Path) -> list[tuple[int, int, bytes]]:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT epoch, seq, body FROM event ORDER BY epoch, seq").fetchall()


def test_a_restored_box_is_whole_again_in_a_new_epoch(
    shop: Shop,
    tmp_path: Path,
    broker: Mosquitto,  # noqa: F811
) -> None:
    ledger, backup = tmp_path / "shop.db", tmp_path / "backup.db"
    settings = tmp_path / "hq.toml"
    settings.write_text(f'hq.dir = "{tmp_path}"\ndata.dir = "{tmp_path}"\n')
    inbox = RunningInbox(tmp_path / "up.sock", now_ms=shop.now_ms)
    uplink = Part(uplink_settings(tmp_path, broker.port), tmp_path / "uplink.log")
    hq = Part(hq_settings(tmp_path, broker.port), tmp_path / "hq.log")
    try:
        hq.start()
        count_boot()
        inbox.start()
        uplink.start()
        record_sales(shop, 30)
        until(lambda: journal.cursor("uplink")[0] == 30, "acknowledged before the backup")
        copy(ledger, backup)
        record_sales(shop, 20)
        until(lambda: journal.cursor("uplink")[0] == 50, "acknowledged after the backup")
        sold = journal_bodies()
        uplink.stop()
        inbox.close()
        LEDGER.shut()
        for each in tmp_path.glob("shop.db*"):
            each.unlink()
        copy(backup, ledger)

        LEDGER.open(ledger)
        count_boot()
        inbox = RunningInbox(tmp_path / "up.sock", now_ms=shop.now_ms)
        inbox.start()
        uplink.start()
        record_sales(shop, 5)
        until(lambda: inbox.link.code == "rejected", "HQ does not take the box for what it was")
        assert len(at_hq(tmp_path / "hq.db")) == 50

        assert main(["--config", str(settings), "enrol", "S0001", "7", "2"]) == 0
        inbox.close()  # the job has the database to itself
        assert "events 1 to 35 again" in new_epoch.begin(2, {}, lambda: shop)
        count_boot()
        inbox = RunningInbox(tmp_path / "up.sock", now_ms=shop.now_ms)
        inbox.start()
        record_sales(shop, 2)
        until(lambda: journal.cursor("uplink")[0] == 37, "all of it acknowledged in the new epoch")
        until(lambda: inbox.link.code == "online", "nothing is refused any more")
        forgotten = [(1, seq, body) for seq, body, _ in sold]
        again = [(2, seq, body) for seq, body, _ in journal_bodies()[30:]]
        assert at_hq(tmp_path / "hq.db") == forgotten + again
        assert "repeated_id" not in dict(quarantined(tmp_path / "hq.db"))
    finally:
        uplink.kill()
        hq.kill()
        inbox.close()
