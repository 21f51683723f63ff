"""A real Home Assistant for tests, as a process of its own; the environment names a Python that has it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from agentstand import CLOCK, free_ports

from edgecam.core.clock import NS_PER_S

_CORE = Path(__file__).with_name("homeassistantcore.py")
_STARTS_WITHIN_S = 300.0
_PATIENCE_S = 120.0
Entity = dict[str, Any]


def home_assistant_python() -> str:
    """A Python with Home Assistant; skips the test where there is none."""
    found = os.environ.get("EDGECAM_HOME_ASSISTANT", "")
    if not found:
        pytest.skip("no Home Assistant (scripts/check_home_assistant installs one and sets EDGECAM_HOME_ASSISTANT)")
    return found


@dataclass
class Shown:
    """What Home Assistant knows at one moment; entities by the last part of their unique id."""

    devices: list[dict[str, Any]] = field(default_factory=list)
    entities: dict[str, Entity] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    def state(self, key: str) -> str | None:
        entity = self.entities.get(key)
        return entity["state"] if entity else None

    def states(self) -> dict[str, str | None]:
        """Of all that are not switched off."""
        return {key: entity["state"] for key, entity in self.entities.items() if not entity["disabled"]}


class HomeAssistant:
    """One running Home Assistant, connected to the broker at a port of loopback."""

    def __init__(self, folder: Path, broker_port: int, camera: str) -> None:
        self._prefix = f"{camera}_"
        (page_port,) = free_ports(1)
        self._log = folder.with_suffix(".log")
        with open(self._log, "ab") as log:
            self._process = subprocess.Popen(
                [home_assistant_python(), str(_CORE), str(folder), str(broker_port), str(page_port)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.version: str = self._answer(_STARTS_WITHIN_S)["version"]

    def look(self) -> Shown:
        told = self._ask("look")
        entities = {name.removeprefix(self._prefix): entity for name, entity in told["entities"].items()}
        return Shown(told["devices"], entities, told["complaints"])

    def refusals(self, config: str) -> dict[str, str]:
        """What its own schemas say against a discovery message."""
        wrong: dict[str, str] = self._ask(f"check {config}")["wrong"]
        return wrong

    def wait(self, come_true: Callable[[Shown], bool], what: str) -> Shown:
        """Look until ``come_true``; the test fails when that does not happen."""
        pause = threading.Event()
        until_ns = CLOCK.mono_ns() + int(_PATIENCE_S * NS_PER_S)
        while not come_true(shown := self.look()):
            assert CLOCK.mono_ns() < until_ns, f"never happened: {what}: {shown.states()}"
            pause.wait(0.2)
        return shown

    def stop(self) -> None:
        assert self._process.stdin is not None
        # The end of its input is what it stops at.
        self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE_S)
        finally:
            self._process.kill()
            # Waits, and closes what is left of the pipes.
            self._process.__exit__(None, None, None)

    def _ask(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._answer(_PATIENCE_S)

    def _answer(self, patience_s: float) -> dict[str, Any]:
        """The next line; one that hangs is ended, so that the test does not."""
        assert self._process.stdout is not None
        ending = threading.Timer(patience_s, self._process.kill)
        ending.start()
        line = self._process.stdout.readline()
        ending.cancel()
        assert line, f"Home Assistant ended: {self._log.read_text()[-4000:]}"
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def home_assistant(folder: Path, broker_port: int, camera: str) -> Iterator[HomeAssistant]:
    """Home Assistant with its memory in ``folder``, which sees the MQTT device ``camera``."""
    running = HomeAssistant(folder, broker_port, camera)
    try:
        yield running
    finally:
        running.stop()
