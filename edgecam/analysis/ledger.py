"""The open events: gives each its identity and revisions, and says in one sentence why it is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from edgecam.analysis.box import Box
from edgecam.analysis.scene_health import SceneHealth
from edgecam.analysis.stirring import Stir
from edgecam.analysis.tracks import Track
from edgecam.core.events import Event, EventKind

_NS_PER_S: Final = 1_000_000_000
_FULL_MOTION_SHARE: Final = 0.05


class Ledger:
    """Events that were opened and have not ended; at most one a live track and one of each other kind."""

    def __init__(self, size: tuple[int, int], kinds: frozenset[EventKind], new_id: Callable[[], str]) -> None:
        self._size, self._kinds, self._new_id = size, kinds, new_id
        self._trust = 0
        self._by_track: dict[int, Event] = {}
        self._stir: Event | None = None
        self._scene: dict[EventKind, Event] = {}

    def at_trust(self, trust: int) -> None:
        """How far the wall clock is believed, for the events that open from now on."""
        self._trust = trust

    def track_opened(self, track: Track) -> Event | None:
        reason = f"a {track.kind} appeared, seen in {track.hits} of {track.looks} looks, score {track.score:.2f}"
        event = self._opened(track.kind, track.first_wall_ns, track.score, reason, track.box, track.number)
        if event is not None:
            self._by_track[track.number] = event
        return event

    def track_ended(self, track: Track) -> Event | None:
        event = self._by_track.pop(track.number, None)
        if event is None:
            return None
        verb = "passed" if track.kind == EventKind.VEHICLE else "walked"
        if track.went < 0.25:
            verb = "stood"
        lasted_s = max(0.0, track.seen_s - track.first_s)
        seen = f"seen in {track.hits} of {track.looks} looks, score {track.score:.2f}"
        reason = f"a {track.kind} {verb} for {lasted_s:.0f} s, {seen}"
        return self._ended(event, track.seen_wall_ns, reason, track.score, track.box)

    def stir_opened(self, stir: Stir) -> Event | None:
        reason = f"something unrecognised stirs, {stir.area:.1%} of the picture at most"
        self._stir = self._opened(EventKind.MOTION, stir.first_wall_ns, _stir_confidence(stir), reason, stir.box)
        return self._stir

    def stir_ended(self, stir: Stir) -> Event | None:
        event, self._stir = self._stir, None
        if event is None:
            return None
        lasted_s = max(0.0, stir.seen_s - stir.first_s)
        reason = f"something unrecognised stirred for {lasted_s:.0f} s, {stir.area:.1%} of the picture at most"
        return self._ended(event, stir.seen_wall_ns, reason, _stir_confidence(stir), stir.box)

    def scene(self, health: SceneHealth, wall_ns: int) -> list[Event]:
        """The scene-health events that ``health`` opens or ends at ``wall_ns``."""
        covered = f"the lens is covered, {health.lost:.0%} of the scene's edges are gone"
        began_ns = wall_ns - round(health.since_s * _NS_PER_S)
        changed = [
            self._switched(EventKind.COVERED, health.covered, wall_ns, began_ns, max(health.lost, 0.5), covered),
            self._switched(
                EventKind.MOVED, health.moved, wall_ns, began_ns, 0.8 if health.shift else 0.6, _moved(health)
            ),
        ]
        return [event for event in changed if event is not None]

    def scene_ended(self, wall_ns: int) -> list[Event]:
        """End the open scene-health events at ``wall_ns``: the scene cannot be judged any more."""
        ended = [self._switched(kind, False, wall_ns, wall_ns, 0.0, "") for kind in list(self._scene)]
        return [event for event in ended if event is not None]

    def _switched(
        self, kind: EventKind, on: bool, wall_ns: int, began_ns: int, confidence: float, reason: str
    ) -> Event | None:
        event = self._scene.get(kind)
        if on and event is None:
            event = self._opened(kind, began_ns, confidence, reason, None)
            if event is not None:
                self._scene[kind] = event
            return event
        if on or event is None:
            return None
        del self._scene[kind]
        lasted_s = max(0, wall_ns - event.start_wall_ns) / _NS_PER_S
        return self._ended(event, wall_ns, f"{event.reason}; over after {lasted_s:.0f} s", event.confidence, None)

    def _opened(
        self,
        kind: EventKind,
        start_wall_ns: int,
        confidence: float,
        reason: str,
        box: Box | None,
        track: int | None = None,
    ) -> Event | None:
        if kind not in self._kinds:
            return None
        place = None if box is None else box.normalised(*self._size)
        sure = round(min(max(confidence, 0.0), 1.0), 3)
        return Event(
            self._new_id(), 0, kind, start_wall_ns, None, self._trust, sure, reason, track=track, box=place
        )

    def _ended(self, event: Event, end_wall_ns: int, reason: str, confidence: float, box: Box | None) -> Event:
        return replace(
            event,
            revision=event.revision + 1,
            end_wall_ns=max(end_wall_ns, event.start_wall_ns),
            reason=reason,
            confidence=round(min(max(confidence, 0.0), 1.0), 3),
            box=event.box if box is None else box.normalised(*self._size),
        )


def _stir_confidence(stir: Stir) -> float:
    return 0.3 + 0.6 * min(1.0, stir.area / _FULL_MOTION_SHARE)


def _moved(health: SceneHealth) -> str:
    if health.shift is None:
        return "the camera shows another scene than before"
    right, down = health.shift
    return (
        f"the camera was moved, its view is off by {abs(right):.0%} of the width and {abs(down):.0%} of the height"
    )
