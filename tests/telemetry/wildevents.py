"""Events with any values at all: what a message or a row must refuse or hold, and never choke on."""

from __future__ import annotations

from hypothesis import strategies as st

from edgecam.core.events import Event, EventKind

wild_events = st.builds(
    Event,
    event_id=st.text(),
    revision=st.integers(),
    kind=st.sampled_from(EventKind),
    start_wall_ns=st.integers(),
    end_wall_ns=st.none() | st.integers(),
    trust=st.integers(-1, 4),
    confidence=st.floats(),
    reason=st.text(st.characters()),
    track=st.none() | st.integers(),
    box=st.none() | st.tuples(st.floats(), st.floats(), st.floats(), st.floats()),
    zone=st.none() | st.text(),
)
