"""A broker keeps the head that a camera told; who takes the card and cuts the register is found out by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from agentstand import camera, free_ports, wait_until
from subscriber import mosquitto, subscriber

from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act

pytestmark = pytest.mark.row("G3")


def test_a_register_that_was_cut_is_found_by_what_the_broker_kept(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    sections = {"telemetry": {"broker": f"mqtt://127.0.0.1:{port}"}}
    with (
        mosquitto(tmp_path / "broker", port),
        camera(tmp_path / "camera", sections=sections) as agent,
    ):
        register = Register(agent.places.register, agent.key.sign, agent.key.public)
        register.write(Act.VIEW, who="owner", purpose="a look that somebody wants undone")
        with agent.started(), subscriber(port) as watcher:
            wait_until(lambda: bool(watcher.of("register/head")), "the head is told")
        with subscriber(port, name="who-comes-later") as later:
            wait_until(lambda: bool(later.of("register/head")), "the broker has it")
            (kept,) = later.of("register/head")
        assert kept.retained
        file = tmp_path / "kept.json"
        file.write_bytes(kept.payload)
        assert "agrees" in agent.done("register", "verify", "--head", str(file))
        lines = agent.places.register.read_bytes().splitlines(keepends=True)
        agent.places.register.write_bytes(b"".join(lines[: kept.body["lines"] - 1]))
        judged = agent.command("register", "verify", "--head", str(file))
        assert (judged.code, f"line {kept.body['lines']} is missing" in judged.out) == (1, True)
