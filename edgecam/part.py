"""How each of the three processes begins and ends: settings in, one sentence and an exit code out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from edgecam.core.clock import Clock, SystemClock
from edgecam.core.errors import BadInput, EdgecamError, NotAllowed, Unavailable
from edgecam.core.process import leave_no_core, log_to_stderr, stop_on_signals
from edgecam.core.servicemanager import service_manager
from edgecam.places import Places, find_places, prepare_run_dir
from edgecam.service import Runs, Service
from edgecam.settings import Settings

# Can never work; does not work now; is worth another try. Never 1, with which Python ends after a bug.
REFUSED, FAILED, AWAY = 10, 11, 12


def run_part(name: str, compose: Callable[[Settings, Places, Clock], Runs]) -> None:
    """Compose the part for the settings named by the first argument, and run it until it is told to stop."""
    leave_no_core()
    log_to_stderr(name)
    stop, clock = stop_on_signals(), SystemClock()
    path, manager = Path(sys.argv[1]), service_manager()
    service = None if manager is None else Service(name, path, manager, stop, clock)
    try:
        if service is not None:
            service.run(compose)
        else:
            settings, places = find_places(path)
            prepare_run_dir(places)
            compose(settings, places, clock).run(stop)
    except EdgecamError as refused:
        sys.stderr.write(f"edgecam: {refused}\n")
        code = _exit_code(refused)
        if service is not None and code == REFUSED:
            sys.stderr.flush()
            service.wait_refused()
        raise SystemExit(code) from refused


def _exit_code(refused: EdgecamError) -> int:
    if isinstance(refused, BadInput | NotAllowed):
        return REFUSED
    return AWAY if isinstance(refused, Unavailable) else FAILED
