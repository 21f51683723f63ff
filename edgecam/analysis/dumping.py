"""Dumping: somebody comes with a thing, stops, and leaves without it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from edgecam.analysis.abandonment import is_left, left_confidence
from edgecam.analysis.attendance import Attendance, Attendant, gap
from edgecam.analysis.look import Look
from edgecam.analysis.moments import after
from edgecam.analysis.placejudge import PlaceJudge, Verdict
from edgecam.analysis.stillobjects import Place
from edgecam.analysis.watched import Watched
from edgecam.analysis.wording import one
from edgecam.core.events import EventKind

_CAME_FROM: Final = 0.75
_STOPPED_S: Final = 0.8
_RIM: Final = 0.03


class DumpingJudge(PlaceJudge):
    """Reports things whose bringer came from elsewhere and has been out of the zone or the view for ``dwell_s``."""

    def __init__(self, attendance: Attendance, watched: Watched, kinds: Collection[EventKind]) -> None:
        """``kinds`` are those who may have brought it."""
        super().__init__(EventKind.DUMPING, attendance, watched)
        self._kinds = frozenset(kinds)

    def _judged(self, place: Place, who: Attendant, look: Look) -> Verdict | None:
        gone_s = look.now_s - who.near_s
        if who.kind not in self._kinds or gone_s < self._watched.dwell_s or not is_left(place, who):
            return None
        if not _came(place, who, look) or who.lingered_s < _STOPPED_S or self._is_here(who, look):
            return None
        reason = (
            f"{one(who.kind)} came{self._watched.where}, stayed for {who.lingered_s:.0f} s "
            f"and left without what they brought, {gone_s:.0f} s ago"
        )
        return Verdict(after(who.near_wall_ns, self._watched.dwell_s), left_confidence(place, who), reason)

    def _is_here(self, who: Attendant, look: Look) -> bool:
        """Whether they are still to be seen in the zone, by their feet."""
        here = any(track.number == who.number and look.now_s - track.seen_s < 1.0 for track in look.tracks)
        x, y = who.box.centre[0], min(who.box.y1, look.picture.height - 1)
        return here and self._watched.covers(x, y)


def _came(place: Place, who: Attendant, look: Look) -> bool:
    """Whether they were first seen elsewhere, or at the edge of the picture."""
    width, height = look.picture.width, look.picture.height
    first, rim = who.first, _RIM * height
    at_edge = first.x0 < rim or first.y0 < rim or first.x1 > width - rim or first.y1 > height - rim
    return at_edge or gap(first, place.box) >= _CAME_FROM
