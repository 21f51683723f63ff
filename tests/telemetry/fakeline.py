"""A connection in RAM that keeps what is published until a test answers it."""

from __future__ import annotations

import json
from collections.abc import Callable

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from edgecam.telemetry.publication import Outgoing

Answer = Callable[[ReasonCode], None]


class FakeLine:
    """As `Connection` towards the pump; ``most_under_way`` is how much was ever unanswered at once."""

    def __init__(self, receive_maximum: int = 65_535, max_payload_bytes: int = 65_536) -> None:
        self.ended: object | None = None
        self.most_under_way = 0
        self._receive_maximum = receive_maximum
        self._max_payload_bytes = max_payload_bytes
        self._open: list[tuple[str, Answer]] = []

    @property
    def unanswered(self) -> int:
        return len(self._open)

    @property
    def room(self) -> int:
        return self._receive_maximum - len(self._open)

    def fits(self, message: Outgoing) -> bool:
        return len(message.payload) <= self._max_payload_bytes

    def publish(self, message: Outgoing, answered: Answer) -> None:
        assert self.room > 0, "more is published than the broker asked for"
        told = json.loads(message.payload)
        self._open.append((f"{told['event_id']}.{told['revision']}", answered))
        self.most_under_way = max(self.most_under_way, len(self._open))

    def names(self) -> list[str]:
        """What is unanswered, as ``event.revision``, in the order in which it was published."""
        return [name for name, _ in self._open]

    def answer(self, index: int = 0, code: int = 0) -> str:
        """Acknowledge one; gives its name."""
        name, answered = self._open.pop(index)
        answered(ReasonCode(PacketTypes.PUBACK, identifier=code))
        return name

    def answer_all(self) -> None:
        while self._open:
            self.answer()
