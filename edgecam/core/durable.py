"""Small files that survive a power cut: written beside, flushed, renamed, directory flushed."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edgecam.core.errors import BadInput, MediaFailing

_BLANKED_AT_ONCE = 1 << 20
# A folder that its group may write into and that hands its group on is shared on purpose.
_HANDED_ON = stat.S_ISGID | stat.S_IRWXG


def open_shared(path: Path, flags: int) -> int:
    """Open ``path``, made if it is not there, for every part of the agent, as a descriptor.

    Parts that are one user keep it to that user. Where they are several, their folder is shared (mode 2770), and
    then so is the file, with that folder's group. Raises: OSError.
    """
    mode = shared_mode(path.parent)
    descriptor = os.open(path, flags | os.O_CREAT | os.O_CLOEXEC, mode)
    try:
        found = os.fstat(descriptor)
        # The umask must not take away what the folder gives.
        if mode != 0o600 and stat.S_IMODE(found.st_mode) != mode and found.st_uid == os.geteuid():
            os.fchmod(descriptor, mode)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def shared_mode(folder: Path) -> int:
    """The mode of what is made in ``folder`` for every part of the agent: 0660 in a shared one, else 0600.

    Raises: OSError.
    """
    return 0o660 if is_handed_on(os.stat(folder).st_mode) else 0o600


def is_handed_on(folder_mode: int) -> bool:
    """Whether a folder of that mode is its group's as much as its owner's, and so is what is made in it."""
    return folder_mode & _HANDED_ON == _HANDED_ON


def make_shared_folder(folder: Path) -> None:
    """Make ``folder`` if it is not there: shared as its own folder is, else this user's alone. Raises: OSError."""
    if folder.is_dir():
        return
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_shared = shared_mode(folder.parent) != 0o600
    folder.mkdir(mode=0o770 if is_shared else 0o700, exist_ok=True)
    # It has the bit that hands the group on from its own folder; a sandbox may forbid to set it.
    if is_shared and not is_handed_on(folder.stat().st_mode):
        folder.chmod(0o2770)


def replace_durably(path: Path, data: bytes, mode: int = 0o600, *, shared: bool = False) -> None:
    """Make ``path`` hold exactly ``data``; after a power cut it holds the old or the new bytes, never a mix.

    ``shared``: for every part of the agent, as `open_shared`, and not of ``mode``.
    Raises: MediaFailing when the medium refuses (full, read-only, I/O error, no permission).
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        descriptor = _opened(beside, os.O_WRONLY | os.O_TRUNC, mode, shared)
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(data)
            os.fsync(descriptor)
            os.replace(beside, path)
            # FAT notes under the new name where the bytes lie only with the file: until then it is empty.
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        flush_directory(path.parent)
    except OSError as refused:
        raise MediaFailing(
            f"{path} could not be written ({refused.strerror})",
            do="make room or check the permissions of its folder",
            safe="the file that was there before is untouched",
        ) from refused


def overwrite_durably(path: Path, data: bytes) -> None:
    """Make the file at ``path`` begin with ``data``, where it lies: for a file system that cannot rename safely.

    Up to one sector of 512 bytes at the file's beginning, a power cut leaves the old or the new bytes. The file has
    to be there. Raises: MediaFailing.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            if os.pwrite(descriptor, data, 0) != len(data):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as refused:
        raise MediaFailing(
            f"{path} could not be written ({refused.strerror})",
            do="check the medium and how it is mounted",
            safe="it holds the old bytes or the new ones",
        ) from refused


def _opened(path: Path, flags: int, mode: int, shared: bool) -> int:
    return open_shared(path, flags) if shared else os.open(path, flags | os.O_CREAT, mode)


