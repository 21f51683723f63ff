"""The keys that the owner enrolled to give commands: whose each is, and what it may order; signed by the camera."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from edgecam.core.clock import Instant
from edgecam.core.durable import identity_of, replace_durably
from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.oneform import sorted_json
from edgecam.core.status import Fault
from edgecam.keys.camera import camera_id, signed_by
from edgecam.telemetry.command import Hex64, Hex128
from edgecam.telemetry.commandkinds import Right
from edgecam.telemetry.messages import Frozen

MOST_KEYS = 32
_MOST_SIZE_BYTES = 65_536
_NAME = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_PUBLIC = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class EnrolledKey:
    """``public`` (32 raw bytes) is ``name``'s, and may order ``may``; enrolled at a wall time of that trust."""

    name: str
    public: bytes
    may: tuple[Right, ...]
    enrolled_wall_ns: int
    trust: int


class _Entry(Frozen):
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._@-]{1,64}$")]
    public: Hex64
    may: list[str] = Field(max_length=len(Right))
    enrolled_wall_ns: int = Field(ge=0, lt=1 << 63)
    trust: int = Field(ge=0, le=2)


class _File(Frozen):
    format: Literal[1]
    camera: str
    keys: list[_Entry] = Field(max_length=MOST_KEYS)
    signature: Hex128


@dataclass(frozen=True, slots=True)
class EnrolledKeys:
    """All of one ``camera``, in the order of enrolment; what changes it gives another."""

    camera: str
    keys: tuple[EnrolledKey, ...] = ()

    def of(self, public: bytes) -> EnrolledKey | None:
        """The key of these bytes, if it is enrolled."""
        return next((key for key in self.keys if key.public == public), None)

    def with_key(self, name: str, public: bytes, may: tuple[Right, ...], now: Instant) -> EnrolledKeys:
        """One more. Raises: BadInput when the name or key is enrolled already, or there are too many."""
        if not _NAME.fullmatch(name):
            raise BadInput(f"{name!r} cannot name a key", do="use 1 to 64 letters, digits, . _ @ or -")
        if any(key.name == name or key.public == public for key in self.keys):
            raise BadInput("a key of that name, or that key, is enrolled already", do="revoke it first")
        if len(self.keys) >= MOST_KEYS:
            raise BadInput(f"{MOST_KEYS} keys are enrolled already", do="revoke one first")
        if not may:
            raise BadInput("a key that may order nothing is of no use", do="give --may")
        key = EnrolledKey(name, public, tuple(dict.fromkeys(may)), now.wall_ns, int(now.trust))
        return replace(self, keys=(*self.keys, key))

    def without(self, name: str) -> EnrolledKeys:
        """One fewer. Raises: BadInput when there is none of that name."""
        if all(key.name != name for key in self.keys):
            raise BadInput(f"no key called {name!r} is enrolled", do="see `edgecam command list`")
        return replace(self, keys=tuple(key for key in self.keys if key.name != name))

    def encode(self, sign: Callable[[bytes], bytes]) -> bytes:
        """The file, laid out for people, signed."""
        fields = self._fields()
        signature = sign(sorted_json(fields, escaped=True)).hex()
        return (json.dumps({**fields, "signature": signature}, indent=1) + "\n").encode()

    def _fields(self) -> dict[str, Any]:
        return {
            "format": 1,
            "camera": self.camera,
            "keys": [
                {
                    "name": key.name,
                    "public": key.public.hex(),
                    "may": [right.value for right in key.may],
                    "enrolled_wall_ns": key.enrolled_wall_ns,
                    "trust": key.trust,
                }
                for key in self.keys
            ],
        }

    def is_signed(self, camera_public: bytes, signature: bytes) -> bool:
        """Whether the camera of ``camera_public`` signed these."""
        return signed_by(camera_public, signature, sorted_json(self._fields(), escaped=True))


def decode_keys(data: bytes, camera_public: bytes) -> EnrolledKeys:
    """The keys that ``data`` tells, if this camera signed them. Raises: DataLoss for anything else."""
    try:
        if len(data) > _MOST_SIZE_BYTES:
            raise ValueError("too long")
        file = _File.model_validate_json(data, strict=True)
        keys = EnrolledKeys(file.camera, tuple(_key(entry) for entry in file.keys))
    except (ValidationError, ValueError) as broken:
        raise _refused("it is broken") from broken
    if keys.camera != camera_id(camera_public):
        raise _refused("it is another camera's")
    if not keys.is_signed(camera_public, bytes.fromhex(file.signature)):
        raise _refused("this camera did not sign it, or it was changed since")
    return keys


def read_keys(path: Path, camera_public: bytes) -> EnrolledKeys:
    """Those kept at ``path``; none when there is no file. Raises: DataLoss."""
    try:
        with open(path, "rb") as file:
            return decode_keys(file.read(_MOST_SIZE_BYTES + 1), camera_public)
    except FileNotFoundError:
        return EnrolledKeys(camera_id(camera_public))
    except OSError as refused:
        raise _refused(f"it cannot be read ({refused.strerror})") from refused


def write_keys(path: Path, keys: EnrolledKeys, sign: Callable[[bytes], bytes]) -> None:
    """Make ``path`` hold ``keys``. Raises: MediaFailing."""
    replace_durably(path, keys.encode(sign))


def parse_public(text: str) -> bytes:
    """The 32 bytes of a public key as `edgecam command keygen` prints it. Raises: BadInput."""
    if not _PUBLIC.fullmatch(text.strip().lower()):
        raise BadInput(
            "this is not a public command key", do="give the 64 hex digits that `edgecam command keygen` printed"
        )
    return bytes.fromhex(text.strip())


class FollowedKeys:
    """The keys at ``path``, read again whenever the file changed; for one thread. In doubt there are none."""

    def __init__(self, path: Path, camera_public: bytes) -> None:
        self._path, self._camera_public = path, camera_public
        self._seen: tuple[int, ...] | None = None
        self._keys = EnrolledKeys(camera_id(camera_public))
        self.fault: Fault | None = None

    def of(self, public: bytes) -> EnrolledKey | None:
        """The enrolled key of these bytes."""
        return self.look().of(public)

    def look(self) -> EnrolledKeys:
        """Those that are enrolled now."""
        seen = identity_of(self._path)
        if seen != self._seen or self.fault is not None:
            self._seen = seen
            try:
                self._keys, self.fault = read_keys(self._path, self._camera_public), None
            except DataLoss as refused:
                self._keys = EnrolledKeys(camera_id(self._camera_public))
                self.fault = Fault("command_keys", str(refused))
        return self._keys


def _key(entry: _Entry) -> EnrolledKey:
    may = tuple(Right(right) for right in entry.may)
    return EnrolledKey(entry.name, bytes.fromhex(entry.public), may, entry.enrolled_wall_ns, entry.trust)


def _refused(why: str) -> DataLoss:
    return DataLoss(
        f"the list of keys that may command this camera is not believed: {why}",
        do="enrol them again: `edgecam command enrol`",
        safe="no command is obeyed until then",
    )
