"""The mask file: what is to be destroyed in the picture, why, and for which camera it was drawn.

JSON, UTF-8::

    {"format": 1, "camera": "edgecam_1a2b3c4d",
     "masks": [{"name": "next door", "reason": "neighbour", "polygon": [[0.7, 0.0], [1.0, 0.0], [1.0, 0.4]]}]}

Points are normalised 0-1 from the top left of the picture as it is recorded (after rotation). ``reason`` is
``neighbour``, ``public_road`` or ``other``. An empty list of masks is a decision too: nothing is to be hidden.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edgecam.core.errors import BadInput
from edgecam.masking.geometry import Point

MAX_MASKS = 64
MAX_POINTS = 1000
_MIN_AREA = 1e-5  # of the picture; smaller is a slip of the hand, not a mask

Coordinate = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Mask(_Strict):
    """One polygon to destroy. ``name`` and ``reason`` are for people and for the register."""

    name: str = Field(min_length=1, max_length=80)
    reason: Literal["neighbour", "public_road", "other"]
    polygon: tuple[tuple[Coordinate, Coordinate], ...] = Field(min_length=3, max_length=MAX_POINTS)


class _MaskFile(_Strict):
    format: Literal[1]
    camera: str
    masks: tuple[Mask, ...] = Field(max_length=MAX_MASKS)


@dataclass(frozen=True, slots=True)
class MaskSet:
    """All masks of one camera; ``mask_hash`` is the SHA-256 of their canonical text."""

    masks: tuple[Mask, ...]
    mask_hash: bytes

    def polygons(self) -> list[tuple[Point, ...]]:
        return [mask.polygon for mask in self.masks]


def decode_mask_set(data: bytes, camera_id: str) -> MaskSet:
    """The mask set told by ``data``. Raises: BadInput for anything that is not a mask set of this camera."""
    try:
        file = _MaskFile.model_validate_json(data)
    except ValidationError as broken:
        first = broken.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise _refused(f"{where}: {first['msg']}") from broken
    if file.camera != camera_id:
        raise _refused(f"they were drawn for camera {file.camera}, this is {camera_id}")
    for mask in file.masks:
        if abs(_area(mask.polygon)) < _MIN_AREA:
            raise _refused(f"the mask '{mask.name}' has next to no area")
    canonical = json.dumps(file.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return MaskSet(file.masks, hashlib.sha256(canonical.encode()).digest())


def load_mask_set(path: Path, camera_id: str) -> MaskSet:
    """The mask set kept at ``path``. Raises: BadInput when missing, unreadable, broken or another camera's."""
    try:
        data = path.read_bytes()
    except OSError as unreadable:
        raise _refused(f"{path} cannot be read ({unreadable.strerror})") from unreadable
    return decode_mask_set(data, camera_id)


def encode_mask_set(camera_id: str, masks: tuple[Mask, ...]) -> bytes:
    """The mask file for ``masks``, laid out for people."""
    file = _MaskFile(format=1, camera=camera_id, masks=masks)
    return (json.dumps(file.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n").encode()


def _refused(why: str) -> BadInput:
    return BadInput(
        f"the masks cannot be used, {why}",
        do="mend the mask file and start again",
        safe="until then the whole picture is masked and recording goes on",
    )


def _area(polygon: tuple[Point, ...]) -> float:
    """The largest extent counts: a self-crossing outline whose lobes cancel out is still a mask."""
    xs, ys = [x for x, _ in polygon], [y for _, y in polygon]
    return (max(xs) - min(xs)) * (max(ys) - min(ys))
