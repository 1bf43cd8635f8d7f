"""The example of the settings file shows every key there is, and the gateway takes it as it stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from device.config import device_settings, load
from services.registry import discover
from tests.test_readme import Settings, keys

EXAMPLE = Path(__file__).parents[2] / "systemd/gateway.toml"
TEXT = EXAMPLE.read_text("utf-8")


def given(value: object, prefix: str = "") -> set[str]:
    """The keys of a parsed file; those of a driver's own settings end at `device.settings`.

    An empty table is a value: nothing is set in it.
    """
    if isinstance(value, list):
        return set().union(*(given(each, prefix) for each in value))
    assert isinstance(value, dict)
    found = set()
    for key, inner in value.items():
        nested = (isinstance(inner, dict) and inner) or (
            isinstance(inner, list) and inner[:1] and isinstance(inner[0], dict)
        )
        found |= given(inner, f"{prefix}{key}.") if nested and key != "settings" else {prefix + key}
    return found


def test_the_example_is_valid_and_for_real_hardware():
    settings = load(EXAMPLE)
    assert settings.twins is False
    assert settings.socket == Path("/run/gateway/uplink.sock")
    assert settings.data_dir == Path("/var/lib/gateway")


def test_the_example_shows_every_key_and_no_other():
    assert given(tomllib.loads(TEXT)) == set(keys(Settings))


@pytest.mark.parametrize("driver", sorted(discover("drivers", "DRIVER")))
def test_the_example_shows_every_setting_of_every_driver(driver, tmp_path):
    """Also those behind a #: with them all switched on it is still valid."""
    (block,) = (b for b in re.split(r"^(?=(?:# )?\[\[)", TEXT, flags=re.M) if f'driver = "{driver}"' in b)
    switched_on = re.sub(r"^# (?=\w+ = |\[)", "", block, flags=re.M)
    (entry,) = tomllib.loads(switched_on)["device"]
    shown = set(entry["settings"])
    assert shown == set(discover("drivers", "DRIVER")[driver].settings.__struct_fields__) - {"name"}
    path = tmp_path / "one.toml"
    used = {"printer": "printer-1", driver.partition(".")[0]: entry["name"]}
    till = '[[till]]\nkey = "1"\n' + "".join(f'{kind} = "{name}"\n' for kind, name in used.items())
    printer = '[[device]]\nname = "printer-1"\ndriver = "printer.escpos"\n'
    path.write_text(till + switched_on + ("" if "printer.escpos" in block else printer), "utf-8")
    device_settings(load(path).device[0])
