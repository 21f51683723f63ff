"""What the aim guard noticed, in words that a person understands without knowing of it."""

from __future__ import annotations

from edgecam.core.aim import AimReading


def moved_words(aim: AimReading) -> str:
    """One sentence without a full stop: where the view went; the camera itself turned the other way."""
    return f"the camera was moved: its view went {aim.went()}"


def lost_words(lasted_s: float) -> str:
    """For a view in which the scene is not found."""
    return (
        f"the confirmed view has not been seen for {lasted_s:.0f} s: the camera was turned, "
        "or something large stands before it"
    )
