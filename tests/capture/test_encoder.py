from __future__ import annotations

import io
import subprocess
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from edgecam.capture.encoder import X264Encoder, as_video_frame
from edgecam.capture.filesource import FileSource
from edgecam.capture.uri import FileUri
from edgecam.core.clock import SystemClock
from edgecam.core.errors import BadInput, Bug
from edgecam.core.frames import Fragment, MaskedFrame, RawFrame, SourceFormat
from edgecam.core.picture import Picture

START_NS = 7_000_000_000_001
FPS = 15.0


def pattern(width: int, height: int, number: int) -> Picture:
    """A moving ramp with a patch of noise: something to code in every frame."""
    picture = Picture(width, height)
    picture.y[:] = (np.arange(width)[None, :] + np.arange(height)[:, None] + 3 * number) % 180 + 30
    picture.u[:], picture.v[:] = 100, 150
    return picture


def masked(
    picture: Picture, at_ns: int, number: int, mask: bytes = b"m" * 32, private: bool = False
) -> MaskedFrame:
    return MaskedFrame(picture, None, at_ns, number, mask, private)


def times(count: int, seed: int = 1) -> list[int]:
    """Capture times as a camera has them: never quite even."""
    jitter = np.random.default_rng(seed).integers(-4_000_000, 4_000_000, count)
    return [START_NS + round(number * 1e9 / FPS) + int(late) for number, late in enumerate(jitter)]


def decode(fragment: Fragment) -> list[av.VideoFrame]:
    """The frames of one fragment alone, after its init."""
    with av.open(io.BytesIO(fragment.init + fragment.data), "r") as container:
        return list(container.decode(video=0))


