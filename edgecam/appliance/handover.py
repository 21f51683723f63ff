"""What root made for the camera is given to those who run it."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

from edgecam.appliance.imageplaces import ImagePlaces
from edgecam.core.durable import flush_directory
from edgecam.core.errors import MediaFailing

# Its group's as much as its owner's, and what is made in it too.
SHARED = 0o2770


def make_shared(folder: Path, places: ImagePlaces) -> None:
    """Make ``folder`` if it is not there, for all parts of the camera. Raises: MediaFailing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _give(folder, places)
        if folder.stat().st_mode & 0o7777 != SHARED:
            folder.chmod(SHARED)
        flush_directory(folder.parent)
    except (OSError, KeyError) as refused:
        raise _refusal(folder, refused) from refused


def make_private(folder: Path) -> None:
    """Make ``folder`` if it is not there, for root alone. Raises: MediaFailing."""
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
            flush_directory(folder.parent)
    except OSError as refused:
        raise _refusal(folder, refused) from refused


def hand_over(places: ImagePlaces) -> None:
    """Give all in the camera's folders that is this user's to who runs it; modes stay. Raises: MediaFailing."""
    for folder in (places.camera, places.settings.parent):
        try:
            for path in folder.rglob("*"):
                if path.lstat().st_uid == os.geteuid():
                    _give(path, places)
        except (OSError, KeyError) as refused:
            raise _refusal(folder, refused) from refused


def _give(path: Path, places: ImagePlaces) -> None:
    if places.user:
        user, group = pwd.getpwnam(places.user).pw_uid, grp.getgrnam(places.group).gr_gid
        os.chown(path, user, group, follow_symlinks=False)


def _refusal(path: Path, refused: Exception) -> MediaFailing:
    return MediaFailing(f"{path} cannot be given to the camera ({refused})", do="check the card")
