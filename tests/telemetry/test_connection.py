"""The link against brokers that stay silent, lie, hang up, refuse or ask for little."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import (
    CONNECT,
    PUBLISH,
    WELCOME,
    acknowledged,
    scripted,
    welcome,
)
from stand import CLOCK, IDENTITY, PATIENCE_S, event, free_port, link, outbox, wait_until

from edgecam.telemetry.address import Address
from edgecam.telemetry.connection import Connection, Manner
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.publication import Outgoing
from edgecam.telemetry.verdict import BrokerState

_QUICK = Manner(will_delay_s=0, answer_timeout_s=0.2)


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


def test_a_message_that_is_too_big_for_the_broker_is_counted_as_lost(tmp_path: Path) -> None:
    with (
        scripted(_says((CONNECT, welcome(b"\x27\x00\x00\x01\x00")))) as broker,
        outbox(tmp_path) as box,
        link(broker.address, box),
    ):
        box.put(event("too big"))
        wait_until(lambda: box.lost == 1, "it is counted")
        assert len(box) == 0


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_whatever_a_broker_sends_ends_in_a_verdict_or_waits(noise: bytes) -> None:
    """Any bytes for a CONNACK: the connection stands, waits, or has ended with a verdict; nothing is raised."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = Connection(Address(*server.getsockname(), False), _QUICK, IDENTITY.camera, CLOCK)
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
