"""The register leaves the camera as lines that prove themselves or as a form, and that is a line first."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from bookstand import ZONE, BookStand, Calendar

from edgecam.core.errors import BadInput, MediaFailing
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act
from edgecam.custody.register.registerexport import LineFilter, RegisterOrder, export_register
from edgecam.custody.register.registerform import FormName
from edgecam.keys.camera import create_camera_key

pytestmark = pytest.mark.row("G1")


@pytest.fixture
def stand(tmp_path: Path) -> BookStand:
    return BookStand(tmp_path, create_camera_key(tmp_path / "camera.pem"), Calendar())


def test_all_lines_of_all_books_prove_themselves_elsewhere(stand: BookStand, tmp_path: Path) -> None:
    stand.look()
    stand.calendar.put("2027-05-01T12:00:00")
    stand.look()
    out = tmp_path / "copy" / "register.jsonl"
    out.parent.mkdir()
    copy = export_register(stand.register(), RegisterOrder("佐藤", "audit"), out)
    assert copy.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    # Its own line stands in it, the end of it does not.
    assert verify_register(out, stand.key.public).lines == copy.rows == 5
    asked, done = stand.lines()[-2:]
    assert (asked.act, asked.who, asked.purpose, asked.detail["what"]) == (Act.BOOK, "佐藤", "audit", "export")
    assert (done.completes, done.detail["sha256"]) == (asked.sequence, copy.sha256)


def test_a_filter_takes_what_it_says(stand: BookStand) -> None:
    register = stand.register()
    for hour, (act, who) in enumerate(((Act.VIEW, "佐藤"), (Act.COPY, "Kim"), (Act.VIEW, "kim"))):
        stand.calendar.put(f"2026-05-01T1{hour}:00:00")
        register.write(act, who=who, purpose="x", detail={"case": f"c{hour}"})
    times = [line.at_wall_ns for line in stand.lines()]

    def found(wanted: LineFilter) -> list[int]:
        return [line.sequence for line in wanted.of(stand.lines())]

    assert found(LineFilter()) == [1, 2, 3]
    assert found(LineFilter(frozenset({Act.VIEW}))) == [1, 3]
    assert found(LineFilter(who="KIM")) == [2, 3]
    assert found(LineFilter(case="c1")) == [2]
    assert found(LineFilter(from_wall_ns=times[1], to_wall_ns=times[2])) == [2]


@pytest.mark.row("G5")
@pytest.mark.parametrize("form", FormName)
def test_each_form_is_a_spreadsheet(form: FormName, stand: BookStand, tmp_path: Path) -> None:
    register = stand.register()
    register.write(Act.HOLD, who="佐藤", purpose="事故", detail={"hold": "h", "end": "x"})
    register.write(
        Act.DISCLOSURE, who="佐藤", purpose="=1+1", footage=(1, 2), detail={"recipient": "警察", "file": "a.mp4"}
    )
    register.write(Act.REQUEST, who="佐藤", purpose="捜査", detail={"use": "provision", "case": "c"})
    out = tmp_path / "form.csv"
    copy = export_register(register, RegisterOrder("佐藤", "audit", form=form, zone=ZoneInfo(ZONE)), out)
    titles, *rows = csv.reader(io.StringIO(out.read_text("utf-8-sig")))
    assert len(rows) == copy.rows > 0
    assert {len(row) for row in rows} == {len(titles)}
    # What a spreadsheet would work out stays a text.
    assert not any(cell.startswith("=") for row in rows for cell in row)


def test_a_form_of_some_lines_knows_what_was_decided_about_them_elsewhere(stand: BookStand, tmp_path: Path) -> None:
    register = stand.register()
    register.write(Act.REQUEST, who="佐藤", purpose="捜査", detail={"use": "provision", "case": "c"})
    register.write(Act.DECISION, who="鈴木", purpose="必要", detail={"case": "c", "step": "grant"})
    wanted = LineFilter(frozenset({Act.REQUEST}))
    out = tmp_path / "form.csv"
    export_register(register, RegisterOrder("佐藤", "audit", wanted, FormName.GWANGJU2), out)
    _, row = csv.reader(io.StringIO(out.read_text("utf-8-sig")))
    assert row[6:9] == ["○", "佐藤", "鈴木"]


def test_a_file_that_is_there_is_kept_and_nothing_is_registered(stand: BookStand, tmp_path: Path) -> None:
    stand.look()
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(BadInput, match="exists already"):
        export_register(stand.register(), RegisterOrder("佐藤", "audit"), tmp_path / "mine")
    assert len(stand.lines()) == 1
    export_register(stand.register(), RegisterOrder("佐藤", "audit"), tmp_path / "mine", overwrite=True)
    assert (tmp_path / "mine").read_text() != "mine"


def test_an_export_that_fails_says_so_in_the_register(stand: BookStand, tmp_path: Path) -> None:
    with pytest.raises(MediaFailing):
        export_register(stand.register(), RegisterOrder("佐藤", "audit"), tmp_path / "nowhere" / "out")
    assert stand.lines()[-1].detail["outcome"] == "failed"
