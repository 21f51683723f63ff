"""`edgecam broker` with Debian's Mosquitto: it is shut, who is revoked stays out, no alarm is lost."""

from __future__ import annotations

import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from agentstand import PASSPHRASE, PATIENCE_S, free_ports, wait_until
from brokerstand import BrokerStand, Template, now
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from stand import IDENTITY, event, link, outbox

from edgecam.core.errors import Unavailable
from edgecam.telemetry.accesslist import access_list
from edgecam.telemetry.brokeraccount import Account
from edgecam.telemetry.brokercheck import BrokerCheck, Tried, evict
from edgecam.telemetry.brokerfolder import BrokerFolder
from edgecam.telemetry.brokerprocess import tell_broker
from edgecam.telemetry.credentials import Credentials
from edgecam.telemetry.door import knock
from edgecam.telemetry.enrolment import Role
from edgecam.telemetry.verdict import BrokerState
from edgecam.telemetry.visitor import visitor

CAMERA = f"{IDENTITY.site}/{IDENTITY.camera}"
BURST = 20_000


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


def broker_command(*arguments: str | Path, passphrase: str | None = PASSPHRASE) -> Said:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EDGECAM_")}
    if passphrase is not None:
        environment["EDGECAM_AUTHORITY_PASSPHRASE"] = passphrase
    done = subprocess.run(
        [sys.executable, "-m", "edgecam", "broker", *map(str, arguments)],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.make(tmp_path_factory.mktemp("template") / "central")


@pytest.fixture
def stand(template: Template, tmp_path: Path) -> BrokerStand:
    return BrokerStand(template, tmp_path / "central")


@contextmanager
def watching(stand: BrokerStand, credentials: Credentials, session_expiry_s: int = 0) -> Iterator[list[str]]:
    """What a watcher hears of events, as their payloads, while it is connected."""
    heard: list[str] = []
    subscribed = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, client_id="any", protocol=MQTTProtocolVersion.MQTTv5)
    client.tls_set_context(credentials.tls_context())
    client.on_connect = lambda told, *_rest: told.subscribe("edgecam/#", 1)
    client.on_subscribe = lambda *_rest: subscribed.set()
    client.on_message = lambda _client, _data, message: heard.append(f"{message.topic} {message.payload.decode()}")
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = session_expiry_s
    client.connect("127.0.0.1", stand.port, clean_start=False, properties=properties)
    client.loop_start()
    try:
        assert subscribed.wait(PATIENCE_S), "the watcher could not subscribe"
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()


def check(stand: BrokerStand, *, with_authority: bool = True) -> list[Tried]:
    (closed,) = free_ports(1)
    authority = stand.authority if with_authority else None
    folder = stand.folder
    return BrokerCheck(stand.address, folder.read(), folder.ca_file, authority, now(), closed).run()


def open_ones(tried: list[Tried]) -> set[str]:
    return {one.what for one in tried if one.holds is False}


@pytest.mark.row("F1")
@pytest.mark.row("K3")
def test_what_init_sets_up_is_shut(stand: BrokerStand) -> None:
    with stand.running():
        tried = check(stand)
    assert open_ones(tried) == set()
    assert all(one.holds for one in tried)
    happened = {one.what: one.happened for one in tried}
    assert happened["a stranger without a certificate"] == "refused: certificate required"
    assert happened["with an expired certificate"] == "refused: certificate expired"
    assert happened["with a certificate of the newest revocation list"] == "refused: certificate revoked"
    assert happened["with the certificate of another authority"] == "refused: unknown ca"
    assert happened["with a good certificate over TLS 1.2"] == "refused: protocol version"
    assert happened["another camera writes that tree"] == "nothing arrived (not authorized)"


@pytest.mark.row("F1")
@pytest.mark.parametrize(
    ("line", "instead", "found"),
    [
        ("require_certificate true", "require_certificate false", "a stranger without a certificate"),
        ("tls_version tlsv1.3", "tls_version tlsv1.2", "with a good certificate over TLS 1.2"),
        ("crlfile", "#crlfile", "with a certificate of the newest revocation list"),
        ("use_username_as_clientid true", "", "another camera takes that camera's client id"),
    ],
)
def test_the_check_finds_what_was_opened(stand: BrokerStand, line: str, instead: str, found: str) -> None:
    stand.change(line, instead)
    if "require" in line:
        stand.change("use_identity_as_username true", "")
        stand.change("use_username_as_clientid true", "")
        stand.change("allow_anonymous false", "allow_anonymous true")
    with stand.running():
        assert found in open_ones(check(stand))


