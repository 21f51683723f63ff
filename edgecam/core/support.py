"""Who answers for the camera's software, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Support:
    """What the maker promises; an empty ``security_contact`` (a URI) and no ``until`` promise nothing."""

    security_contact: str = ""
    policy: str = ""
    acknowledge_days: int = 5
    until: date | None = None


NO_SUPPORT = Support()
