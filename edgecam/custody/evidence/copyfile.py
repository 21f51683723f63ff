"""One file of an export while it is written: init, moved fragments, manifest; it gets its name when it is whole."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import IO

from edgecam.core.durable import append_durably, flush_directory
from edgecam.core.errors import BadInput, MediaFailing, Unavailable
from edgecam.custody.evidence.boxes import read_fragment, read_init, retimed
from edgecam.custody.evidence.manifest import EpochRecord, ManifestOpening, SegmentRecord
from edgecam.custody.evidence.manifestbox import AFTER_OPENING, BETWEEN_RECORDS, CLOSING, box_after, box_before
from edgecam.custody.evidence.presentation import Presentation
from edgecam.ringbuffer.format import EpochSlot, SegmentHeader, Superblock

_BUFFER_SIZE_BYTES = 1 << 20


class CopyFile:
    """A playable file under a hidden name beside ``path``, readable by this user only. One thread uses it.

    Call `begin`, `add` each segment, `finish`, `publish`; `close` in any case: it removes what was not published.
    Raises: BadInput when ``path`` is taken, Unavailable when it is being written already, MediaFailing.
    """

    def __init__(self, path: Path, superblock: Superblock, init: bytes, *, overwrite: bool) -> None:
        refuse_taken(path, overwrite=overwrite)
        self.path = path
        self.init = init
        self._facts = read_init(init)
        self._presentation = Presentation(self._facts.timescale)
        self._beside = path.with_name(f".{path.name}.part")
        self._hash = hashlib.sha256()
        self._size_bytes = self._segments = 0
        self._epoch: int | None = None
        self._published = False
        with self._writing():
            self._file = _alone(self._beside)
        # Kept beside until the end, so that memory does not grow with the length of the copy.
        self._document: IO[bytes] | None = None
        self._opening = ManifestOpening(
            superblock.camera_public, superblock.ring_id, hashlib.sha256(init).digest(), len(init)
        )

    def begin(self) -> None:
        """Write what stands before the first fragment. Raises: MediaFailing."""
        with self._writing():
            self._document = tempfile.TemporaryFile(dir=self.path.parent)  # noqa: SIM115 - `close` does
            self._document.write(self._opening.encode())
            self._put(self.init)

    def add(self, slot: EpochSlot, header: SegmentHeader, fragment: bytes, salt: bytes) -> None:
        """Write one fragment, moved to its place in this file. Raises: DataLoss, MediaFailing."""
        facts = read_fragment(fragment, self._facts)
        place = self._presentation.place(header, facts)
        moved = retimed(fragment, facts, self._segments + 1, place)
        record = SegmentRecord(
            self._size_bytes, len(moved), facts.sequence, facts.decode_time, salt, header.encode()
        )
        with self._writing():
            if slot.epoch != self._epoch:
                self._note(EpochRecord.of(slot))
                self._epoch = slot.epoch
            self._note(record)
            self._put(moved)
        self._segments += 1

    def finish(self) -> str:
        """Append the manifest and flush everything; the file's SHA-256 in hex. Raises: MediaFailing."""
        assert self._document is not None
        with self._writing():
            size_bytes = self._document.tell() + len(CLOSING)
            self._document.seek(0)
            self._put(box_before(size_bytes))
            while piece := self._document.read(_BUFFER_SIZE_BYTES):
                self._put(piece)
            end = CLOSING + box_after(size_bytes)
            append_durably(self._beside, end)
            self._hash.update(end)
        return self._hash.hexdigest()

    def publish(self) -> None:
        """Give the finished file its name. Raises: MediaFailing."""
        with self._writing():
            os.replace(self._beside, self.path)
            self._published = True
            flush_directory(self.path.parent)

    def close(self) -> None:
        """Let go; a file that was not published is removed."""
        self._file.close()
        if not self._published:
            self._beside.unlink(missing_ok=True)
        if self._document is not None:
            # What a full medium refused to take is not wanted any more.
            with suppress(OSError):
                self._document.close()

    def _note(self, record: EpochRecord | SegmentRecord) -> None:
        assert self._document is not None
        self._document.write(AFTER_OPENING if self._epoch is None else BETWEEN_RECORDS)
        self._document.write(record.encode())

    def _put(self, data: bytes | bytearray) -> None:
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]
        self._hash.update(data)
        self._size_bytes += len(data)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, MediaFailing) as refused:
            cause = refused if isinstance(refused, OSError) else refused.__cause__
            raise MediaFailing(
                f"the copy {self.path} could not be written ({getattr(cause, 'strerror', None) or cause})",
                do=f"make room or choose another place ({_free_mib(self.path)} MiB are free there)",
                safe="nothing half was left behind; the recording is untouched",
            ) from refused


def refuse_taken(path: Path, *, overwrite: bool) -> None:
    """Raises: BadInput when ``path`` cannot become a copy: no folder, a folder itself, or taken."""
    if not path.parent.is_dir():
        raise BadInput(f"the folder {path.parent} does not exist", do="make it or choose another one")
    if path.is_dir():
        raise BadInput(f"{path} is a folder", do="give the name of a file")
    if path.exists() and not overwrite:
        raise BadInput(
            f"{path} exists already",
            do="choose another name or say that it may be overwritten",
            safe="it is untouched",
        )


def _alone(path: Path) -> FileIO:
    """``path`` emptied and open for writing, by us and nobody else."""
    file = FileIO(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.truncate(0)
    except OSError as refused:
        file.close()
        if isinstance(refused, BlockingIOError):
            raise Unavailable("a copy of that name is being written now", do="wait for it to end") from refused
        raise
    return file


def _free_mib(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free >> 20
    except OSError:
        return 0
