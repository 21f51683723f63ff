"""What a disk or card says of its own life: eMMC and SD through /sys, NVMe and SATA through smartctl."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgecam.ringbuffer.filesystem import mount_of

_SYS = Path("/sys")
_MAX_LAYERS = 8  # of loop devices on file systems on mappings on disks
_SMARTCTL_LIMIT_S = 20.0
_EMMC_EXCEEDED = 0x0B
# Normalised attributes that begin at 100 and fall towards 0 (names of smartmontools' database).
_LIFE_LEFT = frozenset(
    (
        "Media_Wearout_Indicator",
        "Wear_Leveling_Count",
        "SSD_Life_Left",
        "Percent_Lifetime_Remain",
        "Remaining_Lifetime_Perc",
    )
)

AskSmart = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class DiskLife:
    """What a medium says of itself: in words, how much of its life is used at least (percent, ``None`` when it does
    not say), and a warning, in words, when it asks to be replaced.
    """

    words: str
    used_percent: float | None = None
    warning: str = ""


def emmc_life(life_time: str, pre_eol_info: str) -> DiskLife | None:
    """An eMMC's DEVICE_LIFE_TIME_EST_TYP_A and _B (as "0x01 0x02") and PRE_EOL_INFO, in steps of ten percent.

    ``None`` when neither says anything (JEDEC 84-B51, 7.4: 0 is not defined).
    """
    steps = [step for step in map(_hex, life_time.split()[:2]) if 0 < step <= _EMMC_EXCEEDED]
    eol = _hex(pre_eol_info)
    if not steps and not 1 <= eol <= 3:
        return None
    worst = max(steps, default=0)
    warning = {2: "it has used 80 % of its spare blocks", 3: "its spare blocks are nearly used up"}.get(eol, "")
    if worst == _EMMC_EXCEEDED:
        return DiskLife("eMMC, beyond its rated life", 100.0, warning or "it is beyond its rated life")
    if not worst:
        return DiskLife("eMMC", None, warning)
    return DiskLife(f"eMMC, {10 * worst - 10}-{10 * worst} % of its life used", 10.0 * (worst - 1), warning)


def sd_card(name: str, manufacturer: str, made: str) -> DiskLife:
    """An SD card by its CID: product name, manufacturer's number, month of manufacture. It never tells its wear."""
    told = [_plain(name)]
    if number := _hex(manufacturer):
        told.append(f"manufacturer {number:#04x}")
    if re.fullmatch(r"[0-9]{2}/[0-9]{4}", made.strip(), re.ASCII):
        told.append(f"made {made.strip()}")
    return DiskLife(" ".join(["SD card", *filter(None, told)]) + ", which does not tell its wear")


def smart_life(answer: str) -> DiskLife | None:
    """What ``smartctl -j -A`` said of an NVMe or SATA disk; ``None`` when it says nothing of wear."""
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    nvme = _at(told, "nvme_smart_health_information_log")
    used = _percent(_at(told, "endurance_used", "current_percent"))
    if used is None:
        used = _percent(_at(nvme, "percentage_used"))
    if used is None:
        used = _used_by_attributes(_at(told, "ata_smart_attributes", "table"))
    spare, least = _percent(_at(nvme, "available_spare")), _percent(_at(nvme, "available_spare_threshold"))
    if used is None and spare is None:
        return None
    words = [_plain(str(_at(told, "device", "protocol") or "disk"))]
    words += [f"{used:.0f} % of its life used"] if used is not None else []
    words += [f"{spare:.0f} % of its spare blocks left"] if spare is not None else []
    short = spare is not None and least is not None and spare <= least
    return DiskLife(", ".join(words), used, "its spare blocks are nearly used up" if short else "")


def disks_under(path: Path, sys: Path = _SYS) -> list[Path]:
    """The folders in /sys of the whole disks that ``path`` (a file or a block device) lies on; empty when unknown.

    A partition leads to its disk, a mapping to what it maps, a loop device to its file and on from there.
    """
    device = device_under(path)
    return [] if device is None else list(dict.fromkeys(_whole_disks(device, sys, _MAX_LAYERS)))


