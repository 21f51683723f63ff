"""What an image found wrong at its last start, as it tells the page: a few sentences in English."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from edgecam.core.durable import erase_durably, replace_durably
from edgecam.core.errors import DataLoss
from edgecam.core.status import Fault

_MOST_SIZE_BYTES, _MOST_PROBLEMS, _MOST_LETTERS = 65_536, 20, 1000


def keep_problems(path: Path, problems: Sequence[str]) -> None:
    """Leave ``problems`` at ``path``; without any there is no such file. Raises: MediaFailing."""
    told = [problem[:_MOST_LETTERS] for problem in problems[:_MOST_PROBLEMS]]
    data = (json.dumps({"format": 1, "problems": told}, ensure_ascii=False) + "\n").encode(errors="replace")
    if not told:
        return erase_durably(path)
    with suppress(OSError):
        if path.read_bytes() == data:
            return None
    return replace_durably(path, data, shared=True)


def read_problems(path: Path) -> tuple[str, ...]:
    """What `keep_problems` left at ``path``; nothing where there is no such file. Raises: DataLoss."""
    try:
        with path.open("rb") as file:
            return decode_problems(file.read(_MOST_SIZE_BYTES + 1))
    except OSError:
        return ()


def first_start_faults(path: Path) -> list[Fault]:
    """What `keep_problems` left at ``path``, and that it cannot be read."""
    try:
        return [Fault("first_start", problem) for problem in read_problems(path)]
    except DataLoss as lost:
        return [Fault("first_start", str(lost))]


def decode_problems(data: bytes) -> tuple[str, ...]:
    """The sentences in ``data``. Raises: DataLoss for what is no such file."""
    try:
        told = json.loads(data[:_MOST_SIZE_BYTES])
        if type(told) is not dict or told.get("format") != 1 or type(told.get("problems")) is not list:
            raise ValueError("no list of problems")
        if not all(type(one) is str for one in told["problems"]):
            raise ValueError("no sentence")
    except (ValueError, RecursionError) as broken:
        raise DataLoss("what the camera found at its last start is lost", do="start it again") from broken
    return tuple(one[:_MOST_LETTERS] for one in told["problems"][:_MOST_PROBLEMS])
