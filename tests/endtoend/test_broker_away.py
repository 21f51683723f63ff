"""A broker that is away, refuses, or is not who it says: recording goes on, events wait, and all of them arrive."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from agentstand import Agent, NewCamera, Sections, camera, free_ports, wait_until
from authority import Authority
from subscriber import mosquitto, subscriber

from edgecam.core.clock import SystemClock
from edgecam.telemetry.outbox import Outbox


def _waiting(agent: Agent) -> list[tuple[str, int]]:
    """What waits in the outbox, oldest first."""
    outbox = Outbox(agent.places.outbox, SystemClock())
    try:
        return [(waiting.event.event_id, waiting.event.revision) for waiting in outbox.peek(10_000)]
    finally:
        outbox.close()


@pytest.mark.row("T2")
def test_events_outlive_a_broker_that_is_away_and_a_restart(tmp_path: Path, vtest: str) -> None:
    (port,) = free_ports(1)
    central = tmp_path / "central"
    # A watcher who has subscribed before, so that the broker keeps for it what comes first.
    with mosquitto(central, port), subscriber(port, session_expiry_s=3600) as watcher:
        pass
    sections: Sections = {"analysis": {"enabled": True}, "telemetry": {"broker": f"mqtt://127.0.0.1:{port}"}}
    with camera(tmp_path / "camera", vtest, sections) as agent:
        with agent.started():
            assert "is away" in agent.wait_fault("broker_away")
            wait_until(lambda: len(_waiting(agent)) >= 3, f"events gather: {agent.said()}")
        before = _waiting(agent)
        with agent.started():
            assert _waiting(agent)[: len(before)] == before
            with mosquitto(central, port), subscriber(port, session_expiry_s=3600) as watcher:
                wait_until(lambda: len(watcher.events()) > len(before), f"events arrive: {agent.said()}")
                wait_until(lambda: agent.hub is not None and agent.hub.outbox == 0, "the outbox is empty")
                arrived = watcher.events()
                # What happens meanwhile may go before what waited, but not before the beginning of itself.
                waited = set(before)
                assert [event for event in arrived if event in waited] == before
                assert len(set(arrived)) == len(arrived)
                for event_id in {event_id for event_id, _ in arrived}:
                    revisions = [revision for one, revision in arrived if one == event_id]
                    assert revisions == sorted(revisions)
        assert agent.hub is None or agent.hub.outbox_lost == 0


@pytest.mark.row("T2")
def test_a_broker_that_refuses_is_told_and_recording_goes_on(new_camera: NewCamera, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    agent = new_camera(sections={"telemetry": {"broker": f"mqtt://127.0.0.1:{port}"}})
    with mosquitto(tmp_path / "central", port, anonymous=False), agent.started():
        sentence = agent.wait_fault("broker_refused")
        assert "recording goes on" in sentence
        agent.wait_recording()
        shown = agent.command("status").out
        assert "authoris" in shown or "user name" in shown


@contextmanager
def _tls_server(folder: Path) -> Iterator[int]:
    """Somebody with a certificate of another authority than the camera trusts."""
    pair = Authority(folder, "somebody else").sign("broker")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert_file, pair.key_file)
    (port,) = free_ports(1)
    ending = threading.Event()

    def serve() -> None:
        with socket.create_server(("127.0.0.1", port)) as listener:
            listener.settimeout(0.2)
            while not ending.is_set():
                with suppress(OSError), listener.accept()[0] as plain, context.wrap_socket(plain, True):
                    pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield port
    finally:
        ending.set()
        thread.join()


@pytest.mark.row("K3")
def test_a_broker_with_a_wrong_certificate_is_not_spoken_to(new_camera: NewCamera, tmp_path: Path) -> None:
    trusted = Authority(tmp_path, "the owner's authority")
    with _tls_server(tmp_path) as port:
        telemetry = {"broker": f"mqtts://127.0.0.1:{port}", "ca_file": str(trusted.ca_file)}
        agent = new_camera(sections={"telemetry": telemetry})
        with agent.started():
            sentence = agent.wait_fault("broker_certificate")
            assert "certificate" in sentence
            assert "recording goes on" in sentence
            assert agent.hub is not None
            assert agent.hub.broker == "refused"
            agent.wait_recording()


def test_a_broker_that_is_gone_for_good_does_not_hold_up_the_stop(new_camera: NewCamera) -> None:
    (port,) = free_ports(1)
    agent = new_camera(sections={"telemetry": {"broker": f"mqtt://127.0.0.1:{port}"}})
    with agent.started():
        agent.wait_fault("broker_away")
    assert "Traceback" not in agent.said()
