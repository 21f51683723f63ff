"""`edgecam analyse`: the same events every time, and one clear sentence for whatever cannot be analysed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import av
import cv2
import numpy as np
import pytest
from av.video.stream import VideoStream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from typer.testing import CliRunner
from videos import two_sizes, video_with_sound

from edgecam.__main__ import app
from edgecam.cli.clip import Clip
from edgecam.cli.clipevent import ClipEvent
from edgecam.cli.kisaarea import kisa_area_rules
from edgecam.cli.kisaxml import kisa_xml
from edgecam.core.errors import BadInput, EdgecamError
from edgecam.core.events import EventKind
from edgecam.core.frames import MaskedFrame

pytestmark = pytest.mark.row("A5")
U8 = NDArray[np.uint8]
KEYS = ["kind", "zone", "start_s", "end_s", "confidence", "reason", "track", "box"]
RULES = """
[[zone]]
name = "lawn"
polygon = [[0.1, 0.3], [0.9, 0.3], [0.9, 1.0], [0.1, 1.0]]
[[line]]
name = "gate"
points = [[0.1, 0.5], [0.9, 0.5]]
[[rule]]
kind = "intrusion"
zone = "lawn"
timetable = ["sun 03:00-04:00"]
"""


def view(width: int = 320, height: int = 240) -> U8:
    """Something with plenty of edges, BGR."""
    chance = np.random.default_rng(5)
    picture: U8 = np.full((height, width, 3), 110, np.uint8)
    for _ in range(90):
        x, y = int(chance.integers(0, width - 8)), int(chance.integers(0, height - 8))
        w, h = (int(size) for size in chance.integers(8, 60, 2))
        picture[y : y + h, x : x + w] = chance.integers(40, 220, 3, np.uint8)
    return picture


def film(
    seconds: float, fps: int = 10, covered_from_s: float = 1e9, width: int = 320, height: int = 240
) -> list[U8]:
    """The view with a sensor's noise, from some moment on behind a hand."""
    chance, scene = np.random.default_rng(6), view(width, height)
    hand = np.full_like(scene, (70, 80, 110))
    noise = np.rint(chance.normal(0, 2, (*scene.shape, 4))).astype(np.int16)
    frames = []
    for number in range(round(seconds * fps)):
        shown = hand if number / fps >= covered_from_s else scene
        field = np.roll(noise[..., number % 4], int(chance.integers(scene.size)))
        frames.append(np.clip(shown + field, 0, 255).astype(np.uint8))
    return frames


def video(
    path: Path,
    frames: Iterable[U8],
    times_s: Iterable[float] | None = None,
    fps: int = 10,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rotation: int = 0,
) -> Path:
    """``frames`` (BGR) at ``times_s``, else evenly."""
    ticks = 1000
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, VideoStream)
        stream.pix_fmt = pix_fmt
        stream.time_base = stream.codec_context.time_base = Fraction(1, ticks)
        if rotation:
            stream.set_display_rotation(rotation)
        at = iter(times_s) if times_s is not None else (number / fps for number in range(10**6))
        pictures = list(frames)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.bit_rate = 8_000_000
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format=pix_fmt)
            frame.pts, frame.time_base = round(next(at) * ticks), Fraction(1, ticks)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def analysed(*arguments: str | Path, code: int = 0) -> str:
    """What it printed, or the sentence with which it refused."""
    done = CliRunner().invoke(app, ["analyse", *(str(argument) for argument in arguments)])
    if code:
        assert isinstance(done.exception, EdgecamError), (done.output, done.exception)
        assert done.stdout == ""
        return str(done.exception)
    assert done.exit_code == 0, (done.output, done.exception)
    return str(done.stdout)


def told(*arguments: str | Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in analysed(*arguments, "--json").splitlines()]


