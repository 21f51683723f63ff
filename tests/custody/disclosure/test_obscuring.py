"""Nothing of who is covered is in the file that leaves; a person saw every frame of it, as its manifest says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from custodystand import Camera, make_camera, moment, record
from disclosurestand import DisclosureStand, disclosure_stand
from hypothesis import given as drawn
from hypothesis import strategies as st
from tamperstand import true_copy

from edgecam.analysis.box import Box
from edgecam.analysis.everybody import Found, Linking, Somebody
from edgecam.analysis.sighting import Sighting
from edgecam.capture.film import Film
from edgecam.core.errors import BadInput, DataLoss, NotAllowed
from edgecam.core.events import EventKind
from edgecam.core.picture import Picture
from edgecam.custody.cases.casepage import read_case_page
from edgecam.custody.disclosure.derived import Derived, read_derived, verify_derived
from edgecam.custody.disclosure.disclosure import Giving, give
from edgecam.custody.disclosure.duplicates import sha256_of
from edgecam.custody.disclosure.obscuring import ExtraBox, Obscuring
from edgecam.custody.disclosure.review import ORIGINALS, Decisions, Review
from edgecam.masking.fill import FILL_Y
from edgecam.ringbuffer.format import GapCause

pytestmark = [pytest.mark.row("G9")]
_SIZE = (128, 96)


class WhiteBlock:
    """Takes the brightest thing for a person, as the drawn footage has one."""

    def detect(self, picture: Picture, crops: Sequence[Box]) -> list[Sighting]:
        rows, columns = np.nonzero(picture.y > 150)
        if not len(rows):
            return []
        box = Box(float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1))
        return [Sighting(EventKind.PERSON, 0.9, box)]


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Camera:
    camera = make_camera(tmp_path_factory.mktemp("camera"))
    camera.run(record(frames=45, keyframe_every=15), moment(0), cause=GapCause.FIRST_START)
    return camera


@pytest.fixture
def stand(camera: Camera, tmp_path: Path) -> DisclosureStand:
    return disclosure_stand(camera, tmp_path / "state")


@pytest.fixture
def review(camera: Camera, tmp_path: Path) -> Review:
    folder = tmp_path / "review"
    (folder / ORIGINALS).mkdir(parents=True)
    true_copy(camera, folder / ORIGINALS / "copy.mp4")
    return Review.begin(folder, "case", None, WhiteBlock())


def _whitest(path: Path) -> int:
    return max(int(picture.y.max()) for _, picture in Film(path).frames())


def test_no_pixel_of_who_is_covered_is_left(review: Review, camera: Camera, tmp_path: Path) -> None:
    original, covered = review.folder / ORIGINALS / "copy.mp4", review.folder / "covered" / "copy.mp4"
    assert _whitest(original) > 190
    # The block was 200 in every frame, its ground 20; what an encoder makes of grey is near it.
    assert _whitest(covered) < FILL_Y + 12
    plan = Obscuring.decode(_only_film(review))
    for number, (_, picture) in enumerate(Film(covered).frames()):
        for x0, y0, x1, y1 in plan.boxes_at(number):
            assert np.abs(picture.y[y0 + 2 : y1 - 2, x0 + 2 : x1 - 2].astype(int) - FILL_Y).max() < 12


def _only_film(review: Review) -> bytes:
    (film,) = review._films
    return film.encode()


def test_who_is_kept_stays_and_what_a_person_adds_goes(review: Review) -> None:
    covered = review.folder / "covered" / "copy.mp4"
    tracks = [one for one in review.tracks() if one.filled]
    assert (min(one.first_frame for one in tracks), max(one.last_frame for one in tracks)) == (1, 45)
    everybody = frozenset(one.number for one in tracks)
    assert review.picture_of(tracks[0].number).read_bytes().startswith(b"\xff\xd8")

    review.decide(Decisions(keep=everybody))
    assert _whitest(covered) > 190
    review.decide(Decisions(keep=everybody, boxes=(ExtraBox(10, 20, (0, 0, *_SIZE)),)))
    bright = [int(picture.y.max()) > 150 for _, picture in Film(covered).frames()]
    assert bright == [number < 9 or number > 19 for number in range(45)]

    with pytest.raises(BadInput, match="no track 99"):
        review.decide(Decisions(keep=frozenset({99})))
    with pytest.raises(BadInput, match="frames 1 to 45"):
        review.decide(Decisions(boxes=(ExtraBox(40, 46, (0, 0, 2, 2)),)))
    with pytest.raises(BadInput, match="does not lie"):
        review.decide(Decisions(boxes=(ExtraBox(1, 2, (0, 0, 2, 200)),)))


def test_it_is_released_by_somebody_who_saw_every_frame(
    review: Review, stand: DisclosureStand, tmp_path: Path
) -> None:
    key, clock = stand.camera.key, stand.clock
    with pytest.raises(NotAllowed, match="nobody says who"):
        review.release(" ", 45, key, clock)
    with pytest.raises(NotAllowed, match="44 of 45"):
        review.release("Kim", 44, key, clock)

    giving = Giving("owner", obscured=True, derive=Review.load(review.folder).release("Kim", 45, key, clock))
    given = give(stand.parts, stand.granted(), giving, tmp_path / "out", stand.camera.reader(), stand.camera.owner)

    film = given.path / "copy.mp4"
    assert _whitest(film) < FILL_Y + 12
    verdict = verify_derived(film, key.public)
    assert verdict is not None
    assert verdict.genuine
    with open(film, "rb") as file:
        found = read_derived(file)
    assert found is not None
    derived = found[1]
    assert (derived.reviewed_by, derived.frames_reviewed, derived.frames) == ("Kim", 45, 45)
    headers = [stored.header for stored in stand.camera.reader().segments()]
    assert [one.content_sha256 for one in derived.originals] == [header.content_hash.hex() for header in headers]
    assert derived.fills[0].first_frame == 1
    assert derived.fills[-1].last_frame == 45
    page = read_case_page(given.path / "register-page.jsonl", key.public)
    (line,) = (line for line in page.lines if line.detail.get("step") == "covered")
    assert line.detail["sha256"] == sha256_of(film)
    assert line.detail["reviewed_by"] == "Kim"
    assert line.detail["frames_reviewed"] == "45 of 45"
    assert given.case.handed_over[-1].obscured
    # The uncovered copy did not leave, nor does it lie about.
    assert {path.name for path in given.path.iterdir()} == {name for name, _ in given.files}
    review.drop()
    assert not review.folder.exists()


def test_a_changed_piece_is_named(review: Review, stand: DisclosureStand, tmp_path: Path) -> None:
    key = stand.camera.key
    giving = Giving("owner", obscured=True, derive=review.release("Kim", 45, key, stand.clock))
    given = give(stand.parts, stand.granted(), giving, tmp_path / "out", stand.camera.reader(), stand.camera.owner)
    data = bytearray((given.path / "copy.mp4").read_bytes())
    (second,) = (at for at in [data.index(b"mdat", data.index(b"mdat") + 4)])
    data[second + 10] ^= 1
    (tmp_path / "changed.mp4").write_bytes(data)

    verdict = verify_derived(tmp_path / "changed.mp4")
    assert verdict is not None
    assert not verdict.genuine
    assert verdict.wrong_frames is not None
    assert verdict.wrong_frames[0] == 16
    other = verify_derived(given.path / "copy.mp4", bytes(32))
    assert other is not None
    assert other.as_given is False


def test_other_footage_than_was_reviewed_is_not_released(
    review: Review, stand: DisclosureStand, tmp_path: Path
) -> None:
    original = review.folder / ORIGINALS / "copy.mp4"
    original.write_bytes(original.read_bytes() + b"\0")
    giving = Giving("owner", derive=review.release("Kim", 45, stand.camera.key, stand.clock))
    with pytest.raises(DataLoss, match="not what was reviewed"):
        give(stand.parts, stand.granted(), giving, tmp_path / "out", stand.camera.reader(), stand.camera.owner)
    assert not (tmp_path / "out").exists()
    assert not stand.duplicates.all()


def test_a_frame_by_its_number_is_that_frame(review: Review) -> None:
    covered = review.folder / "covered" / "copy.mp4"
    film = Film(covered)
    for number, (_, picture) in enumerate(film.frames()):
        if number % 11 == 0:
            assert np.array_equal(film.frame(number).buffer, picture.buffer), number
    assert review.frame(45).startswith(b"\xff\xd8")
    with pytest.raises(BadInput, match="frames 1 to 45"):
        review.frame(46)


def test_a_track_is_held_before_between_and_after() -> None:
    linking = Linking(10.0)
    for frame, x in ((10, 100.0), (12, 104.0), (30, 140.0)):
        linking.take(frame, [Found(Somebody.PERSON, Box(x, 50, x + 20, 90))])
    (track,) = linking.tracks

    assert track.at(21, 5) == Box(122, 50, 142, 90)
    held = track.at(8, 5)
    assert held is not None
    assert held.x0 <= 96
    assert held.x1 >= 120
    assert track.at(4, 5) is None
    assert track.at(36, 5) is None
    assert track.at(35, 5) is not None


def test_a_plan_survives_writing_and_anything_else_is_a_loss(review: Review) -> None:
    data = _only_film(review)
    assert Obscuring.decode(data).encode() == data
    with pytest.raises(DataLoss):
        Obscuring.decode(data.replace(b'"person"', b'"ghost"'))
    with pytest.raises(BadInput):
        Review.load(review.folder / "none")


@drawn(st.binary(max_size=200))
def test_any_bytes_are_a_plan_or_a_loss(data: bytes) -> None:
    with pytest.raises(DataLoss):
        Obscuring.decode(data)
    with pytest.raises(DataLoss):
        Derived.decode(data)
