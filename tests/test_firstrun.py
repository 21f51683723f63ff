"""The steps of the first run on the camera's side: what each writes, refuses and shows."""

from __future__ import annotations

import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from authority import Authority
from newcamerastand import NOTICE, SMALL, NewCameraStand, owner, take, take_all
from stand import mosquitto

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.custody.paper.notice import Notice
from edgecam.custody.paper.sign import SignSize
from edgecam.custody.register.register_line import Act, decode_line
from edgecam.firstrun import FirstRun
from edgecam.keys.camera import camera_id
from edgecam.masking.maskset import load_mask_set
from edgecam.newcamera import camera_key
from edgecam.settings import changed_toml, load_settings
from edgecam.stage import Stage, stage_of
from edgecam.telemetry.credentials import Credentials
from edgecam.web.firststeps import SetupStep, StepState
from edgecam.web.setupparts import BrokerChoice, RetentionChoice, UpdatesChoice

pytestmark = pytest.mark.row("W1")


@pytest.fixture
def stand(tmp_path: Path) -> NewCameraStand:
    return NewCameraStand(tmp_path / "camera")


@pytest.fixture
def run(stand: NewCameraStand) -> FirstRun:
    """A first run that has an owner."""
    run = stand.first_run()
    take(run, SetupStep.OWNER)
    return run


def acts(stand: NewCameraStand) -> list[tuple[Act, str]]:
    lines = stand.places.register.read_bytes().splitlines(keepends=True)
    return [(line.act, line.who) for line in map(decode_line, lines)]


def test_all_steps_one_after_the_other(stand: NewCameraStand) -> None:
    run = stand.first_run()
    take_all(run)
    shown = run.shown()
    assert set(shown.steps.values()) == {StepState.DONE}
    assert shown.finished
    assert shown.language == "ja"
    assert shown.camera_id == camera_id(camera_key(stand.places).public)
    assert stage_of(stand.places) is Stage.READY


@pytest.mark.row("G1")
def test_what_was_decided_stands_in_the_register_with_its_name(stand: NewCameraStand) -> None:
    take_all(stand.first_run())
    told = acts(stand)
    for act in (Act.KEY_CHANGE, Act.SETTING_CHANGE, Act.MASK_CHANGE):
        assert (act, "owner") in told
    lines = stand.places.register.read_text()
    assert "a drawn street" in lines
    assert owner(0)[0] in lines


def test_the_notice_is_what_signs_say(stand: NewCameraStand, run: FirstRun) -> None:
    with pytest.raises(BadInput) as lacking:
        run.sign("ja", SignSize.A5)
    assert lacking.value.field == "owner"
    run.set_notice(NOTICE, "owner")
    assert run.notice() == NOTICE
    assert load_settings(stand.places.settings).notice.contact == NOTICE.contact
    assert run.sign("ko", SignSize.STICKER).startswith(b"%PDF-")


def test_a_notice_that_would_break_the_settings_is_refused_at_its_field(run: FirstRun) -> None:
    before = run.notice()
    with pytest.raises(BadInput) as refused:
        run.set_notice(Notice().model_copy(update={"owner": "a\nb"}), "owner")
    assert refused.value.field == "owner"
    assert run.notice() == before
    strange = Notice(
        owner='"]\\u0022 # = [x]', responsible="'''", purpose="{}", place="\\", area="# not a remark", contact="="
    )
    run.set_notice(strange, "owner")
    assert run.notice() == strange


@pytest.mark.row("R2")
def test_the_plan_is_told_before_anything_is_made(stand: NewCameraStand, run: FirstRun) -> None:
    plan = run.plan(SMALL)
    assert plan.picked is not None
    assert plan.size_gib == 0.06
    assert not plan.fixed
    assert not stand.places.ring.exists()
    small = run.plan(RetentionChoice("daejeon", size_gib=0.0625))
    assert small.picked is None
    assert small.least_gib > 0.0625
    assert small.most_days < 30
    assert "cannot be kept in" in small.what
    assert "ring.size_gib" in small.do


