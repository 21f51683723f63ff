"""`edgecam command` on its own: keys made, enrolled, listed, revoked; what cannot be sent is refused before."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from agentstand import Agent, camera
from typer.testing import CliRunner, Result

from edgecam.__main__ import app
from edgecam.core.errors import EdgecamError
from edgecam.custody.register.register_line import Act
from edgecam.telemetry.commandkeys import read_keys
from edgecam.telemetry.commandkinds import USUAL_RIGHTS

pytestmark = pytest.mark.row("T5")
PUBLIC = "ab" * 32


def run(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, ["command", *arguments], env=environment)


def refusal(*arguments: str) -> str:
    done = run(*arguments)
    assert isinstance(done.exception, EdgecamError), done.output
    return str(done.exception)


def test_a_key_from_its_making_to_its_end(tmp_path: Path) -> None:
    key_file = tmp_path / "centre.key"
    made = run("keygen", str(key_file))
    assert made.exit_code == 0
    public = made.stdout.split()[0]
    assert len(public) == 64
    with camera(tmp_path / "camera") as agent:
        stranger = agent.command("command", "enrol", "centre", public, EDGECAM_PASSPHRASE="wrong")
        assert "passphrase" in stranger.refusal
        assert not agent.places.command_keys.exists()
        agent.done("command", "enrol", "centre", public)
        (key,) = json.loads(agent.done("command", "list", "--json"))
        assert (key["name"], key["key"]) == ("centre", public)
        assert key["may"] == [right.value for right in USUAL_RIGHTS]
        assert "private_off" not in agent.done("command", "list")
        assert "already" in agent.command("command", "enrol", "centre", PUBLIC).refusal
        agent.done("command", "enrol", "owner", PUBLIC, "--may", "private", "--may", "private_off")
        agent.done("command", "revoke", "centre")
        assert "no key called" in agent.command("command", "revoke", "centre").refusal
        keys = read_keys(agent.places.command_keys, agent.key.public)
        assert [key.name for key in keys.keys] == ["owner"]
        _assert_told(agent)
        agent.places.command_keys.write_bytes(b"{}")
        assert "not believed" in agent.command("command", "list").refusal
        assert "begins anew" in agent.done("command", "enrol", "centre", public)


def test_keys_that_are_enrolled_at_once_are_all_enrolled(tmp_path: Path) -> None:
    with camera(tmp_path / "camera") as agent, ThreadPoolExecutor() as people:
        publics = {name: bytes([number]).hex() * 32 for number, name in enumerate(("ann", "ben", "cho"))}
        list(people.map(lambda name: agent.done("command", "enrol", name, publics[name]), publics))
        found = {key.name: key.public.hex() for key in read_keys(agent.places.command_keys, agent.key.public).keys}
        assert found == publics


def _assert_told(agent: Agent) -> None:
    lines = [line for line in agent.register_lines() if line.act is Act.KEY_CHANGE]
    assert [line.detail["what"].split()[-1] for line in lines] == ["enrolled"] * 4 + ["revoked"] * 2
    assert [line.detail.get("done") for line in lines] == [None, "True"] * 3
    assert lines[2].detail["may"] == "private private_off"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("mqtt://broker.example", "home", "edgecam_1"), "goes over TLS"),
        (("broker.example:8883", "home", "edgecam_1"), "certificate"),
        (("mqtt://127.0.0.1:1", "ho/me", "edgecam_1"), "site"),
        (("mqtt://127.0.0.1:1", "home", "edgecam_1", "-a", "minutes"), "NAME=VALUE"),
        (("mqtt://127.0.0.1:1", "home", "edgecam_1", "-a", "state=on", "-a", "state=off"), "NAME=VALUE"),
        (("mqtt://127.0.0.1:1", "home", "edgecam_1", "-a", "state=perhaps"), "state"),
        (("mqtt://127.0.0.1:1", "home", "edgecam_1", "-a", "state=on", "-a", "hours=2"), "hours"),
        (("mqtt://127.0.0.1:1", "home", "edgecam_1", "-a", "state=on"), "does not serve"),
    ],
)
def test_what_cannot_be_sent_is_refused(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    key_file = tmp_path / "centre.key"
    assert run("keygen", str(key_file)).exit_code == 0
    place, rest = arguments[:3], arguments[3:]
    assert said in refusal("send", *place, "private", "--key", str(key_file), *rest)


def test_a_command_without_a_key_is_refused(tmp_path: Path) -> None:
    place = ("mqtt://127.0.0.1:1", "home", "edgecam_1", "status")
    assert "cannot be read" in refusal("send", *place, "--key", str(tmp_path / "none.key"))


def test_there_is_nothing_to_end_on_a_new_camera(tmp_path: Path) -> None:
    with camera(tmp_path / "camera") as agent:
        assert "There is no private" in agent.done("command", "end", "private")
        assert "There is no silence" in agent.done("command", "end", "silence")
        assert "no command begins" in agent.command("command", "end", "recording").refusal
