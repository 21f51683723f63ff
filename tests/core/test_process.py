"""What every process does alike."""

from __future__ import annotations

import subprocess
import sys

import pytest

from edgecam.core.process import RESTARTS, restarts


def test_a_part_that_crashes_leaves_no_image_of_its_memory() -> None:
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import resource; from edgecam.core.process import leave_no_core; leave_no_core();"
            "print(resource.getrlimit(resource.RLIMIT_CORE))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "(0, 0)"


@pytest.mark.parametrize(("told", "count"), [("0", 0), ("17", 17), ("", 0), ("-1", 0), ("many", 0)])
def test_a_part_knows_from_its_supervisor_how_often_it_was_started_anew(
    told: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RESTARTS, told)
    assert restarts() == count
    monkeypatch.delenv(RESTARTS)
    assert restarts() == 0