@pytest.mark.row("F1")
def test_the_check_finds_a_list_that_lets_cameras_at_each_other(stand: BrokerStand) -> None:
    acl = stand.folder.served / "acl"
    acl.write_text("pattern readwrite edgecam/#\npattern readwrite homeassistant/#\n")
    with stand.running():
        found = open_ones(check(stand))
    assert {one for one in found if one.startswith("another camera")} == {
        "another camera writes that tree",
        "another camera commands that camera",
        "another camera announces that camera to Home Assistant",
        "another camera listens to that tree, and to everything",
    }


def test_the_check_finds_a_list_that_the_broker_does_not_know_yet(stand: BrokerStand) -> None:
    with stand.running():
        stand.enrol("home/one")
        assert open_ones(check(stand)) == set()
        stand.folder.revoke(stand.authority, "home/one", now())
        assert open_ones(check(stand)) == {"with a certificate of the newest revocation list"}
        tell_broker(stand.folder)
        assert open_ones(check(stand)) == set()


def test_without_the_authority_the_check_does_what_it_can(stand: BrokerStand) -> None:
    with stand.running():
        tried = check(stand, with_authority=False)
    assert open_ones(tried) == set()
    assert sum(one.holds is True for one in tried) == 5
    assert sum(one.holds is None for one in tried) == 11


@pytest.mark.row("K3")
@pytest.mark.row("T1")
def test_the_agent_s_own_link_tells_a_watcher_over_tls(stand: BrokerStand, tmp_path: Path) -> None:
    camera, watcher = stand.enrol(CAMERA), stand.enrol("watch/centre", Role.WATCHER)
    with stand.running(), watching(stand, watcher) as heard, outbox(tmp_path) as box:
        with link(stand.address, box, camera) as line:
            box.put(event("one"))
            wait_until(lambda: any('"event_id":"one"' in said for said in heard), "the event arrives")
            wait_until(lambda: len(box) == 0, "the event is acknowledged")
            assert line.state.broker is BrokerState.CONNECTED
        wait_until(lambda: any('"state":"stopped"' in said for said in heard), "the clean stop is told")
    assert all(said.startswith(f"edgecam/{CAMERA}/") for said in heard)


@pytest.mark.row("K3")
def test_a_link_with_another_camera_s_certificate_is_told_so(stand: BrokerStand, tmp_path: Path) -> None:
    other = stand.enrol("home/another")
    with stand.running(), outbox(tmp_path) as box, link(stand.address, box, other) as line:
        box.put(event("kept"))
        wait_until(lambda: bool(line.state.faults), "a fault is told")
        assert line.state.faults[0].code == "broker_refused"
        assert len(box) == 1


@pytest.mark.row("F1")
@pytest.mark.row("K3")
def test_a_revoked_camera_is_thrown_out_and_stays_out(stand: BrokerStand, tmp_path: Path) -> None:
    camera, other = stand.enrol(CAMERA), stand.enrol("home/other")
    authority, folder = stand.authority, stand.folder
    # A copy, as a thief has one: revoking erases what lies in the folder.
    context, other_context = camera.tls_context(), other.tls_context()
    with stand.running(), visitor(stand.address, context, "thief") as thief:
        assert not thief.say(f"edgecam/{CAMERA}/event", "before").is_failure
        folder.revoke(authority, CAMERA, now())
        tell_broker(folder)
        evict(stand.address, authority, CAMERA, now())
        wait_until(thief.lost.is_set, "the open connection ends")
        assert knock(stand.address, context).happened == "refused: certificate revoked"
        assert knock(stand.address, other_context).let_in


