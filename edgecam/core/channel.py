"""A bounded queue between two threads whose overflow is dropped and counted, never waited for."""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Channel(Generic[Item]):
    """First in, first out, at most ``size`` items. Any thread may call any method.

    ``dropped`` counts what did not fit since the channel was made.
    """

    def __init__(self, size: int) -> None:
        self._items: deque[Item] = deque()
        self._size = size
        self._changed = threading.Condition()
        self._closed = False
        self.dropped = 0

    def offer(self, item: Item) -> bool:
        """Put ``item`` in; ``False`` (and one more ``dropped``) when the channel is full or closed."""
        with self._changed:
            if len(self._items) >= self._size or self._closed:
                self.dropped += 1
                return False
            self._items.append(item)
            self._changed.notify()
            return True

    def offer_newest(self, item: Item) -> Item | None:
        """Put ``item`` in; when the channel is full the oldest item makes room, is counted and returned."""
        with self._changed:
            oldest = self._items.popleft() if len(self._items) >= self._size else None
            if oldest is not None:
                self.dropped += 1
            self._items.append(item)
            self._changed.notify()
            return oldest

    def take(self, timeout_s: float | None = None) -> Item | None:
        """The oldest item; ``None`` after ``timeout_s`` seconds, or when the channel is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._items) or self._closed, timeout_s)
            return self._items.popleft() if self._items else None

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
