"""A broker that is away for three days: all arrives once, no faster than it asks; what happens now goes first."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from io import BufferedReader
from pathlib import Path

import pytest
from scripted import PUBACK, PUBLISH
from stand import CLOCK, event, link, listener, mosquitto, outbox, wait_until
from test_outbox import DrawnClock, opened

from edgecam.core.clock import NS_PER_S
from edgecam.core.events import Event, EventKind
from edgecam.telemetry.address import Address
from edgecam.telemetry.dispatcher import Dispatcher
from edgecam.telemetry.doorbell import Doorbell

_OUTAGE_NS = 72 * 3600 * NS_PER_S
_RECEIVE_MAXIMUM = 7


@dataclass
class Tap:
    """Carries packets between one camera and a broker; ``at`` is called with each event's number.

    ``most_under_way`` is how much was ever published and not acknowledged.
    """

    broker_port: int
    at: Callable[[int], None]
    published: list[str] = field(default_factory=list)
    most_under_way: int = 0
    _under_way: int = 0
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def carry(self, server: socket.socket) -> None:
        """One connection, to its end."""
        near, _ = server.accept()
        with near, socket.create_connection(("127.0.0.1", self.broker_port)) as far:
            back = threading.Thread(target=self._carry, args=(far, near, self._from_broker))
            back.start()
            self._carry(near, far, self._from_camera)
            back.join()

    def _carry(self, source: socket.socket, sink: socket.socket, look: Callable[[int, bytes], None]) -> None:
        with suppress(OSError), source.makefile("rb") as stream:
            while head := stream.read(1):
                size, length = _length(stream)
                body = stream.read(size)
                look(head[0] >> 4, body)
                sink.sendall(head + length + body)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _from_camera(self, kind: int, body: bytes) -> None:
        if kind == PUBLISH:
            # Counted before the broker can have it, so never too few.
            with self._counting:
                self._under_way += 1
                self.most_under_way = max(self.most_under_way, self._under_way)
            if b"/event" in body[:80]:
                self.at(len(self.published))
                self.published.append(json.loads(body[body.index(b'{"schema_version"') :])["event_id"])

    def _from_broker(self, kind: int, _body: bytes) -> None:
        if kind == PUBACK:
            with self._counting:
                self._under_way -= 1


def _length(stream: BufferedReader) -> tuple[int, bytes]:
    size, told = 0, b""
    while not told or told[-1] >= 0x80:
        told += stream.read(1)
        size |= (told[-1] & 0x7F) << (7 * (len(told) - 1))
    return size, told


@contextmanager
def tap(broker_port: int, at: Callable[[int], None]) -> Iterator[tuple[Tap, Address]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Tap(broker_port, at)
        thread = threading.Thread(target=line.carry, args=(server,))
        thread.start()
        yield line, Address("127.0.0.1", server.getsockname()[1], tls=False)
        thread.join()


def _three_days(folder: Path, number: int) -> list[str]:
    """Put ``number`` events over the last 72 hours, really; gives their names."""
    clock, now = DrawnClock(), CLOCK.now()
    clock.instant = replace(now, mono_ns=now.mono_ns - _OUTAGE_NS, wall_ns=now.wall_ns - _OUTAGE_NS)
    names = [f"b{n}" for n in range(number)]
    with opened(folder, clock=clock) as box:
        for start in range(0, number, 100):
            box.put(*(_of_three_days(name, n + start) for n, name in enumerate(names[start : start + 100])))
            clock.pass_by(_OUTAGE_NS * 100 // number)
    return names


def _of_three_days(name: str, number: int) -> Event:
    kinds = (EventKind.MOTION, EventKind.PERSON, EventKind.INTRUSION)
    return replace(event(name), kind=kinds[number % len(kinds)])


def _back_after_an_outage(folder: Path, number: int) -> None:
    backlog = _three_days(folder, number)
    doorbell = Doorbell(folder / "bell")
    dispatcher = Dispatcher(folder / "outbox.sqlite", folder / "bell", CLOCK)
    live_at = [number // 4, number // 2]

    def happen(published: int) -> None:
        if published in live_at:
            dispatcher.tell([event(f"live{published}")])

    with (
        mosquitto(folder, f"max_inflight_messages {_RECEIVE_MAXIMUM}", "max_queued_messages 100000") as broker,
        listener(broker.address) as ear,
        outbox(folder) as box,
        tap(broker.port, happen) as (line, address),
    ):
        assert len(box) == number
        with link(address, box, doorbell=doorbell):
            for some in [*range(500, number, 500), number + 2]:
                wait_until(lambda: len(line.published) >= some, f"{some} are published")  # noqa: B023
            wait_until(lambda: len(box) == 0, "the outbox runs empty")
            wait_until(lambda: len(ear.events()) >= number + 2, "all arrive")
        arrived = ear.events()
        assert [name for name in arrived if name.startswith("b")] == backlog
        assert len(arrived) == len(set(arrived)) == number + 2
        # What happened came before all of the backlog but what was under way already.
        for told in live_at:
            assert told <= line.published.index(f"live{told}") <= told + _RECEIVE_MAXIMUM
        assert line.most_under_way <= _RECEIVE_MAXIMUM
        assert (box.lost, box.faults()) == (0, [])
    dispatcher.close()
    doorbell.close()


@pytest.mark.row("T2")
def test_after_an_outage_of_three_days_all_arrives_once(tmp_path: Path) -> None:
    _back_after_an_outage(tmp_path, 3000)


@pytest.mark.long
@pytest.mark.row("T2")
def test_after_an_outage_of_three_days_with_an_event_every_four_seconds_all_arrives_once(tmp_path: Path) -> None:
    _back_after_an_outage(tmp_path, 64_800)
