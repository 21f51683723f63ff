"""Fragments that wait in RAM while the medium is away; the oldest make room, and what follows them knows why."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from edgecam.core.clock import NS_PER_S
from edgecam.core.frames import Fragment
from edgecam.ringbuffer.format import GapCause

# At least ten seconds, because no fragment is shorter than a fifth of one; a minute at the usual length.
RESERVE = 60
# What a board with 512 MB can spare. Ten seconds may take more, up to the second figure.
RESERVE_SIZE_BYTES = 60_000_000
MOST_SIZE_BYTES = 2 * RESERVE_SIZE_BYTES
LEAST_S = 10.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A fragment, what interrupted the footage before it (`NONE`: nothing did), and how long the machine slept
    about that time.
    """

    fragment: Fragment
    cause: GapCause
    slept_ns: int = 0


class Reserve:
    """First in, first out, bounded in fragments and in bytes. Any thread may call any method.

    ``given_up`` counts the fragments that made room.
    """

    def __init__(self) -> None:
        self._items: deque[Waiting] = deque()
        self._size_bytes = 0
        self._changed = threading.Condition()
        self._closed = False
        self.given_up = 0

    def put(self, item: Waiting, why_full: Callable[[], GapCause]) -> int:
        """Let ``item`` wait; returns how many older ones made room for it.

        Whatever follows a fragment that was given up begins after a gap; its cause is the one that already
        interrupted the footage before that fragment, or else ``why_full()``.
        """
        with self._changed:
            self._items.append(item)
            self._size_bytes += len(item.fragment.data)
            before = self.given_up
            while self._is_too_full():
                self._give_up(why_full())
            self._changed.notify()
            return self.given_up - before

    def take(self, timeout_s: float) -> Waiting | None:
        """The oldest one; ``None`` after ``timeout_s`` seconds, or when the reserve is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self._closed, timeout_s)
            if not self._items:
                return None
            item = self._items.popleft()
            self._size_bytes -= len(item.fragment.data)
            return item

    def close(self) -> None:
        """Nothing more comes in; what is inside can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def finished(self) -> bool:
        """Closed, and everything taken."""
        with self._changed:
            return self._closed and not self._items

    def __len__(self) -> int:
        return len(self._items)

    def _is_too_full(self) -> bool:
        if len(self._items) <= 1:
            return False
        if len(self._items) > RESERVE or self._size_bytes > MOST_SIZE_BYTES:
            return True
        held_ns = self._items[-1].fragment.end_mono_ns - self._items[1].fragment.start_mono_ns
        return self._size_bytes > RESERVE_SIZE_BYTES and held_ns >= LEAST_S * NS_PER_S

    def _give_up(self, why: GapCause) -> None:
        lost = self._items.popleft()
        self._size_bytes -= len(lost.fragment.data)
        self.given_up += 1
        first = self._items[0]
        cause = why if lost.cause is GapCause.NONE else lost.cause
        self._items[0] = replace(first, cause=cause, slept_ns=max(first.slept_ns, lost.slept_ns))
