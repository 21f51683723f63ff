"""Watches the reset button on its pin, blinks while it is held, and leaves the order when it was held for long."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edgecam.appliance.lines import GpioLines, OpensLines
from edgecam.appliance.resetbutton import Button, ResetButton
from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import MediaFailing
from edgecam.settings import ButtonSettings

_BLINK_NS: Final = NS_PER_S // 4


class ResetKeeper:
    """Owns the button's lines. One thread uses it, ten times a second."""

    def __init__(self, chosen: ButtonSettings, order: Path, clock: Clock, opens: OpensLines = GpioLines) -> None:
        """``order`` is the file whose being there makes the camera new. Raises: BadInput, Unavailable."""
        self._chosen, self._order, self._clock = chosen, order, clock
        inverted = [chosen.line] * chosen.inverted + [chosen.sign_line] * chosen.sign_inverted
        signs = [chosen.sign_line] if chosen.sign_line >= 0 else []
        self._lines = opens(
            Path(chosen.chip),
            outputs=signs,
            inputs=[chosen.line],
            inverted=[line for line in inverted if line >= 0],
        )
        self._button = ResetButton(chosen.hold_s)

    @property
    def state(self) -> Button:
        return self._button.state

    def tend(self) -> None:
        """Read the button. Raises: Unavailable without the chip, MediaFailing when the order cannot be left."""
        now_ns = self._clock.mono_ns()
        ordered = self._button.observe(self._lines.is_active(self._chosen.line), now_ns / NS_PER_S)
        if self._chosen.sign_line >= 0:
            blinks = now_ns // _BLINK_NS % 2 == 0 or self._button.state is Button.ORDERED
            self._lines.set(self._chosen.sign_line, self._button.wants_sign and blinks)
        if ordered:
            self._leave_order()

    def close(self) -> None:
        self._lines.close()

    def _leave_order(self) -> None:
        try:
            self._order.touch(mode=0o640)
        except OSError as refused:
            raise MediaFailing(f"{self._order} cannot be written ({refused.strerror})") from refused
