"""The cable to a printer: a USB printer node, a TCP socket or a serial line, all as one file descriptor."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
from collections.abc import Callable
from typing import Protocol

from drivers.contracts import DriverError, ErrorCode

RETRY_S = 0.05  # usblp may report readable and yet have nothing
OPEN_S = 3.0


class Link(Protocol):
    """Bytes to the printer and back. All raise OSError when the printer is gone."""

    def send(self, data: bytes, timeout_s: float) -> int:
        """Hand over the beginning of `data`; how many bytes were taken. 0: none within `timeout_s`."""
        ...

    def receive(self, timeout_s: float) -> bytes:
        """What has arrived, at most 64 bytes; b"" when nothing came within `timeout_s`."""
        ...

    def close(self) -> None: ...


class DescriptorLink:
    """A link over a non-blocking file descriptor. `hang_up` closes whatever owns the descriptor."""

    def __init__(self, descriptor: int, hang_up: Callable[[], None], *, empty_is_end: bool) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._hang_up = hang_up
        self._empty_is_end = empty_is_end  # a socket reads empty at its end, a printer node when idle
        self._closed = False

    def send(self, data: bytes, timeout_s: float) -> int:
        if not self._ready(select.POLLOUT, timeout_s):
            return 0
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            return 0

    def receive(self, timeout_s: float) -> bytes:
        if not self._ready(select.POLLIN, timeout_s):
            return b""
        try:
            data = os.read(self._descriptor, 64)
        except BlockingIOError:
            data = b""
        else:
            if not data and self._empty_is_end:
                raise OSError(errno.EPIPE, os.strerror(errno.EPIPE))
        if not data:
            select.select([], [], [], min(RETRY_S, timeout_s))
        return data

    def _ready(self, event: int, timeout_s: float) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, event)
        for _, happened in poll.poll(timeout_s * 1_000):
            if happened & event:
                return True
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return False

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._hang_up()


def open_node(path: str) -> Link:
    """A usblp node such as /dev/usb/lp0, opened for both directions so that status can be read."""
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    return DescriptorLink(descriptor, lambda: os.close(descriptor), empty_is_end=False)


def open_network(host: str, port: int) -> Link:
    """A printer's raw port, usually 9100.

    Not python-escpos's Network: that leaves a socket open for every refused connection.
    """
    link = socket.create_connection((host, port), timeout=OPEN_S)
    return DescriptorLink(link.fileno(), link.close, empty_is_end=True)


def open_serial(path: str, baud: int) -> Link:
    """A serial printer with hardware flow control, so that a long receipt is not lost on the way.

    Not python-escpos's Serial: its close() waits without limit until a stuck printer took everything.
    """
    import serial

    try:
        port = serial.Serial(path, baud, timeout=0, dsrdtr=True, exclusive=True)
    except serial.SerialException as error:
        raise OSError(error.errno or errno.ENODEV, str(error)) from error

    def hang_up() -> None:
        with contextlib.suppress(OSError, serial.SerialException):
            port.reset_output_buffer()
        port.close()

    return DescriptorLink(port.fileno(), hang_up, empty_is_end=False)


GONE = {
    errno.ENODEV: ErrorCode.NOHARDWARE,
    errno.ENOENT: ErrorCode.NOHARDWARE,
    errno.ENXIO: ErrorCode.NOHARDWARE,
    errno.EBUSY: ErrorCode.CLAIMED,
    errno.ETIMEDOUT: ErrorCode.TIMEOUT,
    errno.EACCES: ErrorCode.FAILURE,
    errno.EPERM: ErrorCode.FAILURE,
}
HINTS = {
    ErrorCode.NOHARDWARE: "check the printer's cable and power",
    ErrorCode.CLAIMED: "another program holds the printer",
    ErrorCode.FAILURE: "give the service the right to use the printer (group lp)",
}


def gone(error: OSError, *, began: bool) -> DriverError:
    """The DriverError for a link that failed: NOHARDWARE, CLAIMED or FAILURE by errno, else OFFLINE."""
    code = GONE.get(error.errno or 0, ErrorCode.OFFLINE)
    hint = HINTS.get(code, "check the printer's cable, power and address")
    return DriverError(str(error), code=code, hint=hint, began=began)
