"""Yesterday's database put back: the chain of Zs goes on after the last that headquarters holds."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from device.__main__ import main
from services.domain.stream import events_topic
from services.domain.z import CHAIN_START, Z, chained
from services.flows.shop import Shop
from services.hq import z_chains
from services.hq.ingest import Delivery, Ingest
from services.hq.schema import open_database
from services.jobs.contract import Arguments
from services.jobs.new_epoch import JOB
from services.store import books, db, journal, shifts
from services.store.db import LEDGER
from services.uplink.batch import pack
from tests.faults import each_failure
from tests.flows.test_shifts import begin, close, count, sell
from tests.shop import TEE, Clock, make_shop

NOTES = [(100_00, 9)]
PRICE = 99_00

Hq = Callable[[int], None]  # headquarters is told the whole journal, in an epoch
Words = Callable[[int], list[str]]  # the words that `enrol` prints for the epoch


def copy(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(source)) as read,
        contextlib.closing(sqlite3.connect(target)) as to,
    ):
        read.backup(to)


def put_back(backup: Path, ledger: Path) -> None:
    LEDGER.shut()
    for each in ledger.parent.glob("shop.db*"):
        each.unlink()
    copy(backup, ledger)
    LEDGER.open(ledger)


def closed(shop: Shop, shift_id: str) -> Z:
    count(shop, shift_id, NOTES)
    return close(shop, shift_id)


def run(shop: Shop, words: list[str]) -> str:
    return JOB.run(Arguments(tuple(words), str, shop.now_ms, lambda: shop))


@pytest.fixture
def hq(tmp_path: Path) -> Hq:
    def told(epoch: int) -> None:
        with contextlib.closing(open_database(tmp_path / "hq.db")) as connection:
            rows = journal.after(0, journal.BATCH_MAX)
            packed = pack("S0001", epoch, rows, 10_000_000)
            delivery = Delivery(events_topic(7, "S0001"), packed.payload, "zlib")
            (reply,) = Ingest(connection, lambda: 1).take([delivery])
            assert (reply.ack.hwm, reply.ack.rejected_from) == (rows[-1].seq, None), reply

    return told


@pytest.fixture
def words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Words:
    settings = tmp_path / "hq.toml"
    settings.write_text(f'hq.dir = "{tmp_path}"\ndata.dir = "{tmp_path}"\n')

    def printed(epoch: int) -> list[str]:
        assert main(["--config", str(settings), "enrol", "S0001", "7", str(epoch)]) == 0
        return capsys.readouterr().out.rpartition("new_epoch ")[2].split()

    return printed


def strays(path: Path) -> list[tuple[str, int]]:
    with contextlib.closing(open_database(path)) as connection:
        return list(z_chains.strays(connection, "S0001"))


def told_zs(path: Path) -> list[tuple[int, bytes, bytes, int]]:
    """(number, hash before, hash, grand total) of each Z that headquarters holds, in the order it came."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        bodies = [
            json.loads(body)["data"]
            for (body,) in connection.execute(
                "SELECT body FROM event WHERE type = 'shift.closed' ORDER BY epoch, seq"
            )
        ]
    return [
        (
            each["z"]["z_no"],
            bytes.fromhex(each["hash_prev"]),
            bytes.fromhex(each["hash"]),
            each["z"]["grand_total_minor"],
        )
        for each in bodies
    ]


def test_the_chain_goes_on_after_the_last_z_of_the_life_that_was_lost(
    shop: Shop, tmp_path: Path, hq: Hq, words: Words
) -> None:
    """The backup has an open shift with a sale; its Z and another day's were made after it."""
    ledger, backup = tmp_path / "shop.db", tmp_path / "backup.db"
    sell(shop)
    closed(shop, begin(shop))
    lost = begin(shop)
    sell(shop, "1", TEE)
    copy(ledger, backup)
    sell(shop, "1", TEE)
    closed(shop, lost)
    sell(shop, "1", TEE)
    last = closed(shop, begin(shop))
    assert (last.z_no, last.grand_total_minor) == (3, 4 * PRICE)
    hq(1)
    put_back(backup, ledger)
    run(shop, words(2))
    assert books.differences() == []
    sell(shop, "1", TEE)
    again = closed(shop, lost)
    assert (again.z_no, again.net_minor) == (4, 2 * PRICE), "it is another life's, with what the backup has"
    assert again.grand_total_minor == 5 * PRICE, "what was counted twice is in it once"
    sell(shop, "1", TEE)
    assert closed(shop, begin(shop)).z_no == 5
    hq(2)
    chain = told_zs(tmp_path / "hq.db")
    assert [number for number, *_ in chain] == [1, 2, 3, 4, 5]
    assert [before for _, before, *_ in chain] == [CHAIN_START, *(hash_ for *_, hash_, _ in chain[:-1])]
    assert [total for *_, total in chain] == [n * PRICE for n in (1, 3, 4, 5, 6)]
    assert strays(tmp_path / "hq.db") == []
    assert books.differences() == [] and books.faults() == []


