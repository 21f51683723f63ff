"""What stands on every paper of one camera: who answers for it, its name, the language, the zone of its days."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from edgecam.core.clock import Instant
from edgecam.custody.evidence.account import Period
from edgecam.custody.paper.notice import Notice
from edgecam.custody.paper.papermoments import Moments
from edgecam.custody.paper.paperwords import words_of


@dataclass(frozen=True, slots=True)
class Letterhead:
    """``camera`` is its name as the owner gave it, ``camera_id`` the one of its key."""

    language: str
    notice: Notice
    camera: str
    camera_id: str
    zone: ZoneInfo

    @property
    def moments(self) -> Moments:
        return Moments(self.language, self.zone)

    def period(self, period: Period | None) -> str:
        """From when to when, for a narrow column; empty without one."""
        if period is None:
            return ""
        brief = self.moments.brief
        return f"{brief(period.from_wall_ns)} – {brief(period.to_wall_ns)}"

    def foot(self, printed: Instant, first_line: int | None = None, last_line: int | None = None) -> str:
        """The small print: which camera, which lines of its register, when it was printed."""
        words = words_of(self.language)
        parts = [self.camera_id, words["printed"].format(moment=self.moments.told(printed))]
        if first_line is not None:
            parts.insert(1, words["lines"].format(first=first_line, last=last_line))
        return " · ".join(parts)
