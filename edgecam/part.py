"""How each of the three processes begins and ends: settings in, one sentence and an exit code out."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from edgecam.core.clock import Clock, SystemClock
from edgecam.core.errors import BadInput, EdgecamError, NotAllowed, Unavailable
from edgecam.core.process import leave_no_core, log_to_stderr, stop_on_signals
from edgecam.places import Places, find_places, prepare_run_dir
from edgecam.settings import Settings

# Can never work; does not work now; is worth another try. Never 1, with which Python ends after a bug.
REFUSED, FAILED, AWAY = 10, 11, 12


class Runs(Protocol):
    """A composed process."""

    def run(self, stop: threading.Event) -> None: ...


def run_part(name: str, compose: Callable[[Settings, Places, Clock], Runs]) -> None:
    """Compose the part for the settings named by the first argument, and run it until it is told to stop."""
    leave_no_core()
    log_to_stderr(name)
    stop = stop_on_signals()
    try:
        settings, places = find_places(Path(sys.argv[1]))
        prepare_run_dir(places)
        compose(settings, places, SystemClock()).run(stop)
    except EdgecamError as refused:
        sys.stderr.write(f"edgecam: {refused}\n")
        raise SystemExit(_exit_code(refused)) from refused


def _exit_code(refused: EdgecamError) -> int:
    if isinstance(refused, BadInput | NotAllowed):
        return REFUSED
    return AWAY if isinstance(refused, Unavailable) else FAILED
