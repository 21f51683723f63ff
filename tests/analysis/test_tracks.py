from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from analysisstand import copied, noisy, scene, thing

from edgecam.analysis.box import Box
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.settings import AnalysisSettings
from edgecam.analysis.sighting import Sighting
from edgecam.analysis.tracks import Track, Tracks
from edgecam.core.events import EventKind

WHOLE = [Box(0, 0, 640, 360)]
NS_PER_S = 1_000_000_000


@dataclass
class _Street:
    """Real motion over the drawn street, sightings as the test says: what a detector would give."""

    tracks: Tracks = field(default_factory=lambda: Tracks(AnalysisSettings()))
    opened: list[Track] = field(default_factory=list)
    closed: list[Track] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.motion, self.now_s = MotionModel(640, 360), 0.0
        self._rng, self._still = np.random.default_rng(9), scene()
        for _ in range(20):
            self.look([], [])

    def look(self, drawn: list[Box], seen: list[Sighting], step_s: float = 0.2) -> None:
        picture = copied(self._still)
        for box in drawn:
            thing(picture, box.x0, box.y0, int(box.width), int(box.height), 245)
        noisy(picture, self._rng, 1.0)
        self.motion.observe(picture.y, step_s)
        changes = self.tracks.observe(self.now_s, round(self.now_s * NS_PER_S), WHOLE, seen, self.motion)
        self.opened += changes.opened
        self.closed += changes.closed
        self.now_s += step_s


def _person(x: float, y: float = 120, score: float = 0.55) -> Sighting:
    return Sighting(EventKind.PERSON, score, Box(x, y, x + 40, y + 110))


def test_a_walking_person_is_confirmed_once_and_ends_when_last_seen() -> None:
    street = _Street()
    began_s = street.now_s
    for step in range(30):
        one = _person(100 + 10 * step)
        street.look([one.box], [one])
    assert [track.kind for track in street.opened] == [EventKind.PERSON]
    assert street.opened[0].first_s == began_s
    last_s = street.now_s - 0.2
    for _ in range(25):
        street.look([], [])
    assert [track.number for track in street.closed] == [street.opened[0].number]
    assert street.closed[0].seen_s == pytest.approx(last_s)
    assert street.tracks.live == []


def test_two_sightings_are_not_enough() -> None:
    street = _Street()
    for step in range(2):
        street.look([_person(100 + 20 * step).box], [_person(100 + 20 * step)])
    for _ in range(20):
        street.look([], [])
    assert street.opened == []


def test_a_weak_score_never_counts() -> None:
    street = _Street()
    for step in range(20):
        one = _person(100 + 10 * step, score=0.3)
        street.look([one.box], [one])
    assert street.opened == []


def test_a_thing_that_always_scores_but_never_moves_is_not_reported() -> None:
    street = _Street()
    for _ in range(100):
        street.look([], [Sighting(EventKind.VEHICLE, 0.7, Box(300, 200, 420, 260)), _person(50)])
    assert street.opened == []


def test_identity_outlasts_a_short_occlusion() -> None:
    street = _Street()
    for step in range(40):
        one = _person(60 + 10 * step)
        hidden = 15 <= step < 22
        street.look([] if hidden else [one.box], [] if hidden else [one])
    assert [track.number for track in street.opened] == [1]
    assert street.closed == []


def test_two_people_who_pass_each_other_are_two() -> None:
    street = _Street()
    for step in range(30):
        right, left = _person(100 + 10 * step, 60), _person(450 - 10 * step, 200)
        street.look([right.box, left.box], [right, left])
    assert len(street.opened) == 2


def test_a_vehicle_that_parks_ends_and_is_not_reported_again() -> None:
    street = _Street()
    for step in range(20):
        box = Box(60 + 12 * step, 180, 180 + 12 * step, 250)
        street.look([box], [Sighting(EventKind.VEHICLE, 0.6, box)])
    parked = Box(288, 180, 408, 250)
    for _ in range(400):
        street.look([parked], [Sighting(EventKind.VEHICLE, 0.6, parked)])
    assert len(street.opened) == 1
    assert len(street.closed) == 1


def test_memory_is_bounded_whatever_is_seen() -> None:
    street = _Street()
    rng = np.random.default_rng(10)
    for _ in range(60):
        crowd = [_person(float(rng.integers(0, 600)), float(rng.integers(0, 250))) for _ in range(60)]
        street.look([one.box for one in crowd], crowd)
        assert len(street.tracks.live) <= 48
