"""The MQTT client, fed only with whole packets that were looked at before."""

from __future__ import annotations

from typing import Any

from paho.mqtt.client import Client

from edgecam.telemetry.packetstream import PacketStream

_READ_BYTES = 65_536


class GuardedClient(Client):
    """As `Client`, with a `PacketStream` between the socket and its decoder.

    The client alone would take a packet of any announced size into memory, keep messages of QoS 2 without a bound,
    and read each packet in three system calls. ``loop_read`` raises BadInput for what no broker may send.
    ``hung_up`` says that the other side ended the connection.
    """

    hung_up = False

    def __init__(self, max_packet_bytes: int, *others: Any, **named: Any) -> None:
        super().__init__(*others, **named)
        self._stream = PacketStream(max_packet_bytes)

    @property
    def holds_more(self) -> bool:
        """Whether a packet lies here that ``poll`` cannot see; ``loop_read`` takes it."""
        return bool(self._stream)

    def _sock_recv(self, bufsize: int) -> bytes:
        # The client's own name for it, and not promised to stay: tests of packets too large fail when it goes.
        while not self._stream:
            try:
                data = super()._sock_recv(_READ_BYTES)
            except ConnectionResetError:
                self.hung_up = True
                raise
            if not data:
                self.hung_up = True
                return b""
            self._stream.feed(data)
        return self._stream.take(bufsize)
