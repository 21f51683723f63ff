"""Whether an export is exactly what its camera recorded; needs the file alone: no ring, no camera, no secret."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from edgecam.core.errors import BadInput, DataLoss
from edgecam.custody.evidence.account import Accounting, Period, period_of, wall_time
from edgecam.custody.evidence.boxes import InitFacts, read_fragment, read_init, retimed
from edgecam.custody.evidence.claims import claimed_period, next_signed, signed_header
from edgecam.custody.evidence.manifest import (
    EpochRecord,
    ManifestOpening,
    SegmentRecord,
    decode_opening,
    decode_record,
)
from edgecam.custody.evidence.manifestbox import ManifestBox, find_manifest
from edgecam.custody.evidence.presentation import Presentation
from edgecam.custody.evidence.verdict import Verdict
from edgecam.keys.camera import camera_id, signed_by
from edgecam.ringbuffer.format import EpochSlot, SegmentHeader, content_hash, header_hash


def verify_export(path: Path, camera_public: bytes | None = None) -> Verdict:
    """Prove every byte of the export at ``path``, or name the first stretch of time that is not proven.

    ``camera_public`` is the key (32 raw bytes) of the camera it should come from; without it the verdict only says
    which key signed. Raises: BadInput when the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            box = find_manifest(file)
            if box is None:
                return Verdict(False, "the file holds no manifest: it is no edgecam copy, or its end was cut off")
            return _Check(file, box, camera_public).verdict()
    except OSError as refused:
        raise BadInput(f"{path} cannot be read ({refused.strerror})", do="check the name of the file") from refused


class _Wrong(Exception):
    """Ends the check at the first wrong stretch; never leaves this file."""

    def __init__(
        self, sentence: str, period: Period | None, frames: int | None = 0, *, whole: bool = False
    ) -> None:
        """``frames`` are wrong from the first unproven on, ``None``: nobody knows how many; or ``whole``."""
        super().__init__(sentence)
        self.sentence, self.period, self.frames, self.whole = sentence, period, frames, whole


