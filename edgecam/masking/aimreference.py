"""What the camera saw when somebody confirmed its aim: edges only, compact, tied to the masks that were confirmed.

A reference has two fields (see `aimfield`). The **anchor** is taken at confirmation and never changes. The
**layer** learns slowly how the same edges look in other light and other seasons. Only the anchor says when there is
something to learn, so an error of the layer is bounded by what the anchor lets pass and never adds up: a camera
that creeps is compared with where it stood when it was confirmed, however slowly it creeps.

Encoded, big-endian::

    offset  bytes  field
    0       4      magic "ECAR"
    4       1      format, 1
    5       1      fields that follow: 1 (anchor) or 2 (anchor, layer)
    6       2, 2   width, height of the pictures it was taken from
    10      32     hash of the mask set it was taken under
    42      n      for each field its pixels, a byte each, row by row: strength 0-15 and direction 0-15
    42 + n  32     SHA-256 of everything before

There is no brightness in it. Under masks and beside them every byte is 0.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.picture import U8
from edgecam.masking.aimfield import C64, Covered, EdgeField, field_size
from edgecam.masking.aimmatch import AimMatch

MAGIC: Final = b"ECAR"
_FORMAT: Final = 1
_HEAD: Final = struct.Struct(">4sBBHH32s")
_DIGEST: Final = 32
_LEVELS: Final = 16
# The first looks, while the smoothing fills.
_SETTLING_LOOKS: Final = 5
LEAST_LOOKS: Final = 15
_LEAST_CELLS: Final = 12
_LEAST_HOME: Final = 3.0
_LEAST_AGREEING: Final = 3


@dataclass(frozen=True, slots=True)
class AimReference:
    """``anchor`` and ``layer`` are fields; ``width`` and ``height`` are of the pictures they were taken from."""

    width: int
    height: int
    mask_hash: bytes
    anchor: C64
    layer: C64 | None = None

    def encode(self) -> bytes:
        """The bytes to keep: 14.5 KiB a field at 16:9, never more than 51 KiB."""
        fields = [self.anchor] if self.layer is None else [self.anchor, self.layer]
        head = _HEAD.pack(MAGIC, _FORMAT, len(fields), self.width, self.height, self.mask_hash)
        body = head + b"".join(_packed(field).tobytes() for field in fields)
        return body + hashlib.sha256(body).digest()


def decode_aim_reference(data: bytes) -> AimReference:
    """The reference that ``data`` holds. Raises: DataLoss for any bytes that are none."""
    body, digest = data[:-_DIGEST], data[-_DIGEST:]
    if len(body) < _HEAD.size or hashlib.sha256(body).digest() != digest:
        raise _lost("damaged")
    magic, number, count, width, height, mask_hash = _HEAD.unpack_from(body)
    if magic != MAGIC or number != _FORMAT or count not in (1, 2):
        raise _lost("of another format")
    try:
        across, down = field_size(width, height)
    except BadInput as unusable:
        raise _lost("of an impossible size") from unusable
    packed = np.frombuffer(body, np.uint8, offset=_HEAD.size)
    if packed.size != count * across * down:
        raise _lost("too short or too long")
    fields = [_unpacked(field) for field in packed.reshape(count, down, across)]
    return AimReference(width, height, mask_hash, fields[0], fields[1] if count == 2 else None)


def take_aim_reference(looks: Iterable[U8], covered: Covered, mask_hash: bytes) -> AimReference:
    """The reference for the aim that ``looks`` show: masked luma, five a second, at least three seconds of them.

    ``covered`` as in `EdgeField.take`. What moves in between averages out. Raises: BadInput when there are too few
    looks, when they differ in aim, or when the view has too little structure for anybody to tell it from another.
    """
    field: EdgeField | None = None
    total: C64 | None = None
    taken: list[C64] = []
    shape = (0, 0)
    for number, luma in enumerate(looks):
        if field is None:
            shape = luma.shape
            field = EdgeField(luma.shape[1], luma.shape[0])
        elif luma.shape != shape:
            raise BadInput("the pictures for the aim's reference differ in size", do="confirm the aim again")
        values = field.take(luma, covered)
        if number >= _SETTLING_LOOKS:
            total = values.copy() if total is None else total + values
            taken.append(values.copy())
    if field is None or total is None or len(taken) + _SETTLING_LOOKS < LEAST_LOOKS:
        raise BadInput("the aim's reference needs three seconds of pictures", do="confirm the aim again")
    anchor = _unpacked(_packed((total / len(taken)).astype(np.complex64)))
    match = AimMatch(anchor)
    if match.used < _LEAST_CELLS:
        raise _bare()
    first, last = match.compare(taken[0]), match.compare(taken[-1])
    if min(first.home, last.home) < _LEAST_HOME or min(first.at_home, last.at_home) < _LEAST_AGREEING:
        raise _bare()
    return AimReference(shape[1], shape[0], mask_hash, anchor)


def _packed(field: C64) -> U8:
    strength = np.rint(np.minimum(np.abs(field), 1.0) * (_LEVELS - 1)).astype(np.uint8)
    direction = np.rint(np.angle(field) * (_LEVELS / (2 * np.pi))).astype(np.int32) % _LEVELS
    return np.asarray(np.where(strength > 0, strength * _LEVELS + direction, 0), np.uint8)


def _unpacked(packed: U8) -> C64:
    strength, direction = packed // _LEVELS, packed % _LEVELS
    turn = np.exp(2j * np.pi / _LEVELS * direction)
    return np.asarray(strength / (_LEVELS - 1) * turn, np.complex64)


def _lost(how: str) -> DataLoss:
    return DataLoss(
        f"the aim's reference is {how}",
        do="confirm the camera's aim again",
        safe="until then the whole picture is masked and recording goes on",
    )


def _bare() -> BadInput:
    return BadInput(
        "this view has too little fixed structure outside the masks to notice that the camera was moved",
        do="include a wall, a kerb or a fence in the view, or mask less, and confirm again",
    )
