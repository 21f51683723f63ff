"""How often a part was started, and how long it waits before it is started anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.clock import NS_PER_S
from edgecam.starts import Starts, back_off_s, read_starts

pytestmark = pytest.mark.row("I3")


def test_who_falls_again_and_again_waits_longer_and_who_was_healthy_does_not() -> None:
    starts, waits = Starts(), []
    for at_s in (100, 101, 102, 103, 104, 105, 130, 131):
        starts = starts.next(at_s * NS_PER_S)
        waits.append(back_off_s("recorder", starts.falls))
    assert waits == [0.0, 0.25, 0.5, 1.0, 1.0, 1.0, 0.0, 0.25]
    assert starts.count == 8
    assert back_off_s("hub", 99) == 30.0


def test_who_was_told_to_end_did_not_fall() -> None:
    starts = Starts().next(NS_PER_S).ended_by_order(300 * NS_PER_S).next(2 * NS_PER_S)
    assert (starts.count, starts.falls, starts.no_command_until_ns) == (2, 0, 300 * NS_PER_S)


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "recorder.starts"
    assert read_starts(path) == Starts()
    Starts(3, 2, 1, 4).write(path)
    assert read_starts(path) == Starts(3, 2, 1, 4)
    assert path.stat().st_mode & 0o777 == 0o600


@given(st.binary(max_size=200) | st.from_regex(rb"\d{1,40}( \d{1,40}){3}", fullmatch=True))
def test_any_bytes_count_something(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.starts"
    path.write_bytes(data)
    assert read_starts(path).next(0).count >= 1
