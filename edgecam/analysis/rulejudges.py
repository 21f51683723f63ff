"""Which judge a rule of each kind has."""

from __future__ import annotations

from datetime import tzinfo

from edgecam.analysis.abandonment import AbandonmentJudge
from edgecam.analysis.area import Area
from edgecam.analysis.attendance import Attendance
from edgecam.analysis.counting import Counting
from edgecam.analysis.courses import Courses
from edgecam.analysis.crossing import LineCrossing
from edgecam.analysis.crowding import Crowding
from edgecam.analysis.doorway import Doorway
from edgecam.analysis.dumping import DumpingJudge
from edgecam.analysis.falling import FallJudge
from edgecam.analysis.intrusion import Intrusion
from edgecam.analysis.judge import Judge
from edgecam.analysis.loitering import Loitering
from edgecam.analysis.parking import Parking
from edgecam.analysis.removal import RemovalJudge
from edgecam.analysis.rule import Rule
from edgecam.analysis.stays import Stays
from edgecam.analysis.stillobjects import StillObjects
from edgecam.analysis.tripwire import Tripwire
from edgecam.analysis.watched import Watched
from edgecam.core.errors import Bug
from edgecam.core.events import EventKind
from edgecam.core.timetable import Timetable


class Shared:
    """What the judges of one camera have in common; made once for each analyser."""

    def __init__(self, size: tuple[int, int], fill: tuple[int, int, int], courses: Courses, zone: tzinfo) -> None:
        """``size`` is the small picture's width and height in pixels, ``fill`` the masks' Y, U and V.

        ``zone`` tells hours and days.
        """
        self.size, self.fill, self.courses, self.zone = size, fill, courses, zone
        self._attendances: dict[Timetable | None, Attendance] = {}

    def attendance(self, timetable: Timetable | None) -> Attendance:
        """Who is with which thing: one for all rules that begin and end together, as they forget together."""
        if timetable not in self._attendances:
            self._attendances[timetable] = Attendance(StillObjects())
        return self._attendances[timetable]


def judge_of(rule: Rule, area: Area | None, shared: Shared) -> Judge:
    """The judge for ``rule``; ``area`` is its zone on the picture, ``None`` when it has a line."""
    if rule.line is not None:
        return _over_a_line(rule, Tripwire(rule, rule.line, shared.courses, shared.size), shared)
    if area is None:
        raise Bug(f"rule {rule.number} has neither a zone nor a line")
    if rule.kind in (EventKind.ABANDONED_OBJECT, EventKind.REMOVED_OBJECT, EventKind.DUMPING, EventKind.FALL):
        return _over_a_zone(rule, area, shared)
    if rule.kind == EventKind.DOORWAY:
        return Doorway(rule, area, shared.courses, shared.size[1])
    if rule.kind == EventKind.PARKED_VEHICLE:
        return Parking(rule, area, shared.courses, shared.size[1])
    stays = Stays(rule, area, shared.courses, shared.size[1])
    if rule.kind == EventKind.LOITERING:
        return Loitering(rule, stays)
    if rule.kind == EventKind.CROWDING:
        return Crowding(rule, stays)
    return Intrusion(rule, area, stays)


def _over_a_line(rule: Rule, tripwire: Tripwire, shared: Shared) -> Judge:
    if rule.kind == EventKind.COUNTING:
        return Counting(rule, tripwire, shared.zone)
    return LineCrossing(rule, tripwire)


def _over_a_zone(rule: Rule, area: Area, shared: Shared) -> Judge:
    watched = Watched(
        zone=rule.place,
        covers=lambda x, y: area.depth(x, y) >= 0,
        dwell_s=rule.dwell_s,
        least_height=rule.min_size * shared.size[1],
        sensitivity=rule.sensitivity,
        key=str(rule.number),
    )
    if rule.kind == EventKind.FALL:
        return FallJudge(watched, shared.fill)
    attendance = shared.attendance(rule.timetable)
    if rule.kind == EventKind.DUMPING:
        return DumpingJudge(attendance, watched, rule.objects)
    if rule.kind == EventKind.REMOVED_OBJECT:
        return RemovalJudge(attendance, watched)
    return AbandonmentJudge(attendance, watched)
