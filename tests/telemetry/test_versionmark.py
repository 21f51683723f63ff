"""Since when this version runs here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ringstand import at
from stand import CLOCK

from edgecam.core.clock import Instant
from edgecam.core.errors import DataLoss
from edgecam.telemetry.messages import Moment
from edgecam.telemetry.versionmark import decode_mark, encode_mark, version_since


class _At:
    """A clock that stands."""

    def __init__(self, instant: Instant) -> None:
        self._instant = instant

    def now(self) -> Instant:
        return self._instant

    def mono_ns(self) -> int:
        return self._instant.mono_ns

    def sleep(self, duration_s: float) -> None:
        raise AssertionError("nobody sleeps here")


@pytest.mark.row("T4")
def test_a_version_is_dated_once_and_the_next_one_anew(tmp_path: Path) -> None:
    path = tmp_path / "version.json"
    first, later, last = (_At(at(s)) for s in (10, 5000, 9000))
    assert version_since(path, "1.0", first) == Moment.at(first.now())
    assert version_since(path, "1.0", later) == Moment.at(first.now())
    assert version_since(path, "1.1", later) == Moment.at(later.now())
    assert version_since(path, "1.1", last) == Moment.at(later.now())


def test_a_mark_that_cannot_be_read_is_made_anew_and_one_that_cannot_be_written_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "version.json"
    path.write_bytes(b'{"version": "1.0", "since": 7}')
    assert version_since(path, "1.0", CLOCK) is not None
    assert decode_mark(path.read_bytes())[0] == "1.0"
    assert version_since(tmp_path / "away" / "version.json", "1.0", CLOCK) is None


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.builds(encode_mark, st.text("01."), st.just(Moment.at(CLOCK.now())))
)
def test_any_bytes_are_a_mark_or_data_loss(data: bytes) -> None:
    try:
        version, since = decode_mark(data)
    except DataLoss:
        return
    assert decode_mark(encode_mark(version, since)) == (version, since)
