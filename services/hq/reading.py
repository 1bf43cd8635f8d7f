"""Reads what stores send: unpacks, checks the form, knows no database."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Annotated

import msgspec

from services.domain.events import SaleCompleted
from services.domain.stream import BATCH_PLAIN_MAX, ENCODING, Batch, Count, StoreState
from services.hq.z_chains import MINOR_MAX

RATES_MAX = 1_000  # of one document
PROJECTED_MAJOR = "1"  # of sale.completed; a newer major is kept raw


Minor = Annotated[int, msgspec.Meta(ge=-MINOR_MAX, le=MINOR_MAX)]


class Poison(Exception):
    """A message that will not become right by being sent again. `reason` is a stable word."""

    def __init__(self, reason: str, detail: str = "", first: int = 0) -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason, self.detail, self.first = reason, detail, first


class Envelope(msgspec.Struct, frozen=True):
    """What HQ needs of any event, of whatever type and version."""

    seq: Count
    id: str
    type: str
    dataschema: str
    data: msgspec.Raw


class _Tax(msgspec.Struct, frozen=True):
    tax_minor: Minor


class SaleHead(msgspec.Struct, frozen=True):
    """What HQ's sale table holds of a sale.completed; whatever else it carries is left alone."""

    sale_id: str
    number: str
    business_day: str
    workstation_id: str
    operator_id: str
    currency: str
    total_minor: int
    ended_at_ms: int
    taxes: Annotated[tuple[_Tax, ...], msgspec.Meta(max_length=RATES_MAX)] = ()
    bonus_minor: Minor = 0  # of the total: a discount that no tax is in

    @property
    def tax_minor(self) -> int:
        return sum(each.tax_minor for each in self.taxes)


@dataclass(frozen=True, slots=True)
class Opened:
    """A batch of good form: consecutive events with their raw bytes."""

    batch: Batch
    events: tuple[Envelope, ...]

    @property
    def last(self) -> int:
        return self.batch.first + len(self.events) - 1


_read_batch = msgspec.json.Decoder(Batch).decode
_read_envelope = msgspec.json.Decoder(Envelope).decode
_read_state = msgspec.json.Decoder(StoreState).decode
_read_sale = msgspec.json.Decoder(SaleHead).decode


def open_batch(payload: bytes, encoding: str) -> Opened:
    """Raises Poison."""
    if encoding != ENCODING:
        raise Poison("encoding", f"cannot read {encoding[:32]!r}")
    plain = _unpacked(payload)
    try:
        batch = _read_batch(plain)
        events = tuple(_read_envelope(raw) for raw in batch.ev)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Poison("form", str(error)) from error
    if not events:
        raise Poison("form", "no events", batch.first)
    for seq, event in enumerate(events, batch.first):
        if event.seq != seq:
            raise Poison("order", f"event {event.seq} where {seq} belongs", batch.first)
    return Opened(batch, events)


def open_state(payload: bytes) -> StoreState:
    """Raises Poison."""
    try:
        return _read_state(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Poison("form", str(error)) from error


def sale_of(event: Envelope) -> SaleHead | None:
    """The sale an event tells of; None for other types, newer majors and what does not fit."""
    if event.type != SaleCompleted.type:
        return None
    if event.dataschema.partition("/")[2].partition(".")[0] != PROJECTED_MAJOR:
        return None
    try:
        return _read_sale(event.data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _unpacked(payload: bytes) -> bytes:
    """A hostile payload of 1 KB can unpack to 1 MB and more: the cap is on what comes out."""
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(payload, BATCH_PLAIN_MAX)
    except zlib.error as error:
        raise Poison("compression", str(error)) from error
    if stream.unconsumed_tail:
        raise Poison("size", f"more than {BATCH_PLAIN_MAX} bytes")
    if not stream.eof or stream.unused_data:
        raise Poison("compression", "cut short or with a tail")
    return plain
