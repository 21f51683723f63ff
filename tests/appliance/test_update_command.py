"""`edgecam update` on a machine that is no image, and on one that is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from bundlestand import RELEASE
from newcamerastand import NewCameraStand
from test_bootslots import slots_in
from typer.testing import CliRunner

from edgecam.appliance.bootslots import BootChoice, Slot, State, encode_choice
from edgecam.appliance.rauc import RaucCommand
from edgecam.appliance.updatenotes import Looked, Refused, UpdateNotes
from edgecam.appliance.updating import Machine, Updates
from edgecam.cli import update
from edgecam.core.clock import SystemClock
from edgecam.core.errors import NotAllowed
from edgecam.places import find_places

pytestmark = pytest.mark.row("I2")


@pytest.mark.parametrize(
    "words", [["status"], ["check"], ["install", "x.raucb"], ["defer"], ["resume"], ["rollback"]]
)
def test_a_machine_that_is_no_image(tmp_path: Path, words: list[str]) -> None:
    if Path("/usr/lib/edgecam/release.toml").exists():
        pytest.skip("this machine is an image")
    stand = NewCameraStand(tmp_path / "camera")
    ran = CliRunner().invoke(update.app, [*words, "--settings", str(stand.folder / "edgecam.toml")])
    assert isinstance(ran.exception, NotAllowed)
    assert "does not run the edgecam image" in str(ran.exception)


@pytest.fixture
def on_an_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of a camera in slot A of an image."""
    stand = NewCameraStand(tmp_path / "camera")
    slots = slots_in(tmp_path / "boot", encode_choice(BootChoice(Slot.A, State.GOOD, State.BAD)))
    (tmp_path / "system").mkdir()
    notes = UpdateNotes(tmp_path / "system")

    def opened(settings: Path | None) -> Updates:
        assert settings is not None
        told, places = find_places(settings)
        machine = Machine(slots, RaucCommand(), lambda: None, tmp_path / "none")
        return Updates(RELEASE, told.update.url, places, machine, notes, SystemClock())

    monkeypatch.setattr(update, "_open", opened)
    return stand.folder / "edgecam.toml"


def told(settings: Path, *words: str) -> str:
    ran = CliRunner().invoke(update.app, [*words, "--settings", str(settings)])
    assert ran.exit_code == 0, ran.exception
    return ran.stdout


def test_how_it_stands(on_an_image: Path, tmp_path: Path) -> None:
    assert told(on_an_image, "status") == (
        "running  0.2.0+20261122063000 for generic, slot A\nother    nothing that can be started\n"
    )
    notes = UpdateNotes(tmp_path / "system")
    notes.refuse(Refused("0.3.0", "it does not record", 5))
    notes.look(Looked("0.3.1", True, "", 6))
    lines = told(on_an_image, "status").splitlines()
    assert lines[2:] == ["refused  0.3.0: it does not record", "offered  0.3.1, newer"]
    standing = json.loads(told(on_an_image, "status", "--json"))
    assert standing["refused"] == {"version": "0.3.0", "why": "it does not record", "at_wall_ns": 5}
    assert (standing["version"], standing["slot"], standing["on_trial"]) == ("0.2.0+20261122063000", "A", False)


@pytest.mark.provision("EN303645-5.3-6A")
def test_what_waits_is_put_off_and_no_longer(on_an_image: Path) -> None:
    assert "Until 2" in told(on_an_image, "defer", "week")
    standing = json.loads(told(on_an_image, "status", "--json"))
    assert standing["deferred_until_wall_ns"] > 0
    assert told(on_an_image, "status").splitlines()[-1].startswith("put off  until 2")
    assert told(on_an_image, "resume") == "Nothing is put off.\n"
    assert "put off" not in told(on_an_image, "status")


def test_it_is_a_command_of_edgecam() -> None:
    from edgecam.__main__ import app

    ran = CliRunner().invoke(app, ["update", "--help"])
    assert ran.exit_code == 0
    assert isinstance(update.app, typer.Typer)
    assert all(command in ran.stdout for command in ("status", "check", "install", "defer", "resume", "rollback"))
