"""One connection to the broker, from CONNECT to its end.

The client is driven from outside (`Connection.fileno`, `Connection.handle`), so one thread owns everything and
sleeps in one ``poll``. Each connection has a client of its own: what is unsent lies in the outbox and nowhere else,
so nothing stale can be sent again after days away.
"""

from __future__ import annotations

import select
import socket
import struct
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from paho.mqtt import MQTTException
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput, EdgecamError
from edgecam.telemetry.address import Address
from edgecam.telemetry.brokerlimits import BrokerLimits, packet_bytes
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.mqttclient import GuardedClient
from edgecam.telemetry.packetproperties import connect_properties, publish_properties, received, will_properties
from edgecam.telemetry.publication import Answered, Incoming, Outgoing
from edgecam.telemetry.tlssocket import RememberingSocket
from edgecam.telemetry.verdict import Verdict, away, hung_up, of_code, of_error, of_settings, refused

MAX_INCOMING_BYTES: Final = 65_536
_RECEIVE_MAXIMUM: Final = 16
_NOTHING_KEPT: Final = 2  # MQTT 5.0, 3.8.3.1: retained messages are not sent at the time of the subscribe
_PROTOCOL_ERROR: Final = 0x82
_KEEP_ALIVE_TIMEOUT: Final = 0x8D
# No message may stay unanswered for longer than so many answer timeouts, even while others are answered.
_PATIENCE: Final = 4
# What the client's decoder raises on packets that are whole but no MQTT.
_UNPARSABLE = (MQTTException, ValueError, LookupError, TypeError, AttributeError, struct.error)


@dataclass(frozen=True, slots=True)
class Manner:
    """How the camera behaves towards a broker; all in seconds.

    ``will_delay_s`` must not be above ``session_expiry_s``: the end of the session publishes the will at once.
    ``connect_timeout_s`` is for TCP and for the TLS handshake, each: a broker to which a fleet comes back has the
    handshakes of all in work at once, and who gives up early makes it begin anew.
    """

    keepalive_s: int = 60
    session_expiry_s: int = 3600
    will_delay_s: int = 45
    connect_timeout_s: float = 20.0
    answer_timeout_s: float = 15.0


