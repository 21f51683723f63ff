"""Events once more, as ONVIF says them over MQTT (``onvif-ej``), for what understands nothing else.

Best effort beside the durable `event` topic: nothing waits on disk. What lasts is retained, said anew at each
connection and from time to time, and expires by itself when the camera does not come back to end it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from edgecam.core.clock import NS_PER_S, Clock, Instant
from edgecam.core.errors import DataLoss
from edgecam.core.events import Event
from edgecam.core.recent import KEPT, Change, EventChanges
from edgecam.telemetry.messages import Frozen, Moment, Utc
from edgecam.telemetry.onviftopics import ONVIF_TOPICS, OnvifTopic
from edgecam.telemetry.publication import Incoming, Outgoing
from edgecam.telemetry.topics import Topics

LIVES_S: Final = 600
_AGAIN_NS: Final = LIVES_S * NS_PER_S // 3
_LATE_NS: Final = 60 * NS_PER_S
# The token of the camera's only video source.
_SOURCE: Final = "1"
# In a topic they would mean something else; ONVIF strips them too.
_NOT_IN_TOPICS: Final = str.maketrans("", "", "#+/")


class OnvifEvent(Frozen):
    """ONVIF's JSON event. ``Source`` says which source and rule, ``Data`` what is so; names are as ONVIF has them.

    A retained one holds until a message without payload comes on the same topic.
    """

    UtcTime: Utc
    Source: dict[str, str]
    Data: dict[str, str | bool]


@dataclass(slots=True)
class _State:
    """What lasts on one topic, by event; ``said_ns`` is when that was last said (monotonic)."""

    told: OnvifTopic
    source: dict[str, str]
    lasting: dict[str, Event] = field(default_factory=dict)
    said_ns: int = 0


class OnvifEvents:
    """A `Speaker`: what began and ended since the last look, in the order in which it came."""

    subscriptions: Sequence[str] = ()

    def __init__(self, topics: Topics, changes: EventChanges, clock: Clock) -> None:
        self._root = f"{topics.root}/onvif-ej"
        self._changes = changes
        self._clock = clock
        # Every state that was told in this session, by its topic; as many as there are rules, at most.
        self._states: dict[str, _State] = {}
        self._anew = True

    def connected(self) -> None:
        """What the broker retains may be of before: every state is said anew."""
        self._anew = True

    def heard(self, message: Incoming) -> None:
        """Nothing is listened to."""

    def say(self) -> Sequence[Outgoing]:
        """What is new; at a new connection every state as it is now, and later those that would expire."""
        now = self._clock.now()
        said = [message for change in self._changes.look() for message in self._told(change, now)]
        for topic, state in self._states.items():
            if self._anew or (state.lasting and now.mono_ns - state.said_ns > _AGAIN_NS):
                said.append(self._held(topic, state, now))
        self._anew = False
        return said

    def _told(self, change: Change, now: Instant) -> list[Outgoing]:
        event, told = change.event, ONVIF_TOPICS[change.event.kind]
        if not _is_dated(event):
            return []  # no message can tell it; the event topic leaves it out too
        source = _source(event, told)
        topic = f"{self._root}/{told.path}/&{'/'.join(map(_stripped, source.values()))}"
        if told.lasting:
            return self._changed(topic, self._states.setdefault(topic, _State(told, source)), event, now)
        if not change.began or now.wall_ns - event.start_wall_ns > _LATE_NS:
            return []
        return [_message(topic, source, event.start_wall_ns, _data(told, [event]))]

    def _changed(self, topic: str, state: _State, event: Event, now: Instant) -> list[Outgoing]:
        known = event.event_id in state.lasting
        if event.end_wall_ns is None:
            _keep(state.lasting, event)
            return [] if self._anew or known else [self._held(topic, state, now)]
        state.lasting.pop(event.event_id, None)
        if self._anew:
            return []
        said = []
        if not known:
            # It was over before it could be told that it had begun.
            said.append(_message(topic, state.source, event.start_wall_ns, _data(state.told, [event])))
        if not state.lasting and state.told.state:
            said.append(_message(topic, state.source, event.end_wall_ns, {state.told.state: False}))
        return [*said, self._held(topic, state, now)]

    def _held(self, topic: str, state: _State, now: Instant) -> Outgoing:
        """What the broker is to keep for whoever comes later: the state, or nothing."""
        state.said_ns = now.mono_ns
        if not state.lasting:
            return Outgoing(topic, b"", retain=True, content_type="")
        events = list(state.lasting.values())
        return _message(topic, state.source, events[-1].start_wall_ns, _data(state.told, events), retain=True)


def _keep(lasting: dict[str, Event], event: Event) -> None:
    lasting[event.event_id] = event
    if len(lasting) > KEPT:
        del lasting[next(iter(lasting))]


def _is_dated(event: Event) -> bool:
    try:
        Moment.told(event.start_wall_ns, 0)
        Moment.told(event.end_wall_ns or 0, 0)
    except DataLoss:
        return False
    return True


def _source(event: Event, told: OnvifTopic) -> dict[str, str]:
    if told.by_rule:
        return {"VideoSource": _SOURCE, "Rule": event.zone or event.kind.value}
    return {"Source": _SOURCE}


def _data(told: OnvifTopic, events: Sequence[Event]) -> dict[str, str | bool]:
    data: dict[str, str | bool] = {}
    if told.state:
        data[told.state] = True
    if told.since:
        data[told.since] = Moment.told(min(event.start_wall_ns for event in events), events[0].trust).utc
    if told.by_rule and (objects := " ".join(str(event.track) for event in events if event.track is not None)):
        data["ObjectId"] = objects
    if told.class_type:
        data["ClassTypes"] = told.class_type
    return data


def _message(
    topic: str, source: dict[str, str], wall_ns: int, data: dict[str, str | bool], *, retain: bool = False
) -> Outgoing:
    event = OnvifEvent(UtcTime=Moment.told(wall_ns, 0).utc, Source=source, Data=data)
    return Outgoing(topic, event.model_dump_json().encode(), retain=retain, expiry_s=LIVES_S if retain else 0)


def _stripped(name: str) -> str:
    """``name`` as a part of a topic."""
    return name.translate(_NOT_IN_TOPICS) or "-"
