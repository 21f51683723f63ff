"""The plan of the ring that is there, or is to be made, for these settings; and its refusal in one sentence."""

from __future__ import annotations

import math

from edgecam.choices import camera_of, retention_of
from edgecam.core.clock import Instant
from edgecam.core.errors import BadInput
from edgecam.keys.camera import CameraKey
from edgecam.places import Places
from edgecam.ringbuffer.creation import create_ring, is_unfinished
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.plan import Cell, Plan, data_size_of, measured
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import NS_PER_DAY, Retention
from edgecam.settings import Settings

GIB = 2**30


def make_plan(settings: Settings, places: Places, *, as_it_is: bool = True) -> Plan:
    """The plan for the ring of ``settings``; ``as_it_is``: for the one that is there, if one is.

    Raises: BadInput for a ring that is too small, MediaFailing.
    """
    retention, camera = retention_of(settings), camera_of(settings)
    data_size, seen = data_size_of(int(settings.ring.size_gib * GIB), retention), None
    if places.ring.exists():
        medium = FileMedium.open(places.ring, writable=False)
        try:
            if not is_unfinished(medium):
                reader = RingReader(medium)
                seen = measured(reader.epochs())
                data_size = reader.superblock.data_size if as_it_is else data_size
        finally:
            medium.close()
    return Plan(data_size, retention, camera, seen)


def refusal(settings: Settings, made: Plan, *, device: bool = False) -> BadInput:
    """One sentence: this policy cannot be kept on this medium, and what would do; ``device``: on a partition."""
    camera = made.camera
    where = "take a card that leaves the ring" if device else "set ring.size_gib to"
    unit = " GiB" if device else ""
    slowest = min(fps for fps, _ in made.rows() if fps <= camera.fps)
    return BadInput(
        f"{settings.retention.policy}'s {days_words(floor_days(made.retention))} cannot be kept in "
        f"{gib(made.data_size)} GiB at {camera.width}x{camera.height}",
        do=f"{where} {gib(made.size_for(made.present.rate))}{unit} for the settings as they are "
        f"({gib(made.least_size(camera.fps))} if the picture may get worse to keep the days, "
        f"{gib(made.least_size(slowest))} at {slowest:g} frames a second), "
        f"or keep {days_words(made.most_days())} at most",
    )


def floor_days(retention: Retention) -> float:
    """The least that footage must live, in days of 24 hours."""
    return retention.floor_ns / NS_PER_DAY


def days_words(days: float) -> str:
    return f"{days:.3g} days" if days >= 1 else f"{days * 24:.2g} hours"


def gib(size_bytes: float) -> str:
    """Rounded up, because a ring a little too small is too small."""
    exact = size_bytes / GIB
    digits = 0 if exact >= 10 else 2
    return f"{math.ceil(exact * 10**digits) / 10**digits:g}"


def picked_changes(made: Plan, picked: Cell) -> dict[str, dict[str, object]]:
    """What to change in the settings, by section and key, to film as ``picked`` says."""
    return {
        "camera": {"fps": picked.fps},
        "encoder": {"quality": picked.quality, "bit_rate_kbps": made.cap_kbps(picked)},
    }


def needed_gib(settings: Settings) -> float:
    """The ring in which the policy keeps its days at the quality of ``settings``, as far as a model can tell."""
    camera, retention = camera_of(settings), retention_of(settings)
    some = Plan(data_size_of(GIB, retention), retention, camera)
    return math.ceil(some.size_for(some.present.rate) / GIB)


def begin_ring(medium: FileMedium, settings: Settings, key: CameraKey, now: Instant) -> bool:
    """Make ``medium`` a ring that keeps what ``settings`` say, and close it.

    ``False`` when something was ever recorded on it, which stays. Raises: BadInput, MediaFailing, Unavailable.
    """
    try:
        if not is_unfinished(medium):
            return False
        create_ring(medium, camera_public=key.public, sign=key.sign, retention=retention_of(settings), now=now)
    finally:
        medium.close()
    return True
