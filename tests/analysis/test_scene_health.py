from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from analysisstand import Paint, analyser, end_s, film, of_kind, shifted, start_s, thing, told

from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture

FROM_S, UNTIL_S, SECONDS = 8.0, 18.0, 24.0
Change = Callable[[Picture], None]


def _during(change: Change) -> Paint:
    def paint(picture: Picture, at_s: float) -> None:
        if FROM_S <= at_s < UNTIL_S:
            change(picture)

    return paint


def _scene_events(paint: Paint, fps: float = 5.0) -> list[Event]:
    events = told(analyser(), film(SECONDS, paint, fps=fps))
    return of_kind(events, EventKind.COVERED, EventKind.MOVED)


def _veil(level: int, share: float = 1.0) -> Change:
    def change(picture: Picture) -> None:
        rows = int(picture.height * share)
        picture.y[:rows] = cv2.blur(picture.y[:rows], (91, 91)) // 8 + level
        picture.u[: rows // 2] = picture.v[: rows // 2] = 126

    return change


def _flat(picture: Picture) -> None:
    picture.y[:], picture.u[:], picture.v[:] = 20, 126, 126


@pytest.mark.row("A1")
@pytest.mark.parametrize("change", [_veil(10), _veil(120), _veil(60, 0.85), _flat])
def test_a_covered_lens_is_reported_and_its_end_too(change: Change) -> None:
    (event,) = _scene_events(_during(change))
    assert event.kind == EventKind.COVERED
    assert FROM_S - 0.5 <= start_s(event) <= FROM_S + 1.0
    assert UNTIL_S <= end_s(event) <= UNTIL_S + 3.0
    assert "covered" in event.reason


@pytest.mark.row("A1")
@pytest.mark.parametrize("fps", [2.0, 15.0])
def test_covering_is_reported_at_any_frame_rate(fps: float) -> None:
    (event,) = _scene_events(_during(_veil(30)), fps)
    assert event.kind == EventKind.COVERED


def test_half_a_veil_is_no_cover() -> None:
    assert _scene_events(_during(_veil(60, 0.4))) == []


@pytest.mark.row("A1")
@pytest.mark.parametrize(("dx", "dy"), [(32, 0), (-32, 0), (14, 10), (0, -20)])
def test_a_shifted_view_is_reported_until_it_is_back(dx: int, dy: int) -> None:
    (event,) = _scene_events(_during(lambda picture: shifted(picture, dx, dy)))
    assert event.kind == EventKind.MOVED
    assert FROM_S - 0.5 <= start_s(event) <= FROM_S + 2.5
    assert UNTIL_S <= end_s(event) <= UNTIL_S + 4.0
    assert "moved" in event.reason


@pytest.mark.row("A1")
def test_a_camera_turned_to_another_scene_is_reported() -> None:
    def turned(picture: Picture, at_s: float) -> None:
        if at_s >= FROM_S:
            picture.y[:] = picture.y[::-1, ::-1].copy()

    (event,) = _scene_events(turned)
    assert event.kind == EventKind.MOVED
    assert "another scene" in event.reason


def test_a_moved_camera_learns_its_new_view_and_the_event_ends() -> None:
    def turned(picture: Picture, at_s: float) -> None:
        if at_s >= FROM_S:
            shifted(picture, 40, 0)

    (event,) = of_kind(told(analyser(), film(90, turned)), EventKind.COVERED, EventKind.MOVED)
    assert 60 <= end_s(event) - start_s(event) <= 70


def test_light_and_weather_are_no_scene_event() -> None:
    def brighter(picture: Picture) -> None:
        picture.y[:] = np.clip(picture.y * 1.4, 0, 255).astype(np.uint8)

    def darker(picture: Picture) -> None:
        picture.y[:] = (picture.y * 0.4).astype(np.uint8)

    def grainy(picture: Picture) -> None:
        rng = np.random.default_rng(int(picture.y[0, 0]))
        picture.y[:] = np.clip(picture.y + rng.normal(0, 8, picture.y.shape), 0, 255).astype(np.uint8)

    for change in (brighter, darker, grainy):
        assert _scene_events(_during(change)) == [], change.__name__


def test_a_shaking_mast_is_no_moved_camera() -> None:
    def shaking(picture: Picture, at_s: float) -> None:
        shifted(picture, round(3 * np.sin(9 * at_s)), round(2 * np.cos(7 * at_s)))

    assert _scene_events(shaking) == []


def test_people_and_lorries_are_no_scene_event() -> None:
    def traffic(picture: Picture, at_s: float) -> None:
        thing(picture, 30 * at_s - 60, 60, 40, 110, 245)
        thing(picture, 700 - 80 * ((at_s - 8) % 14), 120, 260, 200, 40)

    assert _scene_events(traffic) == []


def test_masks_are_left_out_of_the_judgement() -> None:
    def masked(paint: Paint) -> Paint:
        def both(picture: Picture, at_s: float) -> None:
            paint(picture, at_s)
            picture.y[:, :280], picture.u[:, :140], picture.v[:, :140] = 32, 128, 128

        return both

    (moved,) = _scene_events(masked(_during(lambda picture: shifted(picture, 32, 0))))
    assert moved.kind == EventKind.MOVED
    (covered,) = _scene_events(masked(_during(_veil(60))))
    assert covered.kind == EventKind.COVERED
    assert _scene_events(masked(lambda picture, at_s: None)) == []


def test_a_new_mask_is_no_event_at_all() -> None:
    def later_masked(picture: Picture, at_s: float) -> None:
        if at_s >= FROM_S:
            picture.y[100:300, :400], picture.u[50:150, :200], picture.v[50:150, :200] = 32, 128, 128

    assert told(analyser(), film(SECONDS, later_masked)) == []


def test_a_private_stretch_ends_what_was_open_and_nothing_is_made_of_it() -> None:
    def paint(picture: Picture, at_s: float) -> None:
        if at_s >= 10:
            _veil(30)(picture)
        if 14 <= at_s < 24:
            picture.y[:], picture.u[:], picture.v[:] = 32, 128, 128

    def frames() -> Iterator[Event]:
        looking = analyser()
        for frame in film(40, paint, private=lambda at_s: 14 <= at_s < 24):
            yield from looking.observe(frame)

    events = list(frames())
    assert [(event.kind, event.revision) for event in events] == [(EventKind.COVERED, 0), (EventKind.COVERED, 1)]
    assert end_s(events[1]) == pytest.approx(13.8)
