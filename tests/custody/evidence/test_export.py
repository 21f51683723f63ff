"""An export plays, frame for frame at its capture time, and is registered before it exists."""

from __future__ import annotations

import fcntl
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import pytest
from custodystand import START_WALL_NS, TICKS_PER_S, Camera, Recorded, moment, new_owner, record

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, NotAllowed, Unavailable
from edgecam.custody.evidence.export import Export, Purpose, export_footage
from edgecam.custody.evidence.verify import verify_export
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line
from edgecam.ringbuffer.format import HEADER_SIZE, GapCause

_ASKED = Purpose("佐藤", "insurance")
_TICK_NS = 11_112
_DAY_NS = 86_400 * NS_PER_S


def _export(
    camera: Camera, out: Path, from_s: float = 0, to_s: float = 86_400, *, overwrite: bool = False
) -> Export:
    begin, end = (START_WALL_NS + round(after_s * NS_PER_S) for after_s in (from_s, to_s))
    return export_footage(
        camera.reader(), camera.owner, begin, end, out, camera.register(), _ASKED, overwrite=overwrite
    )


def _frame_times_ns(path: Path) -> list[int]:
    with av.open(path) as container:
        told = [(frame.pts, frame.time_base) for frame in container.decode(video=0)]
    times = [round(pts * base * NS_PER_S) for pts, base in told if pts is not None and base is not None]
    assert len(times) == len(told)
    return times


def _lines(camera: Camera) -> list[RegisterLine]:
    return [decode_line(line) for line in camera.register().path.read_bytes().splitlines(keepends=True)]


def _copies_left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if "mp4" in path.name)


@pytest.mark.row("K1")
def test_frames_stand_at_their_capture_times_over_a_restart(camera: Camera, recorded: Recorded) -> None:
    camera.run(recorded, moment(0), cause=GapCause.FIRST_START)
    camera.run(recorded, moment(5.123), gap_ns=3_400_000_000)

    export = _export(camera, camera.folder / "out.mp4")

    times = _frame_times_ns(export.paths[0])
    captured = [at - camera.captured_wall_ns[0] for at in camera.captured_wall_ns]
    assert len(times) == 50
    assert all(abs(a - b) <= _TICK_NS for a, b in zip(times, captured, strict=True))
    assert [(gap.cause, gap.duration_ns, gap.shortened) for gap in export.account.gaps] == [
        ("restart", 3_400_000_000, False)
    ]


def test_an_epoch_may_turn_in_the_middle_of_a_run(camera: Camera) -> None:
    slow = record(frames=12, keyframe_every=2, frame_ticks=80 * TICKS_PER_S)
    camera.run(slow, moment(0), cause=GapCause.FIRST_START)
    assert len(camera.reader().epochs()) == 2

    export = _export(camera, camera.folder / "out.mp4")

    assert _frame_times_ns(export.paths[0]) == [n * 80 * NS_PER_S for n in range(12)]
    assert export.account.gaps == ()
    assert verify_export(export.paths[0], camera.key.public).genuine


@pytest.mark.row("C4")
def test_a_long_gap_is_shortened_and_told_with_its_true_length(street: Camera, tmp_path: Path) -> None:
    export = _export(street, tmp_path / "out.mp4")

    account = export.account
    times = _frame_times_ns(export.paths[0])
    assert len(times) == account.frames == 75
    power = account.gaps[1]
    assert (power.cause, power.shortened) == ("power", True)
    assert power.duration_ns is not None
    assert power.from_wall_ns + power.duration_ns == street.captured_wall_ns[50]
    frame_ns = NS_PER_S // 15
    assert abs(times[50] - times[49] - frame_ns - NS_PER_S) <= 2 * _TICK_NS
    assert [period.from_wall_ns for period in account.private] == [street.captured_wall_ns[50]]
    assert [period.from_wall_ns for period in account.untrusted] == [street.captured_wall_ns[50]]
    assert abs(account.duration_ns - 75 * frame_ns) < 100


def test_ffmpeg_plays_every_frame_without_a_word(street: Camera, tmp_path: Path) -> None:
    export = _export(street, tmp_path / "out.mp4")

    command = ["ffmpeg", "-v", "warning", "-xerror", "-i", str(export.paths[0]), "-f", "framemd5", "-"]
    played = subprocess.run(command, capture_output=True, text=True, check=True)

    assert played.stderr == ""
    assert len([line for line in played.stdout.splitlines() if not line.startswith("#")]) == 75


def test_a_range_takes_whole_segments_that_touch_it(street: Camera, tmp_path: Path) -> None:
    export = _export(street, tmp_path / "out.mp4", from_s=1.0, to_s=1.1)

    assert export.account.segments == 1
    assert export.account.from_wall_ns == street.captured_wall_ns[10]
    assert _frame_times_ns(export.paths[0])[0] == 0
    assert verify_export(export.paths[0]).genuine


def test_another_picture_size_becomes_a_second_file(camera: Camera, recorded: Recorded) -> None:
    camera.run(recorded, moment(0), cause=GapCause.FIRST_START)
    camera.run(record(frames=10, keyframe_every=10, size=(64, 48)), moment(10), gap_ns=8 * NS_PER_S)

    export = _export(camera, camera.folder / "out.mp4")

    assert [path.name for path in export.paths] == ["out.mp4", "out-2.mp4"]
    assert [len(_frame_times_ns(path)) for path in export.paths] == [25, 10]
    assert all(verify_export(path, camera.key.public).genuine for path in export.paths)
    assert [gap.cause for gap in export.account.gaps] == ["restart"]
    assert _lines(camera)[-1].detail["files"] == "out.mp4 out-2.mp4"


