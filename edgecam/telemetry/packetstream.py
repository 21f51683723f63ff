"""Cuts what a broker sends into whole MQTT 5 packets, and lets through only those that it may send to a camera."""

from __future__ import annotations

from edgecam.core.errors import BadInput

_CONNACK, _PUBLISH, _PUBACK, _SUBACK, _PINGRESP, _DISCONNECT = 2, 3, 4, 9, 13, 14
_MAY_COME = frozenset((_CONNACK, _PUBLISH, _PUBACK, _SUBACK, _PINGRESP, _DISCONNECT))
_MAX_HEAD_BYTES = 5  # the first byte and at most four of length (MQTT 5.0, 2.1.4)


class PacketStream:
    """Bytes in, whole packets out; pure. Holds at most one packet of ``max_packet_bytes`` and what was fed last.

    A camera publishes and subscribes with QoS 1 at most, offers no topic aliases and knows no further
    authentication. What only others need would have to be remembered here, as much of it as a broker likes to send:
    it is refused.
    """

    def __init__(self, max_packet_bytes: int) -> None:
        self._max_packet_bytes = max_packet_bytes
        self._raw = bytearray()
        self._whole = bytearray()
        self._greeted = False
        self._refusal: BadInput | None = None

    def feed(self, data: bytes) -> None:
        """Take what came; nothing more once something was refused."""
        self._raw += data
        try:
            while self._refusal is None and self._cut():
                pass
        except BadInput as refusal:
            self._refusal = refusal

    def take(self, size_bytes: int) -> bytes:
        """The next bytes of whole packets, ``size_bytes`` at most.

        Raises: BadInput for what no broker may send, when all that came before it was taken.
        """
        if not self._whole and self._refusal is not None:
            raise self._refusal
        taken = bytes(self._whole[:size_bytes])
        del self._whole[:size_bytes]
        return taken

    def __bool__(self) -> bool:
        """Whether there is anything to `take`."""
        return bool(self._whole) or self._refusal is not None

    def _cut(self) -> bool:
        """Cut one whole packet off, if there is one."""
        head = self._head()
        if head is None:
            return False
        head_bytes, body_bytes = head
        size_bytes = head_bytes + body_bytes
        if size_bytes > self._max_packet_bytes:
            raise BadInput(f"a packet of {size_bytes} bytes where the camera takes {self._max_packet_bytes}")
        if len(self._raw) < size_bytes:
            return False
        self._check(self._raw[0], bytes(self._raw[head_bytes:size_bytes]))
        self._whole += self._raw[:size_bytes]
        del self._raw[:size_bytes]
        return True

    def _head(self) -> tuple[int, int] | None:
        """How long the next packet's head and body are, ``None`` when that has not come yet."""
        if self._raw:
            self._check_kind(self._raw[0])
        size_bytes = 0
        for index, byte in enumerate(self._raw[1:_MAX_HEAD_BYTES]):
            size_bytes |= (byte & 0x7F) << 7 * index
            if byte < 0x80:
                return index + 2, size_bytes
        if len(self._raw) >= _MAX_HEAD_BYTES:
            raise BadInput("a packet without a length")
        return None

    def _check_kind(self, first: int) -> None:
        kind, flags = first >> 4, first & 0x0F
        if kind not in _MAY_COME or (kind != _PUBLISH and flags):
            raise BadInput(f"a packet that begins with 0x{first:02x}")
        if not self._greeted and kind not in (_CONNACK, _DISCONNECT):
            raise BadInput("a packet before its answer to CONNECT")
        if self._greeted and kind == _CONNACK:
            raise BadInput("a second answer to CONNECT")

    def _check(self, first: int, body: bytes) -> None:
        if first >> 4 == _PUBLISH:
            _check_publish(first & 0x0F, body)
        self._greeted = True


def _check_publish(flags: int, body: bytes) -> None:
    qos = flags >> 1 & 3
    if qos > 1:
        raise BadInput(f"a message with QoS {qos}, which was never asked for")
    topic_bytes = int.from_bytes(body[:2], "big")
    topic = body[2 : 2 + topic_bytes]
    if len(body) < 2 + topic_bytes + 2 * qos + 1:
        raise BadInput("a message that ends before its topic does")
    if not topic or {0x00, 0x23, 0x2B} & set(topic):
        raise BadInput("a message on no topic, or on one with wildcards")
    try:
        topic.decode()
    except UnicodeDecodeError as broken:
        raise BadInput("a message on a topic that is not UTF-8") from broken
    if qos and body[2 + topic_bytes : 4 + topic_bytes] == b"\0\0":
        raise BadInput("a message without a packet identifier")
