"""What the web console is told about itself."""

from __future__ import annotations

import msgspec

from services.flows.staff import Limits


class WebSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    trusted_hosts: tuple[str, ...]  # names and addresses we answer to, without port; never empty
    https: bool = False  # pages are reached by https: cookies are Secure
    idle_s: int = 600
    absolute_s: int = 43_200
    streams_max: int = 24  # open event streams; the server has more threads than that
    body_max: int = 256 * 1024  # bytes

    @property
    def limits(self) -> Limits:
        return Limits(self.idle_s, self.absolute_s)

    @property
    def cookie(self) -> str:
        return "__Host-session" if self.https else "session"
