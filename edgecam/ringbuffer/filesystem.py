"""Which file system a ring lies on, and whether writing over a byte there destroys the byte that was.

Erasure overwrites a sealed key in place. A file system that writes elsewhere instead leaves the old key behind.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROCESS = Path("/proc/self")
# They write anew somewhere else and free, at some time, what was; btrfs can be told not to.
_NEVER_IN_PLACE = frozenset(("zfs", "bcachefs", "nilfs2", "f2fs", "ubifs", "jffs2", "yaffs", "yaffs2"))
_OCTAL = re.compile(r"\\([0-7]{3})")
_LONG = struct.Struct("l")
# <linux/fs.h>; the size of a long stands in the number.
_FS_IOC_GETFLAGS = 0x80006601 | _LONG.size << 16
_FS_IOC_SETFLAGS = 0x40006602 | _LONG.size << 16
_FS_NOCOW_FL, _FS_COMPR_FL = 0x00800000, 0x00000004
# <linux/fiemap.h>
_FS_IOC_FIEMAP = 0xC020660B
_FIEMAP = struct.Struct("=QQIIII")
_FIEMAP_EXTENT = struct.Struct("=QQQ16xI12x")
_FIEMAP_EXTENT_SHARED = 0x2000
_MAX_EXTENTS = 512


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system, as one line of /proc/self/mountinfo tells it (proc(5)).

    ``device`` is (major, minor); the major is 0 where no block device stands behind it. ``root`` is the folder of
    the file system that is seen at ``mount_point``; ``options`` are the file system's own.
    """

    number: int
    device: tuple[int, int]
    root: str
    mount_point: str
    kind: str
    source: str
    options: tuple[str, ...]


def parse_mounts(text: str) -> dict[int, Mount]:
    """The mounts in ``text`` by their number; lines that are none are passed over."""
    found = (_parse_mount(line) for line in text.splitlines())
    return {mount.number: mount for mount in found if mount is not None}


def parse_mount_number(text: str) -> int | None:
    """The mount of an open file, out of its /proc/self/fdinfo; ``None`` where it is not told."""
    found = re.search(r"^mnt_id:\s*([0-9]{1,18})$", text, re.MULTILINE)
    return int(found[1]) if found else None


def mount_of(descriptor: int, process: Path = _PROCESS) -> Mount | None:
    """Where the open file ``descriptor`` is mounted; ``None`` when the system does not tell.

    Not found by device number: btrfs gives each subvolume one that stands in no list of mounts.
    """
    number = parse_mount_number(_text(process / "fdinfo" / str(descriptor)))
    return None if number is None else parse_mounts(_text(process / "mountinfo")).get(number)


def write_in_place(descriptor: int) -> None:
    """Ask the file system to overwrite this file in place; only an empty file can still be changed.

    What it made of it, `why_not_in_place` says.
    """
    mount = mount_of(descriptor)
    if mount is not None and mount.kind == "btrfs":
        # First without compression, which a folder may have handed down: both changes at once are refused.
        plain = _flags(descriptor) & ~_FS_COMPR_FL
        with suppress(OSError):
            for flags in (plain, plain | _FS_NOCOW_FL):
                fcntl.ioctl(descriptor, _FS_IOC_SETFLAGS, _LONG.pack(flags))


def why_not_in_place(descriptor: int, path: Path, process: Path = _PROCESS) -> str:
    """Why overwriting the open file at ``path`` leaves behind what was, as a clause; empty when it does not.

    Of what no program can see from here (a disk of a virtual machine, a share of another machine) nothing is said.
    """
    mount = mount_of(descriptor, process)
    if mount is None:
        return ""
    if mount.kind == "overlay":
        return _why_not_on_overlay(mount, Path(os.path.realpath(path)))
    if mount.kind == "btrfs" and not _flags(descriptor) & _FS_NOCOW_FL and "nodatacow" not in mount.options:
        return "btrfs writes new bytes elsewhere, because the file was made without the attribute C"
    if is_shared(descriptor):
        return f"a snapshot or a copy on the same {mount.kind} shares its bytes"
    return _why_never(mount)


def why_not_below(folder: Path) -> str:
    """As `why_not_in_place`, of the files that a folder is going to hold."""
    try:
        descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        mount = mount_of(descriptor)
        return _why_never(mount) if mount is not None else ""
    finally:
        os.close(descriptor)


def is_shared(descriptor: int) -> bool:
    """Whether something else (a snapshot, a reflink) holds on to the file's first bytes, where the keys lie."""
    request = bytearray(_FIEMAP.size + _MAX_EXTENTS * _FIEMAP_EXTENT.size)
    _FIEMAP.pack_into(request, 0, 0, 1 << 26, 0, 0, _MAX_EXTENTS, 0)
    try:
        fcntl.ioctl(descriptor, _FS_IOC_FIEMAP, request)
    except OSError:
        return False
    mapped = min(_FIEMAP.unpack_from(request)[3], _MAX_EXTENTS)
    extents = _FIEMAP_EXTENT.iter_unpack(request[_FIEMAP.size :][: mapped * _FIEMAP_EXTENT.size])
    return any(flags & _FIEMAP_EXTENT_SHARED for *_, flags in extents)


def _why_never(mount: Mount) -> str:
    if mount.kind in _NEVER_IN_PLACE:
        return f"{mount.kind} always writes new bytes elsewhere"
    if "data=journal" in mount.options:
        return f"this {mount.kind} is mounted with data=journal, which writes everything to its journal first"
    return ""


def _why_not_on_overlay(mount: Mount, path: Path) -> str:
    """A file of a lower layer is copied up when it is first written, and stays below as it was."""
    try:
        inner = Path(mount.root) / path.relative_to(mount.mount_point)
    except ValueError:
        return ""
    upper = ""
    for option in mount.options:
        name, _, folders = option.partition("=")
        if name.startswith("lowerdir"):
            for folder in filter(None, re.split(r"(?<!\\):", folders)):
                if _exists(Path(folder.replace("\\:", ":")) / inner.relative_to("/")):
                    return "a lower layer of its overlay holds a copy"
        upper = folders if name == "upperdir" else upper
    return why_not_below(Path(upper)) if upper else ""


def _parse_mount(line: str) -> Mount | None:
    # number parent major:minor root mount_point options [optional fields] - kind source super_options
    before, dash, after = line.partition(" - ")
    fields, rest = before.split(" "), after.split(" ")
    device = fields[2].split(":") if len(fields) >= 6 else []
    numbers = [fields[0], *device]
    if not dash or len(rest) < 3 or len(device) != 2 or not all(_is_number(number) for number in numbers):
        return None
    return Mount(
        number=int(fields[0]),
        device=(int(device[0]), int(device[1])),
        root=_unescaped(fields[3]),
        mount_point=_unescaped(fields[4]),
        kind=rest[0].partition(".")[0],
        source=_unescaped(rest[1]),
        options=tuple(_unescaped(option) for option in rest[2].split(",")),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _unescaped(text: str) -> str:
    return _OCTAL.sub(lambda found: chr(int(found[1], 8)), text)


def _flags(descriptor: int) -> int:
    try:
        flags: int = _LONG.unpack(fcntl.ioctl(descriptor, _FS_IOC_GETFLAGS, bytes(_LONG.size)))[0]
    except OSError:
        return 0
    return flags & 0xFFFFFFFF  # the kernel fills in an int, whatever the number says


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
