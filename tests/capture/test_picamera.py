from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import av
import numpy as np
import pytest
from fakes.picamera2 import Board, installed

from edgecam.capture.picamera import PicameraSource
from edgecam.capture.picameraencoder import PicameraEncoder
from edgecam.capture.uri import PicameraUri
from edgecam.core.clock import SystemClock
from edgecam.core.errors import BadInput, Bug, Unavailable
from edgecam.core.frames import Fragment, MaskedFrame, RawFrame

FILL = 16
MASK = (slice(20, 100), slice(40, 200))


@pytest.fixture
def board() -> Iterator[Board]:
    with installed(Board()) as board:
        yield board


class Recording:
    """What a recorder does with a camera: burn, encode, count."""

    def __init__(self, board: Board, width: int = 640, height: int = 360, rotation: int = 0) -> None:
        self.source = PicameraSource(
            PicameraUri(0),
            width=width,
            height=height,
            fps=15.0,
            rotation=rotation,
            pictures=4,
            clock=SystemClock(),
            small_width=320,
        )
        self.format = self.source.open()
        self.board = board
        self.fragments: list[Fragment] = []
        self.frames: list[RawFrame] = []
        self.private: Callable[[int], bool] = lambda number: False
        self.encoder: PicameraEncoder | None = None

    def hardware(self) -> PicameraEncoder:
        self.encoder = self.source.make_encoder(bit_rate_kbps=2000, on_fragment=self.fragments.append)
        assert self.encoder is not None
        return self.encoder

    def take(self, raw: RawFrame) -> None:
        self.frames.append(raw)
        for picture in (raw.picture, raw.small):
            assert picture is not None
            picture.y[MASK] = FILL
        private = self.private(len(self.frames) - 1)
        masked = MaskedFrame(raw.picture, raw.small, raw.captured_mono_ns, raw.sequence, b"m" * 32, private)
        if self.encoder is not None:
            self.encoder.encode(masked)
        raw.release()

    def run(self, take: Callable[[RawFrame], None] | None = None) -> None:
        try:
            self.source.run(take or self.take, lambda: len(self.frames) >= self.board.frames)
        finally:
            if self.encoder is not None:
                self.encoder.close()
            self.source.close()


def decoded(fragment: Fragment) -> list[av.VideoFrame]:
    with av.open(io.BytesIO(fragment.init + fragment.data), "r") as container:
        return list(container.decode(video=0))


