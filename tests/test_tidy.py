"""The house rules that a machine can check. Each violation is one line: where, and why it is a rule."""

from __future__ import annotations

import ast
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from services.domain import coupon_errors, errors, member_errors, tender_errors

ERROR_LISTS = tuple(each.__name__ for each in (errors, tender_errors, member_errors, coupon_errors))
ROOT = Path(__file__).parents[1]
PACKAGES = ("device", "drivers", "services", "web_console")
LINES_MAX = 400
LISTS = {"errors.py": 800, "events.py": 800}  # of the domain: an entry each, and nothing else

# Who may import whom of ours; the longest prefix counts. `device` may import everything.
LAYERS: dict[str, tuple[str, ...]] = {
    "drivers": ("drivers",),
    "services.registry": (),
    "services.initials": (),
    "services.domain": ("services.domain",),
    "services.domain.receipt": ("services.domain", "drivers.contracts"),
    "services.domain.receipt_value": ("services.domain", "drivers.contracts"),
    "services.domain.labels": ("services.domain", "drivers.contracts"),
    "services.domain.z_paper": ("services.domain", "drivers.contracts"),
    "services.store": ("services.store", "services.domain"),
    "services.promotions": ("services.promotions.contract", "services.domain"),
    "services.tenders": ("services.tenders.contract", "services.domain"),
    "services.jobs": (
        *("services.jobs.contract", "services.initials"),
        *("services.flows", "services.store", "services.domain"),
    ),
    "services.reports": (
        *("services.reports", "services.store.db", "services.domain", "services.tenders.contract"),
        *("services.store.commission", "services.store.trail"),
    ),
    "services.flows": (
        *("services.flows", "services.store", "services.domain"),
        *("services.tenders.contract", "services.promotions.contract"),
    ),
    "services.uplink": ("services.uplink", "services.flows", "services.store", "services.domain"),
    "services.hq": ("services.hq", "services.domain", "services.uplink.client"),  # one file knows MQTT
    # Pages read values straight from the store; what writes (services.store.db) stays behind the flows.
    "web_console": (
        *("web_console", "services.flows", "services.domain", "services.store.catalogue"),
        *("services.store.jobs", "services.store.sales", "services.store.staff"),
        *("services.store.stock", "services.store.shelf"),
        *("services.store.trail", "services.reports", "services.store.commission"),
        *("services.store.shifts", "services.store.promotions", "services.store.parked"),
        *("services.store.prices", "services.store.stored_value", "services.store.coupons"),
        *("services.store.stretch",),
    ),
    "web_console.views": ("web_console", "services"),
    "web_console.paper_views": ("web_console", "drivers.contracts"),  # paper, on the screen
    "device": ("device", "drivers", "services", "web_console"),
}
HARDWARE = {"evdev", "serial", "gpiozero", "escpos", "lgpio", "usb"}
# What a pure rule may use of the libraries: nothing with a clock, chance or I/O.
PURE = {
    *("__future__", "array", "base64", "binascii", "calendar", "codecs", "collections", "csv"),
    *("dataclasses", "datetime", "decimal", "hmac"),
    *(
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "hmac",
        "itertools",
        "json",
        "math",
        "operator",
        "re",
        "string",
    ),
    *("typing", "unicodedata", "xml", "zlib", "biip", "msgspec", "phonenumbers", "rapidfuzz"),
    *("io", "openpyxl", "warnings", "zipfile"),  # of bytes in memory
}
# A library and the only places that know it, with the reason.
HOMES = (
    ("paho", ("services/uplink/client.py",), "one file knows MQTT"),
    ("flask", ("web_console/",), "only pages know the web"),
    ("werkzeug", ("web_console/",), "only pages know the web"),
    ("cheroot", ("web_console/",), "only pages know the web"),
    ("peewee", ("services/store/", "services/reports/"), "only the store knows SQL"),
    ("playhouse", ("services/store/", "services/reports/"), "only the store knows SQL"),
    (
        "cryptography",
        ("services/store/sealed.py", "services/store/sealed_file.py"),
        "seals, of data and of files",
    ),
    ("sqlite3", ("services/store/", "services/hq/", "device/"), "only the store knows SQL"),
)
SQL = re.compile(
    r"\s*(SELECT .* FROM|INSERT (OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE)\b", re.S
)
SQL_HOMES = ("services/store/", "services/reports/", "services/hq/")
BANNED = {  # outside device/, which hands them in
    "time.time": "time comes in as an argument",
    "time.time_ns": "time comes in as an argument",
    "datetime.now": "time comes in as an argument",
    "datetime.utcnow": "time comes in as an argument",
    "date.today": "time comes in as an argument",
    "print": "processes log, pages answer",
    "float": "money, points and rates are integers",
}
NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
CATCH_ALL = (
    "device/supervise.py",
    "web_console/app.py",
    "web_console/answers.py",
)  # supervisor, error handler
AGREED = {
    *("flask", "apispec", "argon2-cffi", "biip", "cheroot", "gpiozero", "iotcore", "msgspec", "paho-mqtt"),
    *(
        "cryptography",
        "peewee",
        "openpyxl",
        "phonenumbers",
        "pillow",
        "pypinyin",
        "pyserial",
        "python-escpos",
        "rapidfuzz",
        "rjsmin",
        "pygal",
        "segno",
        "uuid-utils",
        "xlsxwriter",
    ),
}
# Found by listing the folder.
PARTS = {"drivers", *(f"services.{kind}" for kind in ("tenders", "promotions", "jobs", "reports"))}
ENTRY = 'if __name__ == "__main__":'

