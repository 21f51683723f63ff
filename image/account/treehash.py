"""Hashes a tree of files as an image sees it, and says where two builds of it differ.

``python3 image/account/treehash.py ROOT`` prints the hash; with a second tree it prints each path that differs and
how, and exits with 1. A path counts with its kind, mode, owner, content and time; times after $SOURCE_DATE_EPOCH
count as that moment, as the recipe makes them.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """What counts of one path. ``content`` is a file's SHA-256, a link's target or a device's numbers."""

    kind: str
    mode: str
    owner: str
    content: str
    mtime_s: int
    same_file_as: str  # the first path of a file that has several
    attributes: str

    def line(self, path: str) -> bytes:
        """One line of what is hashed; nothing in it can be mistaken for another field."""
        return repr((path, *asdict(self).values())).encode() + b"\n"


def entries(root: Path, epoch_s: int | None) -> Iterator[tuple[str, Entry]]:
    """Every path below ``root`` and itself (as ``.``), in byte order. Raises: OSError."""
    first: dict[tuple[int, int], str] = {}
    for path in sorted(_paths(root), key=os.fsencode):
        full = root / path
        told = full.lstat()
        links = first.setdefault((told.st_dev, told.st_ino), path) if stat.S_ISREG(told.st_mode) else path
        yield (
            path,
            Entry(
                stat.filemode(told.st_mode)[0],
                f"{stat.S_IMODE(told.st_mode):04o}",
                f"{told.st_uid}:{told.st_gid}",
                _content(full, told),
                int(told.st_mtime) if epoch_s is None else min(int(told.st_mtime), epoch_s),
                links if links != path else "",
                _attributes(full),
            ),
        )


def tree_hash(root: Path, epoch_s: int | None = None) -> str:
    """The hash of all of it, in hex."""
    digest = hashlib.sha256()
    for path, entry in entries(root, epoch_s):
        digest.update(entry.line(path))
    return digest.hexdigest()


def differences(left: Path, right: Path, epoch_s: int | None = None) -> list[str]:
    """One line for each path that is not the same in both trees, saying what of it is not."""
    ours, theirs = dict(entries(left, epoch_s)), dict(entries(right, epoch_s))
    lines = []
    for path in sorted({*ours, *theirs}, key=os.fsencode):
        a, b = ours.get(path), theirs.get(path)
        if a is None or b is None:
            lines.append(f"{path}: only in {right if a is None else left}")
        elif a != b:
            told = [
                f"{name} {old} / {asdict(b)[name]}" for name, old in asdict(a).items() if old != asdict(b)[name]
            ]
            lines.append(f"{path}: {', '.join(told)}")
    return lines


def _paths(root: Path) -> Iterator[str]:
    yield "."
    for folder, folders, files in os.walk(root):
        for name in (*folders, *files):
            yield os.path.relpath(os.path.join(folder, name), root)


def _content(path: Path, told: os.stat_result) -> str:
    if stat.S_ISLNK(told.st_mode):
        return os.readlink(path)
    if stat.S_ISREG(told.st_mode):
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    return f"{os.major(told.st_rdev)}:{os.minor(told.st_rdev)}" if told.st_rdev else ""


def _attributes(path: Path) -> str:
    names = sorted(os.listxattr(path, follow_symlinks=False))
    return " ".join(f"{name}={os.getxattr(path, name, follow_symlinks=False).hex()}" for name in names)


def main(arguments: list[str]) -> int:
    """0: hashed, or the same; 1: they differ; 2: not asked properly."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    epoch_s = int(told) if told else None
    trees = [Path(name) for name in arguments]
    if len(trees) not in (1, 2) or not all(tree.is_dir() for tree in trees):
        sys.stderr.write("treehash.py ROOT, or treehash.py ONE OTHER: folders\n")
        return 2
    for tree in trees:
        sys.stdout.write(f"{tree_hash(tree, epoch_s)}  {tree}\n")
    lines = differences(trees[0], trees[1], epoch_s) if len(trees) == 2 else []
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
