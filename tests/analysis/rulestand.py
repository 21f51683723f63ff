"""A street of scripted objects for the tests of rules: real looks and real tracks, without pictures of anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from analysisstand import NS_PER_S, WALL_NS, copied, noisy, scene

from edgecam.analysis.box import Box
from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.motion import MotionModel
from edgecam.analysis.rulebook import decode_rules
from edgecam.analysis.rules import Rules
from edgecam.analysis.sighting import Sighting
from edgecam.analysis.track import Track, begun
from edgecam.core.events import EventKind
from edgecam.core.picture import Picture

SIZE = (640, 360)
FILL = (32, 128, 128)
LOOKS_PER_S = 5
_CONFIRMED_AFTER = 3
_LOST_AFTER_S = 2.5

Way = Callable[[float], Box | None]
"""Where an object is at a moment (seconds), or ``None`` while nobody sees it."""


def standing(x: float, y: float, height: float = 100.0) -> Box:
    """Somebody whose feet are at ``(x, y)`` pixels."""
    return Box(x - 0.2 * height, y - height, x + 0.2 * height, y)


def walking(
    begin: tuple[float, float], end: tuple[float, float], from_s: float, to_s: float, height: float = 100.0
) -> Way:
    """Straight on from one place to another; not there before and after."""

    def way(at_s: float) -> Box | None:
        if not from_s <= at_s <= to_s:
            return None
        done = (at_s - from_s) / (to_s - from_s)
        x, y = (a + done * (b - a) for a, b in zip(begin, end, strict=True))
        return standing(x, y, height)

    return way


def waiting(x: float, y: float, from_s: float, to_s: float, height: float = 100.0) -> Way:
    """Standing at one place from ``from_s`` to ``to_s``."""
    return walking((x, y), (x, y), from_s, to_s, height)


def hidden(way: Way, from_s: float, to_s: float) -> Way:
    """``way``, with nobody seeing it between two moments."""
    return lambda at_s: None if from_s < at_s < to_s else way(at_s)


class Street:
    """Makes looks of objects that go their ways; a track is kept for 2.5 s after its object was last seen."""

    def __init__(
        self, ways: Mapping[str, Way], kind: EventKind = EventKind.PERSON, picture: Picture | None = None
    ) -> None:
        self._ways, self._kind = ways, kind
        self._pictures = _noisy(picture or scene(*SIZE))
        self._motion = MotionModel(*SIZE)
        self._tracks: dict[str, Track] = {}
        self._count = 0

    def looks(self, seconds: float, start_s: float = 0.0) -> Iterator[Look]:
        for index in range(int(seconds * LOOKS_PER_S)):
            now_s = start_s + index / LOOKS_PER_S
            picture = self._pictures[index % len(self._pictures)]
            regions = self._motion.observe(picture.y, 1 / LOOKS_PER_S)
            wall_ns = WALL_NS + round(now_s * NS_PER_S)
            for name, way in self._ways.items():
                self._follow(name, way(now_s), now_s, wall_ns)
            tracks = list(self._tracks.values())
            yield Look(now_s, wall_ns, 1 / LOOKS_PER_S, picture, self._motion, regions, tracks)

    def _follow(self, name: str, box: Box | None, now_s: float, wall_ns: int) -> None:
        track = self._tracks.get(name)
        if box is None:
            if track is not None and now_s - track.seen_s > _LOST_AFTER_S:
                del self._tracks[name]
            return
        sighting = Sighting(self._kind, 0.6, box)
        if track is None:
            self._count += 1
            self._tracks[name] = begun(self._count, sighting, now_s, wall_ns, 0.9)
            return
        track.hit(sighting, now_s, wall_ns, 0.9)
        track.confirmed = track.confirmed or track.hits >= _CONFIRMED_AFTER


def _noisy(picture: Picture) -> list[Picture]:
    """Several looks at ``picture`` with light noise; where it is fill, it stays so."""
    rng = np.random.default_rng(5)
    lit = [copied(picture) for _ in range(5)]
    for look in lit:
        noisy(look, rng, 1.0)
        look.y[picture.y == FILL[0]] = FILL[0]
    return lit


def judged(toml: str, street: Street, seconds: float) -> list[Finding]:
    """What the rules say about a street, in order; what is open at the end is ended."""
    rules = Rules(decode_rules(toml), SIZE, FILL)
    found: list[Finding] = []
    for look in street.looks(seconds):
        found += rules.observe(look)
    return found + rules.forget(WALL_NS + round(seconds * NS_PER_S))


def events(found: list[Finding]) -> list[Finding]:
    """One finding an event, as it ended; checks that each begins once, ends once, and keeps what it is."""
    lasting: dict[object, Finding] = {}
    done: list[Finding] = []
    for finding in found:
        opened = lasting.pop(finding.key, None)
        if finding.end_wall_ns is None:
            assert opened is None, finding
            lasting[finding.key] = finding
            continue
        if opened is not None:
            same = replace(opened, end_wall_ns=None, confidence=0, reason="", box=None, track=None)
            assert replace(finding, end_wall_ns=None, confidence=0, reason="", box=None, track=None) == same
        assert finding.end_wall_ns >= finding.start_wall_ns
        done.append(finding)
    assert not lasting
    return sorted(done, key=lambda one: one.start_wall_ns)


def begin_s(finding: Finding) -> float:
    return (finding.start_wall_ns - WALL_NS) / NS_PER_S


def until_s(finding: Finding) -> float:
    assert finding.end_wall_ns is not None
    return (finding.end_wall_ns - WALL_NS) / NS_PER_S


def masked(x0: int, y0: int, x1: int, y1: int) -> Picture:
    """The street with a rectangle of fill, in even pixels."""
    picture = scene(*SIZE)
    for plane, value, step in zip((picture.y, picture.u, picture.v), FILL, (1, 2, 2), strict=True):
        plane[y0 // step : y1 // step, x0 // step : x1 // step] = value
    return picture
