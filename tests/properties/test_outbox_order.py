"""Whatever happens in whatever order: each event arrives, once on a connection, no revision before a lower one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pumpstand import Camera, camera_in
from stand import event

from edgecam.core.clock import NS_PER_S
from edgecam.core.events import Event

QUOTA_EXCEEDED = 0x97
EVENTS = 4


@dataclass
class Story:
    """What was told and what the broker accepted, in order; ``parts`` has one list for each connection."""

    camera: Camera
    revisions: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)
    by_row: list[str] = field(default_factory=list)
    parts: list[list[str]] = field(default_factory=lambda: [[]])
    refusals: int = 0

    @property
    def accepted(self) -> list[str]:
        return [name for part in self.parts for name in part]

    def next_of(self, number: int) -> Event:
        name = f"e{number}"
        revision = self.revisions[name]
        self.revisions[name] += 1
        self.told.append(f"{name}.{revision}")
        return event(name, revision)

    def tell(self, *numbers: int) -> None:
        self.camera.tell(*(self.next_of(number) for number in numbers))

    def tell_by_row(self, *numbers: int) -> None:
        """As when nobody hears the bell."""
        self.camera.outbox.put(*(self.next_of(number) for number in numbers))

    def turn(self) -> None:
        self.camera.pump.turn()

    def answer(self) -> None:
        if self.camera.line.unanswered:
            self.parts[-1].append(self.camera.line.answer())

    def refuse(self) -> None:
        if self.camera.line.unanswered:
            self.camera.line.answer(code=QUOTA_EXCEEDED)
            self.refusals += 1

    def reconnect(self) -> None:
        self.camera.connect(receive_maximum=3)
        self.parts.append([])

    def wait(self) -> None:
        self.camera.second()

    def drain(self) -> None:
        for _ in range(4):
            self.camera.clock.pass_by(31 * NS_PER_S)
            while True:
                self.camera.pump.turn()
                if not self.camera.line.unanswered:
                    break
                self.answer()


Step = Callable[[Story], None]
number = st.integers(0, EVENTS - 1)
numbers = st.lists(number, min_size=1, max_size=12)
steps = st.one_of(
    numbers.map(lambda some: lambda story: story.tell(*some)),
    numbers.map(lambda some: lambda story: story.tell_by_row(*some)),
    *(st.just(step) for step in (Story.turn, Story.turn, Story.answer, Story.answer, Story.wait)),
)
disturbed = st.one_of(steps, st.just(Story.refuse), st.just(Story.reconnect))


def lived(script: list[Step], folder: Path) -> Story:
    with camera_in(folder) as camera:
        story = Story(camera)
        for step in script:
            step(story)
        story.drain()
        assert (len(camera.outbox), camera.outbox.lost, camera.outbox.answered) == (0, 0, 0)
        return story


def firsts(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


@pytest.mark.row("T2")
@settings(max_examples=60)
@given(st.lists(steps, max_size=30))
def test_on_a_connection_that_holds_each_arrives_once_and_in_the_order_of_its_event(script: list[Step]) -> None:
    with TemporaryDirectory() as name:
        story = lived(script, Path(name))
    assert sorted(story.accepted) == sorted(story.told)
    for number in range(EVENTS):
        of_one = [name for name in story.accepted if name.startswith(f"e{number}.")]
        assert of_one == [name for name in story.told if name.startswith(f"e{number}.")]


@pytest.mark.row("T2")
@settings(max_examples=60)
@given(st.lists(disturbed, max_size=30))
def test_refusals_and_lost_connections_lose_nothing_and_turn_no_event_round(script: list[Step]) -> None:
    with TemporaryDirectory() as name:
        story = lived(script, Path(name))
    assert sorted(firsts(story.accepted)) == sorted(story.told)
    assert all(len(part) == len(set(part)) for part in story.parts)
    for number in range(EVENTS):
        of_one = [name for name in firsts(story.accepted) if name.startswith(f"e{number}.")]
        assert of_one == [name for name in story.told if name.startswith(f"e{number}.")]