def test_headquarters_sees_a_chain_that_began_anew_where_its_words_were_forgotten(
    shop: Shop, tmp_path: Path, hq: Hq, words: Words, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger, backup = tmp_path / "shop.db", tmp_path / "backup.db"
    closed(shop, begin(shop))
    copy(ledger, backup)
    closed(shop, begin(shop))
    hq(1)
    put_back(backup, ledger)
    words(2)
    run(shop, ["2"])
    closed(shop, begin(shop))
    closed(shop, begin(shop))
    hq(2)
    assert strays(tmp_path / "hq.db") == [("1", 2)], "the one after it follows"
    assert main(["--config", str(tmp_path / "hq.toml"), "enrol", "S0001", "7", "3"]) == 0
    assert capsys.readouterr().out.startswith("Zs that follow no other: 2 of till 1\n")


def test_a_z_whose_hash_is_not_its_own_is_seen(shop: Shop, tmp_path: Path, hq: Hq) -> None:
    z = closed(shop, begin(shop))
    with db.write():
        LEDGER.execute_sql(
            "UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), ?, ?) AS BLOB)"
            " WHERE type = 'shift.closed'",
            (f'"closed_at_ms":{z.closed_at_ms}', '"closed_at_ms":7'),
        )
        before = bytes(32)
        for seq, body in LEDGER.execute_sql("SELECT seq, body FROM journal ORDER BY seq").fetchall():
            before = journal.chained(before, body)
            LEDGER.execute_sql("UPDATE journal SET hash = ? WHERE seq = ?", (before, seq))
    hq(1)
    assert strays(tmp_path / "hq.db") == [("1", 1)]


def test_what_headquarters_held_before_it_kept_zs_is_kept_too(shop: Shop, tmp_path: Path, hq: Hq) -> None:
    for _ in range(3):
        closed(shop, begin(shop))
    hq(1)
    path = tmp_path / "hq.db"
    with contextlib.closing(open_database(path)) as connection:
        kept = connection.execute("SELECT * FROM z").fetchall()
        connection.executescript(
            "DROP TABLE z; ALTER TABLE sale DROP COLUMN tax_minor;"
            "ALTER TABLE sale DROP COLUMN bonus_minor; PRAGMA user_version = 1;"
        )
    with contextlib.closing(open_database(path)) as connection:
        assert connection.execute("SELECT * FROM z").fetchall() == kept and len(kept) == 3


def test_a_new_box_in_the_place_of_a_lost_one_goes_on_too(
    shop: Shop, tmp_path: Path, hq: Hq, words: Words
) -> None:
    ledger, empty = tmp_path / "shop.db", tmp_path / "empty.db"
    copy(ledger, empty)
    sell(shop)
    z = closed(shop, begin(shop))
    hq(1)
    put_back(empty, ledger)
    run(shop, words(2))
    sell(shop)
    again = closed(shop, begin(shop))
    assert (again.z_no, again.grand_total_minor) == (z.z_no + 1, 2 * PRICE)
    assert books.differences() == []


def test_what_a_box_holds_itself_is_no_reason_to_begin_a_chain_anew(
    shop: Shop, hq: Hq, words: Words
) -> None:
    closed(shop, begin(shop))
    hq(1)
    head = journal.head()
    told = words(2)
    run(shop, told)
    run(shop, told)
    assert journal.head() == head
    before = shifts.last_hash("1")
    closed(shop, begin(shop))
    found = shifts.chain_end("1")
    row = LEDGER.execute_sql("SELECT body, hash FROM z_report ORDER BY number DESC LIMIT 1").fetchone()
    assert found is not None and found.hash == bytes(row[1]) == chained(before, row[0])


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE box SET value = replace(value, '9900', '9800') WHERE key = 'z_before.1'",
        "DELETE FROM box WHERE key = 'z_before.1'",
        "INSERT INTO box SELECT 'z_before.2', value FROM box WHERE key = 'z_before.1'",
    ],
)
def test_a_changed_end_of_a_chain_is_named(shop: Shop, hq: Hq, sql: str) -> None:
    run(shop, ["2", f"1=9/7/7:{'ab' * 32}:9900"])
    assert books.differences() == []
    with db.write():
        assert LEDGER.execute_sql(sql).rowcount == 1
    assert books.differences()


def test_a_new_epoch_is_whole_or_absent_wherever_storage_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    shop = make_shop(clock)

    def look() -> object:
        box = LEDGER.execute_sql("SELECT key, value FROM box ORDER BY key").fetchall()
        return box, journal.head(), shifts.chain_end("1")

    each_failure(
        monkeypatch,
        tmp_path,
        lambda n: [str(n + 1), f"1={n}/{n}/{n}:{n:064x}:{n}00"],
        lambda told: run(shop, told),
        look,
    )
