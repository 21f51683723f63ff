"""Whether a changed place is a thing that came, a thing that went, or only light: read from the edges around it.

A thing has an outline. Where it came, the edges are in the picture of now and not in the background; where it
went, the other way round. Light and shadow leave the texture of the place as it was, or fade out softly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.analysis.backgrounds import F32
from edgecam.core.picture import U8

_TEXTURE: Final = 1.5
_LEAST_INNER: Final = 12
_FINE: Final = (7, 7)
_CROSS: Final = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


@dataclass(frozen=True, slots=True)
class Contour:
    """What the edges of a changed place say.

    ``lean`` is -1 to 1: above 0 the edges are in the picture of now (something came), below 0 in the background
    (something went). ``sharpness`` is how steep the outline is, as a share of the change's own height a pixel.
    ``likeness`` is the correlation of the texture inside with the background's, -1 to 1; 0 where one has none.
    """

    lean: float
    sharpness: float
    likeness: float


def contoured(now: F32, background: F32, mask: U8) -> Contour:
    """Judge the place where ``mask`` is set; all three of one shape, with a margin of 2 pixels around it."""
    band = (cv2.dilate(mask, _CROSS) > 0) & (cv2.erode(mask, _CROSS) == 0)
    inside = mask > 0
    across = _normals(mask, band)
    edges_now, edges_before = _edges(now, across, band), _edges(background, across, band)
    here, before = float(np.abs(edges_now).mean()), float(np.abs(edges_before).mean())
    contrast = float(np.abs(now - background)[inside].mean())
    steepness = float(np.abs(edges_now - edges_before).mean())
    lean = (here - before) / max(here + before, 1e-3)
    return Contour(lean, steepness / max(contrast, 1.0), _likeness(now, background, mask))


def _normals(mask: U8, band: NDArray[np.bool_]) -> tuple[F32, F32]:
    """The direction across the outline at every pixel of ``band``, of length 1."""
    soft = cv2.GaussianBlur(mask.astype(np.float32), (5, 5), 1.2)
    dx = np.asarray(cv2.Sobel(soft, cv2.CV_32F, 1, 0)[band], np.float32)
    dy = np.asarray(cv2.Sobel(soft, cv2.CV_32F, 0, 1)[band], np.float32)
    length = np.maximum(np.hypot(dx, dy), 1e-3)
    return np.asarray(dx / length, np.float32), np.asarray(dy / length, np.float32)


def _edges(values: F32, across: tuple[F32, F32], band: NDArray[np.bool_]) -> F32:
    """How fast ``values`` grow across the outline, grey levels a pixel: a background's own pattern seldom runs
    along somebody else's outline.
    """
    dx = cv2.Sobel(values, cv2.CV_32F, 1, 0, scale=0.125)[band]
    dy = cv2.Sobel(values, cv2.CV_32F, 0, 1, scale=0.125)[band]
    return np.asarray(dx * across[0] + dy * across[1], np.float32)


def _likeness(now: F32, background: F32, mask: U8) -> float:
    """How alike the fine texture is, without the outline and without slow shading."""
    inner = cv2.erode(mask, _CROSS) > 0
    if np.count_nonzero(inner) < _LEAST_INNER:
        return 0.0
    a = (now - cv2.blur(now, _FINE))[inner]
    b = (background - cv2.blur(background, _FINE))[inner]
    spread_a, spread_b = float(a.std()), float(b.std())
    if min(spread_a, spread_b) < _TEXTURE:
        return 0.0
    return float(((a - a.mean()) * (b - b.mean())).mean()) / (spread_a * spread_b)
