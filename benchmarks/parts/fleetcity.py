"""The cameras of a city: their names and sites, and a certificate for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edgecam.telemetry.authority import Authority
from edgecam.telemetry.enrolment import camera_name
from parts.fleetwords import Name

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class City:
    """``cameras`` dealt out over ``sites``, of which there are 100 at most."""

    cameras: int
    sites: int

    def name(self, index: int) -> Name:
        """Of the camera ``index``, which counts from 0."""
        return Name(self.site(index % self.sites), f"edgecam_{index:08x}", f"{index:016x}")

    def site(self, number: int) -> str:
        return f"site_{number:02d}"

    def cameras_of(self, number: int) -> int:
        """How many cameras the site ``number`` has."""
        return len(range(number, self.cameras, self.sites))

    def enrol(self, authority: Authority, folder: Path, now: datetime) -> None:
        """Sign a certificate for each camera and lay it, with its key, into the new ``folder``.

        What `edgecam broker add-camera` does beside, a line in the record of who was enrolled, the broker never
        reads; what it does read, the access list, `Broker.list_cameras` writes.
        """
        folder.mkdir(mode=0o700)
        for index in range(self.cameras):
            name = self.name(index)
            signed = authority.sign_client(camera_name(name.site, name.camera), now, _DAY)
            self.certificate(folder, index).write_bytes(signed.certificate + signed.key)

    def names(self) -> list[str]:
        """What the certificates say."""
        names = (self.name(index) for index in range(self.cameras))
        return [camera_name(name.site, name.camera) for name in names]

    def certificate(self, folder: Path, index: int) -> Path:
        return folder / f"{index}.pem"
