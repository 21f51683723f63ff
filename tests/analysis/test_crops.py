from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.analysis.box import Box, share_inside
from edgecam.analysis.crops import CropPlanner, merged
from edgecam.analysis.motion import Region

WIDTH, HEIGHT = 640, 360
BOXES = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    st.integers(0, 600),
    st.integers(0, 330),
    st.integers(2, 400),
    st.integers(2, 300),
).map(lambda box: box.within(WIDTH, HEIGHT))


@given(st.lists(BOXES, max_size=12), st.lists(BOXES, max_size=12))
def test_crops_lie_in_the_picture_and_hold_what_they_were_made_for(urgent: list[Box], due: list[Box]) -> None:
    crops = CropPlanner(WIDTH, HEIGHT, 6.0, 4).plan(1.0, 0.2, urgent, [], due)
    assert len(crops) <= 4
    assert bool(crops) == bool(urgent or due)
    for crop in crops:
        assert crop.within(WIDTH, HEIGHT) == crop
        assert crop.width >= 0.125 * WIDTH - 1e-6
    if crops:
        assert share_inside([*urgent, *due][0], crops[0]) > 0.99


def test_the_budget_holds_over_time() -> None:
    planner = CropPlanner(WIDTH, HEIGHT, 6.0, 4)
    corners = [Box(x, y, x + 20, y + 40) for x in (10, 300, 600) for y in (10, 300)]
    used = sum(len(planner.plan(0.2 * look, 0.2, corners, [], [])) for look in range(100))
    assert 110 <= used <= 20 * 6 + 6


def test_motion_in_which_nothing_is_found_is_left_alone() -> None:
    planner = CropPlanner(WIDTH, HEIGHT, 6.0, 4)
    bush = [Region(Box(100, 100, 160, 180), 0.01, 0.5)]
    used = 0
    for look in range(150):
        now_s = 0.2 * look
        crops = planner.plan(now_s, 0.2, [], bush, [])
        planner.judge(now_s, crops, bush, [])
        used += len(crops)
    assert 3 <= used <= 15


def test_a_place_where_something_was_found_is_looked_at_every_time() -> None:
    planner = CropPlanner(WIDTH, HEIGHT, 6.0, 4)
    gate = [Region(Box(100, 100, 160, 180), 0.01, 0.5)]
    used = 0
    for look in range(50):
        crops = planner.plan(0.2 * look, 0.2, [], gate, [])
        planner.judge(0.2 * look, crops, gate, [Box(105, 105, 150, 175)])
        used += len(crops)
    assert used == 50


def test_near_regions_become_one() -> None:
    head, legs = Region(Box(100, 100, 120, 120), 0.01, 1.0), Region(Box(98, 130, 122, 180), 0.03, 0.0)
    far = Region(Box(500, 100, 520, 120), 0.01, 0.5)
    whole = merged([head, legs, far], 16)
    assert [region.box for region in whole] == [Box(98, 100, 122, 180), far.box]
    assert whole[0].stir == 0.25


@pytest.mark.row("A2")
@pytest.mark.parametrize(("height", "side"), [(16, 80), (24, 96), (40, 160), (60, 192), (130, 192), (160, 256)])
def test_a_small_object_gets_a_small_crop_that_the_network_enlarges(height: int, side: float) -> None:
    box = Box(300, 100, 300 + height // 3, 100 + height)
    (crop,) = CropPlanner(WIDTH, HEIGHT, 6.0, 4).plan(1.0, 0.2, [box], [], [])
    assert crop.width == crop.height == side


def test_a_large_crop_does_not_serve_something_small_inside_it() -> None:
    near, far = Box(250, 90, 350, 250), Box(290, 150, 298, 170)
    crops = CropPlanner(WIDTH, HEIGHT, 6.0, 4).plan(1.0, 0.2, [near, far], [], [])
    assert [crop.width for crop in crops] == [256, 80]


def test_small_motion_is_looked_at_from_afar_and_then_closely() -> None:
    planner = CropPlanner(WIDTH, HEIGHT, 6.0, 4)
    dot = [Region(Box(300, 100, 308, 120), 0.001, 0.5)]
    widths = []
    for look in range(40):
        crops = planner.plan(0.2 * look, 0.2, [], dot, [])
        planner.judge(0.2 * look, crops, dot, [])
        widths += [crop.width for crop in crops]
    assert widths[:4] == [192, 80, 192, 80]


def test_where_motion_is_everywhere_each_place_has_its_turn() -> None:
    planner = CropPlanner(WIDTH, HEIGHT, 5.0, 1)
    places = [Region(Box(x, y, x + 60, y + 50), 0.01, 0.5) for x in (5, 290, 570) for y in (5, 300)]
    seen = []
    for look in range(6):
        crops = planner.plan(0.2 * look, 0.2, [], places, [])
        planner.judge(0.2 * look, crops, places, [region.box for region in places])
        seen += crops
    assert len({crop for crop in seen}) == 6
