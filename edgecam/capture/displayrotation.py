"""How a video file says that its picture must be turned to be upright, as telephones write it."""

from __future__ import annotations

from pathlib import Path

import av

from edgecam.capture.planes import ROTATIONS


def display_rotation(path: Path) -> int:
    """Degrees clockwise, 0 where the file says nothing, something oblique, or cannot be read at all."""
    try:
        with av.open(str(path), "r") as container:
            if not container.streams.video:
                return 0
            first = next(container.decode(video=0), None)
    except (av.FFmpegError, OSError):
        return 0
    # FFmpeg counts the other way round.
    clockwise = -first.rotation % 360 if first is not None else 0
    return clockwise if clockwise in ROTATIONS else 0
