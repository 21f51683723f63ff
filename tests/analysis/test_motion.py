from __future__ import annotations

import numpy as np
import pytest
from analysisstand import copied, footage, footage_frames, noisy, scene, thing

from edgecam.analysis.box import Box, share_inside
from edgecam.analysis.motion import MotionModel, Region
from edgecam.core.picture import Picture


def _settled(rng: np.random.Generator, picture: Picture, sigma: float = 1.5) -> MotionModel:
    model = MotionModel(picture.width, picture.height)
    for index in range(25):
        frame = copied(picture)
        noisy(frame, rng, sigma)
        assert model.observe(frame.y, 0.2 if index else 0.0) == []
    assert model.settled
    return model


def test_a_thing_that_comes_in_is_one_region_where_it_is() -> None:
    rng, still = np.random.default_rng(1), scene()
    model = _settled(rng, still)
    for index in range(8):
        frame = copied(still)
        thing(frame, 100 + 12 * index, 120, 40, 100, 240)
        noisy(frame, rng, 1.5)
        regions = model.observe(frame.y, 0.2)
        assert len(regions) == 1
        box = regions[0].box
        assert box.holds(120 + 12 * index, 170)
        assert box.width < 110
        assert regions[0].stir > 0.2
        assert model.changed_share(box) > 0.3


def test_a_thing_put_down_stays_a_region_but_no_longer_stirs() -> None:
    rng, still = np.random.default_rng(2), scene()
    model = _settled(rng, still)
    regions: list[Region] = []
    for _ in range(10):
        frame = copied(still)
        thing(frame, 300, 200, 50, 50, 245)
        noisy(frame, rng, 1.5)
        regions = model.observe(frame.y, 0.2)
    assert len(regions) == 1
    assert regions[0].stir < 0.05


def test_light_that_changes_everywhere_is_no_motion() -> None:
    rng, still = np.random.default_rng(3), scene()
    model = _settled(rng, still)
    for gain in (1.25, 0.7, 1.0, 0.55, 1.3):
        for _ in range(5):
            frame = copied(still)
            frame.y[:] = np.clip(frame.y * gain, 0, 255).astype(np.uint8)
            noisy(frame, rng, 1.5)
            assert model.observe(frame.y, 0.2) == []


def test_motion_is_still_seen_right_after_the_light_changed() -> None:
    rng, still = np.random.default_rng(4), scene()
    model = _settled(rng, still)
    seen = 0
    for index in range(5):
        frame = copied(still)
        thing(frame, 200 + 20 * index, 100, 40, 100, 235)
        frame.y[:] = (frame.y * 0.7).astype(np.uint8)
        regions = model.observe(frame.y, 0.2)
        seen += any(region.box.holds(220 + 20 * index, 150) for region in regions)
    assert seen >= 4


def test_pixels_that_always_flicker_fall_silent() -> None:
    rng, still = np.random.default_rng(5), scene()
    model = MotionModel(640, 360)
    counts = []
    for _ in range(120):
        frame = copied(still)
        leaves = frame.y[40:200, 60:300]
        leaves[:] = np.clip(leaves + rng.normal(0, 25, leaves.shape), 0, 255).astype(np.uint8)
        counts.append(len(model.observe(frame.y, 0.2)))
    assert sum(counts[-40:]) == 0


def test_what_is_masked_is_silent() -> None:
    rng, still = np.random.default_rng(6), scene()
    model = MotionModel(640, 360)
    for index in range(60):
        frame = copied(still)
        thing(frame, 100 + 5 * index, 100, 40, 100, 240)
        noisy(frame, rng, 1.5)
        frame.y[80:240] = 32
        assert model.observe(frame.y, 0.2) == []


def test_the_rate_does_not_matter() -> None:
    still = scene()
    for fps in (2, 30):
        rng = np.random.default_rng(7)
        model = MotionModel(640, 360)
        regions: list[Region] = []
        for index in range(10 * fps):
            frame = copied(still)
            if index > 8 * fps:
                thing(frame, 100 + 60 * (index / fps - 8), 120, 40, 100, 240)
            noisy(frame, rng, 1.5)
            regions = model.observe(frame.y, 1 / fps)
            assert index > 8 * fps or regions == []
        assert len(regions) >= 1, fps


def test_leaves_of_a_real_tree_make_no_large_region() -> None:
    model = None
    largest_leaves, largest_hand = 0.0, 0.0
    for frame in footage_frames(footage("tree.avi"), looks_per_s=15):
        model = model or MotionModel(frame.picture.width, frame.picture.height)
        area = sum(region.area for region in model.observe(frame.picture.y, 1 / 15))
        if frame.sequence <= 50:
            largest_leaves = max(largest_leaves, area)
        if frame.sequence >= 56:
            largest_hand = max(largest_hand, area)
    assert largest_leaves < 0.015
    assert largest_hand > 0.1


def test_a_region_lies_around_its_changed_pixels() -> None:
    rng, still = np.random.default_rng(8), scene()
    model = _settled(rng, still)
    frame = copied(still)
    thing(frame, 400, 100, 40, 100, 245)
    (region,) = model.observe(frame.y, 0.2)
    inner = region.box.within(640, 360)
    assert share_inside(inner, region.box) == 1.0
    assert 0.0005 < region.area < 0.05


@pytest.mark.row("A5")
def test_the_same_shapes_in_another_light_are_not_new_and_a_thing_is() -> None:
    rng, still, place = np.random.default_rng(9), scene(), Box(200, 100, 300, 220)
    model = _settled(rng, still)
    lit, taken = copied(still), copied(still)
    lit.y[60:260, 150:400] = np.clip(lit.y[60:260, 150:400] * 0.55, 0, 255).astype(np.uint8)
    thing(taken, 200, 100, 100, 120, 240)
    model.observe(lit.y, 0.2)
    assert model.changed_share(place) > 0.5
    assert model.newness(place) == 0.0
    model.observe(taken.y, 0.2)
    assert model.newness(place) == model.changed_share(place) > 0.5


def test_where_nothing_has_a_shape_light_cannot_be_told_from_a_thing() -> None:
    rng, wall = np.random.default_rng(10), Picture(640, 360)
    wall.y[:], wall.u[:], wall.v[:] = 120, 128, 128
    model = _settled(rng, wall, sigma=1.0)
    lit, place = copied(wall), Box(200, 100, 300, 220)
    lit.y[100:220, 200:300] = 60
    model.observe(lit.y, 0.2)
    assert model.newness(place) == model.changed_share(place) > 0.5
