"""How the whole suite runs: no deadline for generated cases, since a busy machine is not a broken promise."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("here", deadline=None)
# A clean checkout is judged by the same cases each time; new ones are looked for where somebody can look into them.
settings.register_profile("checkout", deadline=None, derandomize=True)
settings.load_profile("checkout" if os.environ.get("CI") else "here")
