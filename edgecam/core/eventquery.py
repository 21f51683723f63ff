"""What somebody looks for among the events, and which of them they are; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from edgecam.core.events import Event, EventKind

_END_OF_TIME_NS = 1 << 62


@dataclass(frozen=True, slots=True)
class EventQuery:
    """Events that began from ``from_wall_ns`` to before ``to_wall_ns``, newest first, ``limit`` at most.

    An empty set of ``kinds``, ``zones`` or ``directions`` asks for all. ``before`` is the identity of an event in
    that order: those after it are meant, and none when it is not there.
    """

    kinds: frozenset[EventKind] = frozenset()
    zones: frozenset[str] = frozenset()
    directions: frozenset[str] = frozenset()
    from_wall_ns: int = 0
    to_wall_ns: int = _END_OF_TIME_NS
    before: str = ""
    limit: int = 100

    def wants(self, event: Event) -> bool:
        """Whether ``event`` is one of those looked for, wherever in their order."""
        return (
            self.from_wall_ns <= event.start_wall_ns < self.to_wall_ns
            and (not self.kinds or event.kind in self.kinds)
            and (not self.zones or event.zone in self.zones)
            and (not self.directions or event.direction in self.directions)
        )

    def found(self, newest_first: Iterable[Event]) -> list[Event]:
        """Those looked for among events in their order; takes no more of them than it needs."""
        return list(self._found(newest_first))

    def _found(self, newest_first: Iterable[Event]) -> Iterator[Event]:
        reached, count = not self.before, 0
        for event in newest_first:
            if reached and self.wants(event):
                yield event
                count += 1
                if count == self.limit:
                    return
            reached = reached or event.event_id == self.before


def place_in_order(event: Event) -> tuple[int, str]:
    """Sorts events; reversed, the newest is first."""
    return event.start_wall_ns, event.event_id
