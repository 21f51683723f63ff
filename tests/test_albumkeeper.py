"""The keeper joins analysis and album: whatever happens, segments are dated by the oldest picture to come."""

from __future__ import annotations

import pytest
from albumstand import album_camera, event, opened
from hypothesis import given, settings
from hypothesis import strategies as st
from rulestand import Street, walking

from edgecam.albumkeeper import AlbumKeeper
from edgecam.analysis.appearances import Appearances
from edgecam.analysis.ledger import Ledger
from edgecam.core.albumrecord import Thumbnail
from edgecam.core.events import EventKind
from edgecam.core.smallframes import SmallFrame
from edgecam.eventlog import hours_in

_MS = 1_000_000
# The story's boot began so long before it.
_BOOTED_S = 1000
passings = st.lists(st.tuples(st.integers(0, 60), st.integers(2, 80), st.integers(60, 200)), min_size=1, max_size=5)


@pytest.mark.row("R1")
@given(passings)
@settings(max_examples=12)
def test_nothing_is_in_an_epoch_that_began_after_it(ways: list[tuple[int, int, int]]) -> None:
    """So what is erased with its epoch is erased on time, however long it was collected."""
    street = Street(
        {
            str(n): walking(
                (20 + 90 * n, 120), (60 + 100 * n, 340), _BOOTED_S + begin_s, _BOOTED_S + begin_s + for_s, height
            )
            for n, (begin_s, for_s, height) in enumerate(ways)
        }
    )
    with album_camera() as (chosen, places, clock):
        keeper, judge, names = AlbumKeeper(chosen, places, clock), Appearances(), iter(range(10_000))
        ledger = Ledger((640, 360), frozenset(EventKind), lambda: f"{next(names):032x}")
        for number, look in enumerate(street.looks(150, _BOOTED_S)):
            clock.seconds = look.now_s - _BOOTED_S
            now = clock.now()
            frame = SmallFrame(look.picture, now.mono_ns, now.wall_ns, number, False)
            keeper.look(frame, ledger.take(judge.observe(look)), look.tracks)
        keeper.close()
        assert keeper.faults == []
        begun: dict[int, int] = {}
        for header, _, record in opened(places):
            began_ms = begun.setdefault(header.epoch, header.start_wall_ns // _MS)
            oldest_ms = record.at_ms if isinstance(record, Thumbnail) else record.from_ms
            newest_ms = record.at_ms if isinstance(record, Thumbnail) else record.to_ms
            assert began_ms <= oldest_ms
            assert header.start_wall_ns // _MS <= oldest_ms
            assert newest_ms <= (header.start_wall_ns + header.duration_ns) // _MS + 1
        assert hours_in(places.events)


@pytest.mark.row("C5")
def test_without_an_album_events_are_logged_and_analysis_goes_on() -> None:
    with album_camera(more="[analysis]\nenabled = true\n") as (chosen, places, clock):
        places.album.mkdir()
        keeper = AlbumKeeper(chosen, places, clock)
        look = next(Street({}).looks(1))
        frame = SmallFrame(look.picture, clock.mono_ns(), clock.now().wall_ns, 1, False)
        keeper.look(frame, [event(1, clock)], [])
        keeper.close()
        assert [fault.code for fault in keeper.faults] == ["album"]
        assert len(hours_in(places.events)) == 1
