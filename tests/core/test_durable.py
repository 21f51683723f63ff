"""Small files are replaced whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from edgecam.core.durable import append_durably, replace_durably
from edgecam.core.errors import MediaFailing


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
