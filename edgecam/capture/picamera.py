"""A Raspberry Pi camera as a source, through picamera2: frames are burnt before its encoder can see them.

picamera2 runs, in one turn of its event loop and under its lock: ``pre_callback`` for every new frame, then its
encoders. The event loop here is `PicameraSource.run` itself, so ``take`` is called in the calling thread from
within ``pre_callback``, and what it raises ends the turn before any encoder was given the frame.
"""

from __future__ import annotations

import selectors
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from edgecam.capture.mappedplanes import PlaneLayout
from edgecam.capture.picameraencoder import PicameraEncoder
from edgecam.capture.planes import delivered_size
from edgecam.capture.uri import PicameraUri
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput, Bug, Unavailable
from edgecam.core.frames import Fragment, RawFrame, SourceFormat
from edgecam.core.picture import Picture, PicturePool

_BUFFERS = 6
_FORMAT = "YUV420"
_LOOK_AGAIN_S = 0.2
_SILENCE_NS = 5 * NS_PER_S


class PicameraSource:
    """The `Source` for a camera on the board's own connector, with a small stream for analysis.

    Without a hardware encoder (`make_encoder` was not asked or gave none) frames are copied into pooled pictures.
    With it (`in_place`) they are burnt in the camera's own buffers: they are then valid during ``take`` only, and
    ``take`` itself must give each of them to the encoder's `encode`.
    """

    def __init__(
        self,
        uri: PicameraUri,
        *,
        width: int,
        height: int,
        fps: float,
        rotation: int,
        pictures: int,
        clock: Clock,
        small_width: int = 640,
    ) -> None:
        """``small_width`` is that of the small stream, of the same shape; it is even and at most ``width``."""
        self._index, self._size, self._fps = uri.index, (width & ~1, height & ~1), fps
        self._small_width = small_width
        self._rotation, self._pictures, self._clock = rotation, pictures, clock
        self._camera: Any = None
        self._mapped_array: Any = None
        self._layouts: dict[str, PlaneLayout] = {}
        self._pools: dict[str, PicturePool] = {}
        self._encoder: PicameraEncoder | None = None
        self._take: Callable[[RawFrame], None] | None = None
        self._failure: BaseException | None = None
        self._sequence = 0
        self._last_frame_ns = 0
        self.dropped = 0

    def open(self) -> SourceFormat:
        """Raises: BadInput without picamera2 or for a size the camera has not, Unavailable without a camera."""
        self.close()
        self._layouts, self._pools = {}, {}
        try:
            # Only a Raspberry Pi has these.
            from libcamera import Transform
            from picamera2 import MappedArray, Picamera2
        except ImportError as missing:
            raise BadInput(
                "this machine has no picamera2", do="use it on a Raspberry Pi (`apt install python3-picamera2`)"
            ) from missing
        self._mapped_array = MappedArray
        if self._index >= len(Picamera2.global_camera_info()):
            raise Unavailable(f"no camera {self._index} is connected", do="check its ribbon cable, then restart")
        try:
            self._camera = Picamera2(self._index)
        except (RuntimeError, OSError) as refused:
            raise Unavailable(
                f"the camera {self._index} does not open ({refused})", do="stop what uses it"
            ) from refused
        self._configure(Transform(hflip=self._rotation == 180, vflip=self._rotation == 180))
        width, height = delivered_size(*self._delivered("main"), self._turn)
        return SourceFormat(width, height, self._fps)

    @property
    def in_place(self) -> bool:
        """Whether the hardware encoder reads the very buffers that ``take`` gets."""
        return self._encoder is not None

    def make_encoder(
        self, *, bit_rate_kbps: int, on_fragment: Callable[[Fragment], None], keyframe_interval_s: float = 1.0
    ) -> PicameraEncoder | None:
        """The board's hardware encoder; ``None`` where there is none or the picture must be turned by 90 degrees.

        Call it between `open` and `run`, once. Raises: Unavailable when it does not start.
        """
        from picamera2 import encoders, outputs

        if self._camera is None or self._turn or not PicameraEncoder.has_hardware(encoders):
            return None
        width, height = self._delivered("main")
        self._encoder = PicameraEncoder(
            SourceFormat(width, height, self._fps),
            camera=self._camera,
            encoders=encoders,
            outputs=outputs,
            bit_rate_kbps=bit_rate_kbps,
            on_fragment=on_fragment,
            keyframe_interval_s=keyframe_interval_s,
        )
        return self._encoder

    def run(self, take: Callable[[RawFrame], None], stopped: Callable[[], bool]) -> None:
        """Raises: Unavailable when the camera falls silent or its encoder fails; what ``take`` raises, as it is."""
        if self._camera is None:
            self.open()
        self._take, self._failure = take, None
        self._camera.pre_callback = self._before_encoders
        try:
            self._camera.start(show_preview=None)
            self._turn_loop(stopped)
        except (RuntimeError, OSError) as broken:
            # What ``take`` raised is not the camera's failure.
            if self._failure is not None:
                raise
            raise Unavailable(
                f"the camera {self._index} failed ({broken})",
                do="check its cable",
                safe="what was recorded is kept",
            ) from broken
        finally:
            self._halt()

    def close(self) -> None:
        """Let the camera go."""
        if self._camera is not None:
            self._halt()
            self._camera.close()
        self._camera = self._encoder = None

    @property
    def _turn(self) -> int:
        # The camera itself turns by 180 degrees; by 90 only a copy can be turned.
        return self._rotation if self._rotation in (90, 270) else 0

    def _configure(self, transform: Any) -> None:
        frame_us = round(1e6 / self._fps)
        try:
            wanted = self._camera.create_video_configuration(
                main={"size": self._size, "format": _FORMAT},
                # A picture turned by 90 degrees needs a small one of another shape; it is made from the large one.
                lores=None if self._turn else {"size": self._small_of(self._size), "format": _FORMAT},
                transform=transform,
                buffer_count=_BUFFERS,
                controls={"FrameDurationLimits": (frame_us, frame_us)},
                display=None,
                encode="main",
                queue=False,
            )
            self._camera.configure(wanted)
        except RuntimeError as refused:
            self.close()
            size = f"{self._size[0]}x{self._size[1]}"
            raise BadInput(
                f"the camera {self._index} cannot deliver {size} ({refused})", do="set another size"
            ) from refused
        actual = self._camera.camera_configuration()
        # A camera may bring another format than was asked for: masks would then be burnt in the wrong places.
        strange = {actual[name]["format"] for name in ("main", "lores") if actual.get(name)} - {_FORMAT}
        if strange:
            self.close()
            raise BadInput(
                f"the camera {self._index} delivers {', '.join(sorted(strange))}, not {_FORMAT}",
                do="use a camera of Raspberry Pi's",
            )
        # A camera that adjusts its sizes may bring a small stream of another shape: then it is left alone, too.
        has_small = not self._turn and tuple(actual["lores"]["size"]) == self._small_of(actual["main"]["size"])
        for name in ("main", "lores") if has_small else ("main",):
            (width, height), stride = actual[name]["size"], actual[name]["stride"]
            self._layouts[name] = PlaneLayout(width, height, stride)
            self._pools[name] = PicturePool(*delivered_size(width, height, self._turn), self._pictures)

    def _small_of(self, size: tuple[int, int]) -> tuple[int, int]:
        width = min(self._small_width, size[0]) & ~1
        return width, max(2, round(size[1] * width / size[0] / 2) * 2)

    def _delivered(self, name: str) -> tuple[int, int]:
        return self._layouts[name].width, self._layouts[name].height

    def _turn_loop(self, stopped: Callable[[], bool]) -> None:
        self._last_frame_ns = self._clock.mono_ns()
        with selectors.DefaultSelector() as ready:
            ready.register(self._camera.notifyme_r, selectors.EVENT_READ)
            while not stopped():
                if ready.select(_LOOK_AGAIN_S):
                    self._camera.notifymeread.read()
                    self._camera.process_requests(None)
                if self._clock.mono_ns() - self._last_frame_ns > _SILENCE_NS:
                    raise Unavailable(f"the camera {self._index} sends nothing", do="check its cable")

    def _before_encoders(self, request: Any) -> None:
        """picamera2's ``pre_callback``: whatever goes wrong here, no light from this frame goes on."""
        try:
            self._last_frame_ns = self._clock.mono_ns()
            captured_mono_ns = int(request.get_metadata()["SensorTimestamp"])
            if self._encoder is None:
                self._hand_on_copy(request, captured_mono_ns)
            else:
                self._hand_on_in_place(request, captured_mono_ns, self._encoder)
        except BaseException as failure:
            self._failure = failure
            self._blacken(request)
            raise

    def _hand_on_in_place(self, request: Any, captured_mono_ns: int, encoder: PicameraEncoder) -> None:
        assert self._take is not None
        with ExitStack() as stack:
            picture = self._burnable(stack, request, "main")
            small = self._burnable(stack, request, "lores") if "lores" in self._layouts else None
            encoder.expect(picture)
            self._take(RawFrame(picture, captured_mono_ns, self._sequence, small=small))
            self._sequence += 1
            if not encoder.took(captured_mono_ns):
                raise Bug("a frame was not given to the encoder that will see it", safe="recording stops")

    def _burnable(self, stack: ExitStack, request: Any, name: str) -> Picture:
        flat = stack.enter_context(self._mapped(request, name))
        return stack.enter_context(self._layouts[name].picture(flat))

    def _hand_on_copy(self, request: Any, captured_mono_ns: int) -> None:
        assert self._take is not None
        lent = {name: pool.take() for name, pool in self._pools.items()}
        copies = {name: picture for name, picture in lent.items() if picture is not None}

        def release() -> None:
            for picture in copies.values():
                picture.release()

        self._sequence += 1
        if len(copies) < len(lent):
            release()
            self.dropped += 1
            return
        for name, picture in copies.items():
            with self._mapped(request, name) as flat:
                self._layouts[name].copy_out(flat, picture, self._turn)
        small = copies.get("lores")
        self._take(RawFrame(copies["main"], captured_mono_ns, self._sequence - 1, small=small, release=release))

    @contextmanager
    def _mapped(self, request: Any, name: str) -> Iterator[Any]:
        with self._mapped_array(request, name, reshape=False) as mapped:
            yield mapped.array.reshape(-1)

    def _blacken(self, request: Any) -> None:
        for name, layout in self._layouts.items():
            with self._mapped(request, name) as flat:
                layout.blacken(flat)

    def _halt(self) -> None:
        """Stop the camera, then the encoder: nothing is fed any more."""
        self._camera.stop()
        self._camera.pre_callback = None
        if self._encoder is not None:
            self._encoder.stop()
        self._take = None
