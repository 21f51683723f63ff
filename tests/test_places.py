"""Everything of one camera lies in its state folder, and what passes lies in RAM."""

import os
import shutil
from pathlib import Path

import pytest

from edgecam.core.errors import BadInput
from edgecam.places import find_places, prepare_run_dir


def write(folder: Path, text: str) -> Path:
    (folder / "state").mkdir(exist_ok=True)
    (folder / "edgecam.toml").write_text('[paths]\nstate_dir = "state"\n' + text)
    return folder / "edgecam.toml"


def test_paths_are_relative_to_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, '[ring]\npath = "/dev/mmcblk0p5"\n')
    monkeypatch.chdir("/")
    _, places = find_places(path)
    assert places.state_dir == tmp_path / "state"
    assert places.ring == Path("/dev/mmcblk0p5")
    assert places.masks == tmp_path / "state" / "masks.json"


@pytest.mark.row("K1")
def test_passing_things_lie_in_ram_for_this_user_only(tmp_path: Path) -> None:
    _, places = find_places(write(tmp_path, ""))
    prepare_run_dir(places)
    try:
        assert places.run_dir.is_relative_to("/dev/shm")
        assert places.run_dir.stat().st_mode & 0o777 == 0o700
    finally:
        shutil.rmtree(places.run_dir)


def test_two_cameras_have_two_passing_folders(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = find_places(write(tmp_path / "a", ""))[1], find_places(write(tmp_path / "b", ""))[1]
    assert one.run_dir != other.run_dir


@pytest.mark.row("K1")
def test_a_passing_folder_on_a_disk_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    path.write_text(path.read_text() + f'run_dir = "{Path.cwd()}"\n')
    with pytest.raises(BadInput, match="not in RAM"):
        prepare_run_dir(find_places(path)[1])


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to another user")
def test_a_passing_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "")
    _, places = find_places(path)
    prepare_run_dir(places)
    try:
        os.chown(places.run_dir, 12345, 12345)
        with pytest.raises(BadInput, match="another user"):
            prepare_run_dir(places)
    finally:
        shutil.rmtree(places.run_dir)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to another user")
@pytest.mark.parametrize(
    ("group", "mode", "ours"), [(0, 0o2770, True), (0, 0o770, False), (0, 0o2775, False), (12345, 0o2770, False)]
)
def test_a_passing_folder_may_be_several_users_who_are_one_group(
    tmp_path: Path, group: int, mode: int, ours: bool
) -> None:
    _, places = find_places(write(tmp_path, ""))
    prepare_run_dir(places)
    try:
        os.chown(places.run_dir, 12345, group)
        places.run_dir.chmod(mode)
        if ours:
            prepare_run_dir(places)
        else:
            with pytest.raises(BadInput, match="another user"):
                prepare_run_dir(places)
    finally:
        shutil.rmtree(places.run_dir)
