"""Real footage seen through a smaller camera that can be turned: what a moved camera sees, without invented pixels.

Each clip's pictures are kept whole; the *view* is a window of them, resampled to 640x360, that can be shifted,
rolled and zoomed as long as it stays inside. So after a move everything in the view is real, border included, and
what moves in the clip goes on moving. Clips are shown at five pictures a second and start again at their end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edgecam.core.picture import U8
from parts.footagefolder import footage_folder

VIEW: Final = (640, 360)
LOOKS_PER_S: Final = 5
_MOST_WIDTH: Final = 1100
_MOST_PICTURES: Final = 110


@dataclass(frozen=True, slots=True)
class ClipPlace:
    """Where a clip's usable part lies: frames a second, first and last second, columns as shares of the width."""

    name: str
    fps: float
    until_s: float = 1e9
    columns: tuple[float, float] = (0.0, 1.0)


# The method was made and its thresholds were set on these alone ...
TUNED: Final = (
    ClipPlace("vtest.avi", 10),
    ClipPlace("intel_one-by-one-person.mp4", 10),
    ClipPlace("dvrscan_traffic_camera.mp4", 25),
    ClipPlace("tree.avi", 15, until_s=3.3),
    ClipPlace("urfall_a.mp4", 25, columns=(0.128, 0.872)),
    ClipPlace("urfall_b.mp4", 25, columns=(0.128, 0.872)),
    ClipPlace("simpletracking_night.mp4", 30),
)
# ... and on these it was only measured, once it was finished.
HELD_OUT: Final = (
    ClipPlace("dvrscan_issue53_brightness.avi", 12),
    ClipPlace("bgslib_motorway_video02.avi", 25),
    ClipPlace("pets2006_3.mp4", 30),
)
# Left out because the camera itself moves, so that neither "moved" nor "stood still" is true of it. Found by the
# guard, confirmed by SIFT on whole frames: the first sinks by 1.6 % of its width and 0.3 degrees in 25 s; in the
# second a worker handles the camera.
MOVING: Final = ("intel_car-detection.mp4", "mirafra_tamper3_hand.mp4")


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the view looks: its centre and width as shares of the whole picture's width, roll in degrees."""

    x: float
    y: float
    width: float
    roll_deg: float = 0.0

    def moved(self, dx: float, dy: float, roll_deg: float = 0.0, zoom: float = 1.0) -> Pose:
        """Shifted by shares of the *view's* width, rolled, and magnified ``zoom`` times."""
        return Pose(self.x + dx * self.width, self.y + dy * self.width, self.width / zoom, self.roll_deg + roll_deg)

    def to_picture(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """View pixels from the view's middle, to shares of the picture's width."""
        turn = _matrix(self, 1)[:, :2]
        return np.asarray(points @ turn.T + np.array([self.x, self.y]), np.float64)

    def to_view(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """The other way round."""
        turn = np.linalg.inv(_matrix(self, 1)[:, :2])
        return np.asarray((places - np.array([self.x, self.y])) @ turn.T, np.float64)


class Clip:
    """A clip's pictures: luma by day, and as an infrared night camera might weigh its colours."""

    def __init__(self, place: ClipPlace) -> None:
        """Raises: BadInput when the file is missing."""
        path = footage_folder(place.name) / place.name
        self.name = place.name
        pictures = _pictures(path, place)
        self.day = [cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) for picture in pictures]
        # Leaves are bright in the near infrared, skies and many dyes are not.
        weights = np.array([[-0.5, 1.1, 0.4]], np.float32)
        self.infrared = [np.asarray(cv2.transform(picture, weights), np.uint8) for picture in pictures]
        height, width = self.day[0].shape
        self.aspect = height / width

    def __len__(self) -> int:
        return len(self.day)

    def view(self, look: int, pose: Pose, infrared: bool = False, out: U8 | None = None) -> U8:
        """The view in one look, ``(360, 640)`` uint8."""
        source = (self.infrared if infrared else self.day)[look % len(self.day)]
        return np.asarray(
            cv2.warpAffine(
                source,
                _matrix(pose, source.shape[1]),
                VIEW,
                dst=out,
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REFLECT_101,
            ),
            np.uint8,
        )

    def holds(self, pose: Pose) -> bool:
        """Whether the whole view lies inside the picture."""
        corners = np.array([[0, 0, 1], [VIEW[0], 0, 1], [0, VIEW[1], 1], [VIEW[0], VIEW[1], 1]], np.float64)
        at = corners @ _matrix(pose, 1).T
        return bool((at >= -0.002).all() and (at[:, 0] <= 1.002).all() and (at[:, 1] <= self.aspect + 0.002).all())


def _matrix(pose: Pose, full_width: int) -> NDArray[np.float64]:
    """View pixels to picture pixels, ``(2, 3)``."""
    step = pose.width * full_width / VIEW[0]
    angle = np.deg2rad(pose.roll_deg)
    turn = step * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = np.array([pose.x, pose.y]) * full_width
    return np.column_stack([turn, centre - turn @ (np.array(VIEW) / 2)])


def looks_at(path: Path, fps: float, from_s: float = 0.0, until_s: float = 1e9) -> Iterator[U8]:
    """The pictures of a video of ``fps`` frames a second at five a second: BGR, ``(height, width, 3)``."""
    video = cv2.VideoCapture(str(path))
    try:
        due_s = from_s
        for index in count():
            at_s = index / fps
            if at_s >= until_s or not video.grab():
                return
            if at_s + 1e-6 >= due_s:
                due_s += 1 / LOOKS_PER_S
                read, picture = video.retrieve()
                if not read:
                    return
                yield np.asarray(picture, np.uint8)
    finally:
        video.release()


def _pictures(path: Path, place: ClipPlace) -> list[U8]:
    looks = looks_at(path, place.fps, until_s=place.until_s)
    return [_cut(picture, place) for picture in islice(looks, _MOST_PICTURES)]


def _cut(picture: U8, place: ClipPlace) -> U8:
    width = picture.shape[1]
    left, right = (round(column * width) for column in place.columns)
    cut = picture[:, left:right]
    if cut.shape[1] > _MOST_WIDTH:
        height = round(cut.shape[0] * _MOST_WIDTH / cut.shape[1])
        return np.asarray(cv2.resize(cut, (_MOST_WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)
    return cut.copy()
