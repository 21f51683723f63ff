"""How long to wait before the next try, so that thousands of cameras do not come back in the same second."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Exponential with full jitter: the n-th wait is anywhere in ``[0, min(cap_s, base_s * 2**n))``.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    base_s: float = 2.0
    cap_s: float = 60.0
    chance: random.Random = field(default_factory=random.Random)
    _tries: int = 0

    def next_s(self) -> float:
        """The wait before the next try, in seconds."""
        ceiling_s = min(self.cap_s, self.base_s * 2.0 ** min(self._tries, 30))
        self._tries += 1
        return self.chance.random() * ceiling_s

    def reset(self) -> None:
        """The last try held."""
        self._tries = 0
