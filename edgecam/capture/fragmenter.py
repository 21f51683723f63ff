"""Cuts the muxer's byte stream into the init and one fragment per group of frames; bytes in, values out, no I/O.

What comes in is fragmented MP4 (ISO/IEC 14496-12, shaped as CMAF, ISO/IEC 23000-19)::

    ftyp moov          the init, once
    (moof mdat)*       one pair a fragment

Every box starts with its size (u32, big-endian, header included) and its type (4 bytes).
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import Bug, DataLoss
from edgecam.core.frames import Fragment

_BOX = struct.Struct(">I4s")
_FOLLOWS = {b"": b"ftyp", b"ftyp": b"moov", b"moov": b"moof", b"moof": b"mdat", b"mdat": b"moof"}
# Two seconds of 4K at a hundred times a sane bit rate; a size beyond it is a damaged header, not a picture.
MAX_BOX_SIZE_BYTES = 256 * 1024 * 1024


class BoxSplitter:
    """Finds the ends of init and fragments in a byte stream that arrives in pieces of any size."""

    def __init__(self) -> None:
        self.init: bytes | None = None
        self._pieces: list[bytes] = []
        self._header = bytearray()
        self._kind = b""
        self._left = 0

    def feed(self, data: bytes) -> list[bytes]:
        """The fragments (``moof`` + ``mdat``) that ``data`` completes, mostly none.

        Raises: DataLoss when the bytes are not the boxes named above, in that order; the splitter is then done for.
        """
        fragments: list[bytes] = []
        start = position = 0
        while position < len(data):
            position = self._advance(data, position)
            if self._left == 0 and not self._header and self._kind in (b"moov", b"mdat"):
                whole = self._join(data, start, position)
                start = position
                if self._kind == b"moov":
                    self.init = whole
                else:
                    fragments.append(whole)
        if start < len(data):
            self._pieces.append(data[start:])
        return fragments

    @property
    def unfinished(self) -> bool:
        """Whether bytes of a fragment (or of the init) have come in whose end has not."""
        return bool(self._pieces)

    def _advance(self, data: bytes, position: int) -> int:
        if self._left:
            step = min(self._left, len(data) - position)
            self._left -= step
            return position + step
        step = min(_BOX.size - len(self._header), len(data) - position)
        self._header += data[position : position + step]
        if len(self._header) == _BOX.size:
            self._open_box()
        return position + step

    def _open_box(self) -> None:
        size, kind = _BOX.unpack(self._header)
        if kind != _FOLLOWS[self._kind] or not _BOX.size <= size <= MAX_BOX_SIZE_BYTES:
            raise DataLoss(
                f"the encoded video is not fragmented MP4 (a box {kind!r} of {size} bytes)",
                safe="everything recorded before is untouched",
            )
        self._header.clear()
        self._kind, self._left = kind, size - _BOX.size

    def _join(self, data: bytes, start: int, end: int) -> bytes:
        if not self._pieces:
            return data[start:end]
        self._pieces.append(data[start:end])
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole


@dataclass(slots=True)
class _Group:
    """The frames from one keyframe to the next, while they are counted."""

    start_mono_ns: int
    mask_hash: bytes
    private: bool
    last_mono_ns: int
    frame_count: int = 0
    end_mono_ns: int = 0


class Fragmenter:
    """A write-only object for the muxer that gives every fragment its times, frame count and mask set.

    The muxer writes a fragment's bytes when the next keyframe reaches it, so the caller says `frame` before it
    muxes that frame's packet, and `take` afterwards. One thread uses it.
    """

    def __init__(self, frame_interval_ns: int) -> None:
        self._interval_ns = frame_interval_ns
        # A longer silence is a gap: it belongs to no fragment.
        self._longest_ns = max(NS_PER_S, 3 * frame_interval_ns)
        self._splitter = BoxSplitter()
        self._groups: deque[_Group] = deque()
        self._ready: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Called by the muxer. Raises: DataLoss."""
        self._ready += self._splitter.feed(data)
        return len(data)

    def frame(self, captured_mono_ns: int, keyframe: bool, mask_hash: bytes, private: bool) -> None:
        """One more frame is about to be muxed; a keyframe opens a fragment and ends the one before.

        Raises: Bug when a frame inside a fragment has another mask set, or the first one is no keyframe.
        """
        if keyframe:
            if self._groups:
                self._end_group(self._groups[-1], captured_mono_ns)
            self._groups.append(_Group(captured_mono_ns, mask_hash, private, captured_mono_ns))
        if not self._groups or (self._groups[-1].mask_hash, self._groups[-1].private) != (mask_hash, private):
            raise Bug("a fragment would hold frames of two mask sets", safe="the frame is not recorded")
        self._groups[-1].frame_count += 1
        self._groups[-1].last_mono_ns = captured_mono_ns

    def finish(self) -> None:
        """The muxer was closed: the open group ends with its last frame."""
        if self._groups:
            last = self._groups[-1]
            last.end_mono_ns = last.last_mono_ns + self._interval_ns

    def take(self) -> list[Fragment]:
        """The fragments that are complete since the last call. Raises: Bug."""
        fragments = [self._fragment(data) for data in self._ready]
        self._ready.clear()
        return fragments

    def _end_group(self, group: _Group, next_mono_ns: int) -> None:
        silent = next_mono_ns - group.last_mono_ns > self._longest_ns
        group.end_mono_ns = group.last_mono_ns + self._interval_ns if silent else next_mono_ns

    def _fragment(self, data: bytes) -> Fragment:
        if not self._groups or self._splitter.init is None or not self._groups[0].end_mono_ns:
            raise Bug("the muxer wrote a fragment before its last frame", safe="nothing wrong was recorded")
        group = self._groups.popleft()
        return Fragment(
            init=self._splitter.init,
            data=data,
            start_mono_ns=group.start_mono_ns,
            end_mono_ns=group.end_mono_ns,
            frame_count=group.frame_count,
            mask_hash=group.mask_hash,
            private=group.private,
        )
