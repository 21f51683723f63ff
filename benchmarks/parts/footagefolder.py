"""Where the real footage lies: the folder that ``EDGECAM_FOOTAGE`` names, else the one beside the repository."""

from __future__ import annotations

import os
from pathlib import Path

from edgecam.core.errors import BadInput


def footage_folder(*clips: str) -> Path:
    """The folder, whether it exists or not. Raises: BadInput when one of ``clips`` is not in it."""
    named = os.environ.get("EDGECAM_FOOTAGE")
    folder = Path(named) if named else Path(__file__).parents[3] / "shared" / "footage"
    if missing := [clip for clip in clips if not (folder / clip).is_file()]:
        raise BadInput(f"{folder} lacks {' and '.join(missing)}", do="set EDGECAM_FOOTAGE to the folder of footage")
    return folder
