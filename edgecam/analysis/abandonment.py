"""Things left behind: something came with somebody and stayed, and they went away without it."""

from __future__ import annotations

from typing import Final

from edgecam.analysis.attendance import Attendance, Attendant
from edgecam.analysis.look import Look
from edgecam.analysis.moments import after
from edgecam.analysis.placejudge import PlaceJudge, Verdict
from edgecam.analysis.stillobjects import Place, Showing
from edgecam.analysis.watched import Watched
from edgecam.core.events import EventKind

_CLEAR_LEAN: Final = 0.3
_STEADY: Final = 0.8
_SEEN_LEAVING: Final = 0.8
_PERHAPS_STANDING: Final = 0.5
_UNNAMED_EXTRA_S: Final = 5.0
# After a flash or a switch to infrared the scene is learned anew, and what light left behind lies still too.
_UNNAMED_KNOWN_S: Final = 10.0


class AbandonmentJudge(PlaceJudge):
    """Reports things whose bringer has been gone for ``dwell_s``: from then on until the thing is taken."""

    def __init__(self, attendance: Attendance, watched: Watched) -> None:
        super().__init__(EventKind.ABANDONED_OBJECT, attendance, watched)

    def _judged(self, place: Place, who: Attendant, look: Look) -> Verdict | None:
        gone_s = look.now_s - who.near_s
        wait_s = self._watched.dwell_s + (_UNNAMED_EXTRA_S if who.number is None else 0.0)
        if gone_s < wait_s or not is_left(place, who):
            return None
        bringer = f"whoever brought it went {gone_s:.0f} s ago"
        if who.number is None:
            apart = self._attendance.is_apart(place, look)
            if place.known_s < _UNNAMED_KNOWN_S or not who.travelled or not apart:
                return None
            bringer = f"nobody has been by it for {gone_s:.0f} s"
        lain_s = look.now_s - place.born_s
        reason = f"something was left{self._watched.where} {lain_s:.0f} s ago, {bringer}"
        return Verdict(after(who.near_wall_ns, wait_s), left_confidence(place, who), reason)


def is_left(place: Place, who: Attendant) -> bool:
    """Whether the place is a thing that stayed when ``who`` went, and not they themselves who stand still."""
    if not place.came or not who.gone or place.steady < _STEADY or place.showing is Showing.GONE:
        return False
    return place.area <= (_SEEN_LEAVING if who.walked else _PERHAPS_STANDING) * who.body


def left_confidence(place: Place, who: Attendant) -> float:
    """How sure that is, 0-1: by the outline, by how steady it shows, and by whether its bringer was made out."""
    outline = min(place.contour.lean / _CLEAR_LEAN, 1.0)
    return 0.4 * outline + 0.3 * place.steady + (0.3 if who.number is not None else 0.1)
