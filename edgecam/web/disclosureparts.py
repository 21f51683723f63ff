"""What the page needs to give footage away: one job a case, one at work, all of them behind the recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from edgecam.custody.cases.case import Case
from edgecam.custody.disclosure.duplicates import Duplicate
from edgecam.custody.disclosure.tracktold import TrackTold


class JobState(StrEnum):
    """How far a job is. Stable names."""

    COPYING = "copying"
    SEARCHING = "searching"
    REVIEW = "review"
    COVERING = "covering"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """What becomes of one case: ``share`` of what it does is done, 0-1; ``what`` is why it failed.

    While it is reviewed there are ``tracks`` and ``frames``, of which the reviewer saw ``frames_seen``.
    ``size_bytes`` is that of the package when it is ready, ``file_name`` its name.
    """

    case_id: str
    state: JobState
    share: float = 0.0
    what: str = ""
    frames: int = 0
    frames_seen: int = 0
    tracks: tuple[TrackTold, ...] = ()
    size_bytes: int = 0
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens the footage on the camera: the owner's passphrase, and an operator's where it takes two."""

    passphrase: str
    operator: str = ""
    operator_passphrase: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a reviewer decided: tracks by number, boxes as first and last frame and four corners in pixels."""

    keep: tuple[int, ...] = ()
    fill: tuple[int, ...] = ()
    boxes: tuple[tuple[int, int, int, int, int, int], ...] = ()


class DisclosureDesk(Protocol):
    """Gives footage away for the page. Everything may block and raise any `EdgecamError`; threads call it."""

    def jobs(self) -> Sequence[Job]:
        """What is at work, under review, or ready to be fetched."""
        ...

    def duplicates(self) -> Sequence[Duplicate]: ...

    def start(self, case: Case, by: str, opening: Opening, *, obscure: bool, watermark: str, sealed_to: str) -> Job:
        """Returns once the passphrase opened the key. Raises: NotAllowed for a wrong one; Unavailable while another
        job works.
        """
        ...

    def decide(self, case_id: str, decided: Decided) -> Job: ...

    def frame(self, case_id: str, number: int) -> bytes:
        """A frame as it will be given out, a JPEG; from then on it counts as seen."""
        ...

    def track(self, case_id: str, number: int) -> bytes: ...

    def release(self, case: Case, by: str, opening: Opening, sealed_to: str) -> Job:
        """Give the reviewed copy out. Raises: BadInput while a frame was not seen, NotAllowed as `start`."""
        ...

    def package(self, case_id: str) -> tuple[Job, Iterator[bytes]]:
        """The package, a tar or an age file, from its first byte."""
        ...

    def drop(self, case_id: str) -> None:
        """Erase what the job made and the case's receiver did not fetch; what stands in the register stays."""
        ...

    def erase_duplicate(self, duplicate_id: str, who: str, reason: str) -> None: ...
