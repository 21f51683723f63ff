"""The one perspective of all drawn scenes: where a thing that stands in the street appears, and how big."""

from __future__ import annotations

# In shares of the picture's height: the line of the eye, and how high the camera hangs in metres.
HORIZON = 0.36
CAMERA_HEIGHT_M = 3.4
# Where feet and wheels stand, from far to near.
OWN_DOOR = 0.585
PAVEMENT = 0.69
FAR_LANE = 0.79
NEAR_LANE = 0.905
# Across, in shares of the width: the path to the own door.
OWN_PATH = 0.235


def metre(foot: float) -> float:
    """How long a metre appears at the depth where feet stand at height ``foot``, in shares of the height."""
    return (foot - HORIZON) / CAMERA_HEIGHT_M
