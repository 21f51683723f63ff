"""What counts as work of a part, and what only looks alive."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from edgecam.core.clock import NS_PER_S
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus
from edgecam.pulse import Pulse, told

pytestmark = pytest.mark.row("I3")

PID = 17


def recorder(at_s: int, frames: int, **more: object) -> RecorderStatus:
    said = RecorderStatus(pid=PID, beat_mono_ns=at_s * NS_PER_S, frames=frames)
    for name, value in more.items():
        setattr(said, name, value)
    return said


def test_a_status_is_one_beat_and_only_of_this_process() -> None:
    pulse = Pulse(PID)
    assert not pulse.beats(None)
    assert not pulse.beats(ObserverStatus(pid=PID + 1, beat_mono_ns=NS_PER_S))
    said = ObserverStatus(pid=PID, beat_mono_ns=NS_PER_S)
    assert pulse.beats(said)
    assert not pulse.beats(said), "said once, long ago"
    assert pulse.beats(ObserverStatus(pid=PID, beat_mono_ns=2 * NS_PER_S))


def test_a_recorder_whose_frames_hang_is_not_kept_alive_by_the_thread_that_reports() -> None:
    pulse = Pulse(PID)
    assert pulse.beats(recorder(1, 0)), "it begins"
    assert pulse.beats(recorder(2, 10))
    assert not pulse.beats(recorder(3, 10))
    assert not pulse.beats(recorder(4, 10, frames_dropped=15)), "an encoder that hangs drops them all"
    assert pulse.beats(recorder(5, 11))


def test_a_reason_to_have_no_frames_is_no_hang() -> None:
    pulse = Pulse(PID)
    assert pulse.beats(recorder(1, 10))
    assert pulse.beats(recorder(2, 10, resting=True))
    assert pulse.beats(recorder(3, 10, faults=[Fault("source_lost", "the cable")]))
    assert not pulse.beats(recorder(4, 10, faults=[Fault("clock", "never set")]))


def test_a_first_frame_that_never_comes_is_waited_for_a_minute() -> None:
    pulse = Pulse(PID)
    assert [pulse.beats(recorder(at_s, 0)) for at_s in (5, 6, 64, 65, 66)] == [True, True, True, False, False]


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server


def test_a_hub_beats_while_its_page_answers(listening: socket.socket) -> None:
    address = listening.getsockname()

    def answer() -> None:
        with closing(listening.accept()[0]) as asked:
            asked.recv(1000)
            asked.sendall(b"HTTP/1.0 421 Misdirected Request\r\n\r\n")

    thread = threading.Thread(target=answer)
    thread.start()
    pulse = Pulse(PID, address)
    page = f"http://127.0.0.1:{address[1]}"
    assert pulse.beats(HubStatus(pid=PID, beat_mono_ns=NS_PER_S, page=page))
    thread.join()
    assert pulse.beats(HubStatus(pid=PID, beat_mono_ns=5 * NS_PER_S, page=page)), "not asked each second"
    listening.close()
    assert not pulse.beats(HubStatus(pid=PID, beat_mono_ns=6 * NS_PER_S, page=page))
    assert pulse.beats(HubStatus(pid=PID, beat_mono_ns=7 * NS_PER_S)), "without a page nobody is asked"


def test_a_page_that_takes_calls_and_never_answers_is_no_page(listening: socket.socket) -> None:
    """As one whose loop hangs: the kernel takes them."""
    said = HubStatus(pid=PID, beat_mono_ns=NS_PER_S, page="http://127.0.0.1")
    assert not Pulse(PID, listening.getsockname()).beats(said)


def test_one_line_says_how_it_goes() -> None:
    wrong = Fault("source_lost", "The camera is gone.")
    assert told(recorder(1, 3, fps=14.9, recording=True)) == "recording, 14.9 fps"
    assert told(recorder(1, 3, faults=[wrong])) == "not recording, 0.0 fps; The camera is gone."
    assert told(ObserverStatus(look_ms=17.5, events=2)) == "looking, 17.5 ms a look, 2 events"
    assert told(HubStatus(broker="connected")) == "page off, broker connected, 0 events waiting"
