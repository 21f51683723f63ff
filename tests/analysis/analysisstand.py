"""Drawn pictures, decoded footage and a full fake of a detector for the tests of the analysis."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgecam.analysis.analyser import Analyser
from edgecam.analysis.box import Box
from edgecam.analysis.settings import AnalysisSettings
from edgecam.analysis.sighting import Detector, Sighting
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrame

NS_PER_S = 1_000_000_000
WALL_NS = 1_800_000_000 * NS_PER_S
PERSON_V, VEHICLE_V = 200, 60
Paint = Callable[[Picture, float], None]


class ColourDetector:
    """A full detector that knows objects by their chroma: V of 200 is a person, V of 60 a vehicle."""

    def __init__(self) -> None:
        self.crops: list[Box] = []

    def detect(self, picture: Picture, crops: Sequence[Box]) -> list[Sighting]:
        self.crops += crops
        found: list[Sighting] = []
        for kind, value in ((EventKind.PERSON, PERSON_V), (EventKind.VEHICLE, VEHICLE_V)):
            marked = (picture.v == value).astype(np.uint8)
            number, _, stats, _ = cv2.connectedComponentsWithStats(marked)
            for x, y, w, h, _ in stats[1:number].tolist():
                box = Box(2.0 * x, 2.0 * y, 2.0 * (x + w), 2.0 * (y + h))
                if any(crop.x0 <= box.x0 and box.x1 <= crop.x1 and crop.y0 <= box.y0 for crop in crops):
                    found.append(Sighting(kind, 0.6, box))
        return found


def scene(width: int = 640, height: int = 360, seed: int = 4) -> Picture:
    """A still street of drawn shapes with plenty of edges; neutral chroma."""
    rng = np.random.default_rng(seed)
    picture = Picture(width, height)
    picture.y[:] = np.linspace(70, 150, height, dtype=np.uint8)[:, None]
    for _ in range(140):
        x, y = int(rng.integers(0, width - 8)), int(rng.integers(0, height - 8))
        w, h = (int(v) for v in rng.integers(8, 70, 2))
        picture.y[y : y + h, x : x + w] = int(rng.integers(50, 200))
    picture.u[:] = picture.v[:] = 128
    return picture


def copied(picture: Picture) -> Picture:
    return Picture(picture.width, picture.height, picture.buffer.copy())


def noisy(picture: Picture, rng: np.random.Generator, sigma: float) -> None:
    luma = picture.y + rng.normal(0, sigma, picture.y.shape)
    picture.y[:] = np.clip(np.rint(luma), 0, 255).astype(np.uint8)


def thing(picture: Picture, x: float, y: float, width: int, height: int, luma: int, v: int = 128) -> None:
    """Draw an object with some inner structure."""
    x0, y0 = int(x) // 2 * 2, int(y) // 2 * 2
    picture.y[max(y0, 0) : y0 + height, max(x0, 0) : max(x0 + width, 0)] = luma
    picture.y[max(y0, 0) : y0 + height // 3, max(x0, 0) : max(x0 + width // 2, 0)] = 255 - luma
    picture.v[max(y0 // 2, 0) : (y0 + height) // 2, max(x0 // 2, 0) : max((x0 + width) // 2, 0)] = v


def shifted(picture: Picture, dx: int, dy: int) -> None:
    """Move the whole view by an even number of pixels; what comes into view mirrors the edge."""
    for plane, step in ((picture.y, 1), (picture.u, 2), (picture.v, 2)):
        matrix = np.array([[1, 0, dx / step], [0, 1, dy / step]], np.float32)
        size = (plane.shape[1], plane.shape[0])
        plane[:] = cv2.warpAffine(plane.copy(), matrix, size, borderMode=cv2.BORDER_REFLECT)


def film(
    seconds: float,
    paint: Paint,
    *,
    fps: float = 5.0,
    start_s: float = 0.0,
    sigma: float = 1.0,
    private: Callable[[float], bool] = lambda _: False,
) -> Iterator[SmallFrame]:
    """Frames of the drawn street with light noise, each changed by ``paint(picture, seconds)``."""
    rng = np.random.default_rng(7)
    lit = [scene() for _ in range(9)]
    for picture in lit:
        noisy(picture, rng, sigma)
    for index in range(int(seconds * fps)):
        at_s = start_s + index / fps
        picture = copied(lit[index % len(lit)])
        paint(picture, at_s)
        yield small_frame(picture, at_s, index, private(at_s))


def small_frame(picture: Picture, at_s: float, sequence: int = 0, private: bool = False) -> SmallFrame:
    return SmallFrame(picture, round(at_s * NS_PER_S), WALL_NS + round(at_s * NS_PER_S), sequence, private)


def analyser(
    detector: Detector | None = None, size: tuple[int, int] = (640, 360), settings: AnalysisSettings | None = None
) -> Analyser:
    """An analyser whose events are numbered, so that two runs can be compared."""
    numbers = count()
    chosen = AnalysisSettings() if settings is None else settings
    return Analyser(size, chosen, detector, new_id=lambda: f"{next(numbers):032x}")


def told(looking: Analyser, frames: Iterator[SmallFrame]) -> list[Event]:
    """All that the analyser says about ``frames``, in order; open events are closed at the end."""
    events: list[Event] = []
    for frame in frames:
        events += looking.observe(frame)
    return events + looking.close()


def latest(events: list[Event]) -> list[Event]:
    """The newest revision of every event, by start; checks that revisions follow each other."""
    newest: dict[str, Event] = {}
    for event in events:
        before = newest.get(event.event_id)
        assert event.revision == (0 if before is None else before.revision + 1)
        assert before is None or replace(event, start_wall_ns=before.start_wall_ns) == event
        newest[event.event_id] = event
    return sorted(newest.values(), key=lambda event: event.start_wall_ns)


def of_kind(events: list[Event], *kinds: EventKind) -> list[Event]:
    return [event for event in latest(events) if event.kind in kinds]


def start_s(event: Event) -> float:
    return (event.start_wall_ns - WALL_NS) / NS_PER_S


def end_s(event: Event) -> float:
    assert event.end_wall_ns is not None
    return (event.end_wall_ns - WALL_NS) / NS_PER_S


def footage(name: str) -> Path:
    """The path of a real video, or a skip with the reason."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "footage"
    folder = Path(os.environ.get("EDGECAM_FOOTAGE", str(beside)))
    path = folder / name
    if not path.is_file():
        pytest.skip(f"no footage at {path}; EDGECAM_FOOTAGE names the folder")
    return path


def footage_frames(path: Path, *, looks_per_s: float = 5.0, fps: float | None = None) -> Iterator[SmallFrame]:
    """A video as small frames of 640 pixels width; ``fps`` replaces the rate that the file claims."""
    video = cv2.VideoCapture(str(path))
    rate = fps or video.get(cv2.CAP_PROP_FPS)
    height = round(video.get(cv2.CAP_PROP_FRAME_HEIGHT) * 640 / video.get(cv2.CAP_PROP_FRAME_WIDTH) / 2) * 2
    due_s = 0.0
    for index in count():
        if not video.grab():
            break
        if index / rate + 1e-6 < due_s:
            continue
        due_s += 1 / looks_per_s
        small = cv2.resize(video.retrieve()[1], (640, height), interpolation=cv2.INTER_AREA)
        planes = cv2.cvtColor(small, cv2.COLOR_BGR2YUV_I420).reshape(-1)
        yield small_frame(Picture(640, height, np.asarray(planes, np.uint8)), index / rate, index)
    video.release()
