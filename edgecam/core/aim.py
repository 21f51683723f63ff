"""What is known of where the camera looks: told by the recorder beside every small picture, also a private one."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from edgecam.core.errors import DataLoss

_PACKED = struct.Struct("<B3x8f")
PACKED_SIZE = _PACKED.size
# Less is within what the guard errs by.
_LEAST_SHARE, _LEAST_TURN_DEG, _LEAST_ZOOM = 0.002, 0.3, 0.005


class AimState(IntEnum):
    """``UNGUARDED``: the owner switched the guard off. ``UNCONFIRMED``: nobody said that this view is right.

    ``STEADY``: as confirmed. ``DRIFTED``: a little off. ``MOVED``: elsewhere, until a person confirms again.
    ``LOST``: something is seen, and not the confirmed view. ``BLIND``: nothing is seen.
    """

    UNGUARDED = 0
    UNCONFIRMED = 1
    STEADY = 2
    DRIFTED = 3
    MOVED = 4
    LOST = 5
    BLIND = 6


@dataclass(frozen=True, slots=True)
class AimReading:
    """One judgement of the aim, in numbers that show nothing.

    ``right`` and ``down`` tell where the scene went in the picture, as shares of its *width*, when it has drifted
    or moved; ``turned_deg`` clockwise and ``zoom`` how it lies there; ``off`` is the farthest that any point of the
    picture went, as a share of the width. Of the unmasked part of the picture as it came from the lens:
    ``brightness`` is the mean luma and ``contrast`` its standard deviation (0-255), ``structure`` the share of the
    confirmed view's edges that is seen (1: as many).
    """

    state: AimState = AimState.UNGUARDED
    right: float = 0.0
    down: float = 0.0
    turned_deg: float = 0.0
    zoom: float = 1.0
    off: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    structure: float = 0.0

    def went(self) -> str:
        """Where the view went, in words: ``7.3 % of the width to the left, turned by 1.2 degrees to the left``."""
        parts = []
        if abs(self.right) >= _LEAST_SHARE:
            parts.append(f"{_percent(self.right)} of the width to the {'right' if self.right > 0 else 'left'}")
        if abs(self.down) >= _LEAST_SHARE:
            parts.append(f"{_percent(self.down)} of the width {'down' if self.down > 0 else 'up'}")
        if abs(self.turned_deg) >= _LEAST_TURN_DEG:
            parts.append(
                f"turned by {abs(self.turned_deg):.1f} degrees to the {'right' if self.turned_deg > 0 else 'left'}"
            )
        if abs(self.zoom - 1) >= _LEAST_ZOOM:
            parts.append(f"{'enlarged' if self.zoom > 1 else 'shrunk'} by {_percent(self.zoom - 1)}")
        return ", ".join(parts) or "somewhere else"

    def encode(self) -> bytes:
        """36 bytes, little-endian: the state, three of padding, eight floats in the order of the fields."""
        return _PACKED.pack(
            self.state,
            self.right,
            self.down,
            self.turned_deg,
            self.zoom,
            self.off,
            self.brightness,
            self.contrast,
            self.structure,
        )


def decode_aim_reading(data: bytes) -> AimReading:
    """The reading that ``data`` (36 bytes) holds. Raises: DataLoss for any other bytes."""
    try:
        state, *numbers = _PACKED.unpack(data)
        return AimReading(AimState(state), *numbers)
    except (struct.error, ValueError) as broken:
        raise DataLoss("the aim beside a picture cannot be read") from broken


NO_AIM = AimReading()
UNCONFIRMED_AIM = AimReading(AimState.UNCONFIRMED)


def _percent(share: float) -> str:
    return f"{abs(share) * 100:.1f} %"
