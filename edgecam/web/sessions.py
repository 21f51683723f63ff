"""Who has unlocked footage: browsers known by a random cookie, forgotten after ten idle minutes."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import Annotated

from fastapi import Cookie

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import NotAllowed
from edgecam.web.parts import FootageSession

COOKIE = "edgecam_session"
IDLE_S = 600
_MOST = 8

Token = Annotated[str | None, Cookie(alias=COOKIE)]


@dataclass(slots=True)
class _Unlocked:
    footage: FootageSession
    used_mono_ns: int


class Sessions:
    """Owned by the event loop: no other thread may call it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_token: dict[str, _Unlocked] = {}
        self._sweep: asyncio.TimerHandle | None = None

    def begin(self, footage: FootageSession) -> str:
        """Remember ``footage`` and give the token that finds it; beyond eight, the longest unused ends."""
        self.forget_idle()
        while len(self._by_token) >= _MOST:
            self.end(min(self._by_token, key=lambda token: self._by_token[token].used_mono_ns))
        token = secrets.token_urlsafe(32)
        self._by_token[token] = _Unlocked(footage, self._clock.mono_ns())
        self._sweep_later()
        return token

    def use(self, token: str | None) -> FootageSession:
        """The session of ``token``, whose ten minutes begin anew. Raises: NotAllowed."""
        self.forget_idle()
        unlocked = self._by_token.get(token or "")
        if unlocked is None:
            raise NotAllowed("footage is locked", do="unlock it with the owner's passphrase")
        unlocked.used_mono_ns = self._clock.mono_ns()
        return unlocked.footage

    def left_s(self, token: str | None) -> int:
        """Seconds until ``token`` is forgotten if it is not used; 0 when it is not known."""
        self.forget_idle()
        unlocked = self._by_token.get(token or "")
        if unlocked is None:
            return 0
        return IDLE_S - (self._clock.mono_ns() - unlocked.used_mono_ns) // NS_PER_S

    def end(self, token: str | None) -> None:
        unlocked = self._by_token.pop(token or "", None)
        if unlocked is not None:
            unlocked.footage.close()

    def end_all(self) -> None:
        for token in list(self._by_token):
            self.end(token)
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None

    def forget_idle(self) -> None:
        oldest_mono_ns = self._clock.mono_ns() - IDLE_S * NS_PER_S
        for token, unlocked in list(self._by_token.items()):
            if unlocked.used_mono_ns <= oldest_mono_ns:
                self.end(token)

    def _sweep_later(self) -> None:
        # Keys must not stay in RAM only because nobody asks again; without sessions no timer runs.
        if self._sweep is None and self._by_token:
            self._sweep = asyncio.get_running_loop().call_later(IDLE_S / 10, self._swept)

    def _swept(self) -> None:
        self._sweep = None
        self.forget_idle()
        self._sweep_later()
