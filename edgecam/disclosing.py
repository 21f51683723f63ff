"""Giving footage away, as the page's job and the command line do it; and the end of what is kept of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edgecam.choices import retention_of
from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput, MediaFailing, NotAllowed
from edgecam.custody.cases.case import Case, Want
from edgecam.custody.cases.casestore import CaseStore
from edgecam.custody.disclosure.coveredfilm import written_on
from edgecam.custody.disclosure.disclosure import DisclosureParts, Given, Giving, give, refuse_to_give
from edgecam.custody.disclosure.duplicates import erase_folder, was_given
from edgecam.custody.disclosure.review import ORIGINALS, Review
from edgecam.custody.disclosure.watermark import Watermark
from edgecam.custody.evidence.export import CopyLife, Purpose, export_footage
from edgecam.custody.holds import Holds
from edgecam.custody.register.bookfiles import closed_books
from edgecam.custody.register.formfields import FormFields
from edgecam.custody.register.register import Register
from edgecam.duplicating import duplicates_of
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import Recipients
from edgecam.keys.recipients import read_recipients
from edgecam.keys.sealing import Unseals
from edgecam.places import Places
from edgecam.ringbuffer.footage import Footage
from edgecam.ringbuffer.format import SegmentHeader
from edgecam.ringbuffer.lifetime import rest_of_life_ns
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader, live_epochs
from edgecam.settings import Settings

_log = logging.getLogger(__name__)
OnSegment = Callable[[SegmentHeader], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """How footage is to be given away: ``review`` is the folder of a review, ``hold_id`` a hold to take it from."""

    by: str
    sealed_to: str = ""
    watermark: str = ""
    review: Path | None = None
    reviewed_by: str = ""
    frames_seen: int = 0
    hold_id: str = ""


class Disclosing:
    """Gives away footage of the camera at ``places``; each call stands alone."""

    def __init__(
        self,
        settings: Settings,
        places: Places,
        key: CameraKey,
        register: Register,
        cases: CaseStore,
        holds: Holds,
        clock: Clock,
    ) -> None:
        self._settings, self._places, self._key, self._register = settings, places, key, register
        self._cases, self._holds, self._clock = cases, holds, clock
        self.duplicates = duplicates_of(settings, places, register, key, clock)

    def give(
        self, case: Case, wish: Wish, out: Path, identity: Unseals, on_segment: OnSegment | None = None
    ) -> Given:
        """Make the package of ``case`` at ``out``. Raises: as `custody.disclosure.give`, `Review.release`."""
        giving = self._giving(case, wish)
        with self._footage(case, wish.hold_id) as (footage, life):
            return give(self._parts(), case, giving, out, footage, identity, life=life, on_segment=on_segment)

    def begin_review(
        self,
        case: Case,
        wish: Wish,
        folder: Path,
        identity: Unseals,
        passed: Callable[[float], None] = lambda share: None,
    ) -> Review:
        """Copy the footage of ``case`` into ``folder``, which must not exist, and cover everybody in it.

        A failure leaves no folder. Raises: as `give`, and as `Review.begin`.
        """
        refuse_to_give(case, self._clock.now())
        if folder.exists():
            raise BadInput(f"{folder} exists already", do="name another folder", safe="it is untouched")
        watermark = Watermark(wish.watermark) if wish.watermark else None
        try:
            (folder / ORIGINALS).mkdir(mode=0o700, parents=True)
            folder.chmod(0o700)
            self._copy(case, wish, folder / ORIGINALS / "copy.mp4", identity)
            return Review.begin(folder, case.case_id, watermark, passed=passed)
        except OSError as refused:
            erase_folder(folder)
            raise MediaFailing(f"{folder} could not be written ({refused.strerror})", do="make room") from refused
        except BaseException:
            erase_folder(folder)
            raise

    def tend(self) -> list[str]:
        """Erase duplicates that are due or cut off, and what a job left. Raises: MediaFailing, DataLoss."""
        if not self._places.disclosed.is_dir():
            return []
        return self.duplicates.tend(was_given(self._cases.find))

    def _giving(self, case: Case, wish: Wish) -> Giving:
        if wish.review is None:
            watermark = Watermark(wish.watermark) if wish.watermark else None
            derive = written_on(watermark, self._key, self._clock) if watermark is not None else None
            return Giving(wish.by, wish.sealed_to, watermark=wish.watermark, derive=derive, papers=self._papers)
        review = Review.load(wish.review)
        if review.case_id != case.case_id:
            raise NotAllowed(f"the review in {wish.review} is of case {review.case_id}", do="name its own review")
        written = review.watermark.text if review.watermark is not None else ""
        derive = review.release(wish.reviewed_by, wish.frames_seen, self._key, self._clock)
        return Giving(wish.by, wish.sealed_to, obscured=True, watermark=written, derive=derive, papers=self._papers)

    def _papers(self, folder: Path, case: Case) -> Sequence[Path]:
        # Only here: who gives nothing away needs no typesetting.
        from edgecam.papering import paper_desk

        desk = paper_desk(self._settings, self._places, self._key, self._register, self._cases, self._clock)
        try:
            return desk.for_package(folder, case)
        except BadInput as refused:
            # No font for it here: the lines themselves go along in any case.
            _log.warning("a copy goes without its register page as a PDF: %s", refused)
            return ()

    def _copy(self, case: Case, wish: Wish, out: Path, identity: Unseals) -> None:
        assert case.from_wall_ns is not None
        assert case.to_wall_ns is not None
        form = FormFields(
            case=case.case_id,
            use=case.use.value,
            legal_basis=case.legal_basis,
            recipient=case.asker.name,
            form=Want.COPY.value,
            remarks="to cover third parties in; erased when it was given away",
        )
        with self._footage(case, wish.hold_id) as (footage, life):
            if footage.superblock.camera_public != self._key.public:
                raise NotAllowed("this footage is another camera's", do="disclose it on that camera")
            export_footage(
                footage,
                identity,
                case.from_wall_ns,
                case.to_wall_ns,
                out,
                self._register,
                Purpose(wish.by, case.purpose, form),
                life=life,
                hold_id=wish.hold_id,
            )

    def _parts(self) -> DisclosureParts:
        return DisclosureParts(
            self._register,
            self._key,
            self.duplicates,
            Recipients.parse(read_recipients(self._places.recipients)),
            self._clock,
            books=lambda: [*closed_books(self._register.path), self._register.path],
            do_step=self._cases.step,
            kept_years=self._settings.custody.kept_years,
            zone=self._settings.retention.timezone,
        )

    @contextmanager
    def _footage(self, case: Case, hold_id: str) -> Iterator[tuple[Footage, CopyLife]]:
        """The ring or the hold, and for how long a copy of it may live."""
        if hold_id:
            standing = self._holds.find(hold_id, live_epochs(self._places.ring))
            life = CopyLife(max(0, standing.record.term.life_ns - standing.age_ns), standing.now)
            with self._holds.store.footage(hold_id) as held:
                yield held, life
            return
        medium = FileMedium.open(self._places.ring, writable=False)
        try:
            reader, now = RingReader(medium, retention_of(self._settings), self._clock.now), self._clock.now()
            first = next(iter(reader.segments(case.from_wall_ns, case.to_wall_ns)), None)
            rest_ns = rest_of_life_ns(reader.dated(), first.header.epoch, now) if first else 0
            yield reader, CopyLife(rest_ns, now)
        finally:
            medium.close()
