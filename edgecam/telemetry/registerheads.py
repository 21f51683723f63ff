"""How far the register has come, retained: at each connection, then once each civil day.

Whoever keeps the last message proves later that no line up to it was changed or taken away, by the camera's owner
or by who took the card. Nothing stands in it about what the lines say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import Field

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import Unavailable
from edgecam.telemetry.messages import Header, Moment, Trust
from edgecam.telemetry.publication import Incoming, Outgoing
from edgecam.telemetry.topics import Topics
from edgecam.telemetry.voice import Voice

TOPIC: Final = "register/head"


class RegisterHeadMessage(Header):
    """How far the register had come at ``at``; retained.

    ``lines`` is the number of its last line, ``sha256`` (64 hexadecimal digits) that line's hash, its newline
    included. ``signature`` (128 hexadecimal digits) is the camera's, Ed25519 with its own key, over the text
    ``edgecam-register-head-1 <lines> <sha256> <at.utc> <at.trust>``. ``edgecam register verify --head`` takes
    messages as they are, one a line.
    """

    lines: Annotated[int, Field(ge=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    at: Moment
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


@dataclass(frozen=True, slots=True)
class ToldHead:
    """A signed head as the message has it; ``utc`` and ``trust`` are what was signed."""

    lines: int
    sha256: str
    utc: str
    trust: Trust
    signature: str


class RegisterHeads:
    """Tells what ``head`` finds, which is ``None`` of an empty register; a `Speaker`."""

    def __init__(
        self, voice: Voice, topics: Topics, head: Callable[[], ToldHead | None], zone: ZoneInfo, clock: Clock
    ) -> None:
        """``head`` is called in the link's thread: at each connection, and when a day begins in ``zone``.

        It must not wait: it raises Unavailable while the register is being written.
        """
        self._voice, self._topics, self._head, self._zone, self._clock = voice, topics, head, zone, clock
        self._said: date | None = None

    @property
    def subscriptions(self) -> Sequence[str]:
        return ()

    def connected(self) -> None:
        """Say it at the next turn: the broker may have lost it, or never have got it."""
        self._said = None

    def heard(self, message: Incoming) -> None:
        """Nothing is subscribed to."""

    def say(self) -> list[Outgoing]:
        """Raises: what ``head`` does; then it is tried again the next day, or at the next connection.

        Where the register is being written just now, it is tried again at the next turn.
        """
        today = datetime.fromtimestamp(self._clock.now().wall_ns // NS_PER_S, self._zone).date()
        if today == self._said:
            return []
        said, self._said = self._said, today
        try:
            told = self._head()
        except Unavailable:
            self._said = said
            return []
        if told is None:
            self._said = None
            return []
        return [self._message(told)]

    def _message(self, told: ToldHead) -> Outgoing:
        message = RegisterHeadMessage(
            **self._voice.header().model_dump(),
            lines=told.lines,
            sha256=told.sha256,
            at=Moment(utc=told.utc, trust=told.trust),
            signature=told.signature,
        )
        return Outgoing(self._topics.register_head, message.model_dump_json().encode(), retain=True)
