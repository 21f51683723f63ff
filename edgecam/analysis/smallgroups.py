"""Which numbers may leave the camera: none of a group that is too small, and none that such a one follows from.

The threshold rule with complementary suppression of official statistics: a number above 0 and below the least group
is withheld, and so are others beside it, until each of them could be anything from 1 to the least group for whoever
knows the total. That holds for numbers that are told once and for all: those of a day that is not over would be
told again, and the difference would tell of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LEAST_GROUP: Final = 5


@dataclass(frozen=True, slots=True)
class Released:
    """``numbers`` and ``total``, ``None`` for what is withheld."""

    numbers: tuple[int | None, ...]
    total: int | None


def released(numbers: Sequence[int], least: int = LEAST_GROUP) -> Released:
    """What may be told of ``numbers`` of people and of their total, no group being smaller than ``least``."""
    hidden = {index for index, number in enumerate(numbers) if 0 < number < least}
    shown = sorted((number, index) for index, number in enumerate(numbers) if number >= least)
    # Zeros are told, so each withheld number is 1 at least; who knows the total must think `least` possible.
    while hidden and (len(hidden) < 2 or sum(numbers[index] for index in hidden) < least + len(hidden) - 1):
        if not shown:
            return Released(tuple(0 if number == 0 else None for number in numbers), None)
        hidden.add(shown.pop(0)[1])
    told = tuple(None if index in hidden else number for index, number in enumerate(numbers))
    return Released(told, sum(numbers))
