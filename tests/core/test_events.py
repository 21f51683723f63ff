"""An event survives its text; anything else is refused as data loss."""

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.errors import DataLoss
from edgecam.core.events import Event, EventKind

share = st.floats(0, 1)
events = st.builds(
    Event,
    event_id=st.text(),
    revision=st.integers(0),
    kind=st.sampled_from(EventKind),
    start_wall_ns=st.integers(0, 2**63),
    end_wall_ns=st.none() | st.integers(0, 2**63),
    trust=st.integers(0, 2),
    confidence=share,
    reason=st.text(),
    track=st.none() | st.integers(),
    box=st.none() | st.tuples(share, share, share, share),
    zone=st.none() | st.text(),
    direction=st.none() | st.text(),
)


@given(events)
def test_an_event_survives_its_text(event: Event) -> None:
    assert Event.from_json(event.to_json()) == event


@given(events)
def test_its_text_is_json_of_all_its_fields(event: Event) -> None:
    assert event.to_json() == json.dumps(asdict(event), separators=(",", ":"), ensure_ascii=False)


@given(st.binary() | st.text())
def test_any_bytes_are_an_event_or_data_loss(text: bytes | str) -> None:
    try:
        Event.from_json(text)
    except DataLoss:
        return
    pytest.fail("random bytes made an event")


@given(events, st.data(), st.sampled_from([[1], True, {}, ["0"] * 4, [True] * 4]))
def test_a_field_of_another_type_is_data_loss(event: Event, data: st.DataObject, other: object) -> None:
    fields = json.loads(event.to_json())
    fields[data.draw(st.sampled_from(sorted(fields)))] = other
    with pytest.raises(DataLoss):
        Event.from_json(json.dumps(fields))


@given(events, st.data())
def test_a_missing_field_is_data_loss(event: Event, data: st.DataObject) -> None:
    fields = json.loads(event.to_json())
    del fields[data.draw(st.sampled_from(sorted(set(fields) - {"direction"})))]
    with pytest.raises(DataLoss):
        Event.from_json(json.dumps(fields))


@given(events, st.text(min_size=1))
def test_an_event_with_something_behind_it_is_data_loss(event: Event, more: str) -> None:
    with pytest.raises(DataLoss):
        Event.from_json(event.to_json() + more)


@given(events)
def test_an_event_of_an_earlier_edgecam_had_no_direction(event: Event) -> None:
    fields = json.loads(event.to_json())
    del fields["direction"]
    assert Event.from_json(json.dumps(fields)) == replace(event, direction=None)
