"""What a message holds, and that it can always be JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from pydantic import ValidationError
from stand import event, health
from wildevents import wild_events

from edgecam.core.errors import DataLoss
from edgecam.core.events import Event
from edgecam.telemetry.healthmessage import Health, HealthMessage
from edgecam.telemetry.messages import EventMessage, Header, Moment, StatusMessage

HEADER = Header(camera="edgecam_0badcafe", site="home", session="00000000000000ff", sequence=7)


def test_a_moment_is_utc_with_milliseconds_and_trust() -> None:
    moment = Moment.told(1_795_256_145_486_836_895, 2)
    assert moment.model_dump() == {"utc": "2026-11-21T10:15:45.486Z", "trust": "synced"}
    assert Moment.told(0, 0).model_dump() == {"utc": "1970-01-01T00:00:00.000Z", "trust": "unset"}


@pytest.mark.row("T1")
def test_an_event_message_holds_its_identity_and_all_its_fields() -> None:
    told = json.loads(EventMessage.told(event("e1", revision=3), HEADER).model_dump_json())
    assert set(told) == {
        "schema_version", "camera", "site", "session", "sequence", "event_id", "revision", "kind", "start", "end",
        "confidence", "reason", "box", "zone", "track",
    }  # fmt: skip
    assert (told["camera"], told["event_id"], told["revision"]) == ("edgecam_0badcafe", "e1", 3)
    assert (told["end"], told["box"], told["kind"]) == (None, [0.1, 0.2, 0.3, 0.4], "person")


@given(wild_events)
def test_any_event_is_a_message_of_strict_json_or_data_loss(wild: Event) -> None:
    try:
        text = EventMessage.told(wild, HEADER).model_dump_json()
    except DataLoss:
        return
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert EventMessage.model_validate_json(text).event_id == wild.event_id


@pytest.mark.row("T4")
def test_health_says_what_an_operator_needs() -> None:
    told = json.loads(HealthMessage(**HEADER.model_dump(), **health().model_dump()).model_dump_json())
    assert told["recording"] is True
    assert (told["days_kept"], told["days_owed"]) == (12.4, 14.0)
    assert told["cpu_temperature_c"] == 48.5
    assert set(Health.model_fields) | set(Header.model_fields) == set(told)


def test_messages_refuse_unknown_fields_and_cannot_be_changed() -> None:
    message = StatusMessage(**HEADER.model_dump(), state="online", connection=1, version="1", at=Moment.told(0, 0))
    with pytest.raises(ValidationError):
        StatusMessage.model_validate({**message.model_dump(), "secret": 1})
    with pytest.raises(ValidationError):
        message.state = "offline"  # type: ignore[misc]
