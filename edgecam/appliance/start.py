"""`python -m edgecam.appliance.start`, as root, before anything records: what a start of the image begins with."""

from __future__ import annotations

import logging
import os
import stat
import sys

from edgecam.appliance.imageplaces import ImagePlaces
from edgecam.appliance.settled import start_again


def main() -> int:
    """Returns the exit code: 0 also when something was wrong and could be told."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    os.umask(stat.S_IRWXG | stat.S_IRWXO)
    image = ImagePlaces()
    if not start_again(image):
        # Only here: a camera in use starts without what making one needs.
        from edgecam.appliance.firstboot import start_whole

        start_whole(image)
    return 0


if __name__ == "__main__":
    sys.exit(main())
