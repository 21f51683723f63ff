"""How many bytes a second real footage takes, by frame rate, quality and size: the constants of the storage plan.

**Footage.** The eight clips of at least 640x360 in the folder of real footage: a garden at night, a motorway, a
station hall, rooms, a car park, an asphalt lane, trees in a step of brightness. Somebody or something moves in all
of them nearly all the time; a camera's day has quiet hours, so the plan made from them errs towards a larger ring.
The first ten seconds of each.

**How.** The real encoder (`edgecam.capture.encoder.X264Encoder`, preset superfast, a keyframe a second), and its
fragments as they would go into the ring. Pictures are read once, then:

* *rate*: at CRF 23 with every frame, every second, third … one, for the exponent of the frame rate;
* *quality*: at half of the clip's rate, for each of the five qualities, relative to the standard one;
* *size*: the same at half and three quarters of width and height, for the exponent of the number of pixels;
* *busy*: from these, what the clip would take at 1280x720, 15 frames a second, standard: median, least and most;
* *least*: the lowest cap under which luma still has 26 dB of signal to noise, brought to 1280x720 and 15 frames a
  second by the same exponents; the most that any clip needs. Below it, blocks of 16 pixels hide who walks there.

Each exponent is the slope of logarithms for one clip; reported is the median over the clips, and the spread.
``plan.py`` holds the constants; the aim of each measure is what stands there.
"""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

import av
import numpy as np
from parts.footagefolder import footage_folder
from parts.machine import machine
from parts.measured import Measure, measured

from edgecam.capture.encoder import X264Encoder
from edgecam.core.frames import Fragment, MaskedFrame, SourceFormat
from edgecam.core.picture import Picture
from edgecam.ringbuffer import plan

CLIPS = (
    "simpletracking_night.mp4",
    "dvrscan_traffic_camera.mp4",
    "pets2006_3.mp4",
    "dvrscan_issue53_brightness.avi",
    "vtest.avi",
    "intel_one-by-one-person.mp4",
    "intel_car-detection.mp4",
    "urfall_a.mp4",
)
SECONDS = 10
UNCAPPED_KBPS = 50_000
BUSY_PIXELS, BUSY_FPS = 1280 * 720, 15.0
ENOUGH_DB = 26.0
# Bits per pixel and frame that are tried as a cap, from plenty down.
CAPS_BPP = (0.06, 0.045, 0.034, 0.025, 0.022, 0.019, 0.0165, 0.014, 0.012, 0.0105)


