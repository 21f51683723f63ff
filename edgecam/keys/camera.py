"""The camera's own Ed25519 identity: it signs what it recorded and names the camera."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from edgecam.core.durable import replace_durably
from edgecam.core.errors import BadInput

SIGNATURE_SIZE = 64
PUBLIC_KEY_SIZE = 32


class CameraKey:
    """The private key; it never leaves the camera."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.camera_id = camera_id(self.public)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


def create_camera_key(path: Path) -> CameraKey:
    """Make a new identity and keep it at ``path`` (PEM, PKCS #8, for this agent alone.

    Raises: MediaFailing.
    """
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    replace_durably(path, pem, shared=True)
    return CameraKey(private)


def load_camera_key(path: Path) -> CameraKey:
    """The identity kept at ``path``. Raises: BadInput when it is missing or is none."""
    try:
        pem = path.read_bytes()
    except FileNotFoundError as missing:
        raise BadInput(f"the camera's key {path} is missing", do="run `edgecam setup`") from missing
    except OSError as broken:
        raise BadInput(f"the camera's key {path} cannot be read", do="restore it from a backup") from broken
    return decode_camera_key(pem, str(path))


def decode_camera_key(pem: bytes, named: str) -> CameraKey:
    """The identity that `create_camera_key` wrote; ``named`` is what refusals call it. Raises: BadInput."""
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as broken:
        raise BadInput(f"the camera's key {named} cannot be read", do="restore it from a backup") from broken
    if not isinstance(private, Ed25519PrivateKey):
        raise BadInput(f"the camera's key {named} is not an Ed25519 key", do="restore it from a backup")
    return CameraKey(private)


def camera_id(public: bytes) -> str:
    """The camera's name for machines: ``edgecam_`` and the first 8 hex digits of its public key's SHA-256."""
    return "edgecam_" + hashlib.sha256(public).hexdigest()[:8]


def signed_by(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether ``signature`` over ``message`` was made by the holder of ``public`` (32 raw bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
