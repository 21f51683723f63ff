"""The observer in one process with a clock of its own: bad input is a fault, and what was open goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pytest

from edgecam.analysis import detector, modelfile
from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.events import Event, EventKind
from edgecam.core.picture import Picture
from edgecam.core.recent import read_recent
from edgecam.core.smallframes import SmallFrameWriter
from edgecam.core.status import ObserverStatus, RecorderStatus, publish_status, read_status
from edgecam.observer import Observer
from edgecam.places import Places, find_places

_BEGIN_NS = 1000 * NS_PER_S
_WALL_NS = 1_800_000_000 * NS_PER_S
_LAWN = """
[[zone]]
name = "lawn"
polygon = [[0.2, 0.2], [0.95, 0.2], [0.95, 0.95], [0.2, 0.95]]
[[rule]]
kind = "intrusion"
zone = "lawn"
sensitivity = 1.0
"""
Paint = Callable[[Picture, float], None]


class _Killed(Exception):
    """The process is gone at once: nothing is said any more."""


class _Street(threading.Event):
    """Time itself, for one observer: whoever waits gets the next frame a fifth of a second later."""

    def __init__(self, places: Places, paint: Paint, seconds: float, *, begin_s: float = 0, killed: bool = False):
        super().__init__()
        self._frames = SmallFrameWriter(places.small_frames, 640, 360)
        self._paint, self._killed = paint, killed
        self._now_s, self._end_s = begin_s, begin_s + seconds
        self.silent = False
        rng = np.random.default_rng(2)
        blocks = rng.integers(60, 190, (9, 16), np.uint8)
        self._still = cv2.resize(blocks, (640, 360), interpolation=cv2.INTER_NEAREST).astype(np.float32)
        self._noise = [rng.normal(0, 1, (360, 640)) for _ in range(5)]
        self._count = 0

    def now(self) -> Instant:
        ns = round(self._now_s * NS_PER_S)
        return Instant(_WALL_NS + ns, _BEGIN_NS + ns, bytes(16), TimeTrust.SYNCED)

    def mono_ns(self) -> int:
        return self.now().mono_ns

    def sleep(self, duration_s: float) -> None:
        raise AssertionError(duration_s)

    def wait(self, timeout: float | None = None) -> bool:
        self._now_s += 0.2
        self._count += 1
        if self._now_s >= self._end_s:
            if self._killed:
                raise _Killed
            self.set()
        elif not self.silent:
            picture = Picture(640, 360)
            picture.u[:] = picture.v[:] = 128
            picture.y[:] = np.clip(self._still + self._noise[self._count % 5], 0, 255)
            self._paint(picture, self._now_s)
            now = self.now()
            self._frames.publish(picture, now.mono_ns, now.wall_ns, self._count, False)
        return self.is_set()


@contextmanager
def _camera(rules: str = "") -> Iterator[Places]:
    with TemporaryDirectory(dir="/dev/shm") as folder:
        path = Path(folder) / "edgecam.toml"
        path.write_text(f'[paths]\nstate_dir = "{folder}"\nrun_dir = "{folder}"\n{rules}')
        yield find_places(path)[1]


def _watched(places: Places, street: _Street) -> None:
    settings, _ = find_places(places.settings)
    try:
        Observer(settings, places, street).run(street)
    except _Killed:
        return


def _nobody(picture: Picture, at_s: float) -> None:
    return None


def _somebody(picture: Picture, at_s: float) -> None:
    """Something tall goes to and fro, and nobody could name it."""
    x = int(200 + 150 * np.sin(at_s / 3)) // 2 * 2
    if at_s > 3:
        picture.y[120:220, x : x + 40] = 250


def _told(places: Places, kind: EventKind) -> list[Event]:
    return [event for event in read_recent(places.recent_events) if event.kind == kind]


def _faults(places: Places) -> dict[str, str]:
    status = read_status(places.status_of("observer"), ObserverStatus)
    assert status is not None
    return {fault.code: fault.sentence for fault in status.faults}


@pytest.mark.row("A2")
def test_a_truncated_model_is_a_fault_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / modelfile.INT8_PATH.name
    broken.write_bytes(modelfile.INT8_PATH.read_bytes()[:5000])
    monkeypatch.setattr(detector, "INT8_PATH", broken)
    with _camera() as places:
        _watched(places, _Street(places, _somebody, 12))
        assert "damaged" in _faults(places)["detector"]
        (event,) = _told(places, EventKind.MOTION)
        assert event.end_wall_ns is not None


@pytest.mark.row("A3")
def test_a_wrong_rule_is_a_fault_and_the_others_are_kept() -> None:
    with _camera(_LAWN + '[[rule]]\nkind = "arson"\n') as places:
        _watched(places, _Street(places, _somebody, 12))
        assert _faults(places)["rule"].startswith("rule 2 is of the unknown kind 'arson'")
        assert [event.zone for event in _told(places, EventKind.INTRUSION)] == ["lawn"]


@pytest.mark.row("A3")
def test_a_zone_under_a_mask_is_a_fault() -> None:
    def hidden(picture: Picture, at_s: float) -> None:
        _somebody(picture, at_s)
        picture.y[60:350, 120:620] = 32
        picture.u[30:175, 60:310] = picture.v[30:175, 60:310] = 128

    with _camera(_LAWN) as places:
        _watched(places, _Street(places, hidden, 8))
        assert "'lawn' lies under a mask" in _faults(places)["zone"]
        assert _told(places, EventKind.INTRUSION) == []


@pytest.mark.row("C5")
def test_what_was_open_when_the_process_was_killed_goes_on_as_the_same_event() -> None:
    with _camera(_LAWN) as places:
        _watched(places, _Street(places, _somebody, 10, killed=True))
        (opened,) = _told(places, EventKind.INTRUSION)
        assert (opened.revision, opened.end_wall_ns) == (0, None)
        _watched(places, _Street(places, _somebody, 10, begin_s=12))
        (ended,) = _told(places, EventKind.INTRUSION)
        assert (ended.event_id, ended.start_wall_ns, ended.revision) == (opened.event_id, opened.start_wall_ns, 1)
        assert ended.end_wall_ns is not None
        assert ended.end_wall_ns > _WALL_NS + 15 * NS_PER_S


@pytest.mark.row("C5")
def test_what_was_open_and_is_gone_ends_when_the_killed_process_last_looked() -> None:
    with _camera(_LAWN) as places:
        _watched(places, _Street(places, _somebody, 10, killed=True))
        (opened,) = _told(places, EventKind.INTRUSION)
        _watched(places, _Street(places, _nobody, 20, begin_s=12))
        (ended,) = _told(places, EventKind.INTRUSION)
        assert (ended.event_id, ended.revision) == (opened.event_id, 1)
        assert ended.end_wall_ns == pytest.approx(_WALL_NS + 10 * NS_PER_S, abs=1.5 * NS_PER_S)
        assert [event.end_wall_ns for event in read_recent(places.recent_events)].count(None) == 0


class _Silent(_Street):
    """The frames stop after five seconds."""

    def wait(self, timeout: float | None = None) -> bool:
        self.silent = self._now_s > 5
        return super().wait(timeout)


@pytest.mark.row("A1")
@pytest.mark.parametrize(("resting", "told"), [(False, 1), (True, 0)])
def test_frames_that_stop_are_a_lost_signal_unless_the_camera_rests(resting: bool, told: int) -> None:
    with _camera() as places:
        publish_status(places.status_of("recorder"), RecorderStatus(resting=resting))
        _watched(places, _Silent(places, _nobody, 14))
        assert len(_told(places, EventKind.SIGNAL_LOST)) == told


@pytest.mark.row("A4")
def test_it_says_that_it_is_learning() -> None:
    with _camera() as places:
        _watched(places, _Street(places, _nobody, 4))
        status = read_status(places.status_of("observer"), ObserverStatus)
        assert status is not None
        assert status.habits.startswith("learning, ")
        assert places.habits.exists()
