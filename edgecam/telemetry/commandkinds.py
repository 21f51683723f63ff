"""The few commands there are: what each may be told, and what giving it takes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, ValidationError

from edgecam.core.errors import BadInput
from edgecam.core.events import SCENE_KINDS, EventKind
from edgecam.telemetry.messages import Frozen

# Beyond it nothing is silenced, and nothing held, at one word from afar.
LONGEST_SILENCE_MINUTES: Final = 24 * 60
LONGEST_HOLD_MINUTES: Final = 4 * 60
NEVER_SILENT: Final = SCENE_KINDS | {EventKind.CLONED}
"""What tells that the camera does not see, or that another speaks as it: whoever wants to do something unseen would
silence that first."""


class CommandName(StrEnum):
    """Everything that can be ordered; the names are stable and stand in topics and in the register."""

    STATUS = "status"
    RESTART = "restart"
    SILENCE = "silence"
    PRIVATE = "private"
    HOLD = "hold"
    UPDATE_CHECK = "update_check"


class Right(StrEnum):
    """What a key may be enrolled for: a command each, and ending privacy, which is the harder half of `private`."""

    STATUS = "status"
    RESTART = "restart"
    SILENCE = "silence"
    PRIVATE = "private"
    PRIVATE_OFF = "private_off"
    HOLD = "hold"
    UPDATE_CHECK = "update_check"


USUAL_RIGHTS: Final = tuple(right for right in Right if right is not Right.PRIVATE_OFF)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of printable characters")
    return text


def _silent(kind: str) -> str:
    allowed = [one.value for one in EventKind if one not in NEVER_SILENT]
    if kind not in allowed:
        raise ValueError(f"must be one of {', '.join(allowed)}")
    return kind


Text = Annotated[str, Field(max_length=200), AfterValidator(_printable)]


class NoArguments(Frozen):
    """There is nothing to tell."""


class RestartArguments(Frozen):
    """Which part is to be started anew."""

    part: Literal["recorder", "observer", "hub"]


class SilenceArguments(Frozen):
    """Which events are not to be told: a kind, at the zone or line of a rule or (empty) wherever it is.

    For so many minutes; 0 ends a silence.
    """

    kind: Annotated[str, AfterValidator(_silent)]
    place: Text = ""
    minutes: int = Field(ge=0, le=LONGEST_SILENCE_MINUTES)


class PrivateArguments(Frozen):
    """``on`` for so many minutes, without them until somebody ends it; ``off`` ends it."""

    state: Literal["on", "off"]
    minutes: int | None = Field(None, ge=1, le=10_080)


class HoldArguments(Frozen):
    """So many minutes of footage up to now are held, for so many days; without them for their life in the ring."""

    minutes: int = Field(ge=1, le=LONGEST_HOLD_MINUTES)
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S"), AfterValidator(_printable)]
    days: int | None = Field(None, ge=1, le=366)
    asked_by: Text = ""
    case: Text = ""


Arguments = NoArguments | RestartArguments | SilenceArguments | PrivateArguments | HoldArguments
ARGUMENTS: Final[Mapping[CommandName, type[Arguments]]] = {
    CommandName.STATUS: NoArguments,
    CommandName.RESTART: RestartArguments,
    CommandName.SILENCE: SilenceArguments,
    CommandName.PRIVATE: PrivateArguments,
    CommandName.HOLD: HoldArguments,
    CommandName.UPDATE_CHECK: NoArguments,
}


def arguments_of(name: CommandName, told: Mapping[str, Any]) -> Arguments:
    """What ``told`` says to the command ``name``. Raises: BadInput naming what is wrong."""
    try:
        return ARGUMENTS[name].model_validate(told, strict=True)
    except ValidationError as refused:
        raise _wrong(name, refused) from refused


def arguments_typed(name: CommandName, typed: Mapping[str, str]) -> dict[str, str | int]:
    """The same out of text that a person typed, as it stands in the message. Raises: BadInput."""
    try:
        found = ARGUMENTS[name].model_validate_strings(dict(typed))
    except ValidationError as refused:
        raise _wrong(name, refused) from refused
    told: dict[str, str | int] = found.model_dump(mode="json", exclude_unset=True)
    return told


def right_for(name: CommandName, arguments: Arguments) -> Right:
    """What a key must be enrolled for to order that."""
    if isinstance(arguments, PrivateArguments) and arguments.state == "off":
        return Right.PRIVATE_OFF
    return Right(name.value)


def needs_clock(name: CommandName, arguments: Arguments) -> bool:
    """Whether a camera that does not know the time refuses it.

    Not what changes nothing, and not privacy: rather private by an old order than public against a new one.
    """
    if isinstance(arguments, PrivateArguments):
        return arguments.state == "off"
    return name not in (CommandName.STATUS, CommandName.UPDATE_CHECK)


def _wrong(name: CommandName, refused: ValidationError) -> BadInput:
    first = refused.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    known = ", ".join(ARGUMENTS[name].model_fields) or "no arguments"
    said = first["msg"].removeprefix("Value error, ")
    said = f"{where[:64]}: {said[:1].lower()}{said[1:]}"
    return BadInput(f"{name.value} cannot be told that ({said})", do=f"it takes {known}")