@dataclass(frozen=True)
class Clip:
    """A clip's pictures at one size and rate."""

    name: str
    fps: float
    pictures: Sequence[Picture]

    @property
    def pixels(self) -> int:
        return self.pictures[0].width * self.pictures[0].height

    def every(self, step: int) -> Clip:
        return Clip(self.name, self.fps / step, self.pictures[::step])

    def scaled(self, factor: float) -> Clip:
        size = [round(side * factor) // 2 * 2 for side in (self.pictures[0].width, self.pictures[0].height)]
        return Clip(self.name, self.fps, [_scaled(picture, *size) for picture in self.pictures])


def measure() -> dict[str, object]:
    """Measure it all. Raises: BadInput without the footage."""
    folder = footage_folder(*CLIPS)
    rows = [_of_clip(_read(folder / name)) for name in CLIPS]
    qualities = {name: [row.quality[name] for row in rows] for name in plan.QUALITIES}
    busy = [row.busy_kbps for row in rows]
    measures = [
        _measure("fps_exponent", [row.fps_exponent for row in rows], "", plan.FPS_EXPONENT),
        _measure("pixel_exponent", [row.pixel_exponent for row in rows], "", plan.PIXEL_EXPONENT),
        *(
            _measure(f"quality_{name}", ratios, "of standard", plan.QUALITIES[name].rate)
            for name, ratios in qualities.items()
        ),
        _measure("busy_720p15", busy, "kbit/s", plan.BUSY_KBPS),
        _measure("least_720p15", [row.least_kbps for row in rows], "kbit/s", plan.LEAST_KBPS, max),
    ]
    return {"bench": "storage", "machine": machine(), "measures": measures}


@dataclass(frozen=True)
class _Row:
    fps_exponent: float
    pixel_exponent: float
    quality: dict[str, float]
    busy_kbps: float
    least_kbps: float


def _of_clip(clip: Clip) -> _Row:
    standard = plan.QUALITIES["standard"].crf
    rates = [(part.fps, _kbps(part, standard)) for part in (clip.every(step) for step in (1, 2, 3, 5))]
    half = clip.every(2)
    by_quality = {name: _kbps(half, quality.crf) for name, quality in plan.QUALITIES.items()}
    sizes = [(part.pixels, _kbps(part, standard)) for part in (half.scaled(0.5), half.scaled(0.75), half)]
    fps_exponent, pixel_exponent = _slope(rates), _slope(sizes)
    slower = clip if clip.fps < 20 else half
    to_720p15 = (BUSY_PIXELS / clip.pixels) ** plan.PIXEL_EXPONENT
    row = _Row(
        fps_exponent,
        pixel_exponent,
        {name: kbps / by_quality["standard"] for name, kbps in by_quality.items()},
        rates[0][1] * to_720p15 * (BUSY_FPS / clip.fps) ** plan.FPS_EXPONENT,
        _least_kbps(slower) * to_720p15 * (BUSY_FPS / slower.fps) ** plan.FPS_EXPONENT,
    )
    print(f"storage: {clip.name} {clip.fps:g} fps {clip.pixels} px: {row}", file=sys.stderr, flush=True)
    return row


def _least_kbps(clip: Clip) -> float:
    """The lowest cap that is obeyed and still shows enough."""
    least = math.inf
    for bpp in CAPS_BPP:
        kbps = max(32, round(bpp * clip.pixels * clip.fps / 1000))
        fragments = _encoded(clip, 23, kbps)
        # The first two seconds may use up the buffer.
        size_bytes = sum(len(fragment.data) for fragment in fragments[2:])
        obeyed = 8 * size_bytes <= 1.15 * kbps * 1000 * (len(fragments) - 2)
        if not obeyed or _signal_db(clip, fragments) < ENOUGH_DB:
            break
        least = float(kbps)
    return least


def _kbps(clip: Clip, crf: int) -> float:
    return 8e-3 * sum(len(f.data) for f in _encoded(clip, crf, UNCAPPED_KBPS)) * clip.fps / len(clip.pictures)


def _encoded(clip: Clip, crf: int, kbps: int) -> list[Fragment]:
    fragments: list[Fragment] = []
    width, height = clip.pictures[0].width, clip.pictures[0].height
    encoder = X264Encoder(
        SourceFormat(width, height, clip.fps), bit_rate_kbps=kbps, crf=crf, on_fragment=fragments.append
    )
    for number, picture in enumerate(clip.pictures):
        encoder.encode(MaskedFrame(picture, None, round(number * 1e9 / clip.fps), number, bytes(32), False))
    encoder.close()
    return fragments


def _signal_db(clip: Clip, fragments: Sequence[Fragment]) -> float:
    """Luma PSNR over all frames but those of the first two fragments."""
    errors: list[float] = []
    passed = sum(fragment.frame_count for fragment in fragments[:2])
    with av.open(io.BytesIO(fragments[0].init + b"".join(f.data for f in fragments)), "r") as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number >= passed:
                plane = frame.planes[0]
                rows = np.frombuffer(memoryview(plane), np.uint8).reshape(frame.height, plane.line_size)
                y = rows[:, : frame.width].astype(np.float32)
                errors.append(float(np.mean((y - clip.pictures[number].y) ** 2)))
    return 10 * math.log10(255**2 / max(1e-9, float(np.mean(errors))))


def _slope(points: Sequence[tuple[float, float]]) -> float:
    x, y = np.log(np.array(points)).T
    return float(np.polyfit(x, y, 1)[0])


def _read(path: Path) -> Clip:
    pictures: list[Picture] = []
    with av.open(str(path), "r") as container:
        stream = container.streams.video[0]
        fps = float(stream.average_rate or 25)
        for frame in container.decode(stream):
            if len(pictures) >= SECONDS * fps:
                break
            width, height = frame.width // 2 * 2, frame.height // 2 * 2
            picture = Picture(width, height)
            picture.buffer[:] = frame.reformat(width, height, "yuv420p").to_ndarray().reshape(-1)
            pictures.append(picture)
    return Clip(path.name, fps, pictures)


def _scaled(picture: Picture, width: int, height: int) -> Picture:
    frame = av.VideoFrame.from_ndarray(picture.buffer.reshape(-1, picture.width), format="yuv420p")
    small = Picture(width, height)
    small.buffer[:] = frame.reformat(width, height).to_ndarray().reshape(-1)
    return small


def _measure(name: str, values: Sequence[float], unit: str, aim: float, of_all: object = median) -> Measure:
    assert callable(of_all)
    beside = f"{len(values)} clips, from {min(values):.4g} to {max(values):.4g}"
    return measured(name, float(f"{of_all(values):.3g}"), unit, aim, beside)


if __name__ == "__main__":
    for told in measure()["measures"]:  # type: ignore[attr-defined]
        print(told)
