"""CPU time of committing a stream, beside that of encoding it: the same frames, in one process, in turn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from edgecam.capture.encoder import X264Encoder
from edgecam.core.clock import NS_PER_S
from edgecam.core.frames import Fragment, MaskedFrame, SourceFormat
from edgecam.core.picture import Picture
from edgecam.ringbuffer.format import GapCause
from edgecam.settings import EncoderSettings
from parts.ringcamera import RingCamera, moment


@dataclass(frozen=True, slots=True)
class Stream:
    """CPU seconds, user and system, of one stream; and the fragments' sizes in bytes."""

    encoding_s: float
    committing_s: float
    sizes: list[int]


def encoded_and_committed(
    pictures: Iterator[Picture], fps: int, frames: int, ring: Path, size_bytes: int, camera: RingCamera
) -> Stream:
    """Encode ``frames`` pictures with the settings as shipped, and commit what comes of it to a new ring."""
    camera.create(ring, size_bytes)
    writer = camera.open(ring)
    waiting: list[Fragment] = []
    encoding_ns = committing_ns = 0
    sizes: list[int] = []
    encoder: X264Encoder | None = None
    try:
        for number, picture in zip(range(frames), pictures, strict=False):
            encoder = encoder or _encoder(picture, fps, waiting)
            captured_ns = moment(number / fps).mono_ns
            frame = MaskedFrame(picture, None, captured_ns, number, bytes(32), False)
            began = time.process_time_ns()
            encoder.encode(frame)
            encoding_ns += time.process_time_ns() - began
            while waiting:
                fragment = waiting.pop(0)
                start = moment((fragment.start_mono_ns - moment(0).mono_ns) / NS_PER_S)
                sizes.append(len(fragment.data))
                began = time.process_time_ns()
                writer.append(fragment, start, 0, GapCause.NONE)
                committing_ns += time.process_time_ns() - began
    finally:
        if encoder is not None:
            encoder.close()
        writer.close()
        ring.unlink()
    return Stream(encoding_ns / NS_PER_S, committing_ns / NS_PER_S, sizes)


def pictures_of(path: Path) -> Iterator[Picture]:
    """The frames of a raw video; each in a picture that the next one overwrites."""
    with av.open(str(path)) as source:
        source.streams.video[0].codec_context.thread_count = 1
        picture: Picture | None = None
        for frame in source.decode(video=0):
            picture = picture or Picture(frame.width, frame.height)
            for plane, pixels in zip(frame.planes, (picture.y, picture.u, picture.v), strict=True):
                rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
                np.copyto(pixels, rows[:, : plane.width])
            yield picture


def _encoder(picture: Picture, fps: int, waiting: list[Fragment]) -> X264Encoder:
    shipped = EncoderSettings()
    return X264Encoder(
        SourceFormat(picture.width, picture.height, float(fps)),
        bit_rate_kbps=shipped.bit_rate_kbps,
        on_fragment=waiting.append,
        preset=shipped.preset,
        keyframe_interval_s=shipped.keyframe_interval_s,
        threads=shipped.threads,
    )