@pytest.mark.row("F1")
def test_an_open_connection_of_a_revoked_camera_may_do_nothing(stand: BrokerStand) -> None:
    """Mosquitto lets it stand over a reload; the access list reaches it all the same."""
    camera, watcher = stand.enrol(CAMERA), stand.enrol("watch/centre", Role.WATCHER)
    with (
        stand.running(),
        visitor(stand.address, watcher.tls_context(), "w") as centre,
        visitor(stand.address, camera.tls_context(), "thief") as thief,
    ):
        centre.listen("edgecam/#")
        thief.listen(f"edgecam/{CAMERA}/cmd/#")
        thief.say(f"edgecam/{CAMERA}/event", "before")
        assert centre.wait_for("before")
        stand.folder.revoke(stand.authority, CAMERA, now())
        tell_broker(stand.folder)
        wait_until(lambda: thief.say(f"edgecam/{CAMERA}/event", "after").is_failure, "it is denied")
        assert not thief.lost.is_set()


@pytest.mark.row("F1")
def test_a_session_of_before_does_not_let_a_revoked_camera_in(stand: BrokerStand) -> None:
    """TLS resumes a session without looking at the certificate again; a reload ends all sessions."""
    context = stand.enrol(CAMERA).tls_context()
    with stand.running():
        session = _session(stand, context, None)
        stand.folder.revoke(stand.authority, CAMERA, now())
        # Not told yet, it lets in, by the session alone. Each session serves once.
        spare = _session(stand, context, None)
        assert _session(stand, context, session) is not None
        tell_broker(stand.folder)
        wait_until(lambda: not knock(stand.address, context).let_in, "the broker goes by the new list")
        assert _session(stand, context, spare) is None


def _session(stand: BrokerStand, context: ssl.SSLContext, before: ssl.SSLSession | None) -> ssl.SSLSession | None:
    """A session to resume, from a connection that was let in; ``None`` when it was not."""
    plain = socket.create_connection(("127.0.0.1", stand.port), timeout=PATIENCE_S)
    with suppress(OSError), context.wrap_socket(plain, server_hostname="127.0.0.1", session=before) as line:
        line.sendall(bytes.fromhex("100d00044d51545405020005000000"))
        if line.recv(1):
            assert line.session_reused == (before is not None)
            return line.session
    return None


@pytest.mark.row("K3")
def test_a_broker_s_renewed_certificate_is_shown_without_a_restart(stand: BrokerStand, tmp_path: Path) -> None:
    camera, other = stand.enrol(CAMERA), stand.enrol("home/other")
    context = other.tls_context()
    with stand.running(), outbox(tmp_path) as box, link(stand.address, box, camera) as line:
        wait_until(lambda: line.state.broker is BrokerState.CONNECTED, "the link is up")
        before = (stand.folder.served / "server.pem").read_bytes()
        stand.folder.renew(stand.authority, "", now())
        assert (stand.folder.served / "server.pem").read_bytes() != before
        tell_broker(stand.folder)
        wait_until(lambda: knock(stand.address, context).let_in, "it lets in")
        assert line.state.broker is BrokerState.CONNECTED


@pytest.mark.row("K3")
def test_a_renewed_camera_connects_with_either(stand: BrokerStand) -> None:
    old = stand.enrol(CAMERA).tls_context()
    stand.folder.renew(stand.authority, CAMERA, now(), timedelta(days=5))
    new = stand.credentials(CAMERA).tls_context()
    with stand.running():
        assert knock(stand.address, old).let_in
        assert knock(stand.address, new).let_in


@pytest.mark.row("F1")
@pytest.mark.row("K3")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a broker as another account")
def test_a_broker_that_gave_up_root_reads_what_is_revoked_later() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as above:
        Path(above).chmod(0o711)
        account = Account.usual()
        if account.name != "mosquitto":
            pytest.skip("there is no account mosquitto")
        stand = BrokerStand(Template.make(Path(above) / "made", account), None)
        context = stand.enrol(CAMERA).tls_context()
        with stand.running():
            number = int((stand.folder.served / "data" / "mosquitto.pid").read_text())
            assert Path(f"/proc/{number}").owner() == "mosquitto"
            assert knock(stand.address, context).let_in
            stand.folder.revoke(stand.authority, CAMERA, now())
            tell_broker(stand.folder)
            wait_until(lambda: not knock(stand.address, context).let_in, "the broker goes by the new list")
            assert open_ones(check(stand)) == set()
        saved = stand.folder.served / "data" / "mosquitto.db"
        assert saved.owner() == "mosquitto"
        assert not saved.stat().st_mode & 0o077


