"""The link against brokers that stay silent, lie, hang up, refuse or ask for little."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import (
    CONNECT,
    DISCONNECT,
    PINGREQ,
    PUBACK,
    PUBLISH,
    WELCOME,
    acknowledged,
    packet_of,
    publication,
    scripted,
    welcome,
)
from setclock import SetClock
from stand import CLOCK, IDENTITY, PATIENCE_S, ROOT, event, free_port, link, outbox, wait_until

from edgecam.core.clock import Clock
from edgecam.core.events import Event
from edgecam.telemetry.address import Address
from edgecam.telemetry.connection import Connection, Manner
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.publication import Incoming, Outgoing
from edgecam.telemetry.rival import Rival
from edgecam.telemetry.verdict import BrokerState

_QUICK = Manner(will_delay_s=0, connect_timeout_s=0.5, answer_timeout_s=0.2)


def _says(*answers: tuple[int, bytes]) -> Callable[[int, bytes], bytes]:
    """A broker that answers a kind of packet always alike, and acknowledges what is published otherwise."""
    table = dict(answers)

    def answer(kind: int, body: bytes) -> bytes:
        if kind == PUBLISH and kind not in table:
            return acknowledged(body)
        return table.get(kind, b"")

    return answer


def _faults_against(folder: Path, answer: Callable[[int, bytes], bytes | None]) -> tuple[str, str, str]:
    with scripted(answer) as broker, outbox(folder) as box:
        box.put(event("kept"))
        with link(broker.address, box, manner=_QUICK) as line:
            wait_until(lambda: bool(line.state.faults), "a fault is told")
            state = line.state
        assert len(box) == 1
        return state.broker, state.faults[0].code, state.faults[0].sentence


@pytest.mark.row("T2")
def test_nobody_listens(tmp_path: Path) -> None:
    with outbox(tmp_path) as box, link(Address("127.0.0.1", free_port(), False), box) as line:
        wait_until(lambda: bool(line.state.faults), "a fault is told")
        assert (line.state.broker, line.state.faults[0].code) == ("connecting", "broker_away")
        assert "connection refused" in line.state.faults[0].sentence


def test_a_host_that_cannot_exist(tmp_path: Path) -> None:
    with outbox(tmp_path) as box, link(Address("a" * 70 + ".invalid", 1883, False), box) as line:
        wait_until(lambda: bool(line.state.faults), "a fault is told")
        assert line.state.faults[0].code == "broker_away"


@pytest.mark.row("T2")
def test_a_broker_that_accepts_and_says_nothing(tmp_path: Path) -> None:
    state, code, sentence = _faults_against(tmp_path, _says())
    assert (state, code) == ("connecting", "broker_away")
    assert "does not answer" in sentence


@pytest.mark.row("T2")
def test_a_broker_that_never_acknowledges_is_left_and_tried_again(tmp_path: Path) -> None:
    with (
        scripted(_says((CONNECT, WELCOME), (PUBLISH, b""))) as broker,
        outbox(tmp_path) as box,
        link(broker.address, box, manner=_QUICK),
    ):
        box.put(event("kept"))
        wait_until(lambda: broker.connections > 2, "it is tried again")
        assert len(box) == 1


def test_somebody_who_accepts_and_never_shakes_hands_in_tls(tmp_path: Path) -> None:
    with (
        scripted(_says()) as broker,
        outbox(tmp_path) as box,
        link(replace(broker.address, tls=True), box, manner=_QUICK) as line,
    ):
        wait_until(lambda: bool(line.state.faults), "a fault is told")
        assert line.state.faults[0].code == "broker_away"
        assert "does not answer" in line.state.faults[0].sentence


def test_a_broker_that_hangs_up(tmp_path: Path) -> None:
    state, code, _ = _faults_against(tmp_path, lambda _kind, _body: None)
    assert (state, code) == ("connecting", "broker_away")


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (b"\x20\x03\x00\x84\x00", "refused", "does not speak MQTT 5"),
        (b"\x20\x03\x00\x86\x00", "refused", "user name or the password"),
        (b"\x20\x03\x00\x87\x00", "refused", "does not authorise"),
        (b"\x20\x03\x00\x89\x00", "connecting", "server busy"),
        (b"\x20\x03\x00\x97\x00", "connecting", "quota exceeded"),
        (welcome(b"\x24\x00"), "refused", "QoS 1"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "connecting", "MQTT 5"),
        (WELCOME + b"\xe0\x01\x8e", "refused", "took the camera's name"),
        (WELCOME + b"\xe0\x01\x8b", "connecting", "shutting down"),
        (WELCOME + b"\xe0\x01\x9d", "refused", "was moved"),
        (welcome(b"\x25\x00"), "refused", "keeps no retained messages"),
        (welcome(b"\x27\x00\x00\x00\x80"), "refused", "too small"),
    ],
)
def test_what_a_broker_says_becomes_a_sentence(tmp_path: Path, answer: bytes, state: str, words: str) -> None:
    told, code, sentence = _faults_against(tmp_path, _says((CONNECT, answer), (PUBLISH, b"")))
    assert told == state
    assert code == ("broker_refused" if state == "refused" else "broker_away")
    assert words in sentence
    assert "recording goes on" in sentence


@pytest.mark.row("T2")
@pytest.mark.parametrize("most", [1, 2, 5])
def test_never_more_is_under_way_than_the_broker_receives(tmp_path: Path, most: int) -> None:
    names = [f"e{number}" for number in range(12)]
    answer = _says((CONNECT, welcome(b"\x21\x00" + bytes([most]))))
    with scripted(answer, slowly=True) as broker, outbox(tmp_path) as box:
        for name in names:
            box.put(event(name))
        with link(broker.address, box):
            wait_until(lambda: len(box) == 0, "the outbox runs empty")
        events = [body for body in broker.published if b"/event" in body]
        assert [next(name for name in names if f'"{name}"'.encode() in body) for body in events] == names
        assert broker.most_under_way == most


def _wordy(name: str) -> Event:
    return replace(event(name), reason="It went on. " * 150)


def test_a_message_that_is_too_big_for_the_broker_is_counted_as_lost(tmp_path: Path) -> None:
    with (
        scripted(_says((CONNECT, welcome(b"\x27\x00\x00\x07\x00")))) as broker,
        outbox(tmp_path) as box,
        link(broker.address, box),
    ):
        box.put(_wordy("too big"))
        wait_until(lambda: box.lost == 1, "it is counted")
        assert len(box) == 0


@pytest.mark.row("T2")
def test_a_broker_that_hangs_up_on_large_packets_without_a_limit_gets_the_smaller_ones(tmp_path: Path) -> None:
    def answer(kind: int, body: bytes) -> bytes:
        if kind == PUBLISH:
            return acknowledged(body) if len(body) < 1500 else b"\xe0\x01\x95"
        return WELCOME if kind == CONNECT else b""

    with scripted(answer) as broker, outbox(tmp_path) as box, link(broker.address, box):
        box.put(event("before"), _wordy("too big"), event("after"))
        wait_until(lambda: len(box) == 0, "the outbox runs empty")
        assert box.lost == 1
        told = [body for body in broker.kinds(PUBLISH) if b'"after"' in body]
        assert told


_LIES = {
    "a message with QoS 2": publication(f"{ROOT}/cmd/status", first=0x34),
    "a message on no topic, or on one with wildcards": publication(f"{ROOT}/cmd/+"),
    "where the camera takes 65536": packet_of(0x32, bytes(70_000)),
    "a packet that begins with 0x62": b"\x62\x02\x00\x01",
    "a second answer to CONNECT": WELCOME,
    "a subscription that was never asked for": b"\x90\x04\x00\x09\x00\x00",
    "a packet without a length": b"\x30\xff\xff\xff\xff",
}


@pytest.mark.row("T2")
@pytest.mark.parametrize("what", _LIES)
def test_a_broker_that_breaks_the_rules_is_left_with_a_word_and_tried_again(tmp_path: Path, what: str) -> None:
    with scripted(_says((CONNECT, WELCOME + _LIES[what]), (PUBLISH, b""))) as broker, outbox(tmp_path) as box:
        box.put(event("kept"))
        with link(broker.address, box, manner=_QUICK) as line:
            wait_until(lambda: any(what in fault.sentence for fault in line.state.faults), "the rule is named")
            wait_until(lambda: broker.connections > 2, "it is tried again")
        assert len(box) == 1
        # Told to the broker too (MQTT 5.0, 4.13): protocol error.
        assert b"\x82" in [body[:1] for body in broker.kinds(DISCONNECT)]


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(publication(f"{ROOT}/cmd/status", properties=b"\x23\x00\x01"), id="a topic alias"),
        pytest.param(publication(f"{ROOT}/cmd/status", properties=b"\x01\x02"), id="a format that is none"),
        pytest.param(publication(f"{ROOT}/cmd/status", properties=b"\x08\x00\x02\xff\xfe"), id="not UTF-8"),
        pytest.param(b"\x40\x03\x00\x01\x55", id="an unknown code for a message"),
        pytest.param(b"\xe0\x01\x03", id="an unknown code at the end"),
        pytest.param(publication(f"{ROOT}/cmd/status", properties=b"\x7f\x01"), id="an unknown property"),
        pytest.param(b"\x40\x00", id="an acknowledgement of nothing"),
        pytest.param(b"\xd0\x01\x00", id="an answer to a ping that says more"),
    ],
)
def test_a_packet_that_does_not_parse_ends_the_connection(tmp_path: Path, lie: bytes) -> None:
    state, code, sentence = _faults_against(tmp_path, _says((CONNECT, WELCOME + lie), (PUBLISH, b"")))
    assert (state, code) == ("connecting", "broker_away")
    assert "does not parse" in sentence


@pytest.mark.row("T2")
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda body: acknowledged(_renumbered(body)), id="acknowledges another"),
        pytest.param(lambda body: acknowledged(body)[:3], id="stalls in the middle of it"),
        pytest.param(lambda _body: b"\xd0\x00", id="answers a ping instead"),
    ],
)
def test_what_was_not_acknowledged_stays_and_is_tried_again(
    tmp_path: Path, answer: Callable[[bytes], bytes]
) -> None:
    def says(kind: int, body: bytes) -> bytes:
        return answer(body) if kind == PUBLISH else WELCOME if kind == CONNECT else b""

    with scripted(says) as broker, outbox(tmp_path) as box:
        box.put(event("kept"))
        with link(broker.address, box, manner=_QUICK):
            wait_until(lambda: broker.connections > 2, "it is tried again")
        assert len(box) == 1


def _renumbered(body: bytes) -> bytes:
    end = 2 + int.from_bytes(body[:2], "big")
    return body[:end] + b"\x70\x70" + body[end + 2 :]


def test_a_greeting_that_stalls_after_its_first_byte_is_no_answer(tmp_path: Path) -> None:
    _, code, sentence = _faults_against(tmp_path, _says((CONNECT, WELCOME[:1])))
    assert code == "broker_away"
    assert "does not answer in MQTT 5" in sentence


@pytest.mark.row("T2")
def test_a_broker_that_passes_over_one_message_for_long_is_left() -> None:
    clock = SetClock()
    message = Outgoing("edgecam/a/b/status", b"{}")
    with _established(b"", clock) as (connection, near):
        _pump(connection, lambda: connection.established)
        connection.publish(message, lambda _code: None)
        answered = 0
        for mid in range(2, 100):
            clock.sleep(0.15)
            connection.publish(message, lambda _code: None)
            near.sendall(bytes([PUBACK << 4, 2, 0, mid]))
            _pump(connection, lambda: connection.ended is not None or connection.unanswered == 1)
            if connection.ended is not None:
                break
            answered += 1
        assert answered == 5  # 0.75 s, and 0.8 s is four times as long as it may be silent
        assert connection.ended is not None
        assert "does not answer" in connection.ended.fault.sentence


@pytest.mark.row("T5")
def test_more_messages_than_asked_for_end_no_connection() -> None:
    heard: list[Incoming] = []

    def all_heard() -> bool:
        connection.hand_over(heard.append)
        return connection.ended is not None or len(heard) == 300

    with _established(b"", CLOCK) as (connection, near):
        _pump(connection, lambda: connection.established)
        near.sendall(b"".join(publication(f"a/{mid}", mid=mid) for mid in range(1, 301)))
        _pump(connection, all_heard)
        assert connection.ended is None
    assert [message.topic for message in heard] == [f"a/{mid}" for mid in range(1, 301)]


def test_the_keep_alive_of_the_broker_counts(tmp_path: Path) -> None:
    answer = _says((CONNECT, welcome(b"\x13\x00\x01")), (PINGREQ, b"\xd0\x00"))
    with scripted(answer) as broker, outbox(tmp_path) as box, link(broker.address, box) as line:
        wait_until(lambda: len(broker.kinds(PINGREQ)) >= 2, "it pings within the second asked for")
        assert (line.state.broker, broker.connections) == ("connected", 1)


@pytest.mark.row("T4")
def test_health_in_time_is_as_good_as_a_ping(tmp_path: Path) -> None:
    answer = _says((CONNECT, welcome(b"\x13\x00\x01")), (PINGREQ, b"\xd0\x00"))
    with (
        scripted(answer) as broker,
        outbox(tmp_path) as box,
        link(broker.address, box, health_period_s=1.0) as line,
    ):
        wait_until(lambda: sum(b"/health" in body for body in broker.published) >= 4, "health is said")
        assert (broker.kinds(PINGREQ), line.state.broker, broker.connections) == ([], "connected", 1)


@pytest.mark.row("K3")
def test_a_name_taken_over_is_reported_once_and_stands_while_connected_again(tmp_path: Path) -> None:
    reported: list[Rival] = []
    greetings = [WELCOME + b"\xe0\x01\x8e"] * 2

    def answer(kind: int, body: bytes) -> bytes:
        if kind == CONNECT:
            return greetings.pop() if greetings else WELCOME
        return acknowledged(body) if kind == PUBLISH else b""

    with (
        scripted(answer) as broker,
        outbox(tmp_path) as box,
        link(broker.address, box, rival=reported.append) as line,
    ):
        wait_until(lambda: line.state.broker == "connected" and not greetings, "it is let in again")
        wait_until(lambda: [fault.code for fault in line.state.faults] == ["camera_cloned"], "it stands")
    assert [rival.sure for rival in reported] == [True]


def test_a_message_is_acknowledged_after_it_was_taken_and_not_before() -> None:
    with _established(publication("a", b"1", mid=3) + publication("b", b"2", mid=4)) as (connection, near):
        seen: list[tuple[str, bytes]] = []
        poll = select.poll()
        poll.register(near, select.POLLIN)

        def take(message: Incoming) -> None:
            seen.append((message.topic, near.recv(64) if poll.poll(0) else b""))

        _pump(connection, lambda: len(connection._incoming) == 2)
        assert seen == []
        connection.hand_over(take)
        assert seen == [("a", b""), ("b", b"\x40\x02\x00\x03")]
        assert near.recv(64) == b"\x40\x02\x00\x04"


@contextmanager
def _established(greeted_with: bytes, clock: Clock = CLOCK) -> Iterator[tuple[Connection, socket.socket]]:
    """A connection whose broker has said yes and then ``greeted_with``, and the broker's end of it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        connection = Connection(Address(host, port, False), _QUICK, IDENTITY.camera, clock)
        connection.open(Credentials(), Outgoing("edgecam/a/b/status", b"{}", retain=True))
        near, _ = server.accept()
        with near:
            near.recv(1000)
            near.sendall(WELCOME + greeted_with)
            yield connection, near
        connection.abandon()


