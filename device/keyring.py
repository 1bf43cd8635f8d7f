"""The keys of the box: one file each, readable by the gateway alone, made by chance at the first start.

Whoever steals the card of a box without a security chip has keys and data together: against that helps
only a disk that is encrypted as a whole, with the key elsewhere.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from device.leash import CannotStart
from services.domain.keyring import KEY_BYTES, Keyring

FOLDER = "keys"  # below data.dir
NAMES = ("master", "index", "coupon")


def load(data_dir: Path) -> Keyring:
    """The keys in `data_dir`/keys; a missing one is made. Raises CannotStart for a file that is no key.

    A key is whole before it has its name: a power cut leaves no half of one.
    """
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Keyring(**{name: _read(folder / name) for name in NAMES})


def _read(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return _made(path)
    except OSError as error:
        raise CannotStart(f"{path}: the key cannot be read: {error}") from error
    if len(key) != KEY_BYTES:
        raise CannotStart(f"{path}: {len(key)} bytes are no key; put the right file back")
    return key


def _made(path: Path) -> bytes:
    """Of two processes that start at once, one makes it and both use it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return path.read_bytes()
