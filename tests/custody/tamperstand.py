"""A true copy, changed in every way that somebody may try."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from custodystand import START_WALL_NS, Camera

from edgecam.core.clock import NS_PER_S
from edgecam.custody.evidence.copyfile import CopyFile
from edgecam.custody.evidence.export import Purpose, export_footage
from edgecam.custody.evidence.manifest import SegmentRecord, decode_record
from edgecam.custody.evidence.manifestbox import (
    AFTER_OPENING,
    BETWEEN_RECORDS,
    CLOSING,
    box_after,
    box_before,
    find_manifest,
)
from edgecam.ringbuffer.format import SegmentHeader


def true_copy(camera: Camera, out: Path) -> Path:
    end = START_WALL_NS + 86_400 * NS_PER_S
    asked_by = Purpose("owner", "test")
    export_footage(camera.reader(), camera.owner, START_WALL_NS, end, out, camera.register(), asked_by)
    return out


def records_of(path: Path) -> list[SegmentRecord]:
    with open(path, "rb") as file:
        box = find_manifest(file)
    assert box is not None
    return [one for line in box.split()[1] if isinstance(one := decode_record(line), SegmentRecord)]


def flipped(path: Path, out: Path, at: int) -> Path:
    """With one bit of the byte at offset ``at`` changed."""
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    out.write_bytes(data)
    return out


def assembled(camera: Camera, out: Path, order: list[int]) -> Path:
    """Consistent in itself, but made of these segments, in this order."""
    reader = camera.reader()
    stored = list(reader.segments())
    init = reader.open_epoch(stored[0].slot, camera.owner.unseal).init
    copy = CopyFile(out, reader.superblock, init, overwrite=False)
    copy.begin()
    for number in order:
        one = stored[number]
        epoch = reader.open_epoch(one.slot, camera.owner.unseal)
        opened = epoch.open(one.header, reader.sealed_payload(one))
        copy.add(one.slot, one.header, opened.fragment, opened.salt)
    copy.finish()
    copy.publish()
    copy.close()
    return out


def with_header(path: Path, out: Path, number: int, **other: object) -> Path:
    """With other fields in the ``number``-th header, and everything about it consistent but the signature."""
    with open(path, "rb") as file:
        box = find_manifest(file)
        assert box is not None
        file.seek(0)
        pictures = file.read(box.start)
    opening, lines = box.split()
    at = [index for index, line in enumerate(lines) if isinstance(decode_record(line), SegmentRecord)][number]
    record = decode_record(lines[at])
    assert isinstance(record, SegmentRecord)
    header = replace(SegmentHeader.decode(record.header), **other)  # type: ignore[arg-type]
    lines[at] = replace(record, header=header.encode()).encode()
    document = opening + AFTER_OPENING + BETWEEN_RECORDS.join(lines) + CLOSING
    out.write_bytes(pictures + box_before(len(document)) + document + box_after(len(document)))
    return out


def moved(path: Path, out: Path, number: int) -> Path:
    """With the ``number``-th fragment shown a little later."""
    data, record = bytearray(path.read_bytes()), records_of(path)[number]
    at = data.index(b"tfdt", record.offset) + 8
    data[at : at + 8] = (int.from_bytes(data[at : at + 8], "big") + 1).to_bytes(8, "big")
    out.write_bytes(data)
    return out
