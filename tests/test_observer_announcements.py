"""What the care announces, the observer heeds: a switch of the light is no event; in heat it looks less often."""

from __future__ import annotations

import pytest
from test_observer import _BEGIN_NS, _camera, _faults, _Street, _told, _watched

from edgecam.core.announcement import Announcement, announce
from edgecam.core.clock import NS_PER_S
from edgecam.core.events import EventKind
from edgecam.core.picture import Picture
from edgecam.core.status import ObserverStatus, read_status
from edgecam.places import Places


def _lamp_off(picture: Picture, at_s: float) -> None:
    if 12 <= at_s < 16:
        picture.y[:] = picture.y // 10 + 10


def _stretch(what: str, from_s: float, until_s: float) -> Announcement:
    return Announcement(what, _BEGIN_NS + round(from_s * NS_PER_S), _BEGIN_NS + round(until_s * NS_PER_S))


@pytest.mark.row("C8")
def test_an_announced_switch_is_no_event_and_the_same_unannounced_is_one() -> None:
    for announced in (False, True):
        with _camera() as places:
            if announced:
                announce(places.light_switch, _stretch("probe_comes", 11.4, 20))
            _watched(places, _Street(places, _lamp_off, 30))
            assert bool(_told(places, EventKind.DARK)) is not announced


def _frames(places: Places) -> int:
    status = read_status(places.status_of("observer"), ObserverStatus)
    assert status is not None
    return status.frames


class _Hot(_Street):
    """The same time, in which whoever waits twice as long sees half as many frames."""

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        turns = max(1, round(timeout / 0.2))
        return any([super(_Hot, self).wait(timeout) for _ in range(turns)])


@pytest.mark.row("T4")
def test_heat_halves_the_looks_and_is_told() -> None:
    looks = []
    for hot in (False, True):
        with _camera() as places:
            if hot:
                announce(places.heat, _stretch("hot", 0, 1000))
            _watched(places, _Hot(places, lambda picture, at_s: None, 20))
            looks.append(_frames(places))
            assert ("heat" in _faults(places)) is hot
    assert looks[1] <= 0.55 * looks[0]
