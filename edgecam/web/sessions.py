"""Who has unlocked footage on the camera itself: part of a sign-in session, forgotten after ten idle minutes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import NotAllowed
from edgecam.web.parts import FootageSession

IDLE_S = 600
_MOST = 8


@dataclass(slots=True)
class _Unlocked:
    footage: FootageSession
    used_mono_ns: int


class FootageSessions:
    """Opened footage by the ``session_id`` of who is signed in; it ends with that session at the latest.

    Owned by the event loop: no other thread may call it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_session: dict[str, _Unlocked] = {}
        self._sweep: asyncio.TimerHandle | None = None

    def begin(self, session_id: str, footage: FootageSession) -> None:
        """Remember ``footage``, in place of what was open there; beyond eight, the longest unused ends."""
        self.end(session_id)
        self.forget_idle()
        while len(self._by_session) >= _MOST:
            self.end(min(self._by_session, key=lambda one: self._by_session[one].used_mono_ns))
        self._by_session[session_id] = _Unlocked(footage, self._clock.mono_ns())
        self._sweep_later()

    def use(self, session_id: str) -> FootageSession:
        """What is open there; its ten minutes begin anew. Raises: NotAllowed."""
        self.forget_idle()
        unlocked = self._by_session.get(session_id)
        if unlocked is None:
            raise NotAllowed("footage is locked", do="unlock it with the owner's passphrase")
        unlocked.used_mono_ns = self._clock.mono_ns()
        return unlocked.footage

    def left_s(self, session_id: str) -> int:
        """Seconds until it is forgotten if it is not used; 0 when nothing is open there."""
        self.forget_idle()
        unlocked = self._by_session.get(session_id)
        if unlocked is None:
            return 0
        return IDLE_S - (self._clock.mono_ns() - unlocked.used_mono_ns) // NS_PER_S

    def end(self, session_id: str) -> None:
        """Close what is open there, if anything is."""
        unlocked = self._by_session.pop(session_id, None)
        if unlocked is not None:
            unlocked.footage.close()

    def end_all(self) -> None:
        for session_id in list(self._by_session):
            self.end(session_id)
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None

    def forget_idle(self) -> None:
        oldest_mono_ns = self._clock.mono_ns() - IDLE_S * NS_PER_S
        for session_id, unlocked in list(self._by_session.items()):
            if unlocked.used_mono_ns <= oldest_mono_ns:
                self.end(session_id)

    def _sweep_later(self) -> None:
        # Keys must not stay in RAM only because nobody asks again; without sessions no timer runs.
        if self._sweep is None and self._by_session:
            self._sweep = asyncio.get_running_loop().call_later(IDLE_S / 10, self._swept)

    def _swept(self) -> None:
        self._sweep = None
        self.forget_idle()
        self._sweep_later()
