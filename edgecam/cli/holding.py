"""The holds of the camera that a command works on."""

from __future__ import annotations

import re

from edgecam import holding
from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import BadInput
from edgecam.custody.holds import Holds
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey
from edgecam.places import Places
from edgecam.settings import Settings

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}


def holds_of(settings: Settings, places: Places, key: CameraKey) -> Holds:
    """The camera's holds, with its register."""
    return holding.holds_of(settings, places, key, Register(places.register, key.sign, key.public), SystemClock())


def parse_duration(text: str) -> int:
    """Nanoseconds, from ``90d``, ``12h``, ``6w``, ``1.5y`` (of 365 days). Raises: BadInput."""
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhdwy])", text)
    if not found:
        raise BadInput(f"{text!r} is not a length of time", do="write 90d, 12h, 6w or 1y")
    return round(float(found[1]) * _UNITS_S[found[2]] * NS_PER_S)
