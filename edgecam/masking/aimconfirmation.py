"""Somebody said that what the camera looks at now is what its masks were drawn over: one signed value.

JSON, UTF-8, as `AimConfirmation.encode` writes it; the signature is over the same text without it::

    {"at_wall_ns": …, "by": "…", "camera": "edgecam_1a2b3c4d", "format": 1, "mask_hash": "…", "signature": "…",
     "trust": 2}
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edgecam.core.clock import TimeTrust
from edgecam.core.errors import BadInput
from edgecam.core.oneform import sorted_json
from edgecam.keys.camera import camera_id, signed_by
from edgecam.masking.maskset import Step


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1]
    camera: str
    mask_hash: str = Field(pattern="^[0-9a-f]{64}$")
    by: str = Field(min_length=1, max_length=200)
    at_wall_ns: int
    trust: TimeTrust
    signature: str = Field(pattern="^[0-9a-f]{128}$")


@dataclass(frozen=True, slots=True)
class AimConfirmation:
    """``step`` says who and when; ``mask_hash`` which masks were in force. It holds for one camera and one view."""

    camera: str
    mask_hash: bytes
    step: Step
    signature: bytes = b""

    @property
    def digest(self) -> bytes:
        """32 bytes that name it."""
        return hashlib.sha256(self._signed_text()).digest()

    def signed(self, sign: Callable[[bytes], bytes]) -> AimConfirmation:
        return replace(self, signature=sign(self._signed_text()))

    def encode(self) -> bytes:
        return sorted_json(self._fields() | {"signature": self.signature.hex()})

    def _signed_text(self) -> bytes:
        return sorted_json(self._fields())

    def _fields(self) -> dict[str, Any]:
        step = self.step
        return {
            "format": 1,
            "camera": self.camera,
            "mask_hash": self.mask_hash.hex(),
            "by": step.by,
            "at_wall_ns": step.at_wall_ns,
            "trust": int(step.trust),
        }


def decode_aim_confirmation(data: bytes, camera_public: bytes) -> AimConfirmation:
    """The confirmation that ``data`` holds. Raises: BadInput for any bytes that are none of this camera."""
    try:
        told = _File.model_validate_json(data)
        step = Step(by=told.by, at_wall_ns=told.at_wall_ns, trust=told.trust)
    except ValidationError as broken:
        raise _refused("cannot be read") from broken
    found = AimConfirmation(told.camera, bytes.fromhex(told.mask_hash), step, bytes.fromhex(told.signature))
    if found.camera != camera_id(camera_public) or found.encode() != data:
        raise _refused("is of another camera")
    if not signed_by(camera_public, found.signature, found._signed_text()):
        raise _refused("is not signed by this camera")
    return found


def _refused(why: str) -> BadInput:
    return BadInput(
        f"the confirmation of the camera's aim {why}",
        do="confirm the aim again: `edgecam aim confirm`",
        safe="until then the whole picture is masked and recording goes on",
    )
