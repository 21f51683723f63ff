"""How a field lies on a reference: what moved is found, what only stands before it is not taken for a movement."""

from __future__ import annotations

import numpy as np
import pytest
from aimstand import COVERED, HEIGHT, WIDTH, DrawnCamera

from edgecam.masking.aimfield import EdgeField
from edgecam.masking.aimmatch import AimMatch, Match

CERTAIN = 0.008


class Bare:
    """A camera before a view with little in it, where a few regions decide."""

    def __init__(self, seed: int) -> None:
        self.camera = DrawnCamera(seed, blocks=60)
        self._match = AimMatch(self.camera.reference().anchor)
        self._field = EdgeField(WIDTH, HEIGHT)

    def seen(self) -> Match:
        for _ in range(3):
            self._field.take(self.camera.look(), COVERED)
        return self._match.compare(self._field.take(self.camera.look(), COVERED))


@pytest.mark.row("M4")
@pytest.mark.parametrize("share", [0.35, 0.45, 0.5])
def test_a_thing_before_half_of_a_bare_view_is_no_movement(share: float) -> None:
    for seed in range(40):
        bare = Bare(seed)
        bare.camera.put_before(share, seed=1000 + seed)
        match = bare.seen()
        assert match.off is None or match.off_least < CERTAIN, f"scene {seed}: {match}"
        assert match.stayed > 0.1


@pytest.mark.row("M4")
def test_a_movement_of_a_bare_view_is_found() -> None:
    found = []
    for seed in range(20):
        bare = Bare(seed)
        bare.camera.dx = 0.02
        match = bare.seen()
        found.append(match.off is not None and match.off_least >= CERTAIN and abs(match.off.dx + 0.02) < 0.006)
    assert np.mean(found) >= 0.9


@pytest.mark.row("M4")
def test_cells_tell_whether_they_stayed() -> None:
    bare = Bare(3)
    assert bare.seen().stayed > 0.8
    bare.camera.dx = 0.2
    assert bare.seen().stayed < 0.25
