"""How connections end when two devices go by one name, and how when they do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.events import Event, EventKind
from edgecam.telemetry.rival import Rival, RivalWatch
from edgecam.telemetry.verdict import Ending

_ENDINGS = st.tuples(st.sampled_from(Ending), st.none() | st.floats(0, 1000))


def _seen(*endings: tuple[Ending, float | None]) -> list[Rival | None]:
    watch = RivalWatch()
    return [watch.ended(*ending) for ending in endings]


@pytest.mark.row("K3")
def test_a_broker_that_says_so_is_believed_at_once() -> None:
    (rival,) = _seen((Ending.TAKEN_OVER, 5.0))
    assert rival is not None
    assert rival.sure
    assert rival.fault.code == "camera_cloned"
    assert "recording goes on" in rival.fault.sentence


@pytest.mark.row("K3")
def test_three_short_connections_in_a_row_that_the_broker_ended_say_perhaps() -> None:
    *before, rival = _seen(*[(Ending.HUNG_UP, 8.0)] * 3)
    assert before == [None, None]
    assert rival is not None
    assert not rival.sure
    assert "perhaps" in rival.fault.sentence


@pytest.mark.parametrize(
    "between",
    [
        (Ending.OTHER, None),  # nobody listens: the broker is being started anew
        (Ending.HUNG_UP, None),  # it hangs up before it lets anybody in
        (Ending.HUNG_UP, 3600.0),
        (Ending.OTHER, 5.0),  # the network broke
        (Ending.SHUT_DOWN, 5.0),
        (Ending.BUSY, 5.0),
    ],
)
def test_any_other_end_in_between_breaks_the_pattern(between: tuple[Ending, float | None]) -> None:
    short = (Ending.HUNG_UP, 8.0)
    assert _seen(short, short, between, short, short) == [None] * 5


@given(st.lists(_ENDINGS, max_size=20))
def test_without_take_over_it_takes_three_short_ones_that_follow_each_other(
    endings: list[tuple[Ending, float | None]],
) -> None:
    for index, rival in enumerate(_seen(*endings)):
        last = endings[max(index - 2, 0) : index + 1]
        short = [end is Ending.HUNG_UP and lasted is not None and lasted < 120 for end, lasted in last]
        assert (rival is not None) == (endings[index][0] is Ending.TAKEN_OVER or (len(short) == 3 and all(short)))


def test_the_event_stands_for_a_moment_and_can_be_told() -> None:
    (rival,) = _seen((Ending.TAKEN_OVER, 5.0))
    assert rival is not None
    event = rival.event(Instant(wall_ns=17, mono_ns=3, boot_id=b"boot", trust=TimeTrust.SYNCED))
    assert (event.kind, event.start_wall_ns, event.end_wall_ns, event.confidence) == (EventKind.CLONED, 17, 17, 1.0)
    assert Event.from_json(event.to_json()) == event
