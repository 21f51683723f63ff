"""What happens to a camera that stands still: light, night, weather, noise, things in the way.

Each function changes a view, ``(360, 640)`` luma uint8, and gives a new one. ``t`` runs from 0 to 1 over an
episode, ``look`` counts looks. They are drawn, not filmed; where they differ from real weather, they are meant to
be worse.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.core.picture import U8

F32 = NDArray[np.float32]
HEIGHT, WIDTH = 360, 640
_ROWS, _COLUMNS = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
_FIELDS: Final = 12


def _noise_fields() -> list[F32]:
    random = np.random.default_rng(11)
    return [random.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32) for _ in range(_FIELDS)]


_NOISE = _noise_fields()


def noisy(view: U8, random: np.random.Generator, sigma: float) -> U8:
    """Sensor noise of ``sigma`` levels, drawn anew."""
    field = np.roll(_NOISE[int(random.integers(_FIELDS))], int(random.integers(HEIGHT * WIDTH)))
    return np.asarray(cv2.addWeighted(view, 1.0, field, sigma, 0.0, dtype=cv2.CV_8U), np.uint8)


def lit(view: U8, gain: float, gamma: float = 1.0, offset: float = 0.0) -> U8:
    """Another exposure: ``255 (view/255)^gamma gain + offset``."""
    levels = np.arange(256) / 255.0
    table = np.clip(255 * gain * levels**gamma + offset, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(view, table), np.uint8)


def night(infrared: U8, random: np.random.Generator, depth: float = 1.0, sigma: float = 5.0) -> U8:
    """Lit by the camera's own lamp: bright in the middle, dark beyond, noisy. ``depth`` 0-1 fades it in."""
    lamp = np.exp(-(((_COLUMNS - 320) / 330) ** 2 + ((_ROWS - 190) / 230) ** 2)) * 0.55 + 0.06
    fall = (1 - depth) + depth * lamp
    return noisy(np.asarray(cv2.multiply(infrared, fall, dtype=cv2.CV_8U), np.uint8), random, sigma)


def dusk(view: U8, random: np.random.Generator, t: float) -> U8:
    """From day to all but dark, gain up, noise up."""
    return noisy(lit(view, 1 - 0.86 * t, 1 + 0.25 * t), random, 1 + 4 * t)


def cloud(view: U8, t: float, softness: float, depth: float, angle: float) -> U8:
    """A shadow that wanders over the view; ``softness`` in pixels (2: the edge of a house's shadow)."""
    along = _COLUMNS * np.float32(np.cos(angle)) + _ROWS * np.float32(np.sin(angle))
    far = 750.0
    lead = along - np.float32((t * 2 - 0.5) * far)
    lit_side = cv2.exp(np.clip(lead * np.float32(-1 / softness), -30, 30).astype(np.float32, copy=False))
    shade = 1 - np.float32(depth) / (1 + lit_side)
    return np.asarray(cv2.multiply(view, shade, dtype=cv2.CV_8U), np.uint8)


def rain(view: U8, random: np.random.Generator, streaks: int) -> U8:
    """Streaks in new places each look, and the dull contrast of a wet day."""
    wet = lit(view, 0.8, 1.0, 25)
    for _ in range(streaks):
        x, y, length = (int(v) for v in random.integers((0, -30, 15), (WIDTH, HEIGHT, 55)))
        cv2.line(wet, (x, y), (x + length // 6, y + length), int(random.integers(150, 235)), 1, cv2.LINE_AA)
    return wet


def drops(view: U8, seed: int, count: int) -> U8:
    """Drops that stay on the glass: each shows the scene small, blurred and upside down."""
    random = np.random.default_rng(seed)
    wet = view.copy()
    for _ in range(count):
        radius = int(random.integers(8, 42))
        x, y = int(random.integers(radius, WIDTH - radius)), int(random.integers(radius, HEIGHT - radius))
        part = wet[y - radius : y + radius, x - radius : x + radius]
        inside = cv2.GaussianBlur(cv2.flip(part, -1), (0, 0), radius / 4)
        disc = np.zeros(part.shape, np.uint8)
        cv2.circle(disc, (radius, radius), radius - 1, 255, -1, cv2.LINE_AA)
        cv2.copyTo(np.asarray(inside, np.uint8), disc, part)
    return wet


def fog(view: U8, thickness: float) -> U8:
    """Contrast left: ``1 - thickness`` in front (below), half of that behind (above)."""
    left = (1 - thickness) * (0.5 + 0.5 * _ROWS / HEIGHT)
    soft = cv2.GaussianBlur(view, (0, 0), 0.5 + thickness)
    return np.asarray(np.clip(soft * left + 185 * (1 - left), 0, 255), np.uint8)


def snow(view: U8, random: np.random.Generator, flakes: int, lying: float) -> U8:
    """Falling flakes, and lying snow that lifts and flattens what is dark below the middle of the view."""
    cover = np.clip((_ROWS - 120) / 240, 0, 1) * lying
    white = np.asarray(np.clip(view * (1 - cover) + 215 * cover, 0, 255), np.uint8)
    for x, y, size in zip(
        random.integers(0, WIDTH, flakes),
        random.integers(0, HEIGHT, flakes),
        random.integers(1, 5, flakes),
        strict=True,
    ):
        cv2.circle(white, (int(x), int(y)), int(size), 240, -1, cv2.LINE_AA)
    return white


def headlights(view: U8, t: float, night_view: bool) -> U8:
    """Two lamps come nearer and sweep across; their glare lifts everything."""
    x, y, size = 640 * (1.1 - 1.2 * t), 150 + 120 * t, 14 + 46 * t
    glare = np.zeros((HEIGHT // 4, WIDTH // 4), np.float32)
    for dx in (-2.2 * size, 2.2 * size):
        cv2.circle(glare, (int((x + dx) / 4), int(y / 4)), max(2, int(size / 4)), 255, -1)
    spread = cv2.GaussianBlur(glare, (0, 0), 22) * 2.4 + cv2.GaussianBlur(glare, (0, 0), 4)
    wide = cv2.resize(spread, (WIDTH, HEIGHT))
    gain = 0.75 if night_view else 0.9
    return np.asarray(np.clip(view * gain + wide + 12 * np.sin(np.pi * t), 0, 255), np.uint8)


def occluded(view: U8, texture: U8, share: float, left: float) -> U8:
    """Something with another clip's picture on it stands before ``share`` of the view, from ``left`` (pixels)."""
    height = min(1.0, share * 1.6 + 0.25) if share < 0.45 else 1.0
    width = share / height
    x0, x1 = round(left), round(left + width * WIDTH)
    y0 = HEIGHT - round(height * HEIGHT)
    hidden = view.copy()
    if x1 > 0 and x0 < WIDTH:
        piece = cv2.resize(texture, (x1 - x0, HEIGHT - y0))
        hidden[y0:, max(0, x0) : min(WIDTH, x1)] = piece[:, max(0, -x0) : max(0, -x0) + min(WIDTH, x1) - max(0, x0)]
    return hidden


def compressed(view: U8, quality: int) -> U8:
    """Blocks and lost detail, by JPEG at a very low quality."""
    _, data = cv2.imencode(".jpg", view, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def flash(view: U8) -> U8:
    """Lightning: for one look nearly everything is white."""
    return lit(view, 3.5, 0.8, 40)
