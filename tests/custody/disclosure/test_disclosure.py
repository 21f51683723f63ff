"""What is given away out of a case: refused for a reason, complete, proven, registered, and kept once more."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from custodystand import Camera, make_camera
from disclosurestand import HOUR_NS, DisclosureStand, disclosure_stand

from edgecam.core.errors import BadInput, DataLoss, MediaFailing, NotAllowed
from edgecam.custody.cases.case import AskerKind, CaseKind, Step, Want
from edgecam.custody.cases.casepage import decode_case_page, read_case_page
from edgecam.custody.disclosure.disclosure import Given, Giving, give
from edgecam.custody.evidence.edges import check_edges
from edgecam.custody.evidence.verify import verify_export
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line

pytestmark = [pytest.mark.row("G2"), pytest.mark.row("R5")]


@pytest.fixture
def stand(street: Camera, tmp_path: Path) -> DisclosureStand:
    return disclosure_stand(street, tmp_path / "state")


def _give(stand: DisclosureStand, out: Path, giving: Giving | None = None, **other: Any) -> Given:
    case = stand.granted(**other)
    camera = stand.camera
    return give(stand.parts, case, giving or Giving("owner"), out, camera.reader(), camera.owner)


def _lines(stand: DisclosureStand) -> list[RegisterLine]:
    return [decode_line(line + b"\n") for line in stand.register.path.read_bytes().splitlines()]


def test_a_package_holds_the_copy_and_all_that_proves_it(stand: DisclosureStand, tmp_path: Path) -> None:
    given = _give(stand, tmp_path / "out")

    names = {path.name for path in given.path.iterdir()}
    assert (
        names == {"copy.mp4", "register-page.jsonl", "verify.sh", "README.txt"} == {name for name, _ in given.files}
    )
    verdict = verify_export(given.path / "copy.mp4", stand.camera.key.public)
    assert verdict.genuine
    page = read_case_page(given.path / "register-page.jsonl", stand.camera.key.public)
    digest = dict(given.files)["copy.mp4"]
    assert check_edges(page, digest, verdict.account).sure
    assert {line.detail.get("case") for line in page.lines} <= {given.case.case_id, None}
    text = (given.path / "README.txt").read_text("utf-8")
    assert "Inspector Mori" in text
    assert all(word in text for word in ("FOOTAGE", "영상", "画像"))


def test_the_register_tells_it_before_and_every_file_after(stand: DisclosureStand, tmp_path: Path) -> None:
    given = _give(stand, tmp_path / "out")

    told = [line for line in _lines(stand) if line.act is Act.DISCLOSURE and line.detail.get("step") == "package"]
    (begun,) = told
    assert begun.detail["recipient"] == "Inspector Mori"
    assert begun.detail["legal_basis"].startswith("Code of Criminal")
    assert begun.detail["form"] == "copy"
    (over,) = (line for line in _lines(stand) if line.completes == begun.sequence)
    assert over.detail["outcome"] == "done"
    assert over.detail["sha256"].split() == [digest for _, digest in given.files]
    assert over.detail["duplicate"] == given.duplicate.duplicate_id
    assert given.case.handed_over[-1].duplicate_id == given.duplicate.duplicate_id
    assert verify_register(stand.register.path, stand.camera.key.public).genuine


def test_sealed_to_the_receiver_it_is_one_age_file_that_they_alone_open(
    stand: DisclosureStand, tmp_path: Path
) -> None:
    out = tmp_path / "package.age"
    given = _give(stand, out, Giving("owner", sealed_to=stand.receiver.recipient()))

    plain = io.BytesIO()
    with open(out, "rb") as sealed:
        stand.receiver.unseal_stream(sealed, plain)
    plain.seek(0)
    with tarfile.open(fileobj=plain) as tar:
        names = tar.getnames()
        tar.extractall(tmp_path / "opened", filter="data")
    assert sorted(names) == sorted(f"{given.case.case_id}/{name}" for name, _ in given.files if name != out.name)
    assert verify_export(tmp_path / "opened" / given.case.case_id / "copy.mp4").genuine
    with open(out, "rb") as sealed, pytest.raises(NotAllowed):
        stand.camera.owner.unseal_stream(sealed, io.BytesIO())
    # Nothing of it stays unsealed anywhere.
    assert sorted(path.suffix for path in (stand.folder / "disclosed").iterdir() if path.name != ".lock") == [
        ".age",
        ".json",
    ]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_the_duplicate_opens_with_the_owners_key(stand: DisclosureStand, tmp_path: Path) -> None:
    given = _give(stand, tmp_path / "out")
    plain = io.BytesIO()
    with open(stand.folder / "disclosed" / f"{given.duplicate.duplicate_id}.age", "rb") as sealed:
        stand.camera.owner.unseal_stream(sealed, plain)
    plain.seek(0)
    with tarfile.open(fileobj=plain) as tar:
        member = tar.extractfile(f"{given.case.case_id}/copy.mp4")
        assert member is not None
        assert member.read() == (given.path / "copy.mp4").read_bytes()


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"kind": CaseKind.LOOK}, "no disclosure"),
        ({"want": Want.VIEW}, "does not ask for a copy"),
        ({"asker_kind": AskerKind.PERSON}, "made sure who asks"),
        ({"from_wall_ns": None, "to_wall_ns": None}, "about no footage"),
        ({"from_wall_ns": 1, "to_wall_ns": 2}, "no footage in that range"),
    ],
)
def test_what_may_not_be_given_away_is_refused(
    stand: DisclosureStand, tmp_path: Path, other: dict[str, Any], why: str
) -> None:
    with pytest.raises((BadInput, NotAllowed), match=why):
        _give(stand, tmp_path / "out", **other)
    assert not (tmp_path / "out").exists()
    assert not [line for line in _lines(stand) if line.detail.get("step") == "package"]


def test_a_case_that_is_not_granted_or_not_any_more_is_refused(stand: DisclosureStand, tmp_path: Path) -> None:
    camera, asked = stand.camera, stand.asked()
    with pytest.raises(NotAllowed, match="asked, not granted"):
        give(stand.parts, asked, Giving("owner"), tmp_path / "out", camera.reader(), camera.owner)
    granted = stand.granted(hours=1)
    stand.clock.after_ns += HOUR_NS
    with pytest.raises(NotAllowed, match="expired"):
        give(stand.parts, granted, Giving("owner"), tmp_path / "out", camera.reader(), camera.owner)
    closed = stand.cases.step(granted.case_id, Step.CLOSE, "owner")
    with pytest.raises(NotAllowed, match="closed, not granted"):
        give(stand.parts, closed, Giving("owner"), tmp_path / "out", camera.reader(), camera.owner)


def test_another_cameras_footage_is_refused(stand: DisclosureStand, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = make_camera(tmp_path / "other")
    with pytest.raises(NotAllowed, match="another camera's"):
        give(stand.parts, stand.granted(), Giving("owner"), tmp_path / "out", other.reader(), other.owner)


def test_a_wrong_key_leaves_nothing_but_a_failed_line(stand: DisclosureStand, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        give(stand.parts, stand.granted(), Giving("owner"), tmp_path / "out", stand.camera.reader(), stand.receiver)
    assert not [path for path in tmp_path.iterdir() if path.name not in ("state",)]
    assert not stand.duplicates.all()
    (begun,) = (line for line in _lines(stand) if line.detail.get("step") == "package")
    (over,) = (line for line in _lines(stand) if line.completes == begun.sequence)
    assert over.detail["outcome"] == "failed"


def test_what_its_duplicate_has_no_room_for_is_not_given_away(street: Camera, tmp_path: Path) -> None:
    stand = disclosure_stand(street, tmp_path / "state", quota_bytes=1 << 20)
    with pytest.raises(BadInput, match="kept_gib"):
        _give(stand, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not [line for line in _lines(stand) if line.detail.get("step") == "package"]


def test_a_taken_name_and_a_missing_folder_are_refused(stand: DisclosureStand, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(BadInput, match="exists already"):
        _give(stand, tmp_path / "taken")
    with pytest.raises(BadInput, match="does not exist"):
        _give(stand, tmp_path / "none" / "out")
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_full_disk_registers_a_failure_and_leaves_nothing(
    stand: DisclosureStand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def papers(folder: Path, case: object) -> list[Path]:
        raise MediaFailing("the medium is full")

    with pytest.raises(MediaFailing):
        _give(stand, tmp_path / "out", Giving("owner", papers=papers))
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    assert not stand.duplicates.all()


def test_a_changed_page_names_its_first_wrong_line(stand: DisclosureStand, tmp_path: Path) -> None:
    given = _give(stand, tmp_path / "out")
    data = (given.path / "register-page.jsonl").read_bytes()
    lines = data.splitlines(keepends=True)

    page = decode_case_page(data)
    assert page.encode() == data
    second = page.lines[1].sequence
    with pytest.raises(DataLoss, match=f"line {second} on the page was changed"):
        decode_case_page(data.replace(lines[1], lines[1].replace(b'"who":"owner"', b'"who":"nobod"')))
    with pytest.raises(DataLoss, match=f"line {second} is missing"):
        decode_case_page(data.replace(lines[1], b""))
    with pytest.raises(DataLoss, match="disorder"):
        decode_case_page(b"".join([lines[1], lines[0], *lines[2:]]))
    with pytest.raises(DataLoss, match="cut off"):
        decode_case_page(b"".join(lines[:-1]))
    forged = replace(page.closing, sequences=page.closing.sequences[:-1])
    with pytest.raises(DataLoss, match="was changed"):
        decode_case_page(b"".join([*lines[:-2], forged.encode()]))
