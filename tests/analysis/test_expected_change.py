"""The camera changes its own light: told ahead, that is no event; what happens under it is told afterwards."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from analysisstand import NS_PER_S, Paint, analyser, film, noisy

from edgecam.analysis.scene_health import PRECEDENCE
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture

pytestmark = pytest.mark.row("C8")
AT_S, SECONDS = 12.0, 40.0
SWITCH = AT_S - 0.6, AT_S + 4.6


def by_infrared(picture: Picture, at_s: float) -> None:
    """As a lamp and an open filter draw it: white for a moment, then grey, lit from the camera, and grainy."""
    rng = np.random.default_rng(round(10 * at_s))
    y, x = np.mgrid[0 : picture.height, 0 : picture.width]
    beam = np.exp(-((x - 320) ** 2 + (y - 200) ** 2) / (2 * 190.0**2))
    exposed = 250.0 * min(1.0, max(0.0, 4.4 - (at_s - AT_S)))
    lit = 90 * (picture.y / 255.0) ** 0.7 * (0.35 + 1.4 * beam) + 12 + exposed
    picture.y[:] = np.clip(lit, 0, 255).astype(np.uint8)
    picture.u[:] = picture.v[:] = 128
    noisy(picture, rng, 3.0)


def dusk_then_infrared(picture: Picture, at_s: float) -> None:
    if at_s >= AT_S:
        by_infrared(picture, at_s)
        return
    picture.y[:] = (picture.y * 0.6).astype(np.uint8)


def dawn(picture: Picture, at_s: float) -> None:
    if at_s < AT_S:
        by_infrared(picture, AT_S + 10 + at_s)
        return
    glare = max(0.0, 1.0 - (at_s - AT_S) / 2.0)
    picture.y[:] = np.clip(picture.y * (1 + 2 * glare), 0, 255).astype(np.uint8)


def lamp_off_for_three_seconds(picture: Picture, at_s: float) -> None:
    by_infrared(picture, AT_S + 10 + at_s)
    if AT_S <= at_s < AT_S + 3:
        picture.y[:] = picture.y // 8 + 12


def events(paint: Paint, *, told_ahead: bool, until_s: float = SWITCH[1]) -> list[Event]:
    looking, found = analyser(), []
    for frame in film(SECONDS, paint):
        at_s = frame.captured_mono_ns / NS_PER_S
        found += looking.observe(frame, expected_change=told_ahead and SWITCH[0] <= at_s < until_s)
    return [
        event for event in found + looking.close() if event.kind in PRECEDENCE or event.kind is EventKind.MOTION
    ]


@pytest.mark.parametrize(
    ("paint", "until_s"),
    [(dusk_then_infrared, SWITCH[1]), (dawn, SWITCH[1]), (lamp_off_for_three_seconds, SWITCH[1] + 3)],
)
def test_a_switch_that_was_told_ahead_is_no_event(paint: Paint, until_s: float) -> None:
    assert events(paint, told_ahead=True, until_s=until_s) == []


@pytest.mark.parametrize("paint", [dusk_then_infrared, lamp_off_for_three_seconds])
def test_the_same_switch_is_one_when_nobody_says_so(paint: Paint) -> None:
    assert events(paint, told_ahead=False)


def _veil(picture: Picture, at_s: float) -> None:
    grain = np.random.default_rng(round(10 * at_s)).integers(0, 3, picture.y.shape)
    picture.y[:] = cv2.blur(picture.y, (91, 91)) // 8 + 70 + grain
    picture.u[:] = picture.v[:] = 126


def covered_at_the_switch(picture: Picture, at_s: float) -> None:
    """Somebody puts a bag over the lens in the moment of the switch, and leaves it there."""
    dusk_then_infrared(picture, at_s)
    if at_s >= AT_S + 1:
        _veil(picture, at_s)


def test_what_is_covered_under_a_switch_is_told_right_after_it() -> None:
    told = [event for event in events(covered_at_the_switch, told_ahead=True) if event.revision == 0]
    assert [event.kind for event in told] == [EventKind.COVERED]


def test_what_was_covered_before_stays_so() -> None:
    def paint(picture: Picture, at_s: float) -> None:
        if at_s >= 6:
            _veil(picture, at_s)

    kept = events(paint, told_ahead=True)
    begun = [event for event in kept if event.revision == 0]
    assert [event.kind for event in begun] == [EventKind.COVERED]
    assert begun[0].start_wall_ns < kept[-1].start_wall_ns + NS_PER_S


def test_a_view_that_is_turned_away_is_told_even_then() -> None:
    """What is certain is not held back: the recorder itself says that the camera looks elsewhere."""
    from analysisstand import scene, small_frame

    from edgecam.core.aim import AimReading, AimState

    looking, found = analyser(), []
    for index in range(100):
        frame = small_frame(scene(), index / 5, index, private=index > 20)
        aim = AimReading(AimState.MOVED) if index > 20 else AimReading(AimState.STEADY)
        frame = type(frame)(frame.picture, frame.captured_mono_ns, frame.wall_ns, index, frame.private, aim)
        found += looking.observe(frame, expected_change=True)
    assert EventKind.MOVED in {event.kind for event in found}