def _pump(connection: Connection, enough: Callable[[], bool]) -> None:
    for _ in range(300):
        if enough():
            return
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        holds_more = connection.wait_limit_s() == 0
        ready = dict(poll.poll(0 if holds_more else PATIENCE_S * 1000))
        assert ready or holds_more, "the broker's word, or its end, is seen"
        connection.handle(ready.get(connection.fileno(), 0))
    raise AssertionError("it never came")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_whatever_a_broker_sends_ends_in_a_verdict_or_waits(noise: bytes) -> None:
    """Any bytes for a CONNACK: the connection stands, waits, or has ended with a verdict; nothing is raised."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        connection = Connection(Address(host, port, False), _QUICK, IDENTITY.camera, CLOCK)
        connection.open(Credentials(), Outgoing("edgecam/a/b/status", b"{}", retain=True))
        near, _ = server.accept()
        with near:
            near.sendall(noise)
            near.shutdown(socket.SHUT_WR)
            poll = select.poll()
            poll.register(connection.fileno(), select.POLLIN)
            for _ in range(200):
                if connection.ended is not None:
                    break
                assert poll.poll(PATIENCE_S * 1000), "the end of the stream is seen"
                connection.handle(select.POLLIN)
        assert connection.ended is not None
        assert connection.ended.state in (BrokerState.CONNECTING, BrokerState.REFUSED)
        connection.abandon()


_NOISE = st.one_of(
    st.binary(max_size=80),
    st.builds(
        packet_of, st.sampled_from([0x20, 0x30, 0x31, 0x32, 0x3B, 0x40, 0x90, 0xD0, 0xE0]), st.binary(max_size=40)
    ),
    st.builds(
        publication,
        st.sampled_from(["a", f"{ROOT}/cmd/status", ""]),
        st.binary(max_size=20),
        first=st.integers(0x30, 0x3F),
        mid=st.integers(0, 3),
        properties=st.binary(max_size=20),
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_NOISE, max_size=4))
def test_whatever_a_broker_says_later_ends_in_a_verdict(noise: list[bytes]) -> None:
    """With a subscription asked for and a message under way; nothing is raised, what was heard is well formed."""
    answered: list[int] = []
    heard: list[Incoming] = []
    with _established(b"") as (connection, near):
        _pump(connection, lambda: connection.established)
        connection.subscribe([f"{ROOT}/cmd/+"], lambda codes: answered.append(len(codes)))
        connection.publish(Outgoing("edgecam/a/b/event", b"{}"), lambda code: answered.append(code.value))
        near.sendall(b"".join(noise))
        near.shutdown(socket.SHUT_WR)

        def over() -> bool:
            connection.hand_over(heard.append)
            return connection.ended is not None

        _pump(connection, over)
        assert connection.ended is not None
        assert connection.ended.state in (BrokerState.CONNECTING, BrokerState.REFUSED)
        assert connection.ended.fault.code in ("broker_away", "broker_refused")
    assert all(message.topic and not {"+", "#"} & set(message.topic) for message in heard)
    assert len(answered) <= 2
