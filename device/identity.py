"""What makes this box itself: ids that rise with time, and PINs nobody can read back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import uuid_utils
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from device import cores

# About 60 ms and 19 MiB on a Raspberry Pi 4 (OWASP's second parameter set).
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# One thread for all of it: the allocator keeps those 19 MiB for every thread that ever hashed.
_BENCH = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pins", initializer=cores.roam)


def new_id() -> str:
    """A UUIDv7: sorts by the time it was made."""
    return str(uuid_utils.uuid7())


def hash_pin(pin: str) -> str:
    return _BENCH.submit(_HASHER.hash, pin).result()


def check_pin(hashed: str, pin: str) -> bool:
    """Takes its turn behind other checks, each about 60 ms."""
    try:
        return _BENCH.submit(_HASHER.verify, hashed, pin).result()
    except (Argon2Error, InvalidHashError):
        return False
