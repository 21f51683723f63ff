"""One thing, one sighting: a bicycle and who rides it are one, and so are two kinds of box on the same body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edgecam.analysis.box import Box, around, overlap
from edgecam.analysis.demands import DEMANDS
from edgecam.analysis.sighting import Sighting
from edgecam.core.events import EventKind

_SAME_PLACE: Final = 0.6
_MAYBE_SAME_PLACE: Final = 0.35
_CLEAR_LEAD: Final = 0.25
_ASIDE: Final = 0.2
_HIGHEST: Final = 3.0


def mounted(sightings: Sequence[Sighting]) -> list[Sighting]:
    """``sightings`` with every bicycle that has a rider as one sighting around both, of kind bicycle."""
    riders = [one for one in sightings if one.kind == EventKind.PERSON]
    found: list[Sighting] = []
    for one in sightings:
        if one.kind == EventKind.BICYCLE:
            rider = next((person for person in riders if _rides(person.box, one.box)), None)
            if rider is not None:
                riders.remove(rider)
                one = Sighting(one.kind, one.score, around([one.box, rider.box]))
            found.append(one)
    return found + riders + [one for one in sightings if one.kind not in (EventKind.BICYCLE, EventKind.PERSON)]


def sole(sightings: Sequence[Sighting], weak: Sequence[Sighting] = ()) -> list[Sighting]:
    """Of two kinds seen at the same place the one that is surer, by what is asked of each kind. Best first.

    ``weak`` are sightings that do not count: an animal where also a person may be seen is none, because a body that
    bends or sits scores as a dog, and a dog hardly ever as a person.
    """
    people = [one for one in (*sightings, *weak) if one.kind == EventKind.PERSON]
    kept: list[Sighting] = []
    for one in sorted(sightings, key=lambda s: (DEMANDS[s.kind].extra_score - s.score, s.kind, s.box)):
        if one.kind == EventKind.ANIMAL and any(_doubted(one, person) for person in people):
            continue
        if all(one.kind == other.kind or overlap(one.box, other.box) < _SAME_PLACE for other in kept):
            kept.append(one)
    return kept


def _doubted(animal: Sighting, person: Sighting) -> bool:
    return person.score > animal.score - _CLEAR_LEAD and overlap(animal.box, person.box) > _MAYBE_SAME_PLACE


def _rides(person: Box, bicycle: Box) -> bool:
    """Whether a person's middle is over the bicycle, and their feet or hips are where its wheels are."""
    middle, aside = (person.x0 + person.x1) / 2, _ASIDE * bicycle.width
    low = bicycle.y0 + 0.15 * bicycle.height <= person.y1 <= bicycle.y1 + 0.3 * bicycle.height
    sized = person.height <= _HIGHEST * max(bicycle.height, bicycle.width)
    return low and sized and bicycle.x0 - aside <= middle <= bicycle.x1 + aside and person.y0 < bicycle.y0
