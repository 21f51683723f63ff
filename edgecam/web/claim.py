"""Who may set up a camera that nobody owns: one browser at a time, let in by the set-up code."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Annotated

from fastapi import Cookie

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.web.refusals import NotSignedIn, Overtaken

COOKIE = "edgecam_setup"
# Nobody is asked whether they are still there before that.
_IDLE_S = 120

ClaimToken = Annotated[str | None, Cookie(alias=COOKIE)]


class Held(Overtaken):
    """Somebody else's browser is setting this camera up at this moment."""


class Claim:
    """Whose browser holds the first run. Kept as a hash, in RAM; owned by the event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._hash: bytes | None = None
        self._seen_ns = 0

    def take(self, token: str | None, over: bool) -> str:
        """Let a browser that showed the code hold it, and give its token; ``over`` takes it from another one.

        Raises: Held.
        """
        busy = self._hash is not None and self._clock.mono_ns() - self._seen_ns < _IDLE_S * NS_PER_S
        if busy and not over and not self._is(token):
            raise Held(
                "another browser is setting this camera up",
                do="end it there, or take it over here",
                safe="nothing was changed",
            )
        fresh = secrets.token_urlsafe(32)
        self._hash = _digest(fresh)
        self._seen_ns = self._clock.mono_ns()
        return fresh

    def check(self, token: str | None) -> None:
        """A request of the browser that holds it. Raises: NotSignedIn for any other."""
        if not self._is(token):
            raise NotSignedIn(
                "this browser is not setting the camera up", do="enter the set-up code", safe="nothing was changed"
            )
        self._seen_ns = self._clock.mono_ns()

    def holds(self, token: str | None) -> bool:
        """Whether it is this browser's; not a sign of life."""
        return self._is(token)

    def end(self) -> None:
        """Nobody holds it any more."""
        self._hash = None

    def _is(self, token: str | None) -> bool:
        return self._hash is not None and token is not None and hmac.compare_digest(self._hash, _digest(token))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
