"""HQ's tables whatever arrives: repeats, disorder, gaps, other histories and garbage."""

from __future__ import annotations

import hashlib
import random
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.stream import BATCH_PLAIN_MAX, StoreState, events_topic, state_topic
from services.hq import ingest as ingest_module
from services.hq import last_known, schema
from services.hq.ingest import GENESIS, QUARANTINE_MAX, Delivery, Ingest, NotEnrolled, Reply
from services.hq.schema import open_database

TOPIC = events_topic(7, "S0001")
STATE = state_topic(7, "S0001")


class Clock:
    def __init__(self) -> None:
        self.at_ms = 1_000_000

    def now_ms(self) -> int:
        return self.at_ms


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_database(tmp_path / "hq.db")
    yield connection
    connection.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ingest(database: sqlite3.Connection, clock: Clock) -> Ingest:
    return Ingest(database, clock.now_ms)


def body(seq: int, salt: str = "", kind: str = "receipt.copied", data: str = "{}") -> bytes:
    return (
        f'{{"seq":{seq},"id":"{salt}id-{seq}","type":"{kind}","time":"t","bizday":"d","cq":"ntp",'
        f'"dataschema":"{kind}/1.0","data":{data}}}'
    ).encode()


def sale_body(seq: int, schema: str = "sale.completed/1.0") -> bytes:
    data = (
        f'{{"sale_id":"s{seq}","number":"n{seq}","business_day":"2026-11-22","workstation_id":"1",'
        f'"operator_id":"zhou","currency":"CNY","total_minor":{seq}00,"ended_at_ms":5,"later":[1]}}'
    )
    return body(seq, kind="sale.completed", data=data).replace(b"sale.completed/1.0", schema.encode())


def chain(bodies: Sequence[bytes], before: bytes = GENESIS) -> bytes:
    for each in bodies:
        before = hashlib.sha256(before + each).digest()
    return before


def batch(
    bodies: Sequence[bytes], first: int, head: bytes, *, store: str = "S0001", epoch: int = 1
) -> Delivery:
    begin = f'{{"store":"{store}","epoch":{epoch},"first":{first},"head":"{head.hex()}","ev":['.encode()
    return Delivery(TOPIC, zlib.compress(begin + b",".join(bodies) + b"]}"), "zlib")


class Store:
    """A journal of `n` events that can be cut into batches anywhere."""

    def __init__(self, n: int, salt: str = "") -> None:
        self.bodies = [body(seq, salt) for seq in range(1, n + 1)]

    def batch(self, first: int, last: int, epoch: int = 1) -> Delivery:
        return batch(self.bodies[first - 1 : last], first, chain(self.bodies[:last]), epoch=epoch)


def stored(database: sqlite3.Connection) -> list[bytes]:
    return [row[0] for row in database.execute("SELECT body FROM event ORDER BY store, epoch, seq")]


def quarantined(database: sqlite3.Connection) -> list[tuple[str, int]]:
    return database.execute("SELECT reason, times FROM quarantine ORDER BY rowid").fetchall()


def birth(**facts: object) -> Delivery:
    values: dict[str, object] = dict(online=True, boot=1, epoch=1, last=0, acked=0)
    return Delivery(STATE, msgspec.json.encode(StoreState(**{**values, **facts})))  # type: ignore[arg-type]


def only(replies: list[Reply]) -> Reply:
    (reply,) = replies
    return reply


