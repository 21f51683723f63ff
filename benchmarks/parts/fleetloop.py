"""Thousands of sockets and timers in one thread."""

from __future__ import annotations

import heapq
import select
import time
from collections.abc import Callable
from itertools import count

READ, WRITE = select.EPOLLIN, select.EPOLLOUT
_MAX_SLEEP_S = 1.0


class Timer:
    """Something that happens once, unless it is cancelled before."""

    __slots__ = ("_call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self._call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self._call = None

    def fire(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call()


class Loop:
    """Calls whoever watches a descriptor, then whose time has come; belongs to one thread.

    What has arrived is handled before any timer: who was late in looking must not take an answer for a silence.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._handlers: dict[int, Callable[[int], None]] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = count()

    def watch(self, descriptor: int, flags: int, handler: Callable[[int], None]) -> None:
        """Call ``handler`` with the flags of epoll(7) that hold; ends and errors are among them unasked."""
        self._epoll.register(descriptor, flags)
        self._handlers[descriptor] = handler

    def change(self, descriptor: int, flags: int) -> None:
        self._epoll.modify(descriptor, flags)

    def forget(self, descriptor: int) -> None:
        """To be called before the descriptor is closed."""
        if self._handlers.pop(descriptor, None) is not None:
            self._epoll.unregister(descriptor)

    def after(self, delay_s: float, call: Callable[[], None]) -> Timer:
        timer = Timer(call)
        heapq.heappush(self._timers, (time.monotonic() + delay_s, next(self._order), timer))
        return timer

    def turn(self) -> None:
        """Sleep until something is to be done, a second at most, and do it."""
        due_s = self._timers[0][0] - time.monotonic() if self._timers else _MAX_SLEEP_S
        ready = self._epoll.poll(min(max(due_s, 0.0), _MAX_SLEEP_S))
        # A handler may close descriptors, and another open one of the same number, before its flags are looked at.
        for descriptor, flags, handler in [(one, flags, self._handlers.get(one)) for one, flags in ready]:
            if handler is not None and self._handlers.get(descriptor) is handler:
                handler(flags)
        now_s = time.monotonic()
        while self._timers and self._timers[0][0] <= now_s:
            heapq.heappop(self._timers)[2].fire()
