"""The check a technician runs: a line for each thing that must hold, whatever the file looks like."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from device.__main__ import main
from tests.shop import make_shop, open_store
from tests.store.test_damage import LEDGER, sell


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """The settings of a box with some sales."""
    settings = tmp_path / "box.toml"
    settings.write_text(f'data.dir = "{tmp_path}"\n')
    open_store(tmp_path / "store.db")
    shop = make_shop()
    for n in range(5):
        sell(shop, n)
    LEDGER.shut()
    return settings


def check(settings: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    code = main(["--config", str(settings), "check"])
    return code, capsys.readouterr().out.splitlines()


def test_a_box_in_order_says_so_and_is_left_as_it_is(box, capsys):
    lines = ["settings: ok", "file: whole", "journal: intact", "books: agree with the journal"]
    assert check(box, capsys) == (0, lines)


def test_a_changed_amount_is_named(box, capsys):
    with sqlite3.connect(box.with_name("store.db")) as connection:
        connection.execute("UPDATE tender SET change_minor = change_minor + 1 WHERE n = 1")
    connection.close()
    code, lines = check(box, capsys)
    assert (code, lines[1:4]) == (1, ["file: whole", "journal: intact", "books: 5 differences"])
    assert "tender" in lines[4]


def test_a_file_that_is_none_is_named_too(box, capsys):
    box.with_name("store.db").write_bytes(b"no database at all, only some text " * 300)
    code, lines = check(box, capsys)
    assert code == 1 and lines[0] == "settings: ok"
    assert any("not a database" in line for line in lines)
