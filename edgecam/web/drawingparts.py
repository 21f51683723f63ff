"""What masks, zones and rules are drawn with: handed over by the hub."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edgecam.custody.mask_acts import MaskActs
from edgecam.masking.drawing import DrawnPicture

# Lists of tables under zone, line and rule, as they are written in TOML.
Tables = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class RuleParts:
    """``timezone`` (IANA name) is that of timetables; ``write`` puts sound tables in force in somebody's name.

    Both callables may block and raise any `EdgecamError`.
    """

    timezone: str
    read: Callable[[], Tables]
    write: Callable[[Tables, str], None]


@dataclass(frozen=True, slots=True)
class DrawingParts:
    """The deeds on masks, the picture (after rotation) that is recorded now, if any is, and the rules."""

    acts: MaskActs
    picture: Callable[[], DrawnPicture | None]
    rules: RuleParts
