"""What leaves the box: schemas, golden events and the description of the channels agree with the code."""

from __future__ import annotations

import copy
import itertools
import json
import zlib
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from referencing import Registry, Resource

from services.domain import stream
from services.domain.events import EVENTS, Event
from services.domain.stream import Ack, BoxClock, HqState, StoreState
from services.flows.record import Envelope, record
from services.flows.shop import Shop
from services.hq.reading import open_batch
from services.store import db, journal
from services.uplink import contract
from services.uplink.batch import pack
from tests.uplink.shop_events import record_sales

GOLDEN = Path(__file__).parents[1] / "golden" / "events"
BY_NAME = {f"{event.type}-{event.version}": event for event in EVENTS}


def strict(schema: Any) -> Any:
    """The schema as a producer must keep it: no field beyond the described ones."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: strict(value) for key, value in schema.items()}
    if changed.get("properties"):  # an event of any type has none of its own
        changed["additionalProperties"] = False
    return changed


def check(path: str, value: object, *, producer: bool = True) -> None:
    schemas = {name: copy.deepcopy(schema) for name, schema in contract.schemas().items()}
    if producer:
        schemas = {name: strict(schema) for name, schema in schemas.items()}
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()
    )
    validator = jsonschema.Draft202012Validator(schemas[path], registry=registry)
    validator.validate(value)


def typed(kind: type[Event], text: bytes) -> Event:
    return msgspec.json.decode(msgspec.json.encode(json.loads(text)["data"]), type=kind)


def test_the_schema_files_are_those_of_the_code() -> None:
    """After a change: python -m services.uplink.contract. A field is only ever added, and optional."""
    wanted = {path: contract.text(schema) for path, schema in contract.schemas().items()}
    for path, text in wanted.items():
        assert (contract.FOLDER / path).read_text() == text, path
    for file in contract.FOLDER.rglob("*.json"):
        jsonschema.Draft202012Validator.check_schema(json.loads(file.read_text()))


def test_every_type_and_version_has_a_schema_and_a_golden_event() -> None:
    schemas = {f"{file.parent.name}-{file.stem}" for file in contract.FOLDER.rglob("*.json")}
    events = {name for name in schemas if not name.startswith("stream.")}
    assert {file.stem for file in GOLDEN.glob("*.json")} == events
    assert set(BY_NAME) <= events


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda file: file.stem)
def test_a_golden_event_fits_its_schema_and_the_newest_reader(file: Path) -> None:
    event = json.loads(file.read_bytes())
    check("stream.event/1.0.json", event)
    schema = json.loads((contract.FOLDER / f"{event['dataschema']}.json").read_text())
    jsonschema.Draft202012Validator(strict(schema)).validate(event["data"])
    major = event["dataschema"].split("/")[1].split(".")[0]
    newest = [e for e in EVENTS if e.type == event["type"] and e.version.split(".")[0] == major]
    assert all(typed(kind, file.read_bytes()) for kind in newest)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_todays_golden_event_is_written_again_byte_for_byte(name: str, shop: Shop) -> None:
    text = (GOLDEN / f"{name}.json").read_bytes().rstrip(b"\n")
    data = typed(BY_NAME[name], text)
    envelope = msgspec.structs.replace(msgspec.json.decode(text, type=Envelope), data=data)
    assert msgspec.json.encode(envelope) == text
    with db.write():
        record(shop, data, shop.now_ms(), "2026-11-22")
    written = json.loads(journal.after(0, 1)[0].body)
    golden = json.loads(text)
    assert list(written) == list(golden)
    assert (written["data"], written["dataschema"]) == (golden["data"], golden["dataschema"])
    check("stream.event/1.0.json", written)
    check(f"{golden['dataschema']}.json", written["data"])


def test_a_reader_lets_unknown_fields_pass_and_a_producer_does_not() -> None:
    data = json.loads((GOLDEN / "receipt.copied-1.2.json").read_text())["data"] | {"later": 1}
    check("receipt.copied/1.2.json", data, producer=False)
    with pytest.raises(jsonschema.ValidationError):
        check("receipt.copied/1.2.json", data)


def test_a_minor_version_only_adds_optional_fields() -> None:
    versions = sorted(contract.FOLDER.rglob("*.json"), key=lambda file: (file.parent, _version(file)))
    for older, newer in itertools.pairwise(versions):
        if older.parent == newer.parent and _version(older)[0] == _version(newer)[0]:
            before, after = json.loads(older.read_text())["$defs"], json.loads(newer.read_text())["$defs"]
            for name, old in before.items():
                assert set(after[name].get("required", ())) == set(old.get("required", ())), newer
                assert after[name]["properties"].items() >= old["properties"].items(), newer


def _version(file: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in file.stem.split("."))


def test_a_batch_on_the_wire_fits_its_schema_and_keeps_the_journals_bytes(shop: Shop) -> None:
    head = record_sales(shop, 50)
    rows = journal.after(0, 100)
    packed = pack("S0001", 3, rows)
    check("stream.batch/1.0.json", json.loads(zlib.decompress(packed.payload)))
    opened = open_batch(packed.payload, "zlib")
    assert [bytes(raw) for raw in opened.batch.ev] == [row.body for row in rows]
    assert opened.batch.head == journal.hash_at(head).hex()
    assert dict(packed.user) == {"enc": "zlib", "sv": "1.0", "epoch": "3", "first": "1", "n": "50"}


def test_a_batch_too_large_for_the_broker_is_cut_and_one_event_goes_alone(shop: Shop) -> None:
    record_sales(shop, 50)
    rows = journal.after(0, 100)
    packed = pack("S0001", 1, rows, 2_500)
    assert len(packed.payload) <= 2_500
    assert (packed.first, packed.last < 50) == (1, True)
    assert pack("S0001", 1, rows, 10).last == 1


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("stream.ack/1.0.json", Ack(epoch=1, hwm=5, safe=4)),
        ("stream.ack/1.0.json", Ack(epoch=1, hwm=5, safe=4, head="0" * 64, replay=(6, 9))),
        ("stream.ack/1.0.json", Ack(epoch=1, hwm=5, safe=4, rejected_from=6, reason="chain")),
        ("stream.state/1.0.json", StoreState(online=False, boot=17)),
        (
            "stream.state/1.0.json",
            StoreState(
                online=True, boot=17, epoch=3, first=1, last=9, acked=5, clock=BoxClock(utc="t", q="ntp")
            ),
        ),
        ("stream.hq_state/1.0.json", HqState(online=True, utc="t", incarnation=1, min_schema="1.0")),
    ],
)
def test_the_small_messages_fit_their_schemas(path: str, message: msgspec.Struct) -> None:
    check(path, json.loads(msgspec.json.encode(message)))


def test_the_description_of_the_channels_is_the_codes() -> None:
    described = yaml.safe_load((contract.FOLDER.parent / "asyncapi.yaml").read_text())
    assert described["asyncapi"] == "3.0.0"
    addresses = {
        name: channel["address"].replace("{shard}", "07").replace("{store}", "S0001")
        for name, channel in described["channels"].items()
    }
    assert addresses == {
        "state": stream.state_topic(7, "S0001"),
        "events": stream.events_topic(7, "S0001"),
        "ack": stream.ack_topic(7, "S0001"),
        "hqState": stream.hq_state_topic(),
    }
    for message in described["components"]["messages"].values():
        file = contract.FOLDER.parent / message["payload"]["schema"]["$ref"]
        assert file.is_file(), file
    batch = described["components"]["messages"]["batch"]
    assert batch["contentType"] == stream.CONTENT_TYPE
    assert batch["headers"]["properties"]["enc"]["const"] == stream.ENCODING
    for operation in described["operations"].values():
        assert _resolved(described, operation["channel"]["$ref"])
        assert operation["bindings"]["mqtt"]["qos"] == 1
    for channel in described["channels"].values():
        assert all(_resolved(described, message["$ref"]) for message in channel["messages"].values())


def _resolved(document: Any, reference: str) -> Any:
    for key in reference.removeprefix("#/").split("/"):
        document = document[key]
    return document


@pytest.mark.parametrize(
    ("topic", "parts"),
    [
        ("chain/v1/07/S0001/up/ev", (7, "S0001", "up/ev")),
        ("chain/v1/63/a-b_C/state", (63, "a-b_C", "state")),
        ("chain/v1/64/S0001/state", None),
        ("chain/v1/7/S0001/state", None),
        ("chain/v1/07/S 1/state", None),
        (f"chain/v1/07/{'S' * 33}/state", None),
        ("chain/v2/07/S0001/state", None),
        ("chain/v1/hq/state", None),
        ("", None),
    ],
)
def test_a_topic_names_shard_and_store_or_is_none_of_ours(
    topic: str, parts: tuple[int, str, str] | None
) -> None:
    assert stream.parse_topic(topic) == parts
