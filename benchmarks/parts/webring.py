"""A ring of a fortnight whose moments play: every slot, the headers around each moment, real pictures there.

The file is sparse. What a search reads on its way lies where a camera would have put it, half an hour to both sides
of each moment; from the moment on there is half a minute of real H.264 (1280x720, 15 frames a second, 1.5 Mbit/s),
sealed to the owner. Elsewhere an epoch has its slot and one segment.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.custody.evidence.boxes import read_fragment, read_init, retimed, walk
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import Recipients
from edgecam.ringbuffer.creation import plan
from edgecam.ringbuffer.format import (
    NO_HASH,
    SUPERBLOCK_OFFSETS,
    EpochSlot,
    SegmentHeader,
    Superblock,
    content_hash,
    header_hash,
    record_size,
)
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.sealing import EpochKey, sealed_size
from parts.ringrecord import bare_header, sealed_slot

_EPOCH_SEGMENTS = 600
_PLAYABLE_S = 30
_AROUND_EPOCHS = 4
_DAY_EPOCHS = 144
_SIZE = (1280, 720)
_FPS = 15
_TICKS_PER_S = 90_000
_ABSENT_SIZE = 190_000  # the payload of a segment that nobody plays: zeros, which a sparse file has for nothing
_ABSENT_HASH = hashlib.sha256(bytes(_ABSENT_SIZE)).digest()
_BOOT = hashlib.sha256(b"the boot before").digest()[:16]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One init, and fragments of a second each."""

    init: bytes
    fragments: list[bytes]


