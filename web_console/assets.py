"""Scripts, styles and words: read and bundled once, under a path that changes with their content."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec
from rjsmin import jsmin

from web_console.bundles import BUNDLES, SOURCES, bundled

COMPRESS_FROM = 512  # bytes; less is not worth it
TEXTS = (".css", ".js", ".json", ".svg", ".txt", ".webmanifest")
STYLES = ("tokens.css", "ui.css")  # of every page, in this order; one may add its own, of its name
COMMENTS = re.compile(rb"/\*.*?\*/", re.S)  # of style sheets, which hold no text that looks like one
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}


@dataclass(frozen=True, slots=True)
class Asset:
    data: bytes
    packed: bytes  # gzip; empty where that saves nothing
    media: str


class Assets:
    """Every file below `folder`, and the bundles of what every page needs of them."""

    def __init__(self, folder: Path) -> None:
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
        files |= _bundles(files)
        self._assets = {name: _asset(name, data) for name, data in files.items()}
        digest = hashlib.sha256()
        for name, asset in self._assets.items():
            digest.update(name.encode() + b"\0" + asset.data)
        self.version = digest.hexdigest()[:16]

    def find(self, name: str) -> Asset | None:
        return self._assets.get(name)

    def within(self, folder: str) -> list[str]:
        """The names of the files right in `folder` ("js/office"), in order."""
        return sorted(name for name in self._assets if name.rpartition("/")[0] == folder)

    def url(self, name: str) -> str:
        return f"/static/{self.version}/{name}"

    def text(self, name: str) -> str:
        """What a page holds itself, to spare a request. Raises KeyError."""
        return self._assets[name].data.decode()

    def words(self) -> dict[str, dict[str, str]]:
        """language -> the words of its pages, from words/<language>.json."""
        return {
            Path(name).stem: msgspec.json.decode(asset.data, type=dict[str, str])
            for name, asset in self._assets.items()
            if name.startswith("words/") and name.endswith(".json")
        }


def _bundles(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """For every page one script and one style sheet, both called like the script it starts with."""
    sources = {
        name: data.decode()
        for name, data in files.items()
        if name.startswith(SOURCES) and name.endswith(".js")
    }
    found = {}
    for name, script in bundled(sources).items():
        found[name] = script.encode()
        page = name.removeprefix(BUNDLES).removesuffix(".js")
        if "/" not in page:
            sheets = [*STYLES, f"{page}.css"]
            styles = b"".join(files[each] for each in sheets if each in files)
            found[f"{BUNDLES}{page}.css"] = COMMENTS.sub(b"", styles)
    return found


def _asset(name: str, data: bytes) -> Asset:
    path = PurePosixPath(name)
    if path.suffix == ".js":
        data = jsmin(data.decode()).encode()
    packed = b""
    if path.suffix in TEXTS and len(data) >= COMPRESS_FROM:
        packed = gzip.compress(data, 9, mtime=0)
    media = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(data, packed if 0 < len(packed) < len(data) else b"", media)
