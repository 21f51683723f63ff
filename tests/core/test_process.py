"""What every process does alike."""

from __future__ import annotations

import subprocess
import sys


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
