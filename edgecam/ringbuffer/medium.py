"""What the ring's bytes lie on: a file or a block device of fixed size, and every way it refuses to work."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from ctypes import CDLL, c_int, c_longlong, get_errno
from functools import cache
from pathlib import Path
from typing import Protocol

from edgecam.core.durable import flush_directory, open_shared
from edgecam.core.errors import BadInput, MediaFailing, Unavailable
from edgecam.ringbuffer.filesystem import why_not_in_place, write_in_place

Buffer = bytes | bytearray | memoryview

_FALLOC_FL_KEEP_SIZE, _FALLOC_FL_ZERO_RANGE = 0x01, 0x10  # <linux/falloc.h>
# <linux/fs.h>; the first number holds the size of a size_t, though the answer is always 64 bits.
_BLKGETSIZE64, _BLKZEROOUT = 0x80001272 | struct.calcsize("N") << 16, 0x127F
_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")
_ZERO_WRITE_SIZE = 1 << 20
_MEDIUM_IS_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_SUCH_CALL = (errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL, errno.ENOSYS, errno.EPERM)


class Medium(Protocol):
    """Bytes with a flush. Every method raises MediaFailing when the medium refuses; nothing else.

    Written bytes are read back at once, by everybody, but are on the medium only after `flush`.
    """

    @property
    def size_bytes(self) -> int: ...

    def read_at(self, offset: int, size: int) -> bytes:
        """Exactly ``size`` bytes from ``offset``, through the page cache."""
        ...

    def reread_at(self, offset: int, size: int) -> bytes:
        """The same, from as near to the medium as the system lets us; only after a `flush`."""
        ...

    def write_at(self, offset: int, *buffers: Buffer) -> None:
        """All ``buffers``, one after the other, from ``offset`` on."""
        ...

    def zero(self, offset: int, size: int) -> None:
        """Make ``size`` bytes from ``offset`` read as zeros, letting go of what was there if possible."""
        ...

    def flush(self) -> None:
        """Return when everything written and zeroed before is on the medium."""
        ...

    def close(self) -> None: ...


class FileMedium:
    """A preallocated file, or a block device. One process writes (it holds the lock); any number read."""

    def __init__(self, descriptor: int, path: Path, size_bytes: int) -> None:
        self._descriptor, self._path, self._size_bytes = descriptor, path, size_bytes

    @classmethod
    def create(cls, path: Path, size_bytes: int) -> FileMedium:
        """Make the file ``path`` with all of its ``size_bytes`` allocated, or take the block device as it is.

        Raises: MediaFailing when it does not fit or cannot be written, BadInput when ``path`` is something else, a
        file that exists, or on a file system that keeps what is overwritten; Unavailable when another process
        writes to it.
        """
        if path.is_block_device():
            return cls.open(path, writable=True)
        with _refusals(path, "created"):
            try:
                descriptor = open_shared(path, os.O_RDWR | os.O_EXCL)
            except FileExistsError as exists:
                raise BadInput(
                    f"{path} exists already", do="choose another name, or dispose of it first"
                ) from exists
        try:
            write_in_place(descriptor)
            if why := why_not_in_place(descriptor, path):
                raise BadInput(
                    f"no ring can be made at {path}, because a key destroyed there could be found again: {why}",
                    do="name a file on ext4 or a block device for the ring",
                )
            with _refusals(path, "given its size"):
                os.posix_fallocate(descriptor, 0, size_bytes)
                os.fsync(descriptor)
                flush_directory(path.parent)
            _lock(descriptor, path)
        except BaseException:
            os.close(descriptor)
            # A file that never was a ring must not be in the way of the next try.
            with suppress(OSError):
                path.unlink()
            raise
        return cls(descriptor, path, size_bytes)

    @classmethod
    def open(cls, path: Path, writable: bool) -> FileMedium:
        """The file or block device at ``path``; with ``writable`` its lock is taken until `close`.

        Raises: BadInput when there is none or it is neither, MediaFailing when it cannot be opened, Unavailable
        when another process writes to it.
        """
        with _refusals(path, "opened"):
            try:
                descriptor = os.open(path, (os.O_RDWR if writable else os.O_RDONLY) | os.O_CLOEXEC)
            except FileNotFoundError as missing:
                raise BadInput(f"there is no ring at {path}", do="run `edgecam setup`, which makes it") from missing
            except IsADirectoryError as folder:
                raise BadInput(f"{path} is a folder", do="name a file or a block device for the ring") from folder
        try:
            with _refusals(path, "opened"):
                size_bytes = _size_bytes(descriptor, path)
                # Headers lie far apart; without reading ahead of each, finding a minute takes a third of the time.
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_RANDOM)
            if writable:
                _lock(descriptor, path)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(descriptor, path, size_bytes)

    @property
    def size_bytes(self) -> int:
        return self._size_bytes

    def read_at(self, offset: int, size: int) -> bytes:
        with _refusals(self._path, "read"):
            data = os.pread(self._opened(), size, offset)
            while len(data) < size:
                more = os.pread(self._opened(), size - len(data), offset + len(data))
                if not more:
                    raise MediaFailing(f"{self._path} ends at byte {offset + len(data)}", do="check the medium")
                data += more
        return data

    def reread_at(self, offset: int, size: int) -> bytes:
        # Clean pages are dropped, so the read goes to the device. Its own cache may still answer; no system call
        # reaches past that one. Only whole pages are dropped.
        start = offset - offset % _PAGE_SIZE
        whole_size = -(-(offset + size - start) // _PAGE_SIZE) * _PAGE_SIZE
        with _refusals(self._path, "read back"):
            os.posix_fadvise(self._opened(), start, whole_size, os.POSIX_FADV_DONTNEED)
        return self.read_at(offset, size)

    def write_at(self, offset: int, *buffers: Buffer) -> None:
        with _refusals(self._path, "written"):
            pending: Sequence[Buffer] = buffers
            while pending:
                written = os.pwritev(self._opened(), pending, offset)
                offset += written
                pending = _rest(pending, written)

    def zero(self, offset: int, size: int) -> None:
        if size and not self._zero_natively(offset, size):
            zeros = memoryview(bytes(min(size, _ZERO_WRITE_SIZE)))
            for start in range(offset, offset + size, _ZERO_WRITE_SIZE):
                self.write_at(start, zeros[: offset + size - start])

    def _zero_natively(self, offset: int, size: int) -> bool:
        # Not a punched hole: the file must keep its room, or somebody else fills the disk and the ring stops.
        try:
            if stat.S_ISBLK(os.fstat(self._opened()).st_mode):
                fcntl.ioctl(self._opened(), _BLKZEROOUT, struct.pack("=QQ", offset, size))
            else:
                _fallocate(self._opened(), _FALLOC_FL_KEEP_SIZE | _FALLOC_FL_ZERO_RANGE, offset, size)
        except OSError as refused:
            if refused.errno in _NO_SUCH_CALL:
                return False
            raise _refusal(self._path, "zeroed", refused) from refused
        return True

    def flush(self) -> None:
        try:
            os.fdatasync(self._opened())
        except OSError as refused:
            # What was refused still lies in the page cache and counts as clean: forgotten, reads tell the truth.
            with suppress(OSError):
                os.posix_fadvise(self._opened(), 0, 0, os.POSIX_FADV_DONTNEED)
            raise _refusal(self._path, "flushed", refused) from refused

    def close(self) -> None:
        """Let go of the file and its lock; calling it again does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _opened(self) -> int:
        if self._descriptor < 0:
            raise MediaFailing(f"{self._path} was closed", do="open it anew")
        return self._descriptor


