"""Wakes a thread that sleeps in ``poll``: because there is news for it, or because it is to stop."""

from __future__ import annotations

import os
import threading


class Wakeup:
    """Any thread may `wake` the sleeper or `ask` it to stop; asked once, for good."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        # The descriptor's number belongs to somebody else once it is closed.
        self._open = threading.Lock()
        self._closed = False

    def ask(self) -> None:
        """Wake the sleeper and let it stop."""
        self._asked.set()
        self.wake()

    def wake(self) -> None:
        """Wake the sleeper; nothing after `close`."""
        with self._open:
            if not self._closed:
                os.eventfd_write(self._descriptor, 1)

    def answer(self) -> None:
        """The sleeper is awake: take every wake-up that has come."""
        try:
            os.eventfd_read(self._descriptor)
        except BlockingIOError:
            return

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def fileno(self) -> int:
        """Readable from a `wake` or `ask` on until it is answered."""
        return self._descriptor

    def wait(self, duration_s: float) -> bool:
        """Sleep for ``duration_s`` or until asked; whether it was asked."""
        return self._asked.wait(duration_s)

    def close(self) -> None:
        with self._open:
            if not self._closed:
                self._closed = True
                os.close(self._descriptor)
