"""Masks that follow a drift cover what they covered, and what came into view."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.aim import AimReading, AimState
from edgecam.masking.geometry import CELL, covered_cells
from edgecam.masking.realignment import MARGIN, NEAR, is_near, realigned

pytestmark = pytest.mark.row("M4")
WIDTH, HEIGHT = 1280, 720
HOUSE = [(0.4, 0.2), (0.7, 0.25), (0.65, 0.6), (0.42, 0.55)]
SHIFTS = st.floats(-0.02, 0.02)
DRIFTS = st.builds(
    lambda right, down, turned, zoom: AimReading(AimState.DRIFTED, right, down, turned, zoom),
    SHIFTS,
    SHIFTS,
    st.floats(-1.0, 1.0),
    st.floats(0.98, 1.02),
)


def went(x: float, y: float, drift: AimReading) -> tuple[float, float]:
    """Where a point of the scene (pixels) lies after ``drift``, by the definition of a similarity."""
    angle = np.deg2rad(drift.turned_deg)
    dx, dy = x - WIDTH / 2, y - HEIGHT / 2
    return (
        WIDTH / 2 + drift.right * WIDTH + drift.zoom * (dx * np.cos(angle) - dy * np.sin(angle)),
        HEIGHT / 2 + drift.down * WIDTH + drift.zoom * (dx * np.sin(angle) + dy * np.cos(angle)),
    )


@given(DRIFTS, st.floats(0, 1), st.floats(0, 1))
def test_what_was_covered_is_covered_where_it_is_now(drift: AimReading, across: float, down: float) -> None:
    """A point of the quadrilateral, told by how far it lies between its sides, and the margin around it."""
    cells = covered_cells([HOUSE], WIDTH, HEIGHT)
    now = realigned(cells, drift, WIDTH, HEIGHT)
    assert np.all(now[cells])
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = HOUSE
    top, bottom = (
        (ax + (bx - ax) * across, ay + (by - ay) * across),
        (dx + (cx - dx) * across, dy + (cy - dy) * across),
    )
    x, y = (top[0] + (bottom[0] - top[0]) * down) * WIDTH, (top[1] + (bottom[1] - top[1]) * down) * HEIGHT
    there = went(x, y, drift)
    for off_x, off_y in ((0, 0), (0.9, 0), (-0.9, 0), (0, 0.9), (0, -0.9)):
        column = int((there[0] + off_x * MARGIN * WIDTH) // CELL)
        row = int((there[1] + off_y * MARGIN * WIDTH) // CELL)
        assert now[row, column]


@given(DRIFTS)
def test_what_was_not_in_view_when_they_were_drawn_is_covered(drift: AimReading) -> None:
    now = realigned(np.zeros((HEIGHT // CELL, WIDTH // CELL), np.bool_), drift, WIDTH, HEIGHT)
    rows, columns = now.shape
    shown = ~now
    # Back to where each shown corner of a cell was: inside the picture that was drawn on.
    angle = np.deg2rad(drift.turned_deg)
    for row, column in zip(*np.nonzero(shown), strict=True):
        if row in (0, rows - 1) or column in (0, columns - 1) or (row + column) % 37 == 0:
            for x, y in ((column * CELL, row * CELL), ((column + 1) * CELL, (row + 1) * CELL)):
                dx = (x - WIDTH / 2 - drift.right * WIDTH) / drift.zoom
                dy = (y - HEIGHT / 2 - drift.down * WIDTH) / drift.zoom
                was_x = WIDTH / 2 + dx * np.cos(angle) + dy * np.sin(angle)
                was_y = HEIGHT / 2 - dx * np.sin(angle) + dy * np.cos(angle)
                assert -1 <= was_x <= WIDTH + 1
                assert -1 <= was_y <= HEIGHT + 1
    assert shown.mean() > 0.7


def test_near_is_nearer_than_the_margin() -> None:
    drift = AimReading(AimState.DRIFTED, 0.01, -0.004, 0.3, 1.002)
    assert NEAR < MARGIN
    assert is_near(drift, drift, 0.5625)
    assert is_near(drift, AimReading(AimState.DRIFTED, 0.014, -0.004, 0.3, 1.002), 0.5625)
    for other in (
        AimReading(AimState.DRIFTED, 0.018, -0.004, 0.3, 1.002),
        AimReading(AimState.DRIFTED, 0.01, 0.004, 0.3, 1.002),
        AimReading(AimState.DRIFTED, 0.01, -0.004, 0.9, 1.002),
        AimReading(AimState.DRIFTED, 0.01, -0.004, 0.3, 1.012),
    ):
        assert not is_near(drift, other, 0.5625)
