"""The steps of the first run: which come before which, which may wait, and how far a camera is. Pure.

What a step leaves behind on the camera (an owner, a ring, masks) says by itself that it was done; of the others a
note is kept, `Progress`. So a power cut between a step and its note costs the note and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from edgecam.core.errors import DataLoss, NotAllowed

_FORMAT = 1
_MOST_SIZE_BYTES = 4096


class SetupStep(StrEnum):
    """In the order of the page; the names are stable and stand in the file."""

    LANGUAGE = "language"
    OWNER = "owner"
    KIT = "kit"
    NOTICE = "notice"
    RETENTION = "retention"
    AIM = "aim"
    MASKS = "masks"
    SIGN = "sign"
    BROKER = "broker"
    SUMMARY = "summary"


class StepState(StrEnum):
    """Whether a step was taken, can be taken, or waits for another one."""

    DONE = "done"
    OPEN = "open"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class StepRule:
    """``needs`` must be done before; ``noted`` says that a note tells it was done, else the camera itself does.

    ``required`` ones must be done before the wizard can be ended; all others may be left open.
    """

    needs: tuple[SetupStep, ...]
    noted: bool
    required: bool = False


_OWNER, _RING = (SetupStep.OWNER,), (SetupStep.RETENTION,)
RULES: dict[SetupStep, StepRule] = {
    SetupStep.LANGUAGE: StepRule((), noted=True),
    SetupStep.OWNER: StepRule((), noted=False, required=True),
    SetupStep.KIT: StepRule(_OWNER, noted=True),
    SetupStep.NOTICE: StepRule(_OWNER, noted=False),
    SetupStep.RETENTION: StepRule(_OWNER, noted=False, required=True),
    SetupStep.AIM: StepRule(_RING, noted=True),
    SetupStep.MASKS: StepRule(_RING, noted=False),
    SetupStep.SIGN: StepRule(_RING, noted=True),
    SetupStep.BROKER: StepRule(_RING, noted=True),
    SetupStep.SUMMARY: StepRule(_RING, noted=True),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """What was noted; ``SUMMARY`` among it says that the first run is over."""

    noted: frozenset[SetupStep] = field(default_factory=frozenset)

    def noting(self, step: SetupStep) -> Progress:
        return replace(self, noted=self.noted | {step})

    def encode(self) -> bytes:
        told = {"format": _FORMAT, "noted": [step.value for step in SetupStep if step in self.noted]}
        return json.dumps(told).encode() + b"\n"


def decode_progress(data: bytes) -> Progress:
    """The progress that ``data`` tells. Raises: DataLoss for anything else."""
    try:
        told: Any = json.loads(data[: _MOST_SIZE_BYTES + 1])
        if type(told) is not dict or told.keys() != {"format", "noted"} or told["format"] != _FORMAT:
            raise ValueError("not a first run")
        if type(told["noted"]) is not list:
            raise ValueError("no list of steps")
        noted = frozenset(SetupStep(name) for name in told["noted"])
        if any(not RULES[step].noted for step in noted):
            raise ValueError("a step of which no note is kept")
        return Progress(noted)
    except (ValueError, TypeError, RecursionError) as broken:
        raise DataLoss("how far the first run came is lost", do="go through its steps again") from broken


def step_states(progress: Progress, found: Collection[SetupStep]) -> dict[SetupStep, StepState]:
    """Where each step stands; ``found`` are those that the camera itself shows to be done."""
    done = {step for step, rule in RULES.items() if step in (progress.noted if rule.noted else found)}
    return {
        step: StepState.DONE if step in done else StepState.OPEN if done.issuperset(rule.needs) else StepState.LATER
        for step, rule in RULES.items()
    }


def check_step(step: SetupStep, states: dict[SetupStep, StepState]) -> None:
    """Raises: NotAllowed when ``step`` has to wait for another one."""
    if states[step] is StepState.LATER:
        first = next(need for need in RULES[step].needs if states[need] is not StepState.DONE)
        raise NotAllowed(
            f"the step {step.value} comes after {first.value}", do=f"take the step {first.value} first"
        )
