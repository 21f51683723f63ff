"""A track of a review, as a reviewer sees it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrackTold:
    """What it is of, whether it is covered, and from which frame to which it was seen, from 1 over all films."""

    number: int
    kind: str
    filled: bool
    first_frame: int
    last_frame: int
