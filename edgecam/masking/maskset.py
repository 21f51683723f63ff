"""A mask set: one version of a drawing that the owner confirmed, signed by the camera that burns it.

JSON, UTF-8, as `MaskSet.encode` writes it and no other way; the signature is over the same text without it::

    {"format": 2, "camera": "edgecam_1a2b3c4d", "version": 3, "previous": "…", "drawing": {…},
     "drawn": {"by": "…", "at_wall_ns": …, "trust": 2}, "confirmed": {…}, "locked": null, "signature": "…"}

``previous`` is the mask hash of the version before, zeros for the first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import BadInput
from edgecam.core.oneform import sorted_json
from edgecam.keys.camera import camera_id, signed_by
from edgecam.masking.drawing import Drawing

NO_MASK_SET = bytes(32)


class Step(BaseModel):
    """Who did something to a mask set, and when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: str = Field(min_length=1, max_length=200)
    at_wall_ns: int
    trust: TimeTrust

    @classmethod
    def of(cls, who: str, now: Instant) -> Step:
        """Raises: BadInput when nobody is named."""
        if not who.strip() or len(who) > 200:
            raise BadInput("a mask set needs to know who acts", do="give a name of at most 200 characters")
        return cls(by=who.strip(), at_wall_ns=now.wall_ns, trust=now.trust)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[2]
    camera: str
    version: int = Field(ge=1)
    previous: str = Field(pattern="^[0-9a-f]{64}$")
    drawing: Drawing
    drawn: Step
    confirmed: Step
    locked: Step | None
    signature: str = Field(pattern="^[0-9a-f]{128}$")


@dataclass(frozen=True, slots=True)
class MaskSet:
    """``version`` counts from 1. ``drawn``, ``confirmed`` and ``locked`` say who answers for it."""

    camera: str
    version: int
    drawing: Drawing
    drawn: Step
    confirmed: Step
    locked: Step | None = None
    previous: bytes = NO_MASK_SET
    signature: bytes = b""

    @property
    def mask_hash(self) -> bytes:
        """SHA-256 of what decides which pixels are destroyed, and of the versions before; in every segment.

        Locking does not change it.
        """
        told = {
            "camera": self.camera,
            "version": self.version,
            "previous": self.previous.hex(),
            "drawing": self.drawing.model_dump(mode="json"),
        }
        return hashlib.sha256(sorted_json(told)).digest()

    def body(self) -> bytes:
        """What is signed."""
        return sorted_json(self._fields())

    def signed(self, sign: Callable[[bytes], bytes]) -> MaskSet:
        return replace(self, signature=sign(self.body()))

    def encode(self) -> bytes:
        """The file, laid out for people."""
        fields = {**self._fields(), "signature": self.signature.hex()}
        return (json.dumps(fields, indent=1, ensure_ascii=False) + "\n").encode()

    def _fields(self) -> dict[str, Any]:
        return {
            "format": 2,
            "camera": self.camera,
            "version": self.version,
            "previous": self.previous.hex(),
            "drawing": self.drawing.model_dump(mode="json"),
            "drawn": self.drawn.model_dump(mode="json"),
            "confirmed": self.confirmed.model_dump(mode="json"),
            "locked": self.locked and self.locked.model_dump(mode="json"),
        }


def decode_mask_set(data: bytes, camera_public: bytes) -> MaskSet:
    """The mask set told by ``data``, if this camera signed it. Raises: BadInput for anything else."""
    try:
        file = _File.model_validate_json(data)
    except ValidationError as broken:
        first = broken.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise _refused(f"{where}: {first['msg']}") from broken
    if file.camera != camera_id(camera_public):
        raise _refused(f"they were drawn for camera {file.camera}, this is {camera_id(camera_public)}")
    mask_set = MaskSet(
        camera=file.camera,
        version=file.version,
        drawing=file.drawing,
        drawn=file.drawn,
        confirmed=file.confirmed,
        locked=file.locked,
        previous=bytes.fromhex(file.previous),
        signature=bytes.fromhex(file.signature),
    )
    if not signed_by(camera_public, mask_set.signature, mask_set.body()):
        raise _refused("this camera did not sign them, or they were changed since")
    return mask_set


def load_mask_set(path: Path, camera_public: bytes) -> MaskSet:
    """The mask set kept at ``path``. Raises: BadInput when missing, unreadable, broken, unsigned or another's."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as missing:
        raise _refused("there are none yet") from missing
    except OSError as unreadable:
        raise _refused(f"{path} cannot be read ({unreadable.strerror})") from unreadable
    return decode_mask_set(data, camera_public)


def _refused(why: str) -> BadInput:
    return BadInput(
        f"the masks cannot be used, {why}",
        do="draw, propose and confirm them: `edgecam masks --help`",
        safe="until then the whole picture is masked and recording goes on",
    )
