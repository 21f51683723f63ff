"""The sign-in secret: what a browser sends in place of the passphrase; this is the command line's twin of it.

``web/src/camera/signinsecret.ts`` derives the same with WebCrypto. The passphrase also opens the owner's footage,
so it must never reach the camera; from this secret it can only be guessed, 600,000 rounds a guess.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata

from edgecam.core.errors import BadInput

ROUNDS = 600_000
_SIZE = 32
# base64url of 32 bytes, without padding.
SECRET_LENGTH = 43


def sign_in_secret(passphrase: str, camera_id: str, name: str, rounds: int = ROUNDS) -> str:
    """``base64url(PBKDF2-HMAC-SHA256(passphrase, salt, rounds, 32 bytes))`` without padding: 43 letters.

    The passphrase counts in Unicode's form NFKC, so that every keyboard types the same one; the salt is of camera
    and account, so that the same passphrase elsewhere is another secret. Raises: BadInput for no text.
    """
    try:
        typed = unicodedata.normalize("NFKC", passphrase).encode()
    except UnicodeEncodeError as broken:
        raise BadInput("the passphrase holds bytes that are no text", do="type it again") from broken
    salt = f"edgecam sign-in {camera_id} {name}".encode()
    derived = hashlib.pbkdf2_hmac("sha256", typed, salt, rounds, _SIZE)
    return base64.urlsafe_b64encode(derived).decode().rstrip("=")
