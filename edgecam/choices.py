"""What some settings come down to: the retention a policy names, the source that `auto` finds."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from edgecam.ringbuffer.retention import PRESETS, Retention
from edgecam.settings import Settings


def retention_of(settings: Settings) -> Retention:
    """The retention policy named in the settings."""
    chosen = settings.retention
    return Retention(chosen.days) if chosen.policy == "own" else PRESETS[chosen.policy]


def source_of(settings: Settings, override: str | None = None) -> str:
    """The source as text; `auto` is the first camera found, else the drawn street."""
    chosen = override or settings.camera.source
    if chosen != "auto":
        return chosen
    if importlib.util.find_spec("picamera2") is not None:
        return "picamera:0"
    return "v4l2:/dev/video0" if Path("/dev/video0").exists() else "scene:street"
