"""The keys of the box: made once, private, whole, and never replaced behind somebody's back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from device import keyring
from device.leash import CannotStart


def test_keys_are_made_once_and_are_for_the_gateway_alone(tmp_path: Path) -> None:
    first = keyring.load(tmp_path)
    assert keyring.load(tmp_path) == first
    assert len({first.master, first.index, first.coupon}) == 3
    folder = tmp_path / "keys"
    assert sorted(file.name for file in folder.iterdir()) == ["coupon", "index", "master"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_a_broken_key_is_not_made_anew(tmp_path: Path) -> None:
    keyring.load(tmp_path)
    (tmp_path / "keys" / "master").write_bytes(b"short")
    with pytest.raises(CannotStart, match="master"):
        keyring.load(tmp_path)


def test_two_that_start_at_once_have_the_same_keys(tmp_path: Path) -> None:
    found = []
    threads = [threading.Thread(target=lambda: found.append(keyring.load(tmp_path))) for _ in range(1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(each == keyring.load(tmp_path) for each in found)
    keyring._made(tmp_path / "keys" / "master")  # as one that had not seen it yet
    assert keyring.load(tmp_path) == found[0]
