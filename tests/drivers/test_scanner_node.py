"""Which input device is taken for the scanner, tried on devices that only have names."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from drivers.contracts import DriverError, ErrorCode
from drivers.key_layouts import KEY_ENTER
from drivers.scanner_hid import Settings
from drivers.scanner_node import EVIOCSCLOCKID, open_node


@dataclass
class Node:
    """As much of an evdev device as the driver looks at; its descriptor is a pipe's."""

    vendor: int = 0x1234
    product: int = 0x5678
    uniq: str = ""
    phys: str = ""
    keys: tuple[int, ...] = (2, 3, KEY_ENTER)
    opens: int = 0
    grabbed: bool = False
    fault: int = 0  # errno of grab()
    unreadable: bool = False
    pipe: tuple[int, int] = field(default_factory=os.pipe)

    @property
    def fd(self) -> int:
        return self.pipe[0]

    @property
    def info(self) -> Any:
        return SimpleNamespace(vendor=self.vendor, product=self.product)

    def capabilities(self) -> dict[int, tuple[int, ...]]:
        return {0: (0,), 1: self.keys}

    def grab(self) -> None:
        if self.fault:
            raise OSError(self.fault, os.strerror(self.fault))
        self.grabbed = True

    def close(self) -> None:
        self.opens -= 1


class Machine:
    """Stands in for the evdev module."""

    def __init__(self, nodes: dict[str, Node]) -> None:
        self.nodes = nodes

    def list_devices(self) -> list[str]:
        return [*self.nodes, "/dev/input/event99"]  # the last one is gone when it is opened

    def InputDevice(self, path: str) -> Node:
        if path not in self.nodes:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        node = self.nodes[path]
        if node.unreadable:
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        node.opens += 1
        return node


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    machine = Machine(
        {
            "/dev/input/event0": Node(vendor=0x046D, product=0xC31C),  # the shop's keyboard
            "/dev/input/event1": Node(uniq="A1", phys="usb-1.1/input0"),
            "/dev/input/event2": Node(uniq="A1", phys="usb-1.1/input1", keys=(113, 114)),  # its volume keys
        }
    )
    clocks: list[int] = []
    monkeypatch.setitem(sys.modules, "evdev", machine)  # type: ignore[arg-type]
    monkeypatch.setattr(
        "drivers.scanner_node.fcntl.ioctl", lambda fd, request, value: clocks.append(request)
    )
    yield machine
    assert set(clocks) <= {EVIOCSCLOCKID}
    for node in machine.nodes.values():
        os.close(node.pipe[0])
        os.close(node.pipe[1])


PINNED = Settings(vendor=0x1234, product=0x5678)


def refusal(settings: Settings) -> DriverError:
    with pytest.raises(DriverError) as refused:
        open_node(settings)
    assert refused.value.hint
    return refused.value


def test_the_keyboard_beside_it_is_left_alone(machine: Machine) -> None:
    descriptor, close = open_node(PINNED)
    nodes = list(machine.nodes.values())
    assert descriptor == nodes[1].fd and [node.grabbed for node in nodes] == [False, True, False]
    assert [node.opens for node in nodes] == [0, 1, 0], "those only looked at are closed again"
    close()
    assert nodes[1].opens == 0


def test_two_alike_are_told_apart_by_serial_or_port_or_not_at_all(machine: Machine) -> None:
    machine.nodes["/dev/input/event3"] = second = Node(uniq="B2", phys="usb-1.2/input0")
    assert refusal(PINNED).code is ErrorCode.ILLEGAL
    assert not any(node.grabbed or node.opens for node in machine.nodes.values())
    assert open_node(Settings(vendor=0x1234, product=0x5678, serial="B2"))[0] == second.fd
    assert open_node(Settings(vendor=0x1234, product=0x5678, port="usb-1.2/input0"))[0] == second.fd


def test_a_path_is_taken_as_it_is(machine: Machine) -> None:
    assert open_node(Settings(path="/dev/input/event1"))[0] == machine.nodes["/dev/input/event1"].fd


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (errno.EBUSY, ErrorCode.CLAIMED),
        (errno.EACCES, ErrorCode.FAILURE),
        (errno.ENODEV, ErrorCode.NOHARDWARE),
    ],
)
def test_a_scanner_that_cannot_be_grabbed_is_closed_again(
    machine: Machine, fault: int, code: ErrorCode
) -> None:
    node = machine.nodes["/dev/input/event1"]
    node.fault = fault
    assert refusal(PINNED).code is code
    assert node.opens == 0


def test_nothing_that_fits_is_no_hardware(machine: Machine) -> None:
    assert refusal(Settings(vendor=1, product=2)).code is ErrorCode.NOHARDWARE
    machine.nodes["/dev/input/event1"].unreadable = True
    assert refusal(PINNED).code is ErrorCode.NOHARDWARE
