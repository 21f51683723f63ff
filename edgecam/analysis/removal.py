"""Things taken: something that belonged to the scene is gone since somebody was by it."""

from __future__ import annotations

from typing import Final

from edgecam.analysis.attendance import Attendance, Attendant
from edgecam.analysis.box import share_inside
from edgecam.analysis.look import Look
from edgecam.analysis.moments import after
from edgecam.analysis.placejudge import PlaceJudge, Verdict
from edgecam.analysis.stillobjects import Place, Showing
from edgecam.analysis.watched import Watched
from edgecam.core.events import EventKind

_CLEAR_LEAN: Final = -0.3
_STEADY: Final = 0.8
_LEAST_KNOWN_S: Final = 15.0
_UPRIGHT: Final = 1.8
_BODY_HEIGHT: Final = 0.6
_MOST_OF_BODY: Final = 0.8
_OWN_TRACE: Final = 0.5
_HIDDEN: Final = 0.1
_LONGEST_UNSEEN_S: Final = 3.0


class RemovalJudge(PlaceJudge):
    """Reports things that have been missing for ``dwell_s``: from then on until they are back."""

    def __init__(self, attendance: Attendance, watched: Watched) -> None:
        super().__init__(EventKind.REMOVED_OBJECT, attendance, watched)

    def _judged(self, place: Place, who: Attendant, look: Look) -> Verdict | None:
        missing_s = look.now_s - place.born_s
        if missing_s < self._watched.dwell_s or not _is_taken(place, who) or not _is_free(place, who, look):
            return None
        outline = min(place.contour.lean / _CLEAR_LEAN, 1.0)
        confidence = 0.4 * outline + 0.3 * place.steady + (0.3 if who.number is not None else 0.1)
        taker = "somebody was by it" if who.number is not None else "something moved by it"
        reason = f"something that stood{self._watched.where} has been gone for {missing_s:.0f} s, {taker}"
        return Verdict(after(place.born_wall_ns, self._watched.dwell_s), confidence, reason)


def _is_taken(place: Place, who: Attendant) -> bool:
    """Whether a thing is gone that was known, and not somebody who stood there and walked on."""
    if not place.went or place.known_s < _LEAST_KNOWN_S or place.steady < _STEADY:
        return False
    if place.showing is Showing.GONE or place.area > _MOST_OF_BODY * who.body:
        return False
    box = place.box
    upright = box.height > _UPRIGHT * box.width and box.height > _BODY_HEIGHT * who.box.height
    return not upright and share_inside(box, who.first) < _OWN_TRACE


def _is_free(place: Place, who: Attendant, look: Look) -> bool:
    """Whether nobody stands before the place: they hide the scene's edges as if it were gone."""
    boxes = [track.box for track in look.tracks if look.now_s - track.seen_s < _LONGEST_UNSEEN_S]
    return (who.gone or who.walked) and all(share_inside(place.box, box) < _HIDDEN for box in boxes)
