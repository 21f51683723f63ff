"""What is told of the scene while its picture is private, from the aim's numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from analysisstand import analyser, end_s, film, of_kind, start_s, told

from edgecam.analysis.scene_health import PRECEDENCE
from edgecam.core.aim import AimReading, AimState
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame

FROM_S, UNTIL_S, SECONDS = 12.0, 30.0, 40.0
STEADY = AimReading(AimState.STEADY, brightness=110, contrast=45, structure=1.0)


def _guarded(during: Callable[[float], AimReading], private: bool = True) -> Iterator[SmallFrame]:
    """A guarded camera, steady but from `FROM_S` to `UNTIL_S`: its pictures are fill then and ``during`` is
    told."""

    def fill(picture: Picture, at_s: float) -> None:
        if private and FROM_S <= at_s < UNTIL_S:
            picture.y[:], picture.u[:], picture.v[:] = 32, 128, 128

    for frame in film(SECONDS, fill):
        at_s = frame.captured_mono_ns / 1e9
        away = FROM_S <= at_s < UNTIL_S
        yield replace(frame, aim=during(at_s - FROM_S) if away else STEADY, private=private and away)


def _events(reading: AimReading, private: bool = True) -> list[Event]:
    return of_kind(told(analyser(), _guarded(lambda _: reading, private)), *PRECEDENCE)


BLIND = AimReading(AimState.BLIND)
CASES = [
    (replace(BLIND, brightness=18, contrast=3), EventKind.COVERED, "covered"),
    (replace(BLIND, brightness=60, contrast=9), EventKind.COVERED, "covered"),
    (replace(BLIND, brightness=228, contrast=9), EventKind.BLINDED, "strong light"),
    (replace(BLIND, brightness=112, contrast=38), EventKind.DEFOCUSED, "out of focus"),
]


@pytest.mark.row("A1")
@pytest.mark.parametrize(("reading", "kind", "words"), CASES)
def test_a_view_without_edges_is_named_by_its_light(reading: AimReading, kind: EventKind, words: str) -> None:
    (event,) = _events(reading)
    assert event.kind == kind
    assert words in event.reason
    assert FROM_S <= start_s(event) <= FROM_S + 1
    assert UNTIL_S <= end_s(event) <= UNTIL_S + 3


@pytest.mark.row("A1")
def test_darkness_that_comes_slowly_is_dark() -> None:
    def dusk(since_s: float) -> AimReading:
        return replace(BLIND, brightness=max(18.0, 24 - since_s), contrast=max(3.0, 8 - since_s))

    def frames() -> Iterator[SmallFrame]:
        for frame in _guarded(dusk):
            # The guard saw less and less, long before it saw nothing.
            yield frame if frame.private else replace(frame, aim=replace(STEADY, brightness=30, contrast=9))

    (event,) = of_kind(told(analyser(), frames()), *PRECEDENCE)
    assert event.kind == EventKind.DARK


@pytest.mark.row("A1")
def test_a_turned_camera_is_told_with_direction_and_size() -> None:
    (event,) = _events(AimReading(AimState.MOVED, right=0.071, down=0.021, off=0.09))
    assert event.kind == EventKind.MOVED
    assert "its view went 7.1 % of the width to the right, 2.1 % of the width down" in event.reason
    assert start_s(event) <= FROM_S + 1
    assert UNTIL_S <= end_s(event) <= UNTIL_S + 2


@pytest.mark.row("A1")
def test_a_drift_is_told_while_the_picture_is_shown() -> None:
    (event,) = _events(
        AimReading(AimState.DRIFTED, right=-0.012, turned_deg=-0.8, zoom=1.0, off=0.015), private=False
    )
    assert event.kind == EventKind.MOVED
    assert "1.2 % of the width to the left" in event.reason
    assert "0.8 degrees to the left" in event.reason


def test_a_lorry_for_ten_seconds_is_nothing_and_a_lasting_loss_is_told() -> None:
    def lorry(since_s: float) -> AimReading:
        return AimReading(AimState.LOST, structure=0.8) if since_s < 10 else STEADY

    assert of_kind(told(analyser(), _guarded(lorry)), *PRECEDENCE) == []
    (event,) = _events(AimReading(AimState.LOST, brightness=100, contrast=40, structure=0.8))
    assert event.kind == EventKind.MOVED
    assert "something large" in event.reason


@pytest.mark.row("A1")
def test_a_cover_seen_before_the_picture_became_private_lasts_until_the_scene_is_seen_again() -> None:
    def frames() -> Iterator[SmallFrame]:
        for frame in _guarded(lambda _: replace(BLIND, brightness=40, contrast=4)):
            at_s = frame.captured_mono_ns / 1e9
            if FROM_S - 1.4 <= at_s < FROM_S:
                frame.picture.y[:] = 40
                frame.picture.y[::2, ::2] = 42 + round(5 * at_s) % 2
            yield frame

    (event,) = of_kind(told(analyser(), frames()), *PRECEDENCE)
    assert event.kind == EventKind.COVERED
    assert start_s(event) <= FROM_S - 1.0
    assert UNTIL_S <= end_s(event) <= UNTIL_S + 3


def test_private_pictures_of_an_unguarded_camera_say_nothing() -> None:
    assert _events(AimReading()) == []
