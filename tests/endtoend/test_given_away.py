"""Footage given away on a real recorder: on the command line, and as a job of the page while recording goes on."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
from agentstand import PASSPHRASE, QUARTER_OF_AN_HOUR, Agent, NewCamera, wait_until
from test_two_person import Person, give_accounts

from edgecam.custody.evidence.verify import verify_export

pytestmark = [pytest.mark.row("G2"), pytest.mark.row("G9"), pytest.mark.row("R5"), pytest.mark.long]


def _said(agent: Agent, *arguments: str) -> str:
    """What a command of a group says, which takes the settings of the folder that it runs in."""
    command = [sys.executable, "-m", "edgecam", *arguments]
    done = subprocess.run(command, cwd=agent.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _case_of(agent: Agent) -> str:
    """A case of the police, granted, about all that was recorded."""
    asker = ("--for", "police", "--name", "Inspector Mori", "--legal-basis", "Code of Criminal Procedure 197(2)")
    wanted = ("--want", "copy", "--purpose", "theft of a bicycle", "--from", "-15m")
    case_id = str(json.loads(_said(agent, "request", "ask", *wanted, *asker, "--json"))["case"])
    _said(agent, "approve", case_id)
    return case_id


def test_the_command_line_gives_away_and_keeps_a_duplicate(new_camera: NewCamera, tmp_path: Path) -> None:
    agent = new_camera(sections={"retention": QUARTER_OF_AN_HOUR})
    with agent.started():
        agent.wait_recording(3)
    case_id, out = _case_of(agent), tmp_path / "package"

    told = agent.done("disclose", case_id, "-o", str(out))

    assert "a duplicate is kept" in told
    proven = subprocess.run(["sh", "verify.sh"], cwd=out, capture_output=True, text=True, check=False)
    assert proven.returncode == 0, proven.stdout + proven.stderr
    assert "nothing was cut off" in agent.done(
        "verify", str(out / "copy.mp4"), "--page", str(out / "register-page.jsonl")
    )
    assert f"{case_id}-1" in agent.done("disclose", "list")
    assert "exists already" in agent.command("disclose", case_id, "-o", str(out)).refusal
    marked = tmp_path / "marked"
    agent.done("disclose", case_id, "-o", str(marked), "--watermark", "Mori 2026-11-22")
    assert "no original" in agent.done("verify", str(marked / "copy.mp4"))
    assert "why" in agent.command("disclose", "erase", f"{case_id}-1").refusal
    agent.done("disclose", "erase", f"{case_id}-1", "--reason", "the court said so")
    assert f"{case_id}-1" not in agent.done("disclose", "list")

    review = tmp_path / "review"
    said = agent.done("disclose", case_id, "--obscure", "--review", str(review), "--box", "1-2:0,0,64,64")
    frames = int(said.rsplit("--frames-seen ", 1)[1].split()[0])
    release = ("disclose", "release", case_id, "--review", str(review), "-o", str(tmp_path / "covered"))
    assert "looked at" in agent.command(*release, "--reviewed-by", "Kim", "--frames-seen", "3").refusal
    agent.done(*release, "--reviewed-by", "Kim", "--frames-seen", str(frames))
    assert not review.exists()
    assert "reviewed by Kim" in agent.done("verify", str(tmp_path / "covered" / "copy.mp4"))


def _job(person: Person, case_id: str) -> Any:
    return person.done("GET", f"/api/disclosures/{case_id}")


def test_the_page_gives_away_while_it_records(new_camera: NewCamera, tmp_path: Path) -> None:
    agent = new_camera(sections={"retention": QUARTER_OF_AN_HOUR})
    give_accounts(agent)
    with agent.started():
        agent.wait_recording(3)
        case_id = _case_of(agent)
        person = Person(agent, "owner")
        try:
            wrong = person.ask(
                "POST", f"/api/cases/{case_id}/disclosure", {"passphrase": "not the right one at all"}
            )
            assert wrong.status_code == 403, wrong.text
            wait_until(
                lambda: (
                    person.ask("POST", f"/api/cases/{case_id}/disclosure", {"passphrase": PASSPHRASE}).status_code
                    == 200
                ),
                "the wait after a wrong passphrase is over",
            )
            wait_until(lambda: _job(person, case_id)["state"] == "ready", "the package is ready")
            fetched = person.ask("GET", f"/api/disclosures/{case_id}/package")
            with tarfile.open(fileobj=io.BytesIO(fetched.content)) as tar:
                tar.extractall(tmp_path, filter="data")
            assert verify_export(tmp_path / case_id / "copy.mp4", agent.key.public).genuine
            (kept,) = person.done("GET", "/api/disclosures")["duplicates"]
            assert kept["case_id"] == case_id
            person.done("DELETE", f"/api/disclosures/{case_id}")
            assert _job(person, case_id) is None

            asked = {"passphrase": PASSPHRASE, "obscure": True}
            person.done("POST", f"/api/cases/{case_id}/disclosure", asked)
            wait_until(lambda: _job(person, case_id)["state"] == "review", "it can be reviewed", 300)
            frames = _job(person, case_id)["frames"]
            release = (f"/api/disclosures/{case_id}/release", {"passphrase": PASSPHRASE})
            assert person.ask("POST", *release).status_code == 400
            for number in range(1, frames + 1):
                picture = person.ask("GET", f"/api/disclosures/{case_id}/frames/{number}.jpg")
                assert picture.content.startswith(b"\xff\xd8")
            wait_until(lambda: person.ask("POST", *release).status_code == 200, "it is released")
            wait_until(lambda: _job(person, case_id)["state"] in ("ready", "failed"), "the covered one is ready")
            assert _job(person, case_id)["state"] == "ready", _job(person, case_id)
            assert person.ask("GET", f"/api/disclosures/{case_id}/frames/1.jpg").status_code == 400
        finally:
            person.close()
        assert not agent.faults(), agent.faults()
