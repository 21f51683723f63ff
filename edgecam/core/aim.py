"""What is known of where the camera looks: told by the recorder beside every small picture, also a private one."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

from edgecam.core.errors import DataLoss

_PACKED = struct.Struct("<B3x8f")
PACKED_SIZE = _PACKED.size


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
