"""A Unix datagram socket by which one process tells another what it is just putting into the outbox."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from edgecam.core.durable import shared_mode
from edgecam.core.errors import Unavailable

_RING: Final = b"!"
# An event has some hundred bytes; what is larger goes by way of the outbox alone.
MAX_BODY_BYTES: Final = 16_384
# More than Linux keeps for one socket (net.unix.max_dgram_qlen: 10, with systemd 512).
_MOST_AT_ONCE: Final = 1024


class Doorbell:
    """The side that hears; ``fileno`` becomes readable when somebody rang."""

    def __init__(self, path: Path) -> None:
        """Listen at ``path`` (replaced if it is there). Raises: Unavailable."""
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            path.unlink(missing_ok=True)
            self._socket.bind(str(path))
            os.chmod(path, shared_mode(path.parent))
        except OSError as refused:
            self._socket.close()
            raise Unavailable(f"the doorbell {path} cannot be made ({refused})") from refused

    def fileno(self) -> int:
        return self._socket.fileno()

    def take(self) -> Iterator[bytes]:
        """What was said since the last time, oldest first, each as it is read; ``b""`` for a mere ring."""
        with suppress(BlockingIOError):
            for _ in range(_MOST_AT_ONCE):
                body = self._socket.recv(MAX_BODY_BYTES)
                yield b"" if body == _RING else body

    def answer(self) -> None:
        """Take every ring that has come, and whatever was said with it."""
        for _ in self.take():
            pass

    def close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)


class Bell:
    """The side that rings. Never waits, never fails: what counts lies in the outbox, which is looked at anyway."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def ring(self, body: bytes = _RING) -> bool:
        """Ring, and say ``body`` with it; whether it was taken (nobody may listen, too much may wait there)."""
        if len(body) > MAX_BODY_BYTES:
            return False
        try:
            self._socket.sendto(body, self._path)
        except OSError:
            return False
        return True

    def close(self) -> None:
        self._socket.close()
