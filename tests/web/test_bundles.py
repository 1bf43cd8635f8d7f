"""A page's modules as one script: the same names, each module once, and a clear word where it cannot be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from web_console.bundles import bundled

STATIC = Path(__file__).parents[2] / "web_console" / "static"
MODULE = re.compile(r"^const (\$\w+) = await \(async", re.M)


def sources() -> dict[str, str]:
    paths = sorted((STATIC / "js").rglob("*.js"))
    return {path.relative_to(STATIC).as_posix(): path.read_text("utf-8") for path in paths}


def test_every_module_we_have_is_in_a_bundle_and_in_none_twice() -> None:
    files = sources()
    named = {"$" + name[3:-3].replace("/", "_") for name in files}
    files["js/all.js"] = "".join(f'import "./{name[3:]}";\n' for name in files if "export " in files[name])
    bundles = bundled(files)
    seen = set()
    for name, text in bundles.items():
        inside = MODULE.findall(text)
        assert len(inside) == len(set(inside)), name
        seen |= set(inside)
    assert named - seen == {"$theme"}, "a plain script, which the page loads before it is painted"


def test_a_part_shares_the_modules_of_its_page() -> None:
    """Were a module in both, the part would have a session key of its own."""
    bundles = bundled(sources())
    for name, text in bundles.items():
        page, slash, _ = name.removeprefix("bundle/").partition("/")
        if slash:
            whole = bundles[f"bundle/{page}.js"]
            assert not set(MODULE.findall(text)) & set(MODULE.findall(whole)), name
            asked = re.match(r'import \{ (.*) \} from "\.\./(\w+\.js)";', text)
            assert asked and asked[2] == f"{page}.js"
            given = re.search(r"^export \{ (.*) \};", whole, re.M)
            assert given and set(asked[1].split(", ")) <= set(given[1].split(", "))


def test_what_two_parts_need_goes_to_the_page() -> None:
    part = 'import { c } from "../c.js";\nexport const show = c;\n'
    files = {"js/a.js": "export const a = 1;\n", "js/c.js": "export const c = 1;\n"}
    files |= {"js/p.js": 'import { a } from "./a.js";\nimport(`./p/${a}.js`);\n', "js/p/x.js": part}
    assert "$c" in MODULE.findall(bundled(files)["bundle/p/x.js"])
    bundles = bundled(files | {"js/p/y.js": part})
    assert MODULE.findall(bundles["bundle/p.js"]) == ["$c", "$a", "$p"]
    assert MODULE.findall(bundles["bundle/p/x.js"]) == ["$p_x"]


def test_a_module_that_is_opened_late_is_a_part_of_each_page_that_may_open_it() -> None:
    files = {
        "js/a.js": "export const a = 1;\n",
        "js/ask.js": 'import { a } from "./a.js";\nexport const ask = () => a && import("./sheet.js");\n',
        "js/sheet.js": 'import { a } from "./a.js";\nexport const open = a;\n',
        "js/p.js": 'import { a } from "./a.js";\na;\n',
        "js/p/x.js": 'import { ask } from "../ask.js";\nexport const show = ask;\n',
        "js/q.js": 'import { ask } from "./ask.js";\nask();\n',
    }
    bundles = bundled(files)
    assert set(bundles) == {f"bundle/{name}.js" for name in ("p", "p/x", "p/sheet", "q", "q/sheet")}
    assert 'import("./sheet.js")' in bundles["bundle/p/x.js"]
    assert 'import("./q/sheet.js")' in bundles["bundle/q.js"]
    assert bundles["bundle/q/sheet.js"].startswith('import { $a } from "../q.js";\n')
    assert bundles["bundle/p/sheet.js"].startswith('import { $a } from "../p.js";\n')
    assert MODULE.findall(bundles["bundle/p/sheet.js"]) == ["$sheet"]


def test_a_module_that_is_opened_late_and_there_at_once_is_there_once() -> None:
    files = {
        "js/a.js": "export const a = 1;\n",
        "js/p.js": 'import { a } from "./a.js";\nimport("./a.js").then(a);\n',
    }
    assert bundled(files)["bundle/p/a.js"] == (
        'import { $a } from "../p.js";\nconst { a } = $a;\nexport { a };\n'
    )


def test_each_form_of_import_and_export_we_write_keeps_its_names() -> None:
    files = {
        "js/a.js": "export const one = 1;\nexport async function two() {}\nexport class Three {}\n"
        "function own() {}\nexport { own as four };\nexport const $ = 5;\n",
        "js/p.js": 'import {\n  one,\n  two as other,\n} from "./a.js";\nimport * as all from "./a.js";\n'
        'import "./a.js";\none(all.four);\n',
    }
    text = bundled(files)["bundle/p.js"]
    assert "return { four: own, one: one, two: two, Three: Three, $: $ };" in text
    assert "const { one: one, two: other } = $a;" in text and "const all = $a;" in text
    assert not re.search(r"^\s*(import|export)\b", text, re.M)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('import { gone } from "./a.js";', "js/a.js does not export gone"),
        ('import { a } from "./none.js";', "imports js/none.js, which is not there"),
        ('import { a } from "./a.js";\nexport let b = 1;', "cannot be bundled: export let b"),
        ('import { a } from "./a.js";\nexport default a;', "cannot be bundled: export default a"),
        ('import a from "./a.js";', "cannot be bundled: import a from"),
        ("import { a } from \"./a.js\";\nimport('./a.js');", r"cannot be bundled: import\("),
        ('import { a } from "./a.js";\nimport("./late.js");', "imports js/late.js, which is not there"),
        ('import { c } from "./c.js";', "circle: js/p.js -> js/c.js -> js/d.js -> js/c.js"),
    ],
)
def test_what_cannot_be_bundled_is_said_with_its_file(text: str, said: str) -> None:
    files = {
        "js/a.js": "export const a = 1;\n",
        "js/c.js": 'import { d } from "./d.js";\nexport const c = d;\n',
        "js/d.js": 'import { c } from "./c.js";\nexport const d = c;\n',
        "js/p.js": text,
    }
    with pytest.raises(AssertionError, match=said):
        bundled(files)
