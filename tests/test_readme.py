"""What the README says about the tree, commands, settings, errors and dependencies is true."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from device.__main__ import _parser
from device.config import Settings
from services.domain import coupon_errors, errors, member_errors, tender_errors
from services.jobs.demo_shop import DEMO_PINS
from services.registry import discover

ERROR_LISTS = tuple(each.__name__ for each in (errors, tender_errors, member_errors, coupon_errors))
ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def section(title: str) -> str:
    match = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.M | re.S)
    assert match, f"README.md has no section {title!r}"
    return match[1]


def table(title: str) -> list[list[str]]:
    """The rows of a section's first table, without its head."""
    lines = re.findall(r"(?:^\|.*\n)+", section(title), re.M)[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def bare(cell: str) -> str:
    return cell.strip("`").rstrip("/")


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_every_top_level_folder_is_in_the_table_and_no_other():
    folders = {name.split("/")[0] for name in tracked() if "/" in name}
    assert {bare(row[0]) for row in table("Folders")} == {f for f in folders if not f.startswith(".")}


def test_links_and_files_of_the_straight_line_exist():
    named = re.findall(r"\]\((?!https?:)([^)#]+)\)", README) + re.findall(
        r"\b((?:drivers|services|device|web_console|systemd|tests)/[\w./@-]*\w/?)", README
    )
    made_up = {"services/tenders/voucher.py"}  # the example of a new part
    missing = sorted({n for n in named if not (ROOT / n).exists()} - made_up)
    assert not missing, f"README.md names what is not there: {missing}"


def test_make_commands_are_the_makefile_s_targets():
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    assert phony
    assert set(re.findall(r"`make (\w+)", section("Sixty seconds"))) == set(phony[1].split())


def test_commands_are_those_of_the_command_line():
    actions = _parser()._actions
    (commands,) = (a.choices for a in actions if isinstance(a, argparse._SubParsersAction))
    written = re.findall(r"`python -m device ([\w ]+)`", README)
    assert {words.split()[0] for words in written} == set(commands)
    for words in written:
        _parser().parse_args(words.split())
    jobs = {words.split()[1] for words in written if words.startswith("job ")}
    assert jobs <= set(discover("services.jobs", "JOB"))


def test_the_demo_s_pins_work():
    for staff_id, pin in DEMO_PINS.items():
        assert re.search(rf"`{staff_id}`[^`]*\b{pin}\b", README), staff_id


def keys(table_type: Any, prefix: str = "") -> dict[str, object]:
    """Every key that a settings file may have, with its default."""
    found: dict[str, object] = {}
    hints = get_type_hints(table_type)
    for field in msgspec.structs.fields(table_type):
        hint, default = hints[field.name], field.default
        inner = get_args(hint)[0] if get_origin(hint) is tuple else hint
        if isinstance(inner, type(msgspec.Struct)):
            found |= keys(inner, f"{prefix}{field.name}.")
            continue
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        found[prefix + field.name] = default
    return found


def test_the_settings_table_has_every_key_with_its_default():
    written = {bare(row[0]): row[1] for row in table("Settings")}
    there = keys(Settings)
    assert set(written) == set(there)
    for key, default in there.items():
        if written[key].startswith("`"):
            value = list(default) if isinstance(default, tuple) else default
            assert json.loads(bare(written[key])) == value, key
        else:  # said in words: tills and devices have no single default
            assert default is msgspec.NODEFAULT, key


def test_the_drivers_named_are_all_there_are():
    (row,) = (row for row in table("Settings") if bare(row[0]) == "device.driver")
    assert set(re.findall(r"`([\w.]+)`", row[2])) == set(discover("drivers", "DRIVER"))


def test_error_codes_and_statuses_are_those_of_the_code():
    def leaves(kind: type[errors.ShopError]) -> set[tuple[str, str]]:
        ours = [k for k in kind.__subclasses__() if k.__module__ in ERROR_LISTS]
        return {(k.code, str(k.status)) for k in ours}.union(*(leaves(k) for k in ours))

    assert {(bare(row[0]), row[1]) for row in table("Errors")} == leaves(errors.ShopError)


def test_dependencies_are_those_of_the_project_each_with_a_reason():
    agreed = {re.split(r"[<>=]", each)[0] for each in PROJECT["dependencies"]}
    rows = table("Dependencies")
    assert {row[0] for row in rows} == agreed
    assert all(row[1] for row in rows)
    for extra in PROJECT["optional-dependencies"]["board"]:
        assert f"`{re.split('[<>=]', extra)[0]}`" in section("Dependencies"), extra


def test_decisions_are_few():
    numbers = re.findall(r"^(\d+)\. ", section("Decisions"), re.M)
    assert 0 < len(numbers) <= 12


def test_the_example_of_a_payment_method_is_one():
    (code,) = re.findall(r"```python\n(.*?)```", section("Add a payment method"), re.S)
    module: dict[str, Any] = {}
    exec(code, module)
    assert module["TENDER"].key == "voucher"
