"""That an object came by: one finding from its confirmation to where it was last seen."""

from __future__ import annotations

from typing import Final

from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.track import Track
from edgecam.analysis.wording import one
from edgecam.core.events import EventKind

_STOOD_UNDER: Final = 0.25


class Appearances:
    """Tells of every confirmed track, whatever the rules say. Holds one finding a live track."""

    def __init__(self) -> None:
        self._open: dict[int, Finding] = {}

    def observe(self, look: Look) -> list[Finding]:
        """See `Judge.observe`."""
        confirmed = [track for track in look.tracks if track.confirmed]
        here = {track.number for track in confirmed}
        told = [self._open.pop(number) for number in sorted(self._open) if number not in here]
        for track in confirmed:
            if track.number not in self._open:
                told.append(_appeared(track))
            self._open[track.number] = _passed(track)
        return told

    def forget(self, wall_ns: int) -> list[Finding]:
        """See `Judge.forget`: each ends where it was last seen."""
        ended, self._open = list(self._open.values()), {}
        return ended


def _appeared(track: Track) -> Finding:
    reason = f"{one(track.kind)} appeared, {_evidence(track)}"
    key = ("track", track.number)
    return Finding(key, track.kind, track.first_wall_ns, track.score, reason, track=track.number, box=track.box)


def _passed(track: Track) -> Finding:
    verb = "passed" if track.kind == EventKind.VEHICLE else "walked"
    if track.went < _STOOD_UNDER:
        verb = "stood"
    lasted_s = max(0.0, track.seen_s - track.first_s)
    reason = f"{one(track.kind)} {verb} for {lasted_s:.0f} s, {_evidence(track)}"
    key, end = ("track", track.number), track.seen_wall_ns
    return Finding(key, track.kind, track.first_wall_ns, track.score, reason, end, None, track.number, track.box)


def _evidence(track: Track) -> str:
    return f"seen in {track.hits} of {track.looks} looks, score {track.score:.2f}"
