"""What was seen stays seen: over restarts, full disks, lost files and clocks that leap."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from commandstand import CENTRE, NOON_WALL_NS, STRANGER, command

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import MediaFailing
from edgecam.telemetry.commandmemory import MOST_IDS, MOST_KEYS, CommandMemory

pytestmark = pytest.mark.row("T5")


def at(after_s: float) -> int:
    return NOON_WALL_NS + round(after_s * NS_PER_S)


def test_a_command_is_seen_once_over_a_restart(tmp_path: Path) -> None:
    first, second = command(), command()
    memory = CommandMemory(tmp_path / "seen.json")
    assert not memory.knows(first, at(0))
    memory.remember(first, at(0), may_forget=True)
    for known in (memory, CommandMemory(tmp_path / "seen.json")):
        assert known.knows(first, at(1))
        assert not known.knows(second, at(1))


def test_a_clock_that_goes_back_lets_nothing_in_again(tmp_path: Path) -> None:
    memory = CommandMemory(tmp_path / "seen.json")
    old = command(issued_s=0)
    memory.remember(old, at(0), may_forget=True)
    # By then it has expired and is forgotten …
    memory.remember(command(issued_s=1000), at(1000), may_forget=True)
    assert old.id.encode() not in (tmp_path / "seen.json").read_bytes()
    # … and still counts as seen, whatever the clock says.
    for known in (memory, CommandMemory(tmp_path / "seen.json")):
        assert known.knows(old, at(0))
        assert known.knows(command(issued_s=-500), at(-500))
        assert not known.knows(command(issued_s=1000), at(1000))


def test_a_clock_that_was_never_set_forgets_nothing(tmp_path: Path) -> None:
    memory = CommandMemory(tmp_path / "seen.json")
    old = command(issued_s=0)
    memory.remember(old, 0, may_forget=False)
    memory.remember(command(issued_s=1000), at(99_000), may_forget=False)
    assert old.id.encode() in (tmp_path / "seen.json").read_bytes()


def test_one_key_does_not_shut_out_another(tmp_path: Path) -> None:
    memory = CommandMemory(tmp_path / "seen.json")
    far = command(issued_s=10 * 365 * 86_400)
    for number in range(MOST_IDS + 5):
        memory.remember(replace(far, id=f"{number:032x}"), 0, may_forget=False)
    assert memory.knows(command(), at(0)), "of the key that said too much nothing is believed that is older"
    assert not memory.knows(command(key=STRANGER), at(0))


def test_it_stays_small(tmp_path: Path) -> None:
    memory = CommandMemory(tmp_path / "seen.json")
    sent = command()
    for number in range(MOST_KEYS + 10):
        memory.remember(replace(sent, key=bytes([number]) * 32), at(0), may_forget=True)
    assert memory.knows(replace(sent, key=bytes([0]) * 32), at(0)), "the key was forgotten, what it said was not"
    assert (tmp_path / "seen.json").stat().st_size < 100 * MOST_KEYS * 4


@pytest.mark.parametrize("left", [b"", b"{", b"null", b'{"format":1,"horizon_ns":0,"keys":{"a":[]}}'])
def test_a_broken_memory_believes_nothing_that_can_have_been_seen(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "seen.json").write_bytes(left)
    memory = CommandMemory(tmp_path / "seen.json")
    assert memory.knows(command(issued_s=0), at(0))
    later = command(issued_s=301)
    assert not memory.knows(later, at(301))
    memory.remember(later, at(301), may_forget=True)
    assert not CommandMemory(tmp_path / "seen.json").knows(command(key=CENTRE, issued_s=400), at(400))


def test_what_cannot_be_kept_is_said(tmp_path: Path) -> None:
    memory = CommandMemory(tmp_path / "gone" / "seen.json")
    sent = command()
    with pytest.raises(MediaFailing):
        memory.remember(sent, at(0), may_forget=True)
    assert not memory.knows(sent, at(0)), "nothing was done, so it may come again"
