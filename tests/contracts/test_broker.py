"""What telemetry needs of a broker, held by Debian's Mosquitto and by the embedded broker alike."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
import stand
import talker

from edgecam.telemetry.address import Address
from edgecam.telemetry.broker import EmbeddedBroker

_TELEMETRY = Path(__file__).parents[1] / "telemetry"
_CAMERA = """
import sys, threading
sys.path.insert(0, sys.argv[1])
import stand
from pathlib import Path
from edgecam.telemetry.address import Address
with stand.outbox(Path(sys.argv[2])) as box, stand.link(Address.parse(sys.argv[3]), box) as line:
    stand.wait_until(lambda: line.state.broker == "connected", "connected")
    print("connected", flush=True)
    threading.Event().wait()
"""


class Broker(Protocol):
    """What the suite needs to know of the broker under test; it is running."""

    @property
    def address(self) -> Address: ...


@pytest.fixture(params=["mosquitto", "embedded"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    if request.param == "mosquitto":
        with stand.mosquitto(tmp_path) as engine:
            yield engine
        return
    embedded = EmbeddedBroker(stand.free_port(), tmp_path)
    embedded.start()
    yield embedded
    embedded.stop()


@pytest.mark.row("T1")
def test_status_is_retained_and_tells_a_clean_stop(broker: Broker, tmp_path: Path) -> None:
    with stand.outbox(tmp_path) as box:
        with stand.listener(broker.address) as ear:
            with stand.link(broker.address, box):
                assert ear.next("status").body["state"] == "online"
                with stand.listener(broker.address, "late") as late:
                    status = late.next("status")
                    assert (status.retained, status.body["state"]) == (True, "online")
            assert ear.next("status").body["state"] == "stopped"
        with stand.listener(broker.address, "later") as later:
            status = later.next("status")
            assert (status.retained, status.body["state"]) == (True, "stopped")


@pytest.mark.row("T1")
def test_a_killed_camera_is_told_offline_by_the_broker(broker: Broker, tmp_path: Path) -> None:
    arguments = [str(_TELEMETRY), str(tmp_path), str(broker.address)]
    with stand.listener(broker.address) as ear:
        camera = subprocess.Popen([sys.executable, "-c", _CAMERA, *arguments], stdout=subprocess.PIPE)
        with camera:
            assert camera.stdout is not None
            assert camera.stdout.readline() == b"connected\n"
            online = ear.next("status").body
            camera.kill()
        offline = ear.next("status").body
        assert (online["state"], offline["state"]) == ("online", "offline")
        assert (offline["session"], offline["connection"]) == (online["session"], online["connection"])
    with stand.listener(broker.address, "late") as late:
        status = late.next("status")
        assert (status.retained, status.body["state"]) == (True, "offline")


@pytest.mark.row("T1")
def test_health_comes_at_once_and_neither_health_nor_event_is_retained(broker: Broker, tmp_path: Path) -> None:
    with stand.outbox(tmp_path) as box, stand.listener(broker.address) as ear:
        with stand.link(broker.address, box):
            assert ear.next("health").body["days_owed"] == 14.0
            box.put(stand.event("e1"))
            assert ear.next("event").body["event_id"] == "e1"
        with stand.listener(broker.address, "late") as late:
            assert late.next("status").retained
            assert [heard.topic for heard in late.heard] == [f"{stand.ROOT}/status"]


@pytest.mark.row("T5")
def test_a_command_is_heard_and_answered_and_one_kept_from_before_is_not(broker: Broker, tmp_path: Path) -> None:
    echo = talker.Echo()
    command = f"{stand.ROOT}/cmd/status"
    with (
        stand.outbox(tmp_path) as box,
        stand.listener(broker.address) as ear,
        talker.centre(broker.address) as centre,
    ):
        centre.tell(command, b'"kept from before"', retain=True)
        with stand.link(broker.address, box, speakers=(echo,)):
            ear.next("health")
            centre.tell(command, b'"said once"', correlation=b"\x01\x02")
            answer = ear.next("cmd_result/status")
    assert str(answer.body) == "said once"
    assert answer.properties["CorrelationData"] == "0102"
    assert [message.payload for message in echo.messages] == [b'"said once"']


@pytest.mark.row("T2")
def test_events_arrive_once_in_order_and_leave_the_outbox(broker: Broker, tmp_path: Path) -> None:
    names = [f"e{number}" for number in range(100)]
    with stand.outbox(tmp_path) as box, stand.listener(broker.address) as ear:
        for name in names:
            box.put(stand.event(name))
        with stand.link(broker.address, box):
            stand.wait_until(lambda: len(box) == 0, "the outbox runs empty")
            stand.wait_until(lambda: len(ear.events()) >= len(names), "all arrive")
        assert ear.events() == names
        assert box.lost == 0


@pytest.mark.row("T2")
def test_what_happened_while_the_broker_was_away_arrives_once_in_order(broker: Broker, tmp_path: Path) -> None:
    names = [f"e{number}" for number in range(30)]
    with (
        stand.outbox(tmp_path) as box,
        stand.listener(broker.address) as ear,
        stand.wire(broker.address.port) as line,
        stand.link(line.address, box) as camera,
    ):
        for name in names[:10]:
            box.put(stand.event(name))
        stand.wait_until(lambda: len(box) == 0, "the first are acknowledged")
        line.cut()
        stand.wait_until(lambda: camera.state.broker == "connecting", "the loss is noticed")
        for name in names[10:]:
            box.put(stand.event(name))
        stand.wait_until(lambda: [f.code for f in camera.state.faults] == ["broker_away"], "the fault is told")
        line.mend()
        stand.wait_until(lambda: len(ear.events()) >= len(names), "all arrive")
        stand.wait_until(lambda: len(box) == 0, "the outbox runs empty")
        assert camera.state.faults == ()
        assert ear.events() == names


@pytest.mark.row("T2")
def test_what_a_killed_camera_had_put_arrives_after_its_restart(broker: Broker, tmp_path: Path) -> None:
    names = [f"e{number}" for number in range(20)]
    arguments = [str(_TELEMETRY), str(tmp_path), str(broker.address)]
    with stand.listener(broker.address) as ear, stand.outbox(tmp_path) as box:
        with subprocess.Popen([sys.executable, "-c", _CAMERA, *arguments], stdout=subprocess.PIPE) as camera:
            assert camera.stdout is not None
            assert camera.stdout.readline() == b"connected\n"
            box.put(stand.event(names[0]))
            stand.wait_until(lambda: len(box) == 0, "the first is acknowledged")
            camera.kill()
        for name in names[1:]:
            box.put(stand.event(name))
        with stand.link(broker.address, box):
            stand.wait_until(lambda: len(ear.events()) >= len(names), "all arrive")
            stand.wait_until(lambda: len(box) == 0, "the outbox runs empty")
        assert ear.events() == names
