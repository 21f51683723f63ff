"""Updating without anybody at a keyboard: an order from the page, a night, a stick. Run as root by its units."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from edgecam.appliance.bootslots import BootSlots
from edgecam.appliance.rauc import RaucCommand
from edgecam.appliance.release import load_release
from edgecam.appliance.updatenotes import UpdateNotes
from edgecam.appliance.updating import Machine, Updates, restart_into_other
from edgecam.core.clock import NS_PER_S, Clock, Instant, SystemClock
from edgecam.core.errors import BadInput, EdgecamError, Unavailable
from edgecam.core.process import log_to_stderr
from edgecam.core.zone import zone_named
from edgecam.places import Places, find_places
from edgecam.settings import Settings, UpdateSettings, find_settings

ORDER = Path("/run/edgecam-orders/update")
_STICKS = Path("/run/edgecam-sticks")
_LEFT_IN_S = 300
_ORDERS = ("check", "install")
_log = logging.getLogger(__name__)


def open_updates(settings: Settings, places: Places, clock: Clock) -> Updates:
    """Updates of this machine. Raises: NotAllowed where it runs no image, BadInput."""
    machine = Machine(BootSlots(), RaucCommand(), restart_into_other)
    return Updates(load_release(), settings.update.url, places, machine, UpdateNotes(), clock)


def decode_order(data: bytes) -> str:
    """One of two words: no path and no address comes from whoever may order. Raises: BadInput."""
    word = data.removesuffix(b"\n").decode("ascii", "replace")
    if word not in _ORDERS:
        raise BadInput("the order about updates is none", do=f"write {' or '.join(_ORDERS)}")
    return word


def take_order(path: Path = ORDER) -> str:
    """The order at ``path``, which is gone afterwards; empty when there is none. Raises: BadInput, Unavailable."""
    try:
        # Whoever writes orders is nobody here: it must not lead to another file, or to one that never ends.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            data = os.read(descriptor, 64)
        finally:
            os.close(descriptor)
            path.unlink(missing_ok=True)
    except FileNotFoundError:
        return ""
    except OSError as refused:
        try:
            path.unlink(missing_ok=True)
        except OSError as stuck:
            raise Unavailable(f"{path} cannot be taken away ({stuck.strerror})") from stuck
        raise BadInput("the order about updates is none", do="write it as a file") from refused
    return decode_order(data)


def is_night(settings: UpdateSettings, zone: str, now: Instant) -> bool:
    """Whether it is the hour at which [update] has the camera look by itself."""
    if not (settings.automatic and settings.url):
        return False
    return datetime.fromtimestamp(now.wall_ns // NS_PER_S, zone_named(zone)).hour == settings.hour


def serve(updates: Updates, order: str, night: bool) -> None:
    """Do what was ordered, else what the night asks for. Raises: as `Updates`."""
    if order == "check":
        updates.check()
    elif order == "install":
        updates.install()
    elif night and not updates.install_offered():
        _log.info("nothing newer is offered")


def mounted(device: str) -> Path:
    """Where the stick's partition ``device`` is mounted now; RAUC sees it there too. Raises: Unavailable."""
    place = _STICKS / Path(device).name
    words = ["systemd-mount", "--quiet", "--collect", "--fsck=no", "--options=ro,nosuid,nodev,noexec"]
    _run([*words, "--", device, str(place)])
    return place


def _run(words: list[str]) -> None:
    try:
        subprocess.run(words, check=True, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as refused:
        raise Unavailable(f"the stick cannot be read ({refused})", do="format it as FAT or exFAT") from refused


def is_plugged_in_now(now: Instant) -> bool:
    """Whether somebody put a stick in that is found at ``now``, rather than left it in before the start."""
    return now.mono_ns > _LEFT_IN_S * NS_PER_S


def _install_from(device: str, updates: Updates, again: bool) -> None:
    place = mounted(device)
    try:
        updates.install(str(place), again=again)
    finally:
        _run(["systemd-umount", "--quiet", str(place)])


def _main(words: list[str]) -> int:
    log_to_stderr("update")
    try:
        clock = SystemClock()
        order = "" if words else take_order()
        settings, places = find_places(find_settings(None))
        night = not words and is_night(settings.update, settings.retention.timezone, clock.now())
        if not (words or order or night):
            return 0
        updates = open_updates(settings, places, clock)
        if words:
            # A stick that stays in is found at every start, so at the one after its version was refused as well.
            _install_from(words[0], updates, again=is_plugged_in_now(clock.now()))
        else:
            serve(updates, order, night)
    except EdgecamError as refused:
        _log.warning("%s", refused)
        return 1
    return 0


if __name__ == "__main__":
    # python -m edgecam.appliance.updateservice [DEVICE]
    raise SystemExit(_main(sys.argv[1:]))
