"""Objects over time: confirmed by several looks, kept through short occlusion, silent once part of the place.

A sighting alone is no event. An object is confirmed when it was seen often enough within a short window *and*
showed that it is no fixture: it went somewhere, or it stands where the background was free. What keeps scoring
without either (a parked car, a bush) is remembered as a fixture and not reported.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from edgecam.analysis.box import Box, overlap
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.settings import AnalysisSettings
from edgecam.analysis.sighting import Sighting
from edgecam.core.events import EventKind

_MOST_TRACKS: Final = 48
_MOST_FIXTURES: Final = 64
_FIXTURE_FORGOTTEN_S: Final = 900.0
_WENT_SHARE: Final = 0.25
_NEW_SHARE: Final = 0.35
_PASSING_SHARE: Final = 0.25
_STRAY_SHARE: Final = 0.1
_REACH: Final = 0.8
_SPEED_TAU_S: Final = 0.8
_BOX_WEIGHT: Final = 0.65


@dataclass(slots=True)
class Track:
    """One object. Boxes in pixels of the small picture, speed in pixels a second, times in capture seconds."""

    number: int
    kind: EventKind
    box: Box
    first_s: float
    first_wall_ns: int
    seen_s: float
    seen_wall_ns: int
    placed_s: float
    anchor: Box
    anchor_s: float
    stirred_s: float
    speed: tuple[float, float] = (0.0, 0.0)
    looks: int = 0
    hits: int = 0
    misses_in_row: int = 0
    score_sum: float = 0.0
    newness_sum: float = 0.0
    went: float = 0.0
    confirmed: bool = False
    recent: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=32))

    @property
    def score(self) -> float:
        """The mean score over all sightings, 0-1."""
        return self.score_sum / self.hits if self.hits else 0.0

    def predicted(self, now_s: float) -> Box:
        """Where the object should be now if it went on as it did; at most one second ahead."""
        ahead_s = min(now_s - self.placed_s, 1.0)
        return self.box.moved_by(self.speed[0] * ahead_s, self.speed[1] * ahead_s)


@dataclass(slots=True)
class _Fixture:
    kind: EventKind
    box: Box
    seen_s: float


@dataclass(frozen=True, slots=True)
class Changes:
    """What one look did to the tracks: those confirmed now, and confirmed ones that ended now."""

    opened: list[Track]
    closed: list[Track]


class Tracks:
    """All objects before one camera. Bounded: at most 48 tracks and 64 fixtures."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self._settings = settings
        self._live: list[Track] = []
        self._fixtures: list[_Fixture] = []
        self._count = 0

    @property
    def live(self) -> list[Track]:
        return self._live

    def forget(self) -> list[Track]:
        """Drop everything; gives back the confirmed tracks that end by it."""
        closed = [track for track in self._live if track.confirmed]
        self._live, self._fixtures = [], []
        return closed

    def urgent(self, now_s: float) -> list[Box]:
        """Where objects that are not yet confirmed should be; newest sighting first."""
        young = [track for track in self._live if not track.confirmed and now_s - track.seen_s < 1.2]
        return [track.predicted(now_s) for track in sorted(young, key=lambda t: (-t.hits, t.number))]

    def due(self, now_s: float) -> list[Box]:
        """Where confirmed objects should be that want another look: fast ones soon, resting ones seldom."""
        waiting = []
        for track in self._live:
            size = max(track.box.width, track.box.height)
            quick = abs(track.speed[0]) + abs(track.speed[1]) > 0.35 * size or track.misses_in_row > 0
            resting = now_s - track.stirred_s > 3.0
            pause_s = 0.35 if quick else 1.0 if resting else 0.6
            if track.confirmed and now_s - track.recent[-1][0] >= pause_s:
                waiting.append((track.recent[-1][0], track.number, track.predicted(now_s)))
        return [box for _, _, box in sorted(waiting)]

    def observe(
        self, now_s: float, wall_ns: int, crops: list[Box], sightings: list[Sighting], motion: MotionModel
    ) -> Changes:
        """Take in one look: ``sightings`` are all that was found inside ``crops``."""
        pairs, new = self._matched(now_s, [s for s in sightings if s.score >= self._settings.object_score])
        for track, sighting in pairs:
            _seen(track, sighting, now_s, wall_ns, motion)
        matched = {track.number for track, _ in pairs}
        for track in self._live:
            if motion.stirred_share(track.predicted(now_s)) > 0.02:
                track.stirred_s = now_s
            if track.number not in matched and _looked_at(track.predicted(now_s), crops):
                track.looks += 1
                track.misses_in_row += 1
                track.recent.append((now_s, False))
        for sighting in new:
            self._begin(sighting, now_s, wall_ns, motion)
        return self._settle(now_s)

    def _matched(
        self, now_s: float, sightings: list[Sighting]
    ) -> tuple[list[tuple[Track, Sighting]], list[Sighting]]:
        """Greedy best pairs of tracks and sightings; confirmed tracks win over new ones; and what is left over."""
        fits = []
        for row, sighting in enumerate(sightings):
            for track in self._live:
                worth = _fit(track, sighting, now_s)
                if worth > 0:
                    fits.append((not track.confirmed, -worth, track.number, row, track))
        pairs: list[tuple[Track, Sighting]] = []
        taken: set[int] = set()
        used: set[int] = set()
        for _, _, number, row, track in sorted(fits, key=lambda fit: fit[:4]):
            if number not in taken and row not in used:
                taken.add(number)
                used.add(row)
                pairs.append((track, sightings[row]))
        left = [sighting for row, sighting in enumerate(sightings) if row not in used]
        # A second, looser box on an object that was matched already is no second object.
        boxes = [track.box for track, _ in pairs]
        return pairs, [s for s in left if all(overlap(s.box, box) < 0.45 for box in boxes)]

    def _begin(self, sighting: Sighting, now_s: float, wall_ns: int, motion: MotionModel) -> None:
        newness = motion.changed_share(sighting.box)
        for fixture in self._fixtures:
            same = fixture.kind == sighting.kind and overlap(fixture.box, sighting.box) > 0.5
            if same and newness < 0.6:
                fixture.seen_s = now_s
                return
        if len(self._live) >= _MOST_TRACKS or newness < 0.03:
            return
        self._count += 1
        box = sighting.box
        track = Track(self._count, sighting.kind, box, now_s, wall_ns, now_s, wall_ns, now_s, box, now_s, now_s)
        _count_hit(track, sighting, now_s, newness)
        self._live.append(track)

    def _settle(self, now_s: float) -> Changes:
        opened: list[Track] = []
        closed: list[Track] = []
        kept: list[Track] = []
        for track in self._live:
            if not track.confirmed and self._is_confirmed(track, now_s):
                track.confirmed = True
                opened.append(track)
            if self._is_fixture(track, now_s):
                self._fixtures = [*self._fixtures, _Fixture(track.kind, track.box, now_s)][-_MOST_FIXTURES:]
            elif not self._is_lost(track, now_s):
                kept.append(track)
                continue
            if track.confirmed:
                closed.append(track)
        self._live = kept
        self._fixtures = [f for f in self._fixtures if now_s - f.seen_s < _FIXTURE_FORGOTTEN_S]
        return Changes(opened, closed)

    def _is_confirmed(self, track: Track, now_s: float) -> bool:
        within = [hit for at_s, hit in track.recent if now_s - at_s <= self._settings.confirm_window_s]
        hits = sum(within)
        if hits < self._settings.confirm_hits or hits < 0.5 * len(within):
            return False
        newness = track.newness_sum / track.hits
        if track.kind == EventKind.VEHICLE:
            # Somebody who passes a parked car changes its box as well; only a car that goes is reported.
            return track.went >= _WENT_SHARE and newness >= _PASSING_SHARE
        return newness >= _NEW_SHARE or (track.went >= _WENT_SHARE and newness >= _STRAY_SHARE)

    def _is_fixture(self, track: Track, now_s: float) -> bool:
        if not track.confirmed:
            return track.hits >= 3 and now_s - track.first_s > 4.0 and track.went < _WENT_SHARE
        if track.kind == EventKind.VEHICLE:
            return now_s - track.anchor_s > self._settings.parked_after_s
        # People who stand still still stir; what does not stir at all for a minute is a thing.
        return now_s - track.stirred_s > 60.0

    def _is_lost(self, track: Track, now_s: float) -> bool:
        gone_s = now_s - track.seen_s
        if not track.confirmed:
            return gone_s > 1.2
        patience_s = self._settings.lost_after_s
        return gone_s > patience_s and (track.misses_in_row >= 2 or gone_s > 2 * patience_s)


