"""One connection to the broker, from CONNECT to its end: the only file that knows the MQTT client.

The client is driven from outside (`Connection.fileno`, `Connection.handle`), so one thread owns everything and
sleeps in one ``poll``. Each connection has a client of its own: what is unsent lies in the outbox and nowhere else,
so nothing stale can be sent again after days away.
"""

from __future__ import annotations

import select
import struct
from collections.abc import Callable
from dataclasses import dataclass

from paho.mqtt import MQTTException
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import EdgecamError
from edgecam.telemetry.address import Address
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.publication import Outgoing
from edgecam.telemetry.tlssocket import RememberingSocket
from edgecam.telemetry.verdict import Verdict, away, of_code, of_error, of_settings, refused

_RECEIVE_MAXIMUM_DEFAULT = 65_535  # MQTT 5.0, 3.2.2.3.3
_PACKET_OVERHEAD_BYTES = 128
_MAX_INCOMING_BYTES = 65_536
# What the client's decoder raises on bytes that are no MQTT.
_NONSENSE = (MQTTException, ValueError, LookupError, TypeError, AttributeError, struct.error)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the camera behaves towards a broker; all in seconds.

    ``will_delay_s`` must not be above ``session_expiry_s``: the end of the session publishes the will at once.
    """

    keepalive_s: int = 60
    session_expiry_s: int = 3600
    will_delay_s: int = 20
    answer_timeout_s: float = 15.0


class Connection:
    """A connection that is opened once and ended once; ``ended`` says why. Belongs to one thread."""

    def __init__(self, address: Address, manner: Manner, client_id: str, clock: Clock) -> None:
        self.ended: Verdict | None = None
        self.established = False
        self._receive_maximum = _RECEIVE_MAXIMUM_DEFAULT
        self._max_packet_bytes = 0
        self._address = address
        self._manner = manner
        self._clock = clock
        self._deadline_ns: int | None = None
        self._unanswered: dict[int, Callable[[ReasonCode], None]] = {}
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
        )
        # The client knows no Receive Maximum, only a fixed 20 beyond which it would queue: callers mind `room`.
        self._client.max_inflight_messages = _RECEIVE_MAXIMUM_DEFAULT
        self._client.connect_timeout = 10.0
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._client.on_socket_open = self._on_socket_open
        self._tls: RememberingSocket | None = None

    def open(self, credentials: Credentials, will: Outgoing) -> None:
        """Connect and send CONNECT; waits for seconds at most. The answer comes through `handle`."""
        self._client.will_set(will.topic, will.payload, 1, will.retain, self._will_properties())
        properties = _properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = self._manner.session_expiry_s
        properties.MaximumPacketSize = _MAX_INCOMING_BYTES
        try:
            if credentials.username is not None:
                self._client.username_pw_set(credentials.username, credentials.password())
            if self._address.tls:
                self._client.tls_set_context(credentials.tls_context())
            self._client.connect(
                self._address.host,
                self._address.port,
                self._manner.keepalive_s,
                clean_start=False,
                properties=properties,
            )
        except EdgecamError as unusable:
            self.ended = of_settings(unusable)
        except OSError as error:
            self.ended = of_error(self._address, error)
        except UnicodeError:
            self.ended = away(self._address, "no such host name")
        self._note_alert()
        self._expect_answer()

    @property
    def unanswered(self) -> int:
        """Messages that were published and not acknowledged yet."""
        return len(self._unanswered)

    @property
    def room(self) -> int:
        """How many more messages may be published now (MQTT 5.0, 4.9: the broker's Receive Maximum)."""
        return self._receive_maximum - len(self._unanswered)

    def fits(self, message: Outgoing) -> bool:
        """Whether the broker takes a packet of this size."""
        size_bytes = len(message.payload) + len(message.topic) + _PACKET_OVERHEAD_BYTES
        return not self._max_packet_bytes or size_bytes <= self._max_packet_bytes

    def publish(self, message: Outgoing, answered: Callable[[ReasonCode], None]) -> None:
        """Send ``message`` with QoS 1; ``answered`` gets the PUBACK's code, unless the connection ends before.

        There must be `room`.
        """
        info = self._client.publish(message.topic, message.payload, 1, message.retain, _publish_properties(message))
        if not self._unanswered:
            self._expect_answer()
        self._unanswered[info.mid] = answered

    def fileno(self) -> int:
        """The socket's descriptor, -1 when there is none any more."""
        socket = self._client.socket()
        return -1 if socket is None else socket.fileno()

    def interest(self) -> int:
        """The ``poll`` flags to wait for."""
        return select.POLLIN | (select.POLLOUT if self._client.want_write() else 0)

    def handle(self, flags: int) -> None:
        """Do what ``poll`` said is possible, keep the connection alive, notice a broker that has gone silent."""
        if flags & ~select.POLLOUT:
            self._read()
        if flags & select.POLLOUT and self.ended is None:
            self._client.loop_write()
        self._note_alert()
        if self.ended is None:
            self._client.loop_misc()
        if self.ended is None and self._deadline_ns is not None and self._clock.mono_ns() >= self._deadline_ns:
            silent = "it does not answer" if self.established else "it does not answer in MQTT 5"
            self._end(away(self._address, silent))
        if self.ended is None and self.fileno() < 0:
            self._end(away(self._address, "the connection broke"))

    def wait_limit_s(self) -> float:
        """How long at most to sleep before `handle` is due again."""
        limit_s = self._manner.keepalive_s / 4
        if self._deadline_ns is not None:
            limit_s = min(limit_s, max(self._deadline_ns - self._clock.mono_ns(), 0) / NS_PER_S + 0.01)
        return limit_s

    def close(self) -> None:
        """Say goodbye (the will is forgotten) and close."""
        if self.established and self.ended is None:
            self._client.disconnect()
        self.abandon()

    def abandon(self) -> None:
        """Close without a word; the broker publishes the will after its delay."""
        self._client.on_disconnect = None
        socket = self._client.socket()
        if socket is not None:
            socket.close()

    def _read(self) -> None:
        try:
            self._client.loop_read()
            # TLS may have decrypted more than was asked for; poll cannot see that.
            while self.ended is None and self._tls is not None and self._tls.pending():
                self._client.loop_read()
        except _NONSENSE:
            self._end(away(self._address, "it does not speak MQTT 5"))

    def _note_alert(self) -> None:
        """A TLS alert says more than the client, which takes it for a plain loss of the connection."""
        if self._tls is not None and self._tls.failure is not None:
            self.ended = of_error(self._address, self._tls.failure)

    def _expect_answer(self) -> None:
        self._deadline_ns = self._clock.mono_ns() + int(self._manner.answer_timeout_s * NS_PER_S)

    def _end(self, verdict: Verdict) -> None:
        self.ended = self.ended or verdict
        self.abandon()

    def _will_properties(self) -> Properties:
        properties = _json_properties(PacketTypes.WILLMESSAGE)
        properties.WillDelayInterval = self._manner.will_delay_s
        return properties

    def _on_socket_open(self, _client: Client, _data: object, socket: object) -> None:
        self._tls = socket if isinstance(socket, RememberingSocket) else None

    def _on_connect(
        self, _client: Client, _data: object, _flags: ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        if code.is_failure:
            self.ended = of_code(self._address, code)
        elif getattr(properties, "MaximumQoS", 1) == 0:
            self.ended = refused("the broker does not give QoS 1", "allow QoS 1 there")
        else:
            self.established = True
            self._receive_maximum = getattr(properties, "ReceiveMaximum", _RECEIVE_MAXIMUM_DEFAULT)
            self._max_packet_bytes = getattr(properties, "MaximumPacketSize", 0)
            self._deadline_ns = None

    def _on_disconnect(
        self, _client: Client, _data: object, flags: DisconnectFlags, code: ReasonCode, _properties: object
    ) -> None:
        if self.ended is not None:
            return
        if flags.is_disconnect_packet_from_server:
            self.ended = of_code(self._address, code)
        elif not self.established:
            self.ended = away(self._address, "it hangs up, or does not speak MQTT 5")
        else:
            self.ended = away(self._address, "the connection broke")

    def _on_publish(self, _client: Client, _data: object, mid: int, code: ReasonCode, _properties: object) -> None:
        answered = self._unanswered.pop(mid, None)
        self._deadline_ns = None
        if self._unanswered:
            self._expect_answer()
        if answered is not None:
            answered(code)


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]


def _json_properties(packet: int) -> Properties:
    properties = _properties(packet)
    properties.PayloadFormatIndicator = 1
    properties.ContentType = "application/json"
    return properties


def _publish_properties(message: Outgoing) -> Properties:
    properties = _json_properties(PacketTypes.PUBLISH)
    if message.expiry_s:
        properties.MessageExpiryInterval = message.expiry_s
    return properties
