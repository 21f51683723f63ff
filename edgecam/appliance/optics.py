"""Filter and lamp on their lines: a level or a pulse, always the one that cannot do harm first."""

from __future__ import annotations

from dataclasses import dataclass

from edgecam.appliance.daynight import Optics
from edgecam.appliance.lines import Lines
from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput


@dataclass(frozen=True, slots=True)
class Wiring:
    """Which lines they hang on; ``None``: there is none.

    With ``filter_out_line`` the filter is a coil between two lines that keeps where it was pulsed to; without, it
    is in while ``filter_line`` is active.
    """

    filter_line: int | None = None
    filter_out_line: int | None = None
    lamp_line: int | None = None
    pulse_s: float = 0.2

    @property
    def outputs(self) -> tuple[int, ...]:
        """Every line of it. Raises: BadInput when one is named twice, or a way out without a way in."""
        named = [line for line in (self.filter_line, self.filter_out_line, self.lamp_line) if line is not None]
        if len(set(named)) != len(named):
            raise BadInput("filter and lamp share a line", do="give each its own in [daynight]")
        if self.filter_out_line is not None and self.filter_line is None:
            raise BadInput("daynight.filter_out_line needs daynight.filter_line")
        return tuple(named)


class DrivenOptics:
    """Brings filter and lamp to where they should be. One thread uses it."""

    def __init__(self, wiring: Wiring, lines: Lines, clock: Clock) -> None:
        self._wiring, self._lines, self._clock = wiring, lines, clock
        self._filter_in: bool | None = None

    def bring(self, optics: Optics) -> None:
        """Raises: Unavailable when the chip is gone; then nothing is known of the filter any more."""
        if not optics.lamp:
            self._light(False)
        if optics.filter_in is not self._filter_in:
            self._filter_in = None
            self._move(optics.filter_in)
            self._filter_in = optics.filter_in
        if optics.lamp:
            self._light(True)

    def rest(self) -> None:
        """Turn the lamp off, for the end; the filter stays where it is."""
        self._light(False)

    def _light(self, on: bool) -> None:
        if self._wiring.lamp_line is not None:
            self._lines.set(self._wiring.lamp_line, on)

    def _move(self, filter_in: bool) -> None:
        wiring = self._wiring
        if wiring.filter_line is None:
            return
        if wiring.filter_out_line is None:
            self._lines.set(wiring.filter_line, filter_in)
            return
        pulsed = wiring.filter_line if filter_in else wiring.filter_out_line
        self._lines.set(pulsed, True)
        try:
            self._clock.sleep(wiring.pulse_s)
        finally:
            # A coil that is left under current burns.
            self._lines.set(pulsed, False)