def test_a_batch_is_stored_byte_for_byte_and_acknowledged_with_its_hash(
    ingest: Ingest, database: sqlite3.Connection
) -> None:
    store = Store(3)
    reply = only(ingest.take([store.batch(1, 3)]))
    assert stored(database) == store.bodies
    assert reply.topic == "chain/v1/07/S0001/down/ack"
    assert (reply.ack.hwm, reply.ack.safe, reply.ack.head) == (3, 3, chain(store.bodies).hex())
    assert reply.ack.rejected_from is None
    hashes = [bytes(row[0]) for row in database.execute("SELECT hash FROM event ORDER BY seq")]
    assert hashes == [chain(store.bodies[:n]) for n in (1, 2, 3)]


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 40),
    spans=st.lists(st.tuples(st.integers(1, 40), st.integers(0, 12)), max_size=40),
    seed=st.integers(0, 2**32),
)
def test_any_repeats_in_any_order_leave_an_unbroken_prefix_and_the_rest_completes_it(
    n: int, spans: list[tuple[int, int]], seed: int
) -> None:
    rng = random.Random(seed)
    database = open_database_in_memory()
    ingest, store = Ingest(database, lambda: 0), Store(n)
    waiting = [store.batch(min(first, n), min(n, first + extra)) for first, extra in spans]
    while waiting:
        group, waiting = waiting[: (cut := rng.randint(1, 5))], waiting[cut:]
        ingest.take(group)
        kept = stored(database)
        assert kept == store.bodies[: len(kept)]
    for first in range(1, n + 1, 10):
        ingest.take([store.batch(first, min(n, first + 9))])
    assert stored(database) == store.bodies
    assert quarantined(database) == []
    database.close()


def open_database_in_memory() -> sqlite3.Connection:
    return open_database(Path(":memory:"))


def test_a_gap_stores_nothing_and_asks_once_a_second_for_what_is_missing(
    ingest: Ingest, database: sqlite3.Connection, clock: Clock
) -> None:
    store = Store(20)
    ingest.take([store.batch(1, 5)])
    reply = only(ingest.take([store.batch(8, 9), store.batch(10, 12)]))
    assert reply.again is not None
    assert reply.again.replay == (6, 12)
    assert (reply.ack.hwm, reply.ack.replay) == (5, None)  # the retained answer asks for nothing
    assert only(ingest.take([store.batch(13, 14)])).again is None
    clock.at_ms += ingest_module.ASK_EVERY_MS
    assert only(ingest.take([store.batch(13, 14)])).again is not None
    assert len(stored(database)) == 5
    assert only(ingest.take([store.batch(6, 20)])).again is None
    assert stored(database) == store.bodies


def test_what_came_before_its_turn_is_asked_for_again(ingest: Ingest) -> None:
    store = Store(10)
    reply = only(ingest.take([store.batch(6, 10), store.batch(1, 5)]))
    assert reply.ack.hwm == 5
    assert reply.again is not None
    assert reply.again.replay == (6, 10)
    assert only(ingest.take([store.batch(6, 10)])).again is None


def test_a_broken_chain_is_quarantined_and_shown_until_the_right_batch_comes(
    ingest: Ingest, database: sqlite3.Connection
) -> None:
    store = Store(10)
    ingest.take([store.batch(1, 5)])
    forged = batch(Store(10, "x").bodies[5:8], 6, chain(store.bodies[:8]))
    reply = only(ingest.take([forged]))
    assert (reply.ack.hwm, reply.ack.rejected_from) == (5, 6)
    assert "chain" in reply.ack.reason
    assert quarantined(database) == [("chain", 1)]
    ingest.take([forged])
    assert quarantined(database) == [("chain", 2)]
    reply = only(ingest.take([store.batch(4, 10)]))
    assert (reply.ack.hwm, reply.ack.rejected_from, reply.ack.reason) == (10, None, "")
    assert stored(database) == store.bodies


def test_old_numbers_with_new_content_are_another_history(
    ingest: Ingest, database: sqlite3.Connection
) -> None:
    ingest.take([Store(10).batch(1, 10)])
    restored = Store(10, "after-restore-")
    reply = only(ingest.take([restored.batch(6, 9)]))
    assert reply.ack.rejected_from == 11
    assert quarantined(database) == [("history", 1)]
    assert stored(database) == Store(10).bodies


