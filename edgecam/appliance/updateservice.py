"""Updating without anybody at a keyboard: an order from the page, a night, a stick. Run as root by its units."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from edgecam.appliance.bootslots import BootSlots
from edgecam.appliance.rauc import RaucCommand
from edgecam.appliance.release import load_release
from edgecam.appliance.updatenotes import Looked, UpdateNotes
from edgecam.appliance.updateorder import UpdateOrder, take_order
from edgecam.appliance.updating import Machine, Updates, restart_into_other
from edgecam.core.clock import NS_PER_S, Clock, Instant, SystemClock
from edgecam.core.errors import EdgecamError, Unavailable
from edgecam.core.process import log_to_stderr
from edgecam.core.zone import zone_named
from edgecam.places import Places, find_places
from edgecam.settings import Settings, UpdateSettings, find_settings
from edgecam.stage import Stage, stage_of

_STICKS = Path("/run/edgecam-sticks")
# A camera that is off each night looks once it is on.
_LOOK_AFTER_NS = 36 * 3600 * NS_PER_S
_LEFT_IN_S = 300
_log = logging.getLogger(__name__)


def open_updates(settings: Settings, places: Places, clock: Clock) -> Updates:
    """Updates of this machine. Raises: NotAllowed where it runs no image, BadInput."""
    machine = Machine(BootSlots(), RaucCommand(), restart_into_other)
    return Updates(load_release(), settings.update.url, places, machine, UpdateNotes(), clock)


def is_night(settings: UpdateSettings, zone: str, now: Instant) -> bool:
    """Whether it is the hour at which the camera looks by itself."""
    if not settings.url:
        return False
    return datetime.fromtimestamp(now.wall_ns // NS_PER_S, zone_named(zone)).hour == settings.hour


def is_overdue(settings: UpdateSettings, looked: Looked | None, now: Instant) -> bool:
    """Whether it has not looked for a day and a half, or never; by a clock that leapt it has not either."""
    return bool(settings.url) and (looked is None or abs(now.wall_ns - looked.at_wall_ns) > _LOOK_AFTER_NS)


def obey(updates: Updates, order: UpdateOrder) -> None:
    """Do what was ordered. Raises: as `Updates`."""
    if order is UpdateOrder.CHECK:
        updates.check()
    elif order is UpdateOrder.INSTALL:
        updates.install()
    elif order is UpdateOrder.RESUME:
        updates.resume()
    elif (how := order.put_off) is not None:
        updates.defer(how)


def spend_night(updates: Updates, automatic: bool) -> None:
    """Look, and install what is newer where that is wanted. Raises: as `Updates`."""
    if not automatic:
        updates.check()
    elif not updates.install_offered():
        _log.info("nothing is installed this night")


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


def _by_itself(updates: Updates, settings: Settings, now: Instant) -> None:
    if is_night(settings.update, settings.retention.timezone, now):
        spend_night(updates, settings.update.automatic)
    elif is_overdue(settings.update, UpdateNotes().looked(), now):
        updates.check()


def _main(words: list[str]) -> int:
    log_to_stderr("update")
    try:
        clock = SystemClock()
        order = None if words else take_order()
        settings, places = find_places(find_settings(None))
        updates = open_updates(settings, places, clock)
        updates.settle()
        if words:
            # A stick that stays in is found at every start, so at the one after its version was refused as well.
            _install_from(words[0], updates, again=is_plugged_in_now(clock.now()))
        elif order is not None:
            obey(updates, order)
        elif stage_of(places) is Stage.READY:
            _by_itself(updates, settings, clock.now())
    except EdgecamError as refused:
        _log.warning("%s", refused)
        return 1
    return 0


if __name__ == "__main__":
    # python -m edgecam.appliance.updateservice [DEVICE]
    raise SystemExit(_main(sys.argv[1:]))
