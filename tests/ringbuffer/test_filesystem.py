"""Whether overwriting overwrites: told by the list of mounts, and tried on real file systems."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mountstand import made, mounted, needs, run
from ringstand import SMALL_RING, TWO_WEEKS, RamMedium, append, at, make_ring, open_all, open_writer

from edgecam.core.errors import BadInput
from edgecam.ringbuffer.filesystem import (
    Mount,
    is_shared,
    mount_of,
    parse_mount_number,
    parse_mounts,
    why_not_below,
    why_not_in_place,
)
from edgecam.ringbuffer.medium import FileMedium

_LINES = r"""27 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw
36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
61 27 0:44 /sub\040volume /srv/the\040ring rw - btrfs /dev/sda2 rw,space_cache=v2,subvol=/sub\040volume
70 27 0:51 / /data rw,relatime - fuse.sshfs me@there:/ rw,user_id=0
"""


def test_a_list_of_mounts_is_read() -> None:
    told = parse_mounts(_LINES)
    assert told[27] == Mount(27, (179, 2), "/", "/", "ext4", "/dev/root", ("rw",))
    assert told[36].options == ("rw", "errors=continue")
    assert (told[61].mount_point, told[61].root, told[61].kind) == ("/srv/the ring", "/sub volume", "btrfs")
    assert told[70].kind == "fuse"


@given(st.text() | st.lists(st.sampled_from([*_LINES.split(" "), "-", "1:2", "9" * 30, "\n", "²"])).map(" ".join))
def test_any_text_is_a_list_of_mounts(text: str) -> None:
    assert all(isinstance(mount, Mount) for mount in parse_mounts(text).values())
    assert parse_mount_number(text) is None or parse_mount_number(text) >= 0  # type: ignore[operator]


def test_the_number_of_a_mount_is_found() -> None:
    assert parse_mount_number("pos:\t0\nflags:\t0100002\nmnt_id:\t61\nino:\t5\n") == 61
    assert parse_mount_number("mnt_id:\tmany\n") is None


@contextmanager
def _as_if(tmp_path: Path, line: str) -> Iterator[int]:
    """An open file of which a laid out /proc says that it lies on ``line``'s mount."""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    (tmp_path / "fdinfo").mkdir()
    (tmp_path / "fdinfo" / str(descriptor)).write_text(f"mnt_id:\t{line.split()[0]}\n")
    (tmp_path / "mountinfo").write_text(line)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def test_an_open_file_leads_to_its_mount(tmp_path: Path) -> None:
    with _as_if(tmp_path, _LINES.splitlines()[0]) as descriptor:
        mount = mount_of(descriptor, tmp_path)
        assert mount is not None
        assert mount.device == (179, 2)
        assert mount_of(descriptor + 1, tmp_path) is None


