"""Copies on a second medium: whole or not there, read by their box alone, and of the erased by nobody."""

from __future__ import annotations

import os
import random
import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from device import processes, restore
from device.clock import Clock
from device.config import Backup, Data, Settings
from device.leash import CannotStart
from device.shop import make_shop
from services.domain.errors import ShopError
from services.domain.member_errors import MemberUnknown
from services.flows import member_privacy, members
from services.flows.members import Joining, Member
from services.flows.shop import Shop
from services.store import books, copies, sealed_file
from services.store.db import LEDGER
from services.store.sealed import VAULT
from tests.shop import fill
from tests.store.test_damage import sell

PEOPLE = 12
NAME = "欧阳靖宇"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Settings]:
    """A shop with members and sales, closed; its medium is there, and empty."""
    settings = Settings(
        data=Data(dir=str(tmp_path / "data")), backup=Backup(dir=str(tmp_path / "medium"), keep=3)
    )
    Path(settings.backup.dir).mkdir()
    with opened(settings) as shop:
        fill()
        for n in range(PEOPLE):
            join(shop, n)
            sell(shop, n)
    yield settings
    processes.close_ledger()


class opened:
    """The shop of a box, for a while."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __enter__(self) -> Shop:
        processes.open_ledger(self._settings)
        return make_shop(self._settings, Clock(0))

    def __exit__(self, *_: object) -> None:
        processes.close_ledger()


def phone(n: int) -> str:
    return str(13_800_138_000 + n)


def join(shop: Shop, n: int) -> Member:
    given = {"phone": phone(n), "name": f"{NAME}{n}"}
    return members.join(shop, Joining(given=given), operator_id="zhou", request_id=f"join-{n}")


def backup(settings: Settings) -> Path:
    """Make a copy; the newest there is."""
    assert processes.job(settings, "backup", ()) == 0
    return copies.held(Path(settings.backup.dir), "S0001")[-1]


def lose_card(settings: Settings) -> None:
    """A new box, with the keys that were kept apart."""
    for file in settings.data_dir.iterdir():
        if file.name != "keys":
            file.unlink()


def known(shop: Shop) -> list[int]:
    """Which of the people are found by their phone, and read."""
    found = []
    for n in range(PEOPLE):
        hits = members.recognise(shop, phone(n))
        assert [hit.member.values["name"] for hit in hits] in ([], [f"{NAME}{n}"])
        found += [n] * len(hits)
    return found


def erase(shop: Shop, n: int) -> str:
    (hit,) = members.recognise(shop, phone(n))
    member_privacy.erase(shop, hit.member.member_id, None, operator_id="he", request_id=f"erase-{n}")
    return hit.member.member_id


def test_a_dead_card_loses_nothing_but_what_came_after_the_copy(box: Settings) -> None:
    copy = backup(box)
    lose_card(box)
    assert restore.run(box, copy) == 0
    with opened(box) as shop:
        assert known(shop) == list(range(PEOPLE)) and books.differences() == []
        assert {row[0] for row in LEDGER.execute_sql("SELECT COUNT(*) FROM sale")} == {PEOPLE}
        sell(shop, 99)
    assert not [*box.data_dir.glob("restoring*"), *box.data_dir.glob("*.part*")]


def test_who_was_erased_is_unreadable_in_yesterdays_copy_and_all_others_are_read(box: Settings) -> None:
    copy = backup(box)
    with opened(box) as shop:
        gone = erase(shop, 5)
    lose_card(box)
    assert restore.run(box, copy) == 0
    with opened(box) as shop:
        assert known(shop) == [n for n in range(PEOPLE) if n != 5] and books.differences() == []
        with pytest.raises(MemberUnknown):
            members.find(gone)


def test_nothing_in_a_copy_leads_to_who_was_erased_even_with_every_key_of_the_box(
    box: Settings, tmp_path: Path
) -> None:
    """Neither the data nor what they were found by: who has the box's keys could try all phones."""
    with opened(box) as shop:
        (hit,) = members.recognise(shop, phone(5))
        digests = [digest for _, digest in members.digests(shop, hit.member.profile)]
        clear = [
            (digest in box.database.read_bytes() or digest in (box.data_dir / "store.db-wal").read_bytes())
            for digest in digests
        ]
    assert all(clear)
    copy = backup(box)
    with opened(box) as shop:
        erase(shop, 5)
        copies.unsealed(copy, tmp_path / "plain.db", shop.keyring)
    plain = (tmp_path / "plain.db").read_bytes()
    assert plain.startswith(b"SQLite") and not [digest for digest in digests if digest in plain]
    keys = sqlite3.connect(f"file:{box.member_keys_copy}?mode=ro", uri=True)
    (left,) = keys.execute("SELECT COUNT(*) FROM member_secret").fetchone()
    keys.close()
    assert left == PEOPLE - 1


