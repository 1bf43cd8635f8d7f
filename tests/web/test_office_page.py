"""The back office's shell: its sections are the scripts that are there, each with icon, words and place."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.web.conftest import Browser
from web_console.assets import Assets
from web_console.sections import listed

LATER = {
    "staff": ("roster",),
    "loyalty": ("tiers", "rule_words"),
    "shifts": ("paper",),
    "coupons": ("coupon_words", "rule_words"),
    "import": ("member_files",),
}  # what a section's first view loads besides
STATIC = Path(__file__).parents[2] / "web_console" / "static"


def test_every_script_of_the_folder_is_a_section_with_words_and_an_icon() -> None:
    sections = listed(Assets(STATIC))
    assert {section.key for section in sections} == {
        path.stem for path in (STATIC / "js/office").glob("*.js")
    }
    icons = re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text("utf-8"))
    for lang in ("zh", "en"):
        words = json.loads((STATIC / f"words/{lang}.json").read_text("utf-8"))
        for section in sections:
            assert words.get(f"office.{section.key}"), (lang, section.key)
            assert section.icon in icons, section


def test_sections_stand_by_their_place_then_by_their_name(tmp_path: Path) -> None:
    folder = tmp_path / "js" / "office"
    folder.mkdir(parents=True)
    for name, place in (("z", 10), ("b", 20), ("a", 20)):
        declared = f'export const SECTION = {{"icon": "bag", "place": {place}}};\n'
        (folder / f"{name}.js").write_text(declared, "utf-8")
    assert [section.key for section in listed(Assets(tmp_path))] == ["z", "a", "b"]


def test_a_script_that_declares_no_section_is_a_bug(tmp_path: Path) -> None:
    folder = tmp_path / "js" / "office"
    folder.mkdir(parents=True)
    (folder / "lost.js").write_text("export const show = 1;\n", "utf-8")
    with pytest.raises(AssertionError, match=r"lost\.js declares no SECTION"):
        listed(Assets(tmp_path))


def test_the_menu_names_every_section_and_a_phone_s_bar_the_first_four(browser: Browser) -> None:
    page = browser.get("/office", headers={"Accept-Language": "zh"}).text
    links = re.findall(r'<a href="#/([\w-]+)"( class="x")? data-section', page)
    assert [key for key, _ in links] == [section.key for section in listed(Assets(STATIC))]
    assert [bool(hidden) for _, hidden in links] == [n >= 4 for n in range(len(links))]
    assert ">商品</span>" in page


def test_the_office_keeps_to_its_budget_of_bytes(browser: Browser) -> None:
    """gzip, as the standard counts: page 20 KB; scripts 15 KB for a first view, whichever section it is."""
    assets = Assets(STATIC)

    def packed(name: str) -> int:
        asset = assets.find(name)
        assert asset is not None, name
        return len(asset.packed or asset.data)

    assert len(gzip.compress(browser.get("/office").data)) <= 20 * 1024
    shell = packed("bundle/office.js")
    for section in listed(assets):
        first_view = [section.key, *LATER.get(section.key, ())]
        assert shell + sum(packed(f"bundle/office/{each}.js") for each in first_view) <= 15 * 1024, (
            section.key
        )
    pin = "bundle/office/pin.js"  # where the shell has it itself there is none
    assert shell + (packed(pin) if assets.find(pin) else 0) <= 15 * 1024
