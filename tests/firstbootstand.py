"""A flashed card in a folder: its boot folder, its state, and a ring partition that is a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgecam.appliance.firstboot import FirstBoot
from edgecam.appliance.imageplaces import ImagePlaces
from edgecam.core.clock import SystemClock
from edgecam.places import Places, find_places
from edgecam.settings import Settings, load_settings

# A quarter of an hour fits into a ring as small as one can be.
SMALL = """\
[camera]
source = "scene:street"
width = 320
height = 180
fps = 10
[retention]
policy = "own"
days = 0.01
"""


@dataclass
class FirstBootStand:
    """``ring_bytes`` is the partition's size."""

    folder: Path
    ring_bytes: int = 64 << 20

    def __post_init__(self) -> None:
        self.image = ImagePlaces(
            boot=self.folder / "boot",
            settings=self.folder / "state/settings/edgecam.toml",
            camera=self.folder / "state/camera",
            system=self.folder / "state/system",
            run=self.folder / "run/edgecam",
            orders=self.folder / "run/orders",
            ring=self.folder / "ring",
            wifi_run=self.folder / "run/wifi",
            network_run=self.folder / "run/network",
            units_run=self.folder / "run/units",
            program=self.folder / "program",
            kernel_host_name=self.folder / "hostname",
            network_devices=self.folder / "devices",
            user="",
            group="",
        )
        for folder in (self.image.boot, self.image.program, self.image.network_devices):
            folder.mkdir(parents=True, exist_ok=True)
        if not self.image.ring.exists():
            with self.image.ring.open("wb") as ring:
                ring.truncate(self.ring_bytes)
        (self.image.program / "recorder-network.conf").touch()

    @property
    def places(self) -> Places:
        return find_places(self.image.settings)[1]

    @property
    def settings(self) -> Settings:
        return load_settings(self.image.settings)

    def lay(self, name: str, content: str | bytes) -> None:
        """Lay one file into the boot folder."""
        (self.image.boot / name).write_bytes(content if isinstance(content, bytes) else content.encode())

    def start(self) -> list[str]:
        """One start, with nothing left of the one before in RAM; the problems that it tells."""
        for folder in (self.image.wifi_run, self.image.network_run, self.image.units_run):
            for path in sorted(folder.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
        boot = FirstBoot(self.image, SystemClock())
        boot.run()
        return boot.problems

    def said(self) -> str:
        """What stands in the boot folder for its owner; empty for nothing."""
        path = self.image.boot / "edgecam-problems.txt"
        return path.read_text("utf-8") if path.exists() else ""

    def in_boot_folder(self) -> bytes:
        """Every byte of every file there."""
        return b"".join(path.read_bytes() for path in sorted(self.image.boot.iterdir()))

    def snapshot(self) -> dict[str, bytes]:
        """Every file of state and boot folder but the register, with what it holds."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for root in (self.folder / "state", self.image.boot)
            for path in sorted(root.rglob("*"))
            if path.is_file() and not path.name.startswith(("register", "."))
        }
