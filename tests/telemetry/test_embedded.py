"""The embedded broker: port in use, restart, Ctrl-C, and the death of whoever started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from stand import accepts, free_port, listener, mosquitto, wait_until

from edgecam.core.errors import Unavailable
from edgecam.telemetry.broker import EmbeddedBroker, speaks_mqtt

_STARTER = """
import signal, sys, threading
from pathlib import Path
from edgecam.telemetry.broker import EmbeddedBroker
asked = threading.Event()
signal.signal(signal.SIGINT, lambda *_: asked.set())
broker = EmbeddedBroker(int(sys.argv[1]), Path(sys.argv[2]))
broker.start()
print("ready", flush=True)
asked.wait()
print(broker.is_running, flush=True)
broker.stop()
"""


def _starter(port: int, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _STARTER, str(port), str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_it_starts_stops_and_starts_again_on_the_same_port(tmp_path: Path) -> None:
    broker = EmbeddedBroker(free_port(), tmp_path)
    for _ in range(2):
        broker.start()
        assert (broker.is_running, speaks_mqtt(broker.address.port)) == (True, True)
        with listener(broker.address) as ear:
            assert ear.heard == []
        broker.stop()
        assert not broker.is_running
        assert not accepts(broker.address.port)
    broker.stop()
    assert list(tmp_path.iterdir()) == []


def test_another_broker_on_its_port_is_named_as_one_to_use(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as other, pytest.raises(Unavailable) as refused:
        EmbeddedBroker(other.port, tmp_path).start()
    assert f"set telemetry's broker to mqtt://127.0.0.1:{other.port}" in str(refused.value)


def test_another_program_on_its_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(Unavailable, match="another program"):
        EmbeddedBroker(other.getsockname()[1], tmp_path).start()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"rumqttd\.toml cannot be written"):
        EmbeddedBroker(free_port(), tmp_path / "away").start()


def test_it_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    port = free_port()
    with _starter(port, tmp_path) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "ready\n"
        assert accepts(port)
        starter.kill()
    wait_until(lambda: not accepts(port), "the port is free")


def test_ctrl_c_does_not_reach_it(tmp_path: Path) -> None:
    with _starter(free_port(), tmp_path) as starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "ready\n"
        os.killpg(starter.pid, signal.SIGINT)
        assert starter.stdout.readline() == "True\n"
        assert starter.wait() == 0
