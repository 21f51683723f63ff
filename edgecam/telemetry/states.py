"""What lasts now, one retained message a kind: ``state/person`` is ON while somebody is there.

For home systems, which show how things are rather than what happened. Told at each change and at each connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from edgecam.core.clock import Clock
from edgecam.core.events import Event, EventKind
from edgecam.telemetry.messages import Count, Header, Moment
from edgecam.telemetry.publication import Incoming, Outgoing
from edgecam.telemetry.topics import Topics
from edgecam.telemetry.voice import Voice

MOMENTARY: Final = frozenset({EventKind.LINE_CROSSING, EventKind.DOORWAY, EventKind.COUNTING, EventKind.CLONED})
"""Kinds that do not last: they are over when they are told, or only count."""
TAMPERING: Final = frozenset(
    {EventKind.COVERED, EventKind.DEFOCUSED, EventKind.BLINDED, EventKind.MOVED, EventKind.SIGNAL_LOST}
)
"""What somebody does to a camera; it may also happen by itself."""


class StateKind(StrEnum):
    """What may last beside events; the names are stable and stand in topics, as those of `EventKind` do."""

    RECORDING = "recording"
    PRIVATE = "private"
    TAMPER = "tamper"


class StateMessage(Header):
    """Whether something lasts now; retained.

    ``kind`` as in the topic: that of an event, or ``recording``, ``private``, ``tamper`` (any of what somebody does
    to a camera). ``state`` is ``null`` where nobody knows, because the part that looks is silent. ``count`` is of
    the events that last, ``since`` when the first of them began. It holds only while ``status`` says ``online`` in
    the same session: a camera that vanished leaves its last word here.
    """

    kind: EventKind | StateKind
    state: Literal["ON", "OFF"] | None
    at: Moment
    since: Moment | None
    count: Count


@dataclass(frozen=True, slots=True)
class Lasting:
    """What is so at one moment: the events that have not ended, and how the recorder does.

    ``events`` of ``None`` says that nobody looks, ``private`` of ``None`` that nobody knows.
    """

    events: Sequence[Event] | None
    recording: bool
    private: bool | None


@dataclass(frozen=True, slots=True)
class State:
    """Whether one thing lasts; ``first`` is the event that began first."""

    on: bool | None
    count: int = 0
    first: Event | None = None


class States:
    """Tells the states of ``kinds`` and of the recorder; a `Speaker`."""

    def __init__(
        self,
        voice: Voice,
        topics: Topics,
        kinds: Iterable[EventKind],
        lasting: Callable[[], Lasting],
        clock: Clock,
    ) -> None:
        """``lasting`` is called in the link's thread, about once a second."""
        self._voice, self._topics, self._lasting, self._clock = voice, topics, lasting, clock
        self._kinds = told_kinds(kinds)
        self._said: dict[EventKind | StateKind, State] = {}

    @property
    def subscriptions(self) -> Sequence[str]:
        return ()

    def connected(self) -> None:
        """Say all at the next turn: the broker may have forgotten, or never have got the last of it."""
        self._said = {}

    def heard(self, message: Incoming) -> None:
        """Nothing is subscribed to."""

    def say(self) -> list[Outgoing]:
        now = states_of(self._kinds, self._lasting())
        changed = {kind: state for kind, state in now.items() if self._said.get(kind) != state}
        self._said = now
        return [self._message(kind, state) for kind, state in changed.items()]

    def _message(self, kind: EventKind | StateKind, state: State) -> Outgoing:
        first = state.first
        message = StateMessage(
            **self._voice.header().model_dump(),
            kind=kind,
            state=None if state.on is None else "ON" if state.on else "OFF",
            at=Moment.at(self._clock.now()),
            since=None if first is None else Moment.told(first.start_wall_ns, first.trust),
            count=state.count,
        )
        return Outgoing(self._topics.state(kind), message.model_dump_json().encode(), retain=True)


def told_kinds(kinds: Iterable[EventKind]) -> tuple[EventKind | StateKind, ...]:
    """The kinds of state that a camera tells of that reports events of ``kinds``."""
    lasting = tuple(kind for kind in EventKind if kind in set(kinds) - MOMENTARY)
    tamper = (StateKind.TAMPER,) if TAMPERING & set(lasting) else ()
    return (StateKind.RECORDING, StateKind.PRIVATE, *tamper, *lasting)


def states_of(kinds: Iterable[EventKind | StateKind], lasting: Lasting) -> dict[EventKind | StateKind, State]:
    """How it stands with each of ``kinds``."""
    return {kind: _state(kind, lasting) for kind in kinds}


def _state(kind: EventKind | StateKind, lasting: Lasting) -> State:
    if kind is StateKind.RECORDING:
        return State(lasting.recording)
    if kind is StateKind.PRIVATE:
        return State(lasting.private)
    if lasting.events is None:
        return State(None)
    wanted = TAMPERING if kind is StateKind.TAMPER else {kind}
    found = [event for event in lasting.events if event.kind in wanted and event.end_wall_ns is None]
    first = min(found, key=lambda event: event.start_wall_ns, default=None)
    return State(bool(found), len(found), first)
