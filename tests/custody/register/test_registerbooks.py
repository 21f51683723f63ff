"""A book for each year from 1 April: closed, begun anew and erased in time, and the register verifies over all."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from bookstand import ZONE, BookStand, Calendar
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edgecam.core.clock import TimeTrust
from edgecam.core.errors import MediaFailing
from edgecam.custody.register.bookfiles import closed_books, opened_books, recent_lines
from edgecam.custody.register.bookwatch import BookWatch
from edgecam.custody.register.register_check import RegisterHead, Trouble, verify_register
from edgecam.custody.register.register_line import Act
from edgecam.custody.register.registerbooks import RegisterBooks
from edgecam.custody.register.registerpage import every_line, read_page
from edgecam.keys.camera import CameraKey, create_camera_key

pytestmark = pytest.mark.row("G3")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> CameraKey:
    return create_camera_key(tmp_path_factory.mktemp("key") / "camera.pem")


@pytest.fixture
def stand(tmp_path: Path, key: CameraKey) -> BookStand:
    return BookStand(tmp_path, key, Calendar())


def three_years(stand: BookStand) -> None:
    """Two lines in each of 2026, 2027 and 2028."""
    for date in ("2026-05-01T12:00:00", "2027-04-01T00:00:00", "2029-03-31T23:59:59"):
        stand.calendar.put(date)
        stand.look()
        stand.look()


def test_a_book_holds_the_lines_of_one_year_from_april(stand: BookStand) -> None:
    stand.look()
    stand.calendar.put("2027-03-31T23:59:59")
    last = stand.look("the last second of the year")
    assert stand.names() == ["register.jsonl"]
    stand.calendar.put("2027-04-01T00:00:00")
    first = stand.look("the first second of the next")
    assert stand.names() == ["register-2026.jsonl", "register.jsonl"]
    told = [(line.act, line.detail.get("what"), line.detail.get("year")) for line in stand.lines()]
    assert told[2:4] == [(Act.BOOK, "close", "2026"), (Act.BOOK, "begin", "2027")]
    assert (last.sequence, first.sequence) == (2, 5)
    assert stand.books()[0].read_bytes().splitlines(keepends=True)[-1] == stand.lines()[2].encode()
    assert verify_register(stand.path, stand.key.public).lines == 5


def test_who_knows_no_zone_goes_by_what_the_book_says(stand: BookStand) -> None:
    stand.look(zone="")
    stand.calendar.put("2027-06-01T12:00:00")
    stand.look(zone="")
    # Nobody has said yet where years begin.
    assert stand.names() == ["register.jsonl"]
    stand.look()
    stand.calendar.put("2028-04-01T00:00:00")
    stand.look(zone="")
    assert stand.names() == ["register-2026.jsonl", "register-2027.jsonl", "register.jsonl"]
    assert {line.detail.get("zone") for line in stand.lines() if line.act is Act.BOOK} == {ZONE}


@pytest.mark.row("R8")
@pytest.mark.parametrize("trust", [TimeTrust.UNSET, TimeTrust.RESTORED])
def test_without_a_synchronised_clock_no_book_ends_and_none_is_erased(stand: BookStand, trust: TimeTrust) -> None:
    three_years(stand)
    before = stand.names()
    stand.calendar.put("2099-06-01T12:00:00")
    stand.calendar.trust = trust
    stand.look()
    assert stand.tend() == []
    assert stand.names() == before


@pytest.mark.row("R8")
def test_a_clock_that_was_wrong_once_begins_no_earlier_book(stand: BookStand) -> None:
    three_years(stand)
    stand.calendar.put("2026-07-01T12:00:00")
    stand.look()
    stand.calendar.put("2029-03-31T12:00:00")
    stand.look()
    assert stand.names() == ["register-2026.jsonl", "register-2027.jsonl", "register.jsonl"]
    assert verify_register(stand.path, stand.key.public).genuine


def test_lines_of_an_unset_clock_stay_where_they_are(stand: BookStand) -> None:
    stand.calendar.trust = TimeTrust.UNSET
    stand.look()
    stand.calendar.trust = TimeTrust.SYNCED
    stand.look()
    stand.calendar.put("2027-04-02T00:00:00")
    stand.calendar.trust = TimeTrust.RESTORED
    stand.look("of this year, and nobody can prove it")
    stand.calendar.trust = TimeTrust.SYNCED
    stand.look()
    closed = next(line for line in stand.lines() if line.detail.get("what") == "close")
    # The line before may be as late as this: the book is kept for the year that began, too.
    assert closed.detail["last_wall_ns"] == str(closed.at_wall_ns)
    stand.calendar.put("2032-12-31T00:00:00")
    assert stand.tend() == []
    stand.calendar.put("2033-04-01T00:00:00")
    assert stand.tend() == ["register-2026.jsonl", "register-2027.jsonl"]


def test_somebody_elses_file_of_that_name_is_not_written_over(stand: BookStand) -> None:
    stand.look()
    there = stand.path.with_name("register-2026.jsonl")
    there.write_bytes(b"mine\n")
    stand.calendar.put("2027-04-01T00:00:00")
    stand.look()
    assert there.read_bytes() == b"mine\n"
    assert stand.path.with_name("register-2026-2.jsonl").exists()


def test_several_processes_write_over_the_turn_of_the_year(
    stand: BookStand, key: CameraKey, tmp_path: Path
) -> None:
    create_camera_key(tmp_path / "camera.pem")
    script = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from bookstand import BookStand, Calendar
from edgecam.keys.camera import load_camera_key
calendar = Calendar()
stand = BookStand(Path(sys.argv[1]), load_camera_key(Path(sys.argv[1]) / "camera.pem"), calendar)
register = stand.register()
print("ready", flush=True)
sys.stdin.readline()
from edgecam.custody.register.register_line import Act
for year in range(2026, 2031):
    calendar.put(f"{year}-05-01T12:00:00")
    for _ in range(4):
        register.write(Act.VIEW, who=sys.argv[3], purpose=str(year))
"""
    folder = str(Path(__file__).parents[1])
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path), folder, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for name in ("recorder", "hub", "owner")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    from edgecam.keys.camera import load_camera_key

    public = load_camera_key(tmp_path / "camera.pem").public
    assert verify_register(stand.path, public).genuine
    lines = stand.lines()
    assert sum(line.act is Act.VIEW for line in lines) == 3 * 5 * 4
    assert sum(line.detail.get("what") == "begin" for line in lines) == 4
    assert stand.names() == [*(f"register-{year}.jsonl" for year in range(2026, 2030)), "register.jsonl"]


