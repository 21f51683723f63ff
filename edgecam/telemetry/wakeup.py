"""Asks a thread that sleeps in ``poll`` to stop."""

from __future__ import annotations

import os
import threading


class Wakeup:
    """Asked once, for good; any thread may ask."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def ask(self) -> None:
        self._asked.set()
        os.eventfd_write(self._descriptor, 1)

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def fileno(self) -> int:
        """Readable from `ask` on."""
        return self._descriptor

    def wait(self, duration_s: float) -> bool:
        """Sleep for ``duration_s`` or until asked; whether it was asked."""
        return self._asked.wait(duration_s)

    def close(self) -> None:
        os.close(self._descriptor)
