"""What the manifest of a genuine export says of its segments, in the order in which they are shown."""

from __future__ import annotations

from pathlib import Path

from edgecam.core.errors import BadInput, DataLoss
from edgecam.custody.evidence.manifest import SegmentRecord, decode_record
from edgecam.custody.evidence.manifestbox import find_manifest
from edgecam.ringbuffer.format import SegmentHeader


def exported_headers(path: Path) -> list[SegmentHeader]:
    """The signed headers in an export that `verify_export` has found to be genuine; nothing is verified here.

    Raises: BadInput when the file is not such a one, or cannot be read.
    """
    try:
        with open(path, "rb") as file:
            box = find_manifest(file)
        if box is None:
            raise BadInput(f"{path} holds no manifest")
        records = [decode_record(line) for line in box.split()[1]]
        return [SegmentHeader.decode(record.header) for record in records if isinstance(record, SegmentRecord)]
    except (OSError, DataLoss) as broken:
        raise BadInput(f"{path} cannot be read as an export", do="prove it with `edgecam verify`") from broken