@pytest.mark.row("R5")
def test_a_book_is_erased_after_its_years_and_the_rest_still_verifies(stand: BookStand) -> None:
    three_years(stand)
    head = RegisterHead(stand.lines()[3].sequence, stand.lines()[3].hash)
    stand.calendar.put("2032-03-31T23:59:59")
    assert stand.tend() == []
    stand.calendar.put("2032-04-01T00:00:00")
    erased = stand.books()[0].read_bytes().splitlines(keepends=True)
    assert stand.tend() == ["register-2026.jsonl"]
    assert stand.names()[0] == "register-2027.jsonl"
    told, done = (line for line in stand.lines() if line.act is Act.ERASURE)
    assert (told.detail["book"], told.detail["first"], told.detail["last"]) == ("register-2026.jsonl", "1", "3")
    assert (done.completes, done.detail["outcome"]) == (told.sequence, "done")
    verdict = verify_register(stand.path, stand.key.public, [head])
    assert (verdict.genuine, verdict.first) == (True, len(erased) + 1)
    assert stand.tend() == []
    stand.calendar.put("2034-05-01T00:00:00")
    assert stand.tend() == ["register-2027.jsonl", "register-2028.jsonl"]
    assert verify_register(stand.path, stand.key.public).genuine


def test_what_power_cuts_left_of_a_books_lines_goes_with_it(stand: BookStand) -> None:
    stand.look()
    with open(stand.path, "ab") as file:
        file.write(b'{"format":')
    stand.look()
    torn = stand.path.with_name("register.jsonl.torn-2")
    assert torn.exists()
    stand.calendar.put("2032-04-01T00:00:00")
    stand.look()
    assert stand.tend() == ["register-2026.jsonl"]
    assert not torn.exists()


