"""Settings that would print twice, open the wrong drawer or do nothing are refused by their key."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.config import ConfigError, load

DEVICES = {
    "printer-1": 'driver = "printer.escpos"',
    "printer-2": 'driver = "printer.escpos"',
    "connector": 'driver = "drawer.printer"\nparent = "printer-1"',
    "relay": 'driver = "drawer.gpio"',
    "hand": 'driver = "scanner.hid"',
}


def written(path: Path, tills: list[str], *names: str, **changed: str) -> Path:
    """A settings file with these tills ("key scanner printer drawer", - for none) and devices."""
    text = ""
    for till in tills:
        fields = zip(("key", "scanner", "printer", "drawer"), till.split(), strict=False)
        text += "[[till]]\n" + "".join(f'{name} = "{word}"\n' for name, word in fields if word != "-")
    for name in names:
        text += f'[[device]]\nname = "{name}"\n{changed.get(name.replace("-", "_"), DEVICES[name])}\n'
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("tills", "names"),
    [
        (["1 hand printer-1 connector", "2 - printer-1 connector"], ("hand", "printer-1", "connector")),
        (["1 - printer-1 relay", "2 - printer-2 relay"], ("printer-1", "printer-2", "relay")),
        (["1 - - relay", "2"], ("relay",)),
        (["1 - printer-1 connector", "2 - printer-1 relay"], ("printer-1", "connector", "relay")),
    ],
)
def test_what_a_counter_can_be_built_of_is_taken(
    tmp_path: Path, tills: list[str], names: tuple[str, ...]
) -> None:
    assert len(load(written(tmp_path / "a.toml", tills, *names)).device) == len(names)


@pytest.mark.parametrize(
    ("tills", "names", "changed", "key"),
    [
        (["1 - printer-1", "1 - printer-1"], ("printer-1",), {}, "till.1.key: two tills"),
        (["1 hand", "2 hand"], ("hand",), {}, "till.2.scanner: 'hand' is till 1's"),
        (["1 - printer-1"], ("printer-1", "relay"), {}, "device.relay: no till uses it"),
        (
            ["1 - printer-1 connector"],
            ("printer-1", "connector"),
            {"connector": 'driver = "drawer.printer"'},
            "device.connector.parent: ",
        ),
        (
            ["1 - printer-1 connector"],
            ("printer-1", "connector"),
            {"connector": 'driver = "drawer.printer"\nparent = "connector"'},
            "device.connector.parent: no printer 'connector'",
        ),
        (
            ["1 - printer-1 connector"],
            ("printer-1", "connector"),
            {"connector": 'driver = "drawer.printer"\nparent = "printer-l"'},
            "device.connector.parent: no printer 'printer-l' (did you mean 'printer-1'?)",
        ),
        (
            ["1 - printer-1 connector", "2 - printer-2 connector"],
            ("printer-1", "printer-2", "connector"),
            {},
            "till.2.drawer: 'connector' hangs on 'printer-1', which is not this till's printer",
        ),
        (["1 - - connector"], ("printer-1", "connector"), {}, "till.1.drawer: 'connector' hangs on"),
        (
            ["1 - printer-1 relay"],
            ("printer-1", "relay"),
            {"relay": 'driver = "drawer.gpio"\nparent = "printer-1"'},
            "device.relay.parent: only a drawer.printer",
        ),
        (
            ["1 hand printer-1"],
            ("printer-1", "hand"),
            {"hand": 'driver = "scanner.hid"\nparent = "printer-1"'},
            "device.hand.parent: only a drawer.printer",
        ),
        (
            ["1 - printer-1 connector", "2 - printer-1 relay"],
            ("printer-1", "connector", "relay"),
            {"relay": DEVICES["connector"]},
            "device.relay.settings.pin: ",
        ),
    ],
)
def test_a_wrong_setting_is_named_by_its_key(
    tmp_path: Path, tills: list[str], names: tuple[str, ...], changed: dict[str, str], key: str
) -> None:
    path = written(tmp_path / "a.toml", tills, *names, **changed)
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert str(refused.value).startswith(key), refused.value


def test_two_drawers_of_one_printer_have_a_pin_each(tmp_path: Path) -> None:
    second = DEVICES["connector"] + "\nsettings = { pin = 5 }"
    tills = ["1 - printer-1 connector", "2 - printer-1 relay"]
    load(written(tmp_path / "a.toml", tills, "printer-1", "connector", "relay", relay=second))


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ('printer = "a"\nprinter_fallback = ["c"]', "till.1.printer_fallback: no printer 'c'"),
        ('printer = "a"\nprinter_fallback = ["hand"]', "till.1.printer_fallback: no printer 'hand'"),
        (
            'printer = "a"\nprinter_fallback = ["b", "b"]',
            "till.1.printer_fallback: a printer is named twice",
        ),
        ('printer = "a"\nprinter_fallback = ["a"]', "till.1.printer_fallback: a printer is named twice"),
        ('printer_fallback = ["b"]', "till.1.printer_fallback: this till has no printer"),
        ('printer = "a"\nlabel_printer = "hand"', "till.1.label_printer: no printer 'hand'"),
        ('printer = "a"\nprinter_fallback = ["b"]\nlabel_printer = "b"', ""),
    ],
)
def test_spare_printers_and_label_printers_are_printers_and_each_named_once(
    tmp_path: Path, words: str, key: str
) -> None:
    path = tmp_path / "a.toml"
    devices = {"a": "printer.escpos", "b": "printer.escpos", "hand": "scanner.hid"}
    text = "".join(
        f'[[device]]\nname = "{name}"\ndriver = "{driver}"\n' for name, driver in devices.items()
    )
    path.write_text(f'[[till]]\nkey = "1"\nscanner = "hand"\n{words}\n{text}', "utf-8")
    if not key:
        assert load(path).till[0].printers == ("a", "b")
        return
    with pytest.raises(ConfigError) as wrong:
        load(path)
    assert str(wrong.value).startswith(key)


@pytest.mark.parametrize(
    ("currencies", "why"),
    [
        ('["USD", "USD"]', "a currency is named twice"),
        ('["CNY"]', "CNY is the shop's own"),
        ('["XXX"]', "the notes of XXX are not known"),
        ('["usd"]', "Expected `str` matching regex"),
        ("true", "Expected `array`"),
    ],
)
def test_currencies_are_those_whose_notes_are_known(tmp_path: Path, currencies: str, why: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f"[store]\nforeign_cash = {currencies}\n")
    with pytest.raises(ConfigError, match=r"store\.foreign_cash.*: ") as refused:
        load(path)
    assert why in str(refused.value)


@pytest.mark.parametrize("wrong", ["-1", "10001", "13.0", '"13%"'])
def test_a_rate_of_tax_is_whole_hundredths_of_a_percent(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "a.toml"
    path.write_text("[store]\ntax_bp = 1300\n")
    assert (load(None).store.tax_bp, load(path).store.tax_bp) == (0, 1300)
    path.write_text(f"[store]\ntax_bp = {wrong}\n")
    with pytest.raises(ConfigError, match=r"store\.tax_bp"):
        load(path)


def test_no_foreign_cash_is_taken_unless_the_settings_say_so(tmp_path: Path) -> None:
    assert load(None).store.foreign_cash == ()
    path = tmp_path / "a.toml"
    path.write_text('[store]\nforeign_cash = ["USD", "HKD"]\n')
    assert load(path).store.foreign_cash == ("USD", "HKD")


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ('url = "http://hq.example.com/fp"\nkey = "0123456789abcdef"', "invoice.url"),
        ('url = "https://hq.example.com/fp?x=1"\nkey = "0123456789abcdef"', "invoice.url"),
        ('url = "https://hq.example.com/fp"\nkey = "short"', "invoice.key: at least 16 characters"),
        ('url = "https://hq.example.com:8443/fp"\nkey = "0123456789abcdef"', ""),
    ],
)
def test_invoices_are_asked_for_at_a_safe_address_with_a_key_nobody_guesses(
    tmp_path: Path, words: str, wrong: str
) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f"[invoice]\n{words}\n", "utf-8")
    if not wrong:
        assert load(path).invoice.url == "https://hq.example.com:8443/fp"
        return
    with pytest.raises(ConfigError) as refused:
        load(path)
    assert str(refused.value).startswith(wrong)


@pytest.mark.parametrize("prefix", ["27", "270", "279"])
def test_tickets_are_never_numbered_like_member_cards(tmp_path: Path, prefix: str) -> None:
    (tmp_path / "a.toml").write_text(f'[parking]\nticket_prefix = "{prefix}"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"parking\.ticket_prefix: 27 begins the numbers of member cards"):
        load(tmp_path / "a.toml")
