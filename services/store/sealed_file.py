"""A file sealed as a whole, piece by piece: nothing in it is read or changed without its key, and one that
was cut short is told from a whole one.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = b"SGWCOPY1"
PREFIX_BYTES = (
    7  # of chance for each file; the rest of a nonce is the piece's number and whether it is the last
)
PIECE_BYTES = 1024 * 1024
TAG_BYTES = 16


class Broken(Exception):
    """The file is none of ours, was sealed with another key, or is damaged."""


def seal(source: Path, target: Path, key: bytes) -> bytes:
    """Write `source` sealed to `target`, which lasts when this returns; SHA-256 of what was sealed."""
    prefix, seen = os.urandom(PREFIX_BYTES), hashlib.sha256()
    cipher = AESGCM(key)
    with source.open("rb") as plain, target.open("wb") as file:
        file.write(MARK + prefix)
        for nonce, piece in _numbered(prefix, plain, PIECE_BYTES):
            seen.update(piece)
            file.write(cipher.encrypt(nonce, piece, MARK))
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # what is read next is on the medium
    return seen.digest()


def opened(source: Path, key: bytes, take: Callable[[bytes], object]) -> bytes:
    """Hand what was sealed to `take`, a piece at a time; its SHA-256. Raises Broken."""
    cipher, seen = AESGCM(key), hashlib.sha256()
    with source.open("rb") as file:
        if file.read(len(MARK)) != MARK:
            raise Broken(f"{source.name} is no copy of a ledger")
        prefix = file.read(PREFIX_BYTES)
        try:
            for nonce, piece in _numbered(prefix, file, PIECE_BYTES + TAG_BYTES):
                plain = cipher.decrypt(nonce, piece, MARK)
                seen.update(plain)
                take(plain)
        except (InvalidTag, ValueError) as error:
            raise Broken(f"{source.name} is damaged, or was made with another box's keys") from error
    return seen.digest()


def _numbered(prefix: bytes, file: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes]]:
    """(nonce, piece) to the end; the last one is marked as such, so that no piece is missing after it."""
    number, piece = 0, file.read(size)
    while True:
        following = file.read(size)
        yield prefix + number.to_bytes(4, "big") + bytes((not following,)), piece
        if not following:
            return
        number, piece = number + 1, following
