"""How the camera is, in one word and a list of faults, out of what its processes say of themselves."""

from __future__ import annotations

from enum import StrEnum

from edgecam.core.clock import NS_PER_S
from edgecam.core.status import Fault
from edgecam.web.parts import CameraStatus

_SILENT_NS = 10 * NS_PER_S


class Condition(StrEnum):
    """The word in the page's head; the names are stable."""

    RECORDING = "recording"
    PRIVATE = "private"
    FAULT = "fault"
    RESTING = "resting"
    STOPPED = "stopped"


def condition(status: CameraStatus, now_mono_ns: int) -> Condition:
    """`RESTING` when nothing is to be recorded, `STOPPED` when nothing is, else `PRIVATE`, else `FAULT` when
    anything is wrong, else `RECORDING`.
    """
    recorder = status.recorder
    if recorder is None or _silent(recorder.beat_mono_ns, now_mono_ns):
        return Condition.STOPPED
    if recorder.resting:
        return Condition.RESTING
    if not recorder.recording:
        return Condition.STOPPED
    if recorder.private:
        return Condition.PRIVATE
    return Condition.FAULT if faults(status, now_mono_ns) else Condition.RECORDING


def faults(status: CameraStatus, now_mono_ns: int) -> list[Fault]:
    """Everything that is wrong, the recorder's first; a process without a beat for ten seconds is one itself."""
    found: list[Fault] = []
    for name, process, silence in (
        ("recorder", status.recorder, "The recorder says nothing; nothing may be recorded."),
        ("observer", status.observer, "The observer says nothing; no events are noticed. Recording goes on."),
    ):
        if process is None or _silent(process.beat_mono_ns, now_mono_ns):
            found.append(Fault(f"{name}_silent", silence))
        else:
            found += process.faults
    return found + (status.hub.faults if status.hub is not None else [])


def _silent(beat_mono_ns: int, now_mono_ns: int) -> bool:
    return now_mono_ns - beat_mono_ns > _SILENT_NS
