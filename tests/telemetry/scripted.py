"""A broker whose answers a test writes: says nothing, lies, hangs up, or asks for little at a time."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from edgecam.telemetry.address import Address

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, DISCONNECT = 1, 2, 3, 4, 8, 9, 12, 14
_QUIET_S = 0.05
WELCOME = bytes.fromhex("2003000000")

Answer = Callable[[int, bytes], bytes | None]


def welcome(properties: bytes) -> bytes:
    """A CONNACK that says yes, with these properties."""
    return bytes([CONNACK << 4, 3 + len(properties), 0, 0, len(properties)]) + properties


def acknowledged(packet: bytes, code: int = 0) -> bytes:
    """The PUBACK to the PUBLISH in ``packet`` (its variable header and payload)."""
    topic_size = int.from_bytes(packet[:2], "big")
    return bytes([PUBACK << 4, 3]) + packet[2 + topic_size : 4 + topic_size] + bytes([code])


def subscribed(packet: bytes, *codes: int) -> bytes:
    """The SUBACK to the SUBSCRIBE in ``packet``: a code for each filter."""
    return bytes([SUBACK << 4, 3 + len(codes)]) + packet[:2] + bytes([0, *codes])


def publication(
    topic: str, payload: bytes = b"", *, first: int = 0x32, mid: int = 1, properties: bytes = b""
) -> bytes:
    """A PUBLISH with QoS 1, or with what else ``first`` says of it."""
    name = topic.encode()
    told = len(name).to_bytes(2, "big") + name + (mid.to_bytes(2, "big") if first & 6 else b"")
    return packet_of(first, told + bytes([len(properties)]) + properties + payload)


def packet_of(first: int, body: bytes) -> bytes:
    """A whole packet, with its length (MQTT 5.0, 1.5.5)."""
    size, length = len(body), b""
    while True:
        size, low = divmod(size, 128)
        length += bytes([low | (0x80 if size else 0)])
        if not size:
            return bytes([first]) + length + body


def topic_of(packet: bytes) -> str:
    """Where the PUBLISH in ``packet`` goes."""
    return packet[2 : 2 + int.from_bytes(packet[:2], "big")].decode()


class ScriptedBroker:
    """Serves one connection after the other; ``answer(kind, body)`` gives bytes, or ``None`` to hang up.

    With ``slowly`` acknowledgements wait until nothing more comes; ``most_under_way`` is how much came before one.
    ``published`` has what came in PUBLISH, ``packets`` the first byte and the rest of everything.
    """

    def __init__(self, answer: Answer, slowly: bool = False) -> None:
        self._answer = answer
        self._slowly = slowly
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._current: socket.socket | None = None
        self.address = Address("127.0.0.1", self._server.getsockname()[1], tls=False)
        self.connections = 0
        self.most_under_way = 0
        self.published: list[bytes] = []
        self.packets: list[tuple[int, bytes]] = []
        self._thread.start()

    def say(self, data: bytes) -> None:
        """Send ``data`` unasked over the connection that stands."""
        assert self._current is not None
        self._current.sendall(data)

    def kinds(self, kind: int) -> list[bytes]:
        """What came in packets of ``kind``."""
        return [body for first, body in list(self.packets) if first >> 4 == kind]

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        if self._current is not None:
            with suppress(OSError):
                self._current.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                self._current, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            with self._current, suppress(OSError):
                self._talk(self._current)

    def _talk(self, line: socket.socket) -> None:
        waiting: list[bytes] = []
        while True:
            if waiting and not select.select([line], [], [], _QUIET_S)[0]:
                line.sendall(waiting.pop(0))
                continue
            packet = _packet(line)
            if packet is None:
                return
            self.packets.append(packet)
            kind, body = packet[0] >> 4, packet[1]
            answer = self._answer(kind, body)
            if answer is None:
                return
            if kind == PUBLISH:
                self.published.append(body)
            if kind == PUBLISH and self._slowly:
                waiting.append(answer)
                self.most_under_way = max(self.most_under_way, len(waiting))
            elif answer:
                line.sendall(answer)


@contextmanager
def scripted(answer: Answer, slowly: bool = False) -> Iterator[ScriptedBroker]:
    broker = ScriptedBroker(answer, slowly)
    try:
        yield broker
    finally:
        broker.close()


def _packet(line: socket.socket) -> tuple[int, bytes] | None:
    head = line.recv(1)
    if not head:
        return None
    size = shift = 0
    while True:
        (byte,) = _exactly(line, 1)
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return head[0], _exactly(line, size)


def _exactly(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = line.recv(size - len(data))
        if not more:
            raise ConnectionError("hung up")
        data += more
    return data
