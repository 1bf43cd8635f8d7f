"""The sessions of the pages: the cookie, and who was last seen when without writing at each request."""

from __future__ import annotations

import logging
import threading

from flask import Request, Response

from services.domain.errors import NotSignedIn
from services.flows import staff
from services.flows.shop import Shop
from services.store.staff import Session
from web_console.settings import WebSettings

STORE_EVERY_MS = 60_000
SEEN_MAX = 1_000  # sessions whose last use is remembered between two writes

_log = logging.getLogger(__name__)


class Sessions:
    def __init__(self, shop: Shop, settings: WebSettings) -> None:
        self._shop = shop
        self._settings = settings
        self._seen_ms: dict[bytes, int] = {}
        self._lock = threading.Lock()
        self._not_before_ms = 0  # a disk in trouble is not tried again at each request
        self._failing = False

    def token(self, request: Request) -> str:
        """What the browser holds. Raises NotSignedIn without one."""
        token = request.cookies.get(self._settings.cookie, "")
        if not token:
            raise NotSignedIn("nobody is signed on here")
        return token

    def find(self, token: str) -> Session:
        """The session of `token`, without counting as its use. Raises NotSignedIn."""
        last_seen_ms = self._seen_ms.get(staff.token_hash(token), 0)
        return staff.find_session(self._shop, token, self._settings.limits, last_seen_ms)

    def use(self, request: Request) -> Session:
        """The session of `request`, which is used by that. Raises NotSignedIn."""
        session = self.find(self.token(request))
        now_ms = self._shop.now_ms()
        with self._lock:
            if len(self._seen_ms) >= SEEN_MAX:
                self._seen_ms.clear()
            self._seen_ms[session.token_hash] = now_ms
        if now_ms - session.seen_at_ms > STORE_EVERY_MS and now_ms >= self._not_before_ms:
            self._store(session, now_ms)
        return session

    def _store(self, session: Session, now_ms: int) -> None:
        """What is not stored is still remembered here; after a restart the session may have ended."""
        failure = staff.touch(self._shop, session)
        if failure:
            self._not_before_ms = now_ms + STORE_EVERY_MS
            if not self._failing:
                _log.error("the use of sessions cannot be stored: %s", failure)
        self._failing = bool(failure)

    def alive(self, token: str) -> bool:
        try:
            self.find(token)
        except NotSignedIn:
            return False
        return True

    def give(self, response: Response, token: str) -> None:
        response.set_cookie(
            self._settings.cookie,
            token,
            path="/",
            secure=self._settings.https,
            httponly=True,
            samesite="Strict",
        )

    def take(self, response: Response) -> None:
        response.delete_cookie(
            self._settings.cookie,
            path="/",
            secure=self._settings.https,
            httponly=True,
            samesite="Strict",
        )
