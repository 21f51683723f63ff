"""Of a changed copy the first wrong time and the first wrong frames are named; a register page knows its edges."""

from __future__ import annotations

from pathlib import Path

import pytest
from custodystand import Camera
from disclosurestand import disclosure_stand
from tamperstand import assembled, flipped, moved, records_of, true_copy, with_header

from edgecam.core.clock import TimeTrust
from edgecam.custody.cases.casepage import read_case_page
from edgecam.custody.disclosure.disclosure import Giving, give
from edgecam.custody.disclosure.duplicates import sha256_of
from edgecam.custody.evidence.account import Period
from edgecam.custody.evidence.edges import check_edges
from edgecam.custody.evidence.verify import verify_export
from edgecam.keys.camera import create_camera_key

pytestmark = [pytest.mark.row("K4")]


@pytest.fixture(scope="module")
def copy(street: Camera, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return true_copy(street, tmp_path_factory.mktemp("true") / "copy.mp4")


def test_a_changed_frame_is_named_by_time_and_number(copy: Path, street: Camera, tmp_path: Path) -> None:
    headers = [stored.header for stored in street.reader().segments()]
    fourth = records_of(copy)[3]

    verdict = verify_export(flipped(copy, tmp_path / "flipped.mp4", fourth.offset + fourth.size_bytes - 5))

    assert not verdict.genuine
    assert verdict.wrong == Period(headers[3].start_wall_ns, headers[3].end_wall_ns)
    assert verdict.wrong_frames == (26, 35)
    assert verdict.frames_told == "frames 26 to 35"


def test_a_changed_init_makes_all_of_it_worthless(copy: Path, street: Camera, tmp_path: Path) -> None:
    verdict = verify_export(flipped(copy, tmp_path / "flipped.mp4", 60))
    headers = [stored.header for stored in street.reader().segments()]
    assert verdict.wrong == Period(headers[0].start_wall_ns, headers[-1].end_wall_ns)
    assert verdict.wrong_frames is None
    assert "init" in verdict.sentence


def test_a_frame_that_was_taken_out_of_a_fragment_is_named(copy: Path, tmp_path: Path) -> None:
    second = records_of(copy)[1]
    data = bytearray(copy.read_bytes())
    # The last frame's bytes go, everything behind moves up.
    del data[second.offset + second.size_bytes - 40 : second.offset + second.size_bytes]
    (tmp_path / "dropped.mp4").write_bytes(data)
    verdict = verify_export(tmp_path / "dropped.mp4")
    assert not verdict.genuine
    assert verdict.frames_told == "frames 11 to 20"


def test_dropped_and_exchanged_segments_are_named(street: Camera, tmp_path: Path) -> None:
    dropped = verify_export(assembled(street, tmp_path / "dropped.mp4", [0, 1, 3, 4]))
    assert dropped.frames_told == "between frames 20 and 21"
    exchanged = verify_export(assembled(street, tmp_path / "exchanged.mp4", [0, 2, 1, 3]))
    assert not exchanged.genuine
    assert exchanged.wrong_frames is not None
    assert exchanged.wrong_frames[0] == 11
    twice = verify_export(assembled(street, tmp_path / "twice.mp4", [0, 1, 1, 2]))
    assert twice.frames_told == "frames 21 to 30"


@pytest.mark.parametrize(
    "other",
    [
        {"mask_hash": bytes([9] * 32)},
        {"trust": TimeTrust.UNSET},
        {"start_wall_ns": 1_772_352_000 * 10**9},
        {"gap_ns": 1},
    ],
    ids=["another mask set", "another trust", "another time", "another gap"],
)
def test_what_a_header_says_cannot_be_changed(
    copy: Path, street: Camera, tmp_path: Path, other: dict[str, object]
) -> None:
    headers = [stored.header for stored in street.reader().segments()]
    verdict = verify_export(with_header(copy, tmp_path / "said.mp4", 4, **other))
    assert not verdict.genuine
    assert verdict.wrong == Period(headers[3].end_wall_ns, headers[5].start_wall_ns)
    assert verdict.frames_told == "from frame 36 on"


def test_a_moved_picture_is_named(copy: Path, tmp_path: Path) -> None:
    verdict = verify_export(moved(copy, tmp_path / "moved.mp4", 2))
    assert "moved in time" in verdict.sentence
    assert verdict.frames_told == "frames 21 to 25"


def test_another_camera_is_named(copy: Path, tmp_path: Path) -> None:
    other = create_camera_key(tmp_path / "other.pem")
    verdict = verify_export(copy, other.public)
    assert not verdict.genuine
    assert verdict.wrong is not None


def test_gaps_and_untrusted_time_are_told_of_a_true_copy(copy: Path) -> None:
    account = verify_export(copy).account
    assert [gap.cause for gap in account.gaps] == ["restart", "power"]
    assert len(account.untrusted) == 1


def test_the_register_page_knows_the_edges(street: Camera, tmp_path: Path) -> None:
    stand = disclosure_stand(street, tmp_path / "state")
    given = give(stand.parts, stand.granted(), Giving("owner"), tmp_path / "out", street.reader(), street.owner)
    page = read_case_page(given.path / "register-page.jsonl", street.key.public)
    headers = [stored.header for stored in street.reader().segments()]

    whole = given.path / "copy.mp4"
    assert check_edges(page, sha256_of(whole), verify_export(whole).account).missing == ()

    cut = assembled(street, tmp_path / "cut.mp4", [2, 3, 4, 5, 6, 7])
    verdict = verify_export(cut, street.key.public)
    assert verdict.genuine
    edges = check_edges(page, sha256_of(cut), verdict.account)
    assert edges.missing == (
        Period(headers[0].start_wall_ns, headers[2].start_wall_ns),
        Period(headers[7].end_wall_ns, headers[8].end_wall_ns),
    )
    assert edges.sentence.startswith("cut at the edge")