def test_this_machine_knows_its_own_mounts(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        mount = mount_of(descriptor)
    finally:
        os.close(descriptor)
    assert mount is not None
    assert tmp_path.is_relative_to(mount.mount_point)


# What a sealed key looks like to somebody who goes through the whole medium.
_SEALED_KEY = b"age-encryption.org/v1"


def _seals_on(image: Path, sealed: bytes) -> int:
    return len(re.findall(re.escape(sealed), image.read_bytes()))


def _erase_everything(medium: FileMedium) -> bytes:
    """A ring with one epoch, erased; returns the sealed key that is not to be found any more."""
    make_ring(medium)
    writer = open_writer(medium)
    append(writer, 0)
    run("sync")
    sealed = writer._live[0].sealed_key
    assert sealed.startswith(_SEALED_KEY)
    erasures = writer.erase_due(at(2 * TWO_WEEKS.longest_ns / 1e9))
    assert [erasure.verified for erasure in erasures] == [True]
    writer.close()
    return sealed


@pytest.mark.row("R9")
@pytest.mark.row("R3")
@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs"])
def test_a_destroyed_key_is_nowhere_on_the_device(tmp_path: Path, kind: str) -> None:
    with made(kind, tmp_path, 320 if kind == "xfs" else 128) as disk:
        medium = FileMedium.create(disk / "ring", SMALL_RING)
        descriptor = os.open(disk / "ring", os.O_RDONLY)
        assert why_not_in_place(descriptor, disk / "ring") == ""
        os.close(descriptor)
        sealed = _erase_everything(medium)
    assert _seals_on(tmp_path / "image", sealed) == 0


@pytest.mark.row("R9")
@pytest.mark.row("R3")
def test_without_the_attribute_btrfs_keeps_the_key_and_the_ring_says_so(tmp_path: Path) -> None:
    with made("btrfs", tmp_path, 128) as disk:
        (disk / "ring").write_bytes(bytes(SMALL_RING))
        medium = FileMedium.open(disk / "ring", writable=True)
        descriptor = os.open(disk / "ring", os.O_RDONLY)
        assert "attribute C" in why_not_in_place(descriptor, disk / "ring")
        os.close(descriptor)
        sealed = _erase_everything(medium)
    # This is why: nothing that is read back shows it, and still the key is there.
    assert _seals_on(tmp_path / "image", sealed) >= 1


@pytest.mark.row("R9")
def test_a_folder_that_compresses_does_not_hinder_btrfs(tmp_path: Path) -> None:
    with made("btrfs", tmp_path, 128) as disk:
        run("chattr", "+c", str(disk))
        FileMedium.create(disk / "ring", SMALL_RING).close()
        assert "C" in run("lsattr", str(disk / "ring")).split()[0]


@pytest.mark.row("R9")
def test_a_snapshot_keeps_keys_and_the_ring_says_so(tmp_path: Path) -> None:
    with made("btrfs", tmp_path, 128) as disk:
        run("btrfs", "subvolume", "create", str(disk / "state"))
        ring = disk / "state" / "ring"
        medium = FileMedium.create(ring, SMALL_RING)
        make_ring(medium)
        descriptor = os.open(ring, os.O_RDONLY)
        assert not is_shared(descriptor)
        run("btrfs", "subvolume", "snapshot", str(disk / "state"), str(disk / "snapshot"))
        run("sync")
        assert "snapshot" in why_not_in_place(descriptor, ring)
        os.close(descriptor)
        medium.close()


@pytest.mark.row("R9")
def test_a_copy_that_shares_its_bytes_keeps_keys(tmp_path: Path) -> None:
    with made("xfs", tmp_path, 320) as disk:
        medium = FileMedium.create(disk / "ring", SMALL_RING)
        make_ring(medium)
        append(open_writer(medium), 0)
        descriptor = os.open(disk / "ring", os.O_RDONLY)
        assert why_not_in_place(descriptor, disk / "ring") == ""
        run("cp", "--reflink=always", str(disk / "ring"), str(disk / "copy"))
        assert "copy on the same xfs" in why_not_in_place(descriptor, disk / "ring")
        os.close(descriptor)
        medium.close()


@pytest.mark.row("R9")
def test_a_journal_of_data_is_no_place_for_a_ring(tmp_path: Path) -> None:
    with made("ext4", tmp_path, 64, "data=journal") as disk:
        with pytest.raises(BadInput, match=r"could be found again: .*data=journal.*: name a file on ext4"):
            FileMedium.create(disk / "ring", SMALL_RING)
        assert not (disk / "ring").exists()


@pytest.mark.row("R9")
def test_a_ring_that_lies_there_already_records_on(tmp_path: Path) -> None:
    with made("ext4", tmp_path, 64, "data=journal") as disk:
        image = RamMedium(SMALL_RING)
        make_ring(image)
        (disk / "ring").write_bytes(image.image)
        writer = open_writer(FileMedium.open(disk / "ring", writable=True))
        append(writer, 0)
        writer.close()
        reader = FileMedium.open(disk / "ring", writable=False)
        assert list(open_all(reader)) == [0]
        reader.close()


@pytest.mark.row("R9")
def test_an_overlay_keeps_what_its_lower_layer_holds(tmp_path: Path) -> None:
    needs("overlay")
    # An upper layer cannot itself lie on an overlay, so all of it lies in RAM.
    with mounted("tmpfs", "tmpfs", tmp_path / "ram") as ram:
        lower, upper, work = (ram / name for name in ("lower", "upper", "work"))
        for folder in (lower / "state", upper, work):
            folder.mkdir(parents=True)
        (lower / "state" / "old").write_bytes(bytes(SMALL_RING))
        layers = f"lowerdir={lower},upperdir={upper},workdir={work}"
        with mounted("overlay", "overlay", ram / "merged", layers) as disk:
            FileMedium.create(disk / "state" / "new", SMALL_RING).close()
            for name, expected in (("new", ""), ("old", "a lower layer of its overlay holds a copy")):
                path = disk / "state" / name
                descriptor = os.open(path, os.O_RDWR)
                assert why_not_in_place(descriptor, path) == expected
                os.close(descriptor)


@pytest.mark.parametrize("kind", ["zfs", "f2fs", "nilfs2", "bcachefs"])
def test_file_systems_that_never_write_in_place_are_known(kind: str, tmp_path: Path) -> None:
    with _as_if(tmp_path, f"27 1 179:2 / / rw - {kind} /dev/x rw") as descriptor:
        assert why_not_in_place(descriptor, tmp_path, tmp_path) == f"{kind} always writes new bytes elsewhere"
    assert why_not_below(tmp_path / "nothing") == ""
