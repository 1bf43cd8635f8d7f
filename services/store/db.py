"""The one SQLite file: its single writer with group commit, and read-only connections for the others."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import peewee

from services.domain.errors import OutcomeUnknown

GROUP_MAX = 64  # transactions that share one sync
GATHER_S = 0.000_5  # the longest a new group waits for those of the last one; a lone till never waits
CHECKPOINT_PAGES = 4000  # the log stays near 16 MB: read again in 20 ms, and few sales wait for a copy
BUSY_TIMEOUT_S = 5.0
# These stop a commit before its last frame is whole; a failed sync (IOERR_FSYNC) does not.
SURELY_UNDONE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR_WRITE)
DISK_TROUBLE = "storage failed; ask again with the same key"

WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # NORMAL loses acknowledged sales at a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what an erased member was found by is overwritten, not only let go
    f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}",
    "PRAGMA cache_size=-8000",
    "PRAGMA temp_store=MEMORY",  # what a savepoint would undo: else it goes through a file
)


class AlreadyOpen(Exception):
    """Another process writes to this database: two writers would undo what one of them promises."""


class _Group:
    """Transactions that are committed with one sync; all of them hold, or none is acknowledged."""

    __slots__ = ("error", "members", "over")

    def __init__(self) -> None:
        self.members = 0
        self.over = threading.Lock()  # held until the commit; then each waiter lets the next one go on,
        self.over.acquire()  # so that they do not all wake at once and fight for the interpreter
        self.error: BaseException | None = None

    def wait(self) -> None:
        with self.over:
            pass
        if self.error is not None:
            raise OutcomeUnknown(DISK_TROUBLE) from self.error


class _Here(threading.local):
    """What a thread knows of itself."""

    writing = False
    generation = -1
    reader: sqlite3.Connection


class Ledger(peewee.SqliteDatabase):
    """Inside write() a thread talks to the writer, otherwise to its own read-only connection."""

    def __init__(self) -> None:
        super().__init__(None)
        self._here = _Here()
        self._turn = threading.Lock()  # held by the thread whose statements run, or that commits
        self._counting = threading.Lock()
        self._waiting = 0  # threads that want their turn
        self._group: _Group | None = None
        self._last_members = 0  # of the group before
        self._wanted = 0  # how many must be waiting before the group being gathered begins; 0: nobody asks
        self._all_here = threading.Lock()
        self._all_here.acquire()  # released once for each gathering that was completed
        self._writer: sqlite3.Connection | None = None
        self._in_doubt = False  # a commit's sync failed: its last frame may come back with a power cut
        self._lock: int | None = None  # the descriptor that says this process is the writer
        self._readers: weakref.WeakSet[_Reader] = weakref.WeakSet()
        self._generation = 0  # rises with every open, so that a thread drops a stale reader

    def open(self, path: Path, *, read_only: bool = False) -> None:
        """Attach to `path`; the writer creates it. Raises AlreadyOpen when another process writes to it."""
        self.shut()
        self.init(str(path))
        self._generation += 1
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(path)
            self._writer = open_writer(str(path))

    def shut(self) -> None:
        """Close every connection; harmless when closed. Waits for the turn of whoever is writing."""
        with self._turn:
            for reader in self._readers:
                reader.close()
            self._generation += 1
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    @property
    def opening(self) -> int:
        """A number that is another one for each database that was opened."""
        return self._generation

    def connection(self) -> sqlite3.Connection:
        here = self._here
        if here.writing:
            assert self._writer is not None
            return self._writer
        if here.generation != self._generation:
            reader = open_reader(str(self.database))
            here.reader, here.generation = reader, self._generation
            self._readers.add(reader)
        return here.reader

    def cursor(self, named_cursor: Any = None) -> sqlite3.Cursor:
        return self.connection().cursor()

    def execute_sql(self, sql: str, params: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run one statement where this thread belongs. A fixed text stays prepared in its connection.

        Past peewee's hooks and wrappers: a sale runs a dozen of these, and errors stay sqlite3's own.
        """
        return self.connection().execute(sql, params)

    def execute_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """The same statement for each row, inside write()."""
        self.connection().executemany(sql, rows)

    def write(self) -> _Turn:
        """One transaction, as a with-block: durable when the block has been left without an exception.

        Threads that come while another one commits share the next sync: the last of them commits for
        all. An exception in the block undoes that block alone. Raises OutcomeUnknown when the disk
        failed: the transaction may or may not be there after a restart. Never nested.
        """
        return _Turn(self)

    def enter(self) -> _Group:
        """Wait for the turn and join the group being gathered; the turn is held until leave()."""
        assert not self._here.writing, "a flow opens one transaction"
        with self._counting:
            self._waiting += 1
            if 0 < self._wanted <= self._waiting:
                self._wanted = 0
                self._all_here.release()
        self._turn.acquire()
        with self._counting:
            self._waiting -= 1
        try:
            group = self._group or self._begin()
            group.members += 1
            if group.members > 1:
                self._writing().execute("SAVEPOINT member")
        except BaseException:
            self._finish(self._group)
            raise
        self._here.writing = True
        return group

    def leave(self, group: _Group, error: BaseException | None) -> None:
        """Keep this member's work, or undo it alone; whoever is last commits for all."""
        self._here.writing = False
        try:
            if error is not None:
                self._undo(group, error)
            elif group.members > 1:
                self._writing().execute("RELEASE member")
        finally:
            self._finish(group)

    def _finish(self, group: _Group | None) -> None:
        """Give the turn away; the last one of a group commits it first."""
        try:
            if group and group is self._group and (not self._waiting or group.members >= GROUP_MAX):
                self._commit(group)
        finally:
            self._turn.release()

    def _begin(self) -> _Group:
        if self._waiting < self._last_members - 1:
            self._gather()
        self._writing().execute("BEGIN IMMEDIATE")
        self._group = _Group()
        return self._group

    def _gather(self) -> None:
        """Wait for those of the last group: fewer syncs, and no fight with them for the interpreter."""
        with self._counting:
            self._wanted = self._last_members - 1
            if self._waiting >= self._wanted:
                self._wanted = 0
                return
        if not self._all_here.acquire(timeout=GATHER_S):
            with self._counting:
                missing, self._wanted = self._wanted, 0
            if not missing:  # the last one came between our giving up and our saying so
                self._all_here.acquire()

    def _writing(self) -> sqlite3.Connection:
        """The writer's connection, opened anew after a commit that failed."""
        if self._writer is None:
            assert self._lock is not None, "the database is not open for writing"
            self._writer = open_writer(str(self.database))
        return self._writer

    def _undo(self, group: _Group, error: BaseException) -> None:
        writer = self._writing()
        try:
            if not writer.in_transaction:  # SQLite gave the whole transaction up: full disk, I/O error
                self._close(group, error)
            elif group.members > 1:
                writer.execute("ROLLBACK TO member")
                writer.execute("RELEASE member")
            else:
                writer.execute("ROLLBACK")
                self._close(group, None)
        except sqlite3.Error as trouble:
            self._give_up(group, trouble)

    def _commit(self, group: _Group) -> None:
        try:
            self._writing().execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(group, error)
        else:
            self._in_doubt = False
            self._close(group, None)

    def _give_up(self, group: _Group, error: sqlite3.Error) -> None:
        """A connection that failed to end a transaction is not trusted again: the file is read afresh."""
        failed, self._writer = self._writer, None
        self._in_doubt = self._in_doubt or _code(error) not in SURELY_UNDONE
        self._close(group, error)
        if failed is not None:
            failed.close()

    def settle_doubt(self) -> None:
        """After this, what cannot be read was not and never will be committed.

        A commit whose sync failed may stand whole in the write-ahead log, unseen, and come back when the
        log is read again after a power cut; the next commit overwrites it. Raises OutcomeUnknown when
        that one fails too.
        """
        if self._in_doubt:
            with self.write():
                self.execute_sql(
                    "INSERT INTO box VALUES ('doubts', 1) ON CONFLICT DO UPDATE SET value = value + 1"
                )

    def _close(self, group: _Group, error: BaseException | None) -> None:
        self._group, self._last_members = None, group.members
        group.error = error
        group.over.release()


