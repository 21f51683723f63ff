"""What several users' parts make in a folder of theirs is theirs; everywhere else it is one user's."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgecam.core.durable import (
    append_durably,
    changing_alone,
    make_shared_folder,
    open_shared,
    replace_durably,
    replace_secret_durably,
)

pytestmark = pytest.mark.row("I3")


@pytest.fixture(params=[0o022, 0o077, 0o007])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def make_everything(folder: Path) -> None:
    replace_durably(folder / "replaced", b"1", shared=True)
    replace_secret_durably(folder / "replaced", b"2", shared=True)
    append_durably(folder / "appended", b"1\n", shared=True)
    os.close(open_shared(folder / "opened", os.O_RDWR))
    with changing_alone(folder / "changed"):
        pass


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize("mode", [0o700, 0o755, 0o770, 0o2750, 0o2700])
def test_in_a_folder_that_is_not_handed_on_all_is_one_users(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(mode)
    make_everything(folder)
    make_shared_folder(folder / "inner")
    assert modes(folder) == {0o600, (folder / "inner").stat().st_mode & 0o7777}
    assert (folder / "inner").stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("umask")
def test_in_a_shared_folder_all_is_shared_but_what_is_not_said_to_be(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(0o2770)
    make_everything(folder)
    assert modes(folder) == {0o660}
    make_shared_folder(folder / "inner")
    assert stat.S_IMODE((folder / "inner").stat().st_mode) == 0o2770
    make_everything(folder / "inner")
    assert modes(folder / "inner") == {0o660}
    replace_durably(folder / "secret", b"1")
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600


def test_what_somebody_gave_other_rights_keeps_them_where_nothing_is_shared(tmp_path: Path) -> None:
    path = tmp_path / "register.jsonl"
    path.touch(mode=0o644)
    path.chmod(0o644)
    append_durably(path, b"1\n", shared=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
