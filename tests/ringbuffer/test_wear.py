"""How worn the medium is: by what the ring wrote, by what the medium says, and what is made of both."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mountstand import loop_device, made, needs
from ringstand import DAY_S, SMALL_RING, RamMedium, append, at, make_ring, open_writer

from edgecam.core.clock import Instant, SystemClock, TimeTrust
from edgecam.ringbuffer.disklife import (
    DiskLife,
    ask_smartctl,
    device_under,
    disks_under,
    emmc_life,
    life_of,
    sd_card,
    serials_under,
    smart_life,
)
from edgecam.ringbuffer.filesystem import why_not_in_place
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.mediumwatch import MediumWatch
from edgecam.ringbuffer.wear import IN_A_FILE, Wear, WriteRate, ring_wear

# What smartctl 7.3 prints of an NVMe disk and of a SATA SSD, cut to what is read.
_NVME = {
    "device": {"name": "/dev/nvme0", "type": "nvme", "protocol": "NVMe"},
    "nvme_smart_health_information_log": {
        "available_spare": 100,
        "available_spare_threshold": 10,
        "percentage_used": 24,
    },
}
_SATA = {
    "device": {"name": "/dev/sda", "type": "sat", "protocol": "ATA"},
    "ata_smart_attributes": {
        "table": [
            {"id": 9, "name": "Power_On_Hours", "value": 99, "raw": {"value": 1582}},
            {"id": 177, "name": "Wear_Leveling_Count", "value": 84, "raw": {"value": 210}},
        ]
    },
}


@pytest.mark.row("R9")
@pytest.mark.parametrize(
    ("life_time", "eol", "used_percent", "words", "warning"),
    [
        ("0x01 0x01\n", "0x01\n", 0, "eMMC, 0-10 % of its life used", ""),
        ("0x02 0x04", "0x01", 30, "eMMC, 30-40 % of its life used", ""),
        ("0x0a 0x01", "0x02", 90, "eMMC, 90-100 % of its life used", "it has used 80 % of its spare blocks"),
        ("0x0b 0x01", "0x01", 100, "eMMC, beyond its rated life", "it is beyond its rated life"),
        ("0x0b 0x0b", "0x03", 100, "eMMC, beyond its rated life", "its spare blocks are nearly used up"),
        ("0x00 0x00", "0x01", None, "eMMC", ""),
        ("0x0c 0x03", "0x00", 20, "eMMC, 20-30 % of its life used", ""),
    ],
)
def test_an_emmc_tells_its_life_in_steps(
    life_time: str, eol: str, used_percent: float | None, words: str, warning: str
) -> None:
    assert emmc_life(life_time, eol) == DiskLife(words, used_percent, warning)


def test_an_emmc_that_says_nothing_is_unknown() -> None:
    assert emmc_life("", "") is None
    assert emmc_life("0x00 0x00", "0x00") is None


def test_an_sd_card_is_named() -> None:
    told = sd_card("SC64G\n", "0x000003\n", "03/2021\n")
    assert told == DiskLife("SD card SC64G manufacturer 0x03 made 03/2021, which does not tell its wear")
    assert sd_card("", "", "").words == "SD card, which does not tell its wear"


def test_smartctl_tells_of_nvme_and_sata() -> None:
    assert smart_life(json.dumps(_NVME)) == DiskLife(
        "NVMe, 24 % of its life used, 100 % of its spare blocks left", 24
    )
    assert smart_life(json.dumps(_SATA)) == DiskLife("ATA, 16 % of its life used", 16)
    worn = {**_NVME, "nvme_smart_health_information_log": {"available_spare": 9, "available_spare_threshold": 10}}
    told = smart_life(json.dumps(worn))
    assert told is not None
    assert told.warning == "its spare blocks are nearly used up"
    assert smart_life(json.dumps({**_SATA, "endurance_used": {"current_percent": 7}})) == DiskLife(
        "ATA, 7 % of its life used", 7
    )
    assert smart_life('{"smartctl": {"exit_status": 2}}') is None


_keys = st.sampled_from(
    [
        *(
            "nvme_smart_health_information_log",
            "percentage_used",
            "available_spare",
            "ata_smart_attributes",
            "table",
        ),
        *("device", "protocol", "name", "value", "endurance_used", "current_percent", "Wear_Leveling_Count"),
    ]
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _keys,
    lambda inner: st.lists(inner) | st.dictionaries(_keys, inner),
)


@pytest.mark.row("R9")
@given(st.text() | _json.map(json.dumps), st.text())
def test_any_text_tells_a_life_or_nothing(text: str, other: str) -> None:
    for told in (smart_life(text), emmc_life(text, other), sd_card(text, other, text)):
        assert told is None or told.used_percent is None or 0 <= told.used_percent <= 255


class LaidOut:
    """A /sys of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "dev" / "block").mkdir(parents=True)

    def disk(self, number: tuple[int, int], path: str, **device: str) -> Path:
        """A disk or partition at ``path`` below devices/, with the files of its ``device``."""
        folder = self.folder / "devices" / path
        (folder / "device").mkdir(parents=True)
        for name, text in device.items():
            (folder / "device" / name).write_text(text)
        (folder / "dev").write_text(f"{number[0]}:{number[1]}\n")
        (self.folder / "dev" / "block" / f"{number[0]}:{number[1]}").symlink_to(folder)
        return folder


