"""AES-256-GCM under one epoch key: seals init and segments with counter nonces, opens them again."""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edgecam.core.errors import DataLoss
from edgecam.ringbuffer.format import SALT_SIZE, TAG_SIZE

KEY_SIZE = 32
_NONCE_SIZE = 12
_INIT_NONCE = bytes(_NONCE_SIZE)


class EpochKey:
    """One epoch's key. The caller seals each index once and in no other key's name (invariant 10)."""

    def __init__(self, secret: bytes) -> None:
        """``secret`` is 32 bytes. Raises: DataLoss for another size."""
        if len(secret) != KEY_SIZE:
            raise DataLoss(f"an epoch key has {len(secret)} bytes instead of {KEY_SIZE}")
        self._algorithm = algorithms.AES(secret)
        self._aead = AESGCM(secret)

    @classmethod
    def fresh(cls) -> tuple[EpochKey, bytes]:
        """A new random key, and its 32 bytes for sealing to the owner."""
        secret = os.urandom(KEY_SIZE)
        return cls(secret), secret

    def seal_init(self, init: bytes, bound_to: bytes) -> bytes:
        return self._aead.encrypt(_INIT_NONCE, init, bound_to)

    def open_init(self, sealed: bytes, bound_to: bytes) -> bytes:
        """Raises: DataLoss when it does not authenticate."""
        return self._open(_INIT_NONCE, sealed, bound_to, "an epoch's init does not authenticate")

    def seal_segment(self, index: int, salt: bytes, fragment: bytes, bound_to: bytes, into: memoryview) -> None:
        """Write the sealed payload of ``salt`` and ``fragment`` to ``into``, which has exactly its size.

        Streams straight into the record, because joining salt and fragment first would copy every byte twice.
        """
        encryptor = Cipher(self._algorithm, modes.GCM(_segment_nonce(index))).encryptor()
        encryptor.authenticate_additional_data(bound_to)
        written = encryptor.update_into(salt, into)
        written += encryptor.update_into(fragment, into[written:])
        encryptor.finalize()
        into[written:] = encryptor.tag

    def open_segment(self, index: int, sealed: bytes, bound_to: bytes) -> tuple[bytes, bytes]:
        """Salt and fragment. Raises: DataLoss when they do not authenticate."""
        plain = self._open(_segment_nonce(index), sealed, bound_to, "a segment does not authenticate")
        return plain[:SALT_SIZE], plain[SALT_SIZE:]

    def _open(self, nonce: bytes, sealed: bytes, bound_to: bytes, otherwise: str) -> bytes:
        try:
            return self._aead.decrypt(nonce, sealed, bound_to)
        except InvalidTag as refused:
            raise DataLoss(otherwise, safe="nothing of it is shown") from refused


def sealed_size(fragment_size: int) -> int:
    """Bytes of the sealed payload of a fragment of ``fragment_size`` bytes."""
    return SALT_SIZE + fragment_size + TAG_SIZE


def _segment_nonce(index: int) -> bytes:
    return (index + 1).to_bytes(_NONCE_SIZE, "little")
