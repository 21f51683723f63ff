"""The word in the page's head follows what the processes say, and their silence."""

from __future__ import annotations

import pytest

from edgecam.core.clock import NS_PER_S
from edgecam.core.status import Fault, HubStatus, ObserverStatus, RecorderStatus
from edgecam.web.condition import Condition, condition, faults
from edgecam.web.parts import CameraStatus

NOW = 1_000 * NS_PER_S


def status(recorder: RecorderStatus | None, observer_beat: int = NOW) -> CameraStatus:
    return CameraStatus(recorder, ObserverStatus(beat_mono_ns=observer_beat), HubStatus(beat_mono_ns=NOW))


def recorder(beat: int = NOW, recording: bool = True, private: bool = False, *wrong: str) -> RecorderStatus:
    said = [Fault(code, f"{code}.") for code in wrong]
    return RecorderStatus(beat_mono_ns=beat, recording=recording, private=private, faults=said)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        (status(None), Condition.STOPPED),
        (status(recorder()), Condition.RECORDING),
        (status(recorder(NOW, False)), Condition.STOPPED),
        (status(recorder(NOW - 11 * NS_PER_S)), Condition.STOPPED),
        (status(recorder(NOW - 9 * NS_PER_S)), Condition.RECORDING),
        (status(recorder(NOW, True, True)), Condition.PRIVATE),
        (status(recorder(NOW, True, True, "mask_missing")), Condition.PRIVATE),
        (status(recorder(NOW, True, False, "slow_card")), Condition.FAULT),
        (status(recorder(), NOW - 11 * NS_PER_S), Condition.FAULT),
        (status(RecorderStatus(beat_mono_ns=NOW, resting=True)), Condition.RESTING),
        (status(RecorderStatus(beat_mono_ns=NOW - 11 * NS_PER_S, resting=True)), Condition.STOPPED),
    ],
)
def test_condition(said: CameraStatus, word: Condition) -> None:
    assert condition(said, NOW) is word


def test_silence_replaces_what_a_process_said_before() -> None:
    silent = status(recorder(NOW - 11 * NS_PER_S, True, False, "slow_card"), NOW - 11 * NS_PER_S)
    assert [fault.code for fault in faults(silent, NOW)] == ["recorder_silent", "observer_silent"]


def test_faults_of_all_three_are_listed() -> None:
    said = CameraStatus(
        recorder(NOW, True, False, "a", "b"),
        ObserverStatus(beat_mono_ns=NOW, faults=[Fault("c", "c.")]),
        HubStatus(beat_mono_ns=NOW, faults=[Fault("d", "d.")]),
    )
    assert [fault.code for fault in faults(said, NOW)] == ["a", "b", "c", "d"]
