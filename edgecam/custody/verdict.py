"""What the verification of an export found, as one value and one sentence."""

from __future__ import annotations

from dataclasses import dataclass, field

from edgecam.custody.account import Account, Period
from edgecam.keys.camera import camera_id


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a file is exactly what a camera recorded, and which camera.

    ``sentence`` says it for a person; for a file that is not genuine it names the first wrong stretch of time,
    which ``wrong`` holds where it is known. ``camera_public`` is the key that the file names, or ``None``;
    ``as_given`` says whether that is the key the caller expected, ``None`` where the caller gave none. ``account``
    covers what was proven before the first wrong stretch.
    """

    genuine: bool
    sentence: str
    camera_public: bytes | None = None
    as_given: bool | None = None
    account: Account = field(default_factory=Account)
    wrong: Period | None = None

    @property
    def camera_id(self) -> str:
        return camera_id(self.camera_public) if self.camera_public else ""
