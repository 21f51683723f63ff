"""A folder in RAM, and one that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgecam.core.errors import BadInput
from edgecam.core.ramfolder import require_ram


def test_a_folder_on_disk_is_refused() -> None:
    with pytest.raises(BadInput, match="not in RAM"):
        require_ram(Path("/proc"))
    require_ram(Path("/dev/shm"))
