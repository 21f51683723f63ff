"""An order to restart one part: a file in RAM that only this user may write, from the hub to the supervisor."""

from __future__ import annotations

import os
from pathlib import Path

from edgecam.core.errors import MediaFailing

_MOST_SIZE_BYTES = 32


def order_restart(path: Path, due_mono_ns: int) -> None:
    """Have the part of ``path`` restarted at ``due_mono_ns``. Raises: MediaFailing."""
    beside = path.with_name(f".{path.name}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
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
