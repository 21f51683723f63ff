"""From the passphrase to paper and back: the kit by the command line, with public tools, and a new passphrase."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from agentstand import PASSPHRASE, Agent, camera, frame_times_s, owner
from scan import scanned

from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader

pytestmark = [
    pytest.mark.row("K5"),
    pytest.mark.skipif(
        shutil.which("pdftoppm") is None or shutil.which("age") is None,
        reason="Debian's packages poppler-utils and age are not installed",
    ),
]

NEW = "eleven grey geese over the weir 7"
READER = Path(__file__).parents[2] / "docs" / "design" / "read_ring.py"


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """A camera that has recorded a little and was stopped."""
    with camera(tmp_path_factory.mktemp("kit") / "camera") as agent:
        with agent.started():
            agent.wait_recording(4)
        yield agent


@pytest.fixture(scope="module")
def kit(filmed: Agent) -> Path:
    path = filmed.folder / "kit.pdf"
    filmed.done("kit", "-o", str(path))
    return path


def text_of(pdf: Path) -> str:
    return subprocess.run(["pdftotext", "-raw", str(pdf), "-"], capture_output=True, text=True, check=True).stdout


def typed(pdf: Path) -> str:
    """What a person would type from the page."""
    found = re.search(r"AGE-SECRET-KEY-1\n([0-9A-Z ]+)\n([0-9A-Z ]+)\n", text_of(pdf))
    assert found is not None
    return f"age-secret-key-1 {found[1]} {found[2]}".lower()


def key_changes(agent: Agent, what: str) -> list[RegisterLine]:
    return [line for line in agent.register_lines() if line.act is Act.KEY_CHANGE and line.detail["what"] == what]


def test_the_page_is_for_its_owner_alone(kit: Path, filmed: Agent) -> None:
    assert stat.S_IMODE(kit.stat().st_mode) == 0o600
    # A path may be too long for one line of the page.
    shown = "".join(text_of(kit).split())
    for fact in (filmed.key.camera_id, owner()[0], str(filmed.places.ring)):
        assert fact in shown
    (line,) = key_changes(filmed, "kit")
    assert line.detail["language"] == "en"


def test_the_reader_opens_the_footage_with_the_scanned_page_and_the_card(
    kit: Path, filmed: Agent, tmp_path: Path
) -> None:
    shutil.copy(filmed.places.ring, tmp_path / "ring.edgecam")
    (tmp_path / "key.txt").write_text(scanned(kit) + "\n")
    (command,) = re.findall(r"^python3 (read_ring.py .*)$", text_of(kit), re.MULTILINE)
    arguments = command.removeprefix("read_ring.py ").split()
    subprocess.run([sys.executable, str(READER), *arguments], cwd=tmp_path, check=True, timeout=120)
    assert len(frame_times_s(tmp_path / "footage.mp4")) == sum(header.frame_count for header in filmed.headers())


def test_the_age_tool_opens_a_sealed_key_with_what_was_typed(kit: Path, filmed: Agent, tmp_path: Path) -> None:
    key = tmp_path / "key.txt"
    key.write_text("".join(typed(kit).split()).upper() + "\n")
    medium = FileMedium.open(filmed.places.ring, writable=False)
    sealed = RingReader(medium).epochs()[0].sealed_key
    medium.close()
    opened = subprocess.run(["age", "-d", "-i", str(key)], input=sealed, capture_output=True, check=True)
    assert opened.stdout == owner()[2].unseal(sealed)


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_it_goes_straight_to_a_printer_in_each_language(filmed: Agent, language: str, tmp_path: Path) -> None:
    before = set(filmed.folder.rglob("*"))
    done = subprocess.run(
        filmed._edgecam("kit", "-o", "-", "--language", language),
        env={**os.environ, "EDGECAM_PASSPHRASE": PASSPHRASE, "TMPDIR": str(tmp_path)},
        cwd=filmed.folder,
        capture_output=True,
        check=False,
    )
    if b"fonts-noto-cjk" in done.stderr:
        pytest.skip("Debian's package fonts-noto-cjk is not installed")
    assert done.returncode == 0, done.stderr
    # Nothing of it lies anywhere but in the pipe; that it was printed stands in the register.
    assert all("register.jsonl" in path.name for path in set(filmed.folder.rglob("*")) - before)
    assert list(tmp_path.iterdir()) == []
    path = tmp_path / "kit.pdf"
    path.write_bytes(done.stdout)
    assert scanned(path) == owner()[2].secret()


def test_the_camera_does_not_keep_it(filmed: Agent, kit: Path) -> None:
    state = filmed.places.state_dir
    for out in (state / "kit.pdf", state / "deeper" / ".." / "kit.pdf"):
        (state / "deeper").mkdir(exist_ok=True)
        refused = filmed.command("kit", "-o", str(out))
        assert "stolen camera" in refused.refusal
    aside = filmed.folder / "aside"
    aside.symlink_to(state)
    assert "stolen camera" in filmed.command("kit", "-o", str(aside / "kit.pdf")).refusal
    secret = owner()[2].secret().encode()
    assert not [path for path in state.rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert "exists already" in filmed.command("kit", "-o", str(kit)).refusal
    assert "no recovery kit in 'fr'" in filmed.command("kit", "-o", "x.pdf", "--language", "fr").refusal
    assert "passphrase" in filmed.command("kit", "-o", "x.pdf", EDGECAM_PASSPHRASE="wrong").refusal
    assert not (filmed.folder / "x.pdf").exists()


@pytest.fixture
def locked(filmed: Agent) -> Iterator[Path]:
    """The owner's locked secret; as it was again afterwards."""
    before = filmed.places.locked_owner.read_bytes()
    yield filmed.places.locked_owner
    filmed.places.locked_owner.write_bytes(before)


