"""What the judges of lasting changes share: which events are open, and when they are over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from edgecam.analysis.attendance import Attendance, Attendant
from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look
from edgecam.analysis.stillobjects import Place
from edgecam.analysis.watched import Watched
from edgecam.core.events import EventKind


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a place is an event: since when, how sure (0-1), and a sentence."""

    start_wall_ns: int
    confidence: float
    reason: str


class PlaceJudge(ABC):
    """One event a place at most; bounded by the places of `StillObjects`."""

    def __init__(self, kind: EventKind, attendance: Attendance, watched: Watched) -> None:
        self._kind, self._attendance, self._watched = kind, attendance, watched
        self._open: dict[int, Finding] = {}

    def observe(self, look: Look) -> list[Finding]:
        """What began with this look, and what is over because the place is as it was or was taken for the scene."""
        self._attendance.observe(look)
        places = {place.number: place for place in self._attendance.places}
        found = [self._ended(number, look.wall_ns) for number in list(self._open) if number not in places]
        for place in places.values():
            who = self._attendance.of(place)
            if who is None or place.number in self._open or not self._watched.holds(place.box):
                continue
            verdict = self._judged(place, who, look)
            if verdict is not None and verdict.confidence >= self._watched.least_confidence:
                self._open[place.number] = self._finding(place, who, verdict)
                found.append(self._open[place.number])
        return found

    def forget(self, wall_ns: int) -> list[Finding]:
        """End all that is open at ``wall_ns``; all judges of the same `Attendance` start anew."""
        self._attendance.forget()
        return [self._ended(number, wall_ns) for number in list(self._open)]

    @abstractmethod
    def _judged(self, place: Place, who: Attendant, look: Look) -> Verdict | None:
        """Whether the place is an event now, or never, or not yet."""

    def _finding(self, place: Place, who: Attendant, verdict: Verdict) -> Finding:
        return Finding(
            (self._kind, self._watched.key, place.number),
            self._kind,
            verdict.start_wall_ns,
            round(verdict.confidence, 3),
            verdict.reason,
            zone=self._watched.zone,
            track=who.number,
            box=place.box,
        )

    def _ended(self, number: int, wall_ns: int) -> Finding:
        return self._open.pop(number).ended(wall_ns)
