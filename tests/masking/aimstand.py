"""A drawn scene under a camera that can be turned, dimmed and covered, for the tests of the aim guard."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.core.picture import U8
from edgecam.masking.aimguard import Aim, AimGuard
from edgecam.masking.aimreference import AimReference, take_aim_reference
from edgecam.masking.fill import FILL_Y
from edgecam.masking.geometry import covered_cells, pixels_of

WIDTH, HEIGHT = 640, 360
LOOK_NS = 200_000_000
MASK_HASH = bytes(range(32))
MASKED = (((0.0, 0.0), (0.45, 0.0), (0.4, 0.2), (0.0, 0.25)), ((0.7, 0.6), (1.0, 0.5), (1.0, 1.0), (0.72, 1.0)))
COVERED = covered_cells(MASKED, WIDTH, HEIGHT)
NO_MASK = np.zeros_like(COVERED)


def street(seed: int = 4, blocks: int = 400) -> U8:
    """More of a drawn street than the camera sees: 1280x960, blocks of many sizes and greys."""
    rng = np.random.default_rng(seed)
    picture = np.tile(np.linspace(60, 170, 960)[:, None], (1, 1280)).astype(np.uint8)
    for _ in range(blocks):
        x, y, w, h, grey = (int(v) for v in rng.integers((0, 0, 8, 8, 40), (1270, 950, 90, 90, 210)))
        picture[y : y + h, x : x + w] = grey
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.2), np.uint8)


class DrawnCamera:
    """Gives masked looks of the street. Set ``dx``, ``dy`` (shares of the width) and the rest."""

    def __init__(self, seed: int = 4, covered: NDArray[np.bool_] = COVERED, blocks: int = 400) -> None:
        self._scene, self._random = street(seed, blocks), np.random.default_rng(seed)
        self._covered = covered
        self.dx = self.dy = self.roll_deg = 0.0
        self.zoom = self.gain = 1.0
        self.lens_covered = False
        self._thing: tuple[U8, int] | None = None
        self.looks = 0

    def put_before(self, share: float, seed: int = 77) -> None:
        """Something large stands before the left ``share`` of the view; 0: nothing."""
        width = round(share * WIDTH)
        self._thing = (street(seed)[:HEIGHT, :width], width) if width else None

    def look(self) -> U8:
        angle = np.deg2rad(self.roll_deg)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) / self.zoom
        centre = np.array([640 + self.dx * WIDTH, 480 + self.dy * WIDTH])
        matrix = np.column_stack([turn, centre - turn @ np.array([WIDTH / 2, HEIGHT / 2])])
        view = cv2.warpAffine(self._scene, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        if self._thing is not None:
            view[:, : self._thing[1]] = self._thing[0]
        lit = np.full(view.shape, 20.0) if self.lens_covered else view * self.gain
        noisy: U8 = np.clip(lit + self._random.normal(0, 2, view.shape), 0, 255).astype(np.uint8)
        pixels = pixels_of(self._covered, WIDTH, HEIGHT)
        noisy[pixels] = FILL_Y
        return noisy

    def looked_at(self, guard: AimGuard, seconds: float) -> list[Aim]:
        """The guard's judgements over ``seconds`` of looks."""
        return list(self._judged(guard, round(seconds * 5)))

    def _judged(self, guard: AimGuard, looks: int) -> Iterator[Aim]:
        for _ in range(looks):
            self.looks += 1
            yield guard.look(self.look(), self._covered, self.looks * LOOK_NS)

    def reference(self) -> AimReference:
        return take_aim_reference((self.look() for _ in range(20)), self._covered, MASK_HASH)


def guarded(seconds: float = 3.0) -> tuple[DrawnCamera, AimGuard]:
    """A camera whose aim was confirmed and has been steady for a while."""
    camera = DrawnCamera()
    guard = AimGuard(camera.reference())
    assert camera.looked_at(guard, seconds)[-1].trust
    return camera, guard
