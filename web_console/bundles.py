"""A page's scripts as one file: each module a function, after those it imports.

What the files hold stays plain modules. A page is a script that imports, exports nothing, and that no other
imports. What it opens later with `import()` is a part of it: a module named there, and every script in a
folder of its name (`js/office/stock.js` of `js/office.js`). A part is a bundle of its own, which takes what
the page has from the page: no module is ever there twice.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

SOURCES, BUNDLES = "js/", "bundle/"  # beside each other, so that a path from one is good from the other

_IMPORT = re.compile(r'^import\s+(?:(\{[^}]*\}|\*\s*as\s+\w+)\s+from\s+)?"(\.[^"]+)";?', re.M)
_EXPORT = re.compile(r"^export\s+(?=(?:const|class|function|async\s+function)\s+([\w$]+))", re.M)
_EXPORTED = re.compile(r"^export\s*\{([^}]*)\};?$", re.M)
_LATE = re.compile(r'\bimport\(\s*"(\.[^"]+)"\s*\)')
_NAMED = re.compile(r'\bimport\("(js/[^"]+)"\)')
_OTHER = re.compile(r"""^(?:import\b(?!\s*[.(])|export\b).*|\bimport\(\s*["'](?!js/).*""", re.M)


@dataclass(frozen=True)
class Module:
    """One source file. `exports` is what others call a thing -> what it is called inside."""

    name: str
    body: str
    needs: Mapping[str, list[str]]  # the modules it imports, in order -> what it takes of each by name
    late: tuple[str, ...]  # the modules it opens later; its body has them by their names
    exports: Mapping[str, str]


def bundled(sources: Mapping[str, str]) -> dict[str, str]:
    """The bundles of all pages and their parts, by name. AssertionError: something cannot be bundled."""
    modules = {name: _read(name, text) for name, text in sources.items()}
    for module in modules.values():
        for need, names in {**dict.fromkeys(module.late, ()), **module.needs}.items():
            assert need in modules, f"{module.name}: imports {need}, which is not there"
            lacks = set(names) - set(modules[need].exports)
            assert not lacks, f"{module.name}: {need} does not export {', '.join(sorted(lacks))}"
    imported = {need for module in modules.values() for need in (*module.needs, *module.late)}
    found = {}
    for name, module in modules.items():
        if name.count("/") == 1 and module.needs and not module.exports and name not in imported:
            found.update(_page(name, modules))
    return found


def _page(page: str, modules: Mapping[str, Module]) -> dict[str, str]:
    parts = _parts(page, modules)
    shared = Counter(need for part in parts for need in _ordered([part], modules))
    inside = _ordered([*(name for name, times in shared.items() if times > 1), page], modules)
    own = {part: [each for each in _ordered([part], modules) if each not in inside] for part in parts}
    taken = {part: _taken(part, names, modules) for part, names in own.items()}
    given = sorted(set().union(*taken.values()))
    folder = page.removesuffix(".js").removeprefix(SOURCES)
    text = _joined(inside, modules, f"./{folder}/")
    text += f"export {{ {', '.join(map(_variable, given))} }};\n" if given else ""
    found = {_bundle(page): text}
    for part, names in own.items():
        exports = ", ".join(modules[part].exports)
        head = f'import {{ {", ".join(map(_variable, sorted(taken[part])))} }} from "../{folder}.js";\n'
        tail = f"const {{ {exports} }} = {_variable(part)};\nexport {{ {exports} }};\n"
        name = f"{BUNDLES}{folder}/{posixpath.basename(part)}"
        assert name not in found, f"{page}: two parts are called {name}"
        found[name] = (head if taken[part] else "") + _joined(names, modules, "./") + tail
    return found


def _parts(page: str, modules: Mapping[str, Module]) -> list[str]:
    """Those in the page's folder, those that its modules open, and those that these open."""
    parts = [name for name in modules if name.startswith(page.removesuffix(".js") + "/")]
    while True:  # ends: there are no more parts than modules
        names = _ordered([page, *parts], modules)
        new = {part for name in names for part in modules[name].late}.difference(parts)
        if not new:
            return parts
        parts += sorted(new)


def _taken(part: str, own: list[str], modules: Mapping[str, Module]) -> set[str]:
    """What a part needs of its page; all of it where the page has the part itself."""
    return {need for name in own for need in modules[name].needs}.union([part]).difference(own)


def _joined(names: Iterable[str], modules: Mapping[str, Module], parts: str) -> str:
    """`parts` is the way from this bundle to the page's parts."""
    text = "".join(_function(modules[name]) for name in names)
    return _NAMED.sub(lambda found: f'import("{parts}{posixpath.basename(found[1])}")', text)


def _function(module: Module) -> str:
    """Asynchronous, because a module may wait at its top; the page's start waits with it."""
    given = ", ".join(f"{outer}: {inner}" for outer, inner in module.exports.items())
    body = f"{module.body}\nreturn {{ {given} }};\n"
    return f"const {_variable(module.name)} = await (async () => {{\n{body}}})();\n"


def _ordered(roots: Iterable[str], modules: Mapping[str, Module]) -> list[str]:
    """The roots and all they need, each after what it needs."""
    done: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, f"modules import each other in a circle: {' -> '.join((*above, name))}"
        for need in modules[name].needs:
            if need not in done:
                visit(need, (*above, name))
        if name not in done:
            done.append(name)

    for root in roots:
        visit(root, ())
    return done


def _read(name: str, text: str) -> Module:
    needs: dict[str, list[str]] = {}
    exports: dict[str, str] = {}

    def meant(path: str) -> str:
        return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))

    def taken(found: re.Match[str]) -> str:
        need = meant(found[2])
        names = needs.setdefault(need, [])
        if found[1] is None:
            return ""
        if found[1].startswith("*"):
            return f"const {found[1].split()[-1]} = {_variable(need)};"
        pairs = _pairs(found[1][1:-1])
        names += [outer for outer, _ in pairs]
        inner = ", ".join(f"{outer}: {inner}" for outer, inner in pairs)
        return f"const {{ {inner} }} = {_variable(need)};"

    def given(found: re.Match[str]) -> str:
        exports.update((outer, inner) for inner, outer in _pairs(found[1]))
        return ""

    body = _EXPORTED.sub(given, _IMPORT.sub(taken, text))
    exports |= {own: own for own in _EXPORT.findall(body)}
    body = _LATE.sub(lambda found: f'import("{meant(found[1])}")', _EXPORT.sub("", body))
    other = _OTHER.search(body)
    assert other is None, f"{name}: cannot be bundled: {other[0]}"
    return Module(name, body, needs, tuple(_NAMED.findall(body)), exports)


def _pairs(names: str) -> list[tuple[str, str]]:
    """ "a, b as c" -> (a, a), (b, c)."""
    words = [each.split() for each in names.split(",") if each.strip()]
    return [(each[0], each[-1]) for each in words]


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name.removeprefix(SOURCES).removesuffix(".js"))


def _bundle(name: str) -> str:
    return BUNDLES + name.removeprefix(SOURCES)
