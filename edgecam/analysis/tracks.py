"""Objects over time: confirmed by several looks, kept through short occlusion, silent once part of the place.

A sighting alone is no event. An object is confirmed when it was seen often enough within a short window *and*
showed that it is no fixture: it went somewhere, or it stands where the background was free. What keeps scoring
without either (a parked car, a bush) is remembered as a fixture and not reported.

Sightings and tracks are paired so that all pairs together fit best. How well one fits is place, size and kind,
nothing else: no likeness of a body is kept.
"""

from __future__ import annotations

import math
from typing import Final

from edgecam.analysis.assignment import assigned
from edgecam.analysis.box import Box, overlap, share_inside
from edgecam.analysis.demands import DEMANDS
from edgecam.analysis.fixtures import Fixtures
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.riders import mounted, sole
from edgecam.analysis.settings import AnalysisSettings
from edgecam.analysis.sighting import Sighting
from edgecam.analysis.track import LONGEST_HIDDEN_S, WENT_SHARE, Track, begun
from edgecam.core.events import EventKind

_MOST_TRACKS: Final = 48
_NEW_SHARE: Final = 0.35
_PASSING_SHARE: Final = 0.25
_STRAY_SHARE: Final = 0.1
_TRAVELLED: Final = 1.0
_STEADY_HITS: Final = 3
_LEAST_NEWNESS: Final = 0.03
_LARGE_NEWNESS: Final = 0.35
_LARGE_SHARE: Final = 0.4
_REACH: Final = 0.8
_WIDER: Final = 0.15
_SAME_BODY: Final = 0.45
_PART_OF_BODY: Final = 0.75
_YOUNG_LOST_S: Final = 1.2
_URGENT_S: Final = 3.0
_SMALLEST_SHARE: Final = 0.022
_LEFT_LOST_S: Final = 1.0
_UPRIGHT: Final = frozenset({EventKind.PERSON, EventKind.BICYCLE})


class Tracks:
    """All objects before one camera. Bounded: at most 48 tracks and 64 fixtures."""

    def __init__(self, settings: AnalysisSettings) -> None:
        self._settings = settings
        self._live: list[Track] = []
        self._fixtures = Fixtures()
        self._count = 0

    @property
    def live(self) -> list[Track]:
        """Every object after the newest look, confirmed or not."""
        return self._live

    def forget(self) -> None:
        """Drop everything."""
        self._live, self._fixtures = [], Fixtures()

    def urgent(self, now_s: float) -> list[Box]:
        """Where new objects that are not yet confirmed should be; best seen first."""
        young = [track for track in self._live if not track.confirmed and now_s - track.first_s < _URGENT_S]
        return [_sought(track, now_s) for track in sorted(young, key=lambda t: (-t.hits, t.number))]

    def due(self, now_s: float) -> list[Box]:
        """Where other objects should be that want another look: fast ones soon, resting ones seldom."""
        waiting = []
        for track in self._live:
            size = max(track.box.width, track.box.height)
            quick = abs(track.speed[0]) + abs(track.speed[1]) > 0.35 * size or 0 < track.misses_in_row < 4
            resting = now_s - track.stirred_s > 3.0
            pause_s = 0.35 if quick and track.confirmed else 1.0 if resting else 0.6
            known = track.confirmed or now_s - track.first_s >= _URGENT_S
            if known and now_s - track.recent[-1][0] >= pause_s:
                waiting.append((track.recent[-1][0], track.number, _sought(track, now_s)))
        return [box for _, _, box in sorted(waiting)]

    def observe(
        self, now_s: float, wall_ns: int, crops: list[Box], sightings: list[Sighting], motion: MotionModel
    ) -> None:
        """Take in one look: ``sightings`` are all that was found inside ``crops``."""
        strong, weak = self._sifted(sightings, motion, now_s)
        pairs, new = self._matched(now_s, strong, self._live)
        for track, sighting in pairs:
            track.hit(sighting, now_s, wall_ns, motion.newness(sighting.box))
        matched = {track.number for track, _ in pairs}
        unseen = [track for track in self._live if track.number not in matched]
        for track, sighting in self._matched(now_s, weak, unseen, loose=False)[0]:
            track.glimpse(sighting, now_s, wall_ns)
            matched.add(track.number)
        for track in self._live:
            place = track.predicted(now_s)
            if motion.stirred_share(place) > 0.02:
                track.stirred_s = now_s
            if track.number not in matched and _looked_at(place, crops):
                track.miss(now_s)
        self._begin(new, now_s, wall_ns, motion)
        self._settle(now_s, motion)

    def _sifted(
        self, sightings: list[Sighting], motion: MotionModel, now_s: float
    ) -> tuple[list[Sighting], list[Sighting]]:
        """The sightings that count, one a thing, without known fixtures; and those too weak to count."""
        strong: list[Sighting] = []
        weak: list[Sighting] = []
        for one in sightings:
            if max(one.box.width, one.box.height) < _SMALLEST_SHARE * motion.width:
                continue
            counts = one.score >= self._settings.object_score + DEMANDS[one.kind].extra_score
            if not self._fixtures.explain(one.kind, one.box, motion.changed_share(one.box), now_s):
                (strong if counts else weak).append(one)
        return sole(mounted(strong), weak), weak

    def _matched(
        self, now_s: float, sightings: list[Sighting], tracks: list[Track], loose: bool = True
    ) -> tuple[list[tuple[Track, Sighting]], list[Sighting]]:
        """The pairs that fit best together, and the sightings left over; not ``loose``: only if boxes overlap."""
        worth = [[_fit(track, sighting, now_s, loose) for track in tracks] for sighting in sightings]
        pairs = [(tracks[column], sightings[row]) for row, column in assigned(worth)]
        used = {id(sighting) for _, sighting in pairs}
        return pairs, [sighting for sighting in sightings if id(sighting) not in used]

    def _begin(self, sightings: list[Sighting], now_s: float, wall_ns: int, motion: MotionModel) -> None:
        """Begin a track for each sighting that is no second, looser or smaller box on an object just seen."""
        seen = [track for track in self._live if track.seen_s == now_s]
        for sighting in sightings:
            box, newness = sighting.box, motion.newness(sighting.box)
            least = _LARGE_NEWNESS if motion.share(box) > _LARGE_SHARE else _LEAST_NEWNESS
            second = any(_same_body(sighting, track) for track in seen)
            if not second and newness >= least and len(self._live) < _MOST_TRACKS:
                self._count += 1
                self._live.append(
                    begun(self._count, sighting, now_s, wall_ns, newness, (motion.width, motion.height))
                )

    def _settle(self, now_s: float, motion: MotionModel) -> None:
        """Confirm who is due, and let go of what is part of the place or lost."""
        kept: list[Track] = []
        for track in self._live:
            track.confirmed = track.confirmed or self._is_confirmed(track, now_s)
            if self._is_fixture(track, now_s):
                self._fixtures.add(track.kind, track.box, now_s)
            elif not self._is_lost(track, now_s, motion):
                kept.append(track)
        self._live = kept
        self._fixtures.settle(now_s)

    def _is_confirmed(self, track: Track, now_s: float) -> bool:
        within = [hit for at_s, hit in track.recent if now_s - at_s <= self._settings.confirm_window_s]
        hits, against = within.count(True), within.count(False)
        if track.travelled < _TRAVELLED:
            # What is far or dim is hardly seen in most looks; of what goes its way that is no word against it.
            against += within.count(None)
        wanted = self._settings.confirm_hits * (2 if track.wavers else 1)
        if hits < wanted or hits < against:
            return False
        if track.steady_hits >= _STEADY_HITS and track.travelled >= _TRAVELLED:
            return True  # whatever the background looks like: in dense traffic it is made of traffic
        newness, went = track.newness_sum / track.hits, track.went >= WENT_SHARE
        if DEMANDS[track.kind].must_go:
            # Somebody who passes a parked car changes its box as well; only a car that goes is reported.
            return went and newness >= _PASSING_SHARE
        return newness >= _NEW_SHARE or (went and newness >= _STRAY_SHARE)

    def _is_fixture(self, track: Track, now_s: float) -> bool:
        if not track.confirmed:
            return track.hits >= 3 and now_s - track.first_s > 4.0 and track.went < WENT_SHARE
        if DEMANDS[track.kind].must_go:
            return now_s - track.anchor_s > self._settings.parked_after_s
        # People who stand still still stir; what does not stir at all for a minute is a thing.
        return now_s - track.stirred_s > 60.0

    def _is_lost(self, track: Track, now_s: float, motion: MotionModel) -> bool:
        gone_s = now_s - track.seen_s
        if not track.confirmed:
            return gone_s > _YOUNG_LOST_S
        if gone_s > _LEFT_LOST_S and not motion.holds(*track.predicted(now_s).centre):
            return True
        patience_s = self._settings.lost_after_s
        return gone_s > patience_s and (track.misses_in_row >= 2 or gone_s > 2 * patience_s)


