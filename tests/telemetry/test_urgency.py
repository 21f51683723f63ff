"""Every kind of event has its urgency, and a reason for it."""

from __future__ import annotations

import pytest

from edgecam.core.events import EventKind
from edgecam.telemetry.urgency import Urgency, urgency_of, why


@pytest.mark.row("T2")
@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_has_its_urgency_and_a_sentence_why(kind: EventKind) -> None:
    assert urgency_of(kind) in Urgency
    assert why(kind).endswith(".")


@pytest.mark.row("T2")
def test_what_endangers_people_or_the_camera_is_an_alarm_and_what_passes_is_not() -> None:
    alarms = {kind for kind in EventKind if urgency_of(kind) is Urgency.ALARM}
    assert {EventKind.INTRUSION, EventKind.FALL, EventKind.COVERED, EventKind.MOVED} <= alarms
    assert not alarms & {EventKind.MOTION, EventKind.VEHICLE, EventKind.PERSON, EventKind.COUNTING}
    assert urgency_of(EventKind.MOTION) < urgency_of(EventKind.PERSON) < urgency_of(EventKind.FALL)