# What today's code still owes; every other place keeps the rule, and a debt that is paid must go.
OWED: tuple[str, ...] = ()


def committed(*patterns: str) -> list[Path]:
    """Files of this project, also those about to be added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(path for name in names.splitlines() if (path := ROOT / name).is_file())


@cache
def modules() -> dict[str, tuple[Path, ast.Module]]:
    """Our modules by dotted name."""
    found = {}
    for path in committed("*.py"):
        if path.relative_to(ROOT).parts[0] in PACKAGES:
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = (path, ast.parse(path.read_text("utf-8"), str(path)))
    return found


def where(path: Path, node: ast.AST | None = None) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def imports(tree: ast.AST) -> Iterator[tuple[str, ast.stmt]]:
    """Every import, wherever in the file: `from a import b` is a.b where that is a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.module and not node.level, "imports are absolute"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield (full if full in modules() else node.module), node


def within(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def owed(violation: str) -> list[str]:
    return [debt for debt in OWED if re.sub(r":\d+:", ":", violation, count=1).startswith(debt)]


def none(violations: Iterator[str]) -> None:
    found = sorted({each for each in violations if not owed(each)})
    assert not found, "\n" + "\n".join(found)


def strange_imports() -> Iterator[str]:
    for name, (path, tree) in modules().items():
        layer = max((prefix for prefix in LAYERS if within(name, (prefix,))), key=len, default="")
        if not layer:
            if not path.name.startswith("__"):
                yield f"{where(path)}: this folder is in no layer of tests/test_tidy.py"
            continue
        for target, node in imports(tree):
            ours = target.split(".")[0] in PACKAGES
            registry = target == "services.registry" and not within(name, ("services.domain",))
            if ours and not registry and not within(target, LAYERS[layer]):
                yield f"{where(path, node)}: {layer} must not know {target}: layers are a straight chain"
            elif within(name, ("services.domain",)) and not ours and target.split(".")[0] not in PURE:
                yield f"{where(path, node)}: the domain uses {target}: it has no clock, chance or I/O"


def test_layers_know_only_what_is_below_them():
    none(strange_imports())


def strayed() -> Iterator[str]:
    for path, tree in modules().values():
        place = str(path.relative_to(ROOT))
        nested = {
            id(node)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef)
            for node in ast.walk(function)
        }
        for target, node in imports(tree):
            library = target.split(".")[0]
            for known, homes, reason in HOMES:
                if library == known and not place.startswith(homes):
                    yield f"{where(path, node)}: {library} here: {reason}"
            if library in HARDWARE and (not place.startswith("drivers/") or id(node) not in nested):
                yield f"{where(path, node)}: {library} here: hardware belongs into a driver's functions"


def test_libraries_stay_where_they_belong():
    none(strayed())


def sql_outside() -> Iterator[str]:
    for path, tree in modules().values():
        if not str(path.relative_to(ROOT)).startswith(SQL_HOMES):
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
                    yield f"{where(path, node)}: SQL here: only the store, reports and HQ know it"


def test_sql_stays_in_the_store():
    none(sql_outside())


