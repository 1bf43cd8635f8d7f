"""Writes the JSON Schemas of everything on the stream: python -m services.uplink.contract"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from services.domain.events import EVENTS
from services.domain.stream import STREAM_VERSION, Ack, Batch, HqState, StoreState
from services.flows.record import Envelope

FOLDER = Path(__file__).parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
MESSAGES: dict[str, type[msgspec.Struct]] = {
    "stream.event": Envelope,
    "stream.batch": Batch,
    "stream.ack": Ack,
    "stream.state": StoreState,
    "stream.hq_state": HqState,
}


def schemas() -> dict[str, dict[str, Any]]:
    """Path below `schemas/` -> schema. Fields a reader does not know are allowed: versions grow."""
    found: dict[str, type] = {f"{event.type}/{event.version}.json": event for event in EVENTS}
    messages: dict[str, type] = {f"{name}/{STREAM_VERSION}.json": kind for name, kind in MESSAGES.items()}
    return {path: _schema(path, kind) for path, kind in {**found, **messages}.items()}


def text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write(folder: Path = FOLDER) -> list[str]:
    """Write what is missing or different; the paths. A published version is never changed by hand."""
    written = []
    for path, schema in schemas().items():
        file = folder / path
        if not file.exists() or file.read_text() != text(schema):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text(schema))
            written.append(path)
    return written


def _schema(path: str, kind: type) -> dict[str, Any]:
    schema = msgspec.json.schema(kind)
    schema = {"$schema": DIALECT, "$id": f"schemas/{path}", **schema}
    if kind is Batch:  # msgspec knows the events only as raw bytes
        fields = schema["$defs"]["Batch"]["properties"]
        fields["ev"]["items"] = {"$ref": f"../stream.event/{STREAM_VERSION}.json"}
    return schema


if __name__ == "__main__":
    for each in write():
        sys.stdout.write(f"{each}\n")
