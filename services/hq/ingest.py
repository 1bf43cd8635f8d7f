"""Takes the stores' streams into tables: every event once, in order, proved by its hash chain."""

from __future__ import annotations

import dataclasses
import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from services.domain import stream
from services.domain.stream import Ack, StoreState
from services.hq import z_chains
from services.hq.reading import Envelope, Opened, Poison, open_batch, open_state, sale_of

GENESIS = bytes(32)
ASK_EVERY_MS = 1_000  # one replay request for all batches after a gap
QUARANTINE_MAX = 1_000  # rows; the oldest go
QUARANTINE_BYTES = 64 * 1024  # of one payload
TEXT_MAX = 256

ROWS_MAX = 500  # of one INSERT; SQLite allows 32,766 values


@dataclass(frozen=True, slots=True)
class Delivery:
    topic: str
    payload: bytes
    encoding: str = ""
    retained: bool = False
    opened: Opened | Poison | None = None  # when somebody had time to open it before


def opened_early(delivery: Delivery) -> Delivery:
    """The same with its batch opened: for the thread that receives, while another one commits."""
    if not delivery.topic.endswith("/up/ev"):
        return delivery
    try:
        opened: Opened | Poison = open_batch(delivery.payload, delivery.encoding)
    except Poison as poison:
        opened = poison
    return dataclasses.replace(delivery, opened=opened)


@dataclass(frozen=True, slots=True)
class Reply:
    """What to tell a store. `ack` is published retained, `again` (with a replay) is not."""

    topic: str
    ack: Ack
    again: Ack | None = None


@dataclass(slots=True)
class _Stream:
    """One store's row while a transaction runs."""

    store: str
    shard: int
    epoch: int
    hwm: int
    head: bytes
    online: int
    boot: int
    last: int
    rejected_from: int | None
    reason: str
    wanted_to: int = 0  # dropped after a gap, or once acknowledged by an HQ that knew more
    reply: bool = False


class NotEnrolled(Exception):
    """The store, shard or epoch cannot be; nothing has changed."""