def test_finding_the_drivers_loads_no_hardware_library():
    code = (
        "import sys; from services.registry import discover; assert discover('drivers', 'DRIVER');"
        f"print(*sorted(set(sys.modules) & {HARDWARE!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [], "a laptop without these must run on twins"


def dotted(node: ast.expr) -> str:
    """`a.b.c` as its last two words."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value).split('.')[-1]}.{node.attr}" if isinstance(node, ast.Attribute) else "?"


def banned() -> Iterator[str]:
    for path, tree in modules().values():
        place = str(path.relative_to(ROOT))
        for node in ast.walk(tree):
            call = dotted(node.func) if isinstance(node, ast.Call) else ""
            if call in BANNED and not place.startswith("device/"):
                yield f"{where(path, node)}: {call}(): {BANNED[call]}"
            if isinstance(node, ast.ExceptHandler) and place not in CATCH_ALL:
                kinds = [dotted(kind) for kind in ast.walk(node.type)] if node.type else ["bare"]
                if {"Exception", "BaseException", "bare"} & set(kinds) and not reraises(node):
                    yield f"{where(path, node)}: except {kinds[0]}: only the supervisor survives bugs"


def reraises(handler: ast.ExceptHandler) -> bool:
    """Cleaning up and passing it on hides nothing."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_nothing_banned_is_called():
    none(banned())


def unclear_files() -> Iterator[str]:
    for path in committed("*.py"):
        if set(re.split(r"[_.]", path.name)) & NAMELESS:
            yield f"{where(path)}: a file is named by a noun that says what it holds"
    for path, tree in modules().values():
        if not ast.get_docstring(tree):
            yield f"{where(path)}: a file begins with the one sentence that says what it is for"
        most = LISTS.get(path.name, LINES_MAX)
        if (lines := len(path.read_text("utf-8").splitlines())) > most:
            yield f"{where(path)}: {lines} lines, more than {most}: is it two?"


def test_every_file_has_one_purpose_and_says_it():
    none(unclear_files())


def dead() -> Iterator[str]:
    used = {
        part
        for name, (_, tree) in modules().items()
        for target, _ in imports(tree)
        if target != name
        for part in itertools.accumulate(target.split("."), "{}.{}".format)
    }
    for name, (path, _) in modules().items():
        part = name.rpartition(".")[0] in PARTS and name.split(".")[-1] != "contract"
        text = path.read_text("utf-8")
        entry = path.name == "__init__.py" or ENTRY in text or "\nROUTES = Routes()" in text
        if not (name in used or part or entry):
            yield f"{where(path)}: nobody imports {name}: use it or delete it"


def test_no_file_is_dead():
    none(dead())


def test_dependencies_are_the_agreed_ones():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    listed = re.search(r"^dependencies = \[(.*?)\]", project, re.M | re.S)
    assert listed
    assert {each.lower() for each in re.findall(r'"([\w-]+)', listed[1])} == AGREED


def test_no_path_of_somebody_s_machine_is_committed():
    homes = re.compile(r"(?<!\w)/(?:(?:home|Users)/[a-z]\w+|(?:root|work)/[\w.]+)")
    suffixes = {
        ".py",
        ".md",
        ".toml",
        ".sh",
        ".js",
        ".css",
        ".html",
        ".json",
        ".service",
        ".socket",
        ".conf",
    }
    none(
        f"{path.relative_to(ROOT)}:{n}: {match[0]}: a path of one machine"
        for path in committed()
        if path.suffix in suffixes or not path.suffix
        for n, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (match := homes.search(line))
    )


def words(language: str) -> dict[str, str]:
    path = ROOT / f"web_console/static/words/{language}.json"
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found


def test_every_word_is_there_in_both_languages():
    zh, en = words("zh"), words("en")
    none(f"web_console/static/words: {key!r} is in one language only" for key in zh.keys() ^ en.keys())
    holes = re.compile(r"\{\w+\}")
    none(
        f"web_console/static/words: {key!r} has other blanks in the other language"
        for key in zh.keys() & en.keys()
        if set(holes.findall(zh[key])) != set(holes.findall(en[key]))
    )


def pages() -> str:
    """All that a page is made of, as one text."""
    files = [
        *(ROOT / "web_console/static/js").rglob("*.js"),
        *(ROOT / "web_console/templates").glob("*.html"),
    ]
    return "\n".join(path.read_text("utf-8") for path in files)


def test_every_word_a_page_names_is_in_the_dictionary_and_none_lies_there_unused():
    text, known = pages(), words("zh")
    quote = "[\"'`]"
    called = set(re.findall(rf"(?<![\w$.])t\(\s*{quote}([\w.]+){quote}", text))
    called |= {
        key
        for pair in re.findall(
            rf"(?<![\w$.])t\([^()`]*\? {quote}([\w.]+){quote} : {quote}([\w.]+){quote}", text
        )
        for key in pair
    }
    called |= set(re.findall(r"\bw\['([\w.]+)'\]", text))
    none(f"{key!r}: a page names it, and no dictionary has it" for key in sorted(called - known.keys()))
    named = set(re.findall(rf"{quote}([a-z_]+(?:\.\w+)+){quote}", text)) | called
    begun = tuple(set(re.findall(r"`([a-z_]+\.[\w.]*)\$\{", text)))  # completed while the page runs
    none(f"{key!r}: no page names it" for key in sorted(known.keys() - named) if not key.startswith(begun))


def test_every_refusal_has_words():
    kinds = [kind for kind in errors.ShopError.__subclasses__() if kind.__module__ in ERROR_LISTS]
    none(f"{kind.__name__}: the words of error.{kind.code} are missing"
         for kind in kinds if f"error.{kind.code}" not in words("zh"))  # fmt: skip


def test_no_debt_is_listed_that_was_paid():
    owing = {debt for each in (*strange_imports(), *strayed(), *banned()) for debt in owed(each)}
    assert not set(OWED) - owing, "paid: take it off the list"
