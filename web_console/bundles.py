"""A page's scripts as one file: each module a function, after those it imports.

What the files hold stays plain modules. A script in a folder of its page's name (`js/office/stock.js` of
`js/office.js`) is a part that the page opens later with `import()`: it becomes a bundle of its own, which
takes what the page has from the page, so that no module is ever there twice.
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
_OTHER = re.compile(r"""^(?:import\b(?!\s*[.(])|export\b).*|\bimport\(\s*["'].*""", re.M)


@dataclass(frozen=True)
class Module:
    """One source file. `exports` is what others call a thing -> what it is called inside."""

    name: str
    body: str
    needs: Mapping[str, list[str]]  # the modules it imports, in order -> what it takes of each by name
    exports: Mapping[str, str]


def bundled(sources: Mapping[str, str]) -> dict[str, str]:
    """The bundles of all pages and their parts, by name. AssertionError: something cannot be bundled."""
    modules = {name: _read(name, text) for name, text in sources.items()}
    for module in modules.values():
        for need, names in module.needs.items():
            assert need in modules, f"{module.name}: imports {need}, which is not there"
            lacks = set(names) - set(modules[need].exports)
            assert not lacks, f"{module.name}: {need} does not export {', '.join(sorted(lacks))}"
    imported = {need for module in modules.values() for need in module.needs}
    found = {}
    for name, module in modules.items():
        if name.count("/") == 1 and module.needs and name not in imported:
            found.update(_page(name, modules))
    return found


def _page(page: str, modules: Mapping[str, Module]) -> dict[str, str]:
    parts = [name for name in modules if name.startswith(page.removesuffix(".js") + "/")]
    shared = Counter(need for part in parts for need in _ordered([part], modules))
    inside = _ordered([*(name for name, times in shared.items() if times > 1), page], modules)
    own = {part: [each for each in _ordered([part], modules) if each not in inside] for part in parts}
    asked = {need for each in own.values() for name in each for need in modules[name].needs}
    given = sorted(_variable(name) for name in asked.intersection(inside))
    text = _joined(inside, modules) + (f"export {{ {', '.join(given)} }};\n" if given else "")
    return {_bundle(page): text} | {
        _bundle(part): _part(page, part, names, modules) for part, names in own.items()
    }


def _part(page: str, part: str, names: list[str], modules: Mapping[str, Module]) -> str:
    outside = {need for name in names for need in modules[name].needs} - set(names)
    taken = ", ".join(sorted(map(_variable, outside)))
    origin = posixpath.relpath(page, posixpath.dirname(part))
    head = f'import {{ {taken} }} from "{origin}";\n' if taken else ""
    given = ", ".join(modules[part].exports)
    tail = f"const {{ {given} }} = {_variable(part)};\nexport {{ {given} }};\n"
    return head + _joined(names, modules) + tail


def _joined(names: Iterable[str], modules: Mapping[str, Module]) -> str:
    return "".join(_function(modules[name]) for name in names)


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

    def taken(found: re.Match[str]) -> str:
        need = posixpath.normpath(posixpath.join(posixpath.dirname(name), found[2]))
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
    body = _EXPORT.sub("", body)
    other = _OTHER.search(body)
    assert other is None, f"{name}: cannot be bundled: {other[0]}"
    return Module(name, body, needs, exports)


def _pairs(names: str) -> list[tuple[str, str]]:
    """ "a, b as c" -> (a, a), (b, c)."""
    words = [each.split() for each in names.split(",") if each.strip()]
    return [(each[0], each[-1]) for each in words]


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name.removeprefix(SOURCES).removesuffix(".js"))


def _bundle(name: str) -> str:
    return BUNDLES + name.removeprefix(SOURCES)
