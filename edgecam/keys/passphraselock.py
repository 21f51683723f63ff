"""Locks a short secret under a passphrase: an age file (https://age-encryption.org/v1) with one scrypt stanza.

age's own library measures the machine that it runs on, and takes as much memory as that one has time for. What is
locked here is opened in browsers and on small boards, so it always costs the same.
"""

from __future__ import annotations

import base64
import secrets
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

# As browsers lock it, web/src/setup: 256 MiB and half a second to two a guess.
LOG_N: Final = 18
_CHUNK_SIZE: Final = 65_536
_FIRST_NONCE: Final = bytes(12)
_LAST_CHUNK: Final = bytes(11) + b"\x01"


def locked_under(passphrase: str, secret: bytes) -> bytes:
    """``secret``, 64 KiB at most, as an age file that ``passphrase`` opens, letter by letter as it is.

    Raises: ValueError for a longer one.
    """
    if len(secret) > _CHUNK_SIZE:
        raise ValueError("one chunk of an age file holds no more")
    file_key, salt, nonce = (secrets.token_bytes(16) for _ in range(3))
    scrypt = Scrypt(salt=b"age-encryption.org/v1/scrypt" + salt, length=32, n=1 << LOG_N, r=8, p=1)
    wrapped = ChaCha20Poly1305(scrypt.derive(passphrase.encode())).encrypt(_FIRST_NONCE, file_key, None)
    header = b"age-encryption.org/v1\n-> scrypt %b %d\n%b\n---" % (_base64(salt), LOG_N, _base64(wrapped))
    mac = HMAC(_derived(file_key, b"", b"header"), SHA256())
    mac.update(header)
    payload = ChaCha20Poly1305(_derived(file_key, nonce, b"payload")).encrypt(_LAST_CHUNK, secret, None)
    return b"%b %b\n%b%b" % (header, _base64(mac.finalize()), nonce, payload)


def _derived(file_key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, purpose).derive(file_key)


def _base64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")