def test_a_medium_that_is_found_tells_nobody_anything(box: Settings, tmp_path: Path) -> None:
    copy = backup(box)
    medium = b"".join(file.read_bytes() for file in Path(box.backup.dir).iterdir())
    ledger = box.database.read_bytes()
    for said in ("周婷", "hashed:", "SQLite fo", "sale.completed", "纯棉"):
        assert said.encode() in ledger, said
        assert said.encode() not in copy.read_bytes(), said
    assert NAME.encode() not in medium and b"1380013800" not in medium
    for file in (box.data_dir / "keys").iterdir():
        file.write_bytes(bytes(reversed(file.read_bytes())))
    lose_card(box)
    with pytest.raises(CannotStart, match="another box's keys"):
        restore.run(box, copy)
    assert not box.database.exists()


def test_a_medium_that_was_away_forgets_as_soon_as_it_is_back(box: Settings) -> None:
    backup(box)
    medium = Path(box.backup.dir)
    with opened(box) as shop:
        assert not VAULT.behind
        (hit,) = members.recognise(shop, phone(5))
        with sqlite3.connect(box.member_keys) as keys:
            (wrapped,) = keys.execute(
                "SELECT wrapped FROM member_secret WHERE member_id = ?", (hit.member.member_id,)
            ).fetchone()
        keys.close()
        medium.rename(medium.with_name("pocket"))
        erase(shop, 5)
        assert VAULT.behind and known(shop) == [n for n in range(PEOPLE) if n != 5]
    medium.with_name("pocket").rename(medium)
    assert any(wrapped[14:] in file.read_bytes() for file in medium.iterdir())
    with opened(box):
        assert not VAULT.behind
    assert not any(wrapped[14:] in file.read_bytes() for file in medium.iterdir())


def test_only_the_newest_stay(box: Settings) -> None:
    made = []
    for n in range(5):
        with opened(box) as shop:
            sell(shop, 100 + n)
        newest = backup(box)
        made.append(newest.rename(newest.with_name(f"S0001-2026010{n + 1}T000000Z.sgw")))
    (Path(box.backup.dir) / "S0002-20200101T000000Z.sgw").write_bytes(b"another store's")
    last = backup(box)
    assert copies.held(Path(box.backup.dir), "S0001") == [*made[3:], last]
    assert len(copies.held(Path(box.backup.dir), "S0002")) == 1


def test_a_ledger_that_is_not_in_order_takes_no_sound_copys_place(box: Settings) -> None:
    first = backup(box)
    with sqlite3.connect(box.database) as connection:
        connection.execute("UPDATE tender SET amount_minor = amount_minor + 1 WHERE n = 1")
    connection.close()
    with pytest.raises(CannotStart, match="not in order"):
        backup(box)
    assert copies.held(Path(box.backup.dir), "S0001") == [first]
    assert not list(box.data_dir.glob("copying*"))


def test_a_medium_of_another_box_or_one_with_more_keys_is_left_as_it_is(box: Settings) -> None:
    backup(box)
    assert box.member_keys_copy is not None
    before = box.member_keys_copy.read_bytes()
    box.member_keys.unlink()  # and nobody thought of restoring them
    Path(f"{box.member_keys}-journal").unlink()
    with pytest.raises(CannotStart, match="keys that this box lacks"):
        backup(box)
    for file in (box.data_dir / "keys").iterdir():
        file.write_bytes(bytes(reversed(file.read_bytes())))
    box.member_keys.unlink()
    with pytest.raises(CannotStart, match="another master key"):
        backup(box)
    assert box.member_keys_copy.read_bytes() == before


def test_a_copy_that_is_damaged_or_cut_anywhere_is_refused(
    box: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_file, "PIECE_BYTES", 4096)
    copy, dice = backup(box), random.Random(3)
    whole = copy.read_bytes()
    lose_card(box)
    head, piece = 15, 4096 + 16
    spoilt = [whole[:n] for n in (0, 4, 14, head, head + piece, head + 9 * piece, len(whole) - 1)]
    first, second = whole[head : head + piece], whole[head + piece : head + 2 * piece]
    spoilt.append(whole[:head] + second + first + whole[head + 2 * piece :])
    for n in (0, 9, 20, *(dice.randrange(len(whole)) for _ in range(10))):
        spoilt.append(whole[:n] + bytes((whole[n] ^ 1,)) + whole[n + 1 :])
    for each in (*spoilt, whole + b"x"):
        copy.write_bytes(each)
        with pytest.raises(CannotStart):
            restore.run(box, copy)
        assert not box.database.exists()
    copy.write_bytes(whole)
    assert restore.run(box, copy) == 0


