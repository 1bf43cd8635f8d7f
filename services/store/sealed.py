"""What is sealed: members' data under a key of their own each, in a database of its own. A key that was
deleted takes all copies of the data with it, those in the journal and in old backups too. Therefore there
is one copy of the keys at most, and what is deleted here is deleted there.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.domain.errors import OutcomeUnknown, ShopError
from services.domain.keyring import KEY_BYTES, Keyring
from services.domain.member_errors import MemberSealed

VERSION, KEY_ID = 1, 1  # the first two bytes of every sealed value: its form, and which key opens it
NONCE_BYTES = 12
INDEX_BYTES = 16
_HEAD = bytes((VERSION, KEY_ID))

# secure_delete overwrites what is deleted. A write-ahead log would keep the page of before, so there is
# none: the rollback journal keeps its place and is overwritten after every erase.
_PRAGMAS = (
    "PRAGMA secure_delete=ON",
    "PRAGMA journal_mode=PERSIST",
    "PRAGMA synchronous=FULL",
    "PRAGMA temp_store=MEMORY",
)
_TABLES = (
    "CREATE TABLE IF NOT EXISTS member_secret (member_id TEXT PRIMARY KEY, wrapped BLOB NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS forgotten (member_id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS proof (n INTEGER PRIMARY KEY CHECK (n = 1), value BLOB NOT NULL)",
)
_CLOSED = "members' keys are not open"
_TROUBLE = "storage failed; ask again with the same key"

_log = logging.getLogger(__name__)


class Vault:
    """The database of data keys. Only the process that writes to the ledger opens it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._path = Path()
        self._master = b""
        self._copy: Path | None = None
        self.trouble = _CLOSED  # why no member's data can be read or written; "" for none
        self.behind = False  # somebody forgotten here may not be in the copy yet

    def open(self, path: Path, keyring: Keyring, copy: Path | None = None) -> None:
        """Attach to `path`, made where it is missing. The shop sells without it, so nothing is raised:
        `trouble` says what is wrong, and every use raises MemberSealed. `copy` is where the one copy of the
        keys is, on another medium, or will be."""
        self._attach(path, keyring.master)
        self._copy, self.behind = copy, False
        self._follow()

    def _attach(self, path: Path, master: bytes) -> None:
        self.shut()
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with self._lock:
            try:
                self._path, self._master = path, master
                self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
                for statement in (*_PRAGMAS, *_TABLES):
                    self._connection.execute(statement)
                self.trouble = self._proved(self._connection)
                self._scrub()
            except (sqlite3.Error, OSError) as error:
                self.trouble = f"members' keys cannot be read: {error}"

    def shut(self) -> None:
        """Harmless when closed."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection, self._master, self.trouble = None, b"", _CLOSED

    def create(self, member_id: str) -> None:
        """Make the data key of a new member; it lasts when this returns. A repeat changes nothing.

        Before the ledger's transaction: a key without data harms nobody, data without a key is lost.
        """
        self.create_all([member_id])

    def create_all(self, member_ids: Sequence[str]) -> None:
        """As create(), for many at the price of one."""
        self._write(
            "INSERT INTO member_secret (member_id, wrapped) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(each, self._sealed(self._master, _new_key(), _wrap(each))) for each in member_ids],
        )

    def drop(self, *member_ids: str) -> None:
        """Delete the keys of people who did not become members."""
        self._write("DELETE FROM member_secret WHERE member_id = ?", [(each,) for each in member_ids])

    def forget(self, member_ids: Sequence[str], at_ms: int) -> None:
        """Delete keys for good, in the copy too, and remember whose they were. A repeat changes nothing.
        A copy that is not there now follows as soon as it is: see `behind`.

        What they sealed is noise from now on, wherever it lies. A memory card may keep a stale copy of
        the block; without the master key that is noise too.
        """
        self._write(
            "INSERT INTO forgotten (member_id, at_ms) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(member_id, at_ms) for member_id in member_ids],
            "DELETE FROM member_secret WHERE member_id IN (SELECT member_id FROM forgotten)",
        )
        self._follow()

    def forgotten(self) -> set[str]:
        """Whose keys were deleted for good; a ledger that was put back may not know it."""
        with self._lock:
            return {str(row[0]) for row in self._open().execute("SELECT member_id FROM forgotten")}

    def copy_out(self, at_ms: int) -> None:
        """Make the copy what the keys are now, in its place, whole or not at all: none of before is left.

        Raises MemberSealed for a copy of another box, or with keys that this box lacks, OutcomeUnknown.
        """
        assert self._copy is not None, "there is no place for it"
        copy = Vault()
        copy._attach(self._copy, self._master)
        try:
            if copy.trouble:
                raise MemberSealed(f"the copy: {copy.trouble}")
            self.forget(sorted(copy.forgotten()), at_ms)
            if copy._ids() - self._ids() - self.forgotten():
                raise MemberSealed("the copy has keys that this box lacks: restore them first")
            copy._become(self)
            self.behind = False
        finally:
            copy.shut()

    def put_back(self, copy: Path, path: Path, keyring: Keyring) -> None:
        """Open a copy's keys at `path`, where there are none yet. Raises MemberSealed, OutcomeUnknown."""
        assert not path.exists(), path
        source, draft = Vault(), path.with_suffix(".part")
        try:
            source._attach(copy, keyring.master)
            self._attach(draft, keyring.master)
            if trouble := source.trouble or self.trouble:
                raise MemberSealed(trouble)
            self._become(source)
        finally:
            source.shut()
            self.shut()
        Path(f"{draft}-journal").unlink(missing_ok=True)
        draft.replace(path)
        self.open(path, keyring)

    def seal(self, member_id: str, plain: bytes, context: str) -> bytes:
        """`plain` under the member's key. Only with the same `context` it can be opened again.

        Raises MemberSealed.
        """
        return self._sealed(self._key(member_id), plain, context.encode())

    def unseal(self, member_id: str, blob: bytes, context: str) -> bytes:
        """Raises MemberSealed: the key is gone or another, or `blob` belongs to another row."""
        return _opened(self._key(member_id), blob, context.encode())

    def unseal_all(self, rows: Sequence[tuple[str, bytes, str]]) -> list[bytes | None]:
        """unseal() of (member id, blob, context), in the order of the ids and read at once; None for each
        that does not open. Raises MemberSealed where none can."""
        if not rows:
            return []
        wrapped = dict(
            self._wrapped(
                "SELECT member_id, wrapped FROM member_secret WHERE member_id BETWEEN ? AND ?",
                (rows[0][0], rows[-1][0]),
            )
        )
        return [self._tried(wrapped.get(row[0]), *row) for row in rows]

    def _follow(self) -> None:
        """Forget in the copy whoever was forgotten here. A medium that is away is no reason to refuse."""
        if self._copy is None or self.trouble:
            return
        gone = sorted(self.forgotten())
        copy, late = Vault(), bool(gone)
        try:
            if gone and self._copy.exists():
                copy._attach(self._copy, self._master)
                copy.forget(gone, 0)
                late = False
        except (ShopError, OSError) as error:
            _log.error("the copy of members' keys cannot be written: %s", error)
        finally:
            copy.shut()
        self.behind = late

    def _become(self, other: Vault) -> None:
        """Have the other's keys and no others. One transaction, overwritten as deletions are."""
        with other._lock, self._lock:
            try:
                other._open().backup(self._open())
                self._scrub()
            except (sqlite3.Error, OSError) as error:
                raise OutcomeUnknown(_TROUBLE) from error

    def _ids(self) -> set[str]:
        return {str(row[0]) for row in self._wrapped("SELECT member_id FROM member_secret", ())}

    def _tried(self, wrapped: bytes | None, member_id: str, blob: bytes, context: str) -> bytes | None:
        if wrapped is None:
            return None
        try:
            return _opened(_opened(self._master, wrapped, _wrap(member_id)), blob, context.encode())
        except MemberSealed:
            return None

    def _key(self, member_id: str) -> bytes:
        found = self._wrapped("SELECT wrapped FROM member_secret WHERE member_id = ?", (member_id,))
        if not found:
            raise MemberSealed("the key of this member's data is gone", member_id=member_id)
        return _opened(self._master, bytes(found[0][0]), _wrap(member_id))

    def _wrapped(self, statement: str, given: Sequence[str]) -> list[Any]:
        with self._lock:
            try:
                return self._open().execute(statement, given).fetchall()
            except sqlite3.OperationalError as error:
                raise OutcomeUnknown(_TROUBLE) from error
            except sqlite3.DatabaseError as error:
                raise MemberSealed("members' keys cannot be read") from error

    def _sealed(self, key: bytes, plain: bytes, context: bytes) -> bytes:
        if not key:
            raise MemberSealed(self.trouble)
        nonce = os.urandom(NONCE_BYTES)
        return _HEAD + nonce + AESGCM(key).encrypt(nonce, plain, context)

    def _open(self) -> sqlite3.Connection:
        if self.trouble or self._connection is None:
            raise MemberSealed(self.trouble)
        return self._connection

    def _write(self, statement: str, rows: Sequence[Sequence[object]], then: str = "") -> None:
        with self._lock:
            connection = self._open()
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    connection.executemany(statement, rows)
                    if then:
                        connection.execute(then)
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        connection.rollback()
                self._scrub()
            except (sqlite3.Error, OSError) as error:
                raise OutcomeUnknown(_TROUBLE) from error

    def _scrub(self) -> None:
        """Overwrite what the rollback journal still holds of the transaction that has just ended."""
        journal = Path(f"{self._path}-journal")
        if journal.exists():
            with journal.open("r+b") as file:
                file.write(bytes(journal.stat().st_size))
                file.flush()
                os.fsync(file.fileno())

    def _proved(self, connection: sqlite3.Connection) -> str:
        """Whether the master key is the one all the others were wrapped with."""
        mine = hmac.digest(self._master, b"members", "sha256")
        connection.execute("INSERT INTO proof (n, value) VALUES (1, ?) ON CONFLICT DO NOTHING", (mine,))
        held = bytes(connection.execute("SELECT value FROM proof").fetchone()[0])
        return "" if hmac.compare_digest(held, mine) else "members' keys were made with another master key"


