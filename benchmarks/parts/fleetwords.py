"""What a simulated camera says: the agent's own packets, with other names put in.

One real `Connection` says everything once to a listener in this process, in the words of a real `Voice`. A camera
of the fleet says the same bytes with its own site, name, session, counts and event in place of the model's. Each of
them is as long as the model's, so no length inside a packet changes.
"""

from __future__ import annotations

import select
import socket
from contextlib import closing
from dataclasses import dataclass

from edgecam import __version__
from edgecam.core.clock import SystemClock
from edgecam.telemetry.address import Address
from edgecam.telemetry.connection import Connection, Manner
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.topics import Identity, Topics
from edgecam.telemetry.voice import Voice
from parts.fleetpackets import place_of_number, size_of
from parts.telemetrymessages import alarm, health

HOST = "127.0.0.1"
_SITE, _CAMERA, _EVENT_ID = "site_zz", "edgecam_zzzzzzzz", "zzzzzzzzzzzz"
# All counts have four digits; a fleet lives for minutes.
FIRST_COUNT, LAST_COUNT = 1000, 9999
_CONNACK = b"\x20\x03\x00\x00\x00"  # MQTT 5.0, 3.2: no session of before, success, no properties
_CONNECT = 0x10
_HEALTH_LIVES_PERIODS = 3
_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Name:
    """A camera of the fleet; ``site`` has 7 characters, ``camera`` and ``session`` 16 each."""

    site: str
    camera: str
    session: str


class Phrase:
    """One packet of the model, to be said by others."""

    def __init__(self, packet: bytes, session: str, count: int) -> None:
        """``session`` and ``count`` are those of the model's message. Raises: DataLoss for what is no MQTT."""
        self.packet = packet
        self._session = session.encode()
        self._count = b'"sequence":%d' % count
        self._place = None if packet[0] & 0xF0 == _CONNECT else place_of_number(packet)

    def of(self, name: Name, *, number: int = 0, count: int = FIRST_COUNT, connection: int = FIRST_COUNT) -> bytes:
        """As ``name`` says it, with packet identifier ``number``, as message ``count`` of its session."""
        said = (
            self.packet.replace(_SITE.encode(), name.site.encode())
            .replace(_CAMERA.encode(), name.camera.encode())
            .replace(self._session, name.session.encode())
            .replace(self._count, b'"sequence":%d' % count)
            .replace(b'"connection":%d' % FIRST_COUNT, b'"connection":%d' % connection)
        )
        assert len(said) == len(self.packet)
        if self._place is None:
            return said
        return said[: self._place] + number.to_bytes(2) + said[self._place + 2 :]

    def of_event(self, name: Name, event_id: str, *, number: int, count: int) -> bytes:
        """As ``name`` tells the event ``event_id``, which has 12 characters."""
        said = self.of(name, number=number, count=count).replace(_EVENT_ID.encode(), event_id.encode())
        assert len(said) == len(self.packet)
        return said


@dataclass(frozen=True, slots=True)
class Words:
    """All that a camera of the fleet says."""

    connect: Phrase
    subscribe: Phrase
    online: Phrase
    health: Phrase
    event: Phrase

    @classmethod
    def of_the_agent(cls, manner: Manner, health_period_s: float) -> Words:
        """What the agent of this checkout says when it behaves as ``manner``."""
        clock = SystemClock()
        identity = Identity(_SITE, _CAMERA, __version__)
        voice = Voice(identity, clock)
        while (header := voice.header()).sequence < FIRST_COUNT:
            pass
        with socket.create_server((HOST, 0)) as listener:
            address = Address(HOST, listener.getsockname()[1], tls=False)
            connection = Connection(address, manner, _CAMERA, clock)
            connection.open(Credentials(), voice.status("offline", FIRST_COUNT))
            peer, _ = listener.accept()
        with peer, closing(connection):
            peer.settimeout(_PATIENCE_S)

            def heard(count: int = 0) -> Phrase:
                return Phrase(_packet(peer), header.session, FIRST_COUNT + count)

            connect = heard(1)
            peer.sendall(_CONNACK)
            select.select([connection], [], [], _PATIENCE_S)
            connection.handle(select.POLLIN)
            connection.publish(voice.status("online", FIRST_COUNT), lambda _code: None)
            online = heard(2)
            connection.subscribe([Topics.of(identity).commands], lambda _codes: None)
            subscribe = heard()
            healthy = voice.health(health(), int(health_period_s * _HEALTH_LIVES_PERIODS))
            connection.publish(healthy, lambda _code: None)
            told = heard(3)
            connection.publish(voice.event(alarm(_EVENT_ID)), lambda _code: None)
            return cls(connect=connect, subscribe=subscribe, online=online, health=told, event=heard(4))


def _packet(peer: socket.socket) -> bytes:
    """The next packet, whole."""
    packet = b""
    while (size := size_of(packet)) is None or len(packet) < size:
        packet += peer.recv(65_536)
    assert len(packet) == size
    return packet
