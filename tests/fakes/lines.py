"""A GPIO chip of eight wires in memory, both ends of it: what edgecam drives, and what hangs on the other side."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from edgecam.core.errors import BadInput, Unavailable

WIRES = 8


class FakeChip:
    """The wires. ``history`` has every change of a level; ``gone`` makes every use fail, as a chip that is away."""

    def __init__(self) -> None:
        self.levels = [False] * WIRES
        self.taken: set[int] = set()
        self.history: list[tuple[int, bool]] = []
        self.gone = False

    def open(
        self,
        chip: Path = Path("/dev/gpiochip0"),
        *,
        outputs: Collection[int],
        inputs: Collection[int] = (),
        inverted: Collection[int] = (),
    ) -> FakeLines:
        """As `GpioLines`. Raises: BadInput for a line that is not there, Unavailable for one that is taken."""
        asked = {*outputs, *inputs}
        if self.gone:
            raise Unavailable(f"{chip} is gone")
        if not asked <= set(range(WIRES)):
            raise BadInput(f"{chip} has no such line")
        if asked & self.taken:
            raise Unavailable(f"the lines {sorted(asked)} cannot be had (Device or resource busy)")
        self.taken |= asked
        return FakeLines(self, frozenset(outputs), frozenset(inputs), frozenset(inverted))

    def level(self, line: int) -> bool:
        return self.levels[line]

    def pull(self, line: int, high: bool) -> None:
        self.levels[line] = high

    def drive(self, line: int, high: bool) -> None:
        """What edgecam puts on a wire."""
        if self.levels[line] is not high:
            self.history.append((line, high))
        self.levels[line] = high


class FakeLines:
    """Some of its wires, as `Lines` has them."""

    def __init__(
        self, chip: FakeChip, outputs: frozenset[int], inputs: frozenset[int], inverted: frozenset[int]
    ) -> None:
        self._chip, self._outputs, self._all, self._inverted = chip, outputs, outputs | inputs, inverted
        for line in sorted(outputs):
            self.set(line, False)
        for line in inputs:
            chip.pull(line, line in inverted)

    def set(self, line: int, active: bool) -> None:
        self._usable(line)
        if line not in self._outputs:
            raise Unavailable(f"line {line} cannot be set (Operation not permitted)")
        self._chip.drive(line, active is not (line in self._inverted))

    def is_active(self, line: int) -> bool:
        self._usable(line)
        return self._chip.level(line) is not (line in self._inverted)

    def close(self) -> None:
        self._chip.taken -= self._all

    def _usable(self, line: int) -> None:
        if line not in self._all:
            raise BadInput(f"line {line} was not asked for")
        if self._chip.gone:
            raise Unavailable("the chip is gone")