@contextmanager
def changing_alone(path: Path) -> Iterator[None]:
    """Keep others that ask for the same from changing ``path`` meanwhile. Raises: MediaFailing."""
    try:
        descriptor = open_shared(path.with_name(f".{path.name}.lock"), os.O_RDWR)
    except OSError as refused:
        raise MediaFailing(
            f"{path} cannot be changed ({refused.strerror})", do="check the permissions of its folder"
        ) from refused
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def identity_of(path: Path) -> tuple[int, ...] | None:
    """What tells one state of the file at ``path`` from another; ``None`` when it cannot be looked at."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def write_new_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Make the new file ``path``; nothing of ``data`` is written anywhere else, and nothing stays of a failed try.

    Raises: BadInput when there is something of that name, MediaFailing when the medium refuses.
    """
    made = False
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        made = True
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        flush_directory(path.parent)
    except FileExistsError as exists:
        raise BadInput(f"{path} exists already", do="choose another name") from exists
    except OSError as refused:
        if made:
            with suppress(OSError):
                path.unlink()
        raise MediaFailing(
            f"{path} could not be written ({refused.strerror})",
            do="make room or check the permissions of its folder",
        ) from refused


def replace_secret_durably(path: Path, data: bytes, *, shared: bool = False) -> None:
    """As `replace_durably`; then the bytes that ``path`` held before are overwritten where they lie.

    On flash the medium may keep a copy of them where no command reaches. Raises: MediaFailing; its ``safe`` says
    which bytes ``path`` holds.
    """
    try:
        # Its name goes to the new file, its bytes stay within reach.
        old = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return replace_durably(path, data, shared=shared)
    except OSError as refused:
        raise MediaFailing(
            f"{path} may not be replaced ({refused.strerror})",
            do="check the permissions of the file and its folder",
            safe="the file that was there before is untouched",
        ) from refused
    try:
        replace_durably(path, data, shared=shared)
        _overwrite(old, path)
    finally:
        os.close(old)
    return None


def _overwrite(descriptor: int, path: Path) -> None:
    try:
        os.pwrite(descriptor, os.urandom(os.fstat(descriptor).st_size), 0)
        os.fsync(descriptor)
    except OSError as refused:
        raise MediaFailing(
            f"the bytes that {path} held before could not be overwritten ({refused.strerror})",
            do="check the medium; who takes it may find them",
            safe="the new file is in place",
        ) from refused


def erase_durably(path: Path) -> None:
    """Overwrite the bytes of the file at ``path`` where they lie, then take it away; nothing happens without one.

    On flash the medium may keep a copy where no command reaches. Raises: MediaFailing when the medium refuses.
    """
    try:
        descriptor = os.open(path, os.O_RDWR)
        try:
            _blank(descriptor)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        path.unlink()
        flush_directory(path.parent)
    except FileNotFoundError:
        return
    except OSError as refused:
        raise MediaFailing(
            f"{path} could not be erased ({refused.strerror})", do="check the permissions of its folder"
        ) from refused


def remove_durably(path: Path) -> None:
    """Take the file at ``path`` away, with no state between there and gone; nothing happens without one.

    Raises: MediaFailing when the medium refuses.
    """
    try:
        path.unlink()
        flush_directory(path.parent)
    except FileNotFoundError:
        return
    except OSError as refused:
        raise MediaFailing(
            f"{path} could not be removed ({refused.strerror})", do="check the permissions of its folder"
        ) from refused


def _blank(descriptor: int) -> None:
    size, done, zeros = os.fstat(descriptor).st_size, 0, bytes(_BLANKED_AT_ONCE)
    while done < size:
        done += os.pwrite(descriptor, zeros[: size - done], done)


def flush_file(path: Path) -> None:
    """Make what was written to ``path`` durable. Raises: OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append_durably(path: Path, line: bytes, mode: int = 0o600, *, shared: bool = False) -> None:
    """Append ``line`` (with its own newline) to ``path`` and flush it before returning.

    ``shared`` as in `replace_durably`. Raises: MediaFailing when the medium refuses.
    """
    try:
        created = not path.exists()
        descriptor = _opened(path, os.O_WRONLY | os.O_APPEND, mode, shared)
        try:
            with open(descriptor, "ab", closefd=False) as file:
                file.write(line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if created:
            flush_directory(path.parent)
    except OSError as refused:
        raise MediaFailing(
            f"{path} could not be appended to ({refused.strerror})",
            do="make room or check the permissions of its folder",
            safe="the lines that were there before are untouched",
        ) from refused


def flush_directory(folder: Path) -> None:
    """Make the names in ``folder`` durable. Raises: OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
