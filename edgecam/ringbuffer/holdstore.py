"""The folder of holds: room for a new one within the quota, who is held, and none half made or half erased."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.durable import flush_directory, make_shared_folder, open_shared
from edgecam.core.errors import BadInput, EdgecamError, MediaFailing, Unavailable
from edgecam.ringbuffer.format import EpochSlot, Sign, is_zero
from edgecam.ringbuffer.heldfootage import HeldFootage, opened_hold, record_of
from edgecam.ringbuffer.holdfile import blank_record, destroy, newest_record, read_record, reseal, rewrite
from edgecam.ringbuffer.holdrecord import SLOTS_OFFSET, HoldRecord, HoldState
from edgecam.ringbuffer.medium import FileMedium, Medium

_SUFFIX = ".hold"
# Register, outbox and settings live on the same disk: a hold never takes their last room.
SPARE_BYTES = 64 << 20
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Of a hold that has lost its record nobody knows which keys it may have.
_ALL_EPOCHS = 0, 1 << 62


class HoldEnd(StrEnum):
    """Why a hold was erased; the names are stable and stand in the register."""

    EXPIRED = "expired"
    RELEASED = "released"
    INTERRUPTED = "interrupted"
    UNREADABLE = "unreadable"
    DISPOSED = "disposed"


@dataclass(frozen=True, slots=True)
class StoredHold:
    """A hold in the folder. ``record`` is ``None`` where none can be read, ``trouble`` then says why."""

    path: Path
    size_bytes: int
    record: HoldRecord | None
    trouble: str = ""

    @property
    def hold_id(self) -> str:
        return self.path.stem


@dataclass(frozen=True, slots=True)
class HoldErasure:
    """A hold that nobody can open any more, for the register; ``verified`` as in `Erasure`.

    The times are those of its footage, ``None`` where no record said so.
    """

    hold_id: str
    from_wall_ns: int | None
    to_wall_ns: int | None
    end: HoldEnd
    verified: bool


# Called when keys and bytes are gone and before the file goes: what is told now is never forgotten.
OnErased = Callable[[HoldErasure], None]


class HoldStore:
    """The holds in ``folder``, which is made when the first one is; ``quota_bytes`` is for all of them together.

    Any number of processes may use it: a hold that is being made or changed is locked by whoever does so.
    """

    def __init__(self, folder: Path, camera_public: bytes, sign: Sign, quota_bytes: int) -> None:
        self.folder, self.quota_bytes = folder, quota_bytes
        self.camera_public, self.sign = camera_public, sign
        self._ranges: dict[tuple[str, int, int], tuple[int, int]] = {}

    def holds_epoch(self, epoch: int) -> bool:
        """Whether some hold, whole or not, may keep a copy of the key of ``epoch``; when in doubt, yes.

        Cheap: a look into the folder, and into those holds that were not seen before.
        """
        try:
            return any(first <= epoch <= last for first, last in self._epoch_ranges().values())
        except MediaFailing:
            return True

    def all(self) -> list[StoredHold]:
        """Every hold, oldest first, also such as are being made or erased. Raises: MediaFailing."""
        stored = (self._stored(path) for path in self._paths())
        return [hold for hold in stored if hold is not None]

    def kept(self) -> list[StoredHold]:
        """Those that are whole. Raises: MediaFailing."""
        return [hold for hold in self.all() if hold.record and hold.record.state is HoldState.KEPT]

    def find(self, hold_id: str) -> tuple[Path, HoldRecord]:
        """The whole hold of that id. Raises: BadInput when there is none, MediaFailing."""
        known = self.kept()
        for hold in known:
            if hold.hold_id == hold_id and hold.record is not None:
                return hold.path, hold.record
        there = ", ".join(hold.hold_id for hold in known) or "none"
        raise BadInput(f"there is no hold {hold_id!r}", do=f"there is {there}")

    @contextmanager
    def footage(self, hold_id: str) -> Iterator[HeldFootage]:
        """What the hold holds, for reading. Raises: BadInput, DataLoss, MediaFailing."""
        with opened_hold(self.find(hold_id)[0], self.camera_public) as held:
            yield held

    def used_bytes(self) -> int:
        """What all holds take together. Raises: MediaFailing."""
        return sum(hold.size_bytes for hold in self.all())

    @contextmanager
    def room(self, now: Instant, size_bytes: int, on_erased: OnErased) -> Iterator[tuple[str, Medium]]:
        """A new hold's id and its medium, all of it allocated. When what is done with it fails, it is erased.

        Raises: BadInput when it does not fit into the quota, Unavailable, MediaFailing when it does not fit on the
        disk.
        """
        with self._alone():
            self._refuse_too_much(size_bytes)
            path = self._free_path(now)
            medium = self._created(path, size_bytes)
        try:
            yield path.stem, medium
        except BaseException:
            # A key copied half is a key copied; and the caller must hear of what failed first.
            with suppress(EdgecamError):
                self._end(path, medium, HoldEnd.INTERRUPTED, on_erased)
            raise
        finally:
            medium.close()

    def rewrite(self, hold_id: str, change: Callable[[HoldRecord], HoldRecord]) -> HoldRecord:
        """Change a hold's record, power-safely. Raises: BadInput, Unavailable while another process does so,
        MediaFailing.
        """
        path, _ = self.find(hold_id)
        with self._locked(path) as medium:
            record = read_record(medium, self.camera_public)
            if record is None or record.state is not HoldState.KEPT:
                raise BadInput(f"the hold {hold_id} is being erased")
            return rewrite(medium, change(record), self.sign)

    def reseal(self, anew: Callable[[EpochSlot], EpochSlot | None]) -> int:
        """Replace the slots of every whole hold, as the ring's are when recipients change; how many were replaced.

        Raises: Unavailable while another process changes a hold, MediaFailing, and whatever ``anew`` does.
        """
        replaced = 0
        for hold in self.kept():
            with self._locked(hold.path) as medium:
                record = self._own_record(medium)
                if record is not None and record.state is HoldState.KEPT:
                    replaced += reseal(medium, record, anew)
        return replaced

    def erase(self, hold_id: str, end: HoldEnd, on_erased: OnErased) -> HoldErasure:
        """Procedure *erase a hold*. Raises: BadInput, Unavailable while somebody changes it, MediaFailing, and
        whatever ``on_erased`` does; the hold is then erased, and told of again by `erase_leftovers`.
        """
        path = self.folder / f"{hold_id}{_SUFFIX}"
        with self._locked(path) as medium:
            return self._end(path, medium, end, on_erased)

    def erase_leftovers(self, on_erased: OnErased) -> None:
        """Finish what a power cut or a kill interrupted: holds half made, holds half erased.

        Those that somebody works on are left to him. Raises: MediaFailing, and whatever ``on_erased`` does.
        """
        if not self._paths():
            return
        # Somebody who makes room for a hold just now is alive; the next look comes soon.
        with suppress(Unavailable), self._alone(wait=False):
            for hold in self.all():
                if not _is_leftover(hold):
                    continue
                with suppress(Unavailable), self._locked(hold.path) as medium:
                    again = self._stored(hold.path)
                    if again is not None and _is_leftover(again):
                        end = HoldEnd.INTERRUPTED if again.record or _is_blank(medium) else HoldEnd.UNREADABLE
                        self._end(hold.path, medium, end, on_erased)

    def erase_all(self, on_erased: OnErased) -> None:
        """Erase every hold, whoever made it, before a disposal.

        Raises: Unavailable when somebody works on one (nothing is erased then), MediaFailing.
        """
        paths = self._paths()
        opened = []
        try:
            for path in paths:
                opened.append(self._opened(path))
            for path, medium in zip(paths, opened, strict=True):
                self._end(path, medium, HoldEnd.DISPOSED, on_erased)
        finally:
            for medium in opened:
                medium.close()

    def _end(self, path: Path, medium: Medium, end: HoldEnd, on_erased: OnErased) -> HoldErasure:
        record, blank = self._own_record(medium), _is_blank(medium)
        verified = destroy(medium, record, self.sign)
        from_ns, to_ns = (record.from_wall_ns, record.to_wall_ns) if record else (None, None)
        erasure = HoldErasure(path.stem, from_ns, to_ns, end, verified)
        if not blank:
            on_erased(erasure)
            blank_record(medium)
        try:
            path.unlink()
            flush_directory(self.folder)
        except OSError as refused:
            raise _refusal(path, refused) from refused
        return erasure

    def _own_record(self, medium: Medium) -> HoldRecord | None:
        try:
            return read_record(medium, self.camera_public)
        except BadInput:
            return None

    def _paths(self) -> list[Path]:
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == _SUFFIX)
        except FileNotFoundError:
            return []
        except OSError as refused:
            raise _refusal(self.folder, refused) from refused

    def _stored(self, path: Path) -> StoredHold | None:
        """``None`` when it is gone."""
        try:
            size_bytes = path.stat().st_size
            return StoredHold(path, size_bytes, record_of(path, self.camera_public))
        except FileNotFoundError:
            return None
        except OSError as refused:
            raise _refusal(path, refused) from refused
        except (BadInput, MediaFailing) as refused:
            return StoredHold(path, size_bytes, None, str(refused)) if path.exists() else None

    def _epoch_ranges(self) -> dict[tuple[str, int, int], tuple[int, int]]:
        """First and last epoch of each file, by name, inode and time of change: what changed is read anew."""
        ranges = {}
        for path in self._paths():
            try:
                facts = path.stat()
            except FileNotFoundError:
                continue
            except OSError as refused:
                raise _refusal(path, refused) from refused
            key = path.name, facts.st_ino, facts.st_mtime_ns
            found = self._ranges.get(key) or _range_of(path)
            if found is not None:
                ranges[key] = found
        self._ranges = ranges
        return ranges

    def _free_path(self, now: Instant) -> Path:
        stem = f"{datetime.fromtimestamp(now.wall_ns // NS_PER_S, UTC):%Y%m%d-%H%M%S}"
        taken = {path.stem for path in self._paths()}
        name = next((stem + letter for letter in ("", *_LETTERS) if stem + letter not in taken), None)
        if name is None:
            raise Unavailable("too many holds were made within one second", do="try again")
        return self.folder / f"{name}{_SUFFIX}"

    def _refuse_too_much(self, size_bytes: int) -> None:
        used_bytes = self.used_bytes()
        if used_bytes + size_bytes > self.quota_bytes:
            raise BadInput(
                f"that footage takes {_mib(size_bytes)}, and of the {_mib(self.quota_bytes)} for holds "
                f"{_mib(used_bytes)} are taken",
                do="hold less, release another hold, or raise ring.hold_gib",
                safe="nothing is held, and the ring is untouched",
            )
        free_bytes = shutil.disk_usage(self.folder).free
        if size_bytes + SPARE_BYTES > free_bytes:
            raise _no_room(size_bytes, free_bytes)

    def _created(self, path: Path, size_bytes: int) -> FileMedium:
        try:
            return FileMedium.create(path, size_bytes)
        except BadInput as refused:
            raise BadInput(f"no hold can be kept in {self.folder}: {refused.what}") from refused
        except MediaFailing as refused:
            if getattr(refused.__cause__, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise _no_room(size_bytes, shutil.disk_usage(self.folder).free) from refused
            raise

    @contextmanager
    def _alone(self, *, wait: bool = True) -> Iterator[None]:
        """With the folder's lock, under which holds begin: none is taken for a leftover before it is locked."""
        try:
            make_shared_folder(self.folder)
            descriptor = open_shared(self.folder / ".lock", os.O_RDWR)
        except OSError as refused:
            raise _refusal(self.folder, refused) from refused
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            yield
        except BlockingIOError as held:
            raise Unavailable("another process makes room for a hold", do="try again") from held
        finally:
            os.close(descriptor)

    @contextmanager
    def _locked(self, path: Path) -> Iterator[Medium]:
        medium = self._opened(path)
        try:
            yield medium
        finally:
            medium.close()

    def _opened(self, path: Path) -> FileMedium:
        try:
            return FileMedium.open(path, writable=True)
        except Unavailable as held:
            raise Unavailable(f"the hold {path.stem} is being made or changed", do="try again later") from held
        except BadInput as missing:
            raise BadInput(f"there is no hold {path.stem!r}", do="see `edgecam holds`") from missing


