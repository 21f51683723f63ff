"""What settings come down to: the kinds of events that a camera can report."""

from __future__ import annotations

import pytest

from edgecam.analysis.scene_health import PRECEDENCE
from edgecam.choices import kinds_of
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
