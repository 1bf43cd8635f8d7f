"""The stream between a store and headquarters (HQ): its topics, its messages and its limits."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

STREAM_VERSION = "1.0"  # user property "sv"; a minor step only adds optional fields
CONTENT_TYPE = "application/vnd.chain.ev+json"
ENCODING = "zlib"  # user property "enc"
ROOT = "chain/v1"
SHARDS = 64

BATCH_EVENTS_MAX = 50
BATCH_BYTES_MAX = 64 * 1024  # compressed
BATCH_PLAIN_MAX = 4 * 1024 * 1024  # what a reader unpacks at most
WINDOW_BATCHES = 32  # without HQ's acknowledgement; with 4 HQ waited for us, from 24 on it does not

_STORE = re.compile(r"[A-Za-z0-9_-]{1,32}")

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Store = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
Hash = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?$")]


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Consecutive events of one store. Each of `ev` is the journal's body, byte for byte."""

    store: Store
    epoch: Count  # given out by HQ; in a new one a store sends its journal from 1 on
    first: Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
    head: Hash  # the journal's hash after the last event
    ev: list[msgspec.Raw]


class Ack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What HQ holds. Only this moves a store's cursor."""

    epoch: Count
    hwm: Count  # every event up to here is committed
    safe: Count  # and up to here copied elsewhere: the store may prune what is old
    head: Hash = ""  # HQ's hash after `hwm`: a store with another history does not believe the ack
    replay: tuple[Count, Count] | None = None  # send these again, both inclusive
    rejected_from: Count | None = None  # HQ refuses the stream from here on
    reason: str = ""


class BoxClock(msgspec.Struct, frozen=True, kw_only=True):
    utc: str
    q: str  # "ntp" | "rtc" | "hq" | "saved" | "none"


class StoreState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Birth (online) or death, which is the will. A will whose `boot` is not the newest is ignored."""

    online: bool
    boot: Count
    epoch: Count = 0
    first: Count = 0  # oldest event still kept
    last: Count = 0
    acked: Count = 0
    fw: str = ""
    schema: str = ""
    clock: BoxClock | None = None


class HqState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """HQ's own birth or death. Data is sent only while it is online."""

    online: bool
    utc: str = ""
    incarnation: Count = 0  # rises when HQ is restored from a backup
    min_schema: str = ""


def may_be(shard: int, store: str) -> bool:
    """Whether there can be such a store in such a shard."""
    return 0 <= shard < SHARDS and _STORE.fullmatch(store) is not None


def state_topic(shard: int, store: str) -> str:
    return f"{_of(shard, store)}/state"


def events_topic(shard: int, store: str) -> str:
    return f"{_of(shard, store)}/up/ev"


def ack_topic(shard: int, store: str) -> str:
    return f"{_of(shard, store)}/down/ack"


def hq_state_topic() -> str:
    return f"{ROOT}/hq/state"


def hq_filters(shards: tuple[int, ...]) -> tuple[str, ...]:
    """What a consumer of `shards` subscribes to; none given means all."""
    levels = tuple(f"{shard:02d}" for shard in shards) or ("+",)
    return tuple(f"{ROOT}/{level}/+/{end}" for level in levels for end in ("state", "up/ev"))


def parse_topic(topic: str) -> tuple[int, str, str] | None:
    """(shard, store, what) of a store's topic; None for any other."""
    levels = topic.split("/", 4)
    if len(levels) != 5 or "/".join(levels[:2]) != ROOT:
        return None
    shard, store, what = levels[2:]
    if not re.fullmatch(r"[0-9]{2}", shard) or int(shard) >= SHARDS or not _STORE.fullmatch(store):
        return None
    return int(shard), store, what


def _of(shard: int, store: str) -> str:
    assert may_be(shard, store), (shard, store)
    return f"{ROOT}/{shard:02d}/{store}"