def test_an_event_id_used_twice_is_refused_whole(ingest: Ingest, database: sqlite3.Connection) -> None:
    twice = [body(1), body(2).replace(b"id-2", b"id-1")]
    reply = only(ingest.take([batch(twice, 1, chain(twice))]))
    assert (reply.ack.hwm, reply.ack.rejected_from) == (0, 1)
    assert stored(database) == []


def test_unknown_types_and_newer_majors_are_kept_raw_and_acknowledged(
    ingest: Ingest, database: sqlite3.Connection
) -> None:
    bodies = [
        sale_body(1),
        sale_body(2, "sale.completed/1.9"),
        sale_body(3, "sale.completed/2.0"),
        body(4, kind="member.joined"),
        body(5, kind="sale.completed", data='{"sale_id":5}'),
    ]
    reply = only(ingest.take([batch(bodies, 1, chain(bodies))]))
    assert (reply.ack.hwm, reply.ack.rejected_from) == (5, None)
    assert stored(database) == bodies
    flags = [row[0] for row in database.execute("SELECT projected FROM event ORDER BY seq")]
    assert flags == [1, 1, 0, 0, 0]
    sales = database.execute("SELECT sale_id, total_minor FROM sale ORDER BY seq").fetchall()
    assert sales == [("s1", 100), ("s2", 200)]


def test_another_stores_payload_and_another_shard_are_quarantined_without_an_answer(
    ingest: Ingest, database: sqlite3.Connection
) -> None:
    store = Store(3)
    ingest.take([store.batch(1, 1)])
    foreign = batch(store.bodies[1:], 2, chain(store.bodies), store="S0002")
    moved = Delivery(events_topic(8, "S0001"), store.batch(2, 3).payload, "zlib")
    replies = ingest.take([foreign, moved])
    assert all(reply.ack.rejected_from is None for reply in replies)
    assert [reason for reason, _ in quarantined(database)] == ["store", "shard"]
    assert len(stored(database)) == 1


def test_an_epoch_hq_did_not_give_out_is_refused_and_a_new_one_starts_at_one(
    ingest: Ingest, database: sqlite3.Connection
) -> None:
    ingest.take([Store(5).batch(1, 5)])
    replaced = Store(3, "new-box-")
    reply = only(ingest.take([replaced.batch(1, 3, epoch=2)]))
    assert (reply.ack.epoch, reply.ack.rejected_from) == (1, 6)
    ingest.enrol("S0001", 7, 2)
    reply = only(ingest.take([replaced.batch(1, 3, epoch=2)]))
    assert (reply.ack.epoch, reply.ack.hwm, reply.ack.rejected_from) == (2, 3, None)
    assert stored(database) == Store(5).bodies + replaced.bodies


def test_a_restored_box_sends_all_again_and_each_event_is_kept_once(
    ingest: Ingest, database: sqlite3.Connection
) -> None:
    before = Store(8)
    ingest.take([before.batch(1, 8)])
    restored = Store(5)
    restored.bodies += [body(seq, "sold-again-") for seq in (6, 7)]
    ingest.enrol("S0001", 7, 2)
    reply = only(ingest.take([restored.batch(1, 3, epoch=2)]))
    assert (reply.ack.hwm, reply.ack.head) == (3, chain(restored.bodies[:3]).hex())
    reply = only(ingest.take([restored.batch(2, 7, epoch=2)]))
    assert (reply.ack.hwm, reply.ack.rejected_from) == (7, None)
    assert reply.ack.head == chain(restored.bodies).hex()
    assert stored(database) == before.bodies + restored.bodies[5:], "what the box forgot stays known"
    reply = only(ingest.take([restored.batch(1, 4, epoch=2)]))
    assert (reply.ack.hwm, reply.ack.rejected_from) == (7, None), "a repeat is one"
    other = Store(4)
    other.bodies[3] = body(4, "other-")
    reply = only(ingest.take([other.batch(1, 4, epoch=2)]))
    assert "history" in reply.ack.reason
    assert [reason for reason, _ in quarantined(database)] == ["history"]


