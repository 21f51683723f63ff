from __future__ import annotations

import numpy as np
import pytest

from edgecam.analysis.edges import EdgePicture
from edgecam.analysis.relief import SHOWS, Relief
from edgecam.core.picture import U8, Picture

pytestmark = pytest.mark.row("A1")
FILL = (32, 128, 128)
SHAPE = (90, 160)
EVERYWHERE = np.ones((9, 16), np.bool_)


class Eye:
    """Learns a scene of faint texture, then adds up looks at whatever it is shown."""

    def __init__(self, masked: bool = False) -> None:
        self.random = np.random.default_rng(5)
        self.scene = np.repeat(np.repeat(self.random.normal(110, 5, (18, 32)), 5, 0), 5, 1)
        self.edges, self.relief, self._masked = EdgePicture(*SHAPE[::-1], FILL), Relief((160, 90)), masked
        for _ in range(30):
            self.look(self.scene, 1.0)
            self.relief.learn(self.edges, 0.2)

    def look(self, luma: np.ndarray[tuple[int, int], np.dtype[np.float64]], noise: float) -> None:
        picture = Picture(*SHAPE[::-1])
        view: U8 = np.clip(luma + self.random.normal(0, noise, SHAPE), 40, 235).astype(np.uint8)
        picture.y[:], picture.u[:], picture.v[:] = view, 128, 128
        if self._masked:
            picture.y[:40] = FILL[0]
        self.edges.take(picture, picture.y.copy(), np.full(SHAPE, 255, np.uint8))

    def shown(self, luma: np.ndarray[tuple[int, int], np.dtype[np.float64]], noise: float) -> float:
        for _ in range(6):
            assert not self.relief.decided
            self.look(luma, noise)
            self.relief.add(self.edges)
        assert self.relief.decided
        return self.relief.shown(self.edges, EVERYWHERE & self.edges.seen)


@pytest.mark.parametrize("masked", [False, True])
def test_a_scene_that_noise_drowns_shows_once_looks_are_added_up(masked: bool) -> None:
    eye = Eye(masked)
    assert eye.shown(60 + 0.4 * (eye.scene - 110), 6.0) > 2 * SHOWS


@pytest.mark.parametrize("masked", [False, True])
def test_under_a_cover_nothing_does_however_light_leaks_past_it(masked: bool) -> None:
    leak = 60 + 40 * np.linspace(0, 1, SHAPE[1])[None, :] * np.ones(SHAPE)
    assert abs(Eye(masked).shown(leak, 6.0)) < SHOWS / 2


def test_what_was_there_before_drops_out_after_six_looks() -> None:
    eye = Eye()
    eye.shown(eye.scene, 1.0)
    for _ in range(6):
        eye.look(np.full(SHAPE, 50.0), 2.0)
        eye.relief.add(eye.edges)
    assert abs(eye.relief.shown(eye.edges, EVERYWHERE)) < SHOWS / 2
