"""An order to restart one part: a file in RAM that only this agent may write, from the hub to who restarts it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from edgecam.core.clock import NS_PER_S
from edgecam.core.durable import open_shared
from edgecam.core.errors import MediaFailing
from edgecam.places import Places

_MOST_SIZE_BYTES = 32
# How often a part is restarted by command at most: nobody who may only restart is to keep it from running that way.
_COMMANDED_EVERY_S: Final = 300


def order_restart(path: Path, due_mono_ns: int) -> None:
    """Have the part of ``path`` restarted at ``due_mono_ns``. Raises: MediaFailing."""
    beside = path.with_name(f".{path.name}.new")
    try:
        descriptor = open_shared(beside, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW)
        with open(descriptor, "wb") as file:
            file.write(str(due_mono_ns).encode())
        os.replace(beside, path)
    except OSError as refused:
        raise MediaFailing(
            f"a restart could not be ordered ({refused.strerror})", do="make room in RAM"
        ) from refused


def take_restart(path: Path, now_mono_ns: int) -> bool:
    """Whether a restart is due now; an order is taken once, and one that cannot be read is none."""
    try:
        with open(path, "rb") as file:
            due = file.read(_MOST_SIZE_BYTES)
        if due.isdigit() and int(due) > now_mono_ns:
            return False
        path.unlink()
    except OSError:
        return False
    return due.isdigit()


class RestartOrders:
    """The orders to restart ``part``, for new settings or by command; for whoever restarts it, one thread."""

    def __init__(self, places: Places, part: str, no_command_until_ns: int = 0) -> None:
        """Until ``no_command_until_ns`` a command waits."""
        self._renewal, self._command = places.renewal_of(part), places.restart_of(part)
        self.no_command_until_ns = no_command_until_ns

    def due(self, now_mono_ns: int) -> bool:
        """Whether it is to be restarted now; the order is taken."""
        # Whoever may change the settings may stop the camera altogether: that waits for nothing.
        if take_restart(self._renewal, now_mono_ns):
            return True
        if now_mono_ns < self.no_command_until_ns or not take_restart(self._command, now_mono_ns):
            return False
        self.no_command_until_ns = now_mono_ns + _COMMANDED_EVERY_S * NS_PER_S
        return True

    def forget(self) -> None:
        """Take away what was ordered before. Raises: OSError."""
        self._renewal.unlink(missing_ok=True)
        self._command.unlink(missing_ok=True)
