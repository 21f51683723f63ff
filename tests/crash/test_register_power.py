"""Power fails at every step of writing a line, closing a book and erasing one; evidence.md names what is left."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bookstand import BookStand, Calendar

from edgecam.custody.register.register_check import RegisterHead, verify_register
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.keys.camera import CameraKey, create_camera_key

pytestmark = [pytest.mark.row("R7"), pytest.mark.row("G3")]

PAGE = Path(__file__).parents[2] / "docs/design/evidence.md"
# What changes a file or its name; before each of them the power may fail.
_STEPS = ("fsync", "rename", "replace", "truncate", "unlink", "pwrite")


class PowerFails(BaseException):
    """Nothing of ours catches it."""


class Supply:
    """Counts steps and fails before one of them; then nothing works until it is back."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.fails_at, self.count = 0, 0
        # By inode, how much of a file is on the medium for sure.
        self.flushed: dict[int, int] = {}
        for name in _STEPS:
            patch.setattr(os, name, self._counted(name, getattr(os, name)))

    def _counted(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            if 0 < self.fails_at <= self.count:
                raise PowerFails
            done = act(*arguments, **named)
            if name == "fsync":
                found = os.fstat(arguments[0])
                self.flushed[found.st_ino] = found.st_size
            return done

        return counted


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> CameraKey:
    return create_camera_key(tmp_path_factory.mktemp("key") / "camera.pem")


def left_behind(folder: Path, copies: Path, flushed: dict[int, int]) -> Iterator[Path]:
    """Every folder that the medium may hold: of what was not flushed, nothing, part or all."""
    loose = [
        (path, flushed.get(path.stat().st_ino, 0))
        for path in folder.iterdir()
        if path.is_file() and path.stat().st_size > flushed.get(path.stat().st_ino, 0) and path.name[0] != "."
    ]
    cuts: list[tuple[Path, int] | None] = [None]
    for path, sure in loose:
        size = path.stat().st_size
        cuts += [(path, at) for at in sorted({sure, sure + 1, (sure + size) // 2, size - 1}) if at < size]
    for number, cut in enumerate(cuts):
        copy = copies / str(number)
        shutil.copytree(folder, copy)
        if cut is not None:
            with open(copy / cut[0].name, "r+b") as file:
                file.truncate(cut[1])
        yield copy


def zeroed(folder: Path) -> None:
    """A file whose size came to the medium and whose pages did not."""
    path = folder / "register.jsonl"
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        with open(path, "ab") as file:
            file.write(bytes(200))


def found_row(stand: BookStand) -> str:
    """What the power cut left, by the name that the page gives it."""
    going = list(stand.path.parent.glob(".register-*.erased"))
    if going:
        return "book-wiped" if not any(going[0].read_bytes()) else "book-going"
    running = stand.path.read_bytes() if stand.path.exists() else None
    if not running:
        return "book-named"
    lines = [line for line in running.splitlines(keepends=True)]
    begins = b'"what":"begin"' in lines[0] or not lines[0].startswith(
        b'{"format":"edgecam-register-1","sequence":1,'
    )
    if not lines[-1].endswith(b"\n"):
        return "begin-torn" if len(lines) == 1 and begins else "line-torn"
    if b'"what":"close"' in lines[-1]:
        return "close-told"
    if b'"act":"erasure"' in lines[-1] and b'"completes":null' in lines[-1]:
        return "erasure-told"
    return "whole"


class Story:
    """Two lines in 2026, power cut somewhere in ``act``; whoever comes back writes one more."""

    def __init__(self, folder: Path, key: CameraKey) -> None:
        folder.mkdir()
        self.stand = BookStand(folder, key, Calendar())
        self.returned: list[RegisterLine] = [self.stand.look("one"), self.stand.look("two")]

    def turn_of_the_year(self) -> None:
        self.stand.calendar.put("2027-04-01T00:00:00")
        self.returned.append(self.stand.look("of the new year"))

    def erasure(self) -> None:
        assert self.stand.tend() == ["register-2026.jsonl"]

    def plain_line(self) -> None:
        self.returned.append(self.stand.look("three"))


def check(stand: BookStand, returned: list[RegisterLine], erases: bool) -> None:
    """The promise, after somebody came back: no line that was acknowledged is lost, and the register is whole."""
    stand.look("after the cut")
    if erases:
        stand.tend()
    heads = [RegisterHead(line.sequence, line.hash) for line in returned]
    verdict = verify_register(stand.path, stand.key.public, heads)
    assert verdict.genuine, verdict.fault
    lines = stand.lines()
    assert lines[-1].purpose == "after the cut" or erases
    whats = [line.detail["what"] for line in lines if line.act is Act.BOOK]
    assert whats in ([], ["close", "begin"], ["begin"], ["begin", "close", "begin"]), whats
    for path in stand.books()[:-1]:
        assert b'"what":"close"' in path.read_bytes().splitlines()[-1]
    assert not list(stand.path.parent.glob(".register-*.erased")) or not erases
    assert len([line for line in lines if line.act is Act.ERASURE and line.completes is None]) == int(erases)


def cuts_of(
    act: str, tmp_path: Path, key: CameraKey, supply: Supply
) -> Iterator[tuple[BookStand, list[RegisterLine]]]:
    """Each state of the medium that a power cut in ``act`` may leave, in a folder of its own."""
    for moment in range(1, 100):
        folder, copies = tmp_path / f"{act}-{moment}", tmp_path / f"{act}-{moment}-cuts"
        copies.mkdir()
        supply.fails_at = 0
        story = Story(folder, key)
        if act == "erasure":
            story.turn_of_the_year()
            story.stand.calendar.put("2032-04-02T00:00:00")
            story.returned.append(story.stand.look("years later"))
        supply.count, supply.fails_at = 0, moment
        try:
            getattr(story, act)()
        except PowerFails:
            supply.fails_at = 0
        else:
            supply.fails_at = 0
            return
        for copy in left_behind(folder, copies, supply.flushed):
            yield BookStand(copy, key, story.stand.calendar), story.returned


ROWS = {
    "plain_line": {"whole", "line-torn"},
    "turn_of_the_year": {"whole", "line-torn", "close-told", "book-named", "begin-torn"},
    "erasure": {"whole", "line-torn", "erasure-told", "book-going", "book-wiped"},
}


@pytest.mark.parametrize("act", ROWS)
@pytest.mark.parametrize("pages", ["cut", "zero"])
def test_any_cut_is_settled(
    act: str, pages: str, tmp_path: Path, key: CameraKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    supply = Supply(monkeypatch)
    found = set()
    for stand, returned in cuts_of(act, tmp_path, key, supply):
        if pages == "zero":
            zeroed(stand.path.parent)
        found.add(found_row(stand))
        check(stand, returned, act == "erasure")
    assert found == ROWS[act]


def test_settling_is_settled_when_it_is_cut_too(
    tmp_path: Path, key: CameraKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    supply = Supply(monkeypatch)
    for number, (stand, returned) in enumerate(cuts_of("turn_of_the_year", tmp_path, key, supply)):
        folder = stand.path.parent
        for moment in range(1, 100):
            again = tmp_path / f"again-{number}-{moment}"
            shutil.copytree(folder, again)
            twice = BookStand(again, key, stand.calendar)
            supply.count, supply.fails_at = 0, moment
            try:
                twice.look("cut")
            except PowerFails:
                supply.fails_at = 0
            else:
                supply.fails_at = 0
                break
            check(twice, returned, erases=False)


def test_every_row_of_the_page_is_tested() -> None:
    section = PAGE.read_text().partition("### Where power can fail between books")[2].partition("\n## ")[0]
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE))
    assert rows == set.union(*ROWS.values()) - {"whole"}
