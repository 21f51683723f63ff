"""A Unix datagram socket by which one process tells another that there is something to fetch."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from edgecam.core.errors import Unavailable

_RING = b"!"


class Doorbell:
    """The side that hears; ``fileno`` becomes readable when somebody rang."""

    def __init__(self, path: Path) -> None:
        """Listen at ``path`` (replaced if it is there). Raises: Unavailable."""
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            path.unlink(missing_ok=True)
            self._socket.bind(str(path))
            os.chmod(path, 0o600)
        except OSError as refused:
            self._socket.close()
            raise Unavailable(f"the doorbell {path} cannot be made ({refused})") from refused

    def fileno(self) -> int:
        return self._socket.fileno()

    def answer(self) -> None:
        """Take every ring that has come."""
        try:
            while self._socket.recv(16):
                pass
        except BlockingIOError:
            return

    def close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)


class Bell:
    """The side that rings. Never waits, never fails: what counts lies in the outbox, which is looked at anyway."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def ring(self) -> None:
        try:
            self._socket.sendto(_RING, self._path)
        except OSError:
            return  # nobody listens, or has been told often enough

    def close(self) -> None:
        self._socket.close()
