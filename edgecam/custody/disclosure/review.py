"""The review of a covered copy: what will be given out lies in a folder, is looked at frame by frame, and released.

What a person saw is what leaves: the films are encoded before the review, and a release only adds the camera's word
to them. While the folder stands it holds the uncovered copy too; `Review.drop` overwrites all of it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgecam.analysis.detector import LiteRtDetector
from edgecam.analysis.everybody import SomebodyTrack
from edgecam.analysis.framing import framed
from edgecam.analysis.sighting import Detector
from edgecam.capture.film import Film
from edgecam.core.clock import Clock
from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, NotAllowed
from edgecam.core.jpeg import JpegEncoder
from edgecam.custody.disclosure.coveredfilm import Reviewed, vouch_for, write_film
from edgecam.custody.disclosure.derived import Derived
from edgecam.custody.disclosure.disclosure import Derive
from edgecam.custody.disclosure.duplicates import erase_folder, sha256_of
from edgecam.custody.disclosure.obscuring import ExtraBox, Obscuring, find_everybody
from edgecam.custody.disclosure.tracktold import TrackTold
from edgecam.custody.disclosure.watermark import Watermark
from edgecam.keys.camera import CameraKey

ORIGINALS, COVERED = "original", "covered"
FORMAT = "edgecam-review-1"
_STATE = "review.json"


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a person decided: tracks to ``keep`` visible, others to ``fill``, further ``boxes`` by frames."""

    keep: frozenset[int] = frozenset()
    fill: frozenset[int] = frozenset()
    boxes: tuple[ExtraBox, ...] = ()


