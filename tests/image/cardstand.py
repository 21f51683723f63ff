"""A flashed card for a test: prepared as an installer does, run in a machine, and read when the plug is pulled."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from agentstand import PASSPHRASE
from qemu.card import Card
from qemu.machine import Machine
from stand import free_port, mosquitto_path

from edgecam.settings import load_settings

ROOT = Path(__file__).parents[2]
_ARCHIVE = os.environ.get("EDGECAM_DEBIAN_MIRROR", "http://deb.debian.org/debian") + "/dists/trixie/InRelease"
GIB = 2**30
CARD_BYTES = 5 * GIB
# An emulated board on a busy machine is a hundred times slower than a real one.
PATIENCE_S = 900.0
# What such a board can draw, encode and look at in time. Its clock is never set: to whoever reads its card its
# footage is at least as old as the reading machine's start, which may be weeks ago.
SMALL: dict[str, dict[str, Any]] = {
    "camera": {"source": "scene:street?width=160&height=96&fps=2", "width": 160, "height": 96, "fps": 2.0},
    "retention": {"policy": "own", "days": 366.0, "floor_days": 0.05},
    "analysis": {"rate_fps": 1.0, "motion": True},
    "telemetry": {"health_interval_s": 10},
}


def image() -> Path:
    """The image for any arm64 machine: EDGECAM_IMAGE, else built here; skips where it can be neither."""
    if named := os.environ.get("EDGECAM_IMAGE"):
        return Path(named)
    needs = subprocess.run([ROOT / "scripts/image-packages"], capture_output=True, text=True)
    if needs.returncode:
        pytest.skip(f"no image is built or booted: {needs.stderr.strip()}")
    try:
        urllib.request.urlopen(_ARCHIVE, timeout=30).close()
    except OSError as away:
        pytest.skip(f"no image is built or booted: {_ARCHIVE} cannot be reached ({away})")
    with open("/tmp/edgecam-image.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "--silent", "image"], cwd=ROOT, check=True)
    return ROOT / "build/image/generic/card.img"


@pytest.fixture
def card(tmp_path: Path) -> Card:
    """The image, flashed onto a card."""
    return Card.copied(image(), tmp_path / "card.img", CARD_BYTES)


def edgecam(*words: str, folder: Path | None = None) -> str:
    """What one command of the command line says; fails when it is refused."""
    environment = {**os.environ, "EDGECAM_PASSPHRASE": PASSPHRASE}
    done = subprocess.run(
        [sys.executable, "-m", "edgecam", *words], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def settings_toml(sections: dict[str, dict[str, Any]]) -> bytes:
    """As a file for the boot folder."""
    lines = [
        line
        for name, values in sections.items()
        for line in (f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
    ]
    return ("\n".join(lines) + "\n").encode()


def prepared(card: Card, folder: Path, sections: dict[str, dict[str, Any]], *words: str) -> None:
    """Put on ``card`` what `edgecam prepare` makes, with ``sections`` as its settings."""
    folder.mkdir()
    edgecam("prepare", str(folder), *words)
    (folder / "edgecam.toml").write_bytes(settings_toml(sections))
    load_settings(folder / "edgecam.toml")  # a camera would go on with its own where these are refused
    for path in sorted(folder.iterdir()):
        card.write("EDGECAM", path.name, path.read_bytes())


def with_broker(port: int) -> dict[str, dict[str, Any]]:
    """`SMALL`, telling a broker on this machine, as the guest sees it."""
    return {**SMALL, "telemetry": {**SMALL["telemetry"], "broker": f"mqtt://10.0.2.2:{port}"}}


@contextmanager
def running(
    card: Card, *, memory_mib: int = 512, extra: tuple[str, ...] = (), network: bool = True
) -> Iterator[Machine]:
    """A machine with ``card`` in it, not yet on; off afterwards."""
    machine = Machine(card, memory_mib=memory_mib, extra=extra, network=network)
    try:
        yield machine
    except BaseException as failed:
        failed.add_note(machine.tail(80))
        raise
    finally:
        machine.close()


@dataclass
class Heard:
    """What a broker on this machine was told: topics and payloads, in order."""

    port: int
    messages: list[tuple[str, bytes]]
    news: threading.Condition

    def wait(self, topic_end: str, within_s: float = PATIENCE_S) -> bytes:
        """The first message whose topic ends so."""
        with self.news:
            found = self.news.wait_for(lambda: self._of(topic_end), within_s)
        assert found, f"nothing at …{topic_end}; heard {sorted({topic for topic, _ in self.messages})}"
        return self._of(topic_end)[0]

    def _of(self, topic_end: str) -> list[bytes]:
        return [payload for topic, payload in self.messages if topic.endswith(topic_end)]


@contextmanager
def broker(folder: Path) -> Iterator[Heard]:
    """A real Mosquitto on this machine, and somebody who listens to all of it."""
    port = free_port()
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    server = subprocess.Popen([mosquitto_path(), "-c", str(config)], stderr=subprocess.DEVNULL)
    heard = Heard(port, [], threading.Condition())
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    def take(_client: Any, _data: Any, message: Any) -> None:
        with heard.news:
            heard.messages.append((message.topic, bytes(message.payload)))
            heard.news.notify_all()

    listener = Client(CallbackAPIVersion.VERSION2)
    listener.on_connect = lambda client, *_: client.subscribe("#")
    listener.on_message = take
    listener.connect_async("127.0.0.1", port)
    listener.loop_start()
    try:
        yield heard
    finally:
        listener.loop_stop()
        listener.disconnect()
        server.terminate()
        server.wait()


class Seized:
    """The card as somebody finds it who took it out: ring and state on this machine, and its own commands."""

    def __init__(self, card: Card, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.folder = folder
        self.ring = card.extract("ring", folder / "ring")
        state = card.extract("state", folder / "state.ext4")
        # What the journal of the file system still holds is part of what was written.
        subprocess.run(["e2fsck", "-p", "-f", state], capture_output=True)
        subprocess.run(["debugfs", "-R", f"rdump /camera {folder}", state], check=True, capture_output=True)
        subprocess.run(["debugfs", "-R", f"rdump /settings {folder}", state], check=True, capture_output=True)
        state.unlink()
        text = (folder / "settings/edgecam.toml").read_text()
        for theirs, ours in (("/dev/disk/by-partlabel/ring", self.ring), ("/state/camera", folder / "camera")):
            text = text.replace(f'"{theirs}"', f'"{ours}"')
        self.settings = folder / "settings/edgecam.toml"
        self.settings.write_text(text.replace('"/run/edgecam"', f'"/dev/shm/edgecam-seized-{os.getpid()}"'))

    def stretches(self) -> list[dict[str, Any]]:
        """What the ring holds; fails when an invariant of ring, album, holds or register is broken."""
        self.edgecam("check")
        return list(json.loads(self.edgecam("recordings", "--json")))

    def segments(self) -> int:
        """How many of them are kept."""
        return sum(int(stretch["segments"]) for stretch in self.stretches())

    def edgecam(self, *words: str) -> str:
        """One of the camera's own commands on it."""
        return edgecam(*words, "--settings", str(self.settings))
