"""Finds and grabs the one input device that is our scanner."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from drivers import keystrokes
from drivers.contracts import DriverError, ErrorCode
from drivers.key_layouts import KEY_ENTER

if TYPE_CHECKING:
    from drivers.scanner_hid import Settings

EVIOCSCLOCKID = 0x400445A0  # _IOW('E', 0xa0, int), linux/input.h


def open_node(settings: Settings) -> tuple[int, Callable[[], None]]:
    """Find it, grab it so that its keys reach nobody else, and return its descriptor and how to close it.

    Raises DriverError: NOSERVICE, ILLEGAL, CLAIMED, FAILURE or NOHARDWARE.
    """
    try:
        import evdev
    except ImportError as error:
        raise DriverError(
            "evdev is not installed",
            code=ErrorCode.NOSERVICE,
            hint="install Debian's python3-evdev, or set the scanner to serial mode",
        ) from error
    try:
        device = _find(evdev, settings)
    except OSError as error:
        raise gone(error) from error
    try:
        device.grab()
        # Times of the monotonic clock: a pause is then a pause, even when the wall clock is set.
        fcntl.ioctl(device.fd, EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))
        os.set_blocking(device.fd, False)
    except OSError as error:
        device.close()
        raise gone(error) from error
    return device.fd, device.close


def _find(evdev: Any, settings: Settings) -> Any:
    """The one device that fits. Opening several to look at them is harmless, grabbing is not."""
    if settings.path:
        return evdev.InputDevice(settings.path)
    if not settings.vendor or not settings.product:
        raise DriverError(
            "the scanner is not pinned",
            code=ErrorCode.ILLEGAL,
            hint="set vendor and product (see lsusb), or the path under /dev/input/by-id",
        )
    fitting = []
    for path in evdev.list_devices():
        try:
            device = evdev.InputDevice(path)
        except OSError:
            continue  # unplugged between the listing and now, or not ours to read
        if _fits(device, settings):
            fitting.append(device)
        else:
            device.close()
    if len(fitting) == 1:
        return fitting[0]
    for device in fitting:
        device.close()
    if fitting:
        raise DriverError(
            f"{len(fitting)} devices fit", code=ErrorCode.ILLEGAL, hint="set the serial or the port too"
        )
    raise OSError(errno.ENODEV, "no such scanner is plugged in")


def _fits(device: Any, settings: Settings) -> bool:
    """Some scanners show a second device with volume keys; only the one with Enter types codes."""
    return bool(
        (device.info.vendor, device.info.product) == (settings.vendor, settings.product)
        and settings.serial in ("", device.uniq)
        and settings.port in ("", device.phys)
        and KEY_ENTER in device.capabilities().get(keystrokes.EV_KEY, ())
    )


def gone(error: OSError) -> DriverError:
    match error.errno:
        case errno.EBUSY:
            return DriverError(str(error), code=ErrorCode.CLAIMED, hint="another program holds the scanner")
        case errno.EACCES | errno.EPERM:
            hint = "give the service the right to read it (group input, or the udev rule)"
            return DriverError(str(error), code=ErrorCode.FAILURE, hint=hint)
    return DriverError(str(error), code=ErrorCode.NOHARDWARE, hint="check the scanner's USB cable")
