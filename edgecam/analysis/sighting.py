"""What a detector says about one look, and the contract every detector keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from edgecam.analysis.box import Box, overlap
from edgecam.core.events import EventKind
from edgecam.core.picture import Picture


@dataclass(frozen=True, slots=True)
class Sighting:
    """One object in one picture: its kind, how sure (0-1), where (pixels of the small picture)."""

    kind: EventKind
    score: float
    box: Box


class Detector(Protocol):
    """Finds people, vehicles, bicycles and animals; one thread uses it."""

    def detect(self, picture: Picture, crops: Sequence[Box]) -> list[Sighting]:
        """Everything seen inside ``crops``, one sighting an object, in pixels of ``picture``; best first.

        Crops may reach out of the picture; boxes lie in their crop and in the picture. The same picture and crops
        give the same answer. Nothing is kept of the picture, and nothing in it is changed.
        """
        ...


def strongest(sightings: Iterable[Sighting], most_overlap: float) -> list[Sighting]:
    """Greedy non-maximum suppression: of one kind's boxes with a larger IoU, the best score stays. Best first."""
    kept: list[Sighting] = []
    for one in sorted(sightings, key=lambda s: (-s.score, s.kind, s.box)):
        if all(one.kind != other.kind or overlap(one.box, other.box) <= most_overlap for other in kept):
            kept.append(one)
    return kept