def luma(frame: av.VideoFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    plane = frame.planes[0]
    return np.frombuffer(memoryview(plane), np.uint8).reshape(frame.height, plane.line_size)[:, : frame.width]


def encode(
    at: list[int], size: tuple[int, int] = (320, 240), private: range = range(0), bit_rate_kbps: int = 2000
) -> list[Fragment]:
    fragments: list[Fragment] = []
    encoder = X264Encoder(SourceFormat(*size, FPS), bit_rate_kbps=bit_rate_kbps, on_fragment=fragments.append)
    for number, at_ns in enumerate(at):
        encoder.encode(masked(pattern(*size, number), at_ns, number, private=number in private))
    encoder.close()
    encoder.close()
    return fragments


@pytest.mark.row("C3")
@pytest.mark.parametrize("size", [(320, 240), (480, 270), (322, 182), (16, 16)])
def test_every_fragment_alone_decodes_to_what_was_captured_when_it_was(size: tuple[int, int]) -> None:
    at = times(50)
    fragments = encode(at, size)
    assert len(fragments) >= 3
    decoded = [decode(fragment) for fragment in fragments]
    assert [len(frames) for frames in decoded] == [fragment.frame_count for fragment in fragments]
    shown = [frame for frames in decoded for frame in frames]
    assert len(shown) == len(at)
    for number, (frame, at_ns) in enumerate(zip(shown, at, strict=True)):
        assert (frame.width, frame.height) == size
        assert frame.time_base is not None
        assert frame.pts is not None
        assert abs(frame.pts * float(frame.time_base) - (at_ns - at[0]) / 1e9) <= 1 / 90_000
        error = luma(frame).astype(int) - pattern(*size, number).y
        assert np.abs(error).mean() < 8
    assert all(frames[0].key_frame for frames in decoded)


def test_fragments_touch_and_are_as_long_as_they_say() -> None:
    at = times(61)
    fragments = encode(at)
    for before, after in pairwise(fragments):
        assert before.end_mono_ns == after.start_mono_ns
        assert before.end_mono_ns - before.start_mono_ns <= 1.1e9
    assert fragments[0].start_mono_ns == at[0]
    assert fragments[-1].end_mono_ns == at[-1] + round(1e9 / FPS)
    assert len({fragment.init for fragment in fragments}) == 1


@pytest.mark.row("M6")
def test_going_private_begins_a_fragment_at_that_very_frame() -> None:
    at = times(30)
    fragments = encode(at, private=range(7, 12))
    starts = {fragment.start_mono_ns: fragment for fragment in fragments}
    assert starts[at[7]].private
    assert starts[at[7]].frame_count == 5
    assert not starts[at[12]].private
    assert sum(fragment.frame_count for fragment in fragments if fragment.private) == 5


def test_another_mask_set_begins_a_fragment() -> None:
    fragments: list[Fragment] = []
    encoder = X264Encoder(SourceFormat(64, 64, FPS), bit_rate_kbps=500, on_fragment=fragments.append)
    for number, at_ns in enumerate(times(9)):
        encoder.encode(masked(pattern(64, 64, number), at_ns, number, b"a" * 32 if number < 4 else b"b" * 32))
    encoder.close()
    assert [(f.mask_hash[:1], f.frame_count) for f in fragments] == [(b"a", 4), (b"b", 5)]


def test_a_frame_may_be_overwritten_as_soon_as_encode_returns() -> None:
    at = times(20)
    untouched = encode(at)
    fragments: list[Fragment] = []
    encoder = X264Encoder(SourceFormat(320, 240, FPS), bit_rate_kbps=2000, on_fragment=fragments.append)
    for number, at_ns in enumerate(at):
        picture = pattern(320, 240, number)
        encoder.encode(masked(picture, at_ns, number))
        picture.buffer[:] = 0
    encoder.close()
    assert [fragment.data for fragment in fragments] == [fragment.data for fragment in untouched]


def test_a_slow_source_has_a_keyframe_in_every_frame() -> None:
    at = [START_NS + second * 1_500_000_000 for second in range(5)]
    assert [fragment.frame_count for fragment in encode(at)] == [1] * 5


def test_times_that_stand_still_are_told_apart() -> None:
    fragments = encode([START_NS] * 5)
    shown = [frame.pts for fragment in fragments for frame in decode(fragment)]
    assert shown == [0, 1, 2, 3, 4]


@pytest.mark.row("R2")
def test_the_bit_rate_is_kept_even_by_pure_noise() -> None:
    size, seconds, rate_kbps = (320, 240), 12, 400
    dice = np.random.default_rng(3)
    fragments: list[Fragment] = []
    encoder = X264Encoder(SourceFormat(*size, FPS), bit_rate_kbps=rate_kbps, on_fragment=fragments.append)
    for number, at_ns in enumerate(times(round(seconds * FPS))):
        picture = Picture(*size)
        picture.buffer[:] = dice.integers(0, 256, picture.buffer.size, np.uint8)
        encoder.encode(masked(picture, at_ns, number))
    encoder.close()
    written_kbit = sum(len(fragment.data) for fragment in fragments) * 8 / 1000
    buffered_kbit = 2 * rate_kbps
    assert written_kbit <= 1.1 * (rate_kbps * seconds + buffered_kbit)


def test_a_still_scene_costs_less_than_its_plan() -> None:
    fragments: list[Fragment] = []
    encoder = X264Encoder(SourceFormat(320, 240, FPS), bit_rate_kbps=1000, on_fragment=fragments.append)
    for number, at_ns in enumerate(times(60)):
        encoder.encode(masked(pattern(320, 240, 0), at_ns, number))
    encoder.close()
    assert sum(len(fragment.data) for fragment in fragments) * 8 < 0.5 * 4 * 1_000_000


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"size": (321, 240)}, "321x240"),
        ({"size": (8, 8)}, "8x8"),
        ({"bit_rate_kbps": 3}, "3 kbit/s"),
        ({"preset": "warp"}, "superfast"),
        ({"keyframe_interval_s": 2.5}, "at most 2 s"),
        ({"threads": 0}, "1 to 16"),
        ({"fps": 0.0}, "frames a second"),
    ],
)
def test_values_that_cannot_work_are_refused(change: dict[str, object], told: str) -> None:
    values: dict[str, object] = {"bit_rate_kbps": 1000, **change}
    width, height = values.pop("size", (320, 240))  # type: ignore[misc]
    source_format = SourceFormat(width, height, values.pop("fps", FPS))  # type: ignore[has-type,arg-type]
    with pytest.raises(BadInput, match=told):
        X264Encoder(source_format, on_fragment=lambda fragment: None, **values)  # type: ignore[arg-type]


