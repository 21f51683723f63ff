"""Ringing between processes."""

from __future__ import annotations

import select
import stat
from pathlib import Path

import pytest

from edgecam.core.errors import Unavailable
from edgecam.telemetry.doorbell import Bell, Doorbell


def _readable(doorbell: Doorbell, wait_s: float = 5.0) -> bool:
    return bool(select.select([doorbell], [], [], wait_s)[0])


def test_a_ring_is_heard_once_however_often_it_rang(tmp_path: Path) -> None:
    doorbell, bell = Doorbell(tmp_path / "bell"), Bell(tmp_path / "bell")
    assert not _readable(doorbell, 0)
    for _ in range(5):
        bell.ring()
    assert _readable(doorbell)
    doorbell.answer()
    assert not _readable(doorbell, 0)
    bell.close()
    doorbell.close()


def test_ringing_never_waits_and_never_fails(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "bell")
    bell.ring()
    doorbell = Doorbell(tmp_path / "bell")
    for _ in range(10_000):
        bell.ring()
    assert _readable(doorbell)
    doorbell.close()
    bell.ring()
    bell.close()


def test_a_doorbell_left_by_a_killed_process_is_replaced(tmp_path: Path) -> None:
    first = Doorbell(tmp_path / "bell")
    second = Doorbell(tmp_path / "bell")
    bell = Bell(tmp_path / "bell")
    bell.ring()
    assert _readable(second)
    assert stat.S_IMODE((tmp_path / "bell").stat().st_mode) == 0o600
    for part in (bell, first, second):
        part.close()


def test_a_doorbell_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="doorbell"):
        Doorbell(tmp_path / "away" / "bell")