@pytest.fixture
def sysfs(tmp_path: Path) -> LaidOut:
    return LaidOut(tmp_path / "sys")


@pytest.fixture
def here(tmp_path: Path) -> tuple[int, int]:
    """The block device that the tests' files really lie on."""
    found = device_under(tmp_path)
    if found is None:
        pytest.skip("the folder of the tests lies on no block device")
    return found


@pytest.mark.row("R9")
def test_a_partition_of_an_emmc_leads_to_its_life(sysfs: LaidOut, tmp_path: Path, here: tuple[int, int]) -> None:
    whole = sysfs.disk((179, 0), "mmc0/mmcblk0", type="MMC\n", life_time="0x03 0x02\n", pre_eol_info="0x01\n")
    partition = sysfs.disk(here, "mmc0/mmcblk0/mmcblk0p2")
    (partition / "partition").write_text("2\n")
    assert disks_under(tmp_path, sysfs.folder) == [whole]
    assert life_of(whole, ask_smart=_nobody_asks) == DiskLife("eMMC, 20-30 % of its life used", 20)


@pytest.mark.row("R6")
def test_serial_numbers_are_told_where_a_disk_has_one(
    sysfs: LaidOut, tmp_path: Path, here: tuple[int, int]
) -> None:
    mapping = sysfs.disk(here, "virtual/dm-0")
    (mapping / "slaves").mkdir()
    card = sysfs.disk((179, 0), "mmc1/mmcblk1", type="SD\n", serial="0x1234abcd\n")
    nameless = sysfs.disk((8, 0), "ata1/sda")
    disk = sysfs.disk((252, 3), "virtio1/block/vdd")
    (disk / "serial").write_text("VD-77;\n")
    for under in (card, nameless, disk):
        (mapping / "slaves" / under.name).symlink_to(under)
    assert serials_under(tmp_path, sysfs.folder) == "0x1234abcd, VD-77"
    assert serials_under(tmp_path, tmp_path / "nowhere") == ""


def test_a_mapping_leads_to_all_disks_under_it(sysfs: LaidOut, tmp_path: Path, here: tuple[int, int]) -> None:
    mapping = sysfs.disk(here, "virtual/dm-0")
    (mapping / "slaves").mkdir()
    disks = [sysfs.disk((8, 0), "ata1/sda"), sysfs.disk((259, 0), "nvme/nvme0n1")]
    for disk in disks:
        (mapping / "slaves" / disk.name).symlink_to(disk)
    assert disks_under(tmp_path, sysfs.folder) == [disks[1], disks[0]]
    assert life_of(disks[1], lambda name: json.dumps(_NVME) if name == "nvme0n1" else "") == smart_life(
        json.dumps(_NVME)
    )
    assert life_of(disks[0], lambda name: "") is None


def test_a_mapping_that_maps_itself_ends(sysfs: LaidOut, tmp_path: Path, here: tuple[int, int]) -> None:
    mapping = sysfs.disk(here, "virtual/dm-0")
    (mapping / "slaves").mkdir()
    (mapping / "slaves" / "dm-0").symlink_to(mapping)
    assert disks_under(tmp_path, sysfs.folder) == []


