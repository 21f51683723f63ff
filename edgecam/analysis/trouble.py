"""Signs of trouble with the view, look by look, and the patience between a sign and an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Sign(NamedTuple):
    """What one look says about one kind of trouble.

    ``pull`` is evidence for it (above 0, 1 at most) or against it (down to -1), ``over`` whether trouble that was
    open is over by this look; ``confidence`` 0-1 and ``reason`` (one sentence without a full stop) are for an event
    that opens now.
    """

    pull: float
    over: bool
    confidence: float = 0.0
    reason: str = ""


NOTHING = Sign(-1.0, True)


@dataclass(slots=True)
class Trouble:
    """Patience for one kind: evidence adds up until it opens; what is over must stay over until it ends.

    ``after_s`` and ``until_s``: seconds of full evidence that open it, seconds of its absence that end it.
    """

    after_s: float
    until_s: float
    is_open: bool = False
    began_wall_ns: int = 0
    over_wall_ns: int = 0
    _evidence_s: float = 0.0
    _over_s: float = 0.0

    def forget(self) -> None:
        self.is_open = False
        self._evidence_s = self._over_s = 0.0

    @property
    def suspected(self) -> bool:
        """Whether there is evidence, so that nothing should be learned now."""
        return self.is_open or self._evidence_s > 0

    @property
    def half_sure(self) -> bool:
        return self.is_open or self._evidence_s >= 0.5 * self.after_s

    def opens(self, pull: float, elapsed_s: float, wall_ns: int) -> bool:
        """Take in one look's evidence, while not open; whether it opens now."""
        if self._evidence_s <= 0 < pull:
            self.began_wall_ns = wall_ns
        # The first look that tells anything counts as a whole one at most, however long the pause before it was.
        self._evidence_s = max(0.0, self._evidence_s + pull * min(elapsed_s, 1.0))
        self.is_open, self._over_s = self._evidence_s >= self.after_s, 0.0
        return self.is_open

    def ends(self, over: bool, elapsed_s: float, wall_ns: int) -> bool:
        """Take in one look while open; whether it ends now. ``over_wall_ns`` is then when it was first over."""
        if not over:
            self._over_s = 0.0
            return False
        if self._over_s <= 0:
            self.over_wall_ns = wall_ns
        self._over_s += max(elapsed_s, 1e-3)
        if self._over_s < self.until_s:
            return False
        self.forget()
        return True
