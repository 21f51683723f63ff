"""The holds of one camera, out of its settings and places."""

from __future__ import annotations

from edgecam.choices import retention_of
from edgecam.core.clock import Clock
from edgecam.custody.holds import Holds
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey
from edgecam.places import Places
from edgecam.ringbuffer.holdstore import HoldStore
from edgecam.settings import Settings


def hold_store_of(settings: Settings, places: Places, key: CameraKey) -> HoldStore:
    """Where the camera's held footage lies, with the room that the settings give it."""
    return HoldStore(places.holds, key.public, key.sign, int(settings.ring.hold_gib * 2**30))


def holds_of(settings: Settings, places: Places, key: CameraKey, register: Register, clock: Clock) -> Holds:
    """The camera's holds. Raises: BadInput for a retention that contradicts itself."""
    return Holds(hold_store_of(settings, places, key), register, retention_of(settings), clock)
