"""A command as it is signed and sent: strict JSON with one meaning, decoded into a value or refused.

`Command.body` is what is signed: the object without its signature, keys sorted, no spaces, UTF-8 (RFC 8785; the
values are text, whole numbers and truth alone, so that there is one way to write each).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.oneform import sorted_json
from edgecam.keys.camera import signed_by
from edgecam.telemetry.messages import SCHEMA_VERSION, Frozen, Name, Utc

MAX_COMMAND_BYTES: Final = 4096
LONGEST_LIFE_NS: Final = 300 * NS_PER_S
_MOST_ARGUMENTS = 16
# The largest whole number that every JSON reader keeps exactly (RFC 8785, 3.2.2.3).
_MOST = (1 << 53) - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NS_PER_MS = 1_000_000
_END_WALL_NS = 1 << 63

Told = str | int | bool
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Hex128 = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class CommandMessage(Frozen):
    """A command on ``cmd/<name>``.

    ``id`` is random and never used twice. ``expires`` is at most five minutes after ``issued``. ``key`` is the
    public key that ``signature`` is made with, both Ed25519 in hex; it is over the object without ``signature``,
    keys sorted, no spaces, UTF-8. Arguments are flat: text, whole numbers, true or false.
    """

    schema_version: Literal[1]
    id: Hex32
    site: Name
    camera: Name
    name: Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
    arguments: dict[
        Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")], Annotated[str, Field(max_length=400)] | int | bool
    ] = Field(max_length=_MOST_ARGUMENTS)
    issued: Utc
    expires: Utc
    key: Hex64
    signature: Hex128


@dataclass(frozen=True, slots=True)
class Command:
    """``id`` is 32 hex digits, ``key`` and ``signature`` are raw bytes; only `is_signed` proves anything of it."""

    id: str
    site: str
    camera: str
    name: str
    arguments: Mapping[str, Told]
    issued_wall_ns: int
    expires_wall_ns: int
    key: bytes
    signature: bytes = b""

    def body(self) -> bytes:
        """What is signed."""
        return sorted_json(self._fields())

    def signed(self, sign: Callable[[bytes], bytes]) -> Command:
        return replace(self, signature=sign(self.body()))

    def encode(self) -> bytes:
        """As it goes over the wire."""
        return sorted_json({**self._fields(), "signature": self.signature.hex()})

    @property
    def is_signed(self) -> bool:
        """Whether the holder of ``key`` signed it as it is."""
        return signed_by(self.key, self.signature, self.body())

    def _fields(self) -> dict[str, Any]:
        return {
            "schema_version": SCHEMA_VERSION,
            "id": self.id,
            "site": self.site,
            "camera": self.camera,
            "name": self.name,
            "arguments": dict(self.arguments),
            "issued": told_time(self.issued_wall_ns),
            "expires": told_time(self.expires_wall_ns),
            "key": self.key.hex(),
        }


def decode_command(data: bytes) -> Command:
    """The command that ``data`` tells, proven by nothing yet.

    Raises: BadInput for anything else, also for one of another schema version.
    """
    if len(data) > MAX_COMMAND_BYTES:
        raise _refused(f"it has {len(data)} bytes, more than {MAX_COMMAND_BYTES}")
    try:
        told = json.loads(
            data.decode(),
            object_pairs_hook=_once_each,
            parse_constant=_no_number,
            parse_float=_no_number,
            parse_int=_whole,
        )
        _check_version(told)
        message = CommandMessage.model_validate(told, strict=True)
        return Command(
            id=message.id,
            site=message.site,
            camera=message.camera,
            name=message.name,
            arguments=message.arguments,
            issued_wall_ns=_wall_ns(message.issued),
            expires_wall_ns=_wall_ns(message.expires),
            key=bytes.fromhex(message.key),
            signature=bytes.fromhex(message.signature),
        )
    except ValidationError as refused:
        first = refused.errors(include_url=False, include_input=False, include_context=False)[0]
        # What stands there may be anything, and this is going to be told.
        where = ascii(".".join(str(part) for part in first["loc"][:2]))[1:-1][:64]
        raise _refused(f"{where or 'it'}: {first['msg']}") from refused
    except UnicodeError as broken:
        raise _refused("it is not UTF-8") from broken
    except RecursionError as deep:
        raise _refused("it is nested too deeply") from deep
    except json.JSONDecodeError as broken:
        raise _refused("it is not JSON") from broken
    except ValueError as broken:
        raise _refused(str(broken)) from broken


def _check_version(told: Any) -> None:
    # Said before all else: another version may have other fields.
    version = told.get("schema_version", SCHEMA_VERSION) if type(told) is dict else SCHEMA_VERSION
    if type(version) is not int or version != SCHEMA_VERSION:
        raise ValueError(f"it is of another schema version than {SCHEMA_VERSION}")


def told_time(wall_ns: int) -> str:
    """RFC 3339 in UTC with milliseconds. Raises: DataLoss when no calendar has it."""
    try:
        when = _EPOCH + timedelta(milliseconds=wall_ns // _NS_PER_MS)
    except OverflowError as broken:
        raise DataLoss("a time in a command is impossible") from broken
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wall_ns(utc: str) -> int:
    # The pattern of `Utc` leaves dates that no month has, which are a ValueError here.
    wall_ns = (datetime.fromisoformat(utc) - _EPOCH) // timedelta(milliseconds=1) * _NS_PER_MS
    if not 0 <= wall_ns < _END_WALL_NS:
        raise ValueError("a time in it is one that no clock shows")  # and the list of commands seen cannot hold
    return wall_ns


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a key stands in it twice")
    return told


def _no_number(_text: str) -> Any:
    raise ValueError("a number in it is not whole")


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > _MOST:
        raise ValueError("a number in it is too large")
    if text == "-0":
        raise ValueError("a number in it is written in another way than it is signed")
    return int(text)


def _refused(why: str) -> BadInput:
    return BadInput(f"this is no command, {why}", do="see docs/design/commands.md", safe="nothing was done")
