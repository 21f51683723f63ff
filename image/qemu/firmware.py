"""What a board's firmware does before Linux: which boot partition, which kernel, which command line.

The file is Raspberry Pi's ``autoboot.txt``, of which edgecam uses ``boot_partition`` under ``[all]`` and
``[tryboot]``; of ``config.txt`` the filter ``[boot_partition=N]`` and ``cmdline``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qemu.card import Card


@dataclass(frozen=True, slots=True)
class Boot:
    """What is handed to the kernel."""

    partition: int
    kernel: Path
    initramfs: Path
    command_line: str


def boot_partition(autoboot: str, trying: bool) -> int:
    """The partition that the firmware would boot."""
    section, chosen = "all", {}
    for line in autoboot.splitlines():
        if line.startswith("["):
            section = line.strip("[]\r ")
        elif line.startswith("boot_partition="):
            chosen[section] = int(line.partition("=")[2])
    return chosen["tryboot"] if trying else chosen["all"]


def command_line_file(config: str, partition: int) -> str:
    """The file that ``cmdline=`` names for that partition."""
    holds, name = True, "cmdline.txt"
    for line in config.splitlines():
        if line.startswith("["):
            holds = line.strip() in ("[all]", f"[boot_partition={partition}]")
        elif holds and line.startswith("cmdline="):
            name = line.partition("=")[2].strip()
    return name


def read_boot(card: Card, folder: Path, trying: bool) -> Boot:
    """Read what to boot from ``card``; the files are put into ``folder``."""
    autoboot = _text(card, "EDGECAM", "autoboot.txt")
    number = boot_partition(autoboot, trying)
    label = next(one.label for one in card.partitions().values() if one.number == number)
    name = command_line_file(_text(card, label, "config.txt"), number)
    kernel, initramfs = folder / "kernel.gz", folder / "initramfs.gz"
    for path in (kernel, initramfs):
        content = card.read(label, path.name)
        if content is None:
            raise FileNotFoundError(f"{path.name} on {label}")
        path.write_bytes(content)
    return Boot(number, kernel, initramfs, _text(card, label, name).strip())


def _text(card: Card, label: str, name: str) -> str:
    content = card.read(label, name)
    if content is None:
        raise FileNotFoundError(f"{name} on {label}")
    return content.decode("ascii")
