"""A full fake of what edgecam uses of picamera2 and libcamera: requests, buffers, event loop, locks, codec.

Kept in step with picamera2's own source: `Picamera2.process_requests` (``pre_callback`` for every request, then the
encoders, all under ``lock``), `CompletedRequest` (counted references under ``request_lock``, buffers go back to the
camera with the last one), `MappedArray`, `CameraManager.handle_request` (its own thread, a byte into the pipe), the
V4L2 encoder (buffers queued in `encode`, read later in the codec's thread, one packet a frame, time from the first
frame) and `Output`. The codec really encodes, with libx264, what lies in the buffer when its thread gets to it.
"""

from __future__ import annotations

import os
import queue
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from types import ModuleType
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from edgecam.capture import v4l2control
from edgecam.capture.encoder import as_video_frame
from edgecam.core.picture import Picture

U8 = NDArray[np.uint8]


@dataclass
class Board:
    """The hardware around the fake: set it before the source opens."""

    cameras: int = 1
    frames: int = 40
    stride_align: int = 1
    small_align: int = 2
    has_codec: bool = True
    busy: bool = False
    largest: tuple[int, int] = (4096, 3072)
    start_ns: int = 5_000_000_000_123
    codec_hangs: bool = False
    codec_broken: bool = False
    rate_refused: bool = False
    delivers: str = "YUV420"
    paint: Callable[[int, U8, U8, U8], None] | None = None
    opened: list[FakePicamera2] = field(default_factory=list)
    codecs: list[FakeH264Encoder] = field(default_factory=list)


_board = Board()


@contextmanager
def installed(board: Board) -> Iterator[Board]:
    """Make ``import picamera2`` and ``import libcamera`` find this fake, on ``board``."""
    global _board
    _board = board
    modules = {"picamera2": _picamera2(), "libcamera": _libcamera()}
    modules["picamera2.encoders"] = modules["picamera2"].encoders
    modules["picamera2.outputs"] = modules["picamera2"].outputs
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    kernel = v4l2control.ioctl
    v4l2control.ioctl = _ioctl  # type: ignore[assignment]
    try:
        yield board
    finally:
        v4l2control.ioctl = kernel
        for camera in board.opened:
            camera.close()
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


@dataclass(frozen=True)
class FakeTransform:
    hflip: int = 0
    vflip: int = 0


@dataclass(frozen=True)
class ControlId:
    name: str


SENSOR_TIMESTAMP = ControlId("SensorTimestamp")


class FakeRequest:
    """libcamera's: buffers by stream and the sensor's metadata."""

    def __init__(self, buffers: dict[str, bytearray]) -> None:
        self.buffers = buffers
        self.metadata: dict[ControlId, int] = {}

    def reuse(self) -> None:
        self.metadata = {}


