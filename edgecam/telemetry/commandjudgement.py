"""Whether a command that came in is one to be obeyed; pure: all that it needs is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput
from edgecam.telemetry.command import LONGEST_LIFE_NS, Command, told_time
from edgecam.telemetry.commandkeys import EnrolledKey
from edgecam.telemetry.commandkinds import Arguments, CommandName, arguments_of, needs_clock, right_for
from edgecam.telemetry.messages import trust_name
from edgecam.telemetry.topics import Identity

# Two clocks that are both synchronised differ by less.
SKEW_NS: Final = 60 * NS_PER_S


class Code(StrEnum):
    """Why a command was refused, or how else it went; the names are stable."""

    DONE = "done"
    STARTED = "started"
    NO_SOURCE = "no_source"
    RETAINED = "retained"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    WRONG_SITE = "wrong_site"
    WRONG_CAMERA = "wrong_camera"
    WRONG_TOPIC = "wrong_topic"
    UNKNOWN_COMMAND = "unknown_command"
    ARGUMENTS = "arguments"
    NOT_PERMITTED = "not_permitted"
    CLOCK = "clock"
    EXPIRED = "expired"
    ISSUED_IN_FUTURE = "issued_in_future"
    LIVES_TOO_LONG = "lives_too_long"
    REPLAYED = "replayed"
    TOO_MANY = "too_many"
    BUSY = "busy"
    NOT_FOUND = "not_found"
    BAD_INPUT = "bad_input"
    NOT_ALLOWED = "not_allowed"
    UNAVAILABLE = "unavailable"
    DATA_LOSS = "data_loss"
    MEDIA_FAILING = "media_failing"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was done: a stable code, and one sentence."""

    code: Code
    sentence: str


@dataclass(frozen=True, slots=True)
class Order:
    """A command to be obeyed: proven, for this camera, in time, permitted, and understood."""

    command: Command
    key: EnrolledKey
    name: CommandName
    arguments: Arguments


def judge(command: Command, key: EnrolledKey, topic_name: str, identity: Identity, now: Instant) -> Order | Refusal:
    """What to do with ``command``, which ``key`` signed and which came under ``topic_name`` at ``now``."""
    if (command.site, command.camera) != (identity.site, identity.camera):
        wrong = Code.WRONG_SITE if command.site != identity.site else Code.WRONG_CAMERA
        return Refusal(wrong, f"It was signed for {command.site}/{command.camera}, not for this camera.")
    if command.name != topic_name:
        return Refusal(Code.WRONG_TOPIC, f"It was signed as {command.name} and sent as {topic_name}.")
    if command.name not in {name.value for name in CommandName}:
        return Refusal(Code.UNKNOWN_COMMAND, f"There are {', '.join(CommandName)}.")
    name = CommandName(command.name)
    try:
        arguments = arguments_of(name, command.arguments)
    except BadInput as refused:
        return Refusal(Code.ARGUMENTS, f"{refused}.")
    if (right := right_for(name, arguments)) not in key.may:
        return Refusal(Code.NOT_PERMITTED, f"The key of {key.name} was not enrolled for {right.value}.")
    late = _in_time(command, now, needs_clock=needs_clock(name, arguments))
    return late or Order(command, key, name, arguments)


def _in_time(command: Command, now: Instant, *, needs_clock: bool) -> Refusal | None:
    life_ns = command.expires_wall_ns - command.issued_wall_ns
    if not 0 < life_ns <= LONGEST_LIFE_NS:
        return Refusal(Code.LIVES_TOO_LONG, f"A command lives for {LONGEST_LIFE_NS // NS_PER_S} s at most.")
    if now.trust is TimeTrust.UNSET:
        if not needs_clock:
            return None
        return Refusal(
            Code.CLOCK, "This camera's clock was never set, so it cannot tell a new command from an old one."
        )
    here = f"here it is {told_time(now.wall_ns)}, the clock is {trust_name(now.trust)}"
    # A clock that ran on from a stored time may be behind; then what looks like the future is no old order.
    is_behind = now.trust is TimeTrust.RESTORED and not needs_clock
    if command.issued_wall_ns > now.wall_ns + SKEW_NS and not is_behind:
        return Refusal(Code.ISSUED_IN_FUTURE, f"It was issued in the future; {here}.")
    if command.expires_wall_ns <= now.wall_ns:
        return Refusal(Code.EXPIRED, f"It has expired; {here}.")
    return None
