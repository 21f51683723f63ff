"""The contract of everything that judges looks."""

from __future__ import annotations

from typing import Protocol

from edgecam.analysis.finding import Finding
from edgecam.analysis.look import Look


class Judge(Protocol):
    """Pure and of bounded memory: the same looks give the same findings. One thread uses it."""

    def observe(self, look: Look) -> list[Finding]:
        """What began and what ended with this look."""
        ...

    def forget(self, wall_ns: int) -> list[Finding]:
        """End all that is open, at ``wall_ns`` or where it was last seen, and start anew."""
        ...