def encoded_seconds(seconds: int) -> Encoded:
    """Moving shapes with some noise, as a stream of 1.5 Mbit/s."""
    out, chance = io.BytesIO(), np.random.default_rng(1)
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "video_track_timescale": str(_TICKS_PER_S)}
    width, height = _SIZE
    with av.open(out, "w", format="mp4", options=options) as container:
        x264 = {"preset": "ultrafast", "tune": "zerolatency", "sc_threshold": "0", "g": str(_FPS)}
        stream = container.add_stream("libx264", rate=_FPS, options=x264)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = width, height, "yuv420p", 1_500_000
        stream.codec_context.time_base = Fraction(1, _TICKS_PER_S)
        for number in range(seconds * _FPS):
            picture = np.full((height * 3 // 2, width), 128, np.uint8)
            picture[:height] = np.linspace(60, 160, height, dtype=np.uint8)[:, None]
            picture[:height] += chance.integers(0, 6, (height, width), dtype=np.uint8)
            left = number * 9 % (width - 120)
            picture[300:500, left : left + 120] = 220
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number * _TICKS_PER_S // _FPS, Fraction(1, _TICKS_PER_S)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    data = out.getvalue()
    moofs = [box.start for box in walk(data) if box.kind == b"moof"]
    ends = [*moofs[1:], next((box.start for box in walk(data) if box.kind == b"mfra"), len(data))]
    return Encoded(data[: moofs[0]], [data[start:end] for start, end in zip(moofs, ends, strict=True)])


@dataclass(frozen=True, slots=True)
class FortnightRing:
    """``moments_ms`` can be played, in Unix milliseconds, random within the ring's days."""

    path: Path
    epochs: int
    moments_ms: Sequence[int]


def fortnight_ring(
    path: Path,
    key: CameraKey,
    recipients: Recipients,
    retention: Retention,
    now: Instant,
    days: float,
    moments: int,
) -> FortnightRing:
    """Make it at ``path``, with footage of the last ``days`` before ``now``."""
    return _Filling(path, key, recipients, retention, now, days).fill(moments)


class _Filling:
    def __init__(
        self, path: Path, key: CameraKey, recipients: Recipients, retention: Retention, now: Instant, days: float
    ) -> None:
        self._path, self._key, self._recipients = path, key, recipients
        self._epochs = int(days * 86_400 / _EPOCH_SEGMENTS)
        size_bytes = (self._epochs + 200) * _EPOCH_SEGMENTS * record_size(_ABSENT_SIZE)
        self._superblock: Superblock = plan(size_bytes, key.public, retention, now).signed(key.sign)
        self._began_ns = now.wall_ns - (self._epochs * _EPOCH_SEGMENTS + 60) * NS_PER_S
        self._encoded = encoded_seconds(10)
        self._facts = read_init(self._encoded.init)

    def fill(self, moments: int) -> FortnightRing:
        chance = random.Random(2)
        # Not so near to an end that the half hour beside it would be missing, or be erased meanwhile.
        whole = range(_DAY_EPOCHS, self._epochs - _AROUND_EPOCHS - 1)
        chosen = sorted(
            chance.choice(whole) * _EPOCH_SEGMENTS + chance.randrange(_EPOCH_SEGMENTS - _PLAYABLE_S)
            for _ in range(moments)
        )
        playable = {second + after for second in chosen for after in range(_PLAYABLE_S)}
        near = {
            second // _EPOCH_SEGMENTS + beside
            for second in chosen
            for beside in range(-_AROUND_EPOCHS, _AROUND_EPOCHS + 1)
        }
        with open(self._path, "xb", buffering=0) as ring:
            os.ftruncate(ring.fileno(), self._superblock.size_bytes)
            for offset in SUPERBLOCK_OFFSETS:
                os.pwrite(ring.fileno(), self._superblock.encode(), offset)
            self._write_epochs(ring.fileno(), near | {self._epochs - 1}, playable)
        chance.shuffle(chosen)
        milliseconds = [self._began_ns // 1_000_000 + second * 1000 + 400 for second in chosen]
        return FortnightRing(self._path, self._epochs, milliseconds)

    def _write_epochs(self, descriptor: int, near: set[int], playable: set[int]) -> None:
        position, sequence, previous = 0, 0, NO_HASH
        for epoch in range(self._epochs):
            slot, key = self._slot(epoch, position, sequence, previous)
            os.pwrite(descriptor, slot.encode(), self._superblock.slot_offset(epoch))
            count = _EPOCH_SEGMENTS if epoch in near else 1
            sequence += count
            for header, body in self._segments(slot, key, count, playable):
                position = self._superblock.fit(position, header.record_size)
                os.pwrite(descriptor, header.encode() + body, self._superblock.byte_offset(position))
                previous = header_hash(header.encode())
                position += header.record_size
            for _ in range(_EPOCH_SEGMENTS - count):
                position += record_size(_ABSENT_SIZE)

    def _slot(self, epoch: int, position: int, sequence: int, previous: bytes) -> tuple[EpochSlot, EpochKey]:
        return sealed_slot(
            self._key,
            self._recipients,
            self._superblock.ring_id,
            epoch,
            self._moment(epoch * _EPOCH_SEGMENTS),
            position,
            sequence,
            previous,
            self._encoded.init,
        )

    def _segments(
        self, slot: EpochSlot, key: EpochKey, count: int, playable: set[int]
    ) -> Iterator[tuple[SegmentHeader, bytes]]:
        previous = slot.previous_hash
        for index in range(count):
            second = slot.epoch * _EPOCH_SEGMENTS + index
            header, body = self._segment(slot, key, index, previous, second in playable)
            previous = header_hash(header.encode())
            yield header, body

    def _segment(
        self, slot: EpochSlot, key: EpochKey, index: int, previous: bytes, is_playable: bool
    ) -> tuple[SegmentHeader, bytes]:
        start = self._moment(slot.epoch * _EPOCH_SEGMENTS + index)
        salt, fragment = os.urandom(16), self._fragment(index) if is_playable else b""
        payload_size = sealed_size(len(fragment)) if is_playable else _ABSENT_SIZE
        bare = bare_header(slot, index, start, NS_PER_S, payload_size, previous)
        header = replace(bare, content_hash=content_hash(salt, fragment))
        body = bytearray(header.payload_size if is_playable else 0)
        if is_playable:
            key.seal_segment(index, salt, fragment, header.sealed_with, memoryview(body))
        sealed_hash = hashlib.sha256(body).digest() if is_playable else _ABSENT_HASH
        return replace(header, sealed_hash=sealed_hash).signed(self._key.sign), bytes(body)

    def _fragment(self, index: int) -> bytes:
        fragment = self._encoded.fragments[index % len(self._encoded.fragments)]
        facts = read_fragment(fragment, self._facts)
        return bytes(retimed(fragment, facts, index + 1, index * _TICKS_PER_S))

    def _moment(self, second: float) -> Instant:
        elapsed_ns = round(second * NS_PER_S)
        return Instant(self._began_ns + elapsed_ns, 100 * NS_PER_S + elapsed_ns, _BOOT, TimeTrust.SYNCED)
