"""Falls: somebody upright is down within moments, and stays down.

Sitting down, bending and tying a shoe make a body lower, but not flat; lying down takes its time. Somebody who is
cut off by a mask, by furniture or by the edge of the picture loses their feet, or is cut at a straight line.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from edgecam.analysis.box import Box, overlap, share_inside
from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.posture import Posture, posture
from edgecam.analysis.track import Track
from edgecam.analysis.watched import Watched
from edgecam.core.events import EventKind

_MOST_BODIES: Final = 24
_FRESH_S: Final = 0.45
_LEAST_HITS: Final = 3
_LEAST_HEIGHT: Final = 20.0
_UPRIGHT: Final = 1.25
_TALL: Final = 0.78
_LOW: Final = 0.62
_STILL_LOW: Final = 0.7
_FLAT: Final = 0.95
_STILL_FLAT: Final = 1.2
_LEAST_LENGTH: Final = 0.5
_LYING_DEG: Final = 50.0
_STRETCHED: Final = 1.4
_SILHOUETTE: Final = 0.6
_LEAST_BULK: Final = 0.33
_MOST_BULK: Final = 2.2
_TOP_SANK: Final = 0.35
_FEET_ROSE: Final = 0.3
_LONGEST_FALL_S: Final = 2.5
_DOUBT_S: Final = 0.8
_CRAWL: Final = 0.6
_CUT_PIXELS: Final = 4.0
_MASKED_SHARE: Final = 0.4
_LOST_S: Final = 1.2
_LYING_SHARE: Final = 0.2
_UP_AGAIN_S: Final = 1.0
_GONE_S: Final = 3.0
_LONGEST_S: Final = 600.0


@dataclass(slots=True)
class _Body:
    """One person: how tall they are upright, where they are, and for how long they may have been down."""

    number: int
    box: Box
    seen_s: float
    heights: deque[float] = field(default_factory=lambda: deque(maxlen=15))
    bulks: deque[float] = field(default_factory=lambda: deque(maxlen=15))
    upright_s: float = float("-inf")
    upright: Box | None = None
    low_s: float | None = None
    low_wall_ns: int = 0
    down_s: float = 0.0
    last_s: float = 0.0
    finding: Finding | None = None
    lying: Box | None = None
    other_s: float = 0.0

    @property
    def height(self) -> float:
        """Upright, pixels; 0 while not known."""
        return median(self.heights) if len(self.heights) >= _LEAST_HITS else 0.0


class FallJudge:
    """Reports people who fell and stayed down for ``dwell_s``: from when they were down until they are up or gone.

    Bounded: 24 bodies with 15 sizes each.
    """

    def __init__(self, watched: Watched, fill: tuple[int, int, int]) -> None:
        """``fill`` is the masks' Y, U and V."""
        self._watched, self._fill = watched, fill
        self._bodies: dict[int, _Body] = {}

    def observe(self, look: Look) -> list[Finding]:
        """Take in one look."""
        found: list[Finding] = []
        tracks = {track.number: track for track in look.tracks if track.kind == EventKind.PERSON}
        for track in tracks.values():
            if track.number not in self._bodies and track.hits >= _LEAST_HITS and len(self._bodies) < _MOST_BODIES:
                self._bodies[track.number] = _Body(track.number, track.box, look.now_s)
        for body in list(self._bodies.values()):
            if body.finding is not None:
                found += self._lying(body, look)
            else:
                found += self._watching(body, tracks.get(body.number), look)
        return found

    def forget(self, wall_ns: int) -> list[Finding]:
        """End all that is open at ``wall_ns``."""
        ended = [body.finding.ended(wall_ns) for body in self._bodies.values() if body.finding is not None]
        self._bodies = {}
        return ended

    def _watching(self, body: _Body, track: Track | None, look: Look) -> list[Finding]:
        shown: Posture | None = None
        if track is None or track.seen_s == look.now_s or look.now_s - track.seen_s > _FRESH_S or _is_low(body):
            shown = posture(look, body.box)
        if track is not None and look.now_s - track.seen_s <= _FRESH_S:
            body.box, body.seen_s = track.box, look.now_s
            if track.seen_s == look.now_s:
                _note_upright(body, shown, look)
        elif shown is not None and _same_body(shown, body):
            body.box, body.seen_s = shown.box, look.now_s
        if look.now_s - body.seen_s > _LOST_S:
            del self._bodies[body.number]
            return []
        self._judge(body, shown, look)
        if body.low_s is None or body.down_s < max(self._watched.dwell_s, 1.0):
            return []
        finding = self._finding(body, look)
        if finding is None:
            body.low_s = None
            return []
        body.finding, body.lying, body.last_s, body.other_s = finding, body.box, look.now_s, 0.0
        return [finding]

    def _judge(self, body: _Body, shown: Posture | None, look: Look) -> None:
        """Follow whether the body is down: since when, and how much of the time."""
        if not body.height or body.upright is None:
            return
        if body.low_s is None:
            if _is_down(body, shown) and self._fell(body, shown, look):
                body.low_s, body.low_wall_ns, body.down_s = look.now_s, look.wall_ns, 0.0
                body.lying, body.last_s = body.box, look.now_s
            return
        still = body.box.height <= _STILL_LOW * body.height and body.box.height <= _STILL_FLAT * body.box.width
        crawled = _moved(body, look) > _CRAWL * body.height * max(look.now_s - body.low_s, 1.0)
        if still and not crawled and body.seen_s == look.now_s:
            body.down_s += look.elapsed_s
        else:
            body.down_s -= 1.5 * look.elapsed_s
        if body.down_s < -_DOUBT_S or crawled:
            body.low_s = None

    def _fell(self, body: _Body, shown: Posture | None, look: Look) -> bool:
        """Whether the way down was quick and left the feet on the ground, and nothing cuts the body off.

        Who stood at the very edge of the picture may be cut off by it: then they must be seen to lie.
        """
        up = body.upright
        if up is None or look.now_s - body.upright_s > _LONGEST_FALL_S or body.height < _LEAST_HEIGHT:
            return False
        if body.height < self._watched.least_height:
            return False
        if up.y1 >= look.picture.height - _CUT_PIXELS and not _lies(shown):
            return False
        sank = body.box.y0 - up.y0 >= _TOP_SANK * body.height
        on_ground = body.box.y1 >= up.y1 - _FEET_ROSE * body.height
        return sank and on_ground and not self._masked_above(body, look)

    def _masked_above(self, body: _Body, look: Look) -> bool:
        """Whether a mask hides where the upright body would be."""
        box, picture = body.box, look.picture
        top, left = max(int(box.y1 - body.height), 0), max(int(box.x0), 0)
        part = picture.y[top : max(int(box.y0), top + 1), left : max(int(box.x1), left + 1)]
        chroma = picture.u[top // 2 : max(int(box.y0) // 2, top // 2 + 1), left // 2 : int(box.x1) // 2 + 1]
        if not part.size or not chroma.size:
            return False
        return bool(
            (part == self._fill[0]).mean() > _MASKED_SHARE and (chroma == self._fill[1]).mean() > _MASKED_SHARE
        )

    def _finding(self, body: _Body, look: Look) -> Finding | None:
        if not self._watched.is_over(body.box):
            return None
        took_s = max((body.low_s or look.now_s) - body.upright_s, 0.0)
        flat = min(body.box.width / max(body.box.height, 1.0), 2.0) / 2.0
        confidence = 0.5 + 0.25 * flat + 0.25 * (1 - min(took_s / _LONGEST_FALL_S, 1.0))
        if confidence < self._watched.least_confidence:
            return None
        return Finding(
            (EventKind.FALL, self._watched.key, body.number),
            EventKind.FALL,
            body.low_wall_ns,
            round(confidence, 3),
            f"a person went down within {max(took_s, 0.2):.1f} s{self._watched.where}"
            f" and has been lying for {body.down_s:.0f} s",
            zone=self._watched.zone,
            track=body.number,
            box=body.box,
        )

    def _lying(self, body: _Body, look: Look) -> list[Finding]:
        """Whether somebody who fell is up again or not to be seen any more."""
        finding, lying = body.finding, body.lying
        if finding is None or lying is None:
            return []
        up = any(_is_up(track, body, look.now_s) for track in look.tracks)
        there = look.motion.changed_share(lying) > _LYING_SHARE or any(
            overlap(track.box, lying) > 0.3 for track in look.tracks
        )
        body.other_s = 0.0 if there and not up else body.other_s + look.elapsed_s
        over = body.other_s >= (_UP_AGAIN_S if up else _GONE_S) or look.now_s - body.last_s > _LONGEST_S
        if not over:
            return []
        del self._bodies[body.number]
        return [finding.ended(look.wall_ns)]


def _note_upright(body: _Body, shown: Posture | None, look: Look) -> None:
    """Learn how tall they are while they stand or sit, and when they last did."""
    box = body.box
    if box.height < _UPRIGHT * box.width or box.y1 > look.picture.height:
        return
    if not body.height or box.height > _TALL * body.height:
        body.heights.append(box.height)
        body.bulks.append(shown.area if shown is not None else _SILHOUETTE * box.area)
        body.upright_s, body.upright = look.now_s, box


def _same_body(shown: Posture, body: _Body) -> bool:
    """Whether what hides the background has the bulk of the person, and is no bag and no group."""
    return bool(body.height) and _LEAST_BULK <= shown.area / max(median(body.bulks), 1.0) <= _MOST_BULK


def _is_low(body: _Body) -> bool:
    return body.low_s is not None or body.box.height <= _STILL_LOW * body.height


def _is_down(body: _Body, shown: Posture | None) -> bool:
    box, height = body.box, body.height
    if max(box.width, box.height) < _LEAST_LENGTH * height or (shown is not None and not _same_body(shown, body)):
        return False
    if box.height <= _LOW * height and box.height <= _FLAT * box.width:
        return True
    if shown is None or overlap(shown.box, box) < 0.5 or box.height > _STILL_LOW * height:
        return False
    return _lies(shown)


def _lies(shown: Posture | None) -> bool:
    """Whether the silhouette is long and level."""
    return shown is not None and shown.lean_deg >= _LYING_DEG and shown.stretch >= _STRETCHED


def _moved(body: _Body, look: Look) -> float:
    """How far the body is from where it came down, pixels."""
    if body.lying is None:
        return 0.0
    return math.dist(body.lying.centre, body.box.centre)


def _is_up(track: Track, body: _Body, now_s: float) -> bool:
    if track.kind != EventKind.PERSON or now_s - track.seen_s > _FRESH_S or body.lying is None:
        return False
    tall = track.box.height >= _TALL * body.height and track.box.height >= _UPRIGHT * track.box.width
    return tall and share_inside(body.lying, track.box.grown_by(0.5)) > 0.3
