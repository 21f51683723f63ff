"""What a broker says to a simulated camera, out of a stream of bytes (MQTT 5.0, chapter 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edgecam.core.errors import DataLoss

CONNACK, PUBACK, SUBACK, PINGRESP, DISCONNECT = 0x20, 0x40, 0x90, 0xD0, 0xE0
PINGREQ = b"\xc0\x00"
_LENGTH_BYTES = 4
_PUBLISH, _SUBSCRIBE = 0x30, 0x80


@dataclass(frozen=True, slots=True)
class Answer:
    """One packet: its ``kind``, the ``number`` it acknowledges (0: none), and its reason ``code``."""

    kind: int
    number: int
    code: int

    @property
    def is_no(self) -> bool:
        """Whether the code is of a refusal: 0x10, that nobody is there to hear it, is none (MQTT 5.0, 2.4)."""
        return self.code >= 0x80


def taken_from(buffer: bytearray) -> Iterator[Answer]:
    """Every whole packet at the start of ``buffer``, which loses it. Raises: DataLoss for what is no MQTT."""
    while (head := _head(buffer)) is not None:
        start, end = head
        if len(buffer) < end:
            return
        answer = _answer(buffer[0] & 0xF0, bytes(buffer[start:end]))
        del buffer[:end]
        yield answer


def place_of_number(packet: bytes) -> int:
    """Where the packet identifier stands in a PUBLISH (QoS 1 or 2) or SUBSCRIBE. Raises: DataLoss for another."""
    head = _head(packet)
    kind = packet[0] & 0xF0 if packet else 0
    if head is None or kind not in (_PUBLISH, _SUBSCRIBE) or len(packet) < head[1]:
        raise _nonsense()
    place = head[0]
    if kind == _PUBLISH:
        place += 2 + int.from_bytes(packet[place : place + 2])
    if place + 2 > head[1]:
        raise _nonsense()
    return place


def size_of(packet: bytes) -> int | None:
    """How many bytes the first packet has in all; ``None`` while that is not known. Raises: DataLoss."""
    head = _head(packet)
    return None if head is None else head[1]


def _head(buffer: bytes | bytearray) -> tuple[int, int] | None:
    """Where the first packet's body begins and ends; ``None`` while that is not known."""
    length = 0
    for place, byte in enumerate(buffer[1 : 1 + _LENGTH_BYTES]):
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return place + 2, place + 2 + length
    if len(buffer) > _LENGTH_BYTES:
        raise _nonsense()
    return None


def _answer(kind: int, body: bytes) -> Answer:
    if kind == CONNACK and len(body) >= 2:
        return Answer(kind, 0, body[1])
    if kind in (PUBACK, SUBACK) and len(body) >= 2:
        # A PUBACK without a code is a yes; a SUBACK's stands last, after its properties.
        code = 0 if len(body) == 2 else body[2] if kind == PUBACK else body[-1]
        return Answer(kind, int.from_bytes(body[:2]), code)
    if kind == DISCONNECT:
        return Answer(kind, 0, body[0] if body else 0)
    if kind == PINGRESP:
        return Answer(kind, 0, 0)
    raise _nonsense()


def _nonsense() -> DataLoss:
    return DataLoss("this is no packet that a simulated camera knows")
