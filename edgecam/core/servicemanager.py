"""What a process tells the service manager that started it: systemd's notify protocol, by datagram."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

from edgecam.core.process import SUPERVISED

_NOTIFY_SOCKET = "NOTIFY_SOCKET"
# A status is one line; what `systemctl status` shows of it is shorter than this.
_MOST_STATUS_CHARS = 300


class ServiceManager:
    """Listens at the socket of that address, as sd_notify(3) has it: a path, or ``@`` and an abstract name."""

    def __init__(self, address: str) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def is_ready(self) -> None:
        """Tell that the process does what it is there for."""
        self._tell("READY=1")

    def beat(self, status: str) -> None:
        """Tell that it goes on, and in one line how."""
        line = " ".join(status.split())[:_MOST_STATUS_CHARS]
        self._tell(f"STATUS={line}\nWATCHDOG=1")

    def _tell(self, facts: str) -> None:
        # A manager that does not listen now decides by its own clock what that means.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as telling:
            telling.sendto(facts.encode("utf-8", "replace"), self._address)


def service_manager() -> ServiceManager | None:
    """The one that started this process as a unit; ``None`` under edgecam's supervisor, or without any."""
    address = os.environ.get(_NOTIFY_SOCKET, "")
    # The supervisor may be a unit itself, and its children inherit its environment.
    if SUPERVISED in os.environ or address[:1] not in ("/", "@"):
        return None
    return ServiceManager(address)
