"""The script that goes along with a copy finds what the camera's own verifier finds, under every shell there is."""

from __future__ import annotations

import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from custodystand import Camera
from disclosurestand import disclosure_stand
from tamperstand import assembled, flipped, moved, records_of, true_copy, with_header

from edgecam.custody.disclosure.disclosure import Giving, give

pytestmark = [pytest.mark.row("K4")]
_SCRIPT = str(files("edgecam.custody.evidence").joinpath("verify.sh"))
_SHELLS = [shell for shell in (["dash"], ["bash", "--posix"], ["busybox", "sh"]) if shutil.which(shell[0])]


@pytest.fixture(scope="module")
def copy(street: Camera, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    return true_copy(street, tmp_path_factory.mktemp("true") / "copy.mp4")


def _said(*arguments: str | Path, shell: list[str] = _SHELLS[0]) -> tuple[int, str]:
    command = [*shell, _SCRIPT, *(str(one) for one in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("shell", _SHELLS, ids=[shell[0] for shell in _SHELLS])
def test_a_true_copy_is_accepted_and_a_changed_one_named(
    copy: Path, street: Camera, tmp_path: Path, shell: list[str]
) -> None:
    code, said = _said("-k", street.key.public.hex(), copy, shell=shell)
    assert code == 0, said
    assert "genuine: 2026-03-01 08:00:00.000 UTC to 2026-03-01 09:00:01.666 UTC, 9 segments, 75 frames" in said
    assert street.key.camera_id in said
    assert "gaps in it, told by the camera: 2" in said
    assert "not synchronised: 3" in said

    fourth = records_of(copy)[3]
    code, said = _said(flipped(copy, tmp_path / "f.mp4", fourth.offset + fourth.size_bytes - 5), shell=shell)
    assert code == 1, said
    assert "was changed (frames 26 to 35)" in said
    assert "2026-03-01 08:00:05.066 UTC" in said


def test_every_kind_of_change_is_named(copy: Path, street: Camera, tmp_path: Path) -> None:
    changed = {
        "init": (flipped(copy, tmp_path / "i.mp4", 60), "the init"),
        "moved": (moved(copy, tmp_path / "m.mp4", 2), "moved in time (frames 21 to 25)"),
        "dropped": (assembled(street, tmp_path / "d.mp4", [0, 1, 4, 5]), "cut: 2 segments are missing"),
        "exchanged": (assembled(street, tmp_path / "x.mp4", [0, 2, 1, 3]), "cut: 1 segments are missing"),
        "twice": (
            assembled(street, tmp_path / "t.mp4", [0, 1, 1, 2]),
            "stands in the wrong place (frames 21 to 30)",
        ),
        "mask": (with_header(copy, tmp_path / "h.mp4", 4, mask_hash=bytes(32)), "(from frame 36 on)"),
        "last": (with_header(copy, tmp_path / "l.mp4", 8, mask_hash=bytes(32)), "(from frame 71 on)"),
    }
    for name, (path, told) in changed.items():
        code, said = _said(path)
        assert code == 1, (name, said)
        assert told in said, (name, said)


def test_bits_all_over_the_manifest_count(copy: Path, tmp_path: Path) -> None:
    size = copy.stat().st_size
    start = size - int.from_bytes(copy.read_bytes()[-8:], "big")
    step = (size - start) // 40
    crc = copy.read_bytes().rindex(b'"}') - 5
    places = [*range(start, size, step), start + 33, size - 1, size - 10, crc]
    for at in places:
        code, said = _said(flipped(copy, tmp_path / "flipped.mp4", at))
        assert code == 1, (at - start, said)
        assert "NOT GENUINE" in said


def test_another_cameras_key_and_no_copy_at_all_are_refused(copy: Path, tmp_path: Path) -> None:
    code, said = _said("-k", "00" * 32, copy)
    assert (code, "another camera" in said) == (1, True)
    (tmp_path / "any.mp4").write_bytes(b"nothing of the kind" * 10)
    code, said = _said(tmp_path / "any.mp4")
    assert (code, "no manifest" in said) == (1, True)
    (tmp_path / "empty.mp4").write_bytes(b"")
    assert _said(tmp_path / "empty.mp4")[0] == 1
    assert _said(tmp_path / "none.mp4")[0] == 2


def test_a_package_proves_itself_with_its_page(street: Camera, copy: Path, tmp_path: Path) -> None:
    stand = disclosure_stand(street, tmp_path / "state")
    given = give(stand.parts, stand.granted(), Giving("owner"), tmp_path / "out", street.reader(), street.owner)

    done = subprocess.run([_SHELLS[0][0], "verify.sh"], cwd=given.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing was cut off its edges" in done.stdout

    cut = assembled(street, tmp_path / "cut.mp4", [2, 3, 4])
    assert _said(cut)[0] == 0
    code, said = _said("-p", given.path / "register-page.jsonl", cut)
    assert (code, "edges were cut" in said) == (1, True)
    # Several files are all looked at.
    code, said = _said(copy, cut)
    assert (code, said.count("genuine")) == (0, 2)
