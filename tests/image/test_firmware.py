"""What the harness plays of a board's firmware follows the files that a board's firmware reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from qemu.firmware import boot_partition, command_line_file

LAYOUT = Path(__file__).parents[2] / "image/layout"


@pytest.mark.row("I2")
@pytest.mark.parametrize(("trying", "partition"), [(False, 2), (True, 3)])
def test_the_slot_on_trial_is_started_once(trying: bool, partition: int) -> None:
    assert boot_partition((LAYOUT / "autoboot.txt").read_text(), trying) == partition


@pytest.mark.row("I2")
@pytest.mark.parametrize(("partition", "name"), [(2, "cmdline-a.txt"), (3, "cmdline-b.txt")])
def test_one_boot_image_fits_both_slots(partition: int, name: str) -> None:
    assert command_line_file((LAYOUT / "config.txt").read_text(), partition) == name