def luma(frame: av.VideoFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(frame.height, plane.line_size)[:, : frame.width]


@pytest.mark.row("M2")
@pytest.mark.parametrize(("width", "align"), [(640, 1), (622, 64)])
def test_the_hardware_encoder_sees_only_what_was_burnt(board: Board, width: int, align: int) -> None:
    board.stride_align = align
    recording = Recording(board, width)
    recording.hardware()
    recording.run()
    shown = [frame for fragment in recording.fragments for frame in decoded(fragment)]
    assert len(shown) == board.frames == 40
    inside = (slice(28, 92), slice(48, 192))
    for number, frame in enumerate(shown):
        assert (frame.width, frame.height) == (width, 360)
        assert np.abs(luma(frame)[inside].astype(int) - FILL).max() <= 6
        ramp = (np.arange(width)[None, :] + np.arange(360)[:, None] + 3 * number) % 200 + 20
        assert np.abs(luma(frame)[200:].astype(int) - ramp[200:]).mean() < 12


@pytest.mark.row("C3")
def test_packets_carry_the_sensor_s_times(board: Board) -> None:
    recording = Recording(board)
    recording.hardware()
    recording.run()
    interval_ns = 66_667_000
    assert [raw.captured_mono_ns for raw in recording.frames] == [
        board.start_ns + number * interval_ns for number in range(40)
    ]
    assert [fragment.frame_count for fragment in recording.fragments] == [15, 15, 10]
    times = [frame.pts for fragment in recording.fragments for frame in decoded(fragment)]
    assert times == [round(number * interval_ns * 9e-5) for number in range(40)]
    assert recording.fragments[1].start_mono_ns == board.start_ns + 15 * interval_ns


@pytest.mark.row("M6")
def test_going_private_restarts_the_codec_at_that_very_frame(board: Board) -> None:
    recording = Recording(board)
    recording.private = lambda number: 7 <= number < 12
    recording.hardware()
    recording.run()
    counts = [(fragment.private, fragment.frame_count) for fragment in recording.fragments]
    assert counts == [(False, 7), (True, 5), (False, 15), (False, 13)]
    assert [len(decoded(fragment)) for fragment in recording.fragments] == [7, 5, 15, 13]
    assert board.codecs[0].starts == 3


@pytest.mark.row("C3")
def test_the_codec_s_rate_changes_while_it_runs(board: Board) -> None:
    recording = Recording(board)
    hardware = recording.hardware()

    def lower(number: int) -> bool:
        if number == 20:
            hardware.set_bit_rate_kbps(500)
        if number == 30:
            hardware.set_bit_rate_kbps(9000)
        return False

    recording.private = lower
    recording.run()
    assert board.codecs[0].aims == [500_000, 2_000_000]
    assert board.codecs[0].starts == 1
    assert [fragment.frame_count for fragment in recording.fragments] == [15, 15, 10]


def test_a_restarted_codec_is_told_its_rate_again(board: Board) -> None:
    recording = Recording(board)
    recording.private = lambda number: number >= 20
    recording.hardware().set_bit_rate_kbps(900)
    recording.run()
    assert board.codecs[0].aims == [900_000, 900_000]


def test_a_codec_that_refuses_another_rate_is_unavailable(board: Board) -> None:
    board.rate_refused = True
    recording = Recording(board)
    recording.hardware().set_bit_rate_kbps(900)
    with pytest.raises(Unavailable, match="bit rate"):
        recording.run()


@pytest.mark.row("M2")
@pytest.mark.parametrize("hardware", [True, False])
def test_a_callback_that_fails_stops_recording_and_leaves_no_light(board: Board, hardware: bool) -> None:
    recording = Recording(board)
    if hardware:
        recording.hardware()
    buffers: list[bytearray] = []

    def fail_at_six(raw: RawFrame) -> None:
        recording.frames.append(raw)
        if len(recording.frames) == 6:
            for request in board.opened[0].completed_requests:
                assert request.request is not None
                buffers.extend(request.request.buffers.values())
            raise RuntimeError("masking broke")
        recording.frames.pop()
        recording.take(raw)

    with pytest.raises(RuntimeError, match="masking broke"):
        recording.run(fail_at_six)
    assert sum(fragment.frame_count for fragment in recording.fragments) <= (5 if hardware else 0)
    assert not board.opened[0].started
    assert not any(codec.running for codec in board.codecs)
    blackened = [buffer for buffer in buffers if set(buffer) == {16, 128}]
    assert len(blackened) >= 2


@pytest.mark.row("M2")
def test_a_frame_that_was_not_given_to_the_encoder_never_reaches_the_codec(board: Board) -> None:
    recording = Recording(board)
    recording.hardware()
    with pytest.raises(Bug, match="was not given to the encoder"):
        recording.run(recording.frames.append)
    assert recording.fragments == []
    assert len(recording.frames) == 1


@pytest.mark.row("M2")
def test_masking_a_copy_is_refused(board: Board) -> None:
    recording = Recording(board)
    encoder = recording.hardware()

    def mask_a_copy(raw: RawFrame) -> None:
        copy = type(raw.picture)(raw.picture.width, raw.picture.height)
        encoder.encode(MaskedFrame(copy, raw.small, raw.captured_mono_ns, raw.sequence, b"", private=False))

    with pytest.raises(Bug, match="a copy"):
        recording.run(mask_a_copy)
    assert recording.fragments == []


@pytest.mark.row("C5")
def test_a_codec_that_hangs_is_noticed(board: Board) -> None:
    board.codec_hangs, board.frames = True, 200
    recording = Recording(board)
    recording.hardware()
    with pytest.raises(Unavailable, match="hangs"):
        recording.run()


def test_a_codec_that_does_not_start_is_unavailable(board: Board) -> None:
    board.codec_broken = True
    recording = Recording(board)
    with pytest.raises(Unavailable, match="does not start"):
        recording.hardware()
    recording.source.close()


def test_a_board_without_a_codec_gives_copies_and_no_encoder(board: Board) -> None:
    board.has_codec, board.stride_align = False, 64
    with installed(board):
        recording = Recording(board, width=622)
        assert recording.source.make_encoder(bit_rate_kbps=1000, on_fragment=recording.fragments.append) is None
        assert not recording.source.in_place
        recording.run()
    first = recording.frames[0]
    assert (first.picture.width, first.picture.height) == (622, 360)
    assert first.small is not None
    assert (first.small.width, first.small.height) == (320, 186)
    assert len(recording.frames) == 40


@pytest.mark.parametrize(("rotation", "size"), [(90, (360, 640)), (180, (640, 360)), (270, (360, 640))])
def test_a_camera_that_hangs_askew(board: Board, rotation: int, size: tuple[int, int]) -> None:
    recording = Recording(board, rotation=rotation)
    assert (recording.format.width, recording.format.height) == size
    transform = board.opened[0].camera_config["transform"]
    assert (transform.hflip, transform.vflip) == ((1, 1) if rotation == 180 else (0, 0))
    encoder = recording.source.make_encoder(bit_rate_kbps=1000, on_fragment=recording.fragments.append)
    assert (encoder is None) == (rotation != 180)
    pictures: list[tuple[int, int, bool]] = []

    def take(raw: RawFrame) -> None:
        recording.frames.append(raw)
        pictures.append((raw.picture.width, raw.picture.height, raw.small is None))
        if encoder is not None:
            encoder.encode(MaskedFrame(raw.picture, raw.small, raw.captured_mono_ns, raw.sequence, b"", False))
        raw.release()

    recording.encoder = encoder
    recording.run(take)
    assert set(pictures) == {(*size, rotation != 180)}


def test_a_small_stream_of_another_shape_is_left_alone(board: Board) -> None:
    board.small_align = 256
    recording = Recording(board)
    smalls: list[object] = []

    def take(raw: RawFrame) -> None:
        recording.frames.append(raw)
        smalls.append(raw.small)
        raw.release()

    recording.run(take)
    assert smalls == [None] * 40


def test_planes_that_lie_elsewhere_are_never_burnt_blindly(board: Board) -> None:
    board.delivers = "NV12"
    with pytest.raises(BadInput, match="delivers NV12, not YUV420"):
        Recording(board)


def test_what_is_missing_is_said_clearly(board: Board) -> None:
    board.cameras = 0
    with pytest.raises(Unavailable, match="no camera 0"):
        Recording(board)
    board.cameras, board.busy = 1, True
    with pytest.raises(Unavailable, match="does not open"):
        Recording(board)
    board.busy = False
    with pytest.raises(BadInput, match="cannot deliver 8000x360"):
        Recording(board, width=8000)


def test_without_picamera2_it_says_where_it_would_work() -> None:
    source = PicameraSource(
        PicameraUri(0), width=640, height=360, fps=15.0, rotation=0, pictures=3, clock=SystemClock()
    )
    with pytest.raises(BadInput, match="no picamera2"):
        source.open()
