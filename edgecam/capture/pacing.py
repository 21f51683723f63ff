"""Gives media its place in boot time: at its own pace, or as fast as its frames are taken."""

from __future__ import annotations

from collections.abc import Callable

from edgecam.core.clock import NS_PER_S, Clock

_LOOK_AGAIN_S = 0.2


class Pacer:
    """Turns a frame's media time into its capture time; in real time it also waits for that moment.

    A machine that was suspended or is too slow by more than a second gets a jump in time instead of old frames.
    """

    def __init__(self, clock: Clock, *, realtime: bool) -> None:
        self._clock, self._realtime = clock, realtime
        self._start_mono_ns = clock.mono_ns()

    def wait(self, media_ns: int, stopped: Callable[[], bool]) -> int:
        """The capture time of the frame at ``media_ns``, once it is due (or ``stopped()``)."""
        due_ns = self._start_mono_ns + media_ns
        if not self._realtime:
            return due_ns
        early_ns = due_ns - self._clock.mono_ns()
        while early_ns > 0 and not stopped():
            self._clock.sleep(min(early_ns / NS_PER_S, _LOOK_AGAIN_S))
            early_ns = due_ns - self._clock.mono_ns()
        if early_ns < -NS_PER_S:
            self._start_mono_ns -= early_ns
            due_ns -= early_ns
        return due_ns
