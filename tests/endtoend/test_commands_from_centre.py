"""Commands over a real broker to a real agent: obeyed, refused, registered, answered; recording goes on."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from agentstand import QUARTER_OF_AN_HOUR, SCENE, Agent, Command, NewCamera, camera, free_ports, wait_until
from brokerstand import BrokerStand, Template
from subscriber import Subscriber, mosquitto, subscriber

from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.keys.commandkey import CommandKey, create_command_key
from edgecam.ringbuffer.holdstore import HoldStore
from edgecam.telemetry.command import Command as Order
from edgecam.telemetry.commandkeys import EnrolledKeys, write_keys
from edgecam.telemetry.commandkinds import USUAL_RIGHTS, Right
from edgecam.telemetry.enrolment import Role

pytestmark = pytest.mark.row("T5")
CLOCK = SystemClock()


@dataclass
class Centre:
    """One agent, the broker between, and who commands."""

    agent: Agent
    port: int
    key_file: Path
    key: CommandKey

    def send(self, name: str, *arguments: str) -> Command:
        """Give a command with the command line; the answer in JSON."""
        typed = [word for argument in arguments for word in ("-a", argument)]
        place = ("home", self.agent.key.camera_id, name)
        return self.agent.command(
            *("command", "send", f"mqtt://127.0.0.1:{self.port}"),
            *(*place, "--key", str(self.key_file), "--json", *typed),
        )

    def answered(self, name: str, *arguments: str, code: str = "done") -> dict[str, Any]:
        done = self.send(name, *arguments)
        answer: dict[str, Any] = done.json()
        assert answer["code"] == code, answer
        assert done.code == (0 if answer["outcome"] in ("done", "accepted") else 1), answer
        return answer

    def lines(self) -> list[RegisterLine]:
        return [line for line in self.agent.register_lines() if line.act is Act.COMMAND]

    def order(self, name: str, arguments: dict[str, Any]) -> Order:
        now_ns = CLOCK.now().wall_ns
        return Order(
            id=secrets.token_hex(16),
            site="home",
            camera=self.agent.key.camera_id,
            name=name,
            arguments=arguments,
            issued_wall_ns=now_ns,
            expires_wall_ns=now_ns + 60 * NS_PER_S,
            key=self.key.public,
        ).signed(self.key.sign)

    def publish(self, watcher: Subscriber, payload: bytes, name: str, *, retain: bool = False) -> None:
        watcher.say(f"edgecam/home/{self.agent.key.camera_id}/cmd/{name}", payload, retain=retain)


def enrol(agent: Agent, key: CommandKey, may: tuple[Right, ...] = USUAL_RIGHTS) -> None:
    """As `edgecam command enrol` does, without its slow passphrase."""
    keys = EnrolledKeys(agent.key.camera_id).with_key("centre", key.public, may, CLOCK.now())
    write_keys(agent.places.command_keys, keys, agent.key.sign)


@contextmanager
def centre(tmp_path: Path, source: str = SCENE, analysis: bool = False) -> Iterator[Centre]:
    (port,) = free_ports(1)
    sections: dict[str, Any] = {
        "camera": {"site": "home"},
        "telemetry": {"broker": f"mqtt://127.0.0.1:{port}"},
        "retention": QUARTER_OF_AN_HOUR,
        "analysis": {"enabled": analysis},
    }
    with mosquitto(tmp_path / "central", port), camera(tmp_path / "camera", source, sections) as agent:
        key_file = tmp_path / "centre.key"
        key = create_command_key(key_file)
        enrol(agent, key)
        with agent.started():
            wait_until(lambda: agent.hub is not None and agent.hub.broker == "connected", f"{agent.said()}")
            yield Centre(agent, port, key_file, key)


def test_from_a_new_key_to_the_answer_and_to_its_end(tmp_path: Path) -> None:
    """Every command once, and what the register tells of it."""
    with centre(tmp_path) as stand:
        agent = stand.agent
        health = stand.answered("status")["health"]
        assert health["recording"]
        answer = stand.answered("update_check", code="no_source")
        assert answer["outcome"] == "done"
        assert answer["details"]["version"] in answer["sentence"]

        held = stand.answered("hold", "minutes=5", "reason=a fall on the stairs")["details"]
        key = agent.key
        (hold,) = HoldStore(agent.places.holds, key.public, key.sign, 1 << 40).kept()
        assert hold.hold_id == held["hold"]
        assert hold.record is not None
        assert (hold.record.why.reason, hold.record.why.decided_by) == ("a fall on the stairs", "centre")

        assert stand.answered("silence", "kind=person", "minutes=60")["outcome"] == "done"
        assert "person" in json.loads(agent.places.silences.read_bytes())["silences"][0]["kind"]
        told = stand.answered("status")["details"]
        assert "silence of person" in told

        assert "passphrase" in agent.command("command", "enrol", "x", "0" * 64, EDGECAM_PASSPHRASE="wrong").refusal
        lines = stand.lines()
        begun = [line for line in lines if line.completes is None]
        assert [line.detail["command"] for line in begun] == ["status", "update_check", "hold", "silence", "status"]
        assert {line.who for line in begun} == {"centre"}
        completed = {line.completes: line.detail["outcome"] for line in lines if line.completes is not None}
        assert completed == {line.sequence: "done" for line in begun}
        assert verify_register(agent.places.register, agent.key.public).genuine


def is_private(agent: Agent) -> bool:
    """What the recorder says."""
    said = agent.recorder
    assert said is not None
    # Without an order all is private until the next frame is burnt.
    assert said.private or not said.private_by
    return said.private


@pytest.mark.row("M6")
def test_private_is_burnt_recorded_so_and_ended_by_the_owner_alone(tmp_path: Path) -> None:
    with centre(tmp_path) as stand:
        agent = stand.agent
        assert not is_private(agent)
        assert stand.answered("private", "state=on")["outcome"] == "done"
        assert is_private(agent)
        assert "ordered by centre" in agent.command("status").out
        agent.wait_recording(4)
        assert agent.headers()[-1].private
        # The key may begin privacy and not end it, not even by a shorter one.
        assert stand.answered("private", "state=off", code="not_permitted")["outcome"] == "refused"
        stand.answered("private", "state=on", "minutes=1")
        assert "without end" in agent.command("status").out
        assert "passphrase" in agent.command("command", "end", "private", EDGECAM_PASSPHRASE="wrong").refusal
        assert is_private(agent)
        assert "over" in agent.done("command", "end", "private")
        wait_until(lambda: not is_private(agent), "public again")
        agent.wait_recording(4)
        assert not agent.headers()[-1].private
        # With the right it ends from afar too.
        enrol(agent, stand.key, tuple(Right))
        stand.answered("private", "state=on", "minutes=60")
        assert stand.answered("private", "state=off")["outcome"] == "done"
        wait_until(lambda: not is_private(agent), "public once more")
        assert {line.detail.get("how") for line in stand.lines()} >= {"ended on the camera"}


def test_privacy_outlives_a_restart_and_a_broken_order_is_private(tmp_path: Path) -> None:
    with centre(tmp_path) as stand:
        stand.answered("private", "state=on")
    agent = stand.agent
    before = len(agent.headers())
    with agent.started():
        assert all(header.private for header in agent.headers()[before:])
        agent.places.privacy.write_bytes(b"{")
        assert "whole picture is masked" in agent.wait_fault("privacy")
        assert agent.recorder is not None
        assert agent.recorder.private


def test_parts_are_restarted_and_the_hub_answers_first(tmp_path: Path) -> None:
    with centre(tmp_path) as stand:
        agent = stand.agent

        def restarted(part: str) -> None:
            before = getattr(agent, part)
            assert before is not None
            assert stand.answered("restart", f"part={part}", code="started")["outcome"] == "accepted"
            wait_until(lambda: getattr(agent, part) is not None and getattr(agent, part).pid != before.pid, part)

        restarted("recorder")
        agent.wait_recording()
        restarted("hub")
        wait_until(lambda: agent.hub is not None and agent.hub.broker == "connected", "connected again")
        assert stand.answered("restart", "part=observer", code="bad_input")["outcome"] == "failed"
        assert stand.answered("status")["outcome"] == "done"


@pytest.mark.parametrize("where", ["live", pytest.param("after a restart", marks=pytest.mark.long)])
def test_a_replayed_command_is_not_obeyed_twice(tmp_path: Path, where: str) -> None:
    with centre(tmp_path) as stand, subscriber(stand.port) as watcher:
        agent = stand.agent
        order = stand.order("hold", {"minutes": 1, "reason": "once"})
        stand.publish(watcher, order.encode(), "hold")
        wait_until(lambda: len(watcher.of("cmd_result/hold")) == 1, f"an answer: {agent.said()}")
        if where != "live":
            stand.answered("restart", "part=hub", code="started")
            states = len(watcher.of("status"))
            wait_until(lambda: len(watcher.of("status")) >= states + 2, "stopped and online again")
        stand.publish(watcher, order.encode(), "hold")
        wait_until(lambda: watcher.of("cmd_result/hold")[-1].body["outcome"] == "refused", "the refusal")
        assert watcher.of("cmd_result/hold")[-1].body["code"] == "replayed"
        key = agent.key
        assert len(HoldStore(agent.places.holds, key.public, key.sign, 1 << 40).kept()) == 1
        assert [line.detail.get("code") for line in stand.lines()].count("replayed") == 1


def test_garbage_and_retained_commands_change_nothing(tmp_path: Path) -> None:
    with centre(tmp_path) as stand, subscriber(stand.port) as watcher:
        agent = stand.agent
        stand.answered("status")
        before = len(agent.register_lines())
        for count in (10, 20, 30):
            for number in range(10):
                stand.publish(watcher, b"%d {" % number, "restart")
            wait_until(partial(_told, agent, f"{count} commands"), f"{count} are counted")
        stand.publish(watcher, stand.order("private", {"state": "on"}).encode(), "restart")
        heard = watcher.of
        wait_until(lambda: any(h.body["code"] == "wrong_topic" for h in heard("cmd_result/restart")), "heard all")
        assert len(agent.register_lines()) == before + 1, "one line, for the one that was signed"
        stand.publish(watcher, stand.order("private", {"state": "on"}).encode(), "private", retain=True)
        agent.wait_fault("command_retained")
        # It lies at the broker when the camera connects again, and nobody obeys it then either.
        stand.answered("restart", "part=hub", code="started")
        states = len(watcher.of("status"))
        wait_until(lambda: len(watcher.of("status")) >= states + 2, "stopped and online again")
        stand.answered("status")
        assert not is_private(agent)
        assert watcher.of("cmd_result/private") == []
        stand.publish(watcher, b"", "private", retain=True)


def _told(agent: Agent, words: str) -> bool:
    return words in agent.faults().get("commands_unproven", "")


def test_silenced_events_are_counted_and_not_told(tmp_path: Path, vtest: str) -> None:
    with centre(tmp_path, vtest, analysis=True) as stand, subscriber(stand.port) as watcher:
        agent = stand.agent
        stand.answered("silence", "kind=person", "minutes=60")
        wait_until(lambda: agent.observer is not None and agent.observer.events_silenced > 0, f"{agent.said()}")
        assert "silenced" in agent.command("status").out
        agent.wait_recording()
        since = len(watcher.of("event"))
        seen = agent.observer.events_silenced if agent.observer else 0
        wait_until(lambda: agent.observer is not None and agent.observer.events_silenced > seen, "more of them")
        begun = [h for h in watcher.of("event")[since:] if h.body["kind"] == "person" and not h.body["revision"]]
        assert begun == []
        assert stand.answered("silence", "kind=person", "minutes=0")["outcome"] == "done"
        wait_until(lambda: any(h.body["kind"] == "person" for h in watcher.of("event")[since:]), "told again")
        refused = stand.send("silence", "kind=moved", "minutes=5")
        assert refused.code == 1
        assert "silence" in refused.err


@pytest.mark.row("K3")
def test_over_tls_with_the_watchers_certificate(tmp_path: Path, new_camera: NewCamera) -> None:
    stand = BrokerStand(Template.make(tmp_path / "broker"), None)
    agent = new_camera(sections={"camera": {"site": "home"}})
    camera_files = stand.enrol(f"home/{agent.key.camera_id}")
    stand.enrol("watch/desk", Role.WATCHER)
    stand.enrol("watch/board", Role.READER)
    agent.configure(
        {
            "telemetry": {
                "broker": f"mqtts://127.0.0.1:{stand.port}",
                "ca_file": str(camera_files.ca_file),
                "cert_file": str(camera_files.cert_file),
                "key_file": str(camera_files.key_file),
            }
        }
    )
    place = (f"127.0.0.1:{stand.port}", "home", agent.key.camera_id, "status", "--wait", "10")
    key = ("--key", str(tmp_path / "desk.key"))
    public = agent.done("command", "keygen", str(tmp_path / "desk.key")).split()[0]
    with stand.running(), agent.started():
        wait_until(lambda: agent.hub is not None and agent.hub.broker == "connected", f"{agent.faults()}")
        desk = ("--cert", str(stand.folder.handover("watch/desk")))
        assert "unknown_key" in agent.command("command", "send", *place, *key, *desk).refusal
        agent.done("command", "enrol", "desk", public, "--may", "status")
        assert "done" in agent.done("command", "send", *place, *key, *desk)
        reader = ("--cert", str(stand.folder.handover("watch/board")))
        assert "takes no command" in agent.command("command", "send", *place, *key, *reader).refusal
        assert "certificate" in agent.command("command", "send", *place, *key).refusal
        agent.done("command", "revoke", "desk")
        assert "unknown_key" in agent.command("command", "send", *place, *key, *desk).refusal
    changes = [line.detail["what"] for line in agent.register_lines() if line.act is Act.KEY_CHANGE]
    assert changes == ["command key enrolled"] * 2 + ["command key revoked"] * 2
