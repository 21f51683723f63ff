"""What the camera saw when somebody confirmed its aim: edges only, compact, tied to that confirmation.

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
    10      32     digest of the confirmation it was taken for
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
    """``anchor`` and ``layer`` are fields; ``width`` and ``height`` are of the pictures they were taken from.

    ``confirmed`` is the digest of the confirmation it was taken for.
    """

    width: int
    height: int
    confirmed: bytes
    anchor: C64
    layer: C64 | None = None

    def encode(self) -> bytes:
        """The bytes to keep: 14.5 KiB a field at 16:9, never more than 51 KiB."""
        fields = [self.anchor] if self.layer is None else [self.anchor, self.layer]
        head = _HEAD.pack(MAGIC, _FORMAT, len(fields), self.width, self.height, self.confirmed)
        body = head + b"".join(_packed(field).tobytes() for field in fields)
        return body + hashlib.sha256(body).digest()


def decode_aim_reference(data: bytes) -> AimReference:
    """The reference that ``data`` holds. Raises: DataLoss for any bytes that are none."""
    body, digest = data[:-_DIGEST], data[-_DIGEST:]
    if len(body) < _HEAD.size or hashlib.sha256(body).digest() != digest:
        raise _lost("damaged")
    magic, number, count, width, height, confirmed = _HEAD.unpack_from(body)
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
    return AimReference(width, height, confirmed, fields[0], fields[1] if count == 2 else None)


class ReferenceTaking:
    """Takes a reference look by look: masked luma, five a second; what moves in between averages out."""

    def __init__(self, width: int, height: int, confirmed: bytes) -> None:
        """``width`` and ``height`` of the looks, in pixels. Raises: BadInput when they are too small."""
        self._size, self._confirmed = (width, height), confirmed
        self._field = EdgeField(width, height)
        self._total: C64 = np.zeros_like(self._field.values)
        self._first: C64 | None = None
        self._last: C64 = np.zeros_like(self._field.values)
        self.looks = 0

    def take(self, luma: U8, covered: Covered) -> None:
        """One more look; ``covered`` as in `EdgeField.take`. Raises: BadInput when it has another size."""
        if (luma.shape[1], luma.shape[0]) != self._size:
            raise BadInput("the pictures for the aim's reference differ in size", do="confirm the aim again")
        values = self._field.take(luma, covered)
        self.looks += 1
        if self.looks > _SETTLING_LOOKS:
            self._total += values
            np.copyto(self._last, values)
            if self._first is None:
                self._first = values.copy()

    def finish(self) -> AimReference:
        """The reference for the aim that all looks show.

        Raises: BadInput when there were too few looks, when they differ in aim, or when the view has too little
        structure for anybody to tell it from another.
        """
        if self._first is None or self.looks < LEAST_LOOKS:
            raise BadInput("the aim's reference needs three seconds of pictures", do="confirm the aim again")
        mean = (self._total / (self.looks - _SETTLING_LOOKS)).astype(np.complex64)
        anchor = _unpacked(_packed(mean))
        match = AimMatch(anchor)
        if match.used < _LEAST_CELLS:
            raise _bare()
        first, last = match.compare(self._first), match.compare(self._last)
        if min(first.home, last.home) < _LEAST_HOME or min(first.at_home, last.at_home) < _LEAST_AGREEING:
            raise _bare()
        return AimReference(*self._size, self._confirmed, anchor)


def take_aim_reference(looks: Iterable[U8], covered: Covered, confirmed: bytes) -> AimReference:
    """The reference for the aim that ``looks`` show, at least three seconds. Raises: as `ReferenceTaking`."""
    taking: ReferenceTaking | None = None
    for luma in looks:
        taking = taking or ReferenceTaking(luma.shape[1], luma.shape[0], confirmed)
        taking.take(luma, covered)
    if taking is None:
        raise BadInput("the aim's reference needs three seconds of pictures", do="confirm the aim again")
    return taking.finish()


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
        do="confirm the aim again: `edgecam aim confirm`",
        safe="until then the whole picture is masked and recording goes on",
    )


def _bare() -> BadInput:
    return BadInput(
        "this view has too little fixed structure outside the masks to notice that the camera was moved",
        do="include a wall, a kerb or a fence in the view, or mask less, and confirm again",
    )
