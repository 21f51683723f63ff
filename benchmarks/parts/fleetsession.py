"""One try of a simulated camera to speak with the broker, from TCP to its end."""

from __future__ import annotations

import ssl
import time
from typing import Protocol

from edgecam.core.errors import DataLoss
from edgecam.telemetry.connection import Manner
from parts.fleetloop import Loop, Timer
from parts.fleetpackets import CONNACK, DISCONNECT, PUBACK, Answer, taken_from
from parts.fleetstream import Stream

_MAX_NUMBER = 65_535


class Speaker(Protocol):
    """Whoever speaks over a session."""

    def connect(self) -> bytes:
        """The CONNECT."""

    def established(self) -> None:
        """The broker said yes."""

    def acknowledged(self, kind: str, event_id: str, wait_s: float) -> None:
        """The broker has taken a message of ``kind``, and said so after ``wait_s``."""

    def refused(self, kind: str, event_id: str, code: int) -> None:
        """The broker does not take it, as ``code`` says."""

    def ended(self, why: str) -> None:
        """It is over."""


class Session:
    """Begins when it is made, ends once."""

    __slots__ = ("_buffer", "_deadline", "_loop", "_manner", "_number", "_speaker", "_stream", "_unanswered")

    def __init__(
        self, loop: Loop, port: int, context: ssl.SSLContext | None, manner: Manner, speaker: Speaker
    ) -> None:
        self._loop, self._manner, self._speaker = loop, manner, speaker
        self._buffer = bytearray()
        self._number = 0
        # Packet identifier -> what was said, when, and which event if it was one.
        self._unanswered: dict[int, tuple[str, float, str]] = {}
        self._deadline: Timer | None = None
        self._stream = Stream(loop, port, context, manner.connect_timeout_s, self)

    def next_number(self) -> int:
        """A packet identifier that is free."""
        self._number = self._number % _MAX_NUMBER + 1
        return self._number

    def publish(self, kind: str, number: int, packet: bytes, event_id: str = "") -> None:
        """Send a PUBLISH with the identifier ``number``; its answer comes within the agent's patience."""
        if not self._unanswered:
            self._expect_answer("no PUBACK in time")
        self._unanswered[number] = kind, time.monotonic(), event_id
        self._stream.send(packet)

    def send(self, packet: bytes) -> None:
        """Something whose answer nobody waits for."""
        self._stream.send(packet)

    def close(self) -> None:
        """Without a word, and without telling the speaker."""
        self._calm()
        self._stream.close()

    def freeze(self) -> None:
        """Stay connected and say nothing any more."""
        self._calm()
        self._stream.freeze()

    def unanswered(self) -> list[tuple[str, str]]:
        """What was published and not acknowledged, the oldest first: its kind, and which event if it was one."""
        return [(kind, event_id) for kind, _, event_id in self._unanswered.values()]

    # A stream's owner.

    def opened(self) -> None:
        self._expect_answer("no CONNACK in time")
        self._stream.send(self._speaker.connect())

    def received(self, data: bytes) -> None:
        self._buffer += data
        try:
            for answer in taken_from(self._buffer):
                self._take(answer)
        except DataLoss:
            self._stream.end("no MQTT")

    def ended(self, why: str) -> None:
        self._calm()
        self._buffer.clear()
        self._speaker.ended(why)

    def _take(self, answer: Answer) -> None:
        if answer.kind == CONNACK and answer.is_no:
            self._stream.end(f"CONNACK 0x{answer.code:02x}")
        elif answer.kind == CONNACK:
            self._calm()
            self._speaker.established()
        elif answer.kind == PUBACK and answer.number in self._unanswered:
            self._answered(answer)
        elif answer.kind == DISCONNECT:
            self._stream.end(f"DISCONNECT 0x{answer.code:02x}")

    def _answered(self, answer: Answer) -> None:
        kind, said_s, event_id = self._unanswered.pop(answer.number)
        self._calm()
        if self._unanswered:
            self._expect_answer("no PUBACK in time")
        if answer.is_no:
            self._speaker.refused(kind, event_id, answer.code)
        else:
            self._speaker.acknowledged(kind, event_id, time.monotonic() - said_s)

    def _expect_answer(self, otherwise: str) -> None:
        self._calm()
        self._deadline = self._loop.after(self._manner.answer_timeout_s, lambda: self._stream.end(otherwise))

    def _calm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
