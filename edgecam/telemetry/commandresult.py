"""The one answer to a command: what came of it, in a word, a stable code and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

from edgecam.core.clock import Instant
from edgecam.telemetry.commandjudgement import Code, Refusal
from edgecam.telemetry.healthmessage import Health
from edgecam.telemetry.messages import Header, Moment


class Outcome(StrEnum):
    """How a command went: it was begun, and its end is seen elsewhere; was not obeyed; was done; could not be."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DONE = "done"
    FAILED = "failed"


class CommandResult(Header):
    """The answer on ``cmd_result/<name>``, with the correlation data of the command.

    ``id`` is the command's, ``None`` when it could not be read. ``details`` depend on the command; ``health`` comes
    with `status` alone. The same answer may come twice, when the connection was lost between: ``id`` tells.
    """

    id: str | None
    name: str
    outcome: Outcome
    code: Code
    sentence: str
    at: Moment
    details: dict[str, str]
    health: Health | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a command, before it has a header; ``at`` is when that was decided."""

    outcome: Outcome
    code: Code
    sentence: str
    at: Instant
    details: Mapping[str, str] = field(default_factory=dict)
    health: Health | None = None

    @classmethod
    def refused(cls, refusal: Refusal, at: Instant) -> Self:
        return cls(Outcome.REFUSED, refusal.code, refusal.sentence, at)

    def told(self, header: Header, command_id: str | None, name: str) -> CommandResult:
        """As it is sent."""
        return CommandResult(
            **header.model_dump(),
            id=command_id,
            name=name,
            outcome=self.outcome,
            code=self.code,
            sentence=self.sentence,
            at=Moment.at(self.at),
            details=dict(self.details),
            health=self.health,
        )
