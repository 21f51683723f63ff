"""What `Lines` promise, each as a check that runs on any pair of wire ends; by itself it runs on a gpio-sim chip.

``python3 -m edgecam.appliance.linesproof /dev/gpiochipN`` where the kernel's gpio-sim made that chip with 8 lines.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path
from typing import Protocol

from edgecam.appliance.lines import GpioLines, Lines
from edgecam.core.errors import BadInput, EdgecamError, Unavailable


class FarEnd(Protocol):
    """The other end of the wires: what hangs on them."""

    def level(self, line: int) -> bool:
        """Whether an output is high."""
        ...

    def pull(self, line: int, high: bool) -> None:
        """Pull an input high or low."""
        ...


class Opens(Protocol):
    """How `Lines` are opened, as `GpioLines` is."""

    def __call__(
        self, *, outputs: Collection[int], inputs: Collection[int] = (), inverted: Collection[int] = ()
    ) -> Lines: ...


def outputs_begin_inactive(opens: Opens, far: FarEnd) -> None:
    with closing(opens(outputs=[0, 1], inverted=[1])) as lines:
        assert not far.level(0)
        assert far.level(1)
        assert not lines.is_active(0)
        assert not lines.is_active(1)


def what_is_set_is_on_the_wire(opens: Opens, far: FarEnd) -> None:
    with closing(opens(outputs=[0, 1])) as lines:
        for active in (True, False, True):
            lines.set(0, active)
            lines.set(1, not active)
            assert (far.level(0), far.level(1)) == (active, not active)
            assert lines.is_active(0) is active


def an_inverted_line_is_active_low(opens: Opens, far: FarEnd) -> None:
    with closing(opens(outputs=[2], inputs=[3], inverted=[2, 3])) as lines:
        lines.set(2, True)
        assert not far.level(2)
        far.pull(3, False)
        assert lines.is_active(3)
        far.pull(3, True)
        assert not lines.is_active(3)


def an_input_tells_its_wire(opens: Opens, far: FarEnd) -> None:
    with closing(opens(outputs=[0], inputs=[4])) as lines:
        for high in (False, True, False):
            far.pull(4, high)
            assert lines.is_active(4) is high


def a_line_that_was_not_asked_for_is_refused(opens: Opens, far: FarEnd) -> None:
    with closing(opens(outputs=[0])) as lines:
        for use in (lambda: lines.set(5, True), lambda: lines.is_active(5)):
            try:
                use()
            except BadInput:
                continue
            raise AssertionError("line 5 was used")
        assert not far.level(5)


def a_line_is_had_once_and_free_again(opens: Opens, far: FarEnd) -> None:
    with closing(opens(outputs=[6])):
        try:
            opens(outputs=[6]).close()
        except Unavailable:
            pass
        else:
            raise AssertionError("line 6 was had twice")
    with closing(opens(outputs=[6])) as lines:
        lines.set(6, True)
        assert far.level(6)


CONTRACT: tuple[Callable[[Opens, FarEnd], None], ...] = (
    outputs_begin_inactive,
    what_is_set_is_on_the_wire,
    an_inverted_line_is_active_low,
    an_input_tells_its_wire,
    a_line_that_was_not_asked_for_is_refused,
    a_line_is_had_once_and_free_again,
)


class SimulatedWires:
    """The far end of a chip of the kernel's gpio-sim, as it shows it under /sys."""

    def __init__(self, chip: Path, sys_folder: Path = Path("/sys")) -> None:
        """Raises: BadInput when ``chip`` is not of gpio-sim."""
        found = sorted((sys_folder / "bus/gpio/devices" / chip.name).resolve().glob("sim_gpio*"))
        if not found:
            raise BadInput(f"{chip} is no chip of gpio-sim", do="make one with configfs")
        self._folder = found[0].parent

    def level(self, line: int) -> bool:
        return (self._folder / f"sim_gpio{line}/value").read_text().strip() == "1"

    def pull(self, line: int, high: bool) -> None:
        (self._folder / f"sim_gpio{line}/pull").write_text("pull-up" if high else "pull-down")


def prove(chip: Path) -> bool:
    """Run every check on ``chip``, print a line for each; whether all passed."""
    far, passed = SimulatedWires(chip), True

    def opens(*, outputs: Collection[int], inputs: Collection[int] = (), inverted: Collection[int] = ()) -> Lines:
        return GpioLines(chip, outputs=outputs, inputs=inputs, inverted=inverted)

    for check in CONTRACT:
        try:
            check(opens, far)
            sys.stdout.write(f"PASS {check.__name__}\n")
        except (AssertionError, EdgecamError, OSError) as failed:
            passed = False
            sys.stdout.write(f"FAIL {check.__name__}: {failed}\n")
    return passed


if __name__ == "__main__":
    raise SystemExit(0 if prove(Path(sys.argv[1])) else 1)
