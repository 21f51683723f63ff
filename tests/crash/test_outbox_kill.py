"""SIGKILL at any moment of putting or draining: what was reported put is there, once, in order."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from edgecam.core.clock import SystemClock
from edgecam.telemetry.outbox import Outbox

_ROUNDS = 12
_OPENED = """
import sys
from pathlib import Path
from edgecam.core.clock import SystemClock
from edgecam.core.events import Event, EventKind
from edgecam.telemetry.outbox import Outbox
box = Outbox(Path(sys.argv[1]), SystemClock())
"""
_PUT = """
for number in range(int(sys.argv[2]), 1_000_000):
    box.put(Event(f"e{number}", 0, EventKind.PERSON, 0, None, 2, 0.5, "A person came."))
    print(number, flush=True)
"""
_DRAIN = """
while waiting := box.peek(3):
    for entry in waiting:
        print(entry.event.event_id[1:], flush=True)
    box.acknowledge(entry.key for entry in waiting)
    box.settle()
"""


def _killed_after(lines: int, script: str, *arguments: str) -> list[int]:
    """Run ``script`` until it has printed so many numbers, kill it, and return all that it printed."""
    with subprocess.Popen([sys.executable, "-c", _OPENED + script, *arguments], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        printed = b"".join(process.stdout.readline() for _ in range(lines))
        process.kill()
        printed += process.stdout.read()
    assert process.returncode == -9
    # The last line may have been cut by the kill.
    return [int(line) for line in printed.split(b"\n")[:-1]]


def _waiting(file: Path) -> list[int]:
    box = Outbox(file, SystemClock())
    try:
        assert box.lost == 0
        assert box.faults() == []
        return [int(entry.event.event_id[1:]) for entry in box.peek(1_000_000)]
    finally:
        box.close()


@pytest.mark.row("T2")
def test_no_event_that_was_reported_put_is_lost_by_sigkill(tmp_path: Path) -> None:
    file = tmp_path / "outbox.sqlite"
    start = 0
    for lines in range(1, 1 + _ROUNDS):
        reported = _killed_after(lines * 7, _PUT, str(file), str(start))
        there = _waiting(file)
        assert reported[-1] == start + len(reported) - 1
        # One more than reported may be there: committed, and killed before it could be said.
        assert there == list(range(len(there)))
        assert 0 <= len(there) - 1 - reported[-1] <= 1
        start = len(there)
    assert not os.path.exists(f"{file}.damaged")


@pytest.mark.row("T2")
def test_a_drain_that_is_killed_leaves_all_that_it_did_not_acknowledge(tmp_path: Path) -> None:
    file = tmp_path / "outbox.sqlite"
    _killed_after(300, _PUT, str(file), "0")
    total = len(_waiting(file))
    assert total >= 300
    seen: set[int] = set()
    for lines in range(1, 1 + _ROUNDS):
        seen.update(_killed_after(lines, _DRAIN, str(file)))
        there = _waiting(file)
        assert there == list(range(there[0], total))
        assert seen.issuperset(range(there[0]))
