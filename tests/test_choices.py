"""What settings come down to: the kinds of events that a camera can report."""

from __future__ import annotations

import pytest

from edgecam.analysis.scene_health import PRECEDENCE
from edgecam.choices import album_size_of, kinds_of, ring_beside_album_gib
from edgecam.core.events import SCENE_KINDS, EventKind
from edgecam.observer import analysis_settings
from edgecam.settings import Settings, decode_settings
from edgecam.telemetry.commandkinds import NEVER_SILENT

pytestmark = pytest.mark.row("T3")

BEYOND_RULES = {
    *(EventKind.PERSON, EventKind.VEHICLE, EventKind.BICYCLE, EventKind.ANIMAL, EventKind.UNUSUAL),
    *(EventKind.CLONED, *SCENE_KINDS),
}


def test_a_camera_without_rules_reports_what_needs_none() -> None:
    assert kinds_of(Settings()) == BEYOND_RULES
    assert kinds_of(decode_settings("[analysis]\nmotion = true\n")) == BEYOND_RULES | {EventKind.MOTION}


def test_a_rule_adds_its_kind_and_one_that_is_none_adds_nothing() -> None:
    text = '[[rule]]\nkind = "intrusion"\n[[rule]]\nkind = "tea"\n[[rule]]\nkind = ["loitering"]\n[[rule]]\n'
    assert kinds_of(decode_settings(text)) == BEYOND_RULES | {EventKind.INTRUSION}


@pytest.mark.parametrize("name", ["person", "vehicle", "bicycle", "animal", "unusual"])
def test_what_is_switched_off_is_not_reported(name: str) -> None:
    assert kinds_of(decode_settings(f"[analysis]\n{name} = false\n")) == BEYOND_RULES - {EventKind(name)}


def test_a_camera_that_does_not_look_reports_only_what_the_broker_shows_it() -> None:
    assert kinds_of(decode_settings("[analysis]\nenabled = false\n")) == {EventKind.CLONED}


def test_the_view_has_the_same_troubles_everywhere() -> None:
    assert set(PRECEDENCE) == SCENE_KINDS == NEVER_SILENT - {EventKind.CLONED}


@pytest.mark.parametrize("text", ["", "[analysis]\nscene = false\nperson = false\nmotion = true\n"])
def test_it_is_nothing_that_the_observer_would_not_report(text: str) -> None:
    settings = decode_settings(text)
    assert kinds_of(settings) - {EventKind.CLONED} <= analysis_settings(settings).kinds


@pytest.mark.row("A6")
@pytest.mark.parametrize("album", ["", "size_mib = 700", "enabled = false"])
@pytest.mark.parametrize("room_gib", [0.5, 1.0, 1.03125, 5.0, 16.5, 60.0])
def test_a_ring_and_its_album_fill_what_there_is_together(album: str, room_gib: float) -> None:
    settings = decode_settings(f"[album]\n{album}\n")
    ring_gib = ring_beside_album_gib(settings, room_gib)
    assert album or ring_gib < room_gib
    if ring_gib < 0:
        assert room_gib < 700 / 1024
        return
    ring = settings.ring.model_copy(update={"size_gib": ring_gib})
    together_gib = ring_gib + album_size_of(settings.model_copy(update={"ring": ring})) / 2**30
    # The album's size is whole mebibytes.
    assert room_gib - 1 / 1024 <= together_gib <= room_gib