class FakeSensor:
    """libcamera's camera: fills queued requests in its own thread as they come, ``board.frames`` in all."""

    def __init__(self, camera: FakePicamera2) -> None:
        self._camera = camera
        self._queued: queue.Queue[FakeRequest | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self.exposed = 0

    def start(self) -> None:
        self._thread = threading.Thread(target=self._expose, name="fake sensor")
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._queued.put(None)
            self._thread.join()
            self._thread = None
        while not self._queued.empty():
            self._queued.get()

    def queue_request(self, request: FakeRequest) -> None:
        self._queued.put(request)

    def _expose(self) -> None:
        while (request := self._queued.get()) is not None:
            if self.exposed >= _board.frames:
                continue
            config = self._camera.camera_config
            for name in self._camera.stream_map:
                paint_stream(self.exposed, request.buffers[name], config[name])
            interval_ns = config["controls"]["FrameDurationLimits"][0] * 1000
            request.metadata[SENSOR_TIMESTAMP] = _board.start_ns + self.exposed * interval_ns
            self.exposed += 1
            self._camera.completed(request)


def planes_of(buffer: bytearray | memoryview | U8, config: dict[str, Any]) -> tuple[U8, U8, U8]:
    """The three planes of a YUV420 buffer without their padding."""
    (width, height), stride = config["size"], config["stride"]
    flat = np.frombuffer(buffer, np.uint8)
    luma, chroma = stride * height, stride * height // 4
    return (
        flat[:luma].reshape(height, stride)[:, :width],
        flat[luma : luma + chroma].reshape(height // 2, stride // 2)[:, : width // 2],
        flat[luma + chroma : luma + 2 * chroma].reshape(height // 2, stride // 2)[:, : width // 2],
    )


def paint_stream(number: int, buffer: bytearray, config: dict[str, Any]) -> None:
    """Frame ``number``: a ramp that moves, in colour; padding is set apart."""
    np.frombuffer(buffer, np.uint8)[:] = 77
    y, u, v = planes_of(buffer, config)
    y[:] = (np.arange(y.shape[1])[None, :] + np.arange(y.shape[0])[:, None] + 3 * number) % 200 + 20
    u[:], v[:] = 90, 170
    if _board.paint is not None:
        _board.paint(number, y, u, v)


class _MappedBuffer:
    def __init__(self, request: CompletedRequest, stream: str, write: bool = True) -> None:
        assert request.request is not None
        self._buffer = request.request.buffers[request.stream_map[stream]]

    def __enter__(self) -> bytearray:
        return self._buffer

    def __exit__(self, *error: object) -> None:
        return None


class MappedArray:
    def __init__(self, request: CompletedRequest, stream: str, reshape: bool = True, write: bool = True) -> None:
        self._request, self._stream, self._reshape = request, stream, reshape
        self._buffer = _MappedBuffer(request, stream, write=write)
        self._array: U8 | None = None

    def __enter__(self) -> MappedArray:
        array: U8 = np.frombuffer(self._buffer.__enter__(), np.uint8)
        if self._reshape:
            config = self._request.config[self._stream]
            array = array.reshape((config["size"][1] * 3 // 2, config["stride"]))
        self._array = array
        return self

    def __exit__(self, *error: object) -> None:
        self._array = None
        self._buffer.__exit__(*error)

    @property
    def array(self) -> U8 | None:
        return self._array


class CompletedRequest:
    def __init__(self, request: FakeRequest, picam2: FakePicamera2) -> None:
        self.request: FakeRequest | None = request
        self.ref_count = 1
        self.lock = picam2.request_lock
        self.picam2 = picam2
        self.stop_count = picam2.stop_count
        self.configure_count = picam2.configure_count
        self.config = dict(picam2.camera_config)
        self.stream_map = dict(picam2.stream_map)

    def acquire(self) -> None:
        with self.lock:
            if self.ref_count == 0:
                raise RuntimeError("CompletedRequest: acquiring lock with ref_count 0")
            self.ref_count += 1

    def release(self) -> None:
        with self.lock:
            self.ref_count -= 1
            if self.ref_count < 0:
                raise RuntimeError("CompletedRequest: lock now has negative ref_count")
            if self.ref_count == 0:
                assert self.request is not None
                if self.picam2.is_open and self.stop_count == self.picam2.stop_count and self.picam2.started:
                    self.request.reuse()
                    self.picam2.sensor.queue_request(self.request)
                self.request = None

    def get_metadata(self) -> dict[str, int]:
        assert self.request is not None
        return {key.name: value for key, value in self.request.metadata.items()}


class FakePicamera2:
    def __init__(self, camera_num: int = 0) -> None:
        if _board.busy:
            raise RuntimeError("Camera __init__ sequence did not complete.")
        self.notifyme_r, self.notifyme_w = os.pipe2(os.O_NONBLOCK)
        self.notifymeread = os.fdopen(self.notifyme_r, "rb")
        self.request_lock = threading.Lock()
        self._requestslock = threading.Lock()
        self._requests: list[CompletedRequest] = []
        self.lock = threading.Lock()
        self.pre_callback: Callable[[CompletedRequest], None] | None = None
        self.post_callback: Callable[[CompletedRequest], None] | None = None
        self.completed_requests: list[CompletedRequest] = []
        self._encoders: set[FakeEncoder] = set()
        self._event_loop_running = False
        self.camera_config: dict[str, Any] = {}
        self.stream_map: dict[str, str] = {}
        self.started = False
        self.is_open = True
        self.stop_count = self.configure_count = self.frames = 0
        self.sensor = FakeSensor(self)
        _board.opened.append(self)

    @staticmethod
    def global_camera_info() -> list[dict[str, Any]]:
        return [{"Model": "imx708", "Num": number, "Id": f"/base/i2c/{number}"} for number in range(_board.cameras)]

    def create_video_configuration(
        self,
        main: dict[str, Any] | None = None,
        lores: dict[str, Any] | None = None,
        transform: FakeTransform | None = None,
        buffer_count: int = 6,
        controls: dict[str, Any] | None = None,
        display: str | None = "main",
        encode: str | None = "main",
        queue: bool = True,
    ) -> dict[str, Any]:
        return {
            "transform": transform or FakeTransform(),
            "buffer_count": buffer_count,
            "queue": queue,
            "main": dict(main or {}),
            "lores": None if lores is None else dict(lores),
            "controls": {"FrameDurationLimits": (33333, 33333)} | (controls or {}),
            "display": display,
            "encode": encode,
        }

    def configure(self, config: dict[str, Any]) -> None:
        if self.started:
            raise RuntimeError("Camera must be stopped before configuring")
        names = [name for name in ("main", "lores") if config[name] is not None]
        for name in names:
            width, height = config[name]["size"]
            if width % 2 or height % 2:
                raise RuntimeError("width and height should be even")
            if width > _board.largest[0] or height > _board.largest[1]:
                raise RuntimeError(f"Invalid camera configuration: {config}")
            if name == "lores":
                width -= width % _board.small_align
                config[name]["size"] = (width, height)
            config[name]["format"] = _board.delivers
            config[name]["stride"] = -(-width // _board.stride_align) * _board.stride_align
        self.camera_config = config
        self.stream_map = {name: name for name in names}
        self._max_queue_len = 1 if config["queue"] and config["buffer_count"] > 1 else 0
        self.configure_count += 1

    def camera_configuration(self) -> dict[str, Any]:
        return self.camera_config

    def start(self, config: None = None, show_preview: bool | None = False) -> None:
        if show_preview is not None:
            raise AssertionError("edgecam runs the event loop itself; another one would race it")
        if self.started:
            return
        self.sensor.start()
        for _ in range(self.camera_config["buffer_count"]):
            self.sensor.queue_request(FakeRequest({name: self._buffer(name) for name in self.stream_map}))
        self.started = True

    def stop(self) -> None:
        if not self.started:
            return
        self.stop_count += 1
        self.sensor.stop()
        self.started = False
        with self._requestslock:
            unseen, self._requests = self._requests, []
        for request in unseen + self.completed_requests:
            request.release()
        self.completed_requests = []

    def close(self) -> None:
        if not self.is_open:
            return
        self.stop()
        self.is_open = False
        self.notifymeread.close()
        os.close(self.notifyme_w)

    def completed(self, request: FakeRequest) -> None:
        """As ``CameraManager.handle_request`` does in its own thread."""
        with self._requestslock:
            self._requests.append(CompletedRequest(request, self))
        os.write(self.notifyme_w, b"\x00")

    def process_requests(self, display: Any) -> None:
        with self._requestslock:
            requests, self._requests = self._requests, []
        self.frames += len(requests)
        display_request = None
        with self.lock:
            for request in requests:
                request.acquire()
            self.completed_requests += requests
            if requests:
                display_request = requests[-1]
                display_request.acquire()
            if self.pre_callback:
                for request in requests:
                    self.pre_callback(request)
            for request in requests:
                if self.post_callback:
                    self.post_callback(request)
                for encoder in self._encoders:
                    if encoder.name in self.stream_map:
                        encoder.encode(encoder.name, request)
                request.release()
            while len(self.completed_requests) > self._max_queue_len:
                self.completed_requests.pop(0).release()
        if display_request is not None:
            if (
                display_request.configure_count == self.configure_count
                and display_request.config["display"] is not None
            ):
                display.render_request(display_request)
            display_request.release()

    def start_encoder(self, encoder: FakeEncoder, output: FakeOutput, name: str = "main") -> None:
        encoder.output = output
        encoder.name = name
        encoder.width, encoder.height = self.camera_config[name]["size"]
        encoder.stride = self.camera_config[name]["stride"]
        encoder.start()
        with self.lock:
            self._encoders.add(encoder)

    def stop_encoder(self, encoder: FakeEncoder) -> None:
        encoder.stop()
        with self.lock:
            self._encoders.remove(encoder)

    def _buffer(self, name: str) -> bytearray:
        config = self.camera_config[name]
        return bytearray(config["stride"] * config["size"][1] * 3 // 2)


class FakeOutput:
    def __init__(self, pts: None = None) -> None:
        self.recording = False

    def start(self) -> None:
        self.recording = True

    def stop(self) -> None:
        self.recording = False

    def outputframe(
        self,
        frame: bytes,
        keyframe: bool = True,
        timestamp: int | None = None,
        packet: Any = None,
        audio: bool = False,
    ) -> None:
        raise NotImplementedError


class FakeEncoder:
    def __init__(self) -> None:
        self._running = False
        self._lock = threading.Lock()
        self._output_lock = threading.Lock()
        self.firsttimestamp: int | None = None
        self.output: FakeOutput = FakeOutput()
        self.name = ""
        self.width = self.height = self.stride = 0

    @property
    def running(self) -> bool:
        return self._running

    def encode(self, stream: str, request: CompletedRequest) -> None:
        with self._lock:
            self._encode(stream, request)

    def start(self) -> None:
        with self._lock:
            if self._running:
                raise RuntimeError("Encoder already running")
            self._running = True
            self.firsttimestamp = None
            self.output.start()
            self._start()

    def stop(self) -> None:
        with self._lock:
            if not self._running:
                raise RuntimeError("Encoder already stopped")
            self._running = False
            self._stop()
            self.output.stop()

    def _start(self) -> None: ...

    def _stop(self) -> None: ...

    def _encode(self, stream: str, request: CompletedRequest) -> None:
        raise NotImplementedError

    def _timestamp(self, request: CompletedRequest) -> int:
        assert request.request is not None
        timestamp_us = int(request.request.metadata[SENSOR_TIMESTAMP] / 1000)
        if self.firsttimestamp is None:
            self.firsttimestamp = timestamp_us
        return timestamp_us - self.firsttimestamp


class FakeH264Encoder(FakeEncoder):
    """The V4L2 codec: `_encode` queues the buffer itself, the codec's thread reads it when it gets there."""

    def __init__(
        self,
        bitrate: int | None = None,
        repeat: bool = True,
        iperiod: int | None = None,
        framerate: float | None = None,
    ) -> None:
        super().__init__()
        self.bitrate, self.repeat, self.iperiod, self.framerate = bitrate, repeat, iperiod, framerate
        self.starts = 0
        self.aims: list[int] = []
        _board.codecs.append(self)

    def _start(self) -> None:
        if _board.codec_broken:
            raise OSError(2, "No such file or directory: '/dev/video11'")
        self.starts += 1
        self.vd = FakeCodecDevice(self)
        self._queued: queue.Queue[tuple[CompletedRequest, str, int] | None] = queue.Queue()
        self._context: Any = av.CodecContext.create("libx264", "w")
        self._context.width, self._context.height, self._context.pix_fmt = self.width, self.height, "yuv420p"
        self._context.time_base = Fraction(1, 1_000_000)
        self._context.framerate = Fraction(round(self.framerate or 30))
        self._context.bit_rate = self.bitrate or 0
        self._context.gop_size = self.iperiod or 0
        self._context.options = {"preset": "ultrafast", "tune": "zerolatency", "sc_threshold": "0"}
        self._thread = threading.Thread(target=self._poll, name="fake codec")
        self._thread.start()

    def _stop(self) -> None:
        self._queued.put(None)
        self._thread.join()
        self.vd.closed = True

    def _encode(self, stream: str, request: CompletedRequest) -> None:
        request.acquire()
        self._queued.put((request, stream, self._timestamp(request)))

    def _poll(self) -> None:
        while (item := self._queued.get()) is not None:
            request, stream, timestamp_us = item
            if not _board.codec_hangs:
                self._code(request, stream, timestamp_us)
            request.release()

    def _code(self, request: CompletedRequest, stream: str, timestamp_us: int) -> None:
        assert request.request is not None
        planes = planes_of(request.request.buffers[stream], request.config[stream])
        pixels = np.concatenate([plane.reshape(-1) for plane in planes])
        frame = as_video_frame(Picture(self.width, self.height, pixels))
        frame.pts = timestamp_us
        for packet in self._context.encode(frame):
            with self._output_lock:
                self.output.outputframe(bytes(packet), packet.is_keyframe, packet.pts)


@dataclass
class FakeCodecDevice:
    """``/dev/video11`` while the codec streams."""

    codec: FakeH264Encoder
    closed: bool = False


def _ioctl(device: FakeCodecDevice, request: int, argument: bytes) -> int:
    """The kernel's side of ``VIDIOC_S_CTRL``: a rate is taken at any time, if the driver can have it."""
    if device.closed:
        raise OSError(9, "Bad file descriptor")
    number, value = struct.unpack("=Ii", argument)
    if request != 0xC008561C or number != 0x9909CF:
        raise OSError(25, "Inappropriate ioctl for device")
    if not 25_000 <= value <= 25_000_000 or _board.rate_refused:
        raise OSError(34, "Numerical result out of range")
    device.codec.aims.append(value)
    return 0


class LibavH264Encoder(FakeH264Encoder):
    """What picamera2 gives under the name ``H264Encoder`` on boards without a codec."""


def _picamera2() -> ModuleType:
    module, encoders, outputs = (ModuleType(f"picamera2{part}") for part in ("", ".encoders", ".outputs"))
    encoders.H264Encoder = type("H264Encoder", (FakeH264Encoder,), {}) if _board.has_codec else LibavH264Encoder  # type: ignore[attr-defined]
    outputs.Output = FakeOutput  # type: ignore[attr-defined]
    module.Picamera2, module.MappedArray = FakePicamera2, MappedArray  # type: ignore[attr-defined]
    module.encoders, module.outputs = encoders, outputs  # type: ignore[attr-defined]
    return module


def _libcamera() -> ModuleType:
    module = ModuleType("libcamera")
    module.Transform = FakeTransform  # type: ignore[attr-defined]
    return module
