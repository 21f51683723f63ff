"""Moments by the clock on the wall, in nanoseconds since 1970 UTC."""

from __future__ import annotations

from edgecam.core.clock import NS_PER_S


def after(wall_ns: int, passed_s: float) -> int:
    """The moment ``passed_s`` seconds after ``wall_ns``; before it where that is below 0."""
    return wall_ns + round(passed_s * NS_PER_S)
