"""A heat map as characters or as a PNG: colours on black, never the camera's picture."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.analysis.tally import F32
from edgecam.core.errors import Bug

_CELL_PIXELS: Final = 20
_SHADES: Final = " .:-=+*#%@"


def heat_text(heat_s: F32) -> str:
    """``heat_s`` (rows, columns; seconds) as lines of characters, from blank to ``@``."""
    levels = _levels(heat_s, len(_SHADES) - 1).tolist()
    return "\n".join("".join(_SHADES[level] for level in row) for row in levels)


def heat_png(heat_s: F32) -> bytes:
    """``heat_s`` (rows, columns; seconds) as a PNG of 20 pixels a cell. Raises: Bug when it cannot be encoded."""
    colours = cv2.applyColorMap(_levels(heat_s, 255), cv2.COLORMAP_INFERNO)
    wide = np.repeat(np.repeat(colours, _CELL_PIXELS, axis=0), _CELL_PIXELS, axis=1)
    done, encoded = cv2.imencode(".png", wide)
    if not done:
        raise Bug("a heat map could not be encoded as PNG")
    return encoded.tobytes()


def _levels(heat_s: F32, top: int) -> NDArray[np.uint8]:
    """Each cell's level, 0 to ``top``: the root, so that a busy door does not hide the paths; only nothing is 0."""
    most = float(heat_s.max())
    if most <= 0:
        return np.zeros(heat_s.shape, np.uint8)
    levels: NDArray[np.uint8] = np.ceil(np.sqrt(heat_s / most) * top).astype(np.uint8)
    return levels