def _fit(track: Track, sighting: Sighting, now_s: float) -> float:
    """How well a sighting continues a track: above 0 if it can, larger is better."""
    if track.kind != sighting.kind:
        return 0.0
    place, box = track.predicted(now_s), sighting.box
    ratio = (box.height * box.width) / max(place.area, 1.0)
    shared = overlap(place, box)
    if shared > 0.3:
        return 1.0 + shared
    if not 0.3 < ratio < 3.3:
        return 0.0
    reach = _REACH * (place.width + box.width + place.height + box.height) / 4
    reach *= 1.0 + 0.5 * min(now_s - track.seen_s, 2.0)
    (x0, y0), (x1, y1) = place.centre, box.centre
    distance = float(((x0 - x1) ** 2 + (y0 - y1) ** 2) ** 0.5)
    return shared + max(0.0, 1.0 - distance / reach)


def _looked_at(box: Box, crops: list[Box]) -> bool:
    x, y = box.centre
    return any(crop.holds(x, y) for crop in crops)


def _count_hit(track: Track, sighting: Sighting, now_s: float, newness: float) -> None:
    track.looks += 1
    track.hits += 1
    track.misses_in_row = 0
    track.score_sum += sighting.score
    track.newness_sum += newness
    track.recent.append((now_s, True))


def _seen(track: Track, sighting: Sighting, now_s: float, wall_ns: int, motion: MotionModel) -> None:
    _count_hit(track, sighting, now_s, motion.changed_share(sighting.box))
    before, box = track.box, sighting.box
    passed_s = now_s - track.placed_s
    if passed_s > 0:
        (x0, y0), (x1, y1) = before.centre, box.centre
        keep = math.exp(-passed_s / _SPEED_TAU_S)
        track.speed = (
            keep * track.speed[0] + (1 - keep) * (x1 - x0) / passed_s,
            keep * track.speed[1] + (1 - keep) * (y1 - y0) / passed_s,
        )
    old = 1 - _BOX_WEIGHT
    track.box = Box(*(old * a + _BOX_WEIGHT * b for a, b in zip(before, box, strict=True)))
    track.placed_s = track.seen_s = now_s
    track.seen_wall_ns = wall_ns
    (ax, ay), (x, y) = track.anchor.centre, track.box.centre
    size = max(min(track.box.width, track.box.height), 1.0)
    went = (((ax - x) ** 2 + (ay - y) ** 2) ** 0.5) / size
    track.went = max(track.went, went)
    if went > _WENT_SHARE:
        track.anchor, track.anchor_s = track.box, now_s