@pytest.mark.row("F1")
def test_roles_read_and_command_as_they_may(stand: BrokerStand) -> None:
    camera = stand.enrol(CAMERA)
    centre, reader = stand.enrol("watch/centre", Role.WATCHER), stand.enrol("watch/tv", Role.READER)
    with (
        stand.running(),
        visitor(stand.address, camera.tls_context(), "c") as one,
        visitor(stand.address, centre.tls_context(), "w") as writer,
        visitor(stand.address, reader.tls_context(), "r") as looker,
    ):
        one.listen(f"edgecam/{CAMERA}/cmd/#")
        writer.listen("edgecam/#")
        looker.listen("edgecam/#")
        assert looker.say(f"edgecam/{CAMERA}/cmd/status", "by the reader").is_failure
        assert writer.say(f"edgecam/{CAMERA}/status", "a fake").is_failure
        assert writer.say("edgecam/watch/centre/status", "a camera that is none").is_failure
        assert not writer.say(f"edgecam/{CAMERA}/cmd/status", "by the centre").is_failure
        assert one.wait_for("by the centre")
        assert not one.say(f"edgecam/{CAMERA}/event", "seen").is_failure
        assert writer.wait_for("seen")
        assert looker.wait_for("seen")
        assert one.heard == {"by the centre"}
        assert "by the reader" not in looker.heard | writer.heard


@pytest.mark.row("F1")
def test_what_waits_for_a_watcher_survives_a_restart_of_the_broker(stand: BrokerStand, tmp_path: Path) -> None:
    camera, watcher = stand.enrol(CAMERA), stand.enrol("watch/centre", Role.WATCHER)
    with outbox(tmp_path) as box:
        with stand.running():
            with watching(stand, watcher, session_expiry_s=3600):
                pass
            with link(stand.address, box, camera):
                for name in ("one", "two", "three"):
                    box.put(event(name))
                wait_until(lambda: len(box) == 0, "the broker has them")
        with stand.running(), watching(stand, watcher, session_expiry_s=3600) as heard:
            wait_until(lambda: sum("/event " in said for said in heard) == 3, "they come after the restart")


@pytest.mark.row("F1")
@pytest.mark.row("F3")
def test_a_burst_of_twenty_thousand_alarms_reaches_a_slow_watcher(stand: BrokerStand) -> None:
    delivered = burst(stand)
    assert len(delivered) == BURST


def burst(stand: BrokerStand) -> set[str]:
    """What a watcher gets who takes nothing until all of a burst was acknowledged."""
    camera, watcher = stand.enrol(CAMERA), stand.enrol("watch/centre", Role.WATCHER)
    heard: set[str] = set()
    released, subscribed, done = threading.Event(), threading.Event(), threading.Event()

    def slow(_client: object, _data: object, message: object) -> None:
        released.wait(600)
        text = message.payload.decode().partition(" ")[0]  # type: ignore[attr-defined]
        heard.add(text)
        if text == "last" or len(heard) == BURST:
            done.set()

    ear = Client(CallbackAPIVersion.VERSION2, client_id="w", protocol=MQTTProtocolVersion.MQTTv5)
    ear.tls_set_context(watcher.tls_context())
    ear.on_subscribe = lambda *_rest: subscribed.set()
    ear.on_message = slow
    voice = Client(CallbackAPIVersion.VERSION2, client_id="c", protocol=MQTTProtocolVersion.MQTTv5)
    voice.tls_set_context(camera.tls_context())
    with stand.running():
        try:
            for client in (ear, voice):
                client.connect("127.0.0.1", stand.port)
                client.loop_start()
            ear.subscribe("edgecam/#", 1)
            assert subscribed.wait(PATIENCE_S)
            body = " " + "x" * 400
            sent = [voice.publish(f"edgecam/{CAMERA}/event", f"{number}{body}", 1) for number in range(BURST)]
            for one in sent:
                one.wait_for_publish(600)
            released.set()
            # One more, after all: what has not come before it was dropped.
            if not done.wait(10):
                voice.publish(f"edgecam/{CAMERA}/event", f"last{body}", 1).wait_for_publish(60)
                done.wait(120)
        finally:
            released.set()
            for client in (ear, voice):
                client.disconnect()
                client.loop_stop()
    return heard - {"last"}


