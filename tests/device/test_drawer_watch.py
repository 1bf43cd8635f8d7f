"""A drawer's sensor: why it opened, how long it was open, and whom that must worry."""

from __future__ import annotations

import json

import pytest

from device.config import DeviceEntry, Till
from device.drawer_watch import BY_KEY, LEFT_OPEN, LEFT_OPEN_MS, PULSED_MS, Opening, Sensor, Shut
from services.flows import cash_moves
from services.store import journal
from tests.device.conftest import SetUp
from tests.waits import until

TILL = Till(key="1", printer="printer-1", drawer="drawer-1")
PRINTER = DeviceEntry(name="printer-1", driver="printer.escpos")
DRAWER = DeviceEntry(name="drawer-1", driver="drawer.printer", parent="printer-1")


@pytest.fixture
def sensor() -> Sensor:
    """One that has said "shut" before."""
    found = Sensor("1")
    assert found.looked(False, 0) is None
    return found


def test_an_opening_has_the_cause_of_its_pulse_and_a_length(sensor: Sensor) -> None:
    sensor.pulsed("2", "sale", 1_000)
    opening = Opening("2", "sale", 1_000)
    assert sensor.looked(True, 1_200) == opening
    assert sensor.looked(True, 2_200) is None
    assert sensor.looked(False, 9_000) == Shut(opening, 8_000)
    assert sensor.looked(False, 10_000) is None


@pytest.mark.parametrize("late_ms", [PULSED_MS + 1, 10 * PULSED_MS])
def test_a_drawer_that_opens_without_a_pulse_was_opened_with_its_key(sensor: Sensor, late_ms: int) -> None:
    sensor.pulsed("1", "sale", 0)
    assert sensor.looked(True, late_ms) == Opening("1", "key", late_ms)
    assert sensor.alarm(late_ms) == BY_KEY
    sensor.looked(False, late_ms + 1)
    assert sensor.alarm(late_ms + 1) is None


def test_a_pulse_opens_once(sensor: Sensor) -> None:
    sensor.pulsed("1", "sale", 0)
    sensor.looked(True, 100)
    sensor.looked(False, 200)
    found = sensor.looked(True, 300)
    assert isinstance(found, Opening) and found.cause == "key"


def test_a_drawer_left_open_is_an_alarm_after_a_minute_and_no_sooner(sensor: Sensor) -> None:
    sensor.pulsed("1", "no_sale", 0)
    sensor.looked(True, 100)
    assert sensor.alarm(LEFT_OPEN_MS) is None
    assert sensor.alarm(LEFT_OPEN_MS + 1) == LEFT_OPEN


def test_a_sensor_that_never_said_shut_proves_nothing(sensor: Sensor) -> None:
    stuck = Sensor("1")
    assert stuck.looked(True, 0) == Opening("1", "unknown", 0)
    assert stuck.alarm(10 * LEFT_OPEN_MS) is None
    assert stuck.looked(None, 1) is None


def told(kind: str) -> list[dict[str, object]]:
    return [json.loads(row.body)["data"] for row in journal.after(0, 1_000) if row.type == kind]


def test_the_journal_tells_of_a_sale_s_opening_and_of_one_by_hand(counter: SetUp) -> None:
    running = counter([TILL], PRINTER, DRAWER).start()
    drawer = running.twin("drawer-1")
    until(lambda: running.devices["drawer-1"].health.code == "ready", "the drawer is there")
    running.sell()
    until(lambda: drawer.is_open, "the sale has opened it")
    until(lambda: running.stations[0]._watches["drawer-1"]._sensor._open, "the sensor was looked at")
    drawer.push_closed()
    (shut,) = until(lambda: told("drawer.closed"), "the shutting is journalled")
    assert (shut["cause"], shut["workstation_id"]) == ("sale", "1")
    drawer.is_open = True  # with the key
    (opened,) = until(lambda: told("drawer.opened"), "the opening by hand is journalled")
    assert opened["cause"] == "key"
    running.health("drawer-1", "opened_by_key")
    assert running.alarms == [("drawer_opened_by_key", "drawer-1")]
    drawer.push_closed()
    running.health("drawer-1", "ready")
    assert [each["cause"] for each in told("drawer.closed")] == ["sale", "key"]


def test_an_opening_without_a_sale_is_told_as_such(counter: SetUp) -> None:
    running = counter([TILL], PRINTER, DRAWER).start()
    until(lambda: running.devices["drawer-1"].health.code == "ready", "the drawer is there")
    cash_moves.open_drawer(running.shop, "1", reason="check", operator_id="zhou", request_id="open")
    running.wake()
    until(lambda: running.stations[0]._watches["drawer-1"]._sensor._open, "the sensor was looked at")
    running.twin("drawer-1").push_closed()
    (shut,) = until(lambda: told("drawer.closed"), "the shutting is journalled")
    assert shut["cause"] == "no_sale"
