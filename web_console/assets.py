"""Scripts, styles and words: read once at the start, under a path that changes with their content."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

import msgspec
from rjsmin import jsmin

COMPRESS_FROM = 512  # bytes; less is not worth it
TEXTS = (".css", ".js", ".json", ".svg", ".txt", ".webmanifest")
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}


@dataclass(frozen=True, slots=True)
class Asset:
    data: bytes
    packed: bytes  # gzip; empty where that saves nothing
    media: str


class Assets:
    """Every file below `folder`."""

    def __init__(self, folder: Path) -> None:
        self._assets: dict[str, Asset] = {}
        digest = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                name = path.relative_to(folder).as_posix()
                self._assets[name] = _asset(path)
                digest.update(name.encode() + b"\0" + self._assets[name].data)
        self.version = digest.hexdigest()[:16]

    def find(self, name: str) -> Asset | None:
        return self._assets.get(name)

    def within(self, folder: str) -> list[str]:
        """The names of the files right in `folder` ("js/office"), in order."""
        return sorted(name for name in self._assets if name.rpartition("/")[0] == folder)

    def url(self, name: str) -> str:
        return f"/static/{self.version}/{name}"

    def words(self) -> dict[str, dict[str, str]]:
        """language -> the words of its pages, from words/<language>.json."""
        return {
            Path(name).stem: msgspec.json.decode(asset.data, type=dict[str, str])
            for name, asset in self._assets.items()
            if name.startswith("words/") and name.endswith(".json")
        }


def _asset(path: Path) -> Asset:
    data = path.read_bytes()
    if path.suffix == ".js":
        data = jsmin(data.decode()).encode()
    packed = b""
    if path.suffix in TEXTS and len(data) >= COMPRESS_FROM:
        packed = gzip.compress(data, 9, mtime=0)
    media = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(data, packed if 0 < len(packed) < len(data) else b"", media)