@contextmanager
def _refusals(path: Path, verb: str) -> Iterator[None]:
    try:
        yield
    except OSError as refused:
        raise _refusal(path, verb, refused) from refused


def _refusal(path: Path, verb: str, refused: OSError) -> MediaFailing:
    safe = "what was committed before is untouched"
    if refused.errno in _MEDIUM_IS_FULL and path.is_block_device():
        return MediaFailing(f"{path} has no room where it had some", do="check or replace the medium", safe=safe)
    if refused.errno in _MEDIUM_IS_FULL:
        return MediaFailing(f"there is no room for {path}", do="make room, or choose a smaller ring", safe=safe)
    if refused.errno == errno.EROFS:
        return MediaFailing(
            f"{path} lies on a medium that has become read-only", do="check the card; it may be worn out", safe=safe
        )
    if refused.errno in (errno.EACCES, errno.EPERM):
        return MediaFailing(
            f"{path} may not be {verb} by this user",
            do="check the permissions of the file and its folder",
            safe=safe,
        )
    if refused.errno in (errno.EIO, errno.EREMOTEIO, errno.ENODEV, errno.ENXIO):
        return MediaFailing(
            f"{path} could not be {verb}: the medium reports an error", do="check or replace the card", safe=safe
        )
    return MediaFailing(f"{path} could not be {verb} ({refused.strerror})", do="check the medium", safe=safe)


def _rest(buffers: Sequence[Buffer], written: int) -> list[Buffer]:
    rest: list[Buffer] = []
    for buffer in buffers:
        skipped = min(written, len(buffer))
        written -= skipped
        if skipped < len(buffer):
            rest.append(memoryview(buffer)[skipped:])
    return rest


def _lock(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as held:
        raise Unavailable(
            f"another recorder writes to {path}", do="stop it first; one ring has one writer"
        ) from held
    except OSError as refused:
        raise _refusal(path, "locked", refused) from refused


def _size_bytes(descriptor: int, path: Path) -> int:
    facts = os.fstat(descriptor)
    if stat.S_ISBLK(facts.st_mode):
        size: int = struct.unpack("=Q", fcntl.ioctl(descriptor, _BLKGETSIZE64, bytes(8)))[0]
        return size
    if not stat.S_ISREG(facts.st_mode):
        raise BadInput(f"{path} is neither a file nor a block device", do="name one of them for the ring")
    return facts.st_size


@cache
def _libc() -> CDLL:
    return CDLL(None, use_errno=True)


def _fallocate(descriptor: int, mode: int, offset: int, size: int) -> None:
    call = _libc().fallocate64
    call.argtypes = (c_int, c_int, c_longlong, c_longlong)
    if call(descriptor, mode, offset, size) != 0:
        raise OSError(get_errno(), os.strerror(get_errno()))
