"""The link against real Mosquittos: passwords, permissions, TLS, restarts, take-over."""

from __future__ import annotations

import json
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from authority import Authority, Pair
from scripted import CONNECT, PINGREQ, PUBLISH, WELCOME, acknowledged, scripted
from setclock import ForwardClock
from stand import (
    CLOCK,
    IDENTITY,
    ROOT,
    Mosquitto,
    event,
    health,
    link,
    listener,
    mosquitto,
    mosquitto_path,
    outbox,
    wait_until,
    wire,
)

from edgecam.core.errors import Unavailable
from edgecam.telemetry.address import Address
from edgecam.telemetry.backoff import Backoff
from edgecam.telemetry.connection import Manner
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.doorbell import Bell, Doorbell
from edgecam.telemetry.healthmessage import Health, HealthMessage
from edgecam.telemetry.link import Link
from edgecam.telemetry.messages import EventMessage, StatusMessage
from edgecam.telemetry.rival import Rival
from edgecam.telemetry.verdict import BrokerState


def _secure(folder: Path, authority: Authority, server: Pair, *lines: str) -> Mosquitto:
    broker = Mosquitto(
        folder,
        f"cafile {authority.ca_file}",
        f"certfile {server.cert_file}",
        f"keyfile {server.key_file}",
        *lines,
    )
    broker.address = replace(broker.address, tls=True)
    return broker


def _fault_of(folder: Path, address: Address, credentials: Credentials) -> tuple[BrokerState, str, str]:
    """State, fault code and sentence of a link that does not get in; an event stays in its outbox."""
    with outbox(folder) as box, link(address, box, credentials) as line:
        box.put(event("kept"))
        wait_until(lambda: bool(line.state.faults), "a fault is told")
        state = line.state
        assert len(box) == 1
        return state.broker, state.faults[0].code, state.faults[0].sentence


def _password_file(folder: Path, password: str) -> Path:
    file = folder / "password"
    file.touch(mode=0o600)
    file.write_text(password + "\n")
    return file


@pytest.fixture
def guarded(tmp_path: Path) -> list[str]:
    """Lines of a Mosquitto that knows one user, ``camera`` with the password ``open sesame``."""
    mosquitto_path()
    known = tmp_path / "known"
    known.touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", str(known), "camera", "open sesame"], check=True)
    return [f"password_file {known}"]