def test_sales_of_before_have_their_tax_after_the_step_that_tells_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = next(n for n, text in enumerate(schema.MIGRATIONS) if "ADD COLUMN tax_minor" in text)
    with monkeypatch.context() as older:
        older.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:step])
        database = open_database(tmp_path / "hq.db")
    taxes = b'"taxes":[{"tax_bp":900,"net_minor":109,"tax_minor":9},{"tax_bp":1300,"tax_minor":-3}],"later"'
    bodies = [sale_body(1), sale_body(2).replace(b'"later"', taxes)]
    for seq, told in enumerate(bodies, 1):
        database.execute(
            "INSERT INTO event VALUES ('S0001', 1, ?, ?, 'sale.completed', '', ?, x'', 1, 0)",
            (seq, f"id-{seq}", told),
        )
        database.execute(
            "INSERT INTO sale VALUES ('S0001', ?, 1, ?, '', '', '1', '', 'CNY', 100, 5)", (f"s{seq}", seq)
        )
    database.close()
    database = open_database(tmp_path / "hq.db")
    found = database.execute("SELECT sale_id, tax_minor, bonus_minor FROM sale ORDER BY 1").fetchall()
    assert found == [("s1", 0, 0), ("s2", 6, 0)]
    database.close()


@pytest.mark.parametrize("wrong", [b'"bonus_minor":1e3', b'"bonus_minor":%d' % 2**60, b'"taxes":[{}]'])
def test_a_sale_of_sums_that_cannot_be_is_kept_raw(
    ingest: Ingest, database: sqlite3.Connection, wrong: bytes
) -> None:
    bodies = [sale_body(1).replace(b'"later":[1]', wrong), sale_body(2)]
    ingest.take([batch(bodies, 1, chain(bodies))])
    assert stored(database) == bodies
    assert database.execute("SELECT sale_id FROM sale").fetchall() == [("s2",)]


def test_hq_knows_the_last_receipt_number_of_each_till(
    ingest: Ingest, database: sqlite3.Connection
) -> None:
    bodies = [
        sale_body(seq).replace(b'"number":"n%d"' % seq, b'"number":"S0001-1-%06d"' % number)
        for seq, number in ((1, 9), (2, 1_000_010), (3, 10))
    ]
    bodies[2] = bodies[2].replace(b'"workstation_id":"1"', b'"workstation_id":"2"')
    ingest.take([batch(bodies, 1, chain(bodies))])
    assert last_known.receipt_numbers(database, "S0001") == {"1": 1_000_010, "2": 10}
    assert last_known.receipt_numbers(database, "S0002") == {}


def test_hq_knows_the_last_shift_and_z_of_each_till(ingest: Ingest, database: sqlite3.Connection) -> None:
    """A Z may have a higher number than its shift began with, where the box had been restored before."""
    told = (
        ("shift.opened", '{"workstation_id":"1","number":9}'),
        ("shift.closed", '{"workstation_id":"1","z":{"z_no":12}}'),
        ("shift.opened", '{"workstation_id":"1","number":10}'),
        ("shift.opened", '{"workstation_id":"2","number":3}'),
    )
    bodies = [body(seq, kind=kind, data=data) for seq, (kind, data) in enumerate(told, 1)]
    ingest.take([batch(bodies, 1, chain(bodies))])
    assert last_known.shifts(database, "S0001") == {"1": 12, "2": 3}
    assert last_known.shifts(database, "S0002") == {}


@pytest.mark.parametrize(
    "data",
    [
        "{}",
        '{"workstation_id":"1","z":{},"hash":"","hash_prev":""}',
        '{"workstation_id":"1","z":{"z_no":1,"grand_total_minor":0},"hash":"x","hash_prev":"x"}',
        '{"workstation_id":"1","z":{"z_no":1HUGE,"grand_total_minor":0},"hash":"","hash_prev":""}',
        '{"workstation_id":"1","z":{"z_no":1,"grand_total_minor":1HUGE},"hash":"","hash_prev":""}',
    ],
)
def test_a_z_that_cannot_be_read_is_stored_and_breaks_nothing(
    ingest: Ingest, database: sqlite3.Connection, data: str
) -> None:
    bodies = [body(1, kind="shift.closed", data=data.replace("HUGE", "0" * 30)), body(2)]
    reply = only(ingest.take([batch(bodies, 1, chain(bodies))]))
    assert (reply.ack.hwm, reply.ack.rejected_from) == (2, None)
    assert stored(database) == bodies and last_known.zs(database, "S0001") == {}