def test_a_new_passphrase_takes_the_place_of_the_old_one(filmed: Agent, locked: Path, kit: Path) -> None:
    before = locked.read_bytes()
    with open(locked, "rb") as old:
        changed = filmed.command("passphrase", EDGECAM_NEW_PASSPHRASE=NEW)
        left = old.read()
    assert changed.code == 0, changed.err
    # A card that is looked into byte by byte no longer holds what the old passphrase opened.
    assert len(left) == len(before)
    assert b"age-encryption" not in left
    export = ("export", "--from", "1970-01-01", "-o", "after.mp4")
    assert "passphrase does not open" in filmed.command(*export).refusal
    assert filmed.command(*export, EDGECAM_PASSPHRASE=NEW).code == 0
    begun, ended = key_changes(filmed, "passphrase")
    assert (begun.detail["by"], ended.completes) == ("passphrase", begun.sequence)
    assert filmed.done("check")


def test_a_lost_passphrase_is_replaced_from_the_kit(filmed: Agent, locked: Path, kit: Path) -> None:
    locked.unlink()
    changed = filmed.command("passphrase", "--kit", EDGECAM_KIT=typed(kit), EDGECAM_NEW_PASSPHRASE=NEW)
    assert changed.code == 0, changed.err
    exported = filmed.command("export", "--from", "1970-01-01", "-o", "again.mp4", EDGECAM_PASSPHRASE=NEW)
    assert exported.code == 0, exported.err
    assert key_changes(filmed, "passphrase")[-2].detail["by"] == "kit"


STRANGER = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33"


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (("passphrase",), {"EDGECAM_PASSPHRASE": "wrong", "EDGECAM_NEW_PASSPHRASE": NEW}, "does not open"),
        (("passphrase",), {"EDGECAM_NEW_PASSPHRASE": "short"}, "5 characters"),
        (("passphrase",), {}, "set EDGECAM_NEW_PASSPHRASE"),
        (("passphrase", "--kit"), {"EDGECAM_NEW_PASSPHRASE": NEW}, "set EDGECAM_KIT"),
        (("passphrase", "--kit"), {"EDGECAM_KIT": "lost", "EDGECAM_NEW_PASSPHRASE": NEW}, "wrong or missing"),
        (("passphrase", "--kit"), {"EDGECAM_KIT": STRANGER, "EDGECAM_NEW_PASSPHRASE": NEW}, "another camera"),
    ],
)
def test_what_is_refused_changes_nothing(
    filmed: Agent, arguments: tuple[str, ...], environment: dict[str, str], sentence: str
) -> None:
    before, lines = filmed.places.locked_owner.read_bytes(), len(filmed.register_lines())
    assert sentence in filmed.command(*arguments, powerless=False, **environment).refusal
    assert filmed.places.locked_owner.read_bytes() == before
    assert len(filmed.register_lines()) == lines
