"""Members' keys: what is sealed opens with its own key in its own place, and never again once forgotten."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import OutcomeUnknown
from services.domain.keyring import Keyring
from services.domain.member_errors import MemberSealed
from services.store.sealed import Vault, blind, fingerprint
from tests.faults import FailingConnection, failing
from tests.shop import KEYRING

OTHER = Keyring(master=b"o" * 32, index=b"p" * 32, coupon=b"q" * 32)
PLAIN = b'{"phone":"13812345620"}'


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = Vault()
    vault.open(tmp_path / "keys.db", KEYRING)
    yield vault
    vault.shut()


def test_what_was_sealed_opens_in_its_place_and_looks_like_nothing(vault: Vault) -> None:
    vault.create("m1")
    blob = vault.seal("m1", PLAIN, "member:m1:1")
    assert vault.unseal("m1", blob, "member:m1:1") == PLAIN
    assert blob[:2] == bytes((1, 1)) and len(blob) == 2 + 12 + len(PLAIN) + 16
    assert blob != vault.seal("m1", PLAIN, "member:m1:1"), "a nonce is never used twice"
    assert b"138" not in blob


def test_a_blob_of_another_row_or_revision_does_not_open(vault: Vault) -> None:
    for name in ("m1", "m2"):
        vault.create(name)
    blob = vault.seal("m1", PLAIN, "member:m1:1")
    for member_id, context in (("m1", "member:m1:2"), ("m2", "member:m1:1"), ("m2", "member:m2:1")):
        with pytest.raises(MemberSealed):
            vault.unseal(member_id, blob, context)
    for n in range(len(blob)):
        broken = blob[:n] + bytes((blob[n] ^ 1,)) + blob[n + 1 :]
        with pytest.raises(MemberSealed):
            vault.unseal("m1", broken, "member:m1:1")
        with pytest.raises(MemberSealed):
            vault.unseal("m1", blob[:n], "member:m1:1")


def test_another_key_of_the_box_opens_nothing_and_writes_nothing(vault: Vault, tmp_path: Path) -> None:
    vault.create("m1")
    blob = vault.seal("m1", PLAIN, "c")
    vault.open(tmp_path / "keys.db", OTHER)
    assert "another master key" in vault.trouble
    for use in (
        lambda: vault.unseal("m1", blob, "c"),
        lambda: vault.seal("m1", PLAIN, "c"),
        lambda: vault.create("m2"),
        lambda: vault.forget(["m1"], 1),
        vault.forgotten,
    ):
        with pytest.raises(MemberSealed):
            use()
    vault.open(tmp_path / "keys.db", KEYRING)
    assert vault.trouble == "" and vault.unseal("m1", blob, "c") == PLAIN


def test_a_file_that_is_no_database_is_told_and_raises_only_on_use(tmp_path: Path) -> None:
    (tmp_path / "keys.db").write_bytes(b"not a database at all" * 100)
    vault = Vault()
    vault.open(tmp_path / "keys.db", KEYRING)
    assert "cannot be read" in vault.trouble
    with pytest.raises(MemberSealed):
        vault.create("m1")
    vault.shut()


def test_a_forgotten_key_is_gone_from_the_disk_and_never_comes_back(vault: Vault, tmp_path: Path) -> None:
    for n in range(50):
        vault.create(f"m{n}")
    blob = vault.seal("m7", PLAIN, "c")
    with sqlite3.connect(tmp_path / "keys.db") as reader:
        (wrapped,) = reader.execute("SELECT wrapped FROM member_secret WHERE member_id = 'm7'").fetchone()
    reader.close()
    vault.forget(["m7"], 1)
    files = list(tmp_path.iterdir())
    assert len(files) == 2, "the database and its rollback journal"
    assert not any(bytes(wrapped)[14:] in file.read_bytes() for file in files)
    with pytest.raises(MemberSealed):
        vault.unseal("m7", blob, "c")
    assert vault.forgotten() == {"m7"}
    vault.create("m7")
    vault.forget(["m7"], 2)
    with pytest.raises(MemberSealed):
        vault.unseal("m7", blob, "c")
    vault.create("m8")
    assert vault.unseal("m8", vault.seal("m8", PLAIN, "c"), "c") == PLAIN


def test_the_file_is_for_its_owner_alone(vault: Vault, tmp_path: Path) -> None:
    vault.create("m1")
    assert {oct(file.stat().st_mode & 0o777) for file in tmp_path.iterdir()} == {"0o600"}


def test_wherever_storage_fails_a_key_is_there_or_gone_and_a_repeat_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: real(*a, **{"factory": FailingConnection, **k}))
    vault = Vault()
    vault.open(tmp_path / "keys.db", KEYRING)
    for n in range(1, 20):
        name = f"m{n}"
        vault.create(name)
        blob = vault.seal(name, PLAIN, "c")
        failed = failing(n, lambda name=name: vault.forget([name], 1))  # type: ignore[misc]
        if not failed:
            assert n > 3
            break
        assert vault.unseal(name, blob, "c") == PLAIN
        vault.forget([name], 1)
        with pytest.raises(MemberSealed):
            vault.unseal(name, blob, "c")
    else:
        pytest.fail("the fault loop never reached a clean run")
    vault.shut()


def test_a_full_disk_is_an_unknown_outcome(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert vault._connection is not None
    vault._connection.execute("PRAGMA max_page_count = 5")
    with pytest.raises(OutcomeUnknown):
        for n in range(1_000):
            vault.create(f"m{n}")


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_blind_key_is_the_same_in_every_shop_of_a_chain_and_in_no_other(one: str, two: str) -> None:
    assert len(blind(KEYRING, "phone", one)) == 16
    assert (blind(KEYRING, "phone", one) == blind(KEYRING, "phone", two)) == (one == two)
    assert blind(KEYRING, "phone", one) != blind(KEYRING, "email", one)
    assert blind(KEYRING, "phone", one) != blind(OTHER, "phone", one)
    assert fingerprint(KEYRING, one) != fingerprint(OTHER, one)


def test_nothing_shows_a_key() -> None:
    assert "mmm" not in repr(KEYRING) and "iii" not in str(KEYRING)