class Ingest:
    """One consumer's view of the database. Repeats, gaps and disorder change nothing that was stored."""

    def __init__(self, connection: sqlite3.Connection, now_ms: Callable[[], int]) -> None:
        self._db = connection
        self._now_ms = now_ms
        self._streams: dict[str, _Stream] = {}
        self._asked: dict[str, tuple[int, int]] = {}  # store -> (from, when)

    def take(self, deliveries: Sequence[Delivery]) -> list[Reply]:
        """Commit all of them in one transaction; what to answer. Acknowledge to the broker only then."""
        self._streams = {}
        with self._transaction():
            for delivery in deliveries:
                self._one(delivery)
            now_ms = self._now_ms()
            for each in self._streams.values():
                self._save(each, now_ms)
        return [self._reply(each) for each in self._streams.values() if each.reply]

    def enrol(self, store: str, shard: int, epoch: int) -> None:
        """A new, replaced or restored box: in its new epoch it sends its whole journal, from 1 on. What is
        held of an earlier epoch is not stored again. Raises NotEnrolled for an epoch that is no new one."""
        if not stream.may_be(shard, store) or epoch < 1:
            raise NotEnrolled(f"store {store!r}, shard {shard}, epoch {epoch}: there are no such")
        self._streams = {}
        with self._transaction():
            known = self._known(store)
            if known is not None and epoch <= known.epoch:
                raise NotEnrolled(f"{store} is in epoch {known.epoch} already: give a higher one")
            self._save(_new(store, shard, epoch), self._now_ms())

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _one(self, delivery: Delivery) -> None:
        place = stream.parse_topic(delivery.topic)
        try:
            if place is None:
                raise Poison("topic")
            shard, store, what = place
            if what == "up/ev":
                self._batch(shard, store, _opened(delivery))
            elif what == "state":
                self._state(shard, store, open_state(delivery.payload), delivery.retained)
            else:
                raise Poison("topic")
        except Poison as poison:
            self._quarantine(delivery, poison)
            if place is not None and place[2] == "up/ev" and (known := self._known(place[1])):
                _refuse(known, poison)

    def _batch(self, shard: int, store: str, opened: Opened) -> None:
        batch = opened.batch
        if batch.store != store:
            raise Poison("store", f"payload of {batch.store}", batch.first)
        known = self._stream(shard, store, batch.epoch)
        known.reply = True
        if batch.epoch != known.epoch:
            raise Poison("epoch", f"{batch.epoch} is not {known.epoch}", batch.first)
        if batch.first > known.hwm + 1:
            known.wanted_to = max(known.wanted_to, opened.last)
        elif opened.last <= known.hwm:
            self._check_repeat(known, opened)
        else:
            self._append(known, opened)

    def _check_repeat(self, known: _Stream, opened: Opened) -> None:
        """A repeat must be one: another content under an old number is a restored or copied box."""
        row = self._db.execute(
            "SELECT hash FROM event WHERE store = ? AND epoch = ? AND seq = ?",
            (known.store, known.epoch, opened.last),
        ).fetchone()
        if row is None:  # held of an earlier epoch
            row = self._db.execute(
                "SELECT hash FROM event WHERE id = ? AND store = ?", (opened.events[-1].id, known.store)
            ).fetchone()
        if row is None or bytes(row[0]).hex() != opened.batch.head:
            raise Poison("history", f"event {opened.last} differs from the stored one", opened.batch.first)

    def _append(self, known: _Stream, opened: Opened) -> None:
        skip = known.hwm + 1 - opened.batch.first
        now_ms = self._now_ms()
        head, rows, sales = known.head, [], []
        for event, raw in zip(opened.events[skip:], opened.batch.ev[skip:], strict=True):
            body = bytes(raw)
            head = hashlib.sha256(head + body).digest()
            sale = _sale_row(known, event)
            if sale is not None:
                sales.append(sale)
            rows.append(
                (
                    known.store,
                    known.epoch,
                    event.seq,
                    event.id,
                    event.type,
                    event.dataschema,
                    body,
                    head,
                    int(sale is not None),
                    now_ms,
                )
            )
        if head.hex() != opened.batch.head:
            raise Poison("chain", "the hash chain does not fit", opened.batch.first)
        self._insert(rows, sales, opened.batch.first)
        known.hwm, known.head = opened.last, head
        known.rejected_from, known.reason = None, ""

    def _insert(
        self, rows: Sequence[tuple[object, ...]], sales: Sequence[tuple[object, ...]], first: int
    ) -> None:
        """What an earlier epoch of the store holds already, byte for byte, is not stored twice."""
        try:
            self._insert_whole(rows, sales)
        except sqlite3.IntegrityError:
            try:
                self._insert_whole([row for row in rows if not self._held(row)], sales)
            except sqlite3.IntegrityError as error:
                raise Poison("repeated_id", str(error), first) from error

    def _held(self, row: tuple[object, ...]) -> bool:
        store, epoch, seq, id_, *_, body, hash_, _, _ = row
        found = self._db.execute(
            "SELECT 1 FROM event WHERE id = ? AND store = ? AND epoch < ? AND seq = ? AND body = ?"
            " AND hash = ?",
            (id_, store, epoch, seq, body, hash_),
        ).fetchone()
        return found is not None

    def _insert_whole(
        self, rows: Sequence[tuple[object, ...]], sales: Sequence[tuple[object, ...]]
    ) -> None:
        self._db.execute("SAVEPOINT batch")
        try:
            self._insert_many("event", rows)
            self._insert_many("sale", sales, "ON CONFLICT DO NOTHING")
            z_chains.follow(self._db, rows)
        except sqlite3.IntegrityError:
            self._db.execute("ROLLBACK TO batch")
            raise
        finally:
            self._db.execute("RELEASE batch")

    def _insert_many(self, table: str, rows: Sequence[tuple[object, ...]], end: str = "") -> None:
        """Many rows to a statement: half the time of executemany, which steps row by row."""
        for start in range(0, len(rows), ROWS_MAX):
            part = rows[start : start + ROWS_MAX]
            one = f"({', '.join('?' * len(part[0]))})"
            values = [value for row in part for value in row]
            self._db.execute(f"INSERT INTO {table} VALUES {', '.join([one] * len(part))} {end}", values)

    def _state(self, shard: int, store: str, state: StoreState, retained: bool) -> None:
        if not state.online:
            known = self._known(store)
            if known is not None and state.boot == known.boot:  # else the late will of an old life
                known.online = 0
            return
        known = self._stream(shard, store, state.epoch or 1)
        known.reply = True
        # Only the first birth of a boot says something about the past; a repeated one is stale.
        if not retained and state.boot > known.boot and state.last < known.hwm:
            _refuse(known, Poison("rollback", f"the store's journal ends at {state.last}"))
        known.online, known.boot, known.last = 1, state.boot, state.last
        if state.epoch == known.epoch and state.acked > known.hwm:  # we were restored from a backup
            known.wanted_to = max(known.wanted_to, state.acked)

    def _stream(self, shard: int, store: str, epoch: int) -> _Stream:
        """The store's stream; one never seen is enrolled with the epoch it names."""
        known = self._known(store)
        if known is None:
            known = self._streams[store] = _new(store, shard, epoch)
        if known.shard != shard:
            raise Poison("shard", f"{shard} is not {known.shard}")
        return known

    def _known(self, store: str) -> _Stream | None:
        if store not in self._streams:
            row = self._db.execute(
                "SELECT store, shard, epoch, hwm, head, online, boot, last, rejected_from, reason"
                " FROM store WHERE store = ?",
                (store,),
            ).fetchone()
            if row is None:
                return None
            self._streams[store] = _Stream(*row)
        return self._streams[store]

    def _save(self, each: _Stream, now_ms: int) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO store VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                each.store,
                each.shard,
                each.epoch,
                each.hwm,
                each.head,
                each.online,
                each.boot,
                each.last,
                each.rejected_from,
                each.reason,
                now_ms,
            ),
        )

    def _quarantine(self, delivery: Delivery, poison: Poison) -> None:
        self._db.execute(
            "INSERT INTO quarantine VALUES (?, ?, ?, 1, ?, ?, ?) ON CONFLICT (topic, reason, first)"
            " DO UPDATE SET times = times + 1, at_ms = excluded.at_ms",
            (
                delivery.topic[:TEXT_MAX],
                poison.reason,
                poison.first,
                poison.detail[:TEXT_MAX],
                delivery.payload[:QUARANTINE_BYTES],
                self._now_ms(),
            ),
        )
        self._db.execute(
            "DELETE FROM quarantine WHERE rowid IN"
            " (SELECT rowid FROM quarantine ORDER BY at_ms DESC, rowid DESC LIMIT -1 OFFSET ?)",
            (QUARANTINE_MAX,),
        )

    def _reply(self, each: _Stream) -> Reply:
        # `safe` equals `hwm`: this reference keeps its one copy on a disk that has been synced.
        ack = Ack(
            epoch=each.epoch,
            hwm=each.hwm,
            safe=each.hwm,
            head=each.head.hex(),
            rejected_from=each.rejected_from,
            reason=each.reason,
        )
        again = None
        if each.wanted_to > each.hwm and self._may_ask(each):
            again = msgspec.structs.replace(ack, replay=(each.hwm + 1, each.wanted_to))
        return Reply(stream.ack_topic(each.shard, each.store), ack, again)

    def _may_ask(self, each: _Stream) -> bool:
        start, now_ms = each.hwm + 1, self._now_ms()
        asked = self._asked.get(each.store)
        if asked is not None and asked[0] == start and 0 <= now_ms - asked[1] < ASK_EVERY_MS:
            return False
        self._asked[each.store] = (start, now_ms)
        return True


def _opened(delivery: Delivery) -> Opened:
    """Raises Poison."""
    if isinstance(delivery.opened, Poison):
        raise delivery.opened
    return delivery.opened or open_batch(delivery.payload, delivery.encoding)


def _new(store: str, shard: int, epoch: int) -> _Stream:
    return _Stream(store, shard, epoch, 0, GENESIS, 0, 0, 0, None, "")


def _refuse(known: _Stream, poison: Poison) -> None:
    """Visible to the store in every answer until its stream moves on. Other topics' faults are not its."""
    if poison.reason in ("shard", "store"):
        return
    known.reply = True
    known.rejected_from, known.reason = known.hwm + 1, str(poison)[:TEXT_MAX]


def _sale_row(known: _Stream, event: Envelope) -> tuple[object, ...] | None:
    sale = sale_of(event)
    if sale is None:
        return None
    return (
        known.store,
        sale.sale_id,
        known.epoch,
        event.seq,
        sale.number,
        sale.business_day,
        sale.workstation_id,
        sale.operator_id,
        sale.currency,
        sale.total_minor,
        sale.ended_at_ms,
        sale.tax_minor,
        sale.bonus_minor,
    )