@pytest.mark.row("R2")
def test_a_ring_too_small_for_the_floor_is_not_made(stand: NewCameraStand, run: FirstRun) -> None:
    with pytest.raises(BadInput, match="cannot be kept") as refused:
        run.keep(RetentionChoice("daejeon", size_gib=0.0625), "owner")
    assert refused.value.field == "policy"
    assert stage_of(stand.places) is Stage.OWNED
    assert load_settings(stand.places.settings).retention.policy == "kumagaya"


def test_a_ring_larger_than_the_disk_is_refused_at_its_field(run: FirstRun) -> None:
    with pytest.raises(BadInput, match="room for") as refused:
        run.keep(RetentionChoice("own", days=0.01, size_gib=60_000), "owner")
    assert refused.value.field == "size_gib"


def test_days_that_contradict_each_other_are_refused_at_their_field(run: FirstRun) -> None:
    with pytest.raises(BadInput) as refused:
        run.plan(RetentionChoice("own", days=2, floor_days=3))
    assert refused.value.field == "days"


def test_another_policy_later_restarts_what_goes_by_it(stand: NewCameraStand, run: FirstRun) -> None:
    run.keep(SMALL, "owner")
    assert not stand.places.renewal_of("recorder").exists()
    size = stand.places.ring.stat().st_size
    plan = run.keep(RetentionChoice("own", days=0.005, size_gib=1), "owner")
    assert plan.fixed
    assert stand.places.ring.stat().st_size == size
    assert load_settings(stand.places.settings).retention.days == 0.005
    assert stand.places.renewal_of("recorder").exists()


@pytest.mark.row("M6")
def test_nothing_to_hide_is_said_once_and_by_somebody(stand: NewCameraStand, run: FirstRun) -> None:
    run.keep(SMALL, "owner")
    assert run.shown().steps[SetupStep.MASKS] is StepState.OPEN
    run.hide_nothing("a drawn street", "owner")
    masks = load_mask_set(stand.places.masks, camera_key(stand.places).public)
    assert (masks.version, masks.drawing.masks, masks.confirmed.by) == (1, (), "owner")
    with pytest.raises(NotAllowed, match="has masks"):
        run.hide_nothing("again", "owner")


def test_a_broken_note_loses_notes_and_nothing_else(stand: NewCameraStand, run: FirstRun) -> None:
    run.note(SetupStep.KIT, "owner")
    stand.places.first_run.write_bytes(b"\xff{")
    steps = stand.first_run().shown().steps
    assert steps[SetupStep.KIT] is StepState.OPEN
    assert steps[SetupStep.OWNER] is StepState.DONE
    assert stage_of(stand.places) is Stage.OWNED


def test_a_camera_set_up_on_the_command_line_is_finished(stand: NewCameraStand, run: FirstRun) -> None:
    run.keep(SMALL, "owner")
    assert not run.shown().finished
    stand.places.first_run.unlink()
    assert run.shown().finished


@pytest.mark.row("T3")
def test_a_broker_that_is_not_there_is_said_before_it_is_kept(stand: NewCameraStand, run: FirstRun) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    tried = run.try_broker(BrokerChoice("mqtt", "127.0.0.1", port, username="camera", password="heron 42"))
    assert not tried.reached
    assert tried.fault == "broker_away"
    assert f"127.0.0.1:{port}" in tried.sentence
    assert not list(stand.places.run_dir.glob("trial.*"))
    assert load_settings(stand.places.settings).telemetry.broker == "embedded"


def test_a_brokers_password_is_kept_apart_and_told_to_nobody(stand: NewCameraStand, run: FirstRun) -> None:
    run.set_broker(
        BrokerChoice("mqtt", "ha.local", 0, username="camera", password="heron 42", home_assistant=True), "owner"
    )
    settings = load_settings(stand.places.settings).telemetry
    assert (settings.broker, settings.home_assistant) == ("mqtt://ha.local:1883", True)
    kept = Path(settings.password_file)
    assert kept.read_text() == "heron 42\n"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "heron 42" not in stand.places.settings.read_text()
    assert "heron 42" not in stand.places.register.read_text()
    assert run.broker().password is None
    run.set_broker(BrokerChoice("mqtt", "ha.local", 0, username="camera", password=None), "owner")
    assert load_settings(stand.places.settings).telemetry.password_file == str(kept)
    assert stand.places.renewal_of("hub").exists()


