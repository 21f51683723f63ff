"""So much a day of something that must not fill its place, given out fairly over the hours; pure."""

from __future__ import annotations

from typing import Final

_DAY_S: Final = 86_400.0
_SAVED_SHARE: Final = 1 / 8
_HOURS: Final = 24


class Ration:
    """A day's ration comes in evenly; what quiet hours leave is saved, an eighth of a day at most.

    So every hour has its twenty-fourth part however busy the one before was, and a busy street is thinned to a
    steady trickle instead of being cut off. Half an hour's part is kept back for what comes first. Not known over
    restarts: it begins with one hour's part.
    """

    def __init__(self, a_day: float, *, least_saved: float = 0.0) -> None:
        """``a_day`` in any unit; ``least_saved`` can be saved at least, so that one large thing fits."""
        self._a_second = a_day / _DAY_S
        self._kept_back = a_day / _HOURS / 2
        self._most = max(a_day * _SAVED_SHARE, least_saved)
        self._left = min(self._most, max(a_day / _HOURS, least_saved / 2))
        self._at_s: float | None = None

    def may(self, now_s: float, amount: float, *, first: bool = False) -> bool:
        """Whether ``amount`` may be used at ``now_s``, which only grows; ``first`` comes before other things."""
        self._come_in(now_s)
        return self._left - amount >= (0 if first else min(self._kept_back, max(0.0, self._most - amount)))

    def use(self, amount: float) -> None:
        """``amount`` is used up."""
        self._left = max(self._left - amount, -self._most)

    def _come_in(self, now_s: float) -> None:
        if self._at_s is not None and now_s > self._at_s:
            self._left = min(self._most, self._left + self._a_second * (now_s - self._at_s))
        self._at_s = now_s if self._at_s is None else max(self._at_s, now_s)