@pytest.mark.row("G1")
def test_a_copy_is_registered_before_it_begins_and_after_it_ends(camera: Camera, recorded: Recorded) -> None:
    camera.run(recorded, moment(0), cause=GapCause.FIRST_START)
    out = camera.folder / "out.mp4"
    seen: list[int] = []
    export = export_footage(
        camera.reader(),
        camera.owner,
        START_WALL_NS,
        START_WALL_NS + NS_PER_S,
        out,
        camera.register(),
        _ASKED,
        on_segment=lambda header: seen.append(len(_lines(camera)) + 10 * out.exists()),
    )

    asked, done = _lines(camera)
    assert seen == [1, 1]
    assert (asked.act, asked.who, asked.purpose) == (Act.COPY, "佐藤", "insurance")
    assert (asked.from_wall_ns, asked.to_wall_ns) == (START_WALL_NS, START_WALL_NS + NS_PER_S)
    assert (done.act, done.completes, done.detail["outcome"]) == (Act.COPY, 1, "done")
    told = subprocess.run(["sha256sum", str(out)], capture_output=True, text=True, check=True).stdout.split()[0]
    assert done.detail["sha256"] == export.sha256[0] == told
    assert out.stat().st_mode & 0o777 == 0o600


@pytest.mark.row("K1")
def test_another_owner_gets_nothing_and_the_attempt_is_registered(camera: Camera, recorded: Recorded) -> None:
    camera.run(recorded, moment(0), cause=GapCause.FIRST_START)
    camera.owner = new_owner()

    with pytest.raises(NotAllowed, match="another owner"):
        _export(camera, camera.folder / "out.mp4")

    assert _copies_left(camera.folder) == []
    assert [line.detail.get("outcome") for line in _lines(camera)] == [None, "failed"]


def test_nothing_in_the_range_says_what_there_is(street: Camera, tmp_path: Path, camera: Camera) -> None:
    with pytest.raises(BadInput, match=r"there is 2026-03-01 08:00:00.000 UTC to 2026-03-01 09:00:01.666 UTC"):
        _export(street, tmp_path / "out.mp4", from_s=-500, to_s=-100)
    with pytest.raises(BadInput, match="none at all"):
        _export(camera, tmp_path / "out.mp4")
    assert _copies_left(tmp_path) == []
    assert not camera.register().path.exists()


def test_a_name_that_is_taken_is_refused_unless_told_otherwise(street: Camera, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    out.write_bytes(b"mine")

    with pytest.raises(BadInput, match="exists already"):
        _export(street, out)
    assert out.read_bytes() == b"mine"

    _export(street, out, overwrite=True)
    assert verify_export(out).genuine


@pytest.mark.parametrize("name", ["nowhere/out.mp4", "."])
def test_a_place_that_cannot_hold_a_file_is_refused(street: Camera, tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput):
        _export(street, tmp_path / name)


@contextmanager
def _file_size_limit(size_bytes: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.row("R9")
@pytest.mark.parametrize("size_bytes", [100, 4_000, 9_000, 12_000, 14_300])
def test_a_full_disk_leaves_no_half_copy(street: Camera, camera: Camera, tmp_path: Path, size_bytes: int) -> None:
    out = tmp_path / "out.mp4"
    register = camera.register()
    register.write(Act.SEARCH, who="owner", purpose="look")
    with (
        _file_size_limit(max(size_bytes, register.path.stat().st_size + 3_000)),
        pytest.raises(MediaFailing, match=r"out\.mp4 could not be written \(File too large\)"),
    ):
        export_footage(street.reader(), street.owner, START_WALL_NS, START_WALL_NS + _DAY_NS, out, register, _ASKED)

    assert _copies_left(tmp_path) == []
    assert [line.detail.get("outcome") for line in _lines(camera)] == [None, None, "failed"]


def test_a_copy_that_is_being_written_is_not_touched(street: Camera, tmp_path: Path) -> None:
    other = tmp_path / ".out.mp4.part"
    with open(other, "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(b"half of it")
        file.flush()
        with pytest.raises(Unavailable, match="being written"):
            _export(street, tmp_path / "out.mp4")
        assert other.read_bytes() == b"half of it"

    _export(street, tmp_path / "out.mp4")
    assert _copies_left(tmp_path) == ["out.mp4"]


def _damage(camera: Camera, segment: int) -> None:
    reader = camera.reader()
    stored = list(reader.segments())[segment]
    at = reader.superblock.byte_offset(stored.position) + HEADER_SIZE + 40
    content = bytearray(camera.ring.read_bytes())
    content[at] ^= 1
    camera.ring.write_bytes(content)


@pytest.mark.row("R9")
def test_a_rotten_segment_is_left_out_and_told(camera: Camera, recorded: Recorded) -> None:
    camera.run(recorded, moment(0), cause=GapCause.FIRST_START)
    _damage(camera, 1)

    export = _export(camera, camera.folder / "out.mp4")

    assert len(_frame_times_ns(export.paths[0])) == 15
    assert [period.from_wall_ns for period in export.damaged] == [camera.captured_wall_ns[10]]
    assert [(gap.cause, gap.missing_segments) for gap in export.account.gaps] == [("missing", 1)]
    verdict = verify_export(export.paths[0], camera.key.public)
    assert not verdict.genuine
    assert "one segment is missing" in verdict.sentence


def test_nothing_but_rotten_segments_is_data_loss(camera: Camera, recorded: Recorded) -> None:
    camera.run(recorded, moment(0), cause=GapCause.FIRST_START)
    for segment in range(3):
        _damage(camera, segment)

    with pytest.raises(DataLoss, match="nothing of the footage"):
        _export(camera, camera.folder / "out.mp4")

    assert _copies_left(camera.folder) == []
