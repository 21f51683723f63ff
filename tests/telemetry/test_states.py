"""States: what lasts now is told at each change and each connection, and nobody is there for ever."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_camera import ObedientClock
from stand import IDENTITY, ROOT

from edgecam.core.clock import NS_PER_S
from edgecam.core.events import SCENE_KINDS, Event, EventKind
from edgecam.telemetry.publication import Incoming
from edgecam.telemetry.states import MOMENTARY, TAMPERING, Lasting, StateKind, StateMessage, States, told_kinds
from edgecam.telemetry.topics import Topics
from edgecam.telemetry.voice import Voice

pytestmark = pytest.mark.row("T3")

QUIET = Lasting([], recording=True, private=False)
START_NS = 1_795_255_200 * NS_PER_S  # 2026-11-21T10:00:00Z


def event(kind: EventKind, start_s: int = 0, end_s: int | None = None) -> Event:
    end_ns = None if end_s is None else START_NS + end_s * NS_PER_S
    return Event(f"{kind}-{start_s}", 0, kind, START_NS + start_s * NS_PER_S, end_ns, 2, 0.8, "It is so.")


class Camera:
    """One that tells its states, and what a subscriber makes of them."""

    def __init__(self, *kinds: EventKind) -> None:
        self.lasting = QUIET
        clock = ObedientClock()
        topics = Topics.of(IDENTITY)
        self.states = States(Voice(IDENTITY, clock), topics, kinds, lambda: self.lasting, clock)

    def told(self) -> dict[str, dict[str, Any]]:
        """What is said now, by kind; each is valid, retained and where it belongs."""
        found = {}
        for message in self.states.say():
            kind = message.topic.removeprefix(f"{ROOT}/state/")
            StateMessage.model_validate_json(message.payload)
            body = json.loads(message.payload)
            assert (body["kind"], message.retain, message.expiry_s) == (kind, True, 0)
            found[kind] = body
        return found

    def turned(self) -> dict[str, str | None]:
        return {kind: body["state"] for kind, body in self.told().items()}


def test_all_is_told_at_each_connection_and_then_only_what_changes() -> None:
    camera = Camera(EventKind.PERSON)
    camera.states.connected()
    everything = {"recording": "ON", "private": "OFF", "person": "OFF"}
    assert camera.turned() == everything
    assert camera.turned() == {}
    camera.states.connected()
    assert camera.turned() == everything
    camera.lasting = Lasting([event(EventKind.PERSON)], recording=True, private=False)
    assert camera.turned() == {"person": "ON"}
    camera.lasting = Lasting([event(EventKind.PERSON, end_s=9)], recording=True, private=True)
    assert camera.turned() == {"private": "ON", "person": "OFF"}


def test_a_state_says_how_many_last_and_since_when() -> None:
    camera = Camera(EventKind.PERSON)
    camera.lasting = Lasting(
        [event(EventKind.PERSON, 7), event(EventKind.PERSON, 3), event(EventKind.PERSON, 0, 2)], True, False
    )
    person = camera.told()["person"]
    assert (person["count"], person["since"]["utc"]) == (2, "2026-11-21T10:00:03.000Z")
    camera.lasting = Lasting([event(EventKind.PERSON, 7)], True, False)
    assert camera.told()["person"]["count"] == 1
    camera.lasting = QUIET
    gone = camera.told()["person"]
    assert (gone["state"], gone["count"], gone["since"]) == ("OFF", 0, None)


def test_what_a_dead_observer_saw_is_not_on_for_ever() -> None:
    camera = Camera(EventKind.PERSON, EventKind.COVERED)
    camera.lasting = Lasting([event(EventKind.PERSON)], True, False)
    assert camera.turned()["person"] == "ON"
    camera.lasting = Lasting(None, recording=True, private=False)
    assert camera.turned() == {"tamper": None, "person": None, "covered": None}
    camera.lasting = Lasting(None, recording=False, private=None)
    assert camera.turned() == {"recording": "OFF", "private": None}


@pytest.mark.parametrize("kind", sorted(TAMPERING))
def test_whatever_is_done_to_the_camera_is_tampering(kind: EventKind) -> None:
    camera = Camera(*SCENE_KINDS)
    camera.lasting = Lasting([event(kind)], True, False)
    turned = camera.turned()
    assert {told for told, state in turned.items() if state == "ON"} == {"recording", "tamper", kind}


@given(st.frozensets(st.sampled_from(EventKind)))
def test_only_what_can_last_has_a_state(kinds: frozenset[EventKind]) -> None:
    told = set(told_kinds(kinds))
    assert told & set(EventKind) == kinds - MOMENTARY
    assert (StateKind.TAMPER in told) == bool(kinds & TAMPERING)


@given(
    st.lists(
        st.one_of(
            st.none(),
            st.lists(
                st.builds(event, st.sampled_from(EventKind), st.integers(0, 9), st.none() | st.just(9)), max_size=6
            ),
        ),
        max_size=8,
    )
)
def test_a_subscriber_who_keeps_the_last_word_knows_how_it_is(story: list[list[Event] | None]) -> None:
    camera = Camera(*EventKind)
    kept: dict[str, str | None] = {}
    for events in story:
        camera.lasting = Lasting(events, True, False)
        kept |= camera.turned()
        for kind in set(EventKind) - MOMENTARY:
            lasts = events is not None and any(one.kind is kind and one.end_wall_ns is None for one in events)
            assert kept[kind] == (None if events is None else "ON" if lasts else "OFF")


def test_nobody_can_tell_it_anything() -> None:
    camera = Camera(EventKind.PERSON)
    assert list(camera.states.subscriptions) == []
    camera.told()
    camera.states.heard(Incoming(f"{ROOT}/state/person", b"ON"))
    assert camera.told() == {}
