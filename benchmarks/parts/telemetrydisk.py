"""The outbox on a disk: events a second, one commit each and many in one; and how much memory a backlog takes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.clock import SystemClock
from edgecam.telemetry.outbox import Outbox, encode_row
from parts.telemetrybroker import mosquitto, nobody
from parts.telemetrymessages import alarm
from parts.telemetryprocess import Answering, started

_GROUP = 100


@dataclass(frozen=True, slots=True)
class Puts:
    """Events a second, one figure a round; ``plain`` are appends of as many bytes with a flush each."""

    single: list[float]
    grouped: list[float]
    plain: list[float]


def puts(folder: Path, rounds: int, seconds: float) -> Puts:
    """Each of the three in turn, so long in each round."""
    outbox = Outbox(folder / "outbox.sqlite", SystemClock())
    body = encode_row(alarm("a" * 16))
    told = Puts([], [], [])
    number = 0

    def one() -> int:
        nonlocal number
        number += 1
        outbox.put(alarm(f"{number:016x}"))
        return 1

    def many() -> int:
        nonlocal number
        number += _GROUP
        outbox.put(*(alarm(f"{number:08x}{n:08x}") for n in range(_GROUP)))
        return _GROUP

    with open(folder / "plain", "ab", buffering=0) as plain:

        def append() -> int:
            plain.write(body)
            os.fdatasync(plain.fileno())
            return 1

        for _ in range(rounds):
            for rates, put in ((told.single, one), (told.plain, append), (told.grouped, many)):
                began, done = time.perf_counter(), 0
                while time.perf_counter() - began < seconds:
                    done += put()
                rates.append(done / (time.perf_counter() - began))
    outbox.close()
    return told


@dataclass(frozen=True, slots=True)
class Memory:
    """MB of a hub's link: with nothing queued; with ``events``, now and its peak; its peak while it drains them."""

    events: int
    empty_mb: float
    queued_mb: float
    peak_mb: float
    draining_mb: float


def memory(folder: Path, events: int, seconds: float) -> Memory:
    """Of a process with the real link, for so long against a broker that is away, then with one that takes all."""
    (folder / "empty").mkdir()
    (folder / "full").mkdir()
    empty = _away(folder / "empty", seconds)
    outbox = Outbox(folder / "full" / "outbox.sqlite", SystemClock())
    for start in range(0, events, 1000):
        outbox.put(*(alarm(f"{n:016x}") for n in range(start, min(start + 1000, events))))
    queued = len(outbox)
    outbox.close()
    rss, peak = _away(folder / "full", seconds)
    with mosquitto(folder / "broker") as broker:
        address = broker.address
        with started("hub", folder / "full", address.host, address.port) as hub:
            _wait(hub, lambda said: bool(said[2]) and said[3] < queued)
            time.sleep(seconds)
            draining = _ask(hub)
    return Memory(queued, empty[0] / 1024, rss / 1024, peak / 1024, draining[1] / 1024)


def _away(folder: Path, seconds: float) -> tuple[int, int]:
    """Resident and peak KiB of a hub that finds nobody."""
    with nobody() as port, started("hub", folder, "127.0.0.1", port) as hub:
        time.sleep(seconds)
        said = _ask(hub)
        return said[0], said[1]


def _ask(hub: Answering) -> list[int]:
    hub.ask()
    return hub.answer()


def _wait(hub: Answering, until: Callable[[list[int]], bool]) -> None:
    while not until(_ask(hub)):
        time.sleep(0.05)
