"""A card image as a file: its partitions, and what lies on them, without mounting anything."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

_SECTOR_BYTES = 512


@dataclass(frozen=True, slots=True)
class Partition:
    """Where a partition lies on the card."""

    number: int
    label: str
    offset_bytes: int
    size_bytes: int


class Card:
    """The card ``path``. Not to be used while a machine runs from it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def copied(cls, image: Path, path: Path, size_bytes: int) -> Card:
        """A copy of ``image`` on a card of ``size_bytes``."""
        subprocess.run(["cp", "--sparse=always", "--reflink=auto", image.resolve(), path], check=True)
        if size_bytes < path.stat().st_size:
            raise ValueError(f"the image has {path.stat().st_size} bytes")
        with open(path, "r+b") as file:
            file.truncate(size_bytes)
        return cls(path)

    def partitions(self) -> dict[str, Partition]:
        """By label."""
        told = subprocess.run(["sfdisk", "--json", self.path], check=True, capture_output=True, text=True).stdout
        table = json.loads(told)["partitiontable"]["partitions"]
        found = (
            Partition(number, one["name"], one["start"] * _SECTOR_BYTES, one["size"] * _SECTOR_BYTES)
            for number, one in enumerate(table, 1)
        )
        return {partition.label: partition for partition in found}

    def read(self, label: str, name: str) -> bytes | None:
        """The file ``name`` of a FAT partition, ``None`` when there is none."""
        done = subprocess.run(["mcopy", "-i", self._fat(label), f"::{name}", "-"], capture_output=True)
        return done.stdout if done.returncode == 0 else None

    def write(self, label: str, name: str, content: bytes) -> None:
        """Put ``content`` into the file ``name`` of a FAT partition."""
        subprocess.run(["mcopy", "-o", "-i", self._fat(label), "-", f"::{name}"], input=content, check=True)

    def names(self, label: str) -> list[str]:
        """What lies at the top of a FAT partition."""
        done = subprocess.run(["mdir", "-b", "-i", self._fat(label), "::"], capture_output=True, text=True)
        return [line.removeprefix("::/") for line in done.stdout.splitlines()]

    def extract(self, label: str, path: Path) -> Path:
        """The whole partition as the file ``path``."""
        partition = self.partitions()[label]
        options = ["bs=1M", "iflag=skip_bytes,count_bytes", "conv=sparse", "status=none"]
        where = [f"skip={partition.offset_bytes}", f"count={partition.size_bytes}"]
        subprocess.run(["dd", f"if={self.path}", f"of={path}", *options, *where], check=True)
        return path

    def _fat(self, label: str) -> str:
        return f"{self.path}@@{self.partitions()[label].offset_bytes}"
