"""What every proof says, and how it waits."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import TypeVar

_Thing = TypeVar("_Thing")


def proved(name: str, what: object = "so") -> None:
    """One line for whoever reads the console."""
    print(f"PROVED {name}: {what}", flush=True)


def until(found: Callable[[], _Thing], within_s: float, what: str) -> _Thing:
    """The first thing that ``found`` gives. Raises: TimeoutError."""
    end = time.monotonic() + within_s
    while not (thing := found()):
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.5)
    return thing


def run(*words: str) -> str:
    """What a command says. Raises: CalledProcessError, its words shown."""
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, flush=True)
        done.check_returncode()
    return done.stdout
