"""How many days the ring keeps, owes, and will keep at this rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgecam.ringbuffer.chronology import Dated
from edgecam.ringbuffer.format import EPOCH_DURATION_NS, EpochSlot, Superblock
from edgecam.ringbuffer.retention import NS_PER_DAY, Retention

_MEASURED_EPOCHS = 36  # six hours of full epochs


@dataclass(frozen=True, slots=True)
class Kept:
    """``days_kept``: from the oldest live footage to now. ``days_owed``: the policy's floor, less while the ring
    is younger. ``days_forecast``: what the ring holds at the bytes per second of the last hours; 0 before
    anything was measured.
    """

    days_kept: float
    days_owed: float
    days_forecast: float


def kept(oldest: Dated | None, created: Dated, retention: Retention, forecast_ns: int) -> Kept:
    """The three figures, from the age of the oldest live epoch and of the ring itself."""
    owed_ns = min(retention.floor_ns, created.age_ns)
    kept_ns = oldest.age_ns if oldest else 0
    return Kept(kept_ns / NS_PER_DAY, owed_ns / NS_PER_DAY, forecast_ns / NS_PER_DAY)


def forecast_ns(superblock: Superblock, live: Sequence[EpochSlot], head: int, footage_end_mono_ns: int) -> int:
    """How much time the ring holds at the rate of the last epochs; 0 while there is none to measure.

    Only epochs of the newest boot count: between boots nobody knows how long nothing was recorded.
    """
    measured = [slot for slot in live[-_MEASURED_EPOCHS:] if slot.start.boot_id == live[-1].start.boot_id]
    if not measured:
        return 0
    size = head - measured[0].position
    duration_ns = footage_end_mono_ns - measured[0].start.mono_ns
    if size <= 0 or duration_ns <= 0:
        return 0
    # Room goes epoch by epoch, and so do slots: whichever runs out first.
    by_bytes = superblock.data_size * duration_ns // size
    by_slots = superblock.slot_count * max(duration_ns // len(measured), min(duration_ns, EPOCH_DURATION_NS))
    return min(by_bytes, by_slots)
