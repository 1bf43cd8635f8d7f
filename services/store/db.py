"""The one SQLite file: its single writer with group commit, and read-only connections for the others."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee

from services.domain.errors import OutcomeUnknown

GROUP_MAX = 64  # transactions that share one sync
GATHER_S = 0.000_1  # how long a new group waits for those who were in the last one; a lone till never waits
CHECKPOINT_PAGES = 1000  # the write-ahead log stays near 4 MB, so a restart recovers in milliseconds
BUSY_TIMEOUT_S = 5.0

WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # NORMAL loses acknowledged sales at a power cut
    "PRAGMA foreign_keys=ON",
    f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}",
    "PRAGMA cache_size=-8000",
)


class _Group:
    """Transactions that are committed with one sync; all of them hold, or none is acknowledged."""

    def __init__(self) -> None:
        self.members = 0
        self.over = threading.Event()
        self.error: Exception | None = None

    def wait(self) -> None:
        self.over.wait()
        if self.error is not None:
            raise OutcomeUnknown(
                "storage failed while committing; ask again with the same key"
            ) from self.error


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
        self._writer: sqlite3.Connection | None = None
        self._readers: list[sqlite3.Connection] = []
        self._generation = 0  # rises with every open, so that a thread drops a stale reader

    def open(self, path: Path, *, read_only: bool = False) -> None:
        """Attach to `path`; the writer creates it. A database is open in one place at a time."""
        self.shut()
        self.init(str(path))
        self._generation += 1
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = open_writer(str(path))

    def shut(self) -> None:
        """Close every connection; harmless when closed. Nobody may be writing."""
        for reader in self._readers:
            reader.close()
        self._readers.clear()
        self._generation += 1
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def connection(self) -> sqlite3.Connection:
        here = self._here
        if here.writing:
            assert self._writer is not None
            return self._writer
        if here.generation != self._generation:
            here.reader = open_reader(str(self.database))
            here.generation = self._generation
            self._readers.append(here.reader)
        return here.reader

    def cursor(self, named_cursor: Any = None) -> sqlite3.Cursor:
        return self.connection().cursor()

    def execute_sql(self, sql: str, params: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run one statement where this thread belongs. A fixed text stays prepared in its connection.

        Past peewee's hooks and wrappers: a sale runs a dozen of these, and errors stay sqlite3's own.
        """
        return self.connection().execute(sql, params)

    @contextmanager
    def write(self) -> Iterator[None]:
        """One transaction. It is durable when the block has been left without an exception.

        Threads that come while another one commits share the next sync: the last of them commits for
        all. An exception in the block undoes that block alone. Raises OutcomeUnknown when the commit
        itself failed: the transaction may or may not be there after a restart. Never nested.
        """
        assert not self._here.writing, "a flow opens one transaction"
        with self._counting:
            self._waiting += 1
        with self._turn:
            with self._counting:
                self._waiting -= 1
            group = self._join()
            try:
                with self._alone(group):
                    yield
            finally:
                if group is self._group and (self._waiting == 0 or group.members >= GROUP_MAX):
                    self._commit(group)
        group.wait()

    def _join(self) -> _Group:
        """The group being gathered, begun by the first one to come."""
        if self._group is None:
            assert self._writer is not None, "the database is not open for writing"
            if self._waiting < self._last_members - 1:
                time.sleep(GATHER_S)  # they are on their way: fewer syncs, and no fight for the interpreter
            self._writer.execute("BEGIN IMMEDIATE")
            self._group = _Group()
        self._group.members += 1
        return self._group

    @contextmanager
    def _alone(self, group: _Group) -> Iterator[None]:
        """Run one member so that its failure undoes nothing of the others."""
        writer = self._writer
        assert writer is not None
        shared = group.members > 1
        if shared:
            writer.execute("SAVEPOINT member")
        self._here.writing = True
        try:
            yield
        except BaseException as error:
            self._undo(group, writer, shared, error)
            raise
        else:
            if shared:
                writer.execute("RELEASE member")
        finally:
            self._here.writing = False

    def _undo(self, group: _Group, writer: sqlite3.Connection, shared: bool, error: BaseException) -> None:
        if not writer.in_transaction:  # SQLite gave the whole transaction up: full disk, I/O error
            self._close(group, error if isinstance(error, Exception) else RuntimeError(repr(error)))
        elif shared:
            writer.execute("ROLLBACK TO member")
            writer.execute("RELEASE member")
        else:
            writer.execute("ROLLBACK")
            self._close(group, None)

    def _commit(self, group: _Group) -> None:
        assert self._writer is not None
        try:
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            self._close(group, error)
            self._reopen()
        else:
            self._close(group, None)

    def _close(self, group: _Group, error: Exception | None) -> None:
        self._group, self._last_members = None, group.members
        group.error = error
        group.over.set()

    def _reopen(self) -> None:
        """A connection whose commit failed is not trusted again: what the file holds is read afresh."""
        assert self._writer is not None
        self._writer.close()
        self._writer = open_writer(str(self.database))


def open_writer(path: str) -> sqlite3.Connection:
    """The connection that writes. Only the ledger's turn-taking may share it between threads."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    for pragma in WRITER_PRAGMAS:
        connection.execute(pragma)
    return connection


def open_reader(path: str) -> sqlite3.Connection:
    """A connection that cannot write and never checkpoints."""
    connection = sqlite3.connect(
        f"file:{path}?mode=ro",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
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
