"""An unmasked view stands in the register before it is permitted and again when it is over, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from fakes.masksets import CAMERA

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput, MediaFailing, NotAllowed
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrameWriter
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line
from edgecam.custody.register.unmasked_line import Ending
from edgecam.custody.unmasked_sight import UnmaskedDoor, UnmaskedSight
from edgecam.masking.permit import LONGEST_S, Why, read_permit

pytestmark = [pytest.mark.row("M7"), pytest.mark.row("G1")]

WALL_NS = 1_800_000_000 * NS_PER_S


class SteppedClock:
    """Moves when a test says so."""

    def __init__(self) -> None:
        self.mono_s = 500

    def now(self) -> Instant:
        return Instant(WALL_NS + self.mono_ns(), self.mono_ns(), bytes(16), TimeTrust.SYNCED)

    def mono_ns(self) -> int:
        return self.mono_s * NS_PER_S

    def sleep(self, duration_s: float) -> None:
        self.mono_s += int(duration_s)


class Stand:
    """A register on a disk, permit and pictures in RAM."""

    def __init__(self, disk: Path, ram: Path) -> None:
        self.permit, self.frames = ram / "unmasked.permit", ram / "unmasked.frames"
        self.clock = SteppedClock()
        self.register = Register(disk / "register.jsonl", CAMERA.sign, CAMERA.public, self.clock)
        self.door = UnmaskedDoor(self.register, self.permit, self.frames, self.clock)

    def open(self, for_s: int = LONGEST_S) -> UnmaskedSight:
        now_ns = self.clock.mono_ns()
        return self.door.open("M. Tanaka", "K. Sato", Why.AIM, now_ns, now_ns + for_s * NS_PER_S)

    def lines(self) -> list[RegisterLine]:
        return [decode_line(line) for line in self.register.path.read_bytes().splitlines(keepends=True)]

    def publish(self, writer: SmallFrameWriter, value: int, at_ns: int) -> None:
        picture = Picture(64, 36)
        picture.buffer.fill(value)
        writer.publish(picture, at_ns, at_ns, 1, private=False)


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with TemporaryDirectory(dir="/dev/shm") as ram:
        yield Stand(tmp_path, Path(ram))


def test_who_for_whom_until_when_and_why_stand_before_the_permit(stand: Stand) -> None:
    sight = stand.open(for_s=60)
    (line,) = stand.lines()
    assert (line.act, line.who, line.completes) == (Act.UNMASKED_VIEW, "M. Tanaka", None)
    assert line.detail == {"for": "K. Sato", "why": "aim", "until_wall_ns": str(WALL_NS + 560 * NS_PER_S)}
    permit = read_permit(stand.permit)
    assert permit is not None
    assert (permit.line, permit.opened_for, permit.until_mono_ns) == (1, "K. Sato", 560 * NS_PER_S)
    assert stand.permit.stat().st_mode & 0o777 == 0o600
    sight.close(Ending.CLOSED, 41)
    assert read_permit(stand.permit) is None
    _, end = stand.lines()
    assert (end.act, end.completes) == (Act.UNMASKED_VIEW, 1)
    assert end.detail == {"for": "K. Sato", "how": "closed", "looked_s": "41"}
    sight.close(Ending.EXPIRED, 0)
    assert len(stand.lines()) == 2
    assert verify_register(stand.register.path, CAMERA.public).genuine


def test_without_its_line_there_is_no_permit(stand: Stand) -> None:
    stand.register.path.mkdir()
    with pytest.raises(MediaFailing):
        stand.open()
    assert not stand.permit.exists()


def test_a_permit_that_cannot_be_written_is_no_view_and_its_line_says_so(stand: Stand) -> None:
    stand.permit.with_name(f".{stand.permit.name}.new").mkdir()
    with pytest.raises(MediaFailing, match="permit"):
        stand.open()
    assert [line.detail.get("how") for line in stand.lines()] == [None, "refused"]


def test_nobody_looks_without_a_name(stand: Stand) -> None:
    with pytest.raises(BadInput):
        stand.door.open(" ", "K. Sato", Why.AIM, 0, NS_PER_S)
    assert not stand.permit.exists()


def test_pictures_come_while_the_permit_stands_and_not_those_of_before(stand: Stand) -> None:
    writer = SmallFrameWriter(stand.frames, 64, 36)
    stand.publish(writer, 77, stand.clock.mono_ns() - 1)
    sight = stand.open(for_s=60)
    assert sight.newest() is None, "captured before it was opened"
    stand.publish(writer, 201, stand.clock.mono_ns())
    frame = sight.newest()
    assert frame is not None
    assert np.all(frame.picture.buffer == 201)
    assert sight.newest() is None
    stand.clock.sleep(60)
    with pytest.raises(NotAllowed):
        sight.newest()
    sight.close(Ending.EXPIRED, 1)
    assert not np.any(frame.picture.buffer), "the copy is gone too"
    with pytest.raises(NotAllowed):
        sight.newest()


@pytest.mark.parametrize("trouble", ["gone", "broken", "another"])
def test_each_look_goes_through_the_permit(stand: Stand, trouble: str) -> None:
    sight = stand.open()
    assert sight.newest() is None
    if trouble == "gone":
        stand.permit.unlink()
    elif trouble == "broken":
        stand.permit.write_bytes(b"{")
    else:
        stand.open()
    with pytest.raises(NotAllowed):
        sight.newest()
    sight.close(Ending.CLOSED, 0)
    assert stand.permit.exists() == (trouble != "gone"), "only its own is taken back"
    assert stand.lines()[-1].completes == 1


def test_what_an_earlier_hub_left_open_is_closed_and_told(stand: Stand) -> None:
    stand.door.settle()
    assert not stand.register.path.exists()
    stand.open()
    stand.door.settle()
    assert not stand.permit.exists()
    end = stand.lines()[-1]
    assert (end.completes, end.detail) == (1, {"for": "K. Sato", "how": "page_ended", "looked_s": "unknown"})
    stand.permit.write_bytes(os.urandom(9))
    stand.door.settle()
    assert not stand.permit.exists()
    assert len(stand.lines()) == 2


def test_an_end_that_cannot_be_registered_takes_the_permit_back_all_the_same(
    stand: Stand, caplog: pytest.LogCaptureFixture
) -> None:
    sight = stand.open()
    stand.register.path.unlink()
    stand.register.path.mkdir()
    sight.close(Ending.CLOSED, 3)
    assert not stand.permit.exists()
    assert "could not be registered" in caplog.text
