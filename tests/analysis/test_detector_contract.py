"""What every detector keeps, whatever runs it: the contract of `Detector`, on each runtime that is installed."""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from analysisstand import PERSON_V, ColourDetector, copied, footage, footage_frames, scene, thing

from edgecam.analysis.box import Box, overlap
from edgecam.analysis.detector import RUNTIMES, LiteRtDetector
from edgecam.analysis.modelfile import FLOAT_PATH, INT8_PATH
from edgecam.analysis.sighting import Detector
from edgecam.core.picture import Picture

INSTALLED = [name for name in RUNTIMES if importlib.util.find_spec(name)]
FILES = [path for path in (INT8_PATH, FLOAT_PATH) if path.is_file()]
MAKERS: dict[str, Callable[[], Detector]] = {"fake": ColourDetector}
for _name, _path in itertools.product(INSTALLED, FILES):
    MAKERS[f"{_name}-{_path.stem}"] = partial(LiteRtDetector, _path, runtime=_name)
CROPS = [Box(0, 0, 192, 192), Box(100, 60, 340, 300), Box(280, 0, 640, 360), Box(-30, 300, 50, 380)]


@pytest.fixture(scope="module", params=MAKERS)
def detector(request: pytest.FixtureRequest) -> Detector:
    return MAKERS[request.param]()


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    """Drawn, and real where there is footage."""
    drawn = scene()
    thing(drawn, 150, 100, 40, 110, 240, PERSON_V)
    try:
        frames = footage_frames(footage("vtest.avi"), looks_per_s=0.2)
    except pytest.skip.Exception:
        return [drawn]
    return [drawn, *(frame.picture for frame in itertools.islice(frames, 4))]


def test_there_is_a_runtime_to_try() -> None:
    assert INSTALLED


def test_sightings_are_sure_to_some_degree_and_lie_in_the_picture(
    detector: Detector, pictures: list[Picture]
) -> None:
    for picture in pictures:
        for one in detector.detect(picture, CROPS):
            assert 0 < one.score <= 1
            assert one.box.area > 0
            assert one.box.within(picture.width, picture.height) == pytest.approx(one.box, abs=1e-6)
            assert any(overlap(one.box, crop) > 0 for crop in CROPS)


def test_the_best_comes_first_and_no_object_twice(detector: Detector, pictures: list[Picture]) -> None:
    for picture in pictures:
        found = detector.detect(picture, CROPS)
        assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
        for a, b in itertools.combinations(found, 2):
            assert a.kind != b.kind or overlap(a.box, b.box) <= 0.45


def test_the_same_picture_gives_the_same_answer_and_is_not_changed(
    detector: Detector, pictures: list[Picture]
) -> None:
    for picture in pictures:
        before = copied(picture)
        assert detector.detect(picture, CROPS) == detector.detect(picture, CROPS)
        assert np.array_equal(before.buffer, picture.buffer)


def test_without_crops_nothing_is_seen(detector: Detector, pictures: list[Picture]) -> None:
    assert detector.detect(pictures[0], []) == []


@pytest.mark.parametrize("size", [(641, 361), (161, 121), (2, 2)])
def test_odd_and_tiny_pictures_and_crops_outside_do_not_fail(detector: Detector, size: tuple[int, int]) -> None:
    picture = Picture(*size)
    picture.buffer[:] = 90
    crops = [Box(-20, -20, 5, 5), Box(size[0] - 1, size[1] - 1, size[0] + 90, size[1] + 90)]
    assert detector.detect(picture, crops) == detector.detect(picture, crops)