def test_an_sd_card_and_an_unknown_disk(sysfs: LaidOut) -> None:
    card = sysfs.disk((179, 0), "mmc1/mmcblk1", type="SD\n", name="SN128\n", manfid="0x000003\n", date="07/2023\n")
    told = life_of(card, _nobody_asks)
    assert told is not None
    assert "SN128" in told.words
    assert life_of(sysfs.disk((254, 0), "virtio1/block/vda"), _nobody_asks) is None


def _nobody_asks(name: str) -> str:
    raise AssertionError(f"asked for {name}")


def test_nothing_is_known_of_what_lies_on_no_disk() -> None:
    assert disks_under(Path("/dev/null")) == disks_under(Path("/nowhere")) == []
    assert disks_under(Path("/dev/shm")) == []


def test_smartctl_of_no_disk_is_silence() -> None:
    assert smart_life(ask_smartctl("no-such-disk")) is None


@pytest.mark.row("R9")
@pytest.mark.parametrize("kind", ["ext4", "btrfs"])
def test_a_file_on_a_loop_device_leads_to_the_disk_below_all_of_it(
    kind: str, tmp_path: Path, here: tuple[int, int]
) -> None:
    with made(kind, tmp_path, 128) as disk:
        assert disks_under(disk) == disks_under(tmp_path) != []


@pytest.mark.row("R9")
def test_a_write_rate_is_that_of_the_last_day() -> None:
    rate = WriteRate()
    assert rate.bytes_per_s() is None
    for hour in range(48):
        # By night, one day ago, ten times as much was written.
        rate.note(hour * 3_600_000 if hour < 12 else 12 * 3_600_000 + (hour - 12) * 360_000, hour * 3600 * 10**9)
    assert rate.bytes_per_s() == pytest.approx(100)


def test_a_rate_needs_ten_minutes() -> None:
    rate = WriteRate()
    rate.note(0, 0)
    rate.note(599_000, 599 * 10**9)
    assert rate.bytes_per_s() is None
    rate.note(600_000, 600 * 10**9)
    assert rate.bytes_per_s() == pytest.approx(1000)


@pytest.mark.row("R9")
def test_the_ring_tells_its_share_and_when_all_is_used() -> None:
    now = at(0)
    wear = ring_wear(30 * 10**12, 250_000, 1.0, 60, now)
    assert wear is not None
    assert wear.used_percent == 50
    assert wear.used_up is not None
    left_s = wear.used_up.timestamp() - now.wall_ns / 1e9
    assert left_s == pytest.approx(30e12 / 250_000)
    told = "what is recorded has written 30 of the 60 TB it is rated for"
    assert wear.words == f"{told}, all of it by {wear.used_up:%Y-%m} at this rate"


def test_a_date_is_told_only_when_there_is_one() -> None:
    unset = Instant(0, 0, bytes(16), TimeTrust.UNSET)
    for wear in (
        ring_wear(1, 250_000, 1, 60, unset),
        ring_wear(1, None, 1, 60, at(0)),
        ring_wear(1, 1e-6, 1, 60, at(0)),
    ):
        assert wear is not None
        assert wear.used_up is None
        assert wear.words == "what is recorded has written 1e-12 of the 60 TB it is rated for"
    assert ring_wear(1, 250_000, 1, 0, at(0)) is None


@pytest.mark.row("R9")
def test_the_worse_view_counts_and_is_a_fault_from_eighty_percent() -> None:
    ring = ring_wear(48 * 10**12, None, 1, 60, at(0))
    assert Wear().used_percent is None
    assert Wear().fault is None
    assert Wear(None, (DiskLife("eMMC", 70.0),)).fault is None
    both = Wear(ring, (DiskLife("eMMC, 70-80 % of its life used", 70.0),))
    assert both.used_percent == 80
    assert both.fault is not None
    assert both.fault.sentence == (
        "The medium wears out (80 % of its life is used; eMMC, 70-80 % of its life used; "
        "what is recorded has written 48 of the 60 TB it is rated for): replace it soon. Recording goes on."
    )
    asked = Wear(None, (DiskLife("eMMC", None, "it has used 80 % of its spare blocks"),)).fault
    assert asked is not None
    assert "spare blocks" in asked.sentence


