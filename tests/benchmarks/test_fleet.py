"""The fleet benchmark in miniature: 200 cameras, what they say, what is refused, and nothing left behind."""

from __future__ import annotations

import json
import os
import resource
import runpy
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand import mosquitto_path, wait_until

from edgecam.core.errors import BadInput, DataLoss, Unavailable
from edgecam.telemetry.connection import Manner
from edgecam.telemetry.healthmessage import HealthMessage
from edgecam.telemetry.messages import EventMessage, Header, StatusMessage

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from parts.fleetcity import City
from parts.fleetpackets import CONNACK, PUBACK, Answer, place_of_number, size_of, taken_from
from parts.fleettally import Tally
from parts.fleetwords import LAST_COUNT, Name, Phrase, Words

BENCH = Path(__file__).parents[2] / "benchmarks" / "fleet.py"
NAME = Name("site_07", "edgecam_0000002a", "00000000000000ff")
CAMERAS, SITES, ALARMS, EVENTS = 200, 4, 400, 20
UNITS = {
    "fleet_broker_cpu_share": "ratio",
    "fleet_broker_rss_mb": "MB",
    "storm_recovery_s": "s",
    "storm_failed_tries": "tries",
    "storm_recovery_no_jitter_s": "s",
    "storm_failed_tries_no_jitter": "tries",
    "alarms_sent": "alarms",
    "alarms_delivered": "alarms",
    "alarms_lost": "alarms",
    "wills_wrong": "wills",
    "fleet_broker_cpu_share_plain": "ratio",
    "fleet_broker_rss_plain_mb": "MB",
    "storm_recovery_plain_s": "s",
    "storm_failed_tries_plain": "tries",
    "storm_recovery_no_jitter_plain_s": "s",
    "storm_failed_tries_no_jitter_plain": "tries",
    "alarms_plain_sent": "alarms",
    "alarms_plain_delivered": "alarms",
    "alarms_plain_lost": "alarms",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the benchmark works."""
    monkeypatch.setenv("EDGECAM_BENCH_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def bench() -> dict[str, Any]:
    """The benchmark's names; skips the test where there is no Mosquitto."""
    mosquitto_path()
    return runpy.run_path(str(BENCH))


def small(bench: dict[str, Any]) -> Any:
    """A city that is over in half a minute."""
    return bench["Extent"](
        cameras=CAMERAS,
        sites=SITES,
        manner=Manner(keepalive_s=2, will_delay_s=8),
        health_period_s=2.0,
        steady_s=2.0,
        steady_events=EVENTS,
        first_wait_s=0.5,
        alarms=ALARMS,
        alarms_over_s=0.2,
        pace=400.0,
    )


def commands_with(text: str) -> Iterator[str]:
    """The command lines of all processes in which ``text`` stands."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if text in command:
            yield command


@pytest.fixture(scope="module")
def words() -> Words:
    return Words.of_the_agent(Manner(), 60.0)


def payload_of(packet: bytes) -> bytes:
    """The JSON at the end of a packet."""
    return packet[packet.index(b"{") :]


@pytest.mark.row("F3")
@pytest.mark.long
def test_a_small_city_is_measured_whole(folder: Path, bench: dict[str, Any]) -> None:
    result = json.loads(json.dumps(bench["measure"](small(bench))))
    assert result["bench"] == "fleet"
    measures = {measure["name"]: measure for measure in result["measures"]}
    assert {name: measure["unit"] for name, measure in measures.items()} == UNITS
    for measure in measures.values():
        assert set(measure) == {"name", "value", "unit", "better", "aim", "beside"}
    for kind in ("alarms", "alarms_plain"):
        assert measures[f"{kind}_sent"]["value"] == ALARMS + EVENTS
        assert measures[f"{kind}_delivered"]["value"] == ALARMS + EVENTS
        assert measures[f"{kind}_lost"]["value"] == 0
    for name in UNITS:
        if name.startswith("storm_recovery"):
            assert measures[name]["beside"].startswith(f"{CAMERAS} back after ")
    of_each = CAMERAS // SITES
    assert measures["wills_wrong"]["value"] == 0
    assert f"fallen silent: {of_each} wills of {of_each}" in measures["wills_wrong"]["beside"]
    assert f"{CAMERAS} cameras were there" in measures["wills_wrong"]["beside"]
    assert list(folder.iterdir()) == []
    assert list(commands_with(str(folder))) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_one_that_is_interrupted(
    folder: Path, bench: dict[str, Any], number: signal.Signals
) -> None:
    environment = os.environ | {"EDGECAM_BENCH_CAMERAS": "200"}
    asked = [sys.executable, "-m", "edgecam", "bench", "fleet"]
    with subprocess.Popen(asked, env=environment, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert any("TLS: connecting" in line for line in running.stderr)
        assert list(commands_with(str(folder))) != []
        running.send_signal(number)
    assert running.returncode != 0
    wait_until(lambda: not list(commands_with(str(folder))), "all its processes end")
    # Nobody who is killed can tidy up.
    assert number is signal.SIGKILL or list(folder.iterdir()) == []


@pytest.mark.parametrize(("value", "least"), [("many", "200"), ("-3", "200"), ("199", "200"), ("1e9", "200")])
def test_a_number_of_cameras_that_is_none_is_refused(
    bench: dict[str, Any], monkeypatch: pytest.MonkeyPatch, value: str, least: str
) -> None:
    monkeypatch.setenv("EDGECAM_BENCH_CAMERAS", value)
    with pytest.raises(BadInput, match=f"EDGECAM_BENCH_CAMERAS is '{value}'.*from {least} on"):
        bench["measure"]()


def test_too_few_open_files_are_refused_with_the_number(folder: Path, bench: dict[str, Any]) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard > 27_000:
        pytest.skip("so many files may be opened here that ports end before")
    needed = hard + 1
    with pytest.raises(BadInput, match=f"{needed} open files .* EDGECAM_BENCH_CAMERAS={hard - 64}"):
        bench["measure"](bench["Extent"](cameras=needed - 64))
    assert list(folder.iterdir()) == []


def test_more_cameras_than_ports_are_refused(folder: Path, bench: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="70000 cameras need as many ports"):
        bench["measure"](bench["Extent"](cameras=70_000))
    assert list(folder.iterdir()) == []


def test_a_machine_without_mosquitto_is_told_how_to_get_it(
    folder: Path, bench: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(Unavailable, match=r"no Mosquitto.*`mosquitto`"):
        bench["measure"]()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("what", ["online", "health", "event"])
def test_what_a_camera_of_the_fleet_says_is_a_message_of_the_contract(words: Words, what: str) -> None:
    models: dict[str, type[Header]] = {"online": StatusMessage, "health": HealthMessage, "event": EventMessage}
    packet = getattr(words, what).of(NAME, number=258, count=LAST_COUNT, connection=LAST_COUNT)
    message = models[what].model_validate_json(payload_of(packet))
    assert (message.site, message.camera, message.session) == (NAME.site, NAME.camera, NAME.session)
    assert message.sequence == LAST_COUNT
    assert f"edgecam/{NAME.site}/{NAME.camera}/".encode() in packet
    assert packet[place_of_number(packet) :][:2] == b"\x01\x02"
    assert size_of(packet) == len(packet)


def test_the_will_and_the_greeting_name_the_same_connection(words: Words) -> None:
    connect = words.connect.of(NAME, count=1234, connection=1005)
    will = StatusMessage.model_validate_json(payload_of(connect))
    said = StatusMessage.model_validate_json(payload_of(words.online.of(NAME, connection=1005)))
    assert (will.state, said.state) == ("offline", "online")
    assert will.connection == said.connection == 1005
    assert (will.session, will.sequence) == (NAME.session, 1234)
    # The name is the client id too, in front of the will.
    assert connect.index(NAME.camera.encode()) < connect.index(b"edgecam/")


def test_an_event_carries_its_own_identity(words: Words) -> None:
    packet = words.event.of_event(NAME, "01000000000f", number=1, count=2000)
    message = EventMessage.model_validate_json(payload_of(packet))
    assert (message.event_id, message.revision, message.sequence) == ("01000000000f", 0, 2000)


def test_names_of_a_city_are_all_different_and_dealt_out_over_its_sites() -> None:
    city = City(cameras=1003, sites=10)
    names = [city.name(index) for index in range(city.cameras)]
    assert len({name.camera for name in names}) == len({name.session for name in names}) == city.cameras
    for site in range(city.sites):
        assert sum(name.site == city.site(site) for name in names) == city.cameras_of(site)


def test_answers_are_taken_from_a_stream_whole(words: Words) -> None:
    stream = bytearray(b"\x20\x03\x00\x87\x00\x40\x02\x01\x02\x40\x03\x00\x09\x10\x40\x02\x00")
    answers = list(taken_from(stream))
    assert answers == [Answer(CONNACK, 0, 0x87), Answer(PUBACK, 258, 0), Answer(PUBACK, 9, 0x10)]
    assert [answer.is_no for answer in answers] == [True, False, False]
    assert bytes(stream) == b"\x40\x02\x00"
    stream += b"\x07"
    assert list(taken_from(stream)) == [Answer(PUBACK, 7, 0)]


@given(st.binary(max_size=40))
def test_any_bytes_are_answers_or_are_refused(data: bytes) -> None:
    buffer = bytearray(data)
    try:
        taken = list(taken_from(buffer))
    except DataLoss:
        return
    assert len(buffer) + 2 * len(taken) <= len(data)


@given(st.binary(max_size=40))
def test_any_bytes_have_a_packet_identifier_or_are_refused(data: bytes) -> None:
    try:
        place = place_of_number(data)
    except DataLoss:
        return
    size = size_of(data)
    assert size is not None
    assert 2 <= place <= size - 2


def test_parts_of_a_fleet_are_counted_together() -> None:
    one, other = Tally(there=3, tries=5), Tally(there=4, tries=4, open=2)
    one.failed += [(10.0, "refused"), (12.0, "no handshake in time")]
    one.waits_s.append(0.5)
    other.sent["event"] += 2
    other.last_back_s = 14.0
    both = Tally.sum(Tally.of(json.loads(json.dumps(part.told(whole=True)))) for part in (one, other))
    assert (both.there, both.tries, both.open, both.last_back_s) == (7, 9, 2, 14.0)
    assert both.failures() == {"refused": 1, "no handshake in time": 1}
    assert both.failures(since_s=11.0) == {"no handshake in time": 1}
    assert both.sent["event"] == 2
    assert Tally.of(one.told(whole=False)).waits_s == []
    one.begin_anew()
    assert (one.there, one.tries, one.failures(), one.waits_s) == (3, 0, {}, [])


def test_a_phrase_of_what_is_no_mqtt_is_refused() -> None:
    with pytest.raises(DataLoss):
        Phrase(b"\x30\x01\x00", "0" * 16, 1000)
