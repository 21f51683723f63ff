"""A proof that runs inside the emulated board: scripts on a second disk, and a unit from the command line.

The image is left as it is: systemd takes a unit from the kernel's command line (``systemd.extra-unit.*``, see
systemd-debug-generator(8)), and that unit mounts the disk for itself alone.
"""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path

from cardstand import PATIENCE_S
from qemu.machine import Machine

_PROOFS = Path(__file__).parent / "proofs"
_MIB = 2**20
_UNIT = """\
[Unit]
DefaultDependencies=no
{when}
[Service]
Type=oneshot
PrivateMounts=yes
ExecStart=/bin/sh -c 'mount -o ro /dev/disk/by-label/PROOF /mnt && python3 -B /mnt/{program}; echo PROOF ENDS $?'
"""


class Proof:
    """A ``program`` of `proofs/`, its words behind it, on a disk in ``folder``; ``when`` are its unit's lines about
    its turn.
    """

    def __init__(self, program: str, folder: Path, when: str) -> None:
        self._disk = folder / "proof.img"
        with open(self._disk, "wb") as file:
            file.truncate(8 * _MIB)
        subprocess.run(["mkfs.vfat", "-n", "PROOF", self._disk], check=True, capture_output=True)
        subprocess.run(["mcopy", "-i", self._disk, *sorted(_PROOFS.iterdir()), "::"], check=True)
        unit = base64.b64encode(_UNIT.format(program=program, when=when).encode()).decode()
        self.words = (
            f"systemd.set_credential_binary=systemd.extra-unit.proof.service:{unit} systemd.wants=proof.service"
        )

    @property
    def disk(self) -> tuple[str, ...]:
        """What the machine is given beside its card."""
        drive = f"file={self._disk},format=raw,if=none,id=proof,readonly=on"
        return ("-drive", drive, "-device", "virtio-blk-pci,drive=proof")

    @staticmethod
    def said(machine: Machine) -> dict[str, str]:
        """What it says by its end, by name: its lines ``PROVED name: what``. Fails when it fails."""
        ends = machine.wait_for(r"PROOF ENDS (\d+)", 2 * PATIENCE_S)
        assert ends[1] == "0", machine.tail(60)
        return dict(re.findall(r"PROVED (\S+): (.*)", machine.console()))
