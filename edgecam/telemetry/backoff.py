"""How long to wait before the next try, so that thousands of cameras do not come back in the same second."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

# From so long a range at least the wait is drawn after the broker ended a connection, perhaps everybody's: the time
# that it needs for the TLS handshakes of some ten thousand cameras, and less than the delay of their wills.
CROWD_S: Final = 32.0
# No wait is longer, so that a broker that is back has its whole fleet back within a minute.
LONGEST_S: Final = 48.0


@dataclass(slots=True)
class Backoff:
    """Exponential with full jitter: the n-th wait is anywhere in ``[0, min(cap_s, base_s * 2**n))``.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    base_s: float = 2.0
    cap_s: float = LONGEST_S
    chance: random.Random = field(default_factory=random.Random)
    _tries: int = 0

    def next_s(self) -> float:
        """The wait before the next try, in seconds."""
        ceiling_s = min(self.cap_s, self.base_s * 2.0 ** min(self._tries, 30))
        self._tries += 1
        return self.chance.random() * ceiling_s

    def at_least(self, range_s: float) -> None:
        """The next waits are drawn from ``[0, range_s)`` at least, as far as the cap allows."""
        while self.base_s * 2.0**self._tries < min(range_s, self.cap_s):
            self._tries += 1

    def at_most(self, range_s: float) -> None:
        """The next wait is drawn from ``[0, range_s)`` at most, or from the first range where that is wider."""
        while self._tries and self.base_s * 2.0**self._tries > range_s:
            self._tries -= 1

    def reset(self) -> None:
        """The last try held."""
        self._tries = 0