def test_an_id_of_an_earlier_epoch_with_another_content_is_refused(
    ingest: Ingest, database: sqlite3.Connection
) -> None:
    ingest.take([Store(3).batch(1, 3)])
    ingest.enrol("S0001", 7, 2)
    forged = Store(3)
    forged.bodies[1] = forged.bodies[1].replace(b'"data":{', b'"data":{"more":1', 1)
    assert forged.bodies[1] != Store(3).bodies[1]
    reply = only(ingest.take([forged.batch(1, 3, epoch=2)]))
    assert (reply.ack.hwm, "repeated_id" in reply.ack.reason) == (0, True)
    assert stored(database) == Store(3).bodies


@pytest.mark.parametrize(
    ("store", "shard", "epoch"), [("S0001", 7, 1), ("S 1", 7, 2), ("S0001", 64, 2), ("S9", 1, 0)]
)
def test_only_a_new_epoch_of_a_store_that_can_be_is_given_out(
    ingest: Ingest, store: str, shard: int, epoch: int
) -> None:
    ingest.take([Store(3).batch(1, 3)])
    with pytest.raises(NotEnrolled):
        ingest.enrol(store, shard, epoch)
    assert only(ingest.take([Store(4).batch(4, 4)])).ack.hwm == 4


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "compression"),
        (b"not zlib", "compression"),
        (zlib.compress(b"{}")[:-2], "compression"),
        (zlib.compress(b"{}") + b"tail", "compression"),
        (zlib.compress(b"0" * (BATCH_PLAIN_MAX + 1)), "size"),
        (zlib.compress(b"[" * 100_000), "form"),
        (zlib.compress(b"\xff\xfe{"), "form"),
        (zlib.compress(b'{"store":"S0001","epoch":1,"first":1,"head":"","ev":[]}'), "form"),
        (zlib.compress(b'{"store":"S0001","epoch":-1,"first":1,"head":"","ev":[{}]}'), "form"),
        (zlib.compress(b'{"store":"S0001","epoch":1,"first":99999999999999999999,"ev":[1]}'), "form"),
        (batch([body(2)], 1, GENESIS).payload, "order"),
        (batch([body(1), body(3)], 1, GENESIS).payload, "order"),
    ],
)
def test_poison_is_quarantined_and_the_stream_goes_on(
    ingest: Ingest, database: sqlite3.Connection, payload: bytes, reason: str
) -> None:
    store = Store(4)
    ingest.take([store.batch(1, 2)])
    reply = only(ingest.take([Delivery(TOPIC, payload, "zlib"), store.batch(3, 4)]))
    assert quarantined(database) == [(reason, 1)]
    assert (reply.ack.hwm, reply.ack.rejected_from) == (4, None)
    assert only(ingest.take([Delivery(TOPIC, payload, "zlib")])).ack.rejected_from == 5


@settings(max_examples=150, deadline=None)
@given(topic=st.text(max_size=40), payload=st.binary(max_size=80), packed=st.booleans())
def test_garbage_never_gets_further_than_quarantine(topic: str, payload: bytes, packed: bool) -> None:
    database = open_database_in_memory()
    ingest = Ingest(database, lambda: 0)
    content = zlib.compress(payload) if packed else payload
    for where in (topic, TOPIC, STATE, f"chain/v1/07/{topic}/up/ev"):
        ingest.take([Delivery(where, content, "zlib")])
    assert stored(database) == []
    database.close()


