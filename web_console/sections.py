"""The sections of the back office: every script of static/js/office, found by listing the folder."""

from __future__ import annotations

import re

import msgspec

from web_console.assets import Assets

FOLDER = "js/office"
_DECLARED = re.compile(r"export const SECTION ?= ?(\{[^}]*\})")


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a script says of itself: `export const SECTION = {"icon": "bag", "place": 30};`, as JSON.

    Its file's name is its key: the address #/<key>, the words office.<key>.
    """

    key: str = ""
    icon: str  # a symbol of icons.svg
    place: int  # rising from the top of the menu; a phone's bar has room for the first four


def listed(assets: Assets) -> tuple[Section, ...]:
    """All sections in the menu's order. A script that declares none is a bug."""
    found = []
    for name in assets.within(FOLDER):
        asset = assets.find(name)
        declared = _DECLARED.search(asset.data.decode()) if asset else None
        assert declared, f"{name} declares no SECTION"
        section = msgspec.json.decode(declared[1], type=Section)
        found.append(msgspec.structs.replace(section, key=name.removeprefix(f"{FOLDER}/")[: -len(".js")]))
    return tuple(sorted(found, key=lambda section: (section.place, section.key)))
