from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest
from analysisstand import Paint, analyser, copied, end_s, film, latest, of_kind, shifted, start_s, thing, told

from edgecam.analysis.scene_health import PRECEDENCE
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame

FROM_S, UNTIL_S, SECONDS = 8.0, 18.0, 24.0
Change = Callable[[Picture], None]


def _during(change: Change) -> Paint:
    def paint(picture: Picture, at_s: float) -> None:
        if FROM_S <= at_s < UNTIL_S:
            change(picture)

    return paint


def _scene_events(paint: Paint, fps: float = 5.0) -> list[Event]:
    events = told(analyser(), film(SECONDS, paint, fps=fps))
    return of_kind(events, *PRECEDENCE)


def _told_after_s(paint: Paint, fps: float = 5.0) -> float:
    """How long after `FROM_S` the first event of scene health was told."""
    looking = analyser()
    for frame in film(SECONDS, paint, fps=fps):
        if any(event.kind in PRECEDENCE for event in looking.observe(frame)):
            return frame.captured_mono_ns / 1e9 - FROM_S
    raise AssertionError("nothing was told")


def _veil(level: int, share: float = 1.0) -> Change:
    def change(picture: Picture) -> None:
        rows = int(picture.height * share)
        grain = np.random.default_rng(int(picture.y[0, 0]) + int(picture.y[5, 9])).integers(
            0, 3, (rows, picture.width)
        )
        picture.y[:rows] = cv2.blur(picture.y[:rows], (91, 91)) // 8 + level + grain
        picture.u[: rows // 2] = picture.v[: rows // 2] = 126

    return change


def _sprayed(picture: Picture) -> None:
    """Paint in soft blobs over half of the view; the scene goes on between them."""
    random = np.random.default_rng(3)
    field = cv2.GaussianBlur(random.normal(0, 1, picture.y.shape).astype(np.float32), (0, 0), 50)
    thick = 0.95 / (1 + np.exp(-8 * (field / field.std() - 0.0)))
    picture.y[:] = np.clip(picture.y * (1 - thick) + 60 * thick, 0, 255).astype(np.uint8)


def _taped(picture: Picture) -> None:
    random = np.random.default_rng(int(picture.y[0, 0]) + int(picture.y[5, 9]))
    picture.y[:] = random.normal(18, 2, picture.y.shape).astype(np.uint8)


def _blurred(sigma: float) -> Change:
    def change(picture: Picture) -> None:
        random = np.random.default_rng(int(picture.y[0, 0]) + int(picture.y[5, 9]))
        soft = cv2.GaussianBlur(picture.y, (0, 0), sigma) + random.normal(0, 1, picture.y.shape)
        picture.y[:] = np.clip(np.rint(soft), 0, 255).astype(np.uint8)

    return change


def _dazzled(picture: Picture) -> None:
    rows, columns = np.mgrid[0 : picture.height, 0 : picture.width]
    far = np.hypot(columns - 320, rows - 170)
    light = 400 * np.exp(-((far / 170) ** 2)) + 120 * np.exp(-far / 250)
    picture.y[:] = np.clip(picture.y * 0.3 + light, 0, 235).astype(np.uint8)


def _dim(picture: Picture) -> None:
    random = np.random.default_rng(int(picture.y[0, 0]) + int(picture.y[5, 9]))
    picture.y[:] = np.clip(16 + 0.03 * picture.y + random.normal(0, 2, picture.y.shape), 0, 255).astype(np.uint8)


def _plain(y: int, u: int, v: int) -> Change:
    def change(picture: Picture) -> None:
        picture.y[:], picture.u[:], picture.v[:] = y, u, v

    return change


def _bars(picture: Picture) -> None:
    for number, (y, u, v) in enumerate(
        [(180, 128, 128), (162, 44, 142), (131, 156, 44), (84, 184, 198), (35, 212, 114)]
    ):
        picture.y[:, 128 * number :], picture.u[:, 64 * number :], picture.v[:, 64 * number :] = y, u, v


def _stuck() -> Change:
    kept: list[Picture] = []

    def change(picture: Picture) -> None:
        kept.append(copied(picture))
        picture.buffer[:] = kept[0].buffer

    return change


CASES = {
    "veil, dark": (_veil(34), EventKind.COVERED),
    "black tape": (_taped, EventKind.COVERED),
    "veil, grey": (_veil(120), EventKind.COVERED),
    "veil over most": (_veil(60, 0.85), EventKind.COVERED),
    "spray": (_sprayed, EventKind.COVERED),
    "a little out of focus": (_blurred(4), EventKind.DEFOCUSED),
    "out of focus": (_blurred(10), EventKind.DEFOCUSED),
    "torch": (_dazzled, EventKind.BLINDED),
    "lamp switched off": (_dim, EventKind.DARK),
    "same picture": (_stuck(), EventKind.FROZEN),
    "blue": (_plain(41, 240, 110), EventKind.SIGNAL_LOST),
    "black": (_plain(16, 128, 128), EventKind.SIGNAL_LOST),
    "test card": (_bars, EventKind.SIGNAL_LOST),
}


@pytest.mark.row("A1")
@pytest.mark.parametrize("name", CASES)
def test_each_trouble_is_one_event_of_its_own_kind_and_ends_when_it_is_over(name: str) -> None:
    change, kind = CASES[name]
    (event,) = _scene_events(_during(change))
    assert event.kind == kind
    assert FROM_S - 0.5 <= start_s(event) <= FROM_S + 1.5
    assert UNTIL_S <= end_s(event) <= UNTIL_S + 3.0
    assert "over after" in event.reason


@pytest.mark.row("A1")
@pytest.mark.parametrize("name", CASES)
def test_each_trouble_is_told_within_five_seconds(name: str) -> None:
    assert 0 <= _told_after_s(_during(CASES[name][0])) <= 5.0


@pytest.mark.row("A1")
@pytest.mark.parametrize("fps", [2.0, 15.0])
def test_covering_is_reported_at_any_frame_rate(fps: float) -> None:
    (event,) = _scene_events(_during(_veil(30)), fps)
    assert event.kind == EventKind.COVERED


def test_what_is_covered_is_not_told_as_motion_too() -> None:
    told_of = latest(told(analyser(), film(SECONDS, _during(_veil(30)))))
    assert [event.kind for event in told_of] == [EventKind.COVERED]


@pytest.mark.row("A1")
def test_focus_that_is_lost_slowly_is_told() -> None:
    def drifting(picture: Picture, at_s: float) -> None:
        if at_s > FROM_S:
            _blurred(0.2 + 10 * (at_s - FROM_S) / 40)(picture)

    (event,) = of_kind(told(analyser(), film(60, drifting)), *PRECEDENCE)
    assert event.kind == EventKind.DEFOCUSED
    assert start_s(event) < FROM_S + 20


@pytest.mark.row("A1")
def test_nightfall_without_a_lamp_is_dark_and_no_cover() -> None:
    def night(picture: Picture, at_s: float) -> None:
        left = 0.03 ** min(1.0, max(0.0, at_s - FROM_S) / 30)
        random = np.random.default_rng(int(at_s * 10))
        noise = random.normal(0, 1 + 2 * (1 - left), picture.y.shape)
        picture.y[:] = np.clip(16 + left * (picture.y - 16.0) + noise, 0, 255).astype(np.uint8)

    (event,) = of_kind(told(analyser(), film(60, night)), *PRECEDENCE)
    assert event.kind == EventKind.DARK


@pytest.mark.row("A1")
def test_a_video_of_one_repeated_picture_is_frozen_from_its_start() -> None:
    still: list[Picture] = []

    def same(picture: Picture, _: float) -> None:
        still.append(copied(picture))
        picture.buffer[:] = still[0].buffer

    (event,) = of_kind(told(analyser(), film(10, same)), *PRECEDENCE)
    assert event.kind == EventKind.FROZEN
    assert start_s(event) <= 1.0


def test_a_still_night_with_a_sensors_noise_is_alive() -> None:
    def night(picture: Picture, at_s: float) -> None:
        random = np.random.default_rng(int(at_s * 10))
        picture.y[:] = np.clip(16 + 0.25 * picture.y + random.normal(0, 3, picture.y.shape), 0, 255).astype(
            np.uint8
        )

    assert of_kind(told(analyser(), film(40, night)), *PRECEDENCE) == []


def test_a_third_of_a_veil_that_goes_again_at_once_is_nothing() -> None:
    def passing(picture: Picture, at_s: float) -> None:
        if FROM_S <= at_s < FROM_S + 2:
            _veil(60, 0.4)(picture)

    assert _scene_events(passing) == []


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


@pytest.mark.row("A5")
def test_a_flash_and_a_sweep_of_headlights_are_no_scene_event() -> None:
    def flashes(picture: Picture, at_s: float) -> None:
        if round(at_s * 5) % 23 in (0, 1):
            picture.y[:] = 235
        if 12 <= at_s < 14.4:
            _dazzled(picture)

    assert _scene_events(flashes) == []


def test_a_shaking_mast_is_no_scene_event() -> None:
    def shaking(picture: Picture, at_s: float) -> None:
        shifted(picture, round(3 * np.sin(9 * at_s)), round(2 * np.cos(7 * at_s)))

    assert _scene_events(shaking) == []


@pytest.mark.row("A5")
def test_people_and_lorries_are_no_scene_event() -> None:
    def traffic(picture: Picture, at_s: float) -> None:
        thing(picture, 30 * at_s - 60, 60, 40, 110, 245)
        thing(picture, 700 - 80 * ((at_s - 8) % 14), 120, 260, 200, 40)
        if 10 <= at_s < 20:
            thing(picture, 150, 40, 340, 300, 190)

    assert _scene_events(traffic) == []


def test_another_view_is_no_cover_and_is_learned() -> None:
    def turned(picture: Picture, at_s: float) -> None:
        if at_s >= FROM_S:
            picture.y[:] = picture.y[::-1, ::-1].copy()
        if at_s >= 90:
            _veil(30)(picture)

    (event,) = of_kind(told(analyser(), film(95, turned)), *PRECEDENCE)
    assert event.kind == EventKind.COVERED
    assert start_s(event) >= 89.5


def test_masks_are_left_out_of_the_judgement() -> None:
    def masked(paint: Paint) -> Paint:
        def both(picture: Picture, at_s: float) -> None:
            paint(picture, at_s)
            picture.y[:, :280], picture.u[:, :140], picture.v[:, :140] = 32, 128, 128

        return both

    for change, kind in CASES.values():
        (event,) = _scene_events(masked(_during(change)))
        assert event.kind == kind
    assert _scene_events(masked(lambda picture, at_s: None)) == []


def test_a_new_mask_is_no_event_at_all() -> None:
    def later_masked(picture: Picture, at_s: float) -> None:
        if at_s >= FROM_S:
            picture.y[100:300, :400], picture.u[50:150, :200], picture.v[50:150, :200] = 32, 128, 128

    assert told(analyser(), film(SECONDS, later_masked)) == []


def test_the_same_looks_give_the_same_events() -> None:
    def told_once() -> list[Event]:
        return told(analyser(), film(SECONDS, _during(_sprayed)))

    once = told_once()
    assert once
    assert told_once() == once


@pytest.mark.row("A1")
def test_no_picture_for_long_is_a_lost_signal_until_one_comes() -> None:
    looking = analyser()
    frames = list(film(20, lambda picture, at_s: None))
    events: list[Event] = []
    for frame in frames[:50]:
        events += looking.observe(frame)
    last = frames[49]
    for second in range(1, 8):
        later_ns = second * 1_000_000_000
        events += looking.observe_nothing(last.captured_mono_ns + later_ns, last.wall_ns + later_ns)
    for frame in _later(frames[50:], 8.0):
        events += looking.observe(frame)
    (event,) = of_kind(events + looking.close(), *PRECEDENCE)
    assert event.kind == EventKind.SIGNAL_LOST
    assert start_s(event) == pytest.approx(9.8, abs=0.3)
    assert 17.5 <= end_s(event) <= 20.0


def _later(frames: list[SmallFrame], by_s: float) -> Iterator[SmallFrame]:
    by_ns = round(by_s * 1_000_000_000)
    for frame in frames:
        yield SmallFrame(
            frame.picture, frame.captured_mono_ns + by_ns, frame.wall_ns + by_ns, frame.sequence, False
        )
