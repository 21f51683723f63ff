"""The button that makes a camera new: held for long, and let go before it was pressed; a table of states, pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

# A contact bounces for less than that.
_STEADY_S: Final = 0.1


class Button(StrEnum):
    """STUCK: down since nobody knows when, so it means nothing until it was let go."""

    STUCK = "stuck"
    FREE = "free"
    HELD = "held"
    ORDERED = "ordered"


class Sign(StrEnum):
    UP = "up"
    DOWN = "down"
    LONG = "long"


NEXT: Final = {
    (Button.STUCK, Sign.UP): Button.FREE,
    (Button.FREE, Sign.DOWN): Button.HELD,
    (Button.HELD, Sign.UP): Button.FREE,
    (Button.HELD, Sign.LONG): Button.ORDERED,
    (Button.ORDERED, Sign.UP): Button.FREE,
}


class ResetButton:
    """One button. Begins as if it were stuck; one thread uses it, ten times a second."""

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self.state = Button.STUCK
        self._raw: bool | None = None
        self._raw_since_s = 0.0
        self._held_since_s = 0.0

    def observe(self, down: bool, now_s: float) -> bool:
        """Whether with this reading the order is given: once, when it has been down for long enough."""
        if down is not self._raw:
            self._raw, self._raw_since_s = down, now_s
        # What is not steady counts as let go: a loose contact is no one's finger.
        steady = now_s - self._raw_since_s >= _STEADY_S
        sign: Sign | None = None
        if self.state is Button.HELD and down and now_s - self._held_since_s >= self._hold_s:
            sign = Sign.LONG
        elif steady:
            sign = Sign.DOWN if down else Sign.UP
        elif self.state is Button.HELD and not down:
            sign = Sign.UP
        return sign is not None and self._take(sign)

    @property
    def wants_sign(self) -> bool:
        """Whether whoever holds it is to be shown that the camera feels it."""
        return self.state in (Button.HELD, Button.ORDERED)

    def _take(self, sign: Sign) -> bool:
        entered = NEXT.get((self.state, sign))
        if entered is None:
            return False
        if entered is Button.HELD:
            self._held_since_s = self._raw_since_s
        self.state = entered
        return entered is Button.ORDERED