class Connection:
    """A connection that is opened once and ended once; ``ended`` says why. Belongs to one thread.

    Nothing of the caller's is called while the client reads: answers and messages are handed on afterwards, so that
    a mistake of the caller's own cannot pass for one of the broker's.
    """

    def __init__(
        self, address: Address, manner: Manner, client_id: str, clock: Clock, max_packet_bytes: int = 0
    ) -> None:
        """``max_packet_bytes`` is what the broker was seen to take at most, whatever it says; 0: unknown."""
        self.ended: Verdict | None = None
        self.established = False
        self._limits = BrokerLimits()
        self._max_packet_bytes = max_packet_bytes
        self._address = address
        self._manner = manner
        self._clock = clock
        self._deadline_ns: int | None = None
        self._published_ns = 0
        self._unanswered: dict[int, _UnderWay] = {}
        self._subscription: _Subscription | None = None
        self._answers: list[Callable[[], None]] = []
        self._incoming: deque[tuple[int, Incoming]] = deque()
        self._tls: RememberingSocket | None = None
        self._client = GuardedClient(
            MAX_INCOMING_BYTES,
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        # The client knows no Receive Maximum, only a fixed 20 beyond which it would queue: callers mind `room`.
        self._client.max_inflight_messages = BrokerLimits().receive_maximum
        self._client.connect_timeout = manner.connect_timeout_s
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_socket_open = self._on_socket_open

    def open(self, credentials: Credentials, will: Outgoing) -> None:
        """Connect and send CONNECT; waits for seconds at most. The answer comes through `handle`."""
        manner = self._manner
        self._client.will_set(will.topic, will.payload, 1, will.retain, will_properties(manner.will_delay_s))
        try:
            if credentials.username is not None:
                self._client.username_pw_set(credentials.username, credentials.password())
            if self._address.tls:
                self._client.tls_set_context(credentials.tls_context())
            self._client.connect(
                self._address.host,
                self._address.port,
                manner.keepalive_s,
                clean_start=False,
                properties=connect_properties(manner.session_expiry_s, _RECEIVE_MAXIMUM, MAX_INCOMING_BYTES),
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
    def largest_bytes(self) -> int:
        """How large the largest packet under way is at most."""
        return max((under_way.size_bytes for under_way in self._unanswered.values()), default=0)

    @property
    def room(self) -> int:
        """How many more messages may be published now (MQTT 5.0, 4.9: the broker's Receive Maximum)."""
        return self._limits.receive_maximum - len(self._unanswered)

    def fits(self, message: Outgoing) -> bool:
        """Whether the broker takes a packet of this size."""
        return self._limits.fit(message)

    def publish(self, message: Outgoing, answered: Answered) -> None:
        """Send ``message`` with QoS 1; ``answered`` gets the PUBACK's code, unless the connection ends before.

        There must be `room`. Raises: ValueError for a topic with a wildcard.
        """
        info = self._client.publish(message.topic, message.payload, 1, message.retain, publish_properties(message))
        if not self._unanswered:
            self._expect_answer()
        self._published_ns = self._clock.mono_ns()
        self._unanswered[info.mid] = _UnderWay(answered, self._published_ns, packet_bytes(message))

    def can_subscribe(self, topic_filter: str) -> bool:
        """Whether the broker knows filters of this form; some know none with wildcards."""
        return self._limits.know(topic_filter)

    def subscribe(self, filters: Sequence[str], answered: Callable[[Sequence[ReasonCode]], None]) -> None:
        """Ask for all messages on ``filters``: QoS 1, not what this client says itself, nothing kept from before.

        ``answered`` gets a code for each filter. Once a connection.
        """
        wish = SubscribeOptions(1, noLocal=True, retainAsPublished=True, retainHandling=_NOTHING_KEPT)
        _, mid = self._client.subscribe([(topic_filter, wish) for topic_filter in filters])
        if mid is not None:
            self._subscription = _Subscription(mid, len(filters), answered)
            self._expect_answer()

    def hand_over(self, take: Callable[[Incoming], None]) -> None:
        """Give what has come in to ``take``, the oldest first; each is acknowledged when ``take`` has returned."""
        while self._incoming and self.ended is None:
            mid, message = self._incoming.popleft()
            take(message)
            if mid:
                self._client.ack(mid, 1)

    def fileno(self) -> int:
        """The socket's descriptor, -1 when there is none any more."""
        line = self._client.socket()
        return -1 if line is None else line.fileno()

    def interest(self) -> int:
        """The ``poll`` flags to wait for."""
        return select.POLLIN | (select.POLLOUT if self._client.want_write() else 0)

    def handle(self, flags: int) -> None:
        """Do what ``poll`` said is possible, keep the connection alive, notice a broker that has gone silent."""
        if flags & ~select.POLLOUT or self._holds_more:
            self._read()
        if flags & select.POLLOUT and self.ended is None:
            self._client.loop_write()
        self._note_alert()
        if self.ended is None and self._is_quiet():
            self._client.loop_misc()
        if self.ended is None and self._is_silent():
            silent = "it does not answer" if self.established else "it does not answer in MQTT 5"
            self._end(away(self._address, silent))
        if self.ended is None and self.fileno() < 0:
            self._end(away(self._address, "the connection broke"))

    def wait_limit_s(self) -> float:
        """How long at most to sleep before `handle` is due again."""
        if self._holds_more:
            return 0.0
        limit_s = self._keepalive_s / 4
        if self._deadline_ns is not None:
            limit_s = min(limit_s, max(self._deadline_ns - self._clock.mono_ns(), 0) / NS_PER_S + 0.01)
        return limit_s

    def close(self) -> None:
        """Say goodbye (the will is forgotten) and close."""
        if self.established and self.ended is None:
            self._client.disconnect()
        self.abandon()

    def refuse(self, why: str) -> None:
        """End it because the broker cannot do what the camera needs."""
        self._end(refused(why))

    def abandon(self) -> None:
        """Close without a word; the broker publishes the will after its delay."""
        self._client.on_disconnect = None
        line = self._client.socket()
        if line is not None:
            line.close()

    def _read(self) -> None:
        try:
            self._client.loop_read()
            # What is not taken yet is left with the broker: Mosquitto 2.0.11 minds no Receive Maximum, and hanging
            # up would let anybody who sends a hundred commands keep the camera away.
            while self._holds_more and len(self._incoming) < _RECEIVE_MAXIMUM:
                self._client.loop_read()
        except BadInput as wrong:
            self._end(self._nonsense(wrong.what), _PROTOCOL_ERROR)
        except _UNPARSABLE:
            self._end(self._nonsense("a packet that does not parse"), _PROTOCOL_ERROR)
        answers, self._answers = self._answers, []
        for answer in answers:
            answer()

    @property
    def _holds_more(self) -> bool:
        """Whether something was read ahead or decrypted, which poll cannot see."""
        more = self._client.holds_more or (self._tls is not None and self._tls.pending() > 0)
        return self.ended is None and more

    def _nonsense(self, what: str) -> Verdict:
        known = self.established
        return away(
            self._address, f"it breaks the rules of MQTT 5: {what}" if known else "it does not speak MQTT 5"
        )

    def _note_alert(self) -> None:
        """A TLS alert says more than the client, which takes it for a plain loss of the connection."""
        if self._tls is not None and self._tls.failure is not None:
            self.ended = of_error(self._address, self._tls.failure)

    def _expect_answer(self) -> None:
        self._deadline_ns = self._clock.mono_ns() + int(self._manner.answer_timeout_s * NS_PER_S)

    def _is_silent(self) -> bool:
        """Whether nothing at all was answered for a while, or one message not for a good deal longer."""
        now_ns = self._clock.mono_ns()
        if self._deadline_ns is not None and now_ns >= self._deadline_ns:
            return True
        oldest = next(iter(self._unanswered.values()), None)
        patience_ns = int(_PATIENCE * self._manner.answer_timeout_s * NS_PER_S)
        return oldest is not None and now_ns - oldest.sent_ns >= patience_ns

    @property
    def _keepalive_s(self) -> int:
        return self._limits.keepalive_s or self._manner.keepalive_s

    def _is_quiet(self) -> bool:
        """Whether nothing was published for as long as the keep alive.

        The client counts no message as a word of the camera's, and would ping beside them. Whether the broker is
        there still, its acknowledgement tells as well as the answer to a ping.
        """
        return self._clock.mono_ns() - self._published_ns >= self._keepalive_s * NS_PER_S

    def _end(self, verdict: Verdict, code: int = 0) -> None:
        said_already, self.ended = self.ended is not None, self.ended or verdict
        if code and self.established and not said_already:
            self._client.disconnect(ReasonCode(PacketTypes.DISCONNECT, identifier=code))
        self.abandon()

    def _on_socket_open(self, _client: Client, _data: object, line: object) -> None:
        if isinstance(line, socket.socket):
            # An event must not wait for the broker's acknowledgement of what went before it.
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._tls = line if isinstance(line, RememberingSocket) else None

    def _on_connect(
        self, _client: Client, _data: object, _flags: ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        limits = BrokerLimits.of(properties)
        if code.is_failure:
            self.ended = of_code(self._address, code)
        elif not limits.qos_1:
            self.ended = refused("the broker does not give QoS 1", "allow QoS 1 there")
        elif not limits.retains:
            self.ended = refused("the broker keeps no retained messages", "let it keep them")
        else:
            self.established = True
            self._limits = limits.capped(self._max_packet_bytes)
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
        elif self._client.hung_up:
            self.ended = hung_up(self._address)
        elif code.value == _PROTOCOL_ERROR:
            self.ended = self._nonsense("a packet that does not parse")
        elif code.value == _KEEP_ALIVE_TIMEOUT:
            self.ended = away(self._address, "it does not answer")
        else:
            self.ended = away(self._address, "the connection broke")

    def _on_publish(self, _client: Client, _data: object, mid: int, code: ReasonCode, _properties: object) -> None:
        under_way = self._unanswered.pop(mid, None)
        if under_way is not None:
            self._answers.append(partial(under_way.answered, code))
        self._progress()

    def _on_subscribe(
        self, _client: Client, _data: object, mid: int, codes: list[ReasonCode], _properties: object
    ) -> None:
        asked = self._subscription
        if asked is None or asked.mid != mid:
            raise BadInput("an answer to a subscription that was never asked for")
        if len(codes) != asked.filters:
            raise BadInput("an answer to another subscription than the camera's")
        self._subscription = None
        self._answers.append(partial(asked.answered, codes))
        self._progress()

    def _progress(self) -> None:
        self._deadline_ns = None
        if self._unanswered or self._subscription is not None:
            self._expect_answer()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._incoming.append((message.mid, received(message)))


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A message that was sent at ``sent_ns`` and is not acknowledged yet."""

    answered: Answered
    sent_ns: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class _Subscription:
    """A SUBSCRIBE for that many ``filters`` that is not acknowledged yet."""

    mid: int
    filters: int
    answered: Callable[[Sequence[ReasonCode]], None]