class _Check:
    """One verification; owned by one call of `verify_export`."""

    def __init__(self, file: BinaryIO, box: ManifestBox, given: bytes | None) -> None:
        self._file, self._box, self._given = file, box, given
        self._opening: ManifestOpening | None = None
        self._records: list[bytes] = []
        self._accounting = Accounting()
        self._slot: EpochSlot | None = None
        self._slot_used = True
        self._offset = 0

    def verdict(self) -> Verdict:
        try:
            self._check()
            proven = self._accounting.account()
            period = Period(proven.from_wall_ns, proven.to_wall_ns)
            who = camera_id(self._public)
            return self._verdict(True, f"genuine: {period}, exactly as {who} recorded it", None)
        except _Wrong as wrong:
            return self._verdict(
                False, wrong.sentence, wrong.period, None if wrong.whole else self._frames_of(wrong)
            )

    def _frames_of(self, wrong: _Wrong) -> tuple[int, int | None]:
        proven = self._accounting.account().frames
        return proven + 1, None if wrong.frames is None else proven + wrong.frames

    def _verdict(
        self,
        genuine: bool,
        sentence: str,
        wrong: Period | None,
        frames: tuple[int, int | None] | None = None,
    ) -> Verdict:
        public = self._opening.camera_public if self._opening else None
        as_given = None if self._given is None or public is None else self._given == public
        return Verdict(genuine, sentence, public, as_given, self._accounting.account(), wrong, frames)

    @property
    def _public(self) -> bytes:
        assert self._opening is not None
        return self._opening.camera_public

    def _check(self) -> None:
        init = self._check_opening()
        presentation = Presentation(init.timescale)
        for index, line in enumerate(self._records):
            try:
                record = decode_record(line)
            except DataLoss:
                raise self._unproven(index) from None
            if isinstance(record, EpochRecord):
                self._check_epoch(record, index)
            else:
                header = self._check_header(record, index)
                self._check_chain(header)
                self._check_fragment(record, header, init, presentation)
                self._accounting.take(header)
        self._check_end()

    def _check_opening(self) -> InitFacts:
        try:
            opening, self._records = self._box.split()
            self._opening = decode_opening(opening)
        except DataLoss as broken:
            raise self._wholly(broken.what) from None
        if self._given is not None and self._given != self._public:
            by = camera_id(self._public)
            raise self._wholly(f"it was signed by {by}, not by the camera {camera_id(self._given)} that was named")
        if not self._box.intact:
            raise self._wholly("the frame around the manifest was changed")
        return self._check_init(self._opening)

    def _check_init(self, opening: ManifestOpening) -> InitFacts:
        self._offset = min(opening.init_size_bytes, self._box.start)
        self._file.seek(0)
        init = self._file.read(self._offset)
        try:
            if hashlib.sha256(init).digest() == opening.init_sha256:
                return read_init(init)
        except DataLoss:
            pass
        raise self._wholly("the init, by which all pictures are decoded, was changed")

    def _check_epoch(self, record: EpochRecord, index: int) -> None:
        assert self._opening is not None
        try:
            slot = record.slot()
        except DataLoss:
            raise self._unproven(index) from None
        # One that no segment follows, or that says what was said, is nothing edgecam writes.
        idle = not self._slot_used or (self._slot is not None and slot.epoch == self._slot.epoch)
        same = (slot.ring_id, slot.init_hash) == (self._opening.ring_id, self._opening.init_sha256)
        if idle or not same or not signed_by(self._public, slot.signature, slot.signed_part):
            raise self._unproven(index)
        self._slot, self._slot_used = slot, False

    def _check_header(self, record: SegmentRecord, index: int) -> SegmentHeader:
        header = signed_header(record, self._public)
        if header is None or self._slot is None:
            raise self._unproven(index)
        if (header.epoch, header.ring_id) != (self._slot.epoch, self._slot.ring_id):
            raise self._unproven(index)
        self._slot_used = True
        return header

    def _check_chain(self, header: SegmentHeader) -> None:
        last = self._accounting.last
        if last is None:
            return
        missing = header.sequence - last.sequence - 1
        if missing < 0:
            raise _wrong(header, "stands in the wrong place")
        if missing:
            cut = Period(last.end_wall_ns, header.start_wall_ns)
            are = "one segment is" if missing == 1 else f"{missing} segments are"
            raise _Wrong(f"cut: {are} missing from {cut}", cut)
        if header.previous_hash != header_hash(last.encode()):
            raise _wrong(header, "does not follow what is before it")

    def _check_fragment(
        self, record: SegmentRecord, header: SegmentHeader, init: InitFacts, presentation: Presentation
    ) -> None:
        if record.offset != self._offset or record.offset + record.size_bytes > self._box.start:
            raise _wrong(header, "is not where it was written, or something stands before it")
        self._file.seek(record.offset)
        fragment = self._file.read(record.size_bytes)
        self._offset += record.size_bytes
        try:
            shown = read_fragment(fragment, init)
            original = retimed(fragment, shown, record.sequence, record.decode_time)
        except DataLoss:
            raise _wrong(header, "was changed") from None
        if content_hash(record.salt, memoryview(original)) != header.content_hash:
            raise _wrong(header, "was changed")
        facts = replace(shown, sequence=record.sequence, decode_time=record.decode_time)
        place = self._accounting.segments + 1, presentation.place(header, facts)
        if (shown.sequence, shown.decode_time) != place:
            raise _wrong(header, "was moved in time")

    def _check_end(self) -> None:
        if self._accounting.last is None:
            raise _Wrong("the file holds no footage", None, whole=True)
        if self._offset != self._box.start or not self._slot_used:
            after = self._accounting.last.end_wall_ns
            raise _Wrong(
                f"something stands behind the last picture, after {wall_time(after)}", Period(after, after)
            )

    def _unproven(self, index: int) -> _Wrong:
        """A record that the camera did not sign: its own times count for nothing, those of its neighbours do."""
        last, following = self._accounting.last, next_signed(self._records[index:], self._public)
        if last and following:
            period = Period(last.end_wall_ns, max(last.end_wall_ns, following.start_wall_ns))
            return _Wrong(f"the record of the picture from {period} was changed", period, None)
        if following:
            return self._unproven_edge("until", following.start_wall_ns)
        if last:
            return self._unproven_edge("after", last.end_wall_ns)
        return self._wholly("no record in the file was signed by the camera that it names")

    def _wholly(self, what: str) -> _Wrong:
        """Something that all pictures hang on is wrong."""
        period = claimed_period(self._box)
        return _Wrong(f"{what}, so nothing is proven of {period or 'the whole file'}", period, whole=True)

    def _unproven_edge(self, word: str, wall_ns: int) -> _Wrong:
        sentence = f"the record of the picture {word} {wall_time(wall_ns)} was changed"
        return _Wrong(sentence, Period(wall_ns, wall_ns), None)


def _wrong(header: SegmentHeader, what: str) -> _Wrong:
    """The segment of a header that the camera signed is wrong, all its frames."""
    period = period_of(header)
    return _Wrong(f"the picture from {period} {what}", period, header.frame_count)
