"""A proposal: a drawing that somebody answers for and that waits for the owner.

JSON, UTF-8: ``{"format": 1, "version": 3, "drawing": {…}, "drawn": {"by": "…", "at_wall_ns": …, "trust": 2}}``.
It is not signed: what is in force is, once the owner has confirmed it.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edgecam.core.errors import BadInput
from edgecam.masking.drawing import Drawing
from edgecam.masking.maskset import Step


class Proposal(BaseModel):
    """``version`` is the one it is to become; ``drawn`` says who proposed it, and when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = 1
    version: int = Field(ge=1, lt=1_000_000_000)
    drawing: Drawing
    drawn: Step

    def encode(self) -> bytes:
        """The file, laid out for people."""
        return (json.dumps(self.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n").encode()


def decode_proposal(data: bytes) -> Proposal:
    """The proposal told by ``data``. Raises: BadInput for anything that is none."""
    try:
        return Proposal.model_validate_json(data)
    except ValidationError as broken:
        first = broken.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BadInput(
            f"the masks that were proposed cannot be read, {where}: {first['msg'].removeprefix('Value error, ')}",
            do="take them back with `edgecam masks withdraw`, draw and propose anew",
            safe="the masks in force stay as they are",
        ) from broken
