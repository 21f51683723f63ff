from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from analysisstand import PERSON_V, end_s, film, footage, footage_frames, small_frame, start_s, thing, told
from leftstand import judged

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.detector import LiteRtDetector
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.settings import AnalysisSettings
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame

pytestmark = pytest.mark.row("A3")
FALL = EventKind.FALL
RULE = "dwell_s = 2"
Shape = tuple[float, float, float, float, float]
"""A second, then the feet's x and y, the width and the height of the body; pixels."""
COMES: tuple[Shape, ...] = ((2, 0, 300, 44, 120), (6, 250, 300, 44, 120), (9, 330, 300, 44, 120))


def _acted(
    *shapes: Shape, seconds: float, chroma: Callable[[float], int] = lambda _: PERSON_V, bar: Shape | None = None
) -> Iterator[SmallFrame]:
    """Frames of one body that changes its place and size from shape to shape; ``bar`` is a mask over it."""
    times = [shape[0] for shape in shapes]

    def paint(picture: Picture, at_s: float) -> None:
        if times[0] <= at_s <= times[-1]:
            x, y, width, height = (float(np.interp(at_s, times, [s[i] for s in shapes])) for i in (1, 2, 3, 4))
            sway = 2 * round(1.5 * np.sin(4.1 * at_s))
            size = (int(width) // 2 * 2, int(height) // 2 * 2)
            thing(picture, x - width / 2 + sway, y - height, *size, 220, chroma(at_s))
        if bar is not None:
            _, x, y, width, height = bar
            rows, columns = slice(int(y - height), int(y)), slice(int(x - width / 2), int(x + width / 2))
            picture.y[rows, columns] = 32
            for plane in (picture.u, picture.v):
                plane[rows.start // 2 : rows.stop // 2, columns.start // 2 : columns.stop // 2] = 128

    return film(seconds, paint)


def _falls(at_s: float, y: float = 305) -> tuple[Shape, ...]:
    return ((at_s, 330, 300, 44, 120), (at_s + 0.8, 350, y, 120, 40))


def test_somebody_who_falls_and_stays_down_is_reported() -> None:
    (event,) = judged(_acted(*COMES, *_falls(10), (30, 350, 305, 120, 40), seconds=22), FALL, RULE)
    assert 10.0 <= start_s(event) <= 12.0
    assert "went down within" in event.reason
    assert event.box is not None
    assert event.box[2] - event.box[0] > event.box[3] - event.box[1]


def test_a_fall_is_seen_even_if_the_detector_loses_whoever_lies() -> None:
    frames = _acted(
        *COMES,
        *_falls(10),
        (30, 350, 305, 120, 40),
        seconds=22,
        chroma=lambda at_s: PERSON_V if at_s < 10.3 else 128,
    )
    (event,) = judged(frames, FALL, RULE)
    assert 10.0 <= start_s(event) <= 12.5


def test_it_is_over_when_they_are_up_again() -> None:
    rises: tuple[Shape, ...] = ((18, 350, 305, 120, 40), (19, 350, 300, 44, 120), (30, 350, 300, 44, 120))
    (event,) = judged(_acted(*COMES, *_falls(10), *rises, seconds=28), FALL, RULE)
    assert 18.0 <= end_s(event) <= 24.0


@pytest.mark.parametrize(
    "shapes",
    [
        pytest.param(((10, 330, 300, 44, 120), (11, 335, 300, 56, 84), (25, 335, 300, 56, 84)), id="sits down"),
        pytest.param(((10, 330, 300, 44, 120), (10.6, 335, 300, 54, 64), (20, 335, 300, 54, 64)), id="ties a shoe"),
        pytest.param(
            (
                (10, 330, 300, 44, 120),
                (10.6, 345, 300, 80, 70),
                (11.6, 345, 300, 80, 70),
                (12.2, 330, 300, 44, 120),
                (25, 330, 300, 44, 120),
            ),
            id="bends and rises",
        ),
        pytest.param(
            ((10, 330, 300, 44, 120), (13, 335, 300, 60, 80), (17, 340, 300, 120, 40), (25, 340, 300, 120, 40)),
            id="lies down slowly",
        ),
        pytest.param(
            ((10, 330, 300, 44, 120), (12, 330, 420, 44, 120), (13, 330, 480, 44, 120)), id="leaves below"
        ),
        pytest.param(((10, 330, 300, 44, 120), (14, 650, 300, 44, 120)), id="leaves sideways"),
    ],
)
def test_what_only_looks_like_a_fall_says_nothing(shapes: tuple[Shape, ...]) -> None:
    assert judged(_acted(*COMES, *shapes, seconds=25), FALL, RULE) == []


def test_somebody_who_walks_behind_a_mask_has_not_fallen() -> None:
    # The mask hides all but the legs from the chest down of whoever stands behind it.
    goes: tuple[Shape, ...] = ((10, 330, 300, 90, 120), (10.8, 460, 300, 90, 120), (25, 460, 300, 90, 120))
    bar: Shape = (0, 470, 256, 180, 110)
    wide = tuple((at_s, x, y, 90.0, height) for at_s, x, y, _, height in COMES)
    assert judged(_acted(*wide, *goes, seconds=25, bar=bar), FALL, RULE) == []


def test_a_bag_that_stays_where_somebody_was_is_nobody_who_fell() -> None:
    frames = _acted(
        *COMES,
        (10, 330, 300, 44, 120),
        (10.4, 330, 300, 50, 20),
        (25, 330, 300, 50, 20),
        seconds=22,
        chroma=lambda at_s: PERSON_V if at_s < 10.2 else 128,
    )
    assert judged(frames, FALL, RULE) == []


def _events(name: str, *, backwards: bool = False) -> list[Event]:
    cv2.setNumThreads(1)
    frames = list(footage_frames(footage(name)))
    if backwards:
        frames = [small_frame(one.picture, index / 5, index) for index, one in enumerate(reversed(frames))]
    size = (frames[0].picture.width, frames[0].picture.height)
    rules = decode_rules('[[rule]]\nkind = "fall"\ndwell_s = 2\n')
    events = told(Analyser(size, AnalysisSettings(), LiteRtDetector(), rules=rules), iter(frames))
    return [event for event in events if event.kind == FALL and event.revision == 0]


@pytest.mark.parametrize("name", ["urfall_a.mp4", "urfall_b.mp4"])
def test_real_falls_are_found_in_the_certifiers_window(name: str) -> None:
    (event,) = _events(name)
    truth = json.loads(footage(name).with_suffix(".truth.json").read_text())
    (fall,) = [one for one in truth["events"] if one["type"] == "fall"]
    assert fall["t0"] - 2 <= start_s(event) <= fall["t0"] + 8


@pytest.mark.row("A5")
@pytest.mark.parametrize(
    ("name", "backwards"),
    [
        ("vtest.avi", False),
        ("intel_one-by-one-person.mp4", False),
        ("simpletracking_night.mp4", False),
        ("urfall_a.mp4", True),
        ("urfall_b.mp4", True),
    ],
)
def test_people_who_walk_stand_and_get_up_have_not_fallen(name: str, backwards: bool) -> None:
    assert _events(name, backwards=backwards) == []
