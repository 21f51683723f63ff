"""Footage as playable MP4 that proves itself, registered before its first byte is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.errors import BadInput, DataLoss, EdgecamError, MediaFailing
from edgecam.custody.evidence.account import Account, Accounting, Period, period_of, wall_time
from edgecam.custody.evidence.copyfile import CopyFile, refuse_taken
from edgecam.custody.register.formfields import UNTOLD, FormFields
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.sealing import Unseals
from edgecam.ringbuffer.footage import Footage
from edgecam.ringbuffer.format import SegmentHeader
from edgecam.ringbuffer.reader import OpenEpoch, StoredSegment
from edgecam.ringbuffer.retention import NS_PER_DAY


@dataclass(frozen=True, slots=True)
class Export:
    """What was handed over. More than one path means that size or encoder settings changed in between.

    ``sha256`` holds each file's hash in hex, in the order of ``paths``. ``damaged`` is footage of the range that
    does not authenticate any more; it is not in the copy.
    """

    paths: tuple[Path, ...]
    sha256: tuple[str, ...]
    account: Account
    damaged: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class Purpose:
    """Who takes footage, what for, and what else the forms ask: all of it stands in the register."""

    who: str
    purpose: str
    told: FormFields = UNTOLD


@dataclass(frozen=True, slots=True)
class CopyLife:
    """For how long from ``now`` on a copy may be kept: as long as its original."""

    rest_ns: int
    now: Instant

    def __str__(self) -> str:
        """The moment by which the copy is to be erased; days where the clock was never set."""
        if self.now.trust is TimeTrust.UNSET:
            return f"{self.rest_ns / NS_PER_DAY:.1f} days after it was made"
        return wall_time(self.now.wall_ns + self.rest_ns)


def export_footage(
    reader: Footage,
    identity: Unseals,
    from_wall_ns: int,
    to_wall_ns: int,
    out: Path,
    register: Register,
    asked_by: Purpose,
    *,
    overwrite: bool = False,
    on_segment: Callable[[SegmentHeader], None] | None = None,
    life: CopyLife | None = None,
    hold_id: str = "",
    registered_ns: tuple[int, int] | None = None,
) -> Export:
    """Copy every segment that touches the range to ``out`` (and ``out-2``…), whole segments, bytes untouched.

    Only each fragment's sequence number and decode time are rewritten, so that the copy starts at 0 and is
    continuous; its manifest names the originals. Memory is bounded by the largest fragment. ``on_segment`` is told
    of each segment written. ``life`` and ``hold_id``, from which it comes if it does, stand in the register;
    ``registered_ns`` are from when to when it is, where the range says less. A failure leaves no file, and the
    register says that it failed.
    Raises: BadInput when nothing lies in the range or ``out`` cannot be used; NotAllowed when the footage is sealed
    to somebody else; Unavailable when ``out`` is being written; DataLoss when nothing of the range authenticates or
    the register's end is not ours; MediaFailing when ring, register or copy fail.
    """
    refuse_taken(out, overwrite=overwrite)
    refuse_nothing(reader, from_wall_ns, to_wall_ns)
    told = {"file": out.name, "erase_by": str(life) if life else "", "hold": hold_id}
    asked = register.write(
        Act.COPY,
        who=asked_by.who,
        purpose=asked_by.purpose,
        footage=registered_ns or (from_wall_ns, to_wall_ns),
        detail=asked_by.told.detail() | {name: text for name, text in told.items() if text},
    )
    copying = _Copying(reader, identity, out, overwrite, on_segment)
    try:
        export = copying.run(reader.segments(from_wall_ns, to_wall_ns))
        register.complete(asked, _done(export))
        copying.publish()
    except EdgecamError as failed:
        # The open line already tells that a copy was asked for; what must reach the caller is the failure itself.
        with suppress(MediaFailing):
            register.complete(asked, {"outcome": "failed", "reason": failed.what})
        raise
    finally:
        copying.close()
    return export


class _Copying:
    """One export while it runs; owned by one call of `export_footage`."""

    def __init__(
        self,
        reader: Footage,
        identity: Unseals,
        out: Path,
        overwrite: bool,
        on_segment: Callable[[SegmentHeader], None] | None,
    ) -> None:
        self._reader, self._identity, self._out, self._overwrite = reader, identity, out, overwrite
        self._on_segment = on_segment
        self._files: list[CopyFile] = []
        self._epoch: OpenEpoch | None = None
        self._epoch_number: int | None = None
        self._accounting = Accounting()
        self._damaged: list[Period] = []

    def run(self, segments: Iterator[StoredSegment]) -> Export:
        for stored in segments:
            try:
                self._copy(stored)
            except DataLoss:
                # One rotten segment must not withhold all others; the result and the chain tell that it is missing.
                self._damaged.append(period_of(stored.header))
        if not self._files:
            raise DataLoss("nothing of the footage in that range can be read any more", do="run `edgecam check`")
        digests = tuple(file.finish() for file in self._files)
        paths = tuple(file.path for file in self._files)
        return Export(paths, digests, self._accounting.account(), tuple(self._damaged))

    def publish(self) -> None:
        for file in self._files:
            file.publish()

    def close(self) -> None:
        for file in self._files:
            file.close()

    def _copy(self, stored: StoredSegment) -> None:
        epoch = self._opened(stored)
        opened = epoch.open(stored.header, self._reader.sealed_payload(stored))
        self._file_for(epoch.init).add(stored.slot, stored.header, opened.fragment, opened.salt)
        self._accounting.take(stored.header)
        if self._on_segment:
            self._on_segment(stored.header)

    def _opened(self, stored: StoredSegment) -> OpenEpoch:
        if self._epoch is None or self._epoch_number != stored.slot.epoch:
            self._epoch = self._reader.open_epoch(stored.slot, self._identity.unseal)
            self._epoch_number = stored.slot.epoch
        return self._epoch

    def _file_for(self, init: bytes) -> CopyFile:
        if not self._files or self._files[-1].init != init:
            number = len(self._files) + 1
            path = self._out if number == 1 else self._out.with_stem(f"{self._out.stem}-{number}")
            superblock = self._reader.superblock
            self._files.append(CopyFile(path, superblock, init, overwrite=self._overwrite))
            self._files[-1].begin()
        return self._files[-1]


def refuse_nothing(reader: Footage, from_wall_ns: int, to_wall_ns: int) -> None:
    """Raises: BadInput, telling what there is, when nothing lies in the range; MediaFailing."""
    if next(iter(reader.segments(from_wall_ns, to_wall_ns)), None) is not None:
        return
    raise BadInput("there is no footage in that range", do=_there_is(reader), safe="nothing was copied")


def _there_is(reader: Footage) -> str:
    """What there is, without walking all of it."""
    epochs = reader.epochs()
    newest_wall_ns = epochs[-1].start.wall_ns if epochs else 0
    last = None
    for stored in reader.segments(newest_wall_ns, None):
        last = stored.header
    if not epochs or (last is None and len(epochs) == 1):
        return "there is none at all yet"
    end_wall_ns = last.end_wall_ns if last else newest_wall_ns
    return f"there is {Period(epochs[0].start.wall_ns, end_wall_ns)}"


def _done(export: Export) -> dict[str, str]:
    held = export.account
    return {
        "outcome": "done",
        "files": " ".join(path.name for path in export.paths),
        "sha256": " ".join(export.sha256),
        "segments": str(held.segments),
        "from_wall_ns": str(held.from_wall_ns),
        "to_wall_ns": str(held.to_wall_ns),
    }
