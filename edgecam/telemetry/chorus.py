"""All speakers on one connection: what they subscribe to, what they hear, and when each may say something."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol, TypeVar

from paho.mqtt.client import topic_matches_sub
from paho.mqtt.reasoncodes import ReasonCode

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.status import Fault
from edgecam.telemetry.address import Address
from edgecam.telemetry.publication import Answered, Incoming, Outgoing
from edgecam.telemetry.speaker import Speaker
from edgecam.telemetry.standing import StandingFaults
from edgecam.telemetry.verdict import Ending, of_code, publication_refused, subscription_refused

_ASK_EVERY_S: Final = 1.0
_HOLD_S: Final = 30.0
# Whoever commands chooses on which topic he is answered: what is refused must not grow by that.
_MOST_REFUSED: Final = 16
_RETAINED: Final = Fault(
    "command_retained",
    "a retained command was refused: let whoever sends commands not retain them; nothing was carried out",
)
_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stage:
    """Where speakers are heard, the same for every connection: ``root`` is the tree of the camera's own topics."""

    speakers: Sequence[Speaker]
    standing: StandingFaults
    address: Address
    root: str
    clock: Clock


class Line(Protocol):
    """What speakers need of a `Connection`."""

    @property
    def ended(self) -> object | None: ...

    @property
    def room(self) -> int: ...

    def fits(self, message: Outgoing) -> bool: ...

    def publish(self, message: Outgoing, answered: Answered) -> None: ...

    def can_subscribe(self, topic_filter: str) -> bool: ...

    def subscribe(self, filters: Sequence[str], answered: Callable[[Sequence[ReasonCode]], None]) -> None: ...


class Chorus:
    """The speakers in one connection; belongs to one thread.

    A speaker that raises is reported and goes on being asked: its failure is nobody else's.
    """

    def __init__(self, stage: Stage, connection: Line) -> None:
        self._stage = stage
        self._clock = stage.clock
        self._connection = connection
        self._filters: list[str] = []
        self._waiting: deque[tuple[Speaker, Outgoing]] = deque()
        self._refused: dict[str, Fault] = {}
        self._ask = True
        self._ask_ns = 0
        self._hold_ns = 0

    @property
    def faults(self) -> list[Fault]:
        """What the broker refuses the speakers now."""
        return list(self._refused.values())

    def connected(self) -> None:
        """Subscribe to all that the speakers want to hear, and tell them."""
        wanted = list(dict.fromkeys(topic for speaker in self._stage.speakers for topic in self._wants(speaker)))
        self._filters = [topic for topic in wanted if self._connection.can_subscribe(topic)]
        self._not_given([topic for topic in wanted if topic not in self._filters])
        if self._filters:
            self._connection.subscribe(self._filters, self._subscribed)
        for speaker in self._stage.speakers:
            self._supervised(speaker, speaker.connected)

    def heard(self, message: Incoming) -> None:
        """Hand ``message`` to whoever subscribed to its topic.

        Retained ones below the camera's own tree, which are commands, reach nobody: who can write one once could
        have it carried out again and again.
        """
        self._ask = True
        if message.retained and message.topic.startswith(f"{self._stage.root}/"):
            if message.payload:  # an empty one is what takes a retained one away
                self._stage.standing.note(_RETAINED)
            return
        for speaker in self._stage.speakers:
            if any(topic_matches_sub(wanted, message.topic) for wanted in self._wants(speaker)):
                self._supervised(speaker, partial(speaker.heard, message))

    def wake(self) -> None:
        """Somebody has news: ask at the next `turn`."""
        self._ask = True

    def turn(self, most: int) -> None:
        """Ask the speakers when it is time, and publish ``most`` of what they said while there is room."""
        now_ns = self._clock.mono_ns()
        if not self._waiting and (self._ask or now_ns >= self._ask_ns):
            self._ask = False
            self._ask_ns = now_ns + int(_ASK_EVERY_S * NS_PER_S)
            for speaker in self._stage.speakers:
                self._waiting += [(speaker, message) for message in self._supervised(speaker, speaker.say) or ()]
        while self._waiting and most > 0 and self._connection.room > 0 and now_ns >= self._hold_ns:
            self._publish(*self._waiting.popleft())
            most -= 1

    @property
    def waits(self) -> bool:
        """Whether something is left to be said that may be said now."""
        return bool(self._waiting) and self._clock.mono_ns() >= self._hold_ns

    def wait_limit_s(self) -> float:
        """How long at most to sleep before `turn` is due again."""
        if not self._stage.speakers or self._connection.room <= 0:
            return _ASK_EVERY_S  # an answer of the broker comes first, and wakes the thread by itself
        due_ns = self._hold_ns if self._waiting else 0 if self._ask else self._ask_ns
        return max(due_ns - self._clock.mono_ns(), 0) / NS_PER_S

    def _publish(self, speaker: Speaker, message: Outgoing) -> None:
        if self._connection.ended is not None:
            return
        if self._connection.fits(message):
            answered = partial(self._answered, message.topic)
            self._supervised(speaker, partial(self._connection.publish, message, answered))
        else:
            self._refuse(message.topic, publication_refused(message.topic, "it is too large for the broker"))

    def _answered(self, topic: str, code: ReasonCode) -> None:
        if not code.is_failure:
            self._refused.pop(topic, None)
            return
        verdict = of_code(self._stage.address, code)
        self._refuse(topic, publication_refused(topic, str(code).lower()))
        if verdict.ending is Ending.BUSY:
            self._hold_ns = self._clock.mono_ns() + int(_HOLD_S * NS_PER_S)

    def _subscribed(self, codes: Sequence[ReasonCode]) -> None:
        self._not_given([topic for topic, code in zip(self._filters, codes, strict=True) if code.is_failure])

    def _not_given(self, filters: Sequence[str]) -> None:
        for topic in filters:
            self._refuse(topic, subscription_refused(topic))

    def _refuse(self, topic: str, fault: Fault) -> None:
        self._refused[topic] = fault
        while len(self._refused) > _MOST_REFUSED:
            del self._refused[next(iter(self._refused))]

    def _wants(self, speaker: Speaker) -> Sequence[str]:
        return self._supervised(speaker, lambda: speaker.subscriptions) or ()

    def _supervised(self, speaker: Speaker, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except Exception:  # noqa: BLE001 - the speaker's own code: events and other speakers must not wait for it
            name = type(speaker).__name__
            if self._stage.standing.note(_failed(name)):
                _log.exception("%s failed", name)
            return None


def _failed(name: str) -> Fault:
    sentence = f"{name} failed inside edgecam: report what the log says; recording goes on and events are sent"
    return Fault("speaker_failed", sentence)