def test_the_quarantine_keeps_only_the_newest(
    ingest: Ingest, database: sqlite3.Connection, clock: Clock
) -> None:
    for n in range(QUARANTINE_MAX + 20):
        clock.at_ms += 1
        ingest.take([Delivery(f"somewhere/{n}", b"x")])
    count, oldest = database.execute("SELECT COUNT(*), MIN(at_ms) FROM quarantine").fetchone()
    assert (count, oldest) == (QUARANTINE_MAX, 1_000_021)


def test_each_birth_is_answered_and_a_restored_hq_asks_for_what_it_once_had(
    ingest: Ingest, database: sqlite3.Connection
) -> None:
    reply = only(ingest.take([birth(last=9, acked=7)]))
    assert (reply.ack.hwm, reply.ack.head) == (0, GENESIS.hex())
    assert reply.again is not None
    assert reply.again.replay == (1, 7)
    ingest.take([Store(9).batch(1, 9)])
    reply = only(ingest.take([birth(last=9, acked=9)]))
    assert (reply.ack.hwm, reply.again) == (9, None)


def test_a_late_will_of_an_earlier_boot_is_ignored(ingest: Ingest, database: sqlite3.Connection) -> None:
    def online() -> int:
        return int(database.execute("SELECT online FROM store").fetchone()[0])

    ingest.take([birth(boot=2)])
    assert ingest.take([Delivery(STATE, b'{"online":false,"boot":1}')]) == []
    assert online() == 1
    ingest.take([Delivery(STATE, b'{"online":false,"boot":2}')])
    assert online() == 0


def test_a_new_boot_with_fewer_events_than_acknowledged_was_restored_from_a_copy(ingest: Ingest) -> None:
    ingest.take([birth(boot=1), Store(9).batch(1, 9)])
    assert only(ingest.take([birth(boot=1, last=4)])).ack.rejected_from is None  # an old birth, again
    reply = only(ingest.take([birth(boot=2, last=4, acked=4)]))
    assert reply.ack.rejected_from == 10
    assert "rollback" in reply.ack.reason


def test_when_the_disk_fails_nothing_is_stored_and_the_same_can_be_taken_again(
    ingest: Ingest, database: sqlite3.Connection
) -> None:
    store = Store(5)
    database.execute("PRAGMA query_only=ON")
    with pytest.raises(sqlite3.OperationalError):
        ingest.take([store.batch(1, 5)])
    database.execute("PRAGMA query_only=OFF")
    assert stored(database) == []
    assert only(ingest.take([store.batch(1, 5)])).ack.hwm == 5


class SkipsNothing(Ingest):
    def _append(self, known, opened):  # type: ignore[no-untyped-def]
        known.hwm = min(known.hwm, opened.batch.first - 1)
        super()._append(known, opened)


class AcceptsGaps(Ingest):
    def _batch(self, shard, store, opened):  # type: ignore[no-untyped-def]
        known = self._stream(shard, store, 1)
        if opened.batch.first > known.hwm + 1:
            known.hwm, known.head = opened.last, bytes.fromhex(opened.batch.head)
        super()._batch(shard, store, opened)


@pytest.mark.parametrize("mutant", [SkipsNothing, AcceptsGaps])
def test_each_known_mistake_is_caught(mutant: type[Ingest]) -> None:
    def wrong(seed: int) -> bool:
        rng, database, store = random.Random(seed), open_database_in_memory(), Store(30)
        ingest = mutant(database, lambda: 0)
        try:
            for _ in range(20):
                first = min(30, max(1, len(stored(database)) + rng.randint(-4, 3)))
                ingest.take([store.batch(first, min(30, first + rng.randint(0, 9)))])
            for first in range(1, 31):
                ingest.take([store.batch(first, first)])
            return stored(database) != store.bodies or quarantined(database) != []
        except sqlite3.IntegrityError:
            return True
        finally:
            database.close()

    assert sum(wrong(seed) for seed in range(10)) >= 5
