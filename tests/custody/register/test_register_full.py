"""On a real file system that is full or read-only the act is refused, and the register stays whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bookstand import BookStand, Calendar
from mountstand import made, mounted, needs, run

from edgecam.core.errors import MediaFailing
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import create_camera_key

pytestmark = [pytest.mark.row("G3"), pytest.mark.row("R9")]


@contextmanager
def _tmpfs(folder: Path) -> Iterator[Path]:
    needs("tmpfs")
    with mounted("tmpfs", "tmpfs", folder / "disk", "size=256k") as disk:
        yield disk


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    with _tmpfs(tmp_path) if request.param == "tmpfs" else made("ext4", tmp_path, 4) as disk:
        yield disk


def fill(disk: Path) -> Path:
    """A file that takes all the room there is, to the last byte."""
    filler = disk / "filler"
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (65_536, 4096, 512, 64, 1):
            while True:
                try:
                    os.write(descriptor, b"x" * size)
                except OSError:
                    break
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return filler


def until_refused(stand: BookStand) -> tuple[list[str], str]:
    """What still went into the register's last block, and the sentence that refused the next."""
    written: list[str] = []
    while len(written) < 1000:
        try:
            stand.look(f"while it is full {len(written)}")
        except MediaFailing as refused:
            return written, str(refused)
        written.append(f"while it is full {len(written)}")
    raise AssertionError("it never was full")


def stand_on(disk: Path, key_folder: Path) -> BookStand:
    return BookStand(disk, create_camera_key(key_folder / "camera.pem"), Calendar())


def test_without_room_the_act_is_refused_and_goes_on_with_room(disk: Path, tmp_path: Path) -> None:
    stand = stand_on(disk, tmp_path)
    stand.look("before")
    filler = fill(disk)
    written, said = until_refused(stand)
    assert "No space left" in said
    assert "make room" in said
    with pytest.raises(MediaFailing):
        stand.look("still full")
    filler.unlink()
    stand.look("after")
    verdict = verify_register(stand.path, stand.key.public)
    assert verdict.genuine
    looks = [line.purpose for line in stand.lines() if line.act is Act.VIEW]
    assert looks == ["before", *written, "after"]


def test_the_turn_of_the_year_waits_for_room(disk: Path, tmp_path: Path) -> None:
    stand = stand_on(disk, tmp_path)
    stand.look("x" * 3000)
    filler = fill(disk)
    until_refused(stand)
    stand.calendar.put("2027-04-01T00:00:00")
    with pytest.raises(MediaFailing):
        stand.look("of the new year")
    filler.unlink()
    stand.look("of the new year")
    assert stand.names() == ["register-2026.jsonl", "register.jsonl"]
    assert verify_register(stand.path, stand.key.public).genuine


def test_a_card_that_went_read_only_refuses_the_act(tmp_path: Path) -> None:
    with made("ext4", tmp_path, 4) as disk:
        stand = stand_on(disk, tmp_path)
        stand.look()
        run("mount", "-o", "remount,ro", str(disk))
        with pytest.raises(MediaFailing, match="Read-only file system") as said:
            stand.look()
        assert "the act was not allowed" in str(said.value)
        assert verify_register(stand.path, stand.key.public).lines == 1
