"""A view that nobody permitted."""

from __future__ import annotations

from edgecam.core.frames import RawFrame


class NoView:
    """Shows nothing, and counts the frames it was handed."""

    def __init__(self) -> None:
        self.handed = 0

    def look_for_permit(self) -> None:
        return None

    def close(self) -> None:
        return None

    def show(self, raw: RawFrame) -> None:
        assert raw.picture is not None
        self.handed += 1