def test_a_frame_of_another_size_never_reaches_the_encoder() -> None:
    encoder = X264Encoder(SourceFormat(320, 240, FPS), bit_rate_kbps=1000, on_fragment=lambda fragment: None)
    with pytest.raises(Bug, match="160x120"):
        encoder.encode(masked(Picture(160, 120), START_NS, 0))


def test_what_the_taker_of_fragments_raises_reaches_the_caller() -> None:
    def refuse(fragment: Fragment) -> None:
        raise OSError("the medium is full")

    encoder = X264Encoder(SourceFormat(64, 64, FPS), bit_rate_kbps=500, on_fragment=refuse)
    encoder.encode(masked(pattern(64, 64, 0), START_NS, 0))
    with pytest.raises(OSError, match="the medium is full"):
        encoder.encode(masked(pattern(64, 64, 1), START_NS + 1_000_000_000, 1))


@pytest.mark.footage
@pytest.mark.row("C3")
def test_real_footage_comes_out_as_it_went_in(footage: Path) -> None:
    source = FileSource(
        FileUri(footage / "vtest.avi", loop=False, realtime=False), rotation=0, pictures=4, clock=SystemClock()
    )
    source_format = source.open()
    fragments: list[Fragment] = []
    encoder = X264Encoder(source_format, bit_rate_kbps=4000, on_fragment=fragments.append)
    seen: list[tuple[int, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]] = []

    def take(raw: RawFrame) -> None:
        seen.append((raw.captured_mono_ns, raw.picture.y.copy()))
        encoder.encode(masked(raw.picture, raw.captured_mono_ns, raw.sequence))
        raw.release()

    source.run(take, lambda: len(seen) >= 60)
    encoder.close()
    shown = [frame for fragment in fragments for frame in decode(fragment)]
    assert len(shown) == len(seen) == 60
    for frame, (_, y) in zip(shown, seen, strict=True):
        assert np.abs(luma(frame).astype(int) - y).mean() < 4


