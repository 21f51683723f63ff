"""How often something may happen: some at once, then one every so often."""

from __future__ import annotations

from edgecam.core.clock import NS_PER_S


class Budget:
    """``most`` at once; each is given back after another ``every_s``. Times are of the clock that cannot jump."""

    def __init__(self, most: int, every_s: float) -> None:
        self._most_ns, self._every_ns = int(most * every_s * NS_PER_S), int(every_s * NS_PER_S)
        self._left_ns = self._most_ns
        self._looked_ns: int | None = None

    def take(self, now_mono_ns: int) -> bool:
        """Whether one more may happen now; then it is counted."""
        if self._looked_ns is not None:
            self._left_ns = min(self._most_ns, self._left_ns + max(now_mono_ns - self._looked_ns, 0))
        self._looked_ns = now_mono_ns
        if self._left_ns < self._every_ns:
            return False
        self._left_ns -= self._every_ns
        return True
