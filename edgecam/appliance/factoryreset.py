"""The way back to the factory: keys first, then the ring, then everything else of this camera; a cut goes on.

`python -m edgecam.appliance.factoryreset`, as root, after recorder, observer and hub have ended. What says that it
is under way is written first and removed last, so the next start goes on where the power went.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from edgecam.appliance.imageplaces import ImagePlaces
from edgecam.appliance.oldring import forget_ring
from edgecam.core.clock import Clock, SystemClock
from edgecam.core.durable import (
    append_durably,
    erase_durably,
    flush_directory,
    remove_durably,
    replace_durably,
)
from edgecam.core.errors import BadInput, EdgecamError, MediaFailing
from edgecam.places import Places

log = logging.getLogger(__name__)
_FAILED = 1


def factory_reset(places: ImagePlaces, asked_by: str, clock: Clock) -> None:
    """Erase this camera; ``asked_by`` stands in the log. Raises: MediaFailing; then it is under way still."""
    begun = begin_reset(places, asked_by)
    camera = places.camera_places()
    for path in key_files(camera):
        erase_durably(path)
    ring_verified = _forget(places.ring)
    album_verified = _forget(camera.album)
    _erase_tree(places.camera)
    _erase_tree(places.settings.parent)
    for path in (places.wifi, places.passphrase):
        erase_durably(path)
    for path in (places.preparing, places.settled, places.code_was_given, places.reset_order):
        remove_durably(path)
    _log_once(places, begun | {"ring": ring_verified, "album": album_verified}, clock)
    remove_durably(places.resetting)


def is_under_way(places: ImagePlaces) -> bool:
    """Whether a reset began and did not end."""
    return places.resetting.exists()


def key_files(camera: Places) -> Iterator[Path]:
    """Whatever opens footage or speaks for the camera, what opens most first."""
    yield camera.locked_owner
    yield from sorted(camera.cases.glob("*.keys"))
    yield from _files(camera.identities)
    yield from _files(camera.holds)
    yield from (
        camera.camera_key,
        camera.page_authority,
        camera.page_certificate,
        camera.accounts,
        camera.command_keys,
        camera.commands_seen,
        camera.broker_password,
        camera.broker_certificate,
        camera.setup_code,
        camera.outbox,
    )


def begin_reset(places: ImagePlaces, asked_by: str) -> dict[str, object]:
    """Say that it is under way, and give what was said when it began. Raises: MediaFailing."""
    try:
        told = json.loads(places.resetting.read_bytes())
        if type(told) is dict and type(told.get("reset")) is str:
            return {"reset": told["reset"], "asked_by": str(told.get("asked_by"))}
    except (OSError, ValueError, RecursionError):
        pass  # none yet, or not to be read: it is begun anew under another number
    begun: dict[str, object] = {"reset": secrets.token_hex(8), "asked_by": asked_by}
    replace_durably(places.resetting, (json.dumps(begun) + "\n").encode())
    return begun


def _forget(path: Path) -> bool | None:
    """As `forget_ring`; ``None`` also where there is nothing."""
    if not path.exists():
        return None
    try:
        return forget_ring(path)
    except BadInput as strange:
        raise MediaFailing(f"{path} cannot be erased ({strange.what})", do="destroy the card") from strange


def _erase_tree(folder: Path) -> None:
    """Everything in ``folder``, overwritten where it lies; the folder stays. Raises: MediaFailing."""
    for path in _files(folder):
        erase_durably(path)
    try:
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        if folder.is_dir():
            flush_directory(folder)
    except OSError as refused:
        raise MediaFailing(f"{folder} could not be emptied ({refused.strerror})", do="check the card") from refused


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def _log_once(places: ImagePlaces, told: dict[str, object], clock: Clock) -> None:
    with suppress(OSError):
        if f'"{told["reset"]}"'.encode() in places.reset_log.read_bytes():
            return
    now = clock.now()
    line = {"format": 1, **told, "at_wall_ns": now.wall_ns, "time_trust": int(now.trust)}
    append_durably(places.reset_log, (json.dumps(line) + "\n").encode())


def main() -> int:
    """Erase this camera by order. Returns the exit code."""
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        if os.geteuid() != 0:
            raise BadInput("only root may reset the camera")
        factory_reset(ImagePlaces(), "order", SystemClock())
    except EdgecamError as refused:
        log.error("the reset goes on at the next start: %s", refused)
        return _FAILED
    log.info("the camera is as it was when it was new")
    return 0


if __name__ == "__main__":
    sys.exit(main())
