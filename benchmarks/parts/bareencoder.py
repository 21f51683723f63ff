"""The peer: libx264 through PyAV and nothing else, fed frames that are masked already.

Run as a program, so that nothing but this is in the process. It reads raw frames as the agent's file source has to
(demux, then one copy into a picture of its own), encodes them without a further copy through a container's own
stream, and lets the packets go. Settings are those of ``edgecam/capture/encoder.py``, written out again here: a
peer that followed every change of ours would hide what it costs. In `pipeline` both bit rates stand side by side.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import count

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import PictureType
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS = 1920, 1080, 15
_TICKS_PER_S = 90_000


def main() -> None:
    """``bareencoder FILE ORIGIN FIRST FRAMES PRESET KBPS encode|read``; one JSON object on standard output.

    ORIGIN is the boot time (ns) at which frame 0 is due, frame n follows n/15 s later; frames that are late when
    the program is ready are passed over. Counted are FRAMES frames from number FIRST on.
    """
    path, origin_ns, first, frames, preset, kbps, task = sys.argv[1:]
    sink = av.open("/dev/null", "w", format="null")
    encoder = _Encoder(sink, preset, int(kbps)) if task == "encode" else None
    print(json.dumps(_measure(path, int(origin_ns), int(first), int(frames), encoder)))
    sink.close()


class _Encoder:
    """One stream of ``sink``; counts the coded bytes."""

    def __init__(self, sink: OutputContainer, preset: str, kbps: int) -> None:
        options = {
            "preset": preset,
            "tune": "zerolatency",
            "crf": "23",
            "maxrate": f"{kbps}k",
            "bufsize": f"{2 * kbps}k",
            "bf": "0",
            "forced-idr": "1",
            "g": "100000",
            "keyint_min": "1",
            "sc_threshold": "0",
            "threads": "1",
        }
        self.coded_bytes = 0
        self._sink = sink
        self._stream = sink.add_stream("libx264", rate=FPS, options=options)
        self._stream.width, self._stream.height, self._stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, _TICKS_PER_S)
        self._next_key = 0

    def encode(self, picture: NDArray[np.uint8], number: int) -> None:
        frame = av.VideoFrame.from_numpy_buffer(picture, format="yuv420p")
        frame.pts, frame.time_base = number * _TICKS_PER_S // FPS, Fraction(1, _TICKS_PER_S)
        if number >= self._next_key:
            frame.pict_type = PictureType.I
            self._next_key = number + FPS
        for packet in self._stream.encode(frame):
            self.coded_bytes += packet.size
            self._sink.mux_one(packet)


def _measure(path: str, origin_ns: int, first: int, frames: int, encoder: _Encoder | None) -> dict[str, float]:
    """CPU seconds and coded kilobits per second of video."""
    picture = np.empty((HEIGHT * 3 // 2, WIDTH), np.uint8)
    cpu_s, coded_before, coded = 0.0, 0, 0
    for number, frame in zip(count(), _frames(path), strict=False):
        due_s = (origin_ns - time.clock_gettime_ns(time.CLOCK_BOOTTIME)) / 1e9 + number / FPS
        if number >= first + frames:
            break
        if due_s < 0 and number < first:
            continue
        time.sleep(max(0.0, due_s))
        if number == first:
            cpu_s, coded_before = time.process_time(), coded
        _copy(frame, picture)
        if encoder is not None:
            encoder.encode(picture, number)
            coded = encoder.coded_bytes
    cpu_s = time.process_time() - cpu_s
    return {"cpu_s_per_s": cpu_s * FPS / frames, "kbps": (coded - coded_before) * 8 / 1000 * FPS / frames}


def _frames(path: str) -> Iterator[av.VideoFrame]:
    """Its frames, from the start again when they are over."""
    while True:
        with av.open(path) as source:
            source.streams.video[0].codec_context.thread_count = 1
            yield from source.decode(video=0)


def _copy(frame: av.VideoFrame, picture: NDArray[np.uint8]) -> None:
    """Plane by plane into one buffer, whatever FFmpeg's rows are padded to."""
    buffer, start = picture.reshape(-1), 0
    for plane in frame.planes:
        pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        target = buffer[start : start + plane.width * plane.height].reshape(plane.height, plane.width)
        np.copyto(target, pixels[:, : plane.width])
        start += target.size


if __name__ == "__main__":
    main()
