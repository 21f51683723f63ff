"""The two slots and the one file that chooses between them: ``autoboot.txt``, as Raspberry Pi's firmware reads it.

A start takes the committed slot, named under ``[all]``; one that was ordered as a trial takes the other, named
under ``[tryboot]``, once. Whatever resets the board meanwhile leads back to the committed one. How each slot is
stands in a remark, in the same sector: one write changes all of it. RAUC asks at every step, so little is imported.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from edgecam.core.durable import overwrite_durably
from edgecam.core.errors import BadInput, DataLoss, Unavailable

# Less than a sector, so that a power cut leaves the old bytes or the new ones; the firmware takes up to 512.
SIZE_BYTES = 128
_TOLD = re.compile(
    r"\[all\]\ntryboot_a_b=1\nboot_partition=([23])\n"
    r"\[tryboot\]\nboot_partition=([23])\n"
    r"(?:# a=(good|new|trial|bad) b=(good|new|trial|bad)\n)?\n*"
)
_RUNNING = re.compile(r"(?:^|\s)rauc\.slot=([AB])(?=\s|$)")


class Slot(StrEnum):
    """One of two places for a version, by the name that RAUC and the kernel's command line use."""

    A = "A"
    B = "B"

    @property
    def other(self) -> Slot:
        return Slot.B if self is Slot.A else Slot.A


class State(StrEnum):
    """What is known of the version in a slot; the names are stable and stand in the file."""

    # It was judged while it ran, or was there from the beginning.
    GOOD = "good"
    # Written whole, never started.
    NEW = "new"
    # A start of it was ordered; nothing was judged yet.
    TRIAL = "trial"
    # Empty, half written, or judged and refused.
    BAD = "bad"


_PARTITIONS = {Slot.A: "2", Slot.B: "3"}
_SLOTS = {partition: slot for slot, partition in _PARTITIONS.items()}


@dataclass(frozen=True, slots=True)
class BootChoice:
    """Which slot a start takes, and how both are."""

    committed: Slot
    a: State = State.GOOD
    b: State = State.BAD

    def state(self, slot: Slot) -> State:
        return self.a if slot is Slot.A else self.b

    def holding(self, slot: Slot, state: State) -> BootChoice:
        """The same with ``state`` for ``slot``."""
        return replace(self, a=state) if slot is Slot.A else replace(self, b=state)

    @property
    def primary(self) -> Slot:
        """The slot that is to run next: the other one while a new version waits in it, else the committed one."""
        other = self.committed.other
        return other if self.state(other) is State.NEW else self.committed

    def activated(self, slot: Slot) -> BootChoice:
        """``slot`` is to run next. One that is not committed has to prove itself first, whatever it was before."""
        if slot is not self.committed:
            return self.holding(slot, State.NEW)
        other = slot.other
        return self.holding(other, State.BAD) if self.state(other) is State.NEW else self

    def tried(self) -> BootChoice:
        """The next start is the other slot's trial."""
        return self.holding(self.committed.other, State.TRIAL)

    def judged(self, slot: Slot, good: bool, running: Slot) -> BootChoice:
        """``slot`` is good or bad; only the one that runs can prove itself and be committed by it."""
        choice = self.holding(slot, State.GOOD if good else State.BAD)
        return replace(choice, committed=slot) if good and slot is running else choice


def decode_choice(data: bytes) -> BootChoice:
    """What the bytes of ``autoboot.txt`` say. Raises: DataLoss for any that are not such a file."""
    told = _TOLD.fullmatch(data.decode("ascii", "replace"))
    if told is None or told[1] == told[2]:
        raise DataLoss("the boot choice in autoboot.txt cannot be read", do="flash the card anew")
    committed = _SLOTS[told[1]]
    if told[3] is None:
        return BootChoice(committed).holding(committed, State.GOOD).holding(committed.other, State.BAD)
    return BootChoice(committed, State(told[3]), State(told[4]))


def encode_choice(choice: BootChoice) -> bytes:
    """The file's bytes, `SIZE_BYTES` of them whatever they say."""
    committed, other = _PARTITIONS[choice.committed], _PARTITIONS[choice.committed.other]
    lines = f"[all]\ntryboot_a_b=1\nboot_partition={committed}\n[tryboot]\nboot_partition={other}\n"
    return f"{lines}# a={choice.a} b={choice.b}\n".encode().ljust(SIZE_BYTES, b"\n")


def running_slot(command_line: str) -> Slot:
    """The slot that the kernel's command line names. Raises: BadInput when it names none, or several."""
    named = set(_RUNNING.findall(command_line))
    if len(named) != 1:
        raise BadInput("the kernel was started without a slot", do="start the card with its own boot files")
    return Slot(named.pop())


@dataclass(frozen=True, slots=True)
class BootSlots:
    """The choice at ``choice_path`` and the running slot told at ``command_line_path``."""

    choice_path: Path = Path("/boot/edgecam/autoboot.txt")
    command_line_path: Path = Path("/proc/cmdline")

    def choice(self) -> BootChoice:
        """What the file says now. Raises: DataLoss, Unavailable."""
        try:
            with self.choice_path.open("rb") as file:
                return decode_choice(file.read(SIZE_BYTES * 4))
        except OSError as refused:
            raise Unavailable(f"{self.choice_path} cannot be read ({refused.strerror})") from refused

    def running(self) -> Slot:
        """The slot this system was started from. Raises: BadInput, Unavailable."""
        try:
            return running_slot(self.command_line_path.read_text("ascii", "replace"))
        except OSError as refused:
            raise Unavailable(f"{self.command_line_path} cannot be read ({refused.strerror})") from refused

    def on_trial(self) -> bool:
        """Whether what runs is not what a start takes. Raises: BadInput, DataLoss, Unavailable."""
        return self.running() is not self.choice().committed

    def choose(self, choice: BootChoice) -> None:
        """Write the file in place. Raises: MediaFailing; the file then holds the old bytes or the new."""
        overwrite_durably(self.choice_path, encode_choice(choice))


def answer(words: Sequence[str], slots: BootSlots) -> str:
    """Do what RAUC asks of a boot loader by ``words``, and return what it is told, or nothing.

    Raises: BadInput for a question it does not ask; as `BootSlots`.
    """
    try:
        match [*words]:
            case ["get-current"]:
                return slots.running()
            case ["get-primary"]:
                return slots.choice().primary
            case ["set-primary", slot]:
                slots.choose(slots.choice().activated(Slot(slot)))
            case ["get-state", slot]:
                return State.BAD if slots.choice().state(Slot(slot)) is State.BAD else State.GOOD
            case ["set-state", slot, ("good" | "bad") as state]:
                slots.choose(slots.choice().judged(Slot(slot), state == "good", slots.running()))
            case _:
                raise ValueError
    except ValueError as strange:
        raise BadInput(f"nobody asks a boot loader to {' '.join(words)!r}") from strange
    return ""
