from __future__ import annotations

import numpy as np
import pytest

from edgecam.analysis.backgrounds import TwoBackgrounds
from edgecam.core.picture import U8

pytestmark = pytest.mark.row("A3")
SHAPE = (90, 160)


def _street(rng: np.random.Generator, change: int = 0, gain: float = 1.0) -> U8:
    """A gradient with noise; ``change`` grey levels brighter in a square of 20 pixels."""
    luma = np.tile(np.linspace(60, 140, SHAPE[1]), (SHAPE[0], 1))
    luma[40:60, 60:80] += change
    return np.clip(np.rint(luma * gain + rng.normal(0, 1.5, SHAPE)), 0, 255).astype(np.uint8)


def _learned(rng: np.random.Generator, seconds: float = 10) -> TwoBackgrounds:
    grounds = TwoBackgrounds(SHAPE)
    for index in range(int(seconds * 5)):
        grounds.observe(_street(rng), 0.2 if index else 0.0)
    return grounds


def test_what_differs_and_is_still_is_counted_and_not_learned() -> None:
    rng = np.random.default_rng(1)
    grounds = _learned(rng)
    for _ in range(300):
        grounds.observe(_street(rng, change=60), 0.2)
    assert grounds.differs[45:55, 65:75].min() == 255
    assert 55 < float(np.median(grounds.still_s[45:55, 65:75])) <= 60
    assert float(grounds.long[50, 70]) == pytest.approx(60 + 80 * 70 / 159, abs=6)
    assert not grounds.differs[:30].any()
    assert float(np.median(grounds.known_s[:30])) > 60


def test_what_is_absorbed_is_the_scene_from_then_on() -> None:
    rng = np.random.default_rng(2)
    grounds = _learned(rng)
    for _ in range(25):
        grounds.observe(_street(rng, change=60), 0.2)
    grounds.absorb(np.full((28, 28), 255, np.uint8), 56, 36)
    grounds.observe(_street(rng, change=60), 0.2)
    assert not grounds.differs.any()
    assert float(grounds.known_s[50, 70]) < 1


def test_what_never_rests_is_not_still() -> None:
    rng = np.random.default_rng(3)
    grounds = _learned(rng)
    for index in range(60):
        grounds.observe(_street(rng, change=90 if index % 3 else 0), 0.2)
        assert float(grounds.still_s.max()) < 1.5


@pytest.mark.parametrize("gain", [0.6, 0.8, 1.3])
def test_another_light_is_no_difference(gain: float) -> None:
    rng = np.random.default_rng(4)
    grounds = _learned(rng)
    for _ in range(10):
        grounds.observe(_street(rng, gain=gain), 0.2)
        assert np.count_nonzero(grounds.differs) == 0
    grounds.observe(_street(rng, change=80, gain=gain), 0.2)
    for _ in range(5):
        grounds.observe(_street(rng, change=80, gain=gain), 0.2)
    assert grounds.differs[45:55, 65:75].min() == 255


def test_when_everything_changes_at_once_all_is_learned_anew() -> None:
    rng = np.random.default_rng(5)
    grounds = _learned(rng)
    relit = False
    for _ in range(8):
        luma = np.where(np.arange(SHAPE[1]) % 40 < 20, 30, 220) + rng.normal(0, 1.5, SHAPE)
        grounds.observe(luma.astype(np.uint8), 0.2)
        relit |= grounds.relit
    assert relit
    assert not grounds.differs.any()


def test_after_forgetting_the_first_look_is_the_scene() -> None:
    rng = np.random.default_rng(6)
    grounds = _learned(rng)
    grounds.forget()
    grounds.observe(_street(rng, change=60), 0.2)
    assert np.array_equal(grounds.long, grounds.now)
    assert not grounds.relit
    grounds.observe(_street(rng, change=60), 0.2)
    assert not grounds.differs.any()
