"""Updates on the page: the hub's real desk over the notes and orders of an image in a folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from accountstand import camera_key

from edgecam import __version__
from edgecam.appliance.updatenotes import UpdateNotes
from edgecam.core.clock import Clock
from edgecam.custody.register.register import Register
from edgecam.settings import changed_toml, load_settings
from edgecam.updatedesk import UpdateDesk, UpdatePlaces

RUNNING = f"{__version__}+20261122063000"
NEWER = "9.3.0+20261201000000"
URL = "https://updates.example/edgecam"


def update_places(folder: Path) -> UpdatePlaces:
    """An image's, in ``folder``; it runs `RUNNING`."""
    for name in ("system", "orders"):
        (folder / name).mkdir(exist_ok=True)
    release = folder / "release.toml"
    release.write_text(f'version = "{__version__}"\ntarget = "generic"\nbuilt = "2026-11-22T06:30:00Z"\n')
    return UpdatePlaces(release, folder / "orders" / "update", UpdateNotes(folder / "system"))


def update_desk(
    folder: Path, clock: Clock, chosen: Mapping[str, object] | None = None, *, image: bool = True
) -> UpdateDesk:
    """Over the settings in ``folder``, in which ``chosen`` stands under [update] beside an address.

    Without ``image`` the machine runs none.
    """
    path, key = folder / "edgecam.toml", camera_key()
    text = path.read_text() if path.exists() else ""
    path.write_text(changed_toml(text, {"update": {"url": URL, **(chosen or {})}}))
    register = Register(folder / "register.jsonl", key.sign, key.public, clock)
    places = update_places(folder)
    if not image:
        places.release.unlink()
    return UpdateDesk(load_settings(path), path, register, clock, places)
