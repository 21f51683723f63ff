"""What a person saw in a clip: truth files as of the folder of real footage, and the library files of certifiers.

``NAME.truth.json`` beside the clip (its form is told in that folder); ``NAME.xml`` beside it, or any other ``.xml``
in the folder that names the clip, in the library form of KISA or i-LIDS. A folder of additions may hold another
``NAME.truth.json``, whose events, negatives and unscored stretches are added.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgecam.core.errors import BadInput
from parts.scoring import Box, TrueEvent
from parts.truthxml import library_events

# What annotators call it -> the kind of our event; what stands here with None is no event of ours.
KIND_OF: dict[str, str | None] = {
    "person_present": "person",
    "vehicle_present": "vehicle",
    "bicycle_present": "bicycle",
    "cyclist_present": "bicycle",
    "animal_present": "animal",
    "cat_present": "animal",
    "dog_present": "animal",
    "tamper_covered": "covered",
    "tamper_defocused": "defocused",
    "tamper_blurred": "defocused",
    "tamper_blinded": "blinded",
    "tamper_moved": "moved",
    "tamper_turned": "moved",
    "tamper_dark": "dark",
    "tamper_frozen": "frozen",
    "object_left": "abandoned_object",
    "object_abandoned": "abandoned_object",
    "abandonment": "abandoned_object",
    "object_removed": "removed_object",
    "object_taken": "removed_object",
    "line_crossed": "line_crossing",
    "falldown": "fall",
    "fall_down": "fall",
    "vehicle_parked": "parked_vehicle",
    "illegal_dumping": "dumping",
    "unusual_activity": None,
    "motion_in_roi": None,
    "foreground_hand": None,
    "approach_camera": None,
    "owner_left_view": None,
    "sitting": None,
}
SCENE_KINDS = ("covered", "defocused", "blinded", "dark", "frozen", "signal_lost", "moved")
# Only where they were counted is it known that there were no others, and where there were none that none came.
_COUNTED = {
    "distinct_people": "person",
    "vehicles": "vehicle",
    "moving_vehicles": "vehicle",
    "cyclists": "bicycle",
    "bicycles": "bicycle",
    "animals": "animal",
}
PRESENCES = frozenset({"person", "vehicle", "bicycle", "animal"})
# Left behind is a thing only when its owner is gone.
_OWNER_LEAVES = "owner_left_view"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds of the clip; ``kinds`` are meant, all of them when empty."""

    start_s: float
    end_s: float
    kinds: frozenset[str] = frozenset()

    def holds(self, kind: str, at_s: float) -> bool:
        """Whether it says something about an alarm of ``kind`` at ``at_s``."""
        return self.start_s <= at_s <= self.end_s and (not self.kinds or kind in self.kinds)


@dataclass(frozen=True, slots=True)
class ClipTruth:
    """``negatives``: nothing may alarm there. ``unscored``: nobody knows. ``absent``: kinds that never happen.

    ``partial``: kinds of which some are told, and others may have happened. ``places``: regions and lines as the
    file tells them.
    """

    events: tuple[TrueEvent, ...] = ()
    negatives: tuple[Stretch, ...] = ()
    unscored: tuple[Stretch, ...] = ()
    absent: frozenset[str] = frozenset()
    partial: frozenset[str] = frozenset()
    places: tuple[dict[str, Any], ...] = ()


def truth_of(clip: Path, frame_s: Sequence[float], additions: Path | None = None) -> ClipTruth | None:
    """The truth of ``clip``, whose frames came at ``frame_s``; ``None`` when there is none. Raises: BadInput."""
    paths = [clip.with_suffix(".truth.json")]
    if additions is not None:
        paths.append(additions / paths[0].name)
    told = [_json(path) for path in paths if path.is_file()]
    certified = library_events(clip)
    if not told and certified is None:
        return None
    parts = [_read(table, frame_s) for table in told]
    return ClipTruth(
        events=(*(event for part in parts for event in part.events), *(certified or ())),
        negatives=tuple(stretch for part in parts for stretch in part.negatives),
        unscored=tuple(stretch for part in parts for stretch in part.unscored),
        absent=frozenset(kind for part in parts for kind in part.absent),
        partial=frozenset(kind for part in parts for kind in part.partial),
        places=tuple(place for part in parts for place in part.places),
    )


def has_truth(clip: Path) -> bool:
    """Whether somebody wrote down what happens in ``clip``. Raises: BadInput for a file that cannot be read."""
    return clip.with_suffix(".truth.json").is_file() or library_events(clip) is not None


def _json(path: Path) -> dict[str, Any]:
    try:
        table = json.loads(path.read_bytes())
    except (OSError, ValueError) as broken:
        raise BadInput(f"{path} is no truth file ({broken})") from broken
    if not isinstance(table, dict):
        raise BadInput(f"{path} is no truth file")
    return table


def _read(table: dict[str, Any], frame_s: Sequence[float]) -> ClipTruth:
    told = table.get("events", [])
    leaves = [_span(one, frame_s)[0] for one in told if one["type"] == _OWNER_LEAVES]
    events = [event for one in told if (event := _event(one, frame_s, leaves)) is not None]
    counts = table.get("counts", {})
    absent = {kind for key, kind in _COUNTED.items() if counts.get(key) == 0}
    partial = PRESENCES - {kind for key, kind in _COUNTED.items() if key in counts}
    if table.get("tamper") is False:
        absent |= set(SCENE_KINDS)
    return ClipTruth(
        events=tuple(events),
        negatives=tuple(_stretch(one, frame_s) for one in table.get("negatives", [])),
        unscored=tuple(_stretch(one, frame_s) for one in table.get("unscored", [])),
        absent=frozenset(absent),
        partial=frozenset(event.kind for event in events if event.kind in partial),
        places=tuple([*table.get("regions", []), *table.get("zones", []), *table.get("lines", [])]),
    )


def _event(one: dict[str, Any], frame_s: Sequence[float], leaves: Sequence[float]) -> TrueEvent | None:
    name = one["type"]
    kind = KIND_OF.get(name, name)
    if kind is None:
        return None
    start_s, end_s = _span(one, frame_s)
    if name == "object_left":
        start_s = min((at_s for at_s in leaves if at_s >= start_s), default=start_s)
    box: Box | None = tuple(one["box"]) if "box" in one else None
    return TrueEvent(kind, start_s, max(start_s, end_s), box)


def _stretch(one: dict[str, Any], frame_s: Sequence[float]) -> Stretch:
    return Stretch(*_span(one, frame_s), frozenset(one.get("kinds", ())))


def _span(one: dict[str, Any], frame_s: Sequence[float]) -> tuple[float, float]:
    """Seconds; where there are only frame numbers, the times of those frames."""
    start_s, end_s = one.get("t0"), one.get("t1")
    if start_s is None:
        start_s = frame_s[min(max(0, one["f0"]), len(frame_s) - 1)]
    if end_s is None:
        end_s = frame_s[min(one["f1"], len(frame_s) - 1)] if one.get("f1") is not None else start_s
    return float(start_s), float(end_s)
