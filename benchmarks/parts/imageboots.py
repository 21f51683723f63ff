"""What a card does in an emulated board: how soon it keeps footage, or offers a login, and what it holds in RAM."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from qemu.card import Card
from qemu.machine import Machine

_ROOT = Path(__file__).parents[2]
_CARD_BYTES = 5 * 2**30
_PATIENCE_S = 600.0
_PASSPHRASE = "seven blue herons cross the estuary 42"
_UNITS = ("recorder", "observer", "hub", "care", "firstboot", "verdict", "savedtime", "setup-ap", "wifi")
BARE = " ".join(f"systemd.mask=edgecam-{unit}.service" for unit in _UNITS)
# The picture's size decides what is held in RAM, its rate what an emulated processor can follow.
_SETTINGS = """
[camera]
source = "scene:street?width={width}&height={height}&fps={fps}"
width = {width}
height = {height}
fps = {fps}
[retention]
policy = "own"
days = 1.0
floor_days = 0.05
[analysis]
rate_fps = 0.5
[telemetry]
health_interval_s = 10
broker = "{broker}"
"""


def flashed(image: Path, folder: Path, *, width: int, height: int, fps: float, broker: str = "off") -> Card:
    """A prepared card, as an installer makes it."""
    card, prepared = Card.copied(image, folder / "card.img", _CARD_BYTES), folder / "prepared"
    shutil.rmtree(prepared, ignore_errors=True)
    prepared.mkdir()
    environment = {**os.environ, "EDGECAM_PASSPHRASE": _PASSPHRASE}
    command = [sys.executable, "-m", "edgecam", "prepare", str(prepared)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    text = _SETTINGS.format(width=width, height=height, fps=fps, broker=broker)
    (prepared / "edgecam.toml").write_text(text)
    for path in sorted(prepared.iterdir()):
        card.write("EDGECAM", path.name, path.read_bytes())
    return card


def first_segment_s(card: Card) -> float:
    """From power-on to the first segment that is kept, in seconds."""
    return _after_s(card, "", r"recording: the first segment is kept")


def bare_boot_s(card: Card) -> float:
    """From power-on to where the same system without its agent would offer a login, in seconds."""
    return _after_s(card, BARE, r"Reached target multi-user\.target")


def _after_s(card: Card, words: str, said: str) -> float:
    machine = Machine(card)
    try:
        machine.on(words)
        machine.wait_for(said, _PATIENCE_S)
        return machine.said_after_s(said)
    finally:
        machine.close()


def idle_memory_bytes(image: Path, folder: Path, *, beats: int = 12) -> tuple[int, int]:
    """Bytes that the whole system uses, the most of ``beats`` healths as a broker hears them, and what there is."""
    port = _free_port()
    (folder / "mosquitto.conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    path = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    broker = subprocess.Popen([path, "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL)
    card = flashed(image, folder, width=1280, height=720, fps=1.0, broker=f"mqtt://10.0.2.2:{port}")
    machine = Machine(card)
    try:
        machine.on()
        healths = _healths(port, beats)
        used = [one["memory_total_bytes"] - one["memory_available_bytes"] for one in healths]
        return max(used), healths[0]["memory_total_bytes"]
    finally:
        machine.close()
        broker.terminate()
        broker.wait()


def _healths(port: int, count: int) -> list[dict[str, Any]]:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    found: list[dict[str, Any]] = []
    enough = threading.Event()

    def take(_client: Any, _data: Any, message: Any) -> None:
        health = json.loads(message.payload)
        if health.get("memory_total_bytes"):
            found.append(health)
        if len(found) >= count:
            enough.set()

    listener = Client(CallbackAPIVersion.VERSION2)
    listener.on_connect = lambda client, *_: client.subscribe("edgecam/+/+/health")
    listener.on_message = take
    listener.connect_async("127.0.0.1", port)
    listener.loop_start()
    try:
        if not enough.wait(_PATIENCE_S):
            raise TimeoutError(f"{len(found)} healths were heard")
    finally:
        listener.loop_stop()
        listener.disconnect()
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def build(folder: Path) -> None:
    """The image for any arm64 machine, made anew in ``folder``."""
    subprocess.run(
        [str(_ROOT / "image/build"), "generic", str(folder)],
        env={**os.environ, "PYTHON": sys.executable},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def temporary() -> tempfile.TemporaryDirectory[str]:
    """A folder on the disk, gone afterwards."""
    return tempfile.TemporaryDirectory(prefix="edgecam-image-", dir=os.environ.get("EDGECAM_BENCH_CACHE"))
