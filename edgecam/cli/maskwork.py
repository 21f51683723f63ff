"""What every `edgecam masks` command works with: the store, the register, and the picture that is drawn on."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Any

from edgecam.cli.options import open_places
from edgecam.core.clock import Clock, SystemClock
from edgecam.core.errors import BadInput
from edgecam.core.status import RecorderStatus, read_status
from edgecam.custody.mask_acts import MaskActs
from edgecam.custody.register.register import Register
from edgecam.keys.camera import load_camera_key
from edgecam.masking.aimstore import AimStore
from edgecam.masking.drawing import Drawing, DrawnPicture, decode_drawing
from edgecam.masking.lifecycle import Role
from edgecam.masking.maskstore import MaskStore
from edgecam.supervise import agent_running

# Of a drawing that names no picture, while nothing is recorded: only for telling how much is masked.
_SOME_SIZE = 1280, 720


class MaskWork:
    """The masks of the camera that ``settings`` (or the default file) names. Raises: BadInput."""

    def __init__(self, settings: Path | None, by: str = "") -> None:
        """``by`` is who acts; the name of the login where it is empty."""
        self.settings, self.places = open_places(settings)
        key = load_camera_key(self.places.camera_key)
        self.store, self.aim = MaskStore(self.places.masks, key), AimStore(self.places.masks, key)
        self.by = by.strip() or getpass.getuser()
        self.clock: Clock = SystemClock()
        self.register = Register(self.places.register, key.sign, key.public)
        self.acts = MaskActs(self.store, self.register, self.clock, self.aim.confirm)

    def draw(self, drawing: Drawing) -> Drawing:
        """Make ``drawing`` the draft, with the picture it was drawn on. Raises: as `MaskActs.draw`."""
        drawing = self._on_its_picture(drawing)
        self.acts.draw(drawing, self.by, Role.INSTALLER)
        return drawing

    def shown_size(self) -> tuple[int, int] | None:
        """The recorded picture's (width, height) in pixels; ``None`` while nothing runs."""
        status = read_status(self.places.status_of("recorder"), RecorderStatus)
        if status is None or not status.width or not agent_running(self.places):
            return None
        return status.width, status.height

    def size_for(self, drawing: Drawing) -> tuple[int, int]:
        """(width, height) of the picture ``drawing`` was drawn on, in pixels, or else of one like it."""
        drawn_on = drawing.picture
        return (drawn_on.width, drawn_on.height) if drawn_on else self.shown_size() or _SOME_SIZE

    def masked_percent(self, drawing: Drawing) -> float:
        """How much of the picture ``drawing`` hides."""
        return round(100 * float(drawing.covered(*self.size_for(drawing)).mean()), 1)

    def is_of_this_picture(self, drawing: Drawing) -> bool:
        """Whether it could be burnt now; ``True`` when nobody knows."""
        size = self.shown_size()
        return size is None or drawing.is_of(*size, self.settings.camera.rotation)

    def _on_its_picture(self, drawing: Drawing) -> Drawing:
        if drawing.picture is not None or not (drawing.masks or drawing.own):
            return drawing
        size = self.shown_size()
        if size is None:
            raise BadInput(
                "nobody knows on which picture this was drawn, because nothing is recorded now",
                do='start edgecam, or name it: "picture": {"width": 1280, "height": 720, "rotation": 0}',
                safe="the masks in force stay as they are",
            )
        picture = DrawnPicture.model_validate(
            {"width": size[0], "height": size[1], "rotation": self.settings.camera.rotation}
        )
        return drawing.on(picture)


def with_area(drawing: Drawing, area: dict[str, Any], own: bool) -> Drawing:
    """``drawing`` and one polygon more. Raises: BadInput, as `decode_drawing`."""
    told = drawing.model_dump(mode="json")
    told["own" if own else "masks"].append(area)
    return decode_drawing(json.dumps(told).encode())


def points(text: str) -> list[list[float]]:
    """The corners in ``0.1,0.2 0.5,0.2 0.3,0.9``. Raises: BadInput."""
    try:
        corners = [[float(number) for number in pair.split(",")] for pair in text.split()]
    except ValueError as broken:
        raise _no_polygon(text) from broken
    if any(len(corner) != 2 for corner in corners):
        raise _no_polygon(text)
    return corners


def _no_polygon(text: str) -> BadInput:
    return BadInput(f"{text!r} is no polygon", do="write its corners as '0.1,0.2 0.5,0.2 0.3,0.9'")
