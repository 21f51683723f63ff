"""A camera's two sides on a line and a clock that a test moves: who puts and rings, and who pumps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fakeline import FakeLine
from stand import IDENTITY
from test_outbox import DrawnClock

from edgecam.core.clock import NS_PER_S
from edgecam.core.events import Event
from edgecam.telemetry.address import Address
from edgecam.telemetry.dispatcher import Dispatcher
from edgecam.telemetry.doorbell import Doorbell
from edgecam.telemetry.outbox import Outbox
from edgecam.telemetry.pump import Pump
from edgecam.telemetry.voice import Voice


class Camera:
    """The hub's pump and another process' dispatcher."""

    def __init__(self, folder: Path, clock: DrawnClock) -> None:
        self.folder, self.clock = folder, clock
        self.outbox = Outbox(folder / "outbox.sqlite", clock, busy_timeout_s=0.05)
        self.doorbell = Doorbell(folder / "bell")
        self.dispatcher = Dispatcher(folder / "outbox.sqlite", folder / "bell", clock)
        self.voice = Voice(IDENTITY, clock)
        self.connect()

    def connect(self, receive_maximum: int = 100) -> None:
        """A new connection; what was under way on the one before is unanswered for good."""
        self.line = FakeLine(receive_maximum)
        address = Address("127.0.0.1", 1883, tls=False)
        self.pump = Pump(self.outbox, self.voice, self.line, address, self.clock, self.doorbell)

    def tell(self, *events: Event) -> None:
        self.dispatcher.tell(events)

    def turns(self) -> list[str]:
        """What is sent now; the broker says yes to all of it, until nothing more comes."""
        sent: list[str] = []
        while True:
            self.pump.turn()
            names = self.line.names()
            if not names:
                return sent
            sent += names
            self.line.answer_all()

    def second(self) -> None:
        self.clock.pass_by(NS_PER_S + 1)

    def close(self) -> None:
        self.dispatcher.close()
        self.doorbell.close()
        self.outbox.close()


@contextmanager
def camera_in(folder: Path) -> Iterator[Camera]:
    camera = Camera(folder, DrawnClock())
    try:
        yield camera
    finally:
        camera.close()
