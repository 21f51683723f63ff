"""What lies in the boot folder, written by any editor, and what the camera answers there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.appliance.bootfolder import PROBLEMS, BootFolder, decode_text, word
from edgecam.core.errors import BadInput, MediaFailing

pytestmark = pytest.mark.row("I1")
TEXT = '[camera]\nname = "玄関"\n'


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
        TEXT.replace("\n", "\r").encode(),
    ],
)
@pytest.mark.parametrize("name", ["edgecam.toml", "edgecam.toml.txt", "EDGECAM.TOML", "Edgecam.toml.TXT"])
def test_any_editor_may_have_written_it(tmp_path: Path, data: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(data)
    assert BootFolder(tmp_path).text("edgecam.toml") == TEXT


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text = decode_text(data, "edgecam.toml")
    except BadInput:
        return
    assert "\r" not in text


def test_what_is_too_long_is_refused(tmp_path: Path) -> None:
    (tmp_path / "edgecam.toml").write_bytes(b"#" * 70_000)
    with pytest.raises(BadInput, match="more than 64 KiB"):
        BootFolder(tmp_path).text("edgecam.toml")


def test_a_file_that_was_taken_leaves_a_note_and_none_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "wifi.toml.txt").write_bytes(b"secret")
    with (tmp_path / "wifi.toml.txt").open("rb") as still_open:
        BootFolder(tmp_path).take("wifi.toml", "It was taken.")
        # Where it lay there is nothing of it left.
        assert still_open.read() == bytes(6)
    assert [path.name for path in tmp_path.iterdir()] == ["wifi.toml.taken"]
    assert "It was taken." in (tmp_path / "wifi.toml.taken").read_text()


def test_what_a_cut_left_half_wiped_is_wiped(tmp_path: Path) -> None:
    for name, data in (("camera.key", bytes(40)), ("wifi.toml.txt", bytes(512) + b"rest"), ("owner.age", b"age")):
        (tmp_path / name).write_bytes(data)
    BootFolder(tmp_path).finish_taking(("camera.key", "wifi.toml", "owner.age", "edgecam.toml"))
    assert [path.name for path in tmp_path.iterdir()] == ["owner.age"]


def test_an_answer_that_stays_the_same_is_written_once(tmp_path: Path) -> None:
    folder = BootFolder(tmp_path)
    folder.answer(["one", "two"])
    before = (tmp_path / PROBLEMS).stat()
    folder.answer(["one", "two"])
    assert (tmp_path / PROBLEMS).stat().st_mtime_ns == before.st_mtime_ns
    folder.answer([])
    assert not (tmp_path / PROBLEMS).exists()


def test_a_folder_that_is_not_there_is_empty_and_cannot_be_answered_in(tmp_path: Path) -> None:
    folder = BootFolder(tmp_path / "none")
    assert folder.text("edgecam.toml") is None
    assert not folder.holds("factory-reset")
    folder.take("edgecam.toml", "never there")
    with pytest.raises(MediaFailing):
        folder.answer(["one"])


def test_a_word_is_the_first_line_that_says_something() -> None:
    assert word("\n# remark\n  age1x  \nmore\n") == "age1x"
    assert word("") == ""
