"""Where Mosquitto is: Debian's, or what ``EDGECAM_MOSQUITTO`` names."""

from __future__ import annotations

import os
import shutil

from edgecam.core.errors import Unavailable


def mosquitto_path() -> str:
    """The program. Raises: Unavailable."""
    named = os.environ.get("EDGECAM_MOSQUITTO")
    found = shutil.which(named) if named else shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
    if found is None:
        raise Unavailable("there is no Mosquitto here", do="install Debian's package `mosquitto`")
    return found
