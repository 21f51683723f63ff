"""What the aim guard noticed, in words that a person understands without knowing of it."""

from __future__ import annotations

from edgecam.core.aim import AimReading

_LEAST_SHARE = 0.005
_LEAST_TURN_DEG = 0.5
_LEAST_ZOOM = 0.01


def moved_words(aim: AimReading) -> str:
    """One sentence without a full stop: where the view went; the camera itself turned the other way."""
    parts = []
    if abs(aim.right) >= _LEAST_SHARE:
        parts.append(f"{abs(aim.right):.0%} of the width to the {'right' if aim.right > 0 else 'left'}")
    if abs(aim.down) >= _LEAST_SHARE:
        parts.append(f"{abs(aim.down):.0%} of the width {'down' if aim.down > 0 else 'up'}")
    told = [f"the view went {' and '.join(parts)}"] if parts else []
    if abs(aim.turned_deg) >= _LEAST_TURN_DEG:
        told.append(
            f"it leans {abs(aim.turned_deg):.0f} degrees to the {'right' if aim.turned_deg > 0 else 'left'}"
        )
    if abs(aim.zoom - 1) >= _LEAST_ZOOM:
        told.append(f"it is {abs(aim.zoom - 1):.0%} {'larger' if aim.zoom > 1 else 'smaller'}")
    if not told:
        return "the camera was turned: it shows another view than the confirmed one"
    return f"the camera was turned: {', '.join(told)}"


def lost_words(lasted_s: float) -> str:
    """For a view in which the scene is not found."""
    return (
        f"the confirmed view has not been seen for {lasted_s:.0f} s: the camera was turned, "
        "or something large stands before it"
    )