@pytest.mark.row("F1")
def test_the_commands_from_nothing_to_a_revoked_camera(tmp_path: Path) -> None:
    folder = tmp_path / "central"
    stand_port, closed = free_ports(2)
    user = Path(sys.executable).owner() if os.geteuid() else "root"
    made = broker_command(
        "init", folder, "--host", "127.0.0.1", "--port", str(stand_port), "--bind", "127.0.0.1", "--user", user
    )
    assert made.code == 0, made.err
    assert "sudo systemctl daemon-reload && sudo systemctl restart mosquitto" in made.out
    added = broker_command("add-camera", folder, "home", "edgecam_1f2e3d4c")
    assert added.code == 0, added.err
    assert f'broker = "mqtts://127.0.0.1:{stand_port}"' in added.out
    assert 'cert_file = "broker/camera.pem"' in added.out
    listed = broker_command("list", folder, "--json", passphrase=None)
    assert [(row["name"], row["state"]) for row in json.loads(listed.out)] == [
        ("", "valid"),
        ("home/edgecam_1f2e3d4c", "valid"),
    ]
    nothing_due = broker_command("renew", folder, passphrase=None)
    assert nothing_due.code == 0
    assert "Nothing is due" in nothing_due.out
    renewed = broker_command("renew", folder, "home/edgecam_1f2e3d4c")
    assert renewed.code == 0, renewed.err
    anew = broker_command("renew", folder, "broker")
    assert anew.code == 0, anew.err
    assert anew.out.startswith("broker: until")
    checked = broker_command("check", f"127.0.0.1:{stand_port}", "--dir", folder, "--plain-port", str(closed))
    assert checked.code == 1
    assert "nobody listens" in checked.err
    watched = broker_command("add-watcher", folder, "centre")
    assert watched.code == 0, watched.err
    assert "does not run on this machine and was not told" in watched.out
    revoked = broker_command("revoke", folder, "home/edgecam_1f2e3d4c")
    # Done in the folder, and said plainly that no broker here knows of it.
    assert revoked.code == 1
    assert "2 certificates are on the revocation list" in revoked.out
    assert "does not run on this machine" in revoked.err
    assert access_list(BrokerFolder(folder).read()).endswith("user home/edgecam_1f2e3d4c\ntopic deny #\n")
    for said in (made, added, renewed, revoked):
        assert PASSPHRASE not in said.out + said.err
        assert "PRIVATE KEY" not in said.out + said.err


def test_what_is_wrong_is_told_in_one_sentence(tmp_path: Path) -> None:
    for arguments, passphrase, sentence in (
        (("list", tmp_path), None, "is no broker's folder"),
        (("init", tmp_path / "a", "--host", "two words"), PASSPHRASE, "neither a host's name nor an IP address"),
        (("init", tmp_path / "a", "--host", "b", "--user", "no-such-user"), PASSPHRASE, "no account"),
        (("init", tmp_path / "a", "--host", "b"), None, "EDGECAM_AUTHORITY_PASSPHRASE"),
        (("init", tmp_path / "a", "--host", "b"), "short", "at least 12"),
        (("revoke", tmp_path, "broker"), None, "cannot be revoked"),
        (("check", "broker:many", "--dir", tmp_path), None, "is no broker's folder"),
    ):
        said = broker_command(*arguments, passphrase=passphrase)
        assert said.code == 1, said
        assert sentence in said.err
        assert said.err.count("\n") == 1
        assert "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.row("F1")
def test_an_open_broker_makes_the_command_fail(stand: BrokerStand) -> None:
    stand.change("tls_version tlsv1.3", "tls_version tlsv1.2")
    (closed,) = free_ports(1)
    with stand.running():
        said = broker_command(
            "check", f"127.0.0.1:{stand.port}", "--dir", stand.folder.path, "--plain-port", str(closed), "--json"
        )
    assert said.code == 1
    rows = {row["tried"]: row["holds"] for row in json.loads(said.out)}
    assert [tried for tried, holds in rows.items() if not holds] == ["with a good certificate over TLS 1.2"]
    assert "over TLS 1.2" in said.err


def test_a_check_of_nobody_says_so(stand: BrokerStand) -> None:
    with pytest.raises(Unavailable, match="nobody listens"):
        check(stand)
