"""H.264 byte streams as hardware encoders write them (ITU-T H.264, Annex B): units behind start codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from edgecam.core.errors import DataLoss

_START_CODE = re.compile(rb"\x00\x00\x01")
_SEQUENCE, _PICTURE = 7, 8


def units(data: bytes) -> Iterator[bytes]:
    """The units of ``data`` without their start codes; bytes before the first start code are passed over."""
    starts = [match.end() for match in _START_CODE.finditer(data)]
    for start, end in pairwise([*starts, len(data) + 3]):
        # A unit never ends in zero: those belong to the start code that follows.
        unit = data[start : end - 3].rstrip(b"\x00")
        if unit:
            yield unit


def parameter_sets(data: bytes) -> bytes:
    """The sequence and picture parameter sets in ``data``, each behind a start code, as a muxer wants them.

    Raises: DataLoss when one of the two is missing.
    """
    found = {unit[0] & 0x1F: unit for unit in units(data)}
    if _SEQUENCE not in found or _PICTURE not in found:
        raise DataLoss("the hardware encoder began without its parameter sets", do="restart it")
    return b"".join(b"\x00\x00\x00\x01" + found[kind] for kind in (_SEQUENCE, _PICTURE))
