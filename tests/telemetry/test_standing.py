"""Faults that outlive their cause for a while."""

from __future__ import annotations

from setclock import SetClock

from edgecam.core.status import Fault
from edgecam.telemetry.standing import StandingFaults


def test_a_fault_stands_for_its_time_after_it_was_last_noted() -> None:
    clock = SetClock()
    standing = StandingFaults(clock)
    assert standing.now() == ()
    assert standing.note(Fault("one", "first"), stand_s=10)
    assert standing.note(Fault("two", "other"), stand_s=100)
    clock.sleep(9)
    assert not standing.note(Fault("one", "again"), stand_s=10)
    clock.sleep(9)
    assert standing.now() == (Fault("one", "again"), Fault("two", "other"))
    clock.sleep(1)
    assert standing.now() == (Fault("two", "other"),)
    assert standing.note(Fault("one", "anew"), stand_s=10)
