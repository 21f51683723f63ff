"""What fits into a broker's packets, against the packets that the client really makes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from scripted import packet_of

from edgecam.telemetry.brokerlimits import BrokerLimits, packet_bytes
from edgecam.telemetry.packetproperties import publish_properties
from edgecam.telemetry.publication import Outgoing

_WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
_MESSAGES = st.builds(
    Outgoing,
    topic=_WORDS,
    payload=st.binary(max_size=300),
    expiry_s=st.sampled_from([0, 180]),
    content_type=st.sampled_from(["", "application/json", "application/age"]),
    correlation=st.binary(max_size=60),
    user_properties=st.lists(st.tuples(_WORDS, _WORDS), max_size=3).map(tuple),
)


@given(_MESSAGES)
def test_no_packet_is_larger_than_it_is_taken_for(message: Outgoing) -> None:
    topic = message.topic.encode()
    properties = publish_properties(message).pack()  # type: ignore[no-untyped-call]
    body = len(topic).to_bytes(2, "big") + topic + b"\0\1" + properties + message.payload
    size_bytes = len(packet_of(0x32, body))
    assert size_bytes <= packet_bytes(message) <= size_bytes + 32
    assert BrokerLimits(max_packet_bytes=packet_bytes(message)).fit(message)
    assert not BrokerLimits(max_packet_bytes=size_bytes - 1).fit(message)


def _connack(**told: int) -> Properties:
    properties = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]
    for name, value in told.items():
        setattr(properties, name, value)
    return properties


@pytest.mark.row("T2")
def test_what_a_connack_says_counts_and_what_it_does_not_say_is_mqtts_default() -> None:
    assert BrokerLimits.of(None) == BrokerLimits.of(_connack()) == BrokerLimits()
    told = _connack(
        ReceiveMaximum=7,
        MaximumPacketSize=900,
        ServerKeepAlive=5,
        MaximumQoS=0,
        RetainAvailable=0,
        WildcardSubscriptionAvailable=0,
    )
    assert BrokerLimits.of(told) == BrokerLimits(7, 900, 5, qos_1=False, retains=False, wildcards=False)


@pytest.mark.parametrize(("said", "seen", "counts"), [(0, 0, 0), (0, 5, 5), (9, 5, 5), (5, 9, 5), (5, 0, 5)])
def test_the_smaller_of_what_was_said_and_what_was_seen_counts(said: int, seen: int, counts: int) -> None:
    assert BrokerLimits(max_packet_bytes=said).capped(seen).max_packet_bytes == counts


def test_without_wildcards_only_plain_filters_are_known() -> None:
    plain, wild = "a/b", ("a/+", "a/#", "#")
    assert BrokerLimits(wildcards=False).know(plain)
    assert not any(BrokerLimits(wildcards=False).know(topic) for topic in wild)
    assert all(BrokerLimits().know(topic) for topic in (plain, *wild))
