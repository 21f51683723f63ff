"""The commands in the design page prove a real copy with public tools alone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from custodystand import START_WALL_NS, Camera

from edgecam.core.clock import NS_PER_S
from edgecam.custody.evidence.export import Purpose, export_footage

_PAGE = Path(__file__).parents[3] / "docs" / "design" / "evidence.md"
_TOOLS = ("bash", "jq", "xxd", "sha256sum", "openssl")


def _by_hand(folder: Path) -> list[str]:
    """What the commands of the page print in ``folder``, line by line."""
    about_copies = _PAGE.read_text().partition("\n## The register\n")[0]
    commands = "\n".join(re.findall(r"```sh\n(.*?)```", about_copies, re.DOTALL))
    assert commands.count("openssl pkeyutl -verify") == 2
    script = ["bash", "-euo", "pipefail", "-c", commands]
    return subprocess.run(script, cwd=folder, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.fixture
def folder(street: Camera, tmp_path: Path) -> Path:
    for tool in _TOOLS:
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    copy, asked_by = tmp_path / "copy.mp4", Purpose("owner", "test")
    end = START_WALL_NS + 86_400 * NS_PER_S
    export_footage(street.reader(), street.owner, START_WALL_NS, end, copy, street.register(), asked_by)
    return tmp_path


@pytest.mark.row("K4")
def test_the_commands_of_the_page_prove_a_copy(folder: Path) -> None:
    said = _by_hand(folder)

    assert said[:2] == ["12:mfhd", "64:tfdt"]
    assert said[4] == said[7] == "Signature Verified Successfully"
    for computed, signed in [(said[2], said[3]), (said[5], said[6]), (said[8], said[9])]:
        assert computed == f"{signed}  -"
    assert said[10] == "Sun Mar  1 08:00:00 UTC 2026"


@pytest.mark.row("K4")
def test_they_disprove_a_changed_picture(folder: Path) -> None:
    copy = folder / "copy.mp4"
    content = bytearray(copy.read_bytes())
    second = [at.start() for at in re.finditer(b"mdat", content)][1]
    content[second + 60] ^= 1
    copy.write_bytes(content)

    said = _by_hand(folder)

    assert said[2] != f"{said[3]}  -"
    assert said[4] == "Signature Verified Successfully"