def _sought(track: Track, now_s: float) -> Box:
    """Where to look for a track: wider after each miss, because it may have grown or turned."""
    return track.predicted(now_s).grown_by(_WIDER * min(track.misses_in_row, 3))


def _fit(track: Track, sighting: Sighting, now_s: float, loose: bool) -> float:
    """How well a sighting continues a track: above 0 if it can, larger is better."""
    place, box = track.predicted(now_s), sighting.box
    shared = overlap(place, box)
    alike = track.kind == sighting.kind or (track.kind in _UPRIGHT and sighting.kind in _UPRIGHT)
    if not alike or not loose:
        # Another kind of box right on an object is that object, seen badly.
        return (1.0 if alike else 0.3) * shared if shared > _SAME_BODY else 0.0
    ratio = box.area / max(place.area, 1.0)
    if shared <= 0.3 and not 0.3 < ratio < 3.3:
        return 0.0
    hidden_s = min(now_s - track.seen_s, LONGEST_HIDDEN_S)
    reach = _REACH * (place.width + box.width + place.height + box.height) / 4
    reach *= 1.0 + 0.5 * min(hidden_s, 2.0)
    (x0, y0), (x1, y1) = place.centre, box.centre
    near = max(0.0, 1.0 - math.hypot(x0 - x1, y0 - y1) / reach)
    if shared <= 0.3 and near <= 0:
        return 0.0
    grown = abs(math.log(max(box.height, 1.0) / max(place.height, 1.0)))
    known = 0.5 if track.confirmed else 0.0
    return max(shared + near + known - 0.3 * min(grown, 1.0) - 0.15 * hidden_s, 0.01)


def _same_body(sighting: Sighting, track: Track) -> bool:
    """Whether a sighting is another box on a track just seen: nearly the same, a part of it, or all around it."""
    box = sighting.box
    if overlap(box, track.box) > _SAME_BODY or share_inside(box, track.box) > _PART_OF_BODY:
        return True
    return sighting.kind == track.kind and share_inside(track.box, box) > _PART_OF_BODY


def _looked_at(box: Box, crops: list[Box]) -> bool:
    x, y = box.centre
    return any(crop.holds(x, y) for crop in crops)
