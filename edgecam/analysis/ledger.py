"""The open events: turns what judges find into events with identities and revisions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from edgecam.analysis.box import Box
from edgecam.analysis.finding import Finding
from edgecam.core.events import Event, EventKind

_RESUMED_WITHIN_S: Final = 12.0
"""How long after a new start something that is found again may continue an event of the process before."""
_RESUMED_REACH: Final = 0.2
"""How far, as a share of the picture's width, it may have gone meanwhile."""
_ONE_A_ZONE: Final = frozenset({EventKind.INTRUSION, EventKind.CROWDING, EventKind.COUNTING, EventKind.MOTION})
"""Kinds of which a place has one at a time, wherever in it and whoever it is."""
_MOST_OPEN: Final = 512
_LONGEST_REASON: Final = 400


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """Events that an earlier process opened and did not end, and when it was last seen alive.

    What was left ``long_ago`` is ended and never continued.
    """

    events: tuple[Event, ...] = ()
    alive_wall_ns: int = 0
    long_ago: bool = False


NONE_LEFT: Final = LeftOpen()


class Ledger:
    """Events that were opened and have not ended, by the keys of their findings; bounded."""

    def __init__(
        self,
        size: tuple[int, int],
        kinds: frozenset[EventKind],
        new_id: Callable[[], str],
        left: LeftOpen = NONE_LEFT,
    ) -> None:
        """``size`` is the small picture's in pixels, ``kinds`` what is told at all."""
        self._size, self._kinds, self._new_id = size, kinds, new_id
        self._trust = 0
        self._open: dict[Hashable, Event] = {}
        self._left = list(left.events)
        self._alive_wall_ns, self._long_ago = left.alive_wall_ns, left.long_ago
        self._left_until_s: float | None = None

    def at(self, now_s: float, trust: int) -> list[Event]:
        """A look begins at ``now_s`` (capture time); ``trust`` is the wall clock's, for events that open now.

        Gives the ends of events of an earlier process that nothing has continued in time.
        """
        self._trust = trust
        if not self._left:
            return []
        if self._left_until_s is None:
            self._left_until_s = now_s + (_RESUMED_WITHIN_S if not self._long_ago else -1.0)
        return self.abandon() if now_s > self._left_until_s else []

    def abandon(self) -> list[Event]:
        """End what an earlier process left open, where that process was last alive."""
        left, self._left = self._left, []
        why = "it was not seen again after the observer was started anew"
        return [_ended(event, self._alive_wall_ns, f"{event.reason}; {why}") for event in left]

    def take(self, findings: Iterable[Finding]) -> list[Event]:
        """The events that ``findings`` open or end, in their order."""
        taken = [self._taken(finding) for finding in findings if finding.kind in self._kinds]
        return [event for event in taken if event is not None]

    def _taken(self, finding: Finding) -> Event | None:
        event = self._open.get(finding.key)
        if event is None:
            event = self._continued(finding)
            if event is None:
                return self._opened(finding)
            self._open[finding.key] = event
        if finding.end_wall_ns is None:
            return None
        del self._open[finding.key]
        ended = _ended(event, finding.end_wall_ns, finding.reason)
        box = event.box if finding.box is None else finding.box.normalised(*self._size)
        return replace(ended, confidence=_share(finding.confidence), box=box)

    def _opened(self, finding: Finding) -> Event | None:
        lasts = finding.end_wall_ns is None
        if lasts and len(self._open) >= _MOST_OPEN:
            return None
        end = None if finding.end_wall_ns is None else max(finding.end_wall_ns, finding.start_wall_ns)
        event = Event(
            event_id=self._new_id(),
            revision=0,
            kind=finding.kind,
            start_wall_ns=finding.start_wall_ns,
            end_wall_ns=end,
            trust=self._trust,
            confidence=_share(finding.confidence),
            reason=finding.reason[:_LONGEST_REASON],
            track=finding.track,
            box=None if finding.box is None else finding.box.normalised(*self._size),
            zone=finding.zone,
            direction=finding.direction,
        )
        if lasts:
            self._open[finding.key] = event
        return event

    def _continued(self, finding: Finding) -> Event | None:
        """The event of an earlier process that ``finding`` goes on with, if there is one."""
        if finding.end_wall_ns is not None:
            return None
        place = None if finding.box is None else finding.box.normalised(*self._size)
        for index, event in enumerate(self._left):
            same = (event.kind, event.zone) == (finding.kind, finding.zone)
            if same and (event.kind in _ONE_A_ZONE or _is_near(event.box, place)):
                return self._left.pop(index)
        return None


def _ended(event: Event, end_wall_ns: int, reason: str) -> Event:
    end = max(end_wall_ns, event.start_wall_ns)
    return replace(event, revision=event.revision + 1, end_wall_ns=end, reason=reason[:_LONGEST_REASON])


def _share(confidence: float) -> float:
    return round(min(max(float(confidence), 0.0), 1.0), 3)


def _is_near(before: Sequence[float] | None, now: Sequence[float] | None) -> bool:
    if before is None or now is None:
        return before is None and now is None
    (x0, y0), (x1, y1) = Box(*before).centre, Box(*now).centre
    return abs(x0 - x1) <= _RESUMED_REACH and abs(y0 - y1) <= 2 * _RESUMED_REACH
