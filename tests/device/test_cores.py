"""The gateway keeps to one core; hashing does not."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from device import cores, identity

EVERY = os.sched_getaffinity(0)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    os.sched_setaffinity(0, EVERY)


def cores_of_a_new_thread() -> set[int]:
    seen: list[set[int]] = []
    thread = threading.Thread(target=lambda: seen.append(os.sched_getaffinity(0)))
    thread.start()
    thread.join()
    return seen[0]


def test_threads_started_afterwards_stay_on_the_one_core() -> None:
    cores.keep_to_one()
    assert cores_of_a_new_thread() == {max(EVERY)}
    cores.roam()
    assert cores_of_a_new_thread() == EVERY


def test_pins_are_hashed_on_any_core() -> None:
    cores.keep_to_one()
    assert identity.check_pin(identity.hash_pin("204816"), "204816")
    assert identity._BENCH.submit(os.sched_getaffinity, 0).result() == EVERY


def test_a_sandbox_that_forbids_it_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(_: int, __: set[int]) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", forbidden)
    cores.keep_to_one()
    monkeypatch.undo()
    assert os.sched_getaffinity(0) == EVERY
