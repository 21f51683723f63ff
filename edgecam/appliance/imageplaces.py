"""Where things are on the image, as docs/design/image.md says; every path can be another one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edgecam.places import Places


@dataclass(frozen=True, slots=True)
class ImagePlaces:
    """Absolute paths. ``user`` and ``group`` own what is made for the camera; empty: whoever makes it."""

    boot: Path = Path("/boot/edgecam")
    settings: Path = Path("/state/settings/edgecam.toml")
    camera: Path = Path("/state/camera")
    system: Path = Path("/state/system")
    run: Path = Path("/run/edgecam")
    orders: Path = Path("/run/edgecam-orders")
    ring: Path = Path("/dev/disk/by-partlabel/ring")
    wifi_run: Path = Path("/run/edgecam-wifi")
    network_run: Path = Path("/run/systemd/network")
    units_run: Path = Path("/run/systemd/system")
    program: Path = Path("/usr/lib/edgecam")
    kernel_host_name: Path = Path("/proc/sys/kernel/hostname")
    network_devices: Path = Path("/sys/class/net")
    user: str = "edgecam-hub"
    group: str = "edgecam"

    @property
    def good_settings(self) -> Path:
        """A copy of the last settings that could be read."""
        return self.settings.with_name("edgecam.toml.good")

    @property
    def settled(self) -> Path:
        """What the last whole start came to, for those after it."""
        return self.system / "settled.json"

    @property
    def preparing(self) -> Path:
        """That somebody's recipient is being made this camera's owner."""
        return self.system / "preparing"

    @property
    def code_was_given(self) -> Path:
        """That the set-up code is one that somebody chose, and knows."""
        return self.system / "code-was-given"

    @property
    def passphrase(self) -> Path:
        """That of the access point for setting up."""
        return self.system / "setup-ap.passphrase"

    @property
    def resetting(self) -> Path:
        """That everything of this camera is being erased."""
        return self.system / "resetting"

    @property
    def reset_log(self) -> Path:
        return self.system / "resets.log"

    @property
    def reset_order(self) -> Path:
        return self.orders / "factory-reset"

    @property
    def wifi(self) -> Path:
        """The network that the camera joins."""
        return self.system / "wifi.json"

    @property
    def station(self) -> Path:
        """wpa_supplicant's configuration to join a network."""
        return self.wifi_run / "station.conf"

    @property
    def access_point(self) -> Path:
        """wpa_supplicant's configuration of the access point for setting up."""
        return self.wifi_run / "setup-ap.conf"

    @property
    def access_point_network(self) -> Path:
        """systemd-networkd's side of it."""
        return self.network_run / "10-edgecam-setup-ap.network"

    @property
    def recorder_network(self) -> Path:
        """What lets the recorder's unit reach a network camera."""
        return self.units_run / "edgecam-recorder.service.d" / "network.conf"

    def camera_places(self) -> Places:
        """The camera's places, whether there are settings or not; the masks are where nobody moved them."""
        # Only here: a start that finds all as it was reads no settings, and is over in half the time.
        from edgecam.places import Places

        return Places(self.settings, self.camera, self.run, self.ring, self.camera / "masks.json")
