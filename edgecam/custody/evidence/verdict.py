"""What the verification of an export found, as one value and one sentence."""

from __future__ import annotations

from dataclasses import dataclass, field

from edgecam.custody.evidence.account import Account, Period
from edgecam.keys.camera import camera_id


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a file is exactly what a camera recorded, and which camera.

    ``sentence`` says it for a person; for a file that is not genuine it names the first wrong stretch of time,
    which ``wrong`` holds where it is known, and ``wrong_frames`` the frames of the file, counted from 1, both in:
    ``None`` at the end where nobody can tell it, the end before the beginning where frames are missing between the
    two. ``camera_public`` is the key that the file names, or ``None``;
    ``as_given`` says whether that is the key the caller expected, ``None`` where the caller gave none. ``account``
    covers what was proven before the first wrong stretch.
    """

    genuine: bool
    sentence: str
    camera_public: bytes | None = None
    as_given: bool | None = None
    account: Account = field(default_factory=Account)
    wrong: Period | None = None
    wrong_frames: tuple[int, int | None] | None = None

    @property
    def frames_told(self) -> str:
        """Which frames are wrong, in words; empty where all of them may be, or none is."""
        if self.wrong_frames is None:
            return ""
        first, last = self.wrong_frames
        if last is None:
            return f"from frame {first} on"
        return f"frames {first} to {last}" if last >= first else f"between frames {last} and {first}"

    @property
    def camera_id(self) -> str:
        return camera_id(self.camera_public) if self.camera_public else ""
