"""Tells Home Assistant of the camera, tells it again when it starts, and takes back what is no more."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import DataLoss, MediaFailing
from edgecam.telemetry.announced import NOTHING, Announced, keep_announced, read_announced
from edgecam.telemetry.discovery import Discovery
from edgecam.telemetry.publication import Incoming, Outgoing

BIRTH_JITTER_S: Final = 10.0
"""Home Assistant greets all devices at once; they answer anywhere within this time."""
# Home Assistant listens to what discovery names only after it has read it, and for a moment after that is gone.
_READ_AFTER_S: Final = 5.0
# By then the broker has acknowledged, or the link has given the connection up.
_SETTLED_AFTER_S: Final = 20.0
_BIRTH: Final = b"online"
_log = logging.getLogger(__name__)
_Act: TypeAlias = Callable[[], Sequence[Outgoing]]


class HomeAssistant:
    """A `Speaker`: discovery at each connection and at each birth of Home Assistant.

    What was announced before and is no more (an entity, a topic, all of it when ``discovery`` is `NOWHERE`) is
    taken back first; the note at ``note_path`` remembers it over restarts until a connection has stood long enough.
    """

    def __init__(
        self,
        discovery: Discovery,
        birth_topic: str,
        note_path: Path,
        health: Callable[[], Outgoing],
        tell_states: Callable[[], None],
        clock: Clock,
        chance: random.Random | None = None,
    ) -> None:
        """``health`` gives a message of now; ``tell_states`` has all states told anew. Both are called in `say`."""
        self._discovery, self._note_path = discovery, note_path
        self._birth_topic = birth_topic if discovery.topic else ""
        self._health, self._tell_states = health, tell_states
        self._clock, self._chance = clock, chance or random.Random()
        self._now = discovery.announced
        self._before = _noted(note_path)
        self._due_ns: dict[_Act, int] = {}

    @property
    def subscriptions(self) -> Sequence[str]:
        return (self._birth_topic,) if self._birth_topic else ()

    def connected(self) -> None:
        self._due_ns = {self._announce: 0}

    def heard(self, message: Incoming) -> None:
        """A retained birth is from before this connection, at which everything was told anyway."""
        if message.topic == self._birth_topic and message.payload == _BIRTH and not message.retained:
            self._soon(self._answer_birth, self._chance.uniform(0.0, BIRTH_JITTER_S))

    def say(self) -> list[Outgoing]:
        now_ns = self._clock.mono_ns()
        due = [act for act, due_ns in self._due_ns.items() if now_ns >= due_ns]
        for act in due:
            del self._due_ns[act]
        return [message for act in due for message in act()]

    def _answer_birth(self) -> Sequence[Outgoing]:
        self._tell_states()
        return self._announce()

    def _announce(self) -> Sequence[Outgoing]:
        if self._before != self._now:
            self._keep(self._before.joined(self._now))
            self._soon(self._empty_states, _READ_AFTER_S)
        said = [_retained(topic, "") for topic in sorted(self._before.configs - self._now.configs)]
        if not self._discovery.topic:
            return said
        gone = self._before.gone(self._now) if self._now.configs <= self._before.configs else {}
        if gone:
            said.append(Outgoing(self._discovery.topic, self._discovery.removing(gone).encode()))
        said.append(_retained(self._discovery.topic, self._discovery.config))
        self._soon(self._tell_health, _READ_AFTER_S)
        return said

    def _empty_states(self) -> Sequence[Outgoing]:
        self._soon(self._settle, _SETTLED_AFTER_S)
        return [_retained(topic, "") for topic in sorted(self._before.states - self._now.states)]

    def _tell_health(self) -> Sequence[Outgoing]:
        return (self._health(),)

    def _settle(self) -> Sequence[Outgoing]:
        """The connection stood since all was told: the broker has it."""
        self._keep(self._now)
        self._before = self._now
        return ()

    def _soon(self, act: _Act, wait_s: float) -> None:
        self._due_ns.setdefault(act, self._clock.mono_ns() + int(wait_s * NS_PER_S))

    def _keep(self, announced: Announced) -> None:
        try:
            keep_announced(self._note_path, announced)
        except (MediaFailing, OSError) as failing:
            # It costs no more than that something stays in Home Assistant which its owner can delete there.
            _log.warning("what Home Assistant was told could not be noted: %s", failing)


def _retained(topic: str, text: str) -> Outgoing:
    """Nothing at all as ``text`` empties the topic."""
    return Outgoing(topic, text.encode(), retain=True, content_type="application/json" if text else "")


def _noted(path: Path) -> Announced:
    try:
        return read_announced(path)
    except (DataLoss, OSError) as unreadable:
        _log.warning("%s: %s", path, unreadable)
        return NOTHING