@pytest.mark.row("T3")
def test_a_certificate_for_the_broker_lies_with_its_key_in_one_file(
    stand: NewCameraStand, run: FirstRun, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    pair = authority.sign("camera")
    cert, key, ca = (path.read_text() for path in (pair.cert_file, pair.key_file, authority.ca_file))
    run.set_broker(BrokerChoice("mqtt", "ha.local", tls=True, ca_pem=ca, cert_pem=cert, key_pem=key), "owner")
    told = load_settings(stand.places.settings).telemetry
    assert told.broker == "mqtts://ha.local:8883"
    assert told.cert_file == told.key_file == str(stand.places.broker_certificate)
    assert stand.places.broker_certificate.stat().st_mode & 0o777 == 0o600
    credentials = Credentials(
        ca_file=Path(told.ca_file), cert_file=Path(told.cert_file), key_file=Path(told.key_file)
    )
    assert credentials.tls_context().cert_store_stats()["x509_ca"] == 1
    assert "PRIVATE" not in stand.places.settings.read_text() + stand.places.register.read_text()
    shown = run.broker()
    assert (shown.has_certificate, shown.cert_pem, shown.key_pem) == (True, None, None)
    # What is not typed again stays.
    run.set_broker(BrokerChoice("mqtt", "hub.local", tls=True), "owner")
    assert load_settings(stand.places.settings).telemetry.cert_file == told.cert_file
    run.set_broker(BrokerChoice("mqtt", "hub.local", tls=True, cert_pem="", key_pem=""), "owner")
    told = load_settings(stand.places.settings).telemetry
    assert (told.cert_file, told.key_file, run.broker().has_certificate) == ("", "", False)


@pytest.mark.row("T3")
def test_a_broker_that_asks_for_certificates_is_tried_with_one(
    stand: NewCameraStand, run: FirstRun, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    server, pair = authority.sign("broker"), authority.sign("camera")
    cert, key, ca = (path.read_text() for path in (pair.cert_file, pair.key_file, authority.ca_file))
    lines = (
        f"cafile {authority.ca_file}",
        f"certfile {server.cert_file}",
        f"keyfile {server.key_file}",
        "require_certificate true",
    )
    with mosquitto(tmp_path, *lines) as broker:
        without = BrokerChoice("mqtt", "127.0.0.1", broker.port, tls=True, ca_pem=ca)
        assert not run.try_broker(without).reached
        tried = run.try_broker(replace(without, cert_pem=cert, key_pem=key))
        assert (tried.reached, tried.fault) == (True, "")
    assert not list(stand.places.run_dir.glob("trial.*"))


@pytest.mark.parametrize("host", ["", "a b", "mqtt://x", "x/y", "x:y:z]", "user@host"])
def test_what_is_no_address_is_refused_at_its_field(run: FirstRun, host: str) -> None:
    with pytest.raises(BadInput) as refused:
        run.set_broker(BrokerChoice("mqtt", host), "owner")
    assert refused.value.field == "host"


@pytest.mark.row("I2")
@pytest.mark.provision("EN303645-5.3-4B")
def test_updates_by_themselves_are_asked_for_once_where_there_is_an_address(stand: NewCameraStand) -> None:
    run, path = stand.first_run(), stand.places.settings
    assert run.shown().updating == ""
    path.write_text(changed_toml(path.read_text(), {"update": {"url": "https://updates.example"}}))
    assert run.shown().updating == "unasked"
    take_all(run)
    assert run.shown().updating == "off", "whoever passed the question by agreed to nothing"
    run.set_updates(UpdatesChoice(automatic=True), "owner")
    assert run.shown().updating == "on"
    run.set_updates(UpdatesChoice(notices=False), "owner")
    assert load_settings(path).update.automatic
    assert not load_settings(path).update.notices
    told = [line for line in acts(stand) if line == (Act.SETTING_CHANGE, "owner")]
    run.set_updates(UpdatesChoice(automatic=True), "owner")
    assert [line for line in acts(stand) if line == (Act.SETTING_CHANGE, "owner")] == told, "nothing was changed"


@pytest.mark.row("K1")
def test_nothing_secret_is_in_the_notes(stand: NewCameraStand) -> None:
    take_all(stand.first_run())
    told = json.loads(stand.places.first_run.read_bytes())
    assert told.keys() == {"format", "noted"}
