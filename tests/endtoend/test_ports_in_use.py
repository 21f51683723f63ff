"""Ports that somebody else uses: the recording goes on, and a sentence says what to do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from agentstand import NewCamera, wait_until
from subscriber import mosquitto


@contextmanager
def _taken(port: int) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", port)):
        yield


def test_the_pages_port(new_camera: NewCamera) -> None:
    agent = new_camera()
    with _taken(agent.page_port), agent.started():
        sentence = agent.wait_fault("page")
        assert f"port {agent.page_port} is in use" in sentence
        assert "web.port" in sentence
        agent.wait_recording()
        assert sentence in " ".join(agent.command("status").out.split())
        wait_until(lambda: agent.hub is not None and agent.hub.broker == "connected", "the hub works all the same")


@pytest.mark.row("T1")
def test_the_embedded_brokers_port_is_another_programs(new_camera: NewCamera) -> None:
    agent = new_camera()
    with _taken(agent.mqtt_port), agent.started():
        wait_until(lambda: f"port {agent.mqtt_port} is in use" in agent.said(), f"it is said: {agent.said()}")
        assert "embedded_port" in agent.said()
        agent.wait_recording()
    assert "Traceback" not in agent.said()


@pytest.mark.row("T1")
def test_the_embedded_brokers_port_is_another_brokers(new_camera: NewCamera, tmp_path: Path) -> None:
    agent = new_camera()
    with mosquitto(tmp_path / "other", agent.mqtt_port), agent.started():
        wait_until(lambda: "in use by another MQTT broker" in agent.said(), f"it is said: {agent.said()}")
        agent.wait_recording()