class Review:
    """The review in ``folder`` of the case ``case_id``; one thread changes it."""

    def __init__(self, folder: Path, case_id: str, watermark: Watermark | None, films: list[Obscuring]) -> None:
        self.folder, self.case_id, self.watermark = folder, case_id, watermark
        self._films = films

    @classmethod
    def begin(
        cls,
        folder: Path,
        case_id: str,
        watermark: Watermark | None,
        detector: Detector | None = None,
        passed: Callable[[float], None] = lambda share: None,
    ) -> Review:
        """Look for everybody in the copies that lie in ``folder`` / `ORIGINALS`, and cover them.

        ``passed`` hears how far it has come, 0-1. Raises: BadInput, DataLoss, MediaFailing.
        """
        originals = _films_in(folder / ORIGINALS)
        if not originals:
            raise BadInput(f"{folder} holds no copy to review")
        finder, films = detector or LiteRtDetector(), list[Obscuring]()
        for path in originals:
            begun = len(films) / len(originals)
            before = max((track.number for film in films for track in film.tracks), default=0)
            films.append(
                find_everybody(path, finder, before=before, passed=_part(passed, begun, 0.8 / len(originals)))
            )
        review = cls(folder, case_id, watermark, films)
        review._cover(range(len(films)))
        review._draw_tracks()
        passed(1.0)
        return review

    @classmethod
    def load(cls, folder: Path) -> Review:
        """Raises: BadInput when there is none, DataLoss when it cannot be read."""
        try:
            told = json.loads((folder / _STATE).read_bytes())
            if told["format"] != FORMAT:
                raise ValueError("another format")
            films = [Obscuring.decode(json.dumps(one).encode()) for one in told["films"]]
            watermark = Watermark(told["watermark"]) if told["watermark"] else None
            return cls(folder, str(told["case"]), watermark, films)
        except OSError as missing:
            raise BadInput(f"there is no review in {folder}", do="begin one with --obscure --review") from missing
        except (ValueError, TypeError, KeyError) as broken:
            raise DataLoss(f"the review in {folder} cannot be read", do="begin it anew") from broken

    @property
    def frames(self) -> int:
        """How many frames there are to look at."""
        return sum(film.frames for film in self._films)

    def tracks(self) -> list[TrackTold]:
        """Every track, by number."""
        return [
            TrackTold(
                track.number,
                track.kind.value,
                film.is_filled(track),
                before + track.frames[0] + 1,
                before + track.frames[-1] + 1,
            )
            for before, film in self._numbered()
            for track in film.tracks
        ]

    def picture_of(self, track: int) -> Path:
        """A JPEG of what that track is of, uncovered."""
        return self.folder / f"track-{track}.jpg"

    def decide(self, decided: Decisions) -> None:
        """Cover anew where ``decided`` changes anything. Raises: BadInput, DataLoss, MediaFailing."""
        known = {track.number for film in self._films for track in film.tracks}
        if unknown := sorted((decided.keep | decided.fill) - known):
            raise BadInput(f"there is no track {unknown[0]}", do="look at the list of tracks", field="keep")
        if beyond := [box for box in decided.boxes if not 1 <= box.first_frame <= box.last_frame <= self.frames]:
            raise BadInput(f"there are frames 1 to {self.frames}, not {beyond[0].first_frame}", field="boxes")
        films = [film.decided(*_of_film(film, before, decided)) for before, film in self._numbered()]
        changed = [number for number, film in enumerate(films) if film != self._films[number]]
        self._films = films
        self._cover(changed)

    def frame(self, number: int) -> bytes:
        """The ``number``-th frame (from 1) as it will be given out, a JPEG. Raises: BadInput, DataLoss."""
        for (before, film), path in zip(self._numbered(), self._covered(), strict=True):
            if before < number <= before + film.frames:
                return JpegEncoder().encode(Film(path).frame(number - before - 1))
        raise BadInput(f"there are frames 1 to {self.frames}", field="n")

    def release(self, by: str, frames_seen: int, key: CameraKey, clock: Clock) -> Derive:
        """What gives out the reviewed films, for `Giving.derive`.

        Raises: NotAllowed when nobody says that they looked at every frame.
        """
        if not by.strip():
            raise NotAllowed("nobody says who reviewed it", do="name who looked at every frame", safe=_KEPT)
        if frames_seen != self.frames:
            raise NotAllowed(
                f"{frames_seen} of {self.frames} frames were looked at",
                do="look at every frame, because what was missed shows a person",
                safe=_KEPT,
            )

        def derive(originals: Sequence[Path], folder: Path) -> list[tuple[Path, Derived]]:
            reviewed = _films_in(self.folder / ORIGINALS)
            if [_digest(path) for path in originals] != [_digest(path) for path in reviewed]:
                raise DataLoss(
                    "the footage is not what was reviewed any more", do="begin the review anew", safe=_KEPT
                )
            made = []
            for original, covered, film in zip(originals, self._covered(), self._films, strict=True):
                out = folder / original.name
                _copy(covered, out)
                by_whom = Reviewed(by.strip(), film.frames)
                made.append((out, vouch_for(out, original, key, clock.now(), film, self.watermark, by_whom)))
            return made

        return derive

    def drop(self) -> None:
        """Overwrite and take away everything. Raises: MediaFailing."""
        try:
            erase_folder(self.folder)
        except OSError as refused:
            raise MediaFailing(f"{self.folder} could not be erased ({refused.strerror})") from refused

    def _numbered(self) -> list[tuple[int, Obscuring]]:
        """Each film with how many frames stand before it."""
        before, found = 0, []
        for film in self._films:
            found.append((before, film))
            before += film.frames
        return found

    def _covered(self) -> list[Path]:
        return [self.folder / COVERED / path.name for path in _films_in(self.folder / ORIGINALS)]

    def _cover(self, which: Sequence[int]) -> None:
        (self.folder / COVERED).mkdir(mode=0o700, exist_ok=True)
        originals = _films_in(self.folder / ORIGINALS)
        for number in which:
            write_film(originals[number], self._covered()[number], self._films[number], self.watermark)
        told = {
            "format": FORMAT,
            "case": self.case_id,
            "watermark": self.watermark.text if self.watermark is not None else "",
            "films": [json.loads(film.encode()) for film in self._films],
        }
        replace_durably(self.folder / _STATE, json.dumps(told).encode())

    def _draw_tracks(self) -> None:
        """Each track where it was seen best: in the middle of its looks."""
        encoder = JpegEncoder()
        for path, film in zip(_films_in(self.folder / ORIGINALS), self._films, strict=True):
            wanted: dict[int, list[SomebodyTrack]] = {}
            for track in film.tracks:
                wanted.setdefault(track.frames[len(track.frames) // 2], []).append(track)
            for number, (_, picture) in enumerate(Film(path).frames()):
                for track in wanted.get(number, ()):
                    box = track.boxes[track.frames.index(number)].normalised(*film.size)
                    replace_durably(self.picture_of(track.number), encoder.encode(framed(picture, box)[0]))


_KEPT = "nothing was given away"


def _part(passed: Callable[[float], None], begun: float, share: float) -> Callable[[float], None]:
    return lambda done: passed(begun + done * share)


def _of_film(
    film: Obscuring, before: int, decided: Decisions
) -> tuple[frozenset[int], frozenset[int], tuple[ExtraBox, ...]]:
    """What of ``decided`` is about a film with ``before`` frames before it, counted from its own first frame."""
    own = {track.number for track in film.tracks}
    boxes = []
    for box in decided.boxes:
        first, last = max(box.first_frame - before, 1), min(box.last_frame - before, film.frames)
        if first <= last:
            boxes.append(ExtraBox(first, last, box.box))
    return decided.keep & own, decided.fill & own, tuple(boxes)


def _films_in(folder: Path) -> list[Path]:
    """``copy.mp4``, ``copy-2.mp4`` … in their order."""
    return sorted(folder.glob("*.mp4"), key=lambda path: (len(path.name), path.name))


def _digest(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as refused:
        raise MediaFailing(f"{path} could not be read ({refused.strerror})", do="check the medium") from refused


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
        target.chmod(0o600)
    except OSError as refused:
        raise MediaFailing(f"{target} could not be written ({refused.strerror})", do="make room") from refused
