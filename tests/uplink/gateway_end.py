"""The gateway's end of the uplink's socket, kept alive by a supervisor as in the gateway."""

from __future__ import annotations

from typing import Any

from device.supervise import Supervisor
from services.uplink.inbox import Inbox
from tests.waits import until


class RunningInbox(Inbox):
    def __init__(self, *given: Any, **settings: Any) -> None:
        super().__init__(*given, **settings)
        self.supervisor = Supervisor()

    def start(self) -> None:
        self.supervisor.keep("inbox", self.run)
        until(self._path.is_socket, "the inbox takes calls")

    def close(self) -> None:
        assert self.supervisor.stop()
        super().close()
