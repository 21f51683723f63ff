"""Processes of their own: a hub with its link, an observer that tells events, and bare paho.

Each says a line when it is ready, then answers each line of standard input with one of its own; it ends with it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

# Run as a program, nobody has told Python where the parts are.
sys.path.insert(0, str(Path(__file__).parents[1]))


class Answering:
    """The side that asks."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, line: str = "") -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def answer(self) -> list[int]:
        """The numbers of the next line it says."""
        assert self._process.stdout is not None
        return [int(word) for word in self._process.stdout.readline().split()]


@contextmanager
def started(role: str, *arguments: object) -> Iterator[Answering]:
    """A process in ``role`` that is ready; it ends with the block."""
    command = [sys.executable, __file__, role, *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        answering = Answering(process)
        answering.answer()
        try:
            yield answering
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait()


def main() -> None:
    """``telemetryprocess ROLE ARGUMENT…``."""
    role, *arguments = sys.argv[1:]
    roles: dict[str, Callable[..., None]] = {"hub": _hub, "observer": _observer, "burst": _burst, "paho": _paho}
    roles[role](*arguments)


def _serve(work: Callable[[str], tuple[int, ...]]) -> None:
    print(flush=True)
    for line in sys.stdin:
        print(*work(line.strip()), flush=True)


def _hub(folder: str, host: str, port: str) -> None:
    """A link as the hub has it; answers with its resident and its peak KiB, and with 1 when it is connected."""
    from edgecam.core.clock import SystemClock
    from edgecam.telemetry.address import Address
    from edgecam.telemetry.credentials import Credentials
    from edgecam.telemetry.doorbell import Doorbell
    from edgecam.telemetry.link import Link
    from edgecam.telemetry.outbox import Outbox
    from parts.telemetrybroker import IDENTITY
    from parts.telemetrymessages import health

    clock = SystemClock()
    outbox, doorbell = Outbox(Path(folder, "outbox.sqlite"), clock), Doorbell(Path(folder, "bell"))
    address = Address(host, int(port), tls=False)
    link = Link(address, Credentials(), IDENTITY, outbox, health, clock, doorbell=doorbell)
    link.start()
    _serve(lambda _line: (*_memory_kib(), int(link.state.broker == "connected"), len(outbox)))
    link.stop()
    doorbell.close()
    outbox.close()


def _observer(folder: str) -> None:
    """Tells an event for each line, which is its name; answers with when it began and when it was on the disk."""
    from edgecam.core.clock import SystemClock
    from edgecam.telemetry.dispatcher import Dispatcher
    from parts.telemetrymessages import alarm

    dispatcher = Dispatcher(Path(folder, "outbox.sqlite"), Path(folder, "bell"), SystemClock())

    def tell(name: str) -> tuple[int, int]:
        event = alarm(name)
        began = time.monotonic_ns()
        dispatcher.tell([event])
        return began, time.monotonic_ns()

    _serve(tell)
    dispatcher.close()


def _burst(folder: str, looks: str, each: str) -> None:
    """Tells so many events at each of five looks a second; answers with the longest look and the whole, in ns."""
    from edgecam.core.clock import SystemClock
    from edgecam.telemetry.dispatcher import Dispatcher
    from parts.telemetrymessages import alarm

    dispatcher = Dispatcher(Path(folder, "outbox.sqlite"), Path(folder, "bell"), SystemClock())

    def burst(name: str) -> tuple[int, int]:
        longest, began = 0, time.monotonic_ns()
        for look in range(int(looks)):
            events = [alarm(f"{name}-{look}-{number}") for number in range(int(each))]
            before = time.monotonic_ns()
            dispatcher.tell(events)
            longest = max(longest, time.monotonic_ns() - before)
            time.sleep(max(0.0, 0.2 * (look + 1) - (time.monotonic_ns() - began) / 1e9))
        return longest, time.monotonic_ns() - began

    _serve(burst)
    dispatcher.close()


def _paho(host: str, port: str, topic: str, size: str) -> None:
    """Publishes ``size`` bytes for each line; answers with when it began."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

    client = Client(CallbackAPIVersion.VERSION2, client_id="bare", protocol=MQTTProtocolVersion.MQTTv5)
    client.connect(host, int(port))
    client.loop_start()
    while not client.is_connected():
        time.sleep(0.01)

    def publish(name: str) -> tuple[int]:
        payload = name.encode().ljust(int(size), b".")
        began = time.monotonic_ns()
        client.publish(topic, payload, 1)
        return (began,)

    _serve(publish)
    client.disconnect()
    client.loop_stop()


def _memory_kib() -> tuple[int, int]:
    lines = Path("/proc/self/status").read_text().splitlines()
    told = {key: value.split()[0] for key, _, value in (line.partition(":") for line in lines) if value.split()}
    return int(told["VmRSS"]), int(told["VmHWM"])


if __name__ == "__main__":
    main()