def test_nothing_is_restored_over_a_ledger_or_without_the_boxs_keys(box: Settings) -> None:
    copy = backup(box)
    with pytest.raises(CannotStart, match="move it away"):
        restore.run(box, copy)
    lose_card(box)
    shutil.rmtree(box.data_dir / "keys")
    with pytest.raises(CannotStart, match="put the box's keys back first"):
        restore.run(box, copy)
    assert not (box.data_dir / "keys").exists(), "none are made up"


def in_child(do: Callable[[], None]) -> int:
    """Run it in a process of its own; its exit code. No thread may run here."""
    child = os.fork()
    if not child:
        try:
            do()
            os._exit(0)
        except CannotStart:
            os._exit(3)
        except BaseException:
            os._exit(4)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def dying(n: int, settings: Settings) -> Callable[[], None]:
    """A run that ends without a word at the n-th step that leaves something behind."""

    def run() -> None:
        steps = iter(range(1, n))

        def counted(real: Callable[..., object]) -> Callable[..., object]:
            def step(*given: object, **more: object) -> object:
                if next(steps, None) is None:
                    os._exit(9)
                return real(*given, **more)

            return step

        os.fsync = counted(os.fsync)
        for name in ("replace", "unlink", "open"):
            setattr(Path, name, counted(getattr(Path, name)))
        processes.job(settings, "backup", ())

    return run


def sound(settings: Settings, tmp_path: Path, at_least: int) -> None:
    """Every copy there is can be restored, and the box itself is as it was."""
    held = copies.held(Path(settings.backup.dir), "S0001")
    assert len(held) >= at_least
    for n, copy in enumerate(held):
        other = tmp_path / f"other-{n}"
        shutil.copytree(settings.data_dir / "keys", other / "keys")
        assert restore.run(Settings(data=Data(dir=str(other))), copy) == 0
        with opened(Settings(data=Data(dir=str(other)))) as shop:
            assert known(shop) == list(range(PEOPLE))
        shutil.rmtree(other)
    with opened(settings) as shop:
        assert known(shop) == list(range(PEOPLE))


def test_the_power_goes_anywhere_in_a_copy_and_the_one_before_is_whole(
    box: Settings, tmp_path: Path
) -> None:
    first = backup(box)
    first.rename(first.with_name("S0001-20260101T000000Z.sgw"))
    for n in range(1, 200):
        code = in_child(dying(n, box))
        assert code in (0, 9), (n, code)
        if n % 4 == 1 or not code:
            sound(box, tmp_path, 1)
        if not code:
            break
    assert 10 < n < 200
    backup(box)
    assert not list(Path(box.backup.dir).glob("*.part")) and not list(box.data_dir.glob("copying*"))


def test_a_full_medium_is_told_and_the_copy_before_is_whole(box: Settings, tmp_path: Path) -> None:
    first = backup(box)
    first.rename(first.with_name("S0001-20260101T000000Z.sgw"))
    room = first.with_name("S0001-20260101T000000Z.sgw").stat().st_size

    def cramped(most: int) -> Callable[[], None]:
        def run() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            processes.job(box, "backup", ())

        return run

    assert [in_child(cramped(room * part // 8)) for part in (1, 3, 5, 7)] == [3, 3, 3, 3]
    assert len(copies.held(Path(box.backup.dir), "S0001")) == 1
    assert not list(Path(box.backup.dir).glob("*.part")) and not list(box.data_dir.glob("copying*"))
    sound(box, tmp_path, 1)
    assert in_child(cramped(room * 4)) == 0
    sound(box, tmp_path, 2)


def test_without_a_medium_nothing_is_done(box: Settings) -> None:
    shutil.rmtree(box.backup.dir)
    with pytest.raises(CannotStart, match="is the medium plugged in"):
        backup(box)
    with pytest.raises(CannotStart, match=r"backup\.dir"):
        processes.job(Settings(data=box.data), "backup", ())
    with opened(box) as shop:
        assert known(shop) == list(range(PEOPLE))


def test_the_nights_work_makes_one(box: Settings) -> None:
    processes.job(box, "tidy", ())
    assert len(copies.held(Path(box.backup.dir), "S0001")) == 1
    with pytest.raises(ShopError):
        members.find("nobody")
