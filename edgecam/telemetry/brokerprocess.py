"""The running Mosquitto of a broker's folder: is it here, and make it read its files again."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from edgecam.core.errors import NotAllowed, Unavailable
from edgecam.telemetry.brokerfolder import BrokerFolder


def tell_broker(folder: BrokerFolder) -> None:
    """Make it read certificate, revocation list and access list again; open connections stay.

    Raises: Unavailable when it does not run on this machine, NotAllowed when it is not ours to signal.
    """
    number = _running(folder)
    if number is None:
        raise Unavailable(
            f"the broker of {folder.path} does not run on this machine and was not told",
            do=f"where it runs, carry {folder.served} to the same path, then: systemctl reload mosquitto",
            safe="the change is made in the folder",
        )
    try:
        os.kill(number, signal.SIGHUP)
    except OSError as refused:
        raise NotAllowed(
            f"the broker (process {number}) could not be told ({refused.strerror})",
            do="run: sudo systemctl reload mosquitto",
            safe="the change is made in the folder",
        ) from refused


def _running(folder: BrokerFolder) -> int | None:
    """Its process, provided that it was really started with this folder's configuration."""
    try:
        number = int((folder.served / "data" / "mosquitto.pid").read_text("ascii"))
        started_in = Path(f"/proc/{number}/cwd").readlink()
        arguments = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    files = {started_in / os.fsdecode(argument) for argument in arguments[1:] if argument}
    return number if folder.configuration in files else None
