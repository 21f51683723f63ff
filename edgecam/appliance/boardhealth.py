"""Whether the board is too hot to do all that it could; told to whoever can do less."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edgecam.core.announcement import Announcement, announce
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.status import Fault
from edgecam.telemetry.board import Board, BoardReading

# A Raspberry Pi slows its processor from 80 degrees on, all of it: the encoder too.
HOT_C: Final = 80.0
COOL_C: Final = 75.0
_EVERY_NS: Final = 5 * NS_PER_S
# Longer than until it is told again; if this process dies, the analysis soon does all of its work again.
_TOLD_NS: Final = 3 * _EVERY_NS
_SLOWED: Final = frozenset({"throttled", "soft_temperature_limit"})


def is_hot(reading: BoardReading, was_hot: bool) -> bool:
    """Whether the analysis is to do less; ``was_hot`` until it is clearly cooler."""
    now = set(reading.throttling.now) if reading.throttling is not None else set()
    limit_c = COOL_C if was_hot else HOT_C
    # Too little power throttles as well, and that is not told by the temperature.
    return bool(now & _SLOWED) or (reading.cpu_temperature_c is not None and reading.cpu_temperature_c >= limit_c)


class BoardHealth:
    """Looks at the board every five seconds. One thread uses it."""

    def __init__(self, board: Board, place: Path, clock: Clock) -> None:
        """``place`` is where it is told that the board is hot, a file in RAM."""
        self._board, self._place, self._clock = board, place, clock
        self._due_ns = 0
        self.reading = BoardReading()
        self.hot = False

    @property
    def faults(self) -> list[Fault]:
        """Too little power; heat is told by who does less for it."""
        throttling = self.reading.throttling
        if throttling is None or "undervoltage" not in throttling.now:
            return []
        return [
            Fault("undervoltage", "The board gets too little power: use its own supply and a short, thick cable.")
        ]

    def tend(self) -> None:
        """Look when it is due, and say so while it is hot. Raises: OSError when nobody can be told."""
        now_ns = self._clock.mono_ns()
        if now_ns < self._due_ns:
            return
        self._due_ns = now_ns + _EVERY_NS
        self.reading = self._board.read()
        self.hot = is_hot(self.reading, self.hot)
        if self.hot:
            announce(self._place, Announcement("hot", now_ns, now_ns + _TOLD_NS))
