"""A ring with real H.264 in it: several recorder runs, drawn and encoded in the test, with known capture times."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from pyrage import x25519

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.frames import Fragment
from edgecam.custody.evidence.boxes import walk
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey, create_camera_key
from edgecam.keys.owner import OwnerIdentity, Recipients
from edgecam.ringbuffer.creation import create_ring
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.writer import RingWriter

TICKS_PER_S = 90_000
FRAME_TICKS = TICKS_PER_S // 15
START_WALL_NS = 1_772_352_000 * NS_PER_S  # 2026-03-01T08:00:00Z
BOOT_A, BOOT_B = bytes(range(16)), bytes(range(16, 32))
_RETENTION = Retention(14)
_OPTIONS = {"preset": "ultrafast", "tune": "zerolatency", "sc_threshold": "0"}
_MOVFLAGS = "frag_keyframe+empty_moov+default_base_moof+skip_trailer"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One run of a recorder: ``frames[i]`` counts the frames of ``fragments[i]``, one each ``frame_ticks``."""

    init: bytes
    fragments: list[bytes]
    frames: list[int]
    frame_ticks: int

    def offset_ns(self, frame: int) -> int:
        return frame * self.frame_ticks * NS_PER_S // TICKS_PER_S


def record(
    frames: int, keyframe_every: int, size: tuple[int, int] = (128, 96), frame_ticks: int = FRAME_TICKS
) -> Recorded:
    """Encode ``frames`` frames of ``size`` (width, height) pixels, a fragment for each ``keyframe_every``."""
    out = io.BytesIO()
    options = {"movflags": _MOVFLAGS, "video_track_timescale": str(TICKS_PER_S)}
    with av.open(out, "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=15, options=_OPTIONS | {"g": str(keyframe_every)})
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(_drawn(number, size), format="yuv420p")
            frame.pts, frame.time_base = number * frame_ticks, Fraction(1, TICKS_PER_S)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return _split(out.getvalue(), frames, keyframe_every, frame_ticks)


def _drawn(number: int, size: tuple[int, int]) -> np.ndarray:
    width, height = size
    picture = np.full((height * 3 // 2, width), 20, np.uint8)
    left = number * 3 % (width - 16)
    picture[height // 3 : height // 2, left : left + 16] = 200
    return picture


def _split(data: bytes, frames: int, keyframe_every: int, frame_ticks: int) -> Recorded:
    moofs = [box.start for box in walk(data) if box.kind == b"moof"]
    counts = [min(keyframe_every, frames - first) for first in range(0, frames, keyframe_every)]
    fragments = [data[start:end] for start, end in zip(moofs, [*moofs[1:], len(data)], strict=True)]
    assert len(fragments) == len(counts)
    return Recorded(data[: moofs[0]], fragments, counts, frame_ticks)


@dataclass(slots=True)
class Camera:
    """A camera that has recorded: its ring, its key, its owner, and when each frame was captured (wall time)."""

    folder: Path
    key: CameraKey
    owner: OwnerIdentity
    captured_wall_ns: list[int] = field(default_factory=list)

    @property
    def ring(self) -> Path:
        return self.folder / "ring"

    def register(self) -> Register:
        return Register(self.folder / "register.jsonl", self.key.sign, self.key.public)

    def run(
        self,
        recorded: Recorded,
        start: Instant,
        *,
        gap_ns: int = 0,
        cause: GapCause = GapCause.RESTART,
        private: bool = False,
    ) -> None:
        """One run of the recorder from ``start`` on, after ``gap_ns`` without footage."""
        recipients = Recipients([self.owner.recipient()])
        writer = RingWriter(
            FileMedium.open(self.ring, writable=True),
            sign=self.key.sign,
            camera_public=self.key.public,
            seal=recipients.seal,
            retention=_RETENTION,
            now=start,
        )
        first = 0
        for data, count in zip(recorded.fragments, recorded.frames, strict=True):
            began_ns, ended_ns = recorded.offset_ns(first), recorded.offset_ns(first + count)
            at = Instant(start.wall_ns + began_ns, start.mono_ns + began_ns, start.boot_id, start.trust)
            fragment = Fragment(
                recorded.init, data, at.mono_ns, start.mono_ns + ended_ns, count, bytes([7] * 32), private
            )
            writer.append(fragment, at, 0 if first else gap_ns, GapCause.NONE if first else cause)
            frames = range(first, first + count)
            self.captured_wall_ns += [start.wall_ns + recorded.offset_ns(frame) for frame in frames]
            first += count
        writer.close()

    def reader(self) -> RingReader:
        return RingReader(FileMedium.open(self.ring, writable=False))


def make_camera(folder: Path, size_bytes: int = 4 << 20) -> Camera:
    """A camera with an empty ring in ``folder``."""
    key = create_camera_key(folder / "camera.pem")
    camera = Camera(folder, key, new_owner())
    medium = FileMedium.create(camera.ring, size_bytes)
    now = Instant(START_WALL_NS, NS_PER_S, BOOT_A, TimeTrust.SYNCED)
    create_ring(medium, camera_public=key.public, sign=key.sign, retention=_RETENTION, now=now)
    medium.close()
    return camera


def moment(after_s: float, boot_id: bytes = BOOT_A, trust: TimeTrust = TimeTrust.SYNCED) -> Instant:
    """``after_s`` seconds after the first footage; boot B began at that wall time too, half an hour ago."""
    after_ns = round(after_s * NS_PER_S)
    uptime_ns = (100 if boot_id == BOOT_A else 1800) * NS_PER_S
    return Instant(START_WALL_NS + after_ns, uptime_ns + after_ns, boot_id, trust)


def new_owner() -> OwnerIdentity:
    """An owner without a passphrase, because stretching one takes a second and is not what is tested here."""
    return OwnerIdentity(x25519.Identity.generate())
