"""What was given away, kept once more: sealed to the owner, until the last day that the rule names, then erased.

Each duplicate is two files: ``<id>.age``, a tar sealed to the owner's recipients, and ``<id>.json``, its record,
signed by the camera. The record comes last and goes last: what has none was cut off, and is erased.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from edgecam.core.clock import NS_PER_S, Clock, Instant, TimeTrust
from edgecam.core.durable import erase_durably, flush_directory, flush_file, replace_durably
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, Unavailable
from edgecam.core.oneform import ordered_json
from edgecam.core.told import text, whole_number
from edgecam.custody.cases.case import Case
from edgecam.custody.cases.duedays import is_past
from edgecam.custody.disclosure.tarstream import TarStream, tar_size_bytes
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import CameraKey, signed_by
from edgecam.keys.owner import Recipients

FORMAT = "edgecam-duplicate-1"
_ID = re.compile(r"[0-9]{8}-[0-9]{6}[a-z]?-[0-9]{1,4}")
_WORK, _ERASING = ".work", ".erasing"
# What age adds: its first lines, and 16 bytes a 64 KiB.
_SEALED_MORE_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One duplicate. ``kept_until_wall_ns`` is ``None`` where it was made by a clock that was never set."""

    duplicate_id: str
    case_id: str
    made_wall_ns: int
    kept_until_wall_ns: int | None
    size_bytes: int
    sha256: str
    recipient: str
    files: tuple[str, ...]
    signature: str = ""

    def body(self) -> bytes:
        told = self._told()
        del told["signature"]
        return _json(told)

    def encode(self) -> bytes:
        return _json(self._told())

    @classmethod
    def decode(cls, data: bytes, camera_public: bytes) -> Duplicate:
        """Raises: DataLoss for what this camera did not write."""
        try:
            told = json.loads(data)
            if type(told) is not dict or told.pop("format") != FORMAT:
                raise ValueError("another format")
            told["files"] = tuple(text(name) for name in told["files"])
            duplicate = cls(**told)
            for number in (duplicate.made_wall_ns, duplicate.size_bytes, duplicate.kept_until_wall_ns or 0):
                whole_number(number)
            same = duplicate.encode() == data
            signed = signed_by(camera_public, bytes.fromhex(duplicate.signature), duplicate.body())
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
            raise DataLoss("the record of a duplicate does not parse") from broken
        if not (same and signed):
            raise DataLoss("the record of a duplicate is not as this camera wrote it")
        return duplicate

    def _told(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}


