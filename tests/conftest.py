"""How the whole suite runs: no deadline for generated cases, since a busy machine is not a broken promise."""

from __future__ import annotations

import os
import re

from hypothesis import settings

settings.register_profile("here", deadline=None)
# A clean checkout is judged by the same cases each time; new ones are looked for where somebody can look into them.
settings.register_profile("checkout", deadline=None, derandomize=True)
settings.load_profile("checkout" if os.environ.get("CI") else "here")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Keys are made anew in each process; the cases that show them keep their names all the same."""
    told = val.decode("latin1") if isinstance(val, bytes) else val
    return "key" if isinstance(told, str) and re.search("AGE-SECRET-KEY-1.{30}|age1[0-9a-z]{30}", told) else None
