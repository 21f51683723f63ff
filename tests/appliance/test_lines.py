"""One contract for the lines of a real chip, of the kernel's simulated one, and of the fake."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from fakes.lines import FakeChip

from edgecam.appliance.lines import GpioLines, Lines, line_names
from edgecam.appliance.linesproof import CONTRACT, FarEnd, Opens, SimulatedWires, prove
from edgecam.core.errors import BadInput, Unavailable

CHIPS = sorted(Path("/sys/devices/platform").glob("gpio-sim.*/gpiochip*"))


@pytest.mark.row("C8")
@pytest.mark.parametrize("check", CONTRACT)
def test_the_fake_keeps_the_contract(check: Callable[[Opens, FarEnd], None]) -> None:
    chip = FakeChip()
    check(chip.open, chip)


@pytest.mark.row("C8")
@pytest.mark.skipif(not CHIPS, reason="the kernel simulates no GPIO chip here")
def test_a_chip_of_the_kernel_keeps_the_contract() -> None:
    assert prove(Path("/dev") / CHIPS[0].name)


@pytest.mark.parametrize("check", CONTRACT)
def test_the_contract_notices_lines_that_do_nothing(check: Callable[[Opens, FarEnd], None]) -> None:
    """Wires that are cut: what is driven never arrives, what is pulled is never told."""
    chip, cut = FakeChip(), FakeChip()
    cut.levels = [False, True, True, False, True, False, False, False]

    class CutLines:
        def __init__(self) -> None:
            self._set: dict[int, bool] = {}

        def set(self, line: int, active: bool) -> None:
            self._set[line] = active

        def is_active(self, line: int) -> bool:
            return self._set.get(line, True)

        def close(self) -> None:
            pass

    def opens(*, outputs: Collection[int], inputs: Collection[int] = (), inverted: Collection[int] = ()) -> Lines:
        return CutLines()

    with pytest.raises(AssertionError):
        check(opens, chip if check.__name__.startswith("a_line_is") else cut)


def test_a_chip_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("gpiod")
    with pytest.raises(Unavailable, match="cannot be had"):
        GpioLines(tmp_path / "gpiochip9", outputs=[1])
    with pytest.raises(Unavailable, match="does not open"):
        line_names(tmp_path / "gpiochip9")


def test_only_simulated_chips_have_a_far_end(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="gpio-sim"):
        SimulatedWires(Path("/dev/gpiochip0"), tmp_path)