@pytest.mark.row("R9")
def test_a_watch_sees_the_medium_and_what_the_ring_wrote(
    tmp_path: Path, sysfs: LaidOut, here: tuple[int, int]
) -> None:
    sysfs.disk(here, "nvme/nvme0n1")
    medium = FileMedium.create(tmp_path / "ring", SMALL_RING)
    make_ring(medium)
    watch = MediumWatch(
        tmp_path / "ring", 1e-6, SystemClock(), sys=sysfs.folder, ask_smart=lambda name: json.dumps(_NVME)
    )
    watch.look()
    assert watch.wear().used_percent == 24
    assert watch.kept_keys is None
    writer = open_writer(medium)
    for i in range(60):
        append(writer, i)
        watch.note(writer, at(2 * i))
    writer.close()
    written = watch.wear().by_ring
    assert written is not None
    # 60 records of 12 KiB, some laps of a small ring's slots, and what the file system adds.
    assert written.written_tb * 10**12 == pytest.approx(writer.written_bytes * IN_A_FILE)
    assert 60 * 12288 < writer.written_bytes < 80 * 12288
    used = watch.wear().used_percent
    assert used is not None
    assert used > 70


class Hours(SystemClock):
    """Stands still; ``hours`` into the story."""

    hours = 0

    def now(self) -> Instant:
        return at(3600 * self.hours)

    def mono_ns(self) -> int:
        return self.now().mono_ns


@pytest.mark.row("R9")
def test_what_a_ring_beside_it_wrote_counts(tmp_path: Path) -> None:
    ring, album = (FileMedium.create(tmp_path / name, SMALL_RING) for name in ("ring", "album"))
    make_ring(ring)
    make_ring(album)
    clock, written = Hours(), []
    watch = MediumWatch(tmp_path / "ring", 1e-6, clock, beside=tmp_path / "album")
    writer, other = open_writer(ring), open_writer(album)
    for hour in range(3):
        clock.hours = hour
        append(writer, hour, clock.now())
        append(other, hour, clock.now())
        watch.note(writer, clock.now())
        watch.look()
        # Of the epoch that is still open, only its slot is known.
        written.append(writer.written_bytes + other.written_bytes - 12_288)
    writer.close()
    other.close()
    both = ring_wear(written[-1], (written[-1] - written[0]) / 7200, IN_A_FILE, 1e-6, clock.now())
    assert watch.wear().by_ring == both
    assert both is not None
    assert both.used_up is not None


@pytest.mark.row("R9")
def test_a_ring_beside_it_is_no_trouble(tmp_path: Path) -> None:
    for name, data in (("nothing", None), ("blank", bytes(SMALL_RING)), ("noise", b"x" * SMALL_RING)):
        if data is not None:
            (tmp_path / name).write_bytes(data)
        FileMedium.create(tmp_path / f"{name}.ring", SMALL_RING).close()
        watch = MediumWatch(tmp_path / f"{name}.ring", 60, SystemClock(), beside=tmp_path / name)
        watch.look()
        assert watch.wear().by_ring is None


def _as_is(path: Path) -> str:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return why_not_in_place(descriptor, path)
    finally:
        os.close(descriptor)


@pytest.mark.row("R9")
def test_a_watch_says_that_keys_are_kept(tmp_path: Path) -> None:
    with made("btrfs", tmp_path, 128) as disk:
        (disk / "ring").write_bytes(bytes(SMALL_RING))
        watch = MediumWatch(disk / "ring", 0, SystemClock())
        watch.look()
        assert watch.kept_keys is not None
        assert watch.kept_keys.code == "erasure"
        assert _as_is(disk / "ring") in watch.kept_keys.sentence


@pytest.mark.row("R9")
def test_a_block_device_is_believed_and_writes_what_it_is_told(tmp_path: Path) -> None:
    needs("ext4")
    (tmp_path / "image").write_bytes(bytes(SMALL_RING))
    with loop_device(tmp_path / "image") as device:
        watch = MediumWatch(device, 1.0, SystemClock())
        watch.look()
        assert watch.kept_keys is None
        image = RamMedium(SMALL_RING)
        make_ring(image)
        writer = open_writer(image)
        append(writer, 0)
        watch.note(writer, at(DAY_S))
        by_ring = watch.wear().by_ring
        assert by_ring is not None
        assert by_ring.written_tb * 10**12 == pytest.approx(writer.written_bytes)


def test_a_ring_that_is_gone_is_unknown(tmp_path: Path) -> None:
    watch = MediumWatch(tmp_path / "nothing", 60, SystemClock())
    watch.look()
    assert watch.wear() == Wear()
