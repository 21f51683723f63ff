"""The one file that chooses between two slots: any bytes, each step of an update, RAUC's questions, a power cut."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from bundlestand import IMAGE, ROOTFS
from hypothesis import given
from hypothesis import strategies as st

from edgecam.appliance.bootslots import (
    SIZE_BYTES,
    BootChoice,
    BootSlots,
    Slot,
    State,
    answer,
    decode_choice,
    encode_choice,
    running_slot,
)
from edgecam.core.errors import BadInput, DataLoss, EdgecamError

pytestmark = pytest.mark.row("I2")

CHOICES = st.builds(BootChoice, st.sampled_from(Slot), st.sampled_from(State), st.sampled_from(State))
FLASHED = b"[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n"


def slots_in(folder: Path, choice: bytes = FLASHED, running: str = "A") -> BootSlots:
    folder.mkdir(exist_ok=True)
    (folder / "autoboot.txt").write_bytes(choice)
    (folder / "cmdline").write_text(f"console=ttyAMA0 ro rauc.slot={running} panic=10\n")
    return BootSlots(folder / "autoboot.txt", folder / "cmdline")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_choice_or_an_error(data: bytes) -> None:
    with suppress(DataLoss):
        assert encode_choice(decode_choice(data)).startswith(data.rstrip(b"\n")[:60])


@given(CHOICES, st.integers(0, SIZE_BYTES - 1), st.integers(0, 255))
def test_a_changed_byte_never_turns_into_an_error_of_another_kind(choice: BootChoice, at: int, byte: int) -> None:
    data = bytearray(encode_choice(choice))
    data[at] = byte
    with suppress(DataLoss):
        assert decode_choice(bytes(data)).committed in Slot


@given(CHOICES, CHOICES)
def test_one_sector_is_written_over_in_one_piece(before: BootChoice, after: BootChoice) -> None:
    """All have one size, within a sector: no length changes, and a power cut leaves one or the other."""
    assert decode_choice(encode_choice(after)) == after
    assert len(encode_choice(before)) == len(encode_choice(after)) == SIZE_BYTES <= 512


def test_what_is_flashed_is_read_and_grows_without_being_torn(tmp_path: Path) -> None:
    flashed = (IMAGE / "layout/autoboot.txt").read_bytes()
    assert decode_choice(flashed) == BootChoice(Slot.A, State.GOOD, State.BAD)
    # Cut at the old length, the new bytes say the same as the old: the length may come later than the bytes.
    grown = encode_choice(BootChoice(Slot.A, State.GOOD, State.NEW))
    assert decode_choice(grown[: len(FLASHED)]).committed is Slot.A
    slots = slots_in(tmp_path)
    slots.choose(decode_choice(flashed))
    assert slots.choice_path.read_bytes() == encode_choice(decode_choice(flashed))


@given(st.text(max_size=80))
def test_any_command_line_names_a_slot_or_is_refused(text: str) -> None:
    with suppress(BadInput):
        assert f"rauc.slot={running_slot(text)}" in text


@pytest.mark.parametrize("line", ["", "rauc.slot=C", "rauc.slot=AB", "xrauc.slot=A", "rauc.slot=A rauc.slot=B"])
def test_no_slot_is_guessed(line: str) -> None:
    with pytest.raises(BadInput, match="without a slot"):
        running_slot(line)


def asked(slots: BootSlots, *words: str) -> str:
    return answer(words, slots)


def test_an_update_that_proves_itself(tmp_path: Path) -> None:
    slots = slots_in(tmp_path)
    asked(slots, "set-state", "B", "bad")  # RAUC, before it writes
    assert asked(slots, "get-state", "B") == "bad"
    asked(slots, "set-primary", "B")  # RAUC, when all is written
    assert (asked(slots, "get-primary"), asked(slots, "get-state", "B")) == ("B", "good")
    assert decode_choice(slots.choice_path.read_bytes()).committed is Slot.A
    slots.choose(slots.choice().tried())
    # Whatever resets the board now starts A.
    assert asked(slots, "get-primary") == "A"
    trial = slots_in(tmp_path, slots.choice_path.read_bytes(), "B")
    assert trial.on_trial()
    assert asked(trial, "get-current") == "B"
    asked(trial, "set-state", "B", "good")
    assert not trial.on_trial()
    assert trial.choice() == BootChoice(Slot.B, State.GOOD, State.GOOD)
    assert trial.choice_path.read_bytes().startswith(b"[all]\ntryboot_a_b=1\nboot_partition=3\n")


def test_an_update_that_does_not(tmp_path: Path) -> None:
    slots = slots_in(tmp_path, encode_choice(BootChoice(Slot.A, State.GOOD, State.TRIAL)), "B")
    asked(slots, "set-state", "B", "bad")
    assert slots.choice() == BootChoice(Slot.A, State.GOOD, State.BAD)
    assert slots_in(tmp_path, slots.choice_path.read_bytes(), "A").on_trial() is False


@given(CHOICES, st.sampled_from(Slot), st.sampled_from(Slot), st.booleans())
def test_only_the_running_slot_can_become_the_committed_one(
    choice: BootChoice, slot: Slot, running: Slot, good: bool
) -> None:
    after = choice.judged(slot, good, running)
    if after.committed is not choice.committed:
        assert slot is running
        assert good
    for next_choice in (choice.activated(slot), choice.tried(), choice.holding(slot, State.NEW)):
        assert next_choice.committed is choice.committed


@given(CHOICES, st.sampled_from(Slot))
def test_what_was_activated_is_what_runs_next(choice: BootChoice, slot: Slot) -> None:
    assert choice.activated(slot).primary is slot


@pytest.mark.parametrize("words", [[], ["get-state"], ["set-state", "B", "fine"], ["set-primary", "C"], ["format"]])
def test_a_question_that_rauc_does_not_ask(tmp_path: Path, words: list[str]) -> None:
    with pytest.raises(EdgecamError, match="nobody asks"):
        answer(words, slots_in(tmp_path))
    assert (tmp_path / "autoboot.txt").read_bytes() == FLASHED


def test_the_program_says_why_it_cannot() -> None:
    program = ROOTFS / "usr/lib/edgecam/rauc-boot"
    done = subprocess.run(
        [sys.executable, "-I", program, "get-nothing"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "rauc-boot: nobody asks a boot loader to 'get-nothing'\n"
    assert program.read_text().startswith("#!/usr/bin/python3 -I\n")


def test_the_program_brings_little_along() -> None:
    """RAUC runs it at every step, on a slow board."""
    code = (
        "import sys, edgecam.appliance.bootslots; print(*sorted(m for m in sys.modules if m.startswith('edgecam')))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "edgecam",
        "edgecam.appliance",
        "edgecam.appliance.bootslots",
        "edgecam.core",
        "edgecam.core.durable",
        "edgecam.core.errors",
    ]


@pytest.mark.parametrize("committed", [*Slot])
@pytest.mark.parametrize("running", ["A", "B", ""])
def test_the_shell_knows_a_trial_as_we_do(tmp_path: Path, committed: Slot, running: str) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "boot/edgecam").mkdir(parents=True)
    (tmp_path / "proc/cmdline").write_text(f"ro rauc.slot={running} quiet" if running else "ro quiet")
    (tmp_path / "boot/edgecam/autoboot.txt").write_bytes(encode_choice(BootChoice(committed)))
    done = subprocess.run([ROOTFS / "usr/lib/edgecam/on-trial", tmp_path], check=False)
    assert done.returncode == (0 if running and running != committed else 1)


@pytest.mark.parametrize("gone", ["proc", "boot"])
def test_without_a_choice_there_is_no_trial(tmp_path: Path, gone: str) -> None:
    """Then nothing is judged, and nothing restarts the camera over and over."""
    test_the_shell_knows_a_trial_as_we_do(tmp_path, Slot.A, "B")
    shutil.rmtree(tmp_path / gone)
    done = subprocess.run([ROOTFS / "usr/lib/edgecam/on-trial", tmp_path], check=False, capture_output=True)
    assert done.returncode == 1