@pytest.mark.row("M2")
@pytest.mark.parametrize("height", range(16, 64, 2))
@pytest.mark.parametrize("width", [16, 18, 322])
def test_every_plane_is_where_the_codec_reads_it(width: int, height: int) -> None:
    picture = Picture(width, height)
    picture.y[:] = np.arange(height)[:, None]
    picture.u[:], picture.v[:] = 100 + np.arange(height // 2)[:, None], 180 + np.arange(height // 2)[:, None]
    frame = as_video_frame(picture)
    assert (frame.width, frame.height) == (width, height)
    for plane, pixels in zip(frame.planes, (picture.y, picture.u, picture.v), strict=True):
        read = np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        assert np.array_equal(read, pixels)


def noise(size: tuple[int, int], count: int, seed: int = 3) -> list[Picture]:
    dice = np.random.default_rng(seed)
    pictures = [Picture(*size) for _ in range(count)]
    for picture in pictures:
        picture.buffer[:] = dice.integers(0, 256, picture.buffer.size, np.uint8)
    return pictures


def encode_under(pictures: list[Picture], caps: dict[int, int], highest_kbps: int = 2000) -> list[Fragment]:
    """``pictures`` at even times; before number n the cap is set to ``caps[n]``."""
    fragments: list[Fragment] = []
    size = pictures[0].width, pictures[0].height
    encoder = X264Encoder(SourceFormat(*size, FPS), bit_rate_kbps=highest_kbps, on_fragment=fragments.append)
    for number, picture in enumerate(pictures):
        if number in caps:
            encoder.set_bit_rate_kbps(caps[number])
        encoder.encode(masked(picture, START_NS + round(number * 1e9 / FPS), number))
    encoder.close()
    return fragments


def kbits(fragments: list[Fragment]) -> list[float]:
    return [len(fragment.data) * 8 / 1000 for fragment in fragments]


@pytest.mark.row("C3")
@pytest.mark.row("R2")
def test_a_lowered_cap_holds_from_the_next_keyframe_and_costs_nothing_else() -> None:
    fragments = encode_under(noise((320, 240), 300), {97: 400, 202: 1500})
    assert len({fragment.init for fragment in fragments}) == 1
    assert sum(fragment.frame_count for fragment in fragments) == 300
    for before, after in pairwise(fragments):
        assert before.end_mono_ns == after.start_mono_ns
    each = kbits(fragments)
    # The change asked for in the seventh second holds from the eighth on, and so does the one in the fourteenth.
    assert all(1800 < told < 2400 for told in each[1:7])
    assert all(told < 1.1 * 400 for told in each[7:14])
    assert all(1200 < told < 1.1 * 1500 for told in each[14:])
    with av.open(io.BytesIO(fragments[0].init + b"".join(f.data for f in fragments)), "r") as container:
        shown = list(container.decode(video=0))
    assert [frame.pts for frame in shown] == [number * 6000 for number in range(300)]


@pytest.mark.row("R2")
def test_many_changes_do_not_add_up_to_more_than_the_cap() -> None:
    """Each fresh libx264 would take its whole buffer again if it were not told what the last one has used."""
    fragments = encode_under(noise((320, 240), 450), {number: 400 + number % 2 for number in range(15, 450, 15)})
    assert sum(kbits(fragments)[1:]) < 1.08 * 400 * 29 + 2 * 400


def test_the_cap_stays_between_what_libx264_takes_and_what_was_given_at_first() -> None:
    fragments = encode_under(noise((160, 120), 90), {0: 9000, 45: 1}, highest_kbps=300)
    each = kbits(fragments)
    assert max(each[2:3]) < 1.2 * 300
    assert sum(each[3:]) / 3 > 32


@pytest.mark.row("C3")
def test_a_changed_cap_decodes_with_ffmpeg_without_a_complaint(tmp_path: Path) -> None:
    pictures = [pattern(320, 240, number) for number in range(90)]
    fragments = encode_under(pictures, {20: 64, 50: 500})
    file = tmp_path / "changed.mp4"
    file.write_bytes(fragments[0].init + b"".join(fragment.data for fragment in fragments))
    told = subprocess.run(
        ["ffmpeg", "-v", "warning", "-i", file, "-f", "framemd5", "-"], capture_output=True, text=True, check=True
    )
    assert told.stderr == ""
    assert len([line for line in told.stdout.splitlines() if not line.startswith("#")]) == 90


@pytest.mark.footage
@pytest.mark.row("R2")
def test_a_lowered_cap_holds_on_real_footage(footage: Path) -> None:
    source = FileSource(
        FileUri(footage / "vtest.avi", loop=False, realtime=False), rotation=0, pictures=4, clock=SystemClock()
    )
    source_format = source.open()
    fragments: list[Fragment] = []
    encoder = X264Encoder(source_format, bit_rate_kbps=4000, on_fragment=fragments.append)
    frames = 0

    def take(raw: RawFrame) -> None:
        nonlocal frames
        frames += 1
        if frames == 75:
            encoder.set_bit_rate_kbps(300)
        encoder.encode(masked(raw.picture, raw.captured_mono_ns, raw.sequence))
        raw.release()

    source.run(take, lambda: frames >= 200)
    encoder.close()
    per_s = [
        told * 1e9 / (f.end_mono_ns - f.start_mono_ns) for told, f in zip(kbits(fragments), fragments, strict=True)
    ]
    assert min(per_s[:7]) > 900
    # What was coded before left the buffer empty: two seconds of the new cap may come on top, once.
    assert sum(per_s[8:11]) < 1.1 * 300 * (3 + 2)
    assert max(per_s[11:]) < 1.1 * 300
    assert sum(fragment.frame_count for fragment in fragments) == frames == 200
