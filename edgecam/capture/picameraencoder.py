"""The board's hardware H.264 encoder behind the `Encoder` contract: picamera2 feeds it, we mux its packets."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import av
import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream

from edgecam.capture.annexb import parameter_sets
from edgecam.capture.muxer import TIME_BASE, FragmentMuxer
from edgecam.capture.v4l2control import set_bit_rate
from edgecam.core.errors import BadInput, Bug, Unavailable
from edgecam.core.frames import Fragment, MaskedFrame, SourceFormat
from edgecam.core.picture import Picture

# What its driver takes at least.
MIN_BIT_RATE_KBPS = 25
# The codec keeps a handful of frames; this many without a packet means that it hangs.
_WEDGED_AFTER = 64


@dataclass(frozen=True, slots=True)
class _Label:
    captured_mono_ns: int
    mask_hash: bytes
    private: bool


@dataclass(frozen=True, slots=True)
class _Coded:
    data: bytes
    keyframe: bool
    timestamp_us: int


class PicameraEncoder:
    """Made by `PicameraSource.make_encoder`.

    `encode` says what a frame is; picamera2 hands the camera's buffer to the codec after ``pre_callback``, through
    a gate that lets only such frames pass. Packets come back in the codec's thread and wait in a queue; they are
    muxed, and ``on_fragment`` is called, in the thread of `PicameraSource.run` or of `close`. A change of mask set
    restarts the codec at the gate, because a keyframe asked of it may come a frame early: a fragment then starts
    exactly with the changed frame.
    """

    def __init__(
        self,
        source_format: SourceFormat,
        *,
        camera: Any,
        encoders: Any,
        outputs: Any,
        bit_rate_kbps: int,
        on_fragment: Callable[[Fragment], None],
        keyframe_interval_s: float,
    ) -> None:
        if not 0 < keyframe_interval_s <= 2:
            raise BadInput(
                f"a keyframe every {keyframe_interval_s} s is not allowed", do="use more than 0 and at most 2 s"
            )
        self._format, self._camera, self._on_fragment = source_format, camera, on_fragment
        self._packets: SimpleQueue[_Coded] = SimpleQueue()
        # Masked, on their way to the gate; through the gate, not yet a packet.
        self._offered: deque[_Label] = deque()
        self._fed: deque[_Label] = deque()
        self._first_us: int | None = None
        self._last_fed: _Label | None = None
        self._expected: Picture | None = None
        self._muxer: FragmentMuxer | None = None
        self._stream: VideoStream | None = None
        self._rate_kbps = self._highest_kbps = bit_rate_kbps
        # Written by any thread, read by the camera's.
        self._wanted_kbps = bit_rate_kbps
        self._codec = _gate(encoders, self._feed)(
            bitrate=bit_rate_kbps * 1000,
            repeat=True,
            iperiod=max(1, round(source_format.fps * keyframe_interval_s)),
            framerate=source_format.fps,
        )
        try:
            camera.start_encoder(self._codec, _output(outputs, self._packets), name="main")
        except (RuntimeError, OSError) as refused:
            raise Unavailable(
                f"the hardware encoder does not start ({refused})", do="restart the board"
            ) from refused

    @staticmethod
    def has_hardware(encoders: Any) -> bool:
        """Whether picamera2's ``H264Encoder`` is the codec of the board, not libx264 again."""
        return not encoders.H264Encoder.__name__.startswith("Libav")

    def expect(self, picture: Picture) -> None:
        """The next frame given to `encode` must be this one, burnt in place."""
        self._expected = picture

    def took(self, captured_mono_ns: int) -> bool:
        """Whether the frame captured then was the last one given to `encode`."""
        self._expected = None
        return bool(self._offered) and self._offered[-1].captured_mono_ns == captured_mono_ns

    @property
    def inline(self) -> bool:
        return True

    def set_bit_rate_kbps(self, rate: int) -> None:
        """What the codec aims at from the next frame on; at most what was given at first. Any thread may call."""
        self._wanted_kbps = max(MIN_BIT_RATE_KBPS, min(rate, self._highest_kbps))

    def encode(self, frame: MaskedFrame) -> None:
        """Let the frame through to the codec, and hand on what the codec has finished.

        Raises: Bug when the frame is a copy (the codec sees the camera's own), Unavailable when the codec hangs.
        """
        if self._expected is None or not np.may_share_memory(frame.full.y, self._expected.y):
            raise Bug("a copy of the camera's frame was masked, not the frame itself", safe="recording stops")
        if self._rate_kbps != self._wanted_kbps:
            self._rate_kbps = self._wanted_kbps
            self._tell_rate()
        self._offered.append(_Label(frame.captured_mono_ns, frame.mask_hash, frame.private))
        self._mux_finished()
        if len(self._fed) > _WEDGED_AFTER:
            raise Unavailable(
                "the hardware encoder hangs", do="wait, it is started anew", safe="what was recorded is kept"
            )

    def stop(self) -> None:
        """Feed the codec no more; called by the source when the camera stops."""
        if self._codec.running:
            self._camera.stop_encoder(self._codec)

    def close(self) -> None:
        """Finish the open fragment and hand it on; a second call does nothing."""
        self.stop()
        self._finish()

    def _feed(self, captured_mono_ns: int) -> None:
        """The gate: picamera2 is about to give the codec the frame captured then."""
        if not self._offered or self._offered[0].captured_mono_ns != captured_mono_ns:
            raise Bug("the codec was offered a frame that was never masked", safe="recording stops")
        label, last = self._offered.popleft(), self._last_fed
        if last is not None and (last.mask_hash, last.private) != (label.mask_hash, label.private):
            # Not through the camera: its lock is held here.
            self._codec.stop()
            self._finish()
            self._codec.start()
            if self._rate_kbps != self._highest_kbps:
                self._tell_rate()
        if self._first_us is None:
            self._first_us = _microseconds(captured_mono_ns)
        self._fed.append(label)
        self._last_fed = label

    def _tell_rate(self) -> None:
        try:
            set_bit_rate(self._codec.vd, self._rate_kbps * 1000)
        except OSError as refused:
            raise Unavailable(
                f"the hardware encoder does not change its bit rate ({refused})", do="wait, it is started anew"
            ) from refused

    def _finish(self) -> None:
        self._mux_finished()
        self._fed.clear()
        self._first_us = None
        if self._muxer is not None:
            muxer, self._muxer, self._stream = self._muxer, None, None
            muxer.close()

    def _mux_finished(self) -> None:
        while True:
            try:
                coded = self._packets.get_nowait()
            except Empty:
                return
            self._mux(coded)

    def _mux(self, coded: _Coded) -> None:
        label = self._label_of(coded)
        if label is None or (self._muxer is None and not coded.keyframe):
            return
        if self._muxer is None or self._stream is None:
            self._muxer = FragmentMuxer(self._format, self._on_fragment)
            self._stream = _add_stream(self._muxer, coded.data)
        packet: Packet[Any] = Packet(coded.data)
        packet.stream, packet.time_base = self._stream, TIME_BASE
        packet.pts = packet.dts = self._muxer.ticks(label.captured_mono_ns)
        packet.is_keyframe = coded.keyframe
        self._muxer.mux(packet, label.captured_mono_ns, label.mask_hash, label.private)

    def _label_of(self, coded: _Coded) -> _Label | None:
        """The codec keeps the order; a label whose packet never came is passed over."""
        while self._fed and self._first_us is not None:
            label = self._fed.popleft()
            if _microseconds(label.captured_mono_ns) - self._first_us >= coded.timestamp_us:
                return label
        return None


