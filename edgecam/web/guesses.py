"""How fast passphrases may be tried: one at a time, and slower after each wrong one."""

from __future__ import annotations

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.web.refusals import TooSoon

LONGEST_WAIT_S = 300


class Guesses:
    """1, 2, 4 … 300 s after the first, second, third … wrong try in a row, for everyone together.

    Owned by the event loop: no other thread may call it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong = 0
        self._open_mono_ns = 0
        self._trying = False

    def begin(self) -> None:
        """Claim the one try; `right`, `wrong` or `undecided` must follow. Raises: TooSoon."""
        wait_ns = self._open_mono_ns - self._clock.mono_ns() if self._wrong else 0
        if self._trying or wait_ns > 0:
            raise TooSoon(max(1, -(-wait_ns // NS_PER_S)))
        self._trying = True

    def right(self) -> None:
        self._trying, self._wrong = False, 0

    def wrong(self) -> None:
        self._trying = False
        wait_s = min(LONGEST_WAIT_S, 2 ** min(self._wrong, 16))
        self._wrong += 1
        self._open_mono_ns = self._clock.mono_ns() + wait_s * NS_PER_S

    def undecided(self) -> None:
        """The try said nothing about the passphrase (a damaged key file, a bug)."""
        self._trying = False
