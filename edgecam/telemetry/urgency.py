"""How much it matters that an event arrives: what is kept longest when not all can be."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from edgecam.core.events import EventKind


class Urgency(IntEnum):
    """The number stands in the outbox: the lower, the sooner it goes when the outbox is full."""

    ROUTINE = 0
    NOTICE = 1
    ALARM = 2


# One row a kind, and why. What the owner drew a rule for is an alarm where somebody may have to go and look.
_TABLE: Final[dict[EventKind, tuple[Urgency, str]]] = {
    EventKind.MOTION: (Urgency.ROUTINE, "Leaves and shadows move all day; nobody is named."),
    EventKind.VEHICLE: (Urgency.ROUTINE, "A street has thousands a day, and none of them is an incident."),
    EventKind.BICYCLE: (Urgency.ROUTINE, "As a vehicle that passes."),
    EventKind.ANIMAL: (Urgency.ROUTINE, "A cat in the garden can be told late or never."),
    EventKind.COUNTING: (Urgency.ROUTINE, "One count among many; the camera keeps the day's tally itself."),
    EventKind.PERSON: (
        Urgency.NOTICE,
        "Somebody was there, which may matter later; being there breaks no rule.",
    ),
    EventKind.DOORWAY: (Urgency.NOTICE, "Somebody came or went through a door that is there to be used."),
    EventKind.PARKED_VEHICLE: (Urgency.NOTICE, "It stands for minutes and is still there when it is told later."),
    EventKind.UNUSUAL: (Urgency.NOTICE, "Rare is not wrong; somebody judges it with the recording."),
    EventKind.INTRUSION: (Urgency.ALARM, "Somebody is where the owner said that nobody may be."),
    EventKind.LINE_CROSSING: (Urgency.ALARM, "Somebody crossed the line that the owner drew against it."),
    EventKind.LOITERING: (Urgency.ALARM, "What may follow can still be prevented."),
    EventKind.CROWDING: (Urgency.ALARM, "A crush hurts people within minutes."),
    EventKind.FALL: (Urgency.ALARM, "Somebody may lie there and need help."),
    EventKind.ABANDONED_OBJECT: (Urgency.ALARM, "What was left may be dangerous."),
    EventKind.REMOVED_OBJECT: (Urgency.ALARM, "Something was taken, perhaps stolen."),
    EventKind.DUMPING: (Urgency.ALARM, "Who left it is only just gone."),
    EventKind.COVERED: (Urgency.ALARM, "The camera sees nothing, perhaps because somebody wants it so."),
    EventKind.DEFOCUSED: (Urgency.ALARM, "What is recorded from now on may show nobody."),
    EventKind.BLINDED: (Urgency.ALARM, "A light into the lens hides whoever holds it."),
    EventKind.DARK: (Urgency.ALARM, "The light went out, or was put out."),
    EventKind.FROZEN: (Urgency.ALARM, "The picture stands still: what happens is not recorded."),
    EventKind.SIGNAL_LOST: (Urgency.ALARM, "Nothing is recorded."),
    EventKind.MOVED: (Urgency.ALARM, "The camera looks elsewhere, and its masks with it."),
    EventKind.CLONED: (Urgency.ALARM, "Whoever holds the copy can speak as this camera."),
}


def urgency_of(kind: EventKind) -> Urgency:
    """How much it matters that an event of ``kind`` arrives; the same for all its revisions."""
    return _TABLE[kind][0]


def why(kind: EventKind) -> str:
    """The sentence that justifies it."""
    return _TABLE[kind][1]