@pytest.fixture(scope="module")
def covered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nothing happens for six seconds, then a hand covers the lens."""
    return video(tmp_path_factory.mktemp("covered") / "covered.mp4", film(9, covered_from_s=6))


def test_one_line_an_event_with_the_keys_that_were_promised(covered: Path) -> None:
    events = told(covered)
    assert events
    for event in events:
        assert list(event) == KEYS
        assert isinstance(event["start_s"], float)
        assert isinstance(event["end_s"], float)
        assert 0 <= event["start_s"] <= event["end_s"] <= 9
    hands = [event for event in events if event["kind"] == "covered"]
    assert len(hands) == 1
    assert 5 <= float(str(hands[0]["start_s"])) <= 8
    assert "covered" in analysed(covered)


def test_the_same_video_gives_the_same_bytes(covered: Path, tmp_path: Path) -> None:
    once, again = (analysed(covered, "--json", "--kisa", tmp_path / name) for name in ("1.xml", "2.xml"))
    assert once == again != ""
    assert (tmp_path / "1.xml").read_bytes() == (tmp_path / "2.xml").read_bytes()


def test_rules_are_read_and_a_timetable_does_not_silence_them(covered: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    assert told(covered, "--rules", rules) == told(covered)
    for wrong, said in (
        ('[[rule]]\nkind = "intrusion"\nzone = "moon"', "'moon'"),
        ("[[zone", "not TOML"),
        ('[[zone]]\nname = "x"\npolygon = [[0, 0], [2, 0], [0, 1]]', "outside the picture"),
    ):
        rules.write_text(wrong)
        assert said in analysed(covered, "--rules", rules, code=1)
    assert "cannot be read" in analysed(covered, "--rules", tmp_path / "none.toml", code=1)


def test_settings_are_those_of_a_camera(covered: Path, tmp_path: Path) -> None:
    chosen = tmp_path / "edgecam.toml"
    chosen.write_text("[analysis]\nrate_fps = 2.0\n")
    assert any(event["kind"] == "covered" for event in told(covered, "--settings", chosen))
    chosen.write_text("[analysis]\nrate_fps = 0\n")
    assert "rate_fps" in analysed(covered, "--settings", chosen, code=1)


def test_what_was_seen_is_drawn_into_a_video_of_the_same_length(covered: Path, tmp_path: Path) -> None:
    rules, drawn = tmp_path / "rules.toml", tmp_path / "drawn.mp4"
    rules.write_text(RULES)
    analysed(covered, "--rules", rules, "--annotate", drawn)
    with av.open(str(drawn)) as container, av.open(str(covered)) as plain:
        shown, bare = list(container.decode(video=0)), list(plain.decode(video=0))
    assert [(frame.width, frame.height) for frame in shown] == [(320, 240)] * len(bare)
    assert [round(float(frame.time or 0), 2) for frame in shown] == [round(float(f.time or 0), 2) for f in bare]
    line = int(0.5 * 240)
    before, after = (frames[20].to_ndarray(format="rgb24").astype(int) for frames in (bare, shown))
    difference = np.abs(before - after).sum(axis=2)
    assert difference[line - 1 : line + 2, 60:260].mean() > 60, "the line is drawn"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drawn.mp4", "rules.toml"]


def test_times_are_the_videos_own(tmp_path: Path) -> None:
    frames = film(9, covered_from_s=6)
    jumping = [number / 10 + (5 if number >= 40 else 0) for number in range(len(frames))]
    (event,) = [one for one in told(video(tmp_path / "jump.mkv", frames, jumping)) if one["kind"] == "covered"]
    assert 10 <= float(str(event["start_s"])) <= 13
    uneven = [number / 10 + (0.04 if number % 2 else 0) for number in range(len(frames))]
    assert any(one["kind"] == "covered" for one in told(video(tmp_path / "uneven.mkv", frames, uneven)))


def test_times_that_run_backwards_are_taken_as_they_come(tmp_path: Path) -> None:
    frames = film(9, covered_from_s=6)
    path = tmp_path / "joined.ts"
    parts = [video(tmp_path / f"{name}.ts", part) for name, part in (("a", frames[:45]), ("b", frames[45:]))]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    seen: list[int] = []

    def take(frame: MaskedFrame) -> None:
        seen.append(frame.captured_mono_ns)

    Clip(path).play(take, 5.0)
    assert len(seen) >= 85
    assert seen == sorted(set(seen))
    assert any(one["kind"] == "covered" for one in told(path))


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("ten_bit.mkv", "ffv1", "yuv420p10le"),
        ("full_range.mkv", "mjpeg", "yuvj422p"),
        ("colours.mkv", "ffv1", "bgr0"),
        ("grey.mkv", "ffv1", "gray"),
        ("old.avi", "mpeg4", "yuv420p"),
    ],
)
def test_other_pixels_and_codecs(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    path = video(tmp_path / name, film(9, covered_from_s=6), codec=codec, pix_fmt=pix_fmt)
    assert any(event["kind"] == "covered" for event in told(path))


def test_odd_sizes_and_sound(tmp_path: Path) -> None:
    odd = video(tmp_path / "odd.mkv", film(9, covered_from_s=6, width=321, height=181), codec="ffv1")
    assert Clip(odd).size == (320, 180)
    assert any(event["kind"] == "covered" for event in told(odd, "--annotate", tmp_path / "odd.mp4"))
    assert told(video_with_sound(tmp_path / "sound.mp4")) == []


@pytest.mark.parametrize("degrees", [0, 90, 180, -90])
def test_a_picture_is_turned_as_the_file_says(tmp_path: Path, degrees: int) -> None:
    path = video(tmp_path / "turned.mp4", film(1), rotation=degrees)
    clip = Clip(path)
    assert clip.size == ((240, 320) if degrees in (90, -90) else (320, 240))
    seen: list[U8] = []
    clip.play(lambda frame: seen.append(frame.full.y.copy()), 5.0)
    upright = np.rot90(cv2.cvtColor(view(), cv2.COLOR_BGR2GRAY), degrees // 90)
    assert np.corrcoef(seen[0].ravel().astype(float), upright.ravel().astype(float))[0, 1] > 0.95


def test_small_pictures_are_the_recorders(tmp_path: Path) -> None:
    path = video(tmp_path / "large.mp4", film(2, width=1280, height=720))
    sizes: list[tuple[int, int]] = []

    def take(frame: MaskedFrame) -> None:
        assert not frame.private
        if frame.small is not None:
            sizes.append((frame.small.width, frame.small.height))

    Clip(path).play(take, 5.0)
    assert sizes == [(640, 360)] * 10


def test_a_video_that_changes_its_size_is_refused_whole(tmp_path: Path) -> None:
    path, drawn, xml = two_sizes(tmp_path / "two.h264"), tmp_path / "drawn.mp4", tmp_path / "two.xml"
    said = analysed(path, "--json", "--annotate", drawn, "--kisa", xml, code=1)
    assert "320x240" in said
    assert "160x120" in said
    assert sorted(tmp_path.iterdir()) == [path]


def test_what_is_no_video(tmp_path: Path) -> None:
    assert "does not exist" in analysed(tmp_path / "none.mp4", code=1)
    text = tmp_path / "text.mp4"
    text.write_text("this is no video")
    assert "cannot be read as a video" in analysed(text, code=1)
    assert analysed(tmp_path, code=1)
    empty = tmp_path / "empty.mp4"
    empty.touch()
    assert "cannot be read as a video" in analysed(empty, code=1)
    sound = tmp_path / "sound.wav"
    with av.open(str(sound), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        quiet = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        quiet.sample_rate = 8000
        container.mux(stream.encode(quiet))
        container.mux(stream.encode())
    assert "has no picture" in analysed(sound, code=1)
    tiny = video(tmp_path / "tiny.mkv", [np.zeros((16, 16, 3), np.uint8)] * 5, codec="ffv1")
    assert "16x16" in analysed(tiny, code=1)


def test_no_frame_at_all(tmp_path: Path) -> None:
    header = tmp_path / "header.avi"
    whole = video(tmp_path / "whole.avi", film(1), codec="mjpeg", pix_fmt="yuvj420p").read_bytes()
    header.write_bytes(whole[: whole.index(b"movi") + 4])
    assert analysed(header, code=1)


def test_one_frame_is_a_video(tmp_path: Path) -> None:
    path = video(tmp_path / "one.mkv", film(0.1), codec="ffv1")
    assert told(path, "--annotate", tmp_path / "one.mp4") == []
    assert (tmp_path / "one.mp4").exists()


def test_a_truncated_video_tells_what_is_there_or_refuses(tmp_path: Path) -> None:
    frames = film(10, covered_from_s=6)
    whole = video(tmp_path / "whole.mkv", frames).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole[: len(whole) * 9 // 10])
    assert any(event["kind"] == "covered" for event in told(cut))
    unindexed = tmp_path / "cut.mp4"
    unindexed.write_bytes(video(tmp_path / "whole.mp4", frames).read_bytes()[:-2000])
    assert "cannot be read as a video" in analysed(unindexed, code=1)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), at=st.floats(0, 1))
def test_any_bytes_give_events_or_a_sentence(covered: Path, tmp_path: Path, data: bytes, at: float) -> None:
    whole = bytearray(covered.read_bytes()[:60_000])
    start = int(at * len(whole))
    whole[start : start + len(data)] = data
    path = tmp_path / "any.mp4"
    path.write_bytes(bytes(whole))
    try:
        Clip(path).play(lambda frame: None, 5.0)
    except EdgecamError:
        return


def test_outputs_are_checked_before_looking(covered: Path, tmp_path: Path) -> None:
    before = covered.read_bytes()
    assert "no folder" in analysed(covered, "--kisa", tmp_path / "none" / "out.xml", code=1)
    assert "is a folder" in analysed(covered, "--annotate", tmp_path, code=1)
    assert "the video itself" in analysed(covered, "--annotate", covered, code=1)
    assert covered.read_bytes() == before


def event(kind: EventKind, start_s: float, end_s: float, raised_s: float) -> ClipEvent:
    return ClipEvent(kind, "lawn", start_s, end_s, 0.9, "somebody is there", 1, (0.1, 0.1, 0.2, 0.2), raised_s)


def test_the_result_file_of_the_certification() -> None:
    told_late = event(EventKind.LOITERING, 3670.2, 3700.0, 3681.9)
    others = [event(EventKind.FALL, 12.0, 20.0, 14.4), event(EventKind.PERSON, 1.0, 2.0, 1.5)]
    root = ElementTree.fromstring(kisa_xml("C001.mp4", [told_late, *others]))
    assert root.tag == "KisaLibraryIndex"
    assert root.findtext("Library/Clip/Header/AlarmEvents") == "2"
    assert root.findtext("Library/Clip/Header/Filename") == "C001.mp4"
    alarms = [tuple(part.text for part in alarm) for alarm in root.findall("Library/Clip/Alarms/Alarm")]
    assert alarms == [("00:00:14", "Falldown", "00:00:05"), ("01:01:21", "Loitering", "00:00:18")]
    assert b"<Alarms></Alarms>" in kisa_xml("C002.mp4", [])


def test_the_areas_of_the_certification() -> None:
    points = "<Point>128,72</Point><Point>1152,72</Point><Point>1300,700</Point>"
    book = kisa_area_rules(f"<Map><Loitering>{points}</Loitering></Map>".encode(), (1280, 720))
    assert [(rule.kind, rule.place) for rule in book.rules] == [(EventKind.LOITERING, "Loitering")]
    assert book.zones[0].polygon[0] == (0.1, 0.1)
    assert book.zones[0].polygon[2][0] == 1.0
    both = f"<A><DetectArea>{points}</DetectArea><Intrusion>{points}</Intrusion></A>"
    rules = {str(rule.kind): rule.place for rule in kisa_area_rules(both.encode(), (1280, 720)).rules}
    assert rules["intrusion"] == "Intrusion"
    assert rules["loitering"] == rules["fall"] == rules["abandoned_object"] == "DetectArea"
    with pytest.raises(BadInput, match="no area"):
        kisa_area_rules(b"<Map/>", (1280, 720))
    with pytest.raises(BadInput, match="points"):
        kisa_area_rules(b"<Map><Intrusion><Point>1,2</Point></Intrusion></Map>", (1280, 720))


@given(
    st.binary(max_size=300)
    | st.text(max_size=200).map(lambda t: f"<DetectArea><Point>{t}</Point></DetectArea>".encode())
)
def test_any_bytes_are_areas_or_refused(data: bytes) -> None:
    try:
        kisa_area_rules(data, (1280, 720))
    except BadInput:
        return


@pytest.mark.footage
@pytest.mark.row("A3")
def test_a_person_in_a_zone_of_real_footage(tmp_path: Path) -> None:
    folder = Path(os.environ.get("EDGECAM_FOOTAGE", Path(__file__).parents[3] / "shared" / "footage"))
    clip = folder / "urfall_b.mp4"
    if not clip.is_file():
        pytest.skip(f"no {clip}")
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    drawn, xml = tmp_path / "drawn.mp4", tmp_path / "out.xml"
    events = told(clip, "--rules", rules, "--annotate", drawn, "--kisa", xml)
    people = [one for one in events if one["kind"] == "person"]
    assert len(people) == 1
    assert isinstance(people[0]["track"], int)
    intruders = [one for one in events if one["kind"] == "intrusion"]
    assert [one["zone"] for one in intruders] == ["lawn"]
    root = ElementTree.fromstring(xml.read_bytes())
    assert [one.text for one in root.iter("AlarmDescription")] == ["Intrusion"]
    with av.open(str(drawn)) as container:
        assert sum(1 for _ in container.decode(video=0)) == 201
