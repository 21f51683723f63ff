"""Small files that survive a power cut: written beside, flushed, renamed, directory flushed."""

from __future__ import annotations

import os
from pathlib import Path

from edgecam.core.errors import MediaFailing


def replace_durably(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Make ``path`` hold exactly ``data``; after a power cut it holds the old or the new bytes, never a mix.

    Raises: MediaFailing when the medium refuses (full, read-only, I/O error, no permission).
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(beside, path)
        flush_directory(path.parent)
    except OSError as refused:
        raise MediaFailing(
            f"{path} could not be written ({refused.strerror})",
            do="make room or check the permissions of its folder",
            safe="the file that was there before is untouched",
        ) from refused


def append_durably(path: Path, line: bytes, mode: int = 0o600) -> None:
    """Append ``line`` (with its own newline) to ``path`` and flush it before returning.

    Raises: MediaFailing when the medium refuses.
    """
    try:
        created = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, mode)
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