def test_a_book_that_somebody_took_away_is_missing(stand: BookStand) -> None:
    three_years(stand)
    oldest, middle, _ = stand.books()
    kept = oldest.read_bytes()
    oldest.unlink()
    fault = verify_register(stand.path, stand.key.public).fault
    assert fault is not None
    assert (fault.sequence, fault.trouble) == (1, Trouble.MISSING)
    oldest.write_bytes(kept)
    middle.unlink()
    fault = verify_register(stand.path, stand.key.public).fault
    assert fault is not None
    assert (fault.sequence, fault.trouble) == (4, Trouble.MISSING)


def test_no_erasure_is_believed_that_the_camera_did_not_sign(stand: BookStand) -> None:
    three_years(stand)
    oldest, last, newest = stand.books()[0], stand.lines()[2], stand.lines()[-1]
    stranger = CameraKey(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    forged = replace(
        newest,
        sequence=newest.sequence + 1,
        act=Act.ERASURE,
        detail={"book": oldest.name, "first": "1", "last": str(last.sequence), "hash": last.hash.hex()},
        previous=newest.hash,
    )
    oldest.unlink()
    with open(stand.path, "ab") as file:
        file.write(replace(forged, signature=stranger.sign(forged.body())).encode())
    fault = verify_register(stand.path, stand.key.public).fault
    assert fault is not None
    assert (fault.sequence, fault.trouble) == (1, Trouble.MISSING)


def test_a_published_head_of_the_line_before_the_first_has_to_agree(stand: BookStand) -> None:
    three_years(stand)
    stand.calendar.put("2032-04-01T00:00:00")
    last = stand.lines()[2]
    stand.tend()
    assert verify_register(stand.path, stand.key.public, [RegisterHead(3, last.hash)]).genuine
    fault = verify_register(stand.path, stand.key.public, [RegisterHead(3, bytes(32))]).fault
    assert fault is not None
    assert (fault.sequence, fault.trouble) == (3, Trouble.CHANGED)


def test_pages_and_readers_go_over_all_books(stand: BookStand) -> None:
    three_years(stand)
    every = [line.sequence for line in stand.lines()]
    assert [line.sequence for line in every_line(stand.path)] == every
    found: list[int] = []
    before: int | None = None
    while True:
        page = read_page(stand.path, before, 3)
        found += [line.sequence for line in page.lines]
        if page.earlier is None:
            break
        before = page.earlier
    assert found == every[::-1]
    assert [line.act for line in read_page(stand.path, act=Act.BOOK).lines] == [Act.BOOK] * 4
    (last,) = recent_lines(stand.path, len(stand.lines()[-1].encode()))
    assert last == stand.lines()[-1].encode()
    assert len(recent_lines(stand.path, 1 << 20)) == len(every)


def test_who_reads_while_a_book_is_closed_sees_one_moment(stand: BookStand) -> None:
    stand.look()
    with opened_books(stand.path) as books:
        stand.calendar.put("2027-04-01T00:00:00")
        stand.look()
        assert [book.read().count(b"\n") for book in books] == [2]


def test_the_order_of_books_is_that_of_their_years(tmp_path: Path) -> None:
    for name in (
        "register-2027",
        "register-2026-10",
        "register-2026-2",
        "register-2026",
        "register-x",
        "other-2026",
    ):
        (tmp_path / f"{name}.jsonl").touch()
    told = [path.stem for path in closed_books(tmp_path / "register.jsonl")]
    assert told == ["register-2026", "register-2026-2", "register-2026-10", "register-2027"]


def test_the_recorder_looks_after_books_once_a_day(stand: BookStand) -> None:
    three_years(stand)
    stand.calendar.put("2032-04-01T00:00:00")
    watch = BookWatch(RegisterBooks(stand.register(), 5, ZONE, stand.calendar), stand.calendar, "recorder")
    watch.look(stand.calendar.now())
    assert watch.fault is None
    assert stand.names()[0] == "register-2027.jsonl"


def test_a_register_that_cannot_be_tended_is_a_fault_and_stops_nothing(stand: BookStand) -> None:
    stand.look()
    stand.path.write_bytes(stand.path.read_bytes() + b"not ours\n")
    watch = BookWatch(RegisterBooks(stand.register(), 5, ZONE, stand.calendar), stand.calendar, "recorder")
    watch.look(stand.calendar.now())
    assert watch.fault is not None
    assert watch.fault.code == "register"


def test_a_register_that_cannot_be_read_is_said(stand: BookStand) -> None:
    stand.path.mkdir()
    with pytest.raises(MediaFailing, match="could not be read"):
        read_page(stand.path)
