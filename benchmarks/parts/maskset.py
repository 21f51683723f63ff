"""The mask set of every run: three polygons over about 30 % of the picture, in nobody's way."""

from __future__ import annotations

from edgecam.core.clock import Instant, TimeTrust
from edgecam.keys.camera import CameraKey
from edgecam.masking.drawing import Drawing, Mask
from edgecam.masking.maskset import MaskSet, Step

MASKS = (
    Mask(
        name="windows of the building",
        reason="neighbour",
        polygon=((0.0, 0.0), (0.52, 0.0), (0.5, 0.17), (0.16, 0.21), (0.0, 0.15)),
    ),
    Mask(
        name="the neighbour's lawn",
        reason="neighbour",
        polygon=((0.0, 0.62), (0.3, 0.78), (0.36, 1.0), (0.0, 1.0)),
    ),
    Mask(
        name="the far end of the lane",
        reason="public_road",
        polygon=((0.75, 0.6), (1.0, 0.5), (1.0, 1.0), (0.72, 1.0)),
    ),
)

DRAWING = Drawing(margin=0.0, masks=MASKS)


def mask_set(key: CameraKey) -> MaskSet:
    """These masks in force on the camera of ``key``."""
    step = Step.of("the benchmark", Instant(0, 0, bytes(16), TimeTrust.UNSET))
    return MaskSet(key.camera_id, 1, DRAWING, drawn=step, confirmed=step).signed(key.sign)
