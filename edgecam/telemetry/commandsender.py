"""The sender's side: gives one command to one camera over a broker, and waits for the answer."""

from __future__ import annotations

import queue
import ssl
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import ValidationError

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.errors import BadInput, Unavailable
from edgecam.telemetry.address import Address
from edgecam.telemetry.command import Command
from edgecam.telemetry.commandresult import CommandResult
from edgecam.telemetry.topics import Identity, Topics
from edgecam.telemetry.visitor import Visitor


class CommandSender(Visitor):
    """One visit at a broker; see `Visitor`. Without a ``context`` it goes without TLS, for loopback alone."""

    def __init__(self, address: Address, context: ssl.SSLContext | None, client_id: str) -> None:
        super().__init__(address, context, client_id)
        # What others ask meanwhile must not lengthen the wait.
        self._awaited = ("", b"")
        self._results: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def give(self, command: Command, now: Instant, patience_s: float) -> CommandResult:
        """Send ``command`` and wait for its answer.

        Raises: Unavailable when the broker refuses it, or no answer comes within ``patience_s``.
        """
        topics = Topics.of(Identity(command.site, command.camera, ""))
        answers = topics.command_result(command.name)
        correlation = bytes.fromhex(command.id)
        self._awaited = (answers, correlation)
        self.listen(answers)
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.MessageExpiryInterval = max(1, (command.expires_wall_ns - now.wall_ns) // NS_PER_S)
        properties.ResponseTopic = answers
        properties.CorrelationData = correlation
        properties.PayloadFormatIndicator = 1
        properties.ContentType = "application/json"
        topic = topics.command(command.name)
        code = self._ask(lambda: self._client.publish(topic, command.encode(), 1, properties=properties))
        if code.is_failure:
            raise self._away(f"it takes no command from here: {str(code).lower()}")
        return self._answer_to(command.id, patience_s)

    def _answer_to(self, command_id: str, patience_s: float) -> CommandResult:
        while True:
            try:
                payload = self._results.get(timeout=patience_s)
            except queue.Empty:
                raise Unavailable(
                    "the camera did not answer",
                    do="look whether it is online; give the command anew, an old one is not obeyed twice",
                ) from None
            try:
                result = CommandResult.model_validate_json(payload)
            except ValidationError as broken:
                raise BadInput("the camera's answer is none that this version understands") from broken
            if result.id in (command_id, None):
                return result

    def _hear(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        correlation = getattr(message.properties, "CorrelationData", b"")
        if (message.topic, bytes(correlation)) == self._awaited:
            self._results.put(bytes(message.payload))
