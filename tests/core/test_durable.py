"""Small files are replaced whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from edgecam.core.durable import append_durably, replace_durably, replace_secret_durably, write_new_durably
from edgecam.core.errors import BadInput, MediaFailing


def test_replacing_keeps_one_file_with_the_given_mode(tmp_path: Path) -> None:
    target = tmp_path / "key"
    replace_durably(target, b"old")
    replace_durably(target, b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["key"]


def test_appending_adds_lines(tmp_path: Path) -> None:
    target = tmp_path / "lines"
    append_durably(target, b"one\n")
    append_durably(target, b"two\n")
    assert target.read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("write", [replace_durably, append_durably])
def test_a_full_medium_is_told_in_one_sentence(write: object) -> None:
    with pytest.raises(MediaFailing, match="could not be") as told:
        write(Path("/dev/full/file"), b"x")  # type: ignore[operator]
    assert "untouched" in told.value.safe


def test_a_secret_that_was_replaced_is_overwritten_where_it_lay(tmp_path: Path) -> None:
    target = tmp_path / "secret"
    replace_secret_durably(target, b"the old secret")
    with open(target, "rb") as old:
        replace_secret_durably(target, b"the new one")
        left = old.read()
    assert len(left) == len(b"the old secret")
    assert left != b"the old secret"
    assert target.read_bytes() == b"the new one"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["secret"]


def test_a_new_file_never_takes_the_place_of_another(tmp_path: Path) -> None:
    target = tmp_path / "page"
    write_new_durably(target, b"secret")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(BadInput, match="exists already"):
        write_new_durably(target, b"other")
    assert target.read_bytes() == b"secret"
    with pytest.raises(MediaFailing):
        write_new_durably(tmp_path / "no folder" / "page", b"secret")
    assert os.listdir(tmp_path) == ["page"]
