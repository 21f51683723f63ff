"""The directly composed message of an event says and refuses what its model does."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stand import IDENTITY
from wildevents import wild_events

from edgecam.core.errors import DataLoss
from edgecam.core.events import Event, EventKind
from edgecam.telemetry.eventtext import event_text, head_text
from edgecam.telemetry.messages import EventMessage, Header

_SESSION = "00000000000000ff"
_HEAD = head_text(IDENTITY.camera, IDENTITY.site, _SESSION)
_wall_ns = st.integers(-(2**63), 2**63)
_share = st.floats(0, 1)
plausible_events = st.builds(
    Event,
    event_id=st.text(),
    revision=st.integers(0),
    kind=st.sampled_from(EventKind),
    start_wall_ns=_wall_ns,
    end_wall_ns=st.none() | _wall_ns,
    trust=st.integers(0, 2),
    confidence=_share,
    reason=st.text(),
    track=st.none() | st.integers(),
    box=st.none() | st.tuples(_share, _share, _share, _share),
    zone=st.none() | st.text(),
)


def _composed(event: Event, sequence: int) -> list[tuple[str, Any]]:
    return list(json.loads(event_text(event, _HEAD, sequence)).items())


def _modelled(event: Event, sequence: int) -> list[tuple[str, Any]]:
    header = Header(camera=IDENTITY.camera, site=IDENTITY.site, session=_SESSION, sequence=sequence)
    return list(json.loads(EventMessage.told(event, header).model_dump_json()).items())


@pytest.mark.row("T1")
@given(plausible_events, st.integers(0))
def test_what_can_be_told_is_told_as_the_model_does(event: Event, sequence: int) -> None:
    assert _composed(event, sequence) == _modelled(event, sequence)


@given(wild_events)
def test_any_event_is_told_as_the_model_does_or_refused_as_there(wild: Event) -> None:
    try:
        told = _modelled(wild, 0)
    except DataLoss:
        with pytest.raises(DataLoss):
            event_text(wild, _HEAD, 0)
    else:
        assert _composed(wild, 0) == told
