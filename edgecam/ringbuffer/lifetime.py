"""What is left of the life of footage, and how old a hold is, counted by what cannot jump; pure."""

from __future__ import annotations

from collections.abc import Sequence

from edgecam.core.clock import Instant
from edgecam.ringbuffer.chronology import date
from edgecam.ringbuffer.dating import DatedEpoch
from edgecam.ringbuffer.format import EpochSlot
from edgecam.ringbuffer.holdrecord import HoldRecord


def rest_of_life_ns(dated: Sequence[DatedEpoch], epoch: int, now: Instant) -> int:
    """How long the policy lets the epoch with number ``epoch`` go on living; 0 when it is due or not among them."""
    due_mono_ns = next((one.due_mono_ns for one in dated if one.slot.epoch == epoch), None)
    return 0 if due_mono_ns is None else max(0, due_mono_ns - now.mono_ns)


def hold_age_ns(record: HoldRecord, epochs: Sequence[EpochSlot], now: Instant) -> int:
    """How old the hold of ``record`` is, by the rules under *Time* of ``docs/design/ring-format.md``.

    ``epochs`` are the ring's live ones, oldest first: the hold's creation takes its place among their starts. In
    another ring than the one it was made from, all of them began later.
    """
    earlier = [
        slot.start for slot in epochs if slot.ring_id == record.ring_id and slot.epoch <= record.newest_epoch
    ]
    later = [slot.start for slot in epochs[len(earlier) :]]
    return date([*earlier, record.created, *later], now)[len(earlier)].age_ns
