"""What some settings come down to: the retention a policy names, the source that `auto` finds, what is planned."""

from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path

from edgecam.core.events import SCENE_KINDS, EventKind
from edgecam.core.support import Support
from edgecam.custody.paper.sign import Sign
from edgecam.ringbuffer.plan import Camera
from edgecam.ringbuffer.retention import PRESETS, Retention
from edgecam.settings import Settings

# Of the ring, and mebibytes at least and at most.
_ALBUM_PART, _LEAST_ALBUM_MIB, _MOST_ALBUM_MIB = 32, 32, 512


def retention_of(settings: Settings) -> Retention:
    """The retention policy named in the settings. Raises: BadInput for days that contradict each other."""
    chosen = settings.retention
    if chosen.policy != "own":
        return PRESETS[chosen.policy]
    zone = chosen.timezone if chosen.counting == "civil" else None
    return Retention(chosen.days, zone, chosen.floor_days or None)


def album_size_of(settings: Settings) -> int:
    """The album's size in bytes; 0 when there is to be none."""
    if not settings.album.enabled:
        return 0
    part_mib = min(max(int(settings.ring.size_gib * 1024 / _ALBUM_PART), _LEAST_ALBUM_MIB), _MOST_ALBUM_MIB)
    return (settings.album.size_mib or part_mib) << 20


def ring_beside_album_gib(settings: Settings, room_gib: float) -> float:
    """The largest ring that ``room_gib`` gibibytes have room for together with its album; below 0 for none."""
    if not settings.album.enabled:
        return room_gib
    if settings.album.size_mib:
        return room_gib - settings.album.size_mib / 1024
    least, part = room_gib - _LEAST_ALBUM_MIB / 1024, room_gib * _ALBUM_PART / (_ALBUM_PART + 1)
    return max(room_gib - _MOST_ALBUM_MIB / 1024, min(least, part))


def camera_of(settings: Settings) -> Camera:
    """What the storage plan has to know of the settings."""
    camera, encoder = settings.camera, settings.encoder
    return Camera(
        camera.width,
        camera.height,
        camera.fps,
        encoder.quality,
        encoder.keyframe_interval_s,
        encoder.bit_rate_kbps,
    )


def sign_of(settings: Settings) -> Sign:
    """What the sign of this camera says. Raises: BadInput, as `retention_of`."""
    return Sign(settings.notice, settings.recording.hours, retention_of(settings))


def support_of(settings: Settings) -> Support:
    """What the maker promises, as the page tells it."""
    told = settings.support
    until = date.fromisoformat(told.until) if told.until else None
    return Support(told.security_contact, told.policy, told.acknowledge_days, until)


def kinds_of(settings: Settings) -> frozenset[EventKind]:
    """The kinds of events that this camera can report, a rule's only where there is one."""
    chosen = settings.analysis
    if not chosen.enabled:
        return frozenset({EventKind.CLONED})
    switched = {
        EventKind.CLONED: True,
        EventKind.PERSON: chosen.person,
        EventKind.VEHICLE: chosen.vehicle,
        EventKind.BICYCLE: chosen.bicycle,
        EventKind.ANIMAL: chosen.animal,
        EventKind.MOTION: chosen.motion,
        EventKind.UNUSUAL: chosen.unusual,
    } | dict.fromkeys(SCENE_KINDS, chosen.scene)
    ruled = {str(rule.get("kind")) for rule in settings.rule}
    return frozenset(kind for kind in EventKind if switched.get(kind, kind in ruled))


def source_of(settings: Settings, override: str | None = None) -> str:
    """The source as text; `auto` is the first camera found, else the drawn street."""
    chosen = override or settings.camera.source
    if chosen != "auto":
        return chosen
    if importlib.util.find_spec("picamera2") is not None:
        return "picamera:0"
    return "v4l2:/dev/video0" if Path("/dev/video0").exists() else "scene:street"
