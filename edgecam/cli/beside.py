"""A file that gets its name only when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edgecam.core.errors import MediaFailing


@contextmanager
def written_beside(path: Path) -> Iterator[Path]:
    """Where to write what becomes ``path``; when anything is raised meanwhile, nothing of it stays.

    Raises: MediaFailing when it cannot be given its name.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        yield unfinished
        try:
            os.replace(unfinished, path)
        except OSError as refused:
            raise MediaFailing(
                f"{path} could not be written ({refused.strerror})", do="name another place for it"
            ) from refused
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