VAULT = Vault()


def blind(keyring: Keyring, kind: str, normal: str) -> bytes:
    """What stands for a key in the database: the same in every shop of the chain, and no way back."""
    return hmac.digest(keyring.index, f"{kind}\0{normal}".encode(), "sha256")[:INDEX_BYTES]


def fingerprint(keyring: Keyring, *parts: object) -> bytes:
    """As requests.fingerprint(), for requests with a phone or a name in them: a plain hash of a phone is
    undone by trying all phones."""
    return hmac.digest(keyring.index, hashlib.sha256(msgspec.json.encode(parts)).digest(), "sha256")


def _new_key() -> bytes:
    return AESGCM.generate_key(8 * KEY_BYTES)


def _wrap(member_id: str) -> bytes:
    return f"key:{member_id}".encode()


def _opened(key: bytes, blob: bytes, context: bytes) -> bytes:
    nonce, sealed = blob[len(_HEAD) : len(_HEAD) + NONCE_BYTES], blob[len(_HEAD) + NONCE_BYTES :]
    if not blob.startswith(_HEAD) or len(nonce) < NONCE_BYTES:
        raise MemberSealed("this was sealed in a form that is not known")
    try:
        return AESGCM(key).decrypt(nonce, sealed, context)
    except InvalidTag as error:
        raise MemberSealed("the seal is broken: another key, another row, or damage") from error
