"""Home Assistant is told at each connection and each birth, with a jitter; what is no more is taken back once."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_camera import ObedientClock
from stand import IDENTITY, ROOT

from edgecam.core.errors import DataLoss
from edgecam.core.events import EventKind
from edgecam.telemetry.announced import NOTHING, Announced, keep_announced, read_announced
from edgecam.telemetry.discovery import NOWHERE, Device, Discovery, discovery_of
from edgecam.telemetry.homeassistant import BIRTH_JITTER_S, HomeAssistant
from edgecam.telemetry.publication import Incoming, Outgoing

pytestmark = pytest.mark.row("T3")

CONFIG = f"homeassistant/device/{IDENTITY.site}/{IDENTITY.camera}/config"
BIRTH = Incoming("homeassistant/status", b"online")
HEALTH = Outgoing(f"{ROOT}/health", b"{}", expiry_s=180)


def found(*kinds: EventKind, prefix: str = "homeassistant") -> Discovery:
    return discovery_of(Device(IDENTITY, "front", frozenset(kinds), 180), prefix)


class Run:
    """One run of the agent, whose clock a test moves."""

    def __init__(self, discovery: Discovery, note: Path, seed: int = 1) -> None:
        self.clock = ObedientClock()
        self.states_told = 0
        self.speaker = HomeAssistant(
            discovery,
            "homeassistant/status",
            note,
            lambda: HEALTH,
            self._tell_states,
            self.clock,
            random.Random(seed),
        )

    def _tell_states(self) -> None:
        self.states_told += 1

    def said(self, after_s: float = 0.0) -> list[Outgoing]:
        self.clock.sleep(after_s)
        return self.speaker.say()

    def connects(self) -> list[Outgoing]:
        self.speaker.connected()
        return self.said()

    def settles(self) -> None:
        """The connection stands for long enough."""
        self.said(after_s=5)
        self.said(after_s=20)


def topics(said: list[Outgoing]) -> list[tuple[str, bool, bool]]:
    """Where each goes, whether it is retained and whether it empties the topic."""
    return [(message.topic, message.retain, not message.payload) for message in said]


@pytest.fixture
def note(tmp_path: Path) -> Path:
    return tmp_path / "home-assistant.json"


def test_discovery_is_retained_and_told_at_each_connection_and_health_follows(note: Path) -> None:
    run = Run(found(EventKind.PERSON), note)
    for _ in range(2):
        (config,) = run.connects()
        assert (config.topic, config.retain, config.expiry_s) == (CONFIG, True, 0)
        assert config.payload.decode() == found(EventKind.PERSON).config
        assert run.said(after_s=1) == []
        # Not at once: Home Assistant listens to a topic only after it has read of it.
        assert run.said(after_s=4) == [HEALTH]
        assert run.said(after_s=60) == []


def test_a_birth_is_answered_within_ten_seconds_and_not_by_all_at_once(note: Path) -> None:
    waits_s = []
    for seed in range(30):
        run = Run(found(EventKind.PERSON), note, seed)
        run.connects()
        run.settles()
        run.speaker.heard(BIRTH)
        for tenth in range(int(BIRTH_JITTER_S * 10) + 1):
            if said := run.said(after_s=0.1):
                waits_s.append((tenth + 1) / 10)
                assert topics(said) == [(CONFIG, True, False)]
                assert run.states_told == 1
                break
        assert run.said(after_s=5) == [HEALTH]
    assert len(waits_s) == 30
    assert max(waits_s) > 7
    assert min(waits_s) < 3


def test_many_births_are_answered_once(note: Path) -> None:
    run = Run(found(EventKind.PERSON), note)
    run.connects()
    run.settles()
    for _ in range(5):
        run.speaker.heard(BIRTH)
    assert topics(run.said(after_s=BIRTH_JITTER_S)) == [(CONFIG, True, False)]
    assert run.said(after_s=BIRTH_JITTER_S) == [HEALTH]
    assert run.said(after_s=60) == []


@pytest.mark.parametrize(
    "message",
    [
        Incoming("homeassistant/status", b"offline"),
        Incoming("homeassistant/status", b"online", retained=True),
        Incoming("homeassistant/status", b"\xff\x00"),
        Incoming("elsewhere/status", b"online"),
    ],
)
def test_nothing_else_is_a_birth(note: Path, message: Incoming) -> None:
    run = Run(found(EventKind.PERSON), note)
    run.connects()
    run.settles()
    run.speaker.heard(message)
    assert run.said(after_s=60) == []
    assert run.states_told == 0


def test_switched_off_it_takes_all_back_once(note: Path) -> None:
    before = found(EventKind.PERSON)
    Run(before, note).connects()
    run = Run(NOWHERE, note)
    assert list(run.speaker.subscriptions) == []
    assert topics(run.connects()) == [(CONFIG, True, True)]
    assert run.said(after_s=1) == []
    # Not before Home Assistant has gone over the first: an empty state is none that it could read.
    assert set(topics(run.said(after_s=4))) == {(topic, True, True) for topic in before.states}
    run.settles()
    assert not note.exists()
    assert run.connects() == []
    assert Run(NOWHERE, note).connects() == []


def test_a_loss_of_the_connection_does_not_leave_a_camera_behind(note: Path) -> None:
    Run(found(EventKind.PERSON), note).connects()
    run = Run(NOWHERE, note)
    first = topics(run.connects())
    run.said(after_s=5)
    run.said(after_s=15)
    # Perhaps the broker never got it: neither a later connection nor a later run may rely on it.
    assert topics(run.connects()) == first
    again = Run(NOWHERE, note)
    assert topics(again.connects()) == first


def test_an_entity_that_is_gone_is_removed_and_then_left_out(note: Path) -> None:
    was = Run(found(EventKind.PERSON, EventKind.VEHICLE), note)
    was.connects()
    was.settles()
    run = Run(found(EventKind.PERSON), note)
    said = run.connects()
    assert topics(said) == [(CONFIG, False, False), (CONFIG, True, False)]
    removing, after = (json.loads(message.payload)["components"] for message in said)
    assert removing.pop("vehicle") == {"platform": "binary_sensor"}
    assert removing == after
    later = topics(run.said(after_s=5))
    assert sorted(later) == [(f"{ROOT}/health", False, False), (f"{ROOT}/state/vehicle", True, True)]
    run.settles()
    assert topics(run.connects()) == [(CONFIG, True, False)]


def test_another_prefix_leaves_nothing_at_the_old_one(note: Path) -> None:
    Run(found(EventKind.PERSON), note).connects()
    said = topics(Run(found(EventKind.PERSON, prefix="house"), note).connects())
    assert said == [(CONFIG, True, True), (CONFIG.replace("homeassistant", "house"), True, False)]


def test_the_note_is_written_only_when_something_changed(note: Path) -> None:
    run = Run(found(EventKind.PERSON), note)
    run.connects()
    run.settles()
    written = note.stat().st_mtime_ns, note.stat().st_ino
    later = Run(found(EventKind.PERSON), note)
    later.connects()
    later.settles()
    assert (note.stat().st_mtime_ns, note.stat().st_ino) == written


def test_a_note_that_cannot_be_read_or_written_keeps_nobody_from_being_found(tmp_path: Path) -> None:
    note = tmp_path / "note"
    note.write_bytes(b"{")
    assert topics(Run(found(EventKind.PERSON), note).connects()) == [(CONFIG, True, False)]
    folder = tmp_path / "folder"
    folder.mkdir()
    run = Run(found(EventKind.PERSON), folder)
    assert topics(run.connects()) == [(CONFIG, True, False)]
    run.settles()
    assert topics(run.connects()) == [(CONFIG, True, False)]


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_note_or_refused(data: bytes) -> None:
    try:
        told = Announced.from_json(data)
    except DataLoss:
        return
    assert Announced.from_json(told.to_json()) == told


@pytest.mark.parametrize(
    "text",
    [
        *("[]", "{}", "[" * 100_000, '{"configs":{},"states":[],"platforms":{}}'),
        *('{"configs":[],"states":{},"platforms":{}}', '{"configs":[],"states":[],"platforms":[]}'),
        *('{"configs":[1],"states":[],"platforms":{}}', '{"configs":[],"states":[],"platforms":{"a":1}}'),
        '{"configs":["\\ud800"],"states":[],"platforms":{}}',
        '{"configs":[],"states":[],"platforms":{"\\ud800":"sensor"}}',
    ],
)
def test_notes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(DataLoss):
        Announced.from_json(text.encode())


@given(
    st.builds(
        Announced,
        st.frozensets(st.text(st.characters(exclude_categories=["Cs"]))),
        st.frozensets(st.text(st.characters(exclude_categories=["Cs"]))),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["sensor", "event"])),
    )
)
def test_a_note_comes_back_as_it_was(told: Announced) -> None:
    assert Announced.from_json(told.to_json()) == told


def test_no_note_says_nothing(note: Path) -> None:
    assert read_announced(note) == NOTHING
    keep_announced(note, NOTHING)
    assert not note.exists()
