"""The duplicates of what was given away, as the settings bound them."""

from __future__ import annotations

from edgecam.core.clock import Clock
from edgecam.custody.disclosure.duplicates import Duplicates
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey
from edgecam.places import Places
from edgecam.settings import Settings


def duplicates_of(
    settings: Settings, places: Places, register: Register, key: CameraKey, clock: Clock
) -> Duplicates:
    """The camera's duplicates."""
    quota_bytes = round(settings.custody.kept_gib * (1 << 30))
    return Duplicates(places.disclosed, register, key, clock, quota_bytes)
