"""What somebody drew on the picture: masks with their reasons, and the own property outside of which all is masked.

JSON, UTF-8::

    {"picture": {"width": 1280, "height": 720, "rotation": 0}, "margin": 0.01,
     "masks": [{"name": "next door", "reason": "neighbour", "polygon": [[0.7, 0.0], [1.0, 0.0], [1.0, 0.4]]}],
     "own": [{"name": "our garden", "polygon": [[0.0, 0.3], [0.7, 0.3], [0.7, 1.0], [0.0, 1.0]]}]}

Points are normalised 0-1 from the top left of the picture as it is recorded, after rotation. A drawing holds for
pictures of the shape and rotation that it was drawn on; with ``"picture": null`` for any. Without ``own``
everything is shown but the masks; with it nothing is shown but the own property less the masks. No mask and no own
property is a decision too: nothing is to be hidden.
"""

from __future__ import annotations

import json
from math import ceil
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from edgecam.core.errors import BadInput
from edgecam.core.outline import area_of, crosses_itself
from edgecam.masking.geometry import CELL, Cells, closed, covered_cells, enclosed_cells, grown

MAX_POLYGONS = 64
MAX_POINTS = 1000
DEFAULT_MARGIN = 0.01
# Of the picture's width; what is narrower between two masks shows nobody anything but their edges.
_SLIVER = 0.01
_MIN_AREA = 1e-4  # of the picture; smaller is a slip of the hand, not a mask
# Two pictures are of one shape when their sides' ratios differ by less.
_SAME_SHAPE = 0.01

Coordinate = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Polygon = Annotated[tuple[tuple[Coordinate, Coordinate], ...], Field(min_length=3, max_length=MAX_POINTS)]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Reason = Literal["neighbour", "public_road", "other"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Unsound(ValueError):
    """What is wrong with one outline of a drawing; ``field`` is its place, as ``masks.0.polygon``."""

    def __init__(self, said: str, field: str) -> None:
        super().__init__(said)
        self.field = field


class Mask(_Strict):
    """One polygon to destroy. ``name`` and ``reason`` are for people and for the register."""

    name: Name
    reason: Reason
    polygon: Polygon


class OwnArea(_Strict):
    """One polygon to keep; where any is drawn, everything outside of all of them is destroyed."""

    name: Name
    polygon: Polygon


class DrawnPicture(_Strict):
    """The picture that was drawn on, in pixels after ``rotation`` (degrees clockwise)."""

    width: int = Field(ge=16, le=8192)
    height: int = Field(ge=16, le=8192)
    rotation: Literal[0, 90, 180, 270] = 0

    def is_of(self, width: int, height: int, rotation: int) -> bool:
        """Whether a drawing on it means the same on a picture of that size and rotation."""
        same_shape = abs(self.width * height - self.height * width) <= _SAME_SHAPE * self.width * height
        return same_shape and rotation == self.rotation


class Drawing(_Strict):
    """Everything that decides which pixels are destroyed. ``margin`` is a part of the picture's width."""

    picture: DrawnPicture | None = None
    margin: float = Field(DEFAULT_MARGIN, ge=0.0, le=0.1, allow_inf_nan=False)
    masks: tuple[Mask, ...] = ()
    own: tuple[OwnArea, ...] = ()

    @model_validator(mode="after")
    def _is_sound(self) -> Drawing:
        areas: tuple[Mask | OwnArea, ...] = (*self.masks, *self.own)
        if len(areas) > MAX_POLYGONS:
            raise ValueError(f"{len(areas)} polygons are drawn; at most {MAX_POLYGONS} are possible")
        if (points := sum(len(area.polygon) for area in areas)) > MAX_POINTS:
            raise ValueError(f"{points} points are drawn; at most {MAX_POINTS} are possible")
        for number, area in enumerate(areas):
            first = len(self.masks)
            field = f"masks.{number}.polygon" if number < first else f"own.{number - first}.polygon"
            if crosses_itself(area.polygon):
                raise _Unsound(f"the outline of '{area.name}' crosses itself; draw it as two", field)
            if area_of(area.polygon) < _MIN_AREA:
                raise _Unsound(f"'{area.name}' has next to no area", field)
        return self

    def is_of(self, width: int, height: int, rotation: int) -> bool:
        """Whether it means something on such a picture (pixels, after ``rotation`` in degrees clockwise)."""
        drawn_on = self.picture
        return drawn_on is None or not (self.masks or self.own) or drawn_on.is_of(width, height, rotation)

    def on(self, picture: DrawnPicture) -> Drawing:
        """It as drawn on ``picture``, unless it names its own picture or hides nothing on any."""
        if self.picture is not None or not (self.masks or self.own):
            return self
        return self.model_copy(update={"picture": picture})

    def covered(self, width: int, height: int, extra_margin: float = 0.0) -> Cells:
        """The cells of a picture of ``width`` by ``height`` pixels that are destroyed.

        ``extra_margin``, a part of the width, is added to the drawing's own.
        """
        cells = covered_cells([mask.polygon for mask in self.masks], width, height)
        if self.own:
            cells |= ~enclosed_cells([area.polygon for area in self.own], width, height)
        if not cells.any():
            return cells
        margin, sliver = (self.margin + extra_margin) * width, _SLIVER * width
        return closed(grown(cells, ceil(margin / CELL)), ceil(sliver / 2 / CELL))


def decode_drawing(data: bytes) -> Drawing:
    """The drawing told by ``data``. Raises: BadInput for anything that is none, with the place and the reason."""
    try:
        return Drawing.model_validate_json(data)
    except ValidationError as broken:
        first = broken.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise BadInput(
            f"this cannot be masked with, {where}: {said}" if where else f"this cannot be masked with: {said}",
            do="mend the drawing",
            safe="the masks in force stay as they are",
            field=where or getattr(first.get("ctx", {}).get("error"), "field", ""),
        ) from broken


def encode_drawing(drawing: Drawing) -> bytes:
    """``drawing`` laid out for people."""
    return (json.dumps(drawing.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n").encode()
