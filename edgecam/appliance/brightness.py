"""How bright a masked picture is where it is not masked."""

from __future__ import annotations

import numpy as np

from edgecam.core.smallframes import SmallFrame
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y


def brightness(frame: SmallFrame) -> float | None:
    """The mean luma (0-255) outside of the masks; ``None`` for a picture that is wholly fill."""
    if frame.private:
        return None
    picture = frame.picture
    luma = picture.y[::2, ::2]
    seen = luma[(luma != FILL_Y) | (picture.u != FILL_U) | (picture.v != FILL_V)]
    # A grey pixel as dark as fill is left out with it: where nothing else is, the scene is as dark as that.
    return float(np.mean(seen)) if seen.size else float(FILL_Y)
