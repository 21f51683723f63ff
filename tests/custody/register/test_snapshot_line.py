"""Switching snapshots on or off stands in the register once, whatever happens between the line and its note."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.masksets import CAMERA

from edgecam.core.errors import MediaFailing
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line
from edgecam.custody.register.snapshot_line import NO_SNAPSHOTS, SnapshotChoice, register_snapshot_choice

pytestmark = pytest.mark.row("T6")

SEALED = SnapshotChoice("sealed", "mqtts://broker.example:8883")
HOME = SnapshotChoice("own_home", "mqtt://127.0.0.1:1883")
MOVED = SnapshotChoice("own_home", "mqtts://elsewhere.example:8883")


def _register(folder: Path) -> Register:
    return Register(folder / "register.jsonl", CAMERA.sign, CAMERA.public)


def _lines(register: Register) -> list[RegisterLine]:
    if not register.path.exists():
        return []
    return [decode_line(line) for line in register.path.read_bytes().splitlines(keepends=True)]


def test_each_change_is_a_line_and_each_start_is_none(tmp_path: Path) -> None:
    register, told = _register(tmp_path), tmp_path / "snapshots.json"
    for chosen in (NO_SNAPSHOTS, SEALED, SEALED, HOME, HOME, MOVED, NO_SNAPSHOTS, NO_SNAPSHOTS, SEALED):
        register_snapshot_choice(register, chosen, told)
    lines = _lines(register)
    assert [(line.act, line.detail["before"], line.detail["after"], line.detail["broker"]) for line in lines] == [
        (Act.SETTING_CHANGE, "off", "sealed", SEALED.broker),
        (Act.SETTING_CHANGE, "sealed", "own_home", HOME.broker),
        (Act.SETTING_CHANGE, "own_home", "own_home", MOVED.broker),
        (Act.SETTING_CHANGE, "own_home", "off", ""),
        (Act.SETTING_CHANGE, "off", "sealed", SEALED.broker),
    ]
    assert verify_register(register.path, CAMERA.public).genuine


@pytest.mark.parametrize("left", [b"", b"{}", b"[", b"null", b"\xff", b'{"snapshots":"sealed"}'])
def test_a_note_that_tells_nothing_is_a_line_again(tmp_path: Path, left: bytes) -> None:
    register, told = _register(tmp_path), tmp_path / "snapshots.json"
    register_snapshot_choice(register, SEALED, told)
    told.write_bytes(left)
    for _ in range(2):
        register_snapshot_choice(register, SEALED, told)
    assert [line.detail["before"] for line in _lines(register)] == ["off", "unknown"]


def test_without_a_line_the_choice_is_not_taken_as_told(tmp_path: Path) -> None:
    told = tmp_path / "snapshots.json"
    with pytest.raises(MediaFailing):
        register_snapshot_choice(_register(tmp_path / "gone"), SEALED, told)
    assert not told.exists()
    register = _register(tmp_path)
    register_snapshot_choice(register, SEALED, told)
    assert len(_lines(register)) == 1
