"""What the page tells of updates and orders of them: one protocol, and the values that pass through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Order = Literal["check", "install", "defer_day", "defer_week", "resume"]


@dataclass(frozen=True, slots=True)
class RefusedVersion:
    """A version that was left again or could not be installed, why (English), and when; 0: not known."""

    version: str
    why: str
    at_wall_ns: int = 0


@dataclass(frozen=True, slots=True)
class UpdatesShown:
    """How updates are.

    ``version`` is what runs; ``takes`` whether this machine runs an image, which alone takes updates here, and
    ``has_source`` whether an address is set from which they come. ``automatic`` and ``notices`` are the settings.
    ``waiting`` is the newer version that was found, empty for none. ``looked_wall_ns`` is when it looked last (0:
    never), ``problem`` what went wrong then (English). ``installs_wall_ns`` is from when on it installs what waits
    by itself (0: it does not); ``deferred_until_wall_ns`` until when it is put off (0: it is not), and
    ``last_wall_ns`` until when it can be, when it was before. ``refused`` was left again, ``failed`` could not be
    installed. ``ordered`` waits to be taken up; ``installing`` says that a version is being written now.
    """

    version: str
    takes: bool
    has_source: bool
    automatic: bool
    notices: bool
    waiting: str = ""
    looked_wall_ns: int = 0
    problem: str = ""
    installs_wall_ns: int = 0
    deferred_until_wall_ns: int = 0
    last_wall_ns: int = 0
    refused: RefusedVersion | None = None
    failed: RefusedVersion | None = None
    ordered: str = ""
    installing: bool = False


class UpdateParts(Protocol):
    """The camera's side. Its calls may block and raise any `EdgecamError`; threads make them."""

    def shown(self) -> UpdatesShown: ...

    def order(self, order: Order, who: str) -> None:
        """Registers it first, then leaves it for whoever may do it."""
        ...