@pytest.mark.row("T1")
def test_every_message_is_of_its_schema_and_in_sequence(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker, outbox(tmp_path) as box, listener(broker.address) as ear:
        with link(broker.address, box):
            box.put(event("e1"))
            ear.next("event")
        ear.next("status")
        models: dict[str, type[StatusMessage | HealthMessage | EventMessage]] = {
            "status": StatusMessage,
            "health": HealthMessage,
            "event": EventMessage,
        }
        messages = [
            models[heard.topic.removeprefix(f"{ROOT}/")].model_validate_json(_json(heard.body))
            for heard in ear.heard
        ]
        kinds = [type(message) for message in messages]
        assert (kinds[0], kinds[-1]) == (StatusMessage, StatusMessage)
        assert set(kinds[1:-1]) == {EventMessage, HealthMessage}
        assert [message.sequence for message in messages] == [1, 2, 3, 4]
        assert len({message.session for message in messages}) == 1
        assert all(heard.properties["ContentType"] == "application/json" for heard in ear.heard)
        expiries = {heard.topic: heard.properties.get("MessageExpiryInterval") for heard in ear.heard}
        assert expiries == {f"{ROOT}/status": None, f"{ROOT}/health": 180, f"{ROOT}/event": None}


def _json(body: object) -> str:
    return json.dumps(body)


@pytest.mark.row("T4")
def test_health_is_told_again_each_period(tmp_path: Path) -> None:
    with (
        mosquitto(tmp_path) as broker,
        outbox(tmp_path) as box,
        listener(broker.address) as ear,
        link(broker.address, box, health_period_s=0.1),
    ):
        sequences = [ear.next("health").body["sequence"] for _ in range(4)]
        assert sequences == sorted(set(sequences))


def test_a_health_reading_that_fails_does_not_hold_up_events(tmp_path: Path) -> None:
    def failing() -> Health:
        raise Unavailable("no reading")

    with mosquitto(tmp_path) as broker, outbox(tmp_path) as box, listener(broker.address) as ear:
        line = Link(broker.address, Credentials(), IDENTITY, box, failing, CLOCK)
        line.start()
        box.put(event("e1"))
        assert ear.next("event").body["event_id"] == "e1"
        line.stop()
        assert [heard.topic for heard in ear.heard if heard.topic.endswith("health")] == []


@pytest.mark.row("K3")
def test_a_right_password_is_let_in_and_a_wrong_one_told(tmp_path: Path, guarded: list[str]) -> None:
    with mosquitto(tmp_path, *guarded, anonymous=False) as broker:
        right = Credentials(username="camera", password_file=_password_file(tmp_path, "open sesame"))
        with outbox(tmp_path) as box, link(broker.address, box, right) as line:
            wait_until(lambda: line.state.broker == "connected", "the right password is let in")
        wrong = Credentials(username="camera", password_file=_password_file(tmp_path, "open barley"))
        state, code, sentence = _fault_of(tmp_path, broker.address, wrong)
        assert (state, code) == ("refused", "broker_refused")
        assert "barley" not in sentence
        assert "recording goes on" in sentence


@pytest.mark.row("K3")
def test_a_corrected_password_is_taken_without_a_restart(tmp_path: Path, guarded: list[str]) -> None:
    with mosquitto(tmp_path, *guarded, anonymous=False) as broker, outbox(tmp_path) as box:
        file = _password_file(tmp_path, "open barley")
        with link(broker.address, box, Credentials(username="camera", password_file=file)) as line:
            wait_until(lambda: line.state.broker == "refused", "it is refused")
            _password_file(tmp_path, "open sesame")
            wait_until(lambda: line.state.broker == "connected", "it is let in")
            assert line.state.faults == ()


def test_a_password_that_others_may_read_is_a_fault_of_the_settings(tmp_path: Path) -> None:
    file = _password_file(tmp_path, "open sesame")
    file.chmod(0o644)
    with mosquitto(tmp_path) as broker:
        credentials = Credentials(username="camera", password_file=file)
        state, code, sentence = _fault_of(tmp_path, broker.address, credentials)
    assert (state, code) == ("refused", "broker_settings")
    assert "chmod 600" in sentence


@pytest.mark.row("T2")
def test_events_that_the_broker_does_not_authorise_wait(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text(f"topic write {ROOT}/status\ntopic write {ROOT}/health\ntopic read #\n")
    with mosquitto(tmp_path, f"acl_file {acl}") as broker:
        state, code, sentence = _fault_of(tmp_path, broker.address, Credentials())
    assert (state, code) == ("refused", "broker_refused")
    assert "authorise" in sentence


@pytest.mark.row("K3")
def test_both_sides_know_each_other_by_certificates(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    camera = authority.sign("camera")
    broker = _secure(tmp_path, authority, authority.sign("server"), "require_certificate true")
    credentials = Credentials(ca_file=authority.ca_file, cert_file=camera.cert_file, key_file=camera.key_file)
    broker.start()
    try:
        with outbox(tmp_path) as box, link(broker.address, box, credentials) as line:
            for number in range(200):
                box.put(event(f"e{number}"))
            wait_until(lambda: len(box) == 0, "events pass through TLS")
            assert line.state.broker == "connected"
        state, code, sentence = _fault_of(tmp_path, broker.address, Credentials(ca_file=authority.ca_file))
        assert (state, code) == ("refused", "broker_certificate")
        assert "cert_file" in sentence
    finally:
        broker.stop()


@pytest.mark.row("K3")
@pytest.mark.parametrize("what", ["authority", "name", "date"])
def test_a_wrong_certificate_of_the_broker_is_never_accepted(tmp_path: Path, what: str) -> None:
    authority = Authority(tmp_path)
    server = authority.sign(
        "server", "127.0.0.2" if what == "name" else "127.0.0.1", days=-1 if what == "date" else 1
    )
    trusted = Authority(tmp_path, "another authority") if what == "authority" else authority
    broker = _secure(tmp_path, authority, server)
    broker.start()
    try:
        state, code, sentence = _fault_of(tmp_path, broker.address, Credentials(ca_file=trusted.ca_file))
    finally:
        broker.stop()
    assert (state, code) == ("refused", "broker_certificate")
    assert {"authority": "certificate chain", "name": "mismatch", "date": "expired"}[what] in sentence
    assert "recording goes on" in sentence


@pytest.mark.row("K3")
@pytest.mark.parametrize("what", ["expired", "of another authority"])
def test_a_camera_whose_certificate_the_broker_refuses_says_so(tmp_path: Path, what: str) -> None:
    authority = Authority(tmp_path)
    broker = _secure(tmp_path, authority, authority.sign("server"), "require_certificate true")
    signer = Authority(tmp_path, "another authority") if what == "of another authority" else authority
    camera = signer.sign("camera", days=-1 if what == "expired" else 1)
    broker.start()
    try:
        state, code, sentence = _fault_of(
            tmp_path, broker.address, Credentials(None, None, authority.ca_file, camera.cert_file, camera.key_file)
        )
    finally:
        broker.stop()
    assert (state, code) == ("refused", "broker_certificate")
    assert {"expired": "certificate expired", "of another authority": "unknown ca"}[what] in sentence
    assert "cert_file" in sentence


@pytest.mark.row("K3")
def test_a_camera_that_was_copied_is_noticed_though_this_broker_only_hangs_up(tmp_path: Path) -> None:
    reported: list[Rival] = []
    with (
        mosquitto(tmp_path) as broker,
        outbox(tmp_path) as box,
        link(broker.address, box, rival=reported.append) as line,
    ):
        for _ in range(3):
            wait_until(lambda: line.state.broker == "connected", "it is let in")
            with listener(broker.address, client_id=IDENTITY.camera):
                wait_until(lambda: line.state.broker != "connected", "it is thrown out")
        wait_until(lambda: line.state.broker == "connected", "it is let in again")
        assert [fault.code for fault in line.state.faults] == ["camera_cloned"]
        assert "perhaps" in line.state.faults[0].sentence
    assert [rival.sure for rival in reported] == [False]


@pytest.mark.row("T2")
def test_a_limit_of_mosquitto_is_honoured(tmp_path: Path) -> None:
    with (
        mosquitto(tmp_path, "max_packet_size 5000", "max_keepalive 10") as broker,
        outbox(tmp_path) as box,
        listener(broker.address) as ear,
        link(broker.address, box) as line,
    ):
        ear.next("health")
        box.put(replace(event("too big"), reason="long " * 2000), event("fits"))
        assert ear.next("event").body["event_id"] == "fits"
        wait_until(lambda: box.lost == 1, "the other is counted")
        assert line.state.broker == "connected"


@pytest.mark.row("T2")
def test_a_broker_that_once_found_everything_too_large_is_tried_again(tmp_path: Path) -> None:
    """One word of a broker that was set up wrongly must not keep the camera away for ever."""
    clock, strict = ForwardClock(), threading.Event()

    def answer(kind: int, body: bytes) -> bytes:
        if kind == PUBLISH:
            return b"\xe0\x01\x95" if strict.is_set() else acknowledged(body)
        return {CONNECT: WELCOME, PINGREQ: b"\xd0\x00"}.get(kind, b"")

    strict.set()
    with scripted(answer) as broker, outbox(tmp_path) as box:
        line = Link(broker.address, Credentials(), IDENTITY, box, health, clock, backoff=Backoff(0.05, 0.2))
        line.start()
        wait_until(lambda: "check the broker's settings" in str(line.state.faults), "it does not even greet it")
        strict.clear()
        clock.forward_s = 3601
        wait_until(lambda: line.state.broker == "connected", "it is tried again")
        line.stop()


def test_tls_to_a_broker_without_tls_is_told(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker:
        state, code, _ = _fault_of(tmp_path, replace(broker.address, tls=True), Credentials())
    assert (state, code) == ("connecting", "broker_away")


@pytest.mark.row("T1")
def test_a_short_loss_of_the_connection_does_not_say_offline(tmp_path: Path) -> None:
    with (
        mosquitto(tmp_path) as broker,
        outbox(tmp_path) as box,
        listener(broker.address) as ear,
        wire(broker.port) as line,
        link(line.address, box, manner=Manner(will_delay_s=60)),
    ):
        first = ear.next("status").body
        line.cut()
        line.mend()
        second = ear.next("status").body
        assert (first["state"], second["state"]) == ("online", "online")
        assert (first["session"], first["connection"]) == (second["session"], 1)
        assert second["connection"] > 1


@pytest.mark.row("T2")
def test_a_restart_of_the_broker_loses_nothing(tmp_path: Path) -> None:
    with (
        mosquitto(tmp_path, "persistence true", f"persistence_location {tmp_path}/") as broker,
        listener(broker.address, session_expiry_s=3600) as ear,
        outbox(tmp_path) as box,
        link(broker.address, box) as camera,
    ):
        box.put(event("before"))
        wait_until(lambda: len(box) == 0, "the first is acknowledged")
        broker.stop()
        wait_until(lambda: camera.state.broker == "connecting", "the loss is noticed")
        box.put(event("during"))
        broker.start()
        box.put(event("after"))
        wait_until(lambda: len(box) == 0, "the outbox runs empty")
        wait_until(lambda: "after" in ear.events(), "all arrive")
        # The broker may tell the listener twice what the listener could not acknowledge before the stop.
        assert list(dict.fromkeys(ear.events())) == ["before", "during", "after"]


def test_a_ring_of_the_doorbell_sends_what_another_process_put(tmp_path: Path) -> None:
    bell, doorbell = Bell(tmp_path / "bell"), Doorbell(tmp_path / "bell")
    with (
        mosquitto(tmp_path) as broker,
        outbox(tmp_path) as drained,
        outbox(tmp_path) as filled,
        listener(broker.address) as ear,
        link(broker.address, drained, doorbell=doorbell),
    ):
        ear.next("health")
        for number in range(10):
            filled.put(event(f"e{number}"))
            bell.ring()
            assert ear.next("event").body["event_id"] == f"e{number}"
    bell.close()
    doorbell.close()


def test_an_event_that_cannot_be_told_is_counted_as_lost_and_the_next_goes_on(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker, outbox(tmp_path) as box, listener(broker.address) as ear:
        box.put(replace(event("impossible"), confidence=7.0))
        box.put(replace(event("timeless"), start_wall_ns=10**30))
        box.put(event("good"))
        with link(broker.address, box):
            assert ear.next("event").body["event_id"] == "good"
            wait_until(lambda: len(box) == 0, "the outbox runs empty")
        assert box.lost == 2


def test_a_link_is_off_before_its_start_and_after_its_stop(tmp_path: Path) -> None:
    with mosquitto(tmp_path) as broker, outbox(tmp_path) as box:
        line = Link(broker.address, Credentials(), IDENTITY, box, health, CLOCK)
        assert line.state.broker == "off"
        line.start()
        line.stop()
        assert line.state.broker == "off"
        never = Link(broker.address, Credentials(), IDENTITY, box, health, CLOCK)
        never.stop()