def _microseconds(captured_mono_ns: int) -> int:
    # As picamera2 computes it, rounding included.
    return int(captured_mono_ns / 1000)


def _gate(encoders: Any, feed: Callable[[int], None]) -> Any:
    class Gate(encoders.H264Encoder):  # type: ignore[misc]
        """The board's codec behind a gate."""

        def encode(self, stream: Any, request: Any) -> None:
            feed(int(request.get_metadata()["SensorTimestamp"]))
            super().encode(stream, request)

    return Gate


def _output(outputs: Any, packets: SimpleQueue[_Coded]) -> Any:
    class Packets(outputs.Output):  # type: ignore[misc]
        """Takes packets from the codec's thread."""

        def outputframe(
            self, frame: bytes, keyframe: bool = True, timestamp: int = 0, packet: Any = None, audio: bool = False
        ) -> None:
            if not audio:
                packets.put(_Coded(bytes(frame), bool(keyframe), timestamp))

    return Packets()


def _add_stream(muxer: FragmentMuxer, first: bytes) -> VideoStream:
    """The track for packets like ``first``, whose parameter sets make its ``avcC``."""
    with av.open(io.BytesIO(parameter_sets(first) + first), "r", format="h264") as probed:
        stream = muxer.container.add_stream_from_template(probed.streams.video[0], opaque=True)
    stream.time_base = TIME_BASE
    return stream