class _Turn:
    """The with-block of one transaction."""

    __slots__ = ("_group", "_ledger")

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __enter__(self) -> None:
        try:
            self._group = self._ledger.enter()
        except sqlite3.OperationalError as error:
            raise OutcomeUnknown(DISK_TROUBLE) from error

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            self._ledger.leave(self._group, error)
        except sqlite3.OperationalError as trouble:
            raise OutcomeUnknown(DISK_TROUBLE) from trouble
        if error is None:
            self._group.wait()
        elif isinstance(error, sqlite3.OperationalError):  # full, locked, I/O error; bugs are other kinds
            raise OutcomeUnknown(DISK_TROUBLE) from error


class _Reader(sqlite3.Connection):
    """A connection that can be held weakly: a thread that ends takes its reader along."""


def _code(error: sqlite3.Error) -> int | None:
    """SQLite's extended result code; None for an error of the module itself."""
    return getattr(error, "sqlite_errorcode", None)


def _locked(path: Path) -> int:
    """Claim `path` for this process until the descriptor is closed, a kill included. Raises AlreadyOpen."""
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise AlreadyOpen(f"another gateway or job already works with {path}") from error
    return descriptor


def open_writer(path: str) -> sqlite3.Connection:
    """The connection that writes. Only the ledger's turn-taking may share it between threads."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    for pragma in WRITER_PRAGMAS:
        connection.execute(pragma)
    return connection


def open_reader(path: str) -> _Reader:
    """A connection that cannot write and never checkpoints."""
    connection = sqlite3.connect(
        f"file:{path}?mode=ro",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        factory=_Reader,
    )
    connection.execute("PRAGMA query_only=ON")
    return connection


LEDGER = Ledger()
write = LEDGER.write


class Row(peewee.Model):
    """Base of all tables."""

    class Meta:
        database = LEDGER
        legacy_table_names = False


def tuples(query: Any) -> list[tuple[Any, ...]]:
    """The rows of a peewee query, without the cost of a model instance each."""
    return list(query.tuples())
