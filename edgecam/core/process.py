"""What every process of the agent does alike: stop on a signal, end with its supervisor, log one line a fact."""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import signal
import sys
import threading
from types import FrameType

_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
# Holds the supervisor's process id in the environment of the parts it starts.
SUPERVISED = "EDGECAM_SUPERVISED"
# Holds how often the supervisor had to start this part anew.
RESTARTS = "EDGECAM_RESTARTS"


def leave_no_core() -> None:
    """From now on this process leaves no image of its memory, with its keys and pictures, when it crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set; under a supervisor its death counts as SIGTERM too."""
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    supervisor = os.environ.get(SUPERVISED)
    if supervisor is not None:
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if is_orphaned():  # it died before we could ask to be told
            stop.set()
    return stop


def is_orphaned() -> bool:
    """Whether the supervisor that started this process is gone: then it ends, but nobody had planned that."""
    supervisor = os.environ.get(SUPERVISED)
    return supervisor is not None and supervisor != str(os.getppid())


def restarts() -> int:
    """How often this process was started anew, as its supervisor says; 0 without one."""
    told = os.environ.get(RESTARTS, "")
    return int(told) if told.isdecimal() else 0


def log_to_stderr(part: str) -> None:
    """Warnings and worse of this process, one line each, named by its part."""
    logging.basicConfig(
        level=os.environ.get("EDGECAM_LOG_LEVEL", "WARNING").upper(),
        format=f"edgecam {part}: %(message)s",
        stream=sys.stderr,
    )