def device_under(path: Path) -> tuple[int, int] | None:
    """Major and minor number of the block device that ``path`` is or lies on; ``None`` when there is none."""
    try:
        facts = path.stat()
        if stat.S_ISBLK(facts.st_mode):
            return os.major(facts.st_rdev), os.minor(facts.st_rdev)
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        mount = mount_of(descriptor)
    finally:
        os.close(descriptor)
    if mount is None or mount.device[0]:
        return mount.device if mount else None
    # btrfs hides its devices behind a number of its own, and names one of them.
    source = Path(mount.source)
    return device_under(source) if source.is_absolute() and _is_block_device(source) else None


def serials_under(path: Path, sys: Path = _SYS) -> str:
    """The serial numbers of the disks that carry ``path``, as far as they tell; empty where none does."""
    told = (_plain(_text(disk / "device/serial") or _text(disk / "serial")) for disk in disks_under(path, sys))
    return ", ".join(serial for serial in told if serial)


def life_of(disk: Path, ask_smart: AskSmart) -> DiskLife | None:
    """What the disk with the folder ``disk`` in /sys says of itself; ``None`` for nothing."""
    kind = _text(disk / "device" / "type").strip()
    if kind == "MMC":
        return emmc_life(_text(disk / "device" / "life_time"), _text(disk / "device" / "pre_eol_info"))
    if kind == "SD":
        return sd_card(*(_text(disk / "device" / name) for name in ("name", "manfid", "date")))
    if disk.name.startswith(("sd", "nvme")):
        return smart_life(ask_smart(disk.name.replace("!", "/")))
    return None


def ask_smartctl(name: str) -> str:
    """The answer of ``smartctl`` for /dev/``name``; empty when it is not installed, not permitted or too slow."""
    try:
        done = subprocess.run(
            ["smartctl", "-j", "-A", f"/dev/{name}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SMARTCTL_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def _whole_disks(device: tuple[int, int], sys: Path, layers: int) -> Iterator[Path]:
    try:
        folder = (sys / "dev" / "block" / f"{device[0]}:{device[1]}").resolve(strict=True)
    except (OSError, RuntimeError):
        return
    if (folder / "partition").exists():
        folder = folder.parent
    below = [_device_number(slave / "dev") for slave in _listed(folder / "slaves")]
    if backing := _text(folder / "loop" / "backing_file").strip():
        below.append(device_under(Path(backing)))
    found = [disk for lower in below if lower and layers for disk in _whole_disks(lower, sys, layers - 1)]
    yield from found if below else [folder]


def _device_number(path: Path) -> tuple[int, int] | None:
    numbers = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,9})\s*", _text(path), re.ASCII)
    return (int(numbers[1]), int(numbers[2])) if numbers else None


def _used_by_attributes(table: Any) -> float | None:
    rows = table if isinstance(table, list) else []
    found = [_percent(_at(row, "value")) for row in rows if str(_at(row, "name")) in _LIFE_LEFT]
    left = [value for value in found if value is not None and value <= 100]
    return 100 - min(left) if left else None


def _at(value: Any, *names: str) -> Any:
    """What lies at ``names``, one inside the other; ``None`` where JSON is of another shape."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _percent(value: Any) -> float | None:
    # NVMe counts on up to 255 beyond the rated life.
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 255
    return float(value) if usable else None


def _hex(text: str) -> int:
    """The number of ``0x0a`` or ``0a``; 0 for anything else."""
    return int(text.strip(), 16) if re.fullmatch(r"\s*(0x)?[0-9a-fA-F]{1,8}\s*", text, re.ASCII) else 0


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9 ._-]", "", text).strip()[:40]


def _is_block_device(path: Path) -> bool:
    try:
        return path.is_block_device()
    except (OSError, ValueError):
        return False


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return ""
