"""One try of a broker's settings: connect, say one small thing, leave; and a sentence of what came of it."""

from __future__ import annotations

import select

from paho.mqtt.reasoncodes import ReasonCode

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.status import Fault
from edgecam.telemetry.address import Address
from edgecam.telemetry.connection import Connection, Manner
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.publication import Outgoing
from edgecam.telemetry.topics import Identity, Topics
from edgecam.telemetry.verdict import Verdict, away, of_code

# Somebody waits for it in front of a page.
_MANNER = Manner(session_expiry_s=0, will_delay_s=0, connect_timeout_s=5.0, answer_timeout_s=5.0)
_LONGEST_NS = 15 * NS_PER_S
_EXPIRY_S = 60


def try_broker(address: Address, credentials: Credentials, identity: Identity, clock: Clock) -> Fault | None:
    """What keeps a camera of that ``identity`` from telling this broker something; ``None`` when nothing does.

    It goes by the camera's name with ``_try`` behind, so that a camera that is connected stays so. What it says is
    not kept and soon forgotten. Takes 15 seconds at most.
    """
    told = Outgoing(f"{Topics.of(identity).root}/try", b"{}", expiry_s=_EXPIRY_S)
    connection = Connection(address, _MANNER, f"{identity.camera}_try", clock)
    answers: list[ReasonCode] = []
    until_ns = clock.mono_ns() + _LONGEST_NS
    connection.open(credentials, told)
    said = False
    try:
        while connection.ended is None and not answers:
            if clock.mono_ns() >= until_ns:
                return away(address, "it does not answer").fault
            if connection.established and not said:
                connection.publish(told, answers.append)
                said = True
            _turn(connection)
        return _fault(address, connection.ended, answers)
    finally:
        connection.close()


def _turn(connection: Connection) -> None:
    poll = select.poll()
    poll.register(connection.fileno(), connection.interest())
    ready = dict(poll.poll(min(connection.wait_limit_s(), 1.0) * 1000))
    connection.handle(ready.get(connection.fileno(), 0))


def _fault(address: Address, ended: Verdict | None, answers: list[ReasonCode]) -> Fault | None:
    if ended is not None:
        return ended.fault
    return of_code(address, answers[0]).fault if answers[0].is_failure else None
