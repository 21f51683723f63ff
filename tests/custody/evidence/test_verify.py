"""A true copy is genuine; whatever is done to it, the first wrong stretch of time is named."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from custodystand import START_WALL_NS, Camera, Recorded, make_camera, moment, record
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tamperstand import assembled

from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import BadInput
from edgecam.custody.evidence.account import Period
from edgecam.custody.evidence.export import Purpose, export_footage
from edgecam.custody.evidence.manifest import SegmentRecord, decode_opening, decode_record
from edgecam.custody.evidence.manifestbox import (
    AFTER_OPENING,
    BETWEEN_RECORDS,
    CLOSING,
    box_after,
    box_before,
    find_manifest,
)
from edgecam.custody.evidence.verify import verify_export
from edgecam.keys.camera import camera_id, create_camera_key
from edgecam.ringbuffer.format import GapCause

_DAY_NS = 86_400 * NS_PER_S


def _copy(camera: Camera, out: Path) -> Path:
    end = START_WALL_NS + _DAY_NS
    asked_by = Purpose("owner", "test")
    export_footage(camera.reader(), camera.owner, START_WALL_NS, end, out, camera.register(), asked_by)
    return out


@pytest.fixture(scope="module")
def true_copy(street: Camera, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _copy(street, tmp_path_factory.mktemp("copy") / "out.mp4")


def _segments(path: Path) -> list[SegmentRecord]:
    with open(path, "rb") as file:
        box = find_manifest(file)
    assert box is not None
    _, lines = box.split()
    records = [decode_record(line) for line in lines]
    return [one for one in records if isinstance(one, SegmentRecord)]


@pytest.mark.row("K4")
def test_a_true_copy_is_genuine_and_names_its_camera(true_copy: Path, street: Camera) -> None:
    verdict = verify_export(true_copy)

    assert verdict.genuine
    assert verdict.wrong is None
    assert (verdict.camera_public, verdict.camera_id) == (street.key.public, street.key.camera_id)
    assert verdict.as_given is None
    assert (verdict.account.segments, verdict.account.frames) == (9, 75)
    assert [gap.cause for gap in verdict.account.gaps] == ["restart", "power"]
    assert verdict.account.mask_hashes == (bytes([7] * 32),)
    assert street.key.camera_id in verdict.sentence
    assert verify_export(true_copy, street.key.public).as_given is True


@pytest.mark.row("K4")
def test_another_cameras_copy_is_not_the_given_ones(true_copy: Path, street: Camera, tmp_path: Path) -> None:
    other = create_camera_key(tmp_path / "other.pem")

    verdict = verify_export(true_copy, other.public)

    assert not verdict.genuine
    assert verdict.as_given is False
    assert street.key.camera_id in verdict.sentence
    assert camera_id(other.public) in verdict.sentence


def _flipped(true_copy: Path, folder: Path, bit: int) -> Path:
    content = bytearray(true_copy.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path = folder / "flipped.mp4"
    path.write_bytes(content)
    return path


def _part_of(path: Path, at: int) -> SegmentRecord | None:
    """The segment whose fragment holds the byte at offset ``at``."""
    return next((one for one in _segments(path) if one.offset <= at < one.offset + one.size_bytes), None)


@pytest.mark.row("K4")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@example(share=0.0)
@example(share=0.9999999)
@given(share=st.floats(0, 1, exclude_max=True))
def test_any_flipped_bit_names_a_stretch(true_copy: Path, tmp_path: Path, share: float) -> None:
    bit = int(share * true_copy.stat().st_size * 8)

    verdict = verify_export(_flipped(true_copy, tmp_path, bit))

    assert not verdict.genuine
    assert " UTC" in verdict.sentence
    assert verdict.wrong is not None
    assert START_WALL_NS <= verdict.wrong.from_wall_ns <= verdict.wrong.to_wall_ns <= START_WALL_NS + _DAY_NS
    if segment := _part_of(true_copy, bit // 8):
        proven = verify_export(true_copy).account
        assert verdict.account.segments == _segments(true_copy).index(segment) < proven.segments
        begin = START_WALL_NS if segment.sequence == 1 else verdict.account.to_wall_ns
        assert verdict.wrong.from_wall_ns >= begin


@pytest.mark.row("K4")
def test_every_bit_that_frames_the_file_counts(true_copy: Path, tmp_path: Path) -> None:
    with open(true_copy, "rb") as file:
        box = find_manifest(file)
    assert box is not None
    size = true_copy.stat().st_size
    opening_end = box.start + 32 + box.document.index(b"\n") + 1
    fields = [*range(box.start, opening_end), *range(size - 8 - len(CLOSING) - 3, size)]
    first = _segments(true_copy)[3]
    fields += range(first.offset, first.offset + 100)
    for at in fields:
        for shift in (0, 5):
            verdict = verify_export(_flipped(true_copy, tmp_path, at * 8 + shift))
            assert not verdict.genuine, (at, shift)
            assert " UTC" in verdict.sentence, (at, shift)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=500))
def test_any_bytes_get_a_verdict(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.mp4"
    path.write_bytes(content)

    assert not verify_export(path).genuine


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cuts=st.tuples(st.floats(0, 1), st.floats(0, 1)), put=st.binary(max_size=20))
def test_a_file_cut_and_patched_anywhere_is_not_genuine(
    true_copy: Path, tmp_path: Path, cuts: tuple[float, float], put: bytes
) -> None:
    content = true_copy.read_bytes()
    begin, end = sorted(int(cut * len(content)) for cut in cuts)
    path = tmp_path / "patched.mp4"
    path.write_bytes(content[:begin] + put + content[end:])

    assert verify_export(path).genuine == (path.read_bytes() == content)


@pytest.mark.row("K4")
def test_dropped_and_reordered_segments_are_named(street: Camera, tmp_path: Path) -> None:
    headers = [stored.header for stored in street.reader().segments()]

    assert verify_export(assembled(street, tmp_path / "part.mp4", [2, 3, 4]), street.key.public).genuine

    dropped = verify_export(assembled(street, tmp_path / "dropped.mp4", [0, 1, 4, 5]))
    assert not dropped.genuine
    assert dropped.wrong == Period(headers[1].end_wall_ns, headers[4].start_wall_ns)
    period = "2026-03-01 08:00:01.333 UTC to 2026-03-01 08:00:05.733 UTC"
    assert dropped.sentence == f"cut: 2 segments are missing from {period}"

    swapped = verify_export(assembled(street, tmp_path / "swapped.mp4", [0, 2, 1, 3]))
    assert not swapped.genuine
    repeated = verify_export(assembled(street, tmp_path / "repeated.mp4", [0, 1, 1, 2]))
    assert not repeated.genuine
    assert repeated.wrong == Period(headers[1].start_wall_ns, headers[1].end_wall_ns)
    assert "wrong place" in repeated.sentence


def _rewritten(
    true_copy: Path, out: Path, *, start: bytes | None = None, opening: bytes, lines: list[bytes]
) -> Path:
    """The pictures of ``true_copy`` (or ``start``) under a manifest of one's own."""
    with open(true_copy, "rb") as file:
        box = find_manifest(file)
        assert box is not None
        file.seek(0)
        pictures = file.read(box.start) if start is None else start
    document = opening + AFTER_OPENING + BETWEEN_RECORDS.join(lines) + CLOSING
    out.write_bytes(pictures + box_before(len(document)) + document + box_after(len(document)))
    return out