class Duplicates:
    """The duplicates in ``folder``; any number of processes may use it, one at a time changes it."""

    def __init__(self, folder: Path, register: Register, key: CameraKey, clock: Clock, quota_bytes: int) -> None:
        self.folder, self.quota_bytes = folder, quota_bytes
        self._register, self._key, self._clock = register, key, clock

    def all(self) -> list[Duplicate]:
        """Every whole one, oldest first; `troubles` tells of the others. Raises: MediaFailing."""
        return [found for found in self._read() if isinstance(found, Duplicate)]

    def troubles(self) -> list[str]:
        """A sentence for each whose record cannot be believed; nothing is erased for that. Raises: MediaFailing."""
        return [found for found in self._read() if isinstance(found, str)]

    def used_bytes(self) -> int:
        """What all of them take, whole or not. Raises: MediaFailing."""
        return sum(path.stat().st_size for path in self._paths("*.age"))

    def refuse_too_much(self, sizes: Sequence[int]) -> None:
        """Raises: BadInput when the duplicate of files of those sizes would go beyond the quota, MediaFailing."""
        wanted = _sealed_size(tar_size_bytes(sizes))
        used = self.used_bytes()
        if used + wanted > self.quota_bytes:
            raise BadInput(
                f"the duplicate that is kept takes {_mib(wanted)}, and of the {_mib(self.quota_bytes)} for "
                f"duplicates {_mib(used)} are taken",
                do="give away less, wait until one is due, or raise custody.kept_gib",
                safe="nothing was given away",
            )

    def free_id(self, case_id: str) -> str:
        """The id of the next duplicate of that case. Raises: MediaFailing."""
        taken = {path.stem for path in [*self._paths("*.age"), *self._paths("*.json")]}
        number = 1
        while f"{case_id}-{number}" in taken:
            number += 1
        return f"{case_id}-{number}"

    @contextmanager
    def alone(self, *, wait: bool = True) -> Iterator[None]:
        """While something is made or erased here. Raises: Unavailable where nobody waits, MediaFailing."""
        descriptor = -1
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as refused:
            if descriptor >= 0:
                os.close(descriptor)
            if isinstance(refused, BlockingIOError):
                raise Unavailable("something is being given away now", do="wait for it to end") from refused
            raise _refusal(self.folder, refused) from refused
        try:
            yield
        finally:
            os.close(descriptor)

    def keep(
        self,
        duplicate_id: str,
        case_id: str,
        recipient: str,
        files: Sequence[Path],
        owners: Recipients,
        kept_until_wall_ns: int | None,
    ) -> Duplicate:
        """Seal ``files`` to ``owners``; under `alone`. Raises: BadInput as `refuse_too_much`, MediaFailing."""
        self.refuse_too_much([path.stat().st_size for path in files])
        now, sealed = self._clock.now(), self._sealed(duplicate_id)
        try:
            seal_files(files, case_id, owners, sealed, now)
            digest = sha256_of(sealed)
            size_bytes = sealed.stat().st_size
        except OSError as refused:
            raise _refusal(sealed, refused) from refused
        duplicate = Duplicate(
            duplicate_id,
            case_id,
            now.wall_ns,
            kept_until_wall_ns,
            size_bytes,
            digest,
            recipient,
            tuple(path.name for path in files),
        )
        # Last: what has no record was cut off.
        duplicate = replace(duplicate, signature=self._key.sign(duplicate.body()).hex())
        replace_durably(self._record(duplicate_id), duplicate.encode())
        return duplicate

    def erase(self, duplicate_id: str, who: str, reason: str) -> None:
        """Erase one before its time, or because its record is broken. Raises: BadInput, MediaFailing, DataLoss."""
        if not reason.strip():
            raise BadInput("nobody says why", do="give a reason; it stands in the register")
        with self.alone():
            found = {found.duplicate_id: found for found in self.all()}
            there = _ID.fullmatch(duplicate_id) and (
                self._sealed(duplicate_id).exists() or self._record(duplicate_id).exists()
            )
            if not there:
                raise BadInput(f"there is no duplicate {duplicate_id!r}", do="see `edgecam disclose list`")
            self._erase(duplicate_id, found.get(duplicate_id), who, reason)

    def tend(self, given_away: Callable[[Duplicate], bool] = lambda duplicate: True) -> list[str]:
        """Erase what is due, what a power cut left, and what was not ``given_away`` in the end; the ids of those.

        Nothing is due by a clock that is not synchronised; nothing is done while something is given away.
        Raises: MediaFailing, DataLoss.
        """
        if not self.folder.is_dir():
            return []
        with suppress(Unavailable), self.alone(wait=False):
            self._erase_work()
            return [*self._erase_cut_off(), *self._erase_due(given_away)]
        return []

    def work_folder(self, case_id: str) -> Path:
        """A folder of one's own for what must not stay: `tend` takes it away. Raises: MediaFailing."""
        path = self.folder / f"{_WORK}-{case_id}"
        try:
            erase_folder(path)
            path.mkdir(mode=0o700)
        except OSError as refused:
            raise _refusal(path, refused) from refused
        return path

    def _erase_cut_off(self) -> Iterator[str]:
        for path in [*self._paths("*.age"), *self._paths(f"*{_ERASING}")]:
            if path.suffix == _ERASING or not self._record(path.stem).exists():
                self._erase(path.stem, None, "edgecam", "interrupted")
                yield path.stem

    def _erase_due(self, given_away: Callable[[Duplicate], bool]) -> Iterator[str]:
        now = self._clock.now()
        for duplicate in self.all():
            if not self._sealed(duplicate.duplicate_id).exists():
                # Its bytes are gone and that is registered: only the record was left.
                self._forget(duplicate.duplicate_id)
            elif not given_away(duplicate):
                self._erase(duplicate.duplicate_id, duplicate, "edgecam", "interrupted")
                yield duplicate.duplicate_id
            elif now.trust is TimeTrust.SYNCED and is_past(duplicate.kept_until_wall_ns, now):
                self._erase(duplicate.duplicate_id, duplicate, "edgecam", "due")
                yield duplicate.duplicate_id

    def _erase(self, duplicate_id: str, duplicate: Duplicate | None, who: str, reason: str) -> None:
        told = {"duplicate": duplicate_id, "reason": reason}
        if duplicate is not None:
            told |= {"case": duplicate.case_id, "sha256": duplicate.sha256, "recipient": duplicate.recipient}
        line = self._register.write(Act.ERASURE, who=who, purpose="duplicate of what was given away", detail=told)
        erasing = self.folder / f"{duplicate_id}{_ERASING}"
        try:
            # Under another name first: what is half overwritten is never taken for a duplicate.
            if self._sealed(duplicate_id).exists():
                os.replace(self._sealed(duplicate_id), erasing)
                flush_directory(self.folder)
        except OSError as refused:
            raise _refusal(erasing, refused) from refused
        erase_durably(erasing)
        self._register.complete(line, {"duplicate": duplicate_id, "outcome": "done"})
        self._forget(duplicate_id)

    def _forget(self, duplicate_id: str) -> None:
        try:
            self._record(duplicate_id).unlink(missing_ok=True)
            flush_directory(self.folder)
        except OSError as refused:
            raise _refusal(self.folder, refused) from refused

    def _erase_work(self) -> None:
        try:
            for path in self.folder.glob(f"{_WORK}-*"):
                if not is_in_use(path):
                    erase_folder(path)
        except OSError as refused:
            raise _refusal(self.folder, refused) from refused

    def _read(self) -> Iterator[Duplicate | str]:
        for path in self._paths("*.json"):
            try:
                duplicate = Duplicate.decode(path.read_bytes(), self._key.public)
                if duplicate.duplicate_id != path.stem:
                    raise DataLoss(f"it is the record of {duplicate.duplicate_id}")
                yield duplicate
            except OSError as refused:
                yield f"the record of duplicate {path.stem} cannot be read ({refused.strerror})"
            except DataLoss as broken:
                yield f"duplicate {path.stem}: {broken.what}"

    def _paths(self, pattern: str) -> list[Path]:
        try:
            return sorted(path for path in self.folder.glob(pattern) if _ID.fullmatch(path.stem))
        except OSError as refused:
            raise _refusal(self.folder, refused) from refused

    def _sealed(self, duplicate_id: str) -> Path:
        return self.folder / f"{duplicate_id}.age"

    def _record(self, duplicate_id: str) -> Path:
        return self.folder / f"{duplicate_id}.json"


