"""Videos that tests make for themselves, with FFmpeg through PyAV: noise, sound, two sizes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

FPS = 10
# No sample of any noise comes near the fill of a mask (luma 32, chroma 128).
LUMA = (120, 236)
CHROMA = ((30, 90), (170, 230))
U8 = NDArray[np.uint8]


def noise(chance: np.random.Generator, width: int, height: int) -> U8:
    """One I420 frame of noise as a flat array; every chroma sample is far below or far above grey."""
    chroma_size = 2 * ((width + 1) // 2) * ((height + 1) // 2)
    low, high = (chance.integers(*span, chroma_size, np.uint8) for span in CHROMA)
    chroma = np.where(chance.integers(0, 2, chroma_size, np.uint8) > 0, high, low)
    return np.concatenate((chance.integers(*LUMA, width * height, np.uint8), chroma))


def noise_video(path: Path, width: int, height: int, frames: int = 10, *, seed: int = 1) -> Path:
    """A lossless video of noise; sizes may be odd."""
    chance = np.random.default_rng(seed)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            frame = _frame(noise(chance, width, height), width, height)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def knocked_video(path: Path, still_s: int, knocked_s: int) -> Path:
    """A street of blocks, 640x360: still for ``still_s``, from then on a tenth of the width further to the left."""
    chance = np.random.default_rng(4)
    scene = np.full((360, 800), 90, np.uint8)
    for _ in range(260):
        x, y, width, height, grey = (
            int(drawn) for drawn in chance.integers((0, 0, 8, 8, 50), (790, 350, 90, 90, 230))
        )
        scene[y : y + height, x : x + width] = grey
    chroma = np.full(2 * 180 * 320, 128, np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range((still_s + knocked_s) * FPS):
            left = 0 if number < still_s * FPS else 64
            seen = scene[:, left : left + 640].astype(np.int16) + chance.integers(-3, 4, (360, 640), np.int16)
            luma = np.clip(seen, 0, 255).astype(np.uint8)
            frame = _frame(np.concatenate((luma.ravel(), chroma)), 640, 360)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def video_with_sound(path: Path, seconds: int = 2) -> Path:
    """Half a street of noise, and a tone that must never be opened."""
    chance = np.random.default_rng(2)
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=FPS)
        picture.width, picture.height, picture.pix_fmt = 160, 120, "yuv420p"
        sound = container.add_stream("aac", rate=48_000, layout="mono")
        for number in range(seconds * FPS):
            frame = _frame(noise(chance, 160, 120), 160, 120)
            frame.pts = number
            container.mux(picture.encode(frame))
        container.mux(picture.encode())
        at = np.arange(seconds * 48_000, dtype=np.float32) / 48_000
        for start in range(0, len(at), 1024):
            tone = np.sin(2 * np.pi * 440 * at[start : start + 1024], dtype=np.float32)[None, :]
            samples = av.AudioFrame.from_ndarray(tone, "fltp", "mono")
            samples.sample_rate, samples.pts = 48_000, start
            container.mux(sound.encode(samples))
        container.mux(sound.encode())
    return path


def two_sizes(path: Path) -> Path:
    """One H.264 stream that begins at 320x240 and goes on at 160x120, as from a camera that was reconfigured."""
    chance = np.random.default_rng(3)
    with open(path, "wb") as joined:
        for width, height in ((320, 240), (160, 120)):
            codec = av.CodecContext.create("libx264", "w")
            codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
            codec.framerate, codec.options = Fraction(FPS), {"tune": "zerolatency", "g": str(FPS)}
            for number in range(3 * FPS):
                frame = _frame(noise(chance, width, height), width, height)
                frame.pts = number
                joined.writelines(bytes(packet) for packet in codec.encode(frame))
            joined.writelines(bytes(packet) for packet in codec.encode())
    return path


def _frame(samples: U8, width: int, height: int) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, "yuv420p")
    sizes = (width, height), ((width + 1) // 2, (height + 1) // 2), ((width + 1) // 2, (height + 1) // 2)
    start = 0
    for plane, (columns, rows) in zip(frame.planes, sizes, strict=True):
        padded = np.zeros((rows, plane.line_size), np.uint8)
        padded[:, :columns] = samples[start : start + rows * columns].reshape(rows, columns)
        plane.update(padded.tobytes())
        start += rows * columns
    return frame