def _manifest_of(path: Path) -> tuple[bytes, list[bytes]]:
    with open(path, "rb") as file:
        box = find_manifest(file)
    assert box is not None
    return box.split()


@pytest.mark.row("K4")
def test_a_manifest_of_ones_own_proves_nothing(true_copy: Path, street: Camera, tmp_path: Path) -> None:
    opening, lines = _manifest_of(true_copy)
    assert verify_export(_rewritten(true_copy, tmp_path / "same.mp4", opening=opening, lines=lines)).genuine
    told = decode_opening(opening)
    content = true_copy.read_bytes()
    first = _segments(true_copy)[0]
    init = bytearray(content[: first.offset])
    init[-1] ^= 1
    forged_init = replace(told, init_sha256=hashlib.sha256(init).digest()).encode()
    pictures = bytes(init) + content[first.offset : content.index(b"uuid") - 4]
    forgeries = {
        "another init": (pictures, forged_init, lines),
        "another ring": (None, replace(told, ring_id=bytes(16)).encode(), lines),
        "another camera": (
            None,
            replace(told, camera_public=create_camera_key(tmp_path / "k").public).encode(),
            lines,
        ),
        "without its epoch": (None, opening, lines[1:]),
        "without its first segment": (None, opening, [lines[0], *lines[2:]]),
        "without its last segment": (None, opening, lines[:-1]),
        "an epoch twice": (None, opening, [lines[0], *lines]),
        "an epoch at the end": (None, opening, [*lines, lines[0]]),
        "no segments": (None, opening, lines[:1]),
        "an earlier time": (None, opening, [lines[0], replace(first, decode_time=5).encode(), *lines[2:]]),
        "another sequence": (None, opening, [lines[0], replace(first, sequence=1 << 40).encode(), *lines[2:]]),
        "another place": (None, opening, [lines[0], replace(first, offset=1 << 60).encode(), *lines[2:]]),
    }
    for name, (start, own_opening, own_lines) in forgeries.items():
        out = tmp_path / f"{name}.mp4"
        forged = _rewritten(true_copy, out, start=start, opening=own_opening, lines=own_lines)
        assert not verify_export(forged).genuine, name


@pytest.mark.row("K4")
def test_pictures_signed_by_another_camera_do_not_pass_for_this_one(
    street: Camera, tmp_path: Path, recorded: Recorded
) -> None:
    (tmp_path / "other").mkdir()
    other = make_camera(tmp_path / "other")
    other.run(recorded, moment(0), cause=GapCause.FIRST_START)
    forged = _copy(other, tmp_path / "forged.mp4")

    assert verify_export(forged).camera_id == other.key.camera_id != street.key.camera_id
    assert verify_export(forged, street.key.public).as_given is False


def test_a_copy_says_what_was_not_sure(true_copy: Path) -> None:
    account = verify_export(true_copy).account

    assert len(account.private) == len(account.untrusted) == 1
    assert account.gaps[1].shortened


def test_a_file_that_cannot_be_read_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        verify_export(tmp_path / "none.mp4")
    with pytest.raises(BadInput, match="cannot be read"):
        verify_export(tmp_path)


def test_a_video_of_anybody_holds_no_manifest(tmp_path: Path) -> None:
    video = record(frames=10, keyframe_every=10)
    path = tmp_path / "video.mp4"
    path.write_bytes(video.init + b"".join(video.fragments))

    verdict = verify_export(path)

    assert not verdict.genuine
    assert "no manifest" in verdict.sentence
