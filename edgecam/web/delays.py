"""Waits that grow with each wrong try, one account of tries per key; bounded, and forgotten after an hour."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from edgecam.core.clock import NS_PER_S, Clock

FORGET_S = 3600
_LARGEST_POWER = 16


@dataclass(slots=True)
class _Tries:
    wrong: int = 0
    last_mono_ns: int = 0
    open_mono_ns: int = 0


class Delays:
    """After ``free`` wrong tries in a row 1, 2, 4 … ``longest_s`` seconds, for each key alone. Any thread may call.

    Of more than ``most`` keys, those are forgotten that were tried longest ago.
    """

    def __init__(self, clock: Clock, *, free: int, longest_s: int, most: int) -> None:
        self._clock, self._free, self._longest_s, self._most = clock, free, longest_s, most
        self._lock = threading.Lock()
        self._by_key: OrderedDict[Hashable, _Tries] = OrderedDict()

    def wait_s(self, key: Hashable) -> int:
        """Seconds until ``key`` may be tried, rounded up; 0 for now."""
        with self._lock:
            tries = self._by_key.get(key)
            left_ns = tries.open_mono_ns - self._clock.mono_ns() if tries is not None else 0
        return max(0, -(-left_ns // NS_PER_S))

    def wrong(self, key: Hashable) -> int:
        """Count a wrong try of ``key``; how many it were in a row."""
        with self._lock:
            now_ns = self._clock.mono_ns()
            tries = self._by_key.setdefault(key, _Tries())
            self._by_key.move_to_end(key)
            if now_ns - tries.last_mono_ns > FORGET_S * NS_PER_S:
                tries.wrong = 0
            tries.wrong += 1
            tries.last_mono_ns = now_ns
            if tries.wrong > self._free:
                wait_s = min(self._longest_s, 2 ** min(tries.wrong - self._free - 1, _LARGEST_POWER))
                tries.open_mono_ns = now_ns + wait_s * NS_PER_S
            while len(self._by_key) > self._most:
                self._by_key.popitem(last=False)
            return tries.wrong

    def right(self, key: Hashable) -> None:
        """Forget the wrong tries of ``key``."""
        with self._lock:
            self._by_key.pop(key, None)
