from __future__ import annotations

import hashlib

import numpy as np
import pytest

from edgecam.capture.scene import SceneSource
from edgecam.capture.scenestage import Stage
from edgecam.capture.uri import SCENES, SceneUri
from edgecam.core.clock import SystemClock
from edgecam.core.errors import BadInput
from edgecam.core.frames import RawFrame
from edgecam.core.picture import Picture

SIZE = (640, 360)


def scene(name: str = "street", seed: int = 7, size: tuple[int, int] = SIZE) -> SceneSource:
    uri = SceneUri(name, seed=seed, realtime=False)
    return SceneSource(uri, width=size[0], height=size[1], fps=15, pictures=3, clock=SystemClock())


def drawn(stage: Stage, t_s: float) -> Picture:
    picture = Picture(*SIZE)
    stage.draw(picture, t_s)
    return picture


def fingerprints(source: SceneSource, count: int) -> list[str]:
    source.open()
    found: list[str] = []

    def take(raw: RawFrame) -> None:
        found.append(hashlib.sha256(raw.picture.buffer.data).hexdigest())
        raw.release()

    source.run(take, lambda: len(found) >= count)
    return found


@pytest.mark.parametrize("name", SCENES)
def test_the_same_seed_draws_the_same_pixels(name: str) -> None:
    once = fingerprints(scene(name), 30)
    assert once == fingerprints(scene(name), 30)
    assert len(set(once)) == 30


def test_another_seed_brings_other_people() -> None:
    first, second = (scene(seed=seed) for seed in (7, 8))
    assert [first.truth_at(t) for t in range(300)] != [second.truth_at(t) for t in range(300)]


def quiet(picture: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Luma in means of 4 by 4 pixels: what is left is no noise."""
    means: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = picture.y.reshape(90, 4, 160, 4).mean(axis=(1, 3))
    return means


@pytest.mark.parametrize("name", SCENES)
def test_where_the_truth_says_somebody_is_the_picture_changes(name: str) -> None:
    source, stage = scene(name), Stage(name, 7, *SIZE)
    empty = next(t / 2 for t in range(4, 400) if not stage.cast.at(t / 2))
    background = quiet(drawn(stage, empty))
    checked = set()
    for turn in range(200):
        t_s = turn * 0.7
        truth = source.truth_at(t_s)
        change = np.abs(quiet(drawn(stage, t_s)) - background) if truth else background
        for seen in truth:
            x0, y0, x1, y1 = seen.box
            box = change[round(y0 * 90) : round(y1 * 90), round(x0 * 160) : round(x1 * 160) + 1]
            # Whoever is half behind the edge, in the dark, still changes a tenth of the box.
            assert (box > 4).mean() > 0.1, (t_s, seen)
            checked.add(seen.kind)
        if name != "rain" and not stage.cast.at(t_s):
            ground = np.abs(quiet(drawn(stage, t_s)) - background)[60:]
            assert (ground > 5).mean() < 0.02, t_s
    assert checked == {"person", "vehicle"}


def test_there_are_people_soon_and_quiet_moments_too() -> None:
    source = scene()
    kinds = {seen.kind for t in range(20) for seen in source.truth_at(t)}
    assert kinds == {"person", "vehicle"}
    assert any(not source.truth_at(t) for t in range(60))


def test_boxes_lie_inside_the_picture_and_tracks_are_one_thing_each() -> None:
    source = scene()
    kinds: dict[int, str] = {}
    for turn in range(3000):
        truth = source.truth_at(turn / 5)
        assert len({seen.track for seen in truth}) == len(truth)
        for seen in truth:
            x0, y0, x1, y1 = seen.box
            assert 0 <= x0 < x1 <= 1
            assert 0 <= y0 < y1 <= 1
            assert kinds.setdefault(seen.track, seen.kind) == seen.kind
    assert len(kinds) > 30


@pytest.mark.parametrize("size", [(64, 64), (321, 181), (360, 640), (1920, 1080)])
def test_every_size_can_be_drawn(size: tuple[int, int]) -> None:
    source = scene(size=size)
    source_format = source.open()
    assert (source_format.width, source_format.height) == (size[0] & ~1, size[1] & ~1)
    assert len(fingerprints(source, 2)) == 2


@pytest.mark.parametrize("size", [(20, 20), (9000, 100)])
def test_absurd_sizes_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(BadInput, match="64 to 4096"):
        scene(size=size).open()
