"""One object over time: where it was, where it should be now, and how well it was seen."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from edgecam.analysis.box import Box, overlap
from edgecam.analysis.sighting import Sighting
from edgecam.analysis.smoothing import newest_share
from edgecam.core.events import EventKind

WENT_SHARE: Final = 0.25
LONGEST_HIDDEN_S: Final = 3.5
_YOUNG_AHEAD_S: Final = 1.0
_SPEED_TAU_S: Final = 0.8
_BOX_WEIGHT: Final = 0.65
_FASTEST: Final = 4.0
_STEADY_OVERLAP: Final = 0.4
_RIDDEN_SHARE: Final = 0.2
_RIM: Final = 4.0
_ENDLESS: Final = (1e9, 1e9)


@dataclass(slots=True)
class Track:
    """One object. Boxes in pixels of the small picture, speed in pixels a second, times in capture seconds.

    ``kind`` may still change until the track is ``confirmed``. ``seen_s`` is the last sighting, ``placed_s`` when
    ``box`` was last put right, ``stirred_s`` when something last changed there. ``went`` is the farthest it went
    from one rest to the next and ``travelled`` how far it is from where it began, both in sizes of its own (the
    shorter side); ``steady_hits`` are sightings where it was expected. ``recent`` says of the last looks whether
    they showed it, ``None`` where they hardly did. ``view`` is the small picture's width and height.
    """

    number: int
    kind: EventKind
    box: Box
    first_s: float
    first_wall_ns: int
    seen_s: float
    seen_wall_ns: int
    placed_s: float
    origin: Box
    anchor: Box
    anchor_s: float
    stirred_s: float
    view: tuple[float, float]
    speed: tuple[float, float] = (0.0, 0.0)
    looks: int = 0
    hits: int = 0
    misses_in_row: int = 0
    score_sum: float = 0.0
    newness_sum: float = 0.0
    went: float = 0.0
    travelled: float = 0.0
    steady_hits: int = 0
    confirmed: bool = False
    seen_as: dict[EventKind, int] = field(default_factory=dict)
    recent: deque[tuple[float, bool | None]] = field(default_factory=lambda: deque(maxlen=32))

    @property
    def score(self) -> float:
        """The mean score over all sightings, 0-1."""
        return self.score_sum / self.hits if self.hits else 0.0

    @property
    def kinds(self) -> frozenset[EventKind]:
        """All that the object counts as: a bicycle that goes has somebody with it, who is a person."""
        if self.kind == EventKind.BICYCLE or (self.kind == EventKind.PERSON and self._rides()):
            return frozenset({EventKind.BICYCLE, EventKind.PERSON})
        return frozenset({self.kind})

    @property
    def wavers(self) -> bool:
        """Whether a person was seen on a bicycle, and not yet often enough to be believed."""
        return self.kind == EventKind.PERSON and EventKind.BICYCLE in self.seen_as

    def predicted(self, now_s: float) -> Box:
        """Where the object should be now if it went on as it did; what was hardly seen, at most a second ahead."""
        ahead_s = min(max(now_s - self.placed_s, 0.0), LONGEST_HIDDEN_S if self.hits > 3 else _YOUNG_AHEAD_S)
        return self.box.moved_by(self.speed[0] * ahead_s, self.speed[1] * ahead_s)

    def hit(self, sighting: Sighting, now_s: float, wall_ns: int, newness: float) -> None:
        """The object was seen, surely enough to count."""
        self.looks += 1
        self.hits += 1
        self.score_sum += sighting.score
        self.newness_sum += newness
        self.recent.append((now_s, True))
        self._name(sighting)
        if self.hits > 2:
            self.steady_hits += overlap(self.predicted(now_s), sighting.box) > _STEADY_OVERLAP
        self.place(sighting.box, now_s)
        self.misses_in_row = 0
        self.seen_s, self.seen_wall_ns = now_s, wall_ns

    def glimpse(self, sighting: Sighting, now_s: float, wall_ns: int) -> None:
        """A sighting too weak to count: it shows where the object is, and confirms nothing."""
        self.misses_in_row = 0
        self.recent.append((now_s, None))
        self.place(sighting.box, now_s)
        self.seen_s, self.seen_wall_ns = now_s, wall_ns

    def miss(self, now_s: float) -> None:
        """The detector looked there and did not see it."""
        self.looks += 1
        self.misses_in_row += 1
        self.recent.append((now_s, False))

    def place(self, box: Box, now_s: float) -> None:
        """Take in where the object is, and from that how fast it goes."""
        passed_s = now_s - self.placed_s
        expected = self.predicted(now_s)
        size = max(min(box.width, box.height), 1.0)
        if passed_s > 0:
            gain = max(newest_share(passed_s, _SPEED_TAU_S), 1.0 / max(self.hits - 1, 1)) / passed_s
            (x0, y0), (x1, y1) = expected.centre, box.centre
            most = _FASTEST * max(box.width, box.height)
            self.speed = (
                min(max(self.speed[0] + gain * (x1 - x0), -most), most),
                min(max(self.speed[1] + gain * (y1 - y0), -most), most),
            )
        self.box = Box(*(a + _BOX_WEIGHT * (b - a) for a, b in zip(expected, box, strict=True)))
        self.placed_s = now_s
        (ox, oy), (x, y) = self.origin.centre, self.box.centre
        self.travelled = math.hypot(ox - x, oy - y) / size
        went = _shift(self.anchor, self.box, self.view) / size
        self.went = max(self.went, went)
        if went > WENT_SHARE:
            self.anchor, self.anchor_s = self.box, now_s

    def _name(self, sighting: Sighting) -> None:
        """Count the kind; until the track is confirmed it is what it was seen as most often."""
        self.seen_as[sighting.kind] = self.seen_as.get(sighting.kind, 0) + 1
        if not self.confirmed:
            often = max(self.seen_as, key=lambda kind: (self.seen_as[kind], kind == self.kind, kind))
            self.kind = EventKind.BICYCLE if often == EventKind.PERSON and self._rides() else often

    def _rides(self) -> bool:
        """From behind or far off a bicycle is missed more often than its rider: a few sightings of it decide."""
        return self.seen_as.get(EventKind.BICYCLE, 0) >= max(2, _RIDDEN_SHARE * self.hits)


def _shift(before: Box, now: Box, view: tuple[float, float]) -> float:
    """How far something went, pixels: what moves takes its opposite edges along, what is hidden by a passer-by, or
    comes out from behind one, only moves the edge on that side. What comes nearer grows in both directions.
    """
    across = _both(before.x0, now.x0, before.x1, now.x1, view[0])
    down = _both(before.y0, now.y0, before.y1, now.y1, view[1])
    grown = min(abs(now.width - before.width), abs(now.height - before.height)) / 2
    return max(math.hypot(across, down), grown)


def _both(low_before: float, low_now: float, high_before: float, high_now: float, most: float) -> float:
    """What two opposite edges have in common of their moves; of what comes in over the picture's border (0 or
    ``most``) only the one inside shows.
    """
    low, high = low_now - low_before, high_now - high_before
    if min(low_before, low_now) < _RIM:
        low = high
    elif max(high_before, high_now) > most - _RIM:
        high = low
    return min(abs(low), abs(high)) if low * high > 0 else 0.0


def begun(
    number: int,
    sighting: Sighting,
    now_s: float,
    wall_ns: int,
    newness: float,
    view: tuple[float, float] = _ENDLESS,
) -> Track:
    """A track of one sighting; ``view`` is the small picture's width and height."""
    box = sighting.box
    track = Track(number, sighting.kind, box, now_s, wall_ns, now_s, wall_ns, now_s, box, box, now_s, now_s, view)
    track.hit(sighting, now_s, wall_ns, newness)
    return track