def _is_leftover(hold: StoredHold) -> bool:
    return not hold.trouble and (hold.record is None or hold.record.state is not HoldState.KEPT)


def _is_blank(medium: Medium) -> bool:
    """Whether nothing was written to it yet, or all of it was erased and told of."""
    return is_zero(medium.read_at(0, min(SLOTS_OFFSET, medium.size_bytes)))


def _range_of(path: Path) -> tuple[int, int] | None:
    """The epochs whose keys may be in the hold at ``path``; ``None`` when nothing was written to it yet."""
    try:
        medium = FileMedium.open(path, writable=False)
    except BadInput:
        return None  # gone meanwhile
    try:
        # Whoever signed it: a key copy is a key copy.
        record = newest_record(medium)
        if record is not None:
            return record.first_epoch, record.last_epoch
        return None if _is_blank(medium) else _ALL_EPOCHS
    finally:
        medium.close()


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 20):.1f} MiB"


def _no_room(size_bytes: int, free_bytes: int) -> MediaFailing:
    return MediaFailing(
        f"that footage takes {_mib(size_bytes)}, and {_mib(free_bytes)} are free beside the ring, of which "
        f"{_mib(SPARE_BYTES)} stay so for register and outbox",
        do="hold less, or make room on the disk",
        safe="nothing is held, and the ring is untouched",
    )


def _refusal(path: Path, refused: OSError) -> MediaFailing:
    return MediaFailing(f"{path} cannot be used ({refused.strerror})", do="check the permissions and the medium")