def was_given(find: Callable[[str], Case]) -> Callable[[Duplicate], bool]:
    """Whether the case of a duplicate tells of it; ``find`` is `CaseStore.find`."""

    def given(duplicate: Duplicate) -> bool:
        try:
            case = find(duplicate.case_id)
        except (BadInput, DataLoss):
            # The case's own time may be over, or its file be changed: neither is a ground to erase anything.
            return True
        return any(one.duplicate_id == duplicate.duplicate_id for one in case.handed_over)

    return given


def seal_files(files: Sequence[Path], folder: str, to: Recipients, path: Path, now: Instant) -> None:
    """``files`` as one tar, sealed, at ``path``, flushed. Raises: OSError, and then nothing stays there."""
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as sealed:
            to.seal_stream(io.BufferedReader(TarStream(folder, files, max(0, now.wall_ns // NS_PER_S))), sealed)
        flush_file(path)
        flush_directory(path.parent)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise


def sha256_of(path: Path) -> str:
    """In hex. Raises: OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def erase_folder(path: Path) -> None:
    """Overwrite and take away every file in ``path`` and what is below it; nothing happens without one.

    Raises: OSError, MediaFailing.
    """
    if not path.is_dir():
        return
    for inside in sorted(path.iterdir()):
        if inside.is_dir() and not inside.is_symlink():
            erase_folder(inside)
        elif inside.is_symlink():
            inside.unlink()
        else:
            erase_durably(inside)
    path.rmdir()
    flush_directory(path.parent)


@contextmanager
def in_use(path: Path) -> Iterator[None]:
    """While somebody works in the folder ``path``, which nobody tidies up then. Raises: OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def is_in_use(path: Path) -> bool:
    """Whether somebody works there. Raises: OSError."""
    try:
        with in_use(path):
            return False
    except BlockingIOError:
        return True


def _sealed_size(plain_bytes: int) -> int:
    return plain_bytes + 16 * (plain_bytes // 65_536 + 1) + _SEALED_MORE_BYTES


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 20):.1f} MiB"


def _json(told: dict[str, Any]) -> bytes:
    return ordered_json(told) + b"\n"


def _refusal(path: Path, refused: OSError) -> MediaFailing:
    return MediaFailing(
        f"{path} cannot be used ({refused.strerror})",
        do="make room or check the permissions of its folder",
        safe="nothing was given away",
    )
