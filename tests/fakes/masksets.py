"""Mask sets for tests: signed by whatever camera is asked for, exact to the cell unless a margin is given."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edgecam.core.clock import TimeTrust
from edgecam.keys.camera import CameraKey
from edgecam.masking.drawing import Drawing, DrawnPicture, Mask, OwnArea
from edgecam.masking.maskset import MaskSet, Step

CAMERA = CameraKey(Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"a masked camera").digest()))
SOMEBODY = Step(by="M. Tanaka", at_wall_ns=1_800_000_000_000_000_000, trust=TimeTrust.SYNCED)


def drawing_of(
    *masks: Mask, own: tuple[OwnArea, ...] = (), margin: float = 0.0, picture: DrawnPicture | None = None
) -> Drawing:
    """A drawing as it is, sound or not: burning must not rely on anybody having checked it."""
    return Drawing.model_construct(picture=picture, margin=margin, masks=masks, own=own)


def mask_set_of(
    *masks: Mask,
    key: CameraKey = CAMERA,
    own: tuple[OwnArea, ...] = (),
    margin: float = 0.0,
    picture: DrawnPicture | None = None,
) -> MaskSet:
    """Version 1, confirmed and signed."""
    drawing = drawing_of(*masks, own=own, margin=margin, picture=picture)
    return MaskSet(key.camera_id, 1, drawing, drawn=SOMEBODY, confirmed=SOMEBODY).signed(key.sign)
