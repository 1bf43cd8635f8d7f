"""A counter for each test: call `counter(tills, *devices)`; it is stopped afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from device import station
from device.config import DeviceEntry, Till
from services.flows.shop import Shop
from tests.device.counter import Counter

SetUp = Callable[..., Counter]


@pytest.fixture
def counter(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Iterator[SetUp]:
    monkeypatch.setattr(station, "POLL_S", 0.1)  # no test waits a second for a cable to be found again
    made: list[Counter] = []

    def set_up(tills: Sequence[Till], *entries: DeviceEntry) -> Counter:
        made.append(Counter(shop, tills, *entries))
        return made[-1]

    yield set_up
    for each in made:
        each.stop()
