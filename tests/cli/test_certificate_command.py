"""`edgecam certificate` on a camera that does not run: shown, renewed, handed out; each new one in the register."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from agentstand import Agent, camera

pytestmark = pytest.mark.row("K3")


def test_from_the_first_look_to_a_new_authority(tmp_path: Path) -> None:
    with camera(tmp_path / "camera") as agent:
        first = json.loads(agent.done("certificate", "show", "--json"))
        assert first == json.loads(agent.done("certificate", "show", "--json"))
        assert first["page"]["fingerprint"] in agent.done("certificate", "show")
        renewed = json.loads(agent.done("certificate", "renew", "--json"))
        assert renewed["authority"] == first["authority"]
        assert renewed["page"]["fingerprint"] != first["page"]["fingerprint"]
        _hand_out(agent, tmp_path / "ca.crt", first["authority"]["fingerprint"])
        anew = json.loads(agent.done("certificate", "renew", "--authority", "--json"))
        assert anew["authority"]["fingerprint"] != first["authority"]["fingerprint"]
        said = [line.detail["what"] for line in agent.register_lines() if line.purpose.startswith("HTTPS")]
        assert said == ["page certificate", "page authority and certificate"]


def _hand_out(agent: Agent, file: Path, fingerprint: str) -> None:
    told = json.loads(agent.done("certificate", "ca", "-o", str(file), "--json"))
    assert told == {"file": str(file), "fingerprint": fingerprint}
    words = ["openssl", "x509", "-in", str(file), "-noout", "-fingerprint", "-sha256"]
    assert fingerprint in subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "PRIVATE" not in file.read_text()
    assert "exists already" in agent.command("certificate", "ca", "-o", str(file)).refusal
