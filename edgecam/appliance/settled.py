"""A start that finds all as the one before left it: what lies in RAM is made again, and nothing else is read.

Brings little along on purpose: the recorder waits for it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from edgecam.appliance.bootfolder import BOOT_FILES, PROBLEMS, RESET, BootFolder
from edgecam.appliance.handover import make_private
from edgecam.appliance.hostname import set_host_name
from edgecam.appliance.imageplaces import ImagePlaces
from edgecam.appliance.wifi import decode_kept_wifi, station_conf
from edgecam.core.durable import replace_durably
from edgecam.core.errors import DataLoss, EdgecamError, MediaFailing


@dataclass(frozen=True, slots=True)
class Settled:
    """``network``: whether the recorder films a network camera."""

    host_name: str
    network: bool

    def encode(self) -> bytes:
        told = {"format": 1, "host_name": self.host_name, "network": self.network}
        return (json.dumps(told) + "\n").encode()


def decode_settled(data: bytes) -> Settled:
    """What `Settled.encode` wrote. Raises: DataLoss for anything else."""
    try:
        told = json.loads(data)
        if type(told) is not dict or told.keys() != {"format", "host_name", "network"} or told["format"] != 1:
            raise ValueError("not what a start left")
        if type(told["host_name"]) is not str or type(told["network"]) is not bool:
            raise ValueError("no name")
    except (ValueError, RecursionError) as broken:
        raise DataLoss("what the last start came to is lost", do="look at everything again") from broken
    return Settled(told["host_name"], told["network"])


def settle(image: ImagePlaces, host_name: str, *, network: bool) -> None:
    """Say that the start was whole. Raises: MediaFailing."""
    data = Settled(host_name, network).encode()
    if _read(image.settled) != data:
        replace_durably(image.settled, data)


def start_again(image: ImagePlaces) -> bool:
    """Make what lies in RAM, if all is as it was; ``False`` when everything has to be looked at."""
    if not _is_as_it_was(image):
        return False
    try:
        settled = decode_settled(_read(image.settled))
        set_host_name(image.kernel_host_name, settled.host_name)
        keep_joined(image)
        if settled.network:
            let_recorder_out(image)
    except EdgecamError:
        return False
    return True


def keep_joined(image: ImagePlaces) -> None:
    """Tell wpa_supplicant the network that was kept, if one was. Raises: DataLoss, MediaFailing."""
    if image.wifi.exists():
        network = decode_kept_wifi(_read(image.wifi))
        make_private(image.wifi_run)
        replace_durably(image.station, station_conf(network).encode())


def let_recorder_out(image: ImagePlaces) -> None:
    """Link what gives the recorder a network. Raises: MediaFailing."""
    link = image.recorder_network
    try:
        link.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            link.symlink_to(image.program / "recorder-network.conf")
    except OSError as refused:
        raise MediaFailing(f"the recorder gets no network ({refused.strerror})") from refused


def _is_as_it_was(image: ImagePlaces) -> bool:
    """Whether nothing was asked for, nothing was wrong and nobody changed the settings since."""
    folder = BootFolder(image.boot)
    if any(folder.holds(name) for name in (*BOOT_FILES, RESET, PROBLEMS)):
        return False
    if image.resetting.exists() or image.preparing.exists() or (image.camera / "first-start.json").exists():
        return False
    kept = all((image.camera / name).exists() for name in ("camera.key", "owner.recipients"))
    settings = _read(image.settings)
    return kept and settings != b"" and settings == _read(image.good_settings)


def _read(path: Path) -> bytes:
    """Nothing for a file that cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
