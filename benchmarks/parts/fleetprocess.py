"""A process of the fleet, seen from the one that started it."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from edgecam.core.errors import Unavailable

_END_PATIENCE_S = 20.0


class Process:
    """Runs a file of this folder; ends with the ``with`` block, and by itself when this process is gone."""

    def __init__(self, program: str, orders: dict[str, Any]) -> None:
        """``orders`` are given as its only argument, in JSON."""
        self._name = program
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(program)), json.dumps(orders)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Ctrl-C is for the one that started it, which then ends all of them.
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        if kind is not None:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()
        try:
            self._process.wait(_END_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def order(self, do: str, **what: Any) -> None:
        """Ask for something; `answer` gives what came of it. Raises: Unavailable when it has ended."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"do": do, **what}) + "\n")
            self._process.stdin.flush()
        except OSError as broken:
            raise self._gone() from broken

    def answer(self) -> dict[str, Any]:
        """What it says next; waits for it. Raises: Unavailable when it has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._gone()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, do: str, **what: Any) -> dict[str, Any]:
        """`order` and `answer`."""
        self.order(do, **what)
        return self.answer()

    def _gone(self) -> Unavailable:
        return Unavailable(f"a process of the fleet ended ({self._name})", do="see what it said above")
