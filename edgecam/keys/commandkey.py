"""A key that signs commands: made and kept on the machine of who gives them, open or under a passphrase.

An open file is a PEM (PKCS #8) that only its user may read; a locked one is the same inside an age file.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from pyrage import passphrase as age_passphrase

from edgecam.core.durable import write_new_durably
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.keys.owner import MIN_PASSPHRASE_LENGTH

_AGE = b"age-encryption.org/v1"
_MOST_SIZE_BYTES = 65_536


class CommandKey:
    """The private half, in RAM while a command is given; ``public`` is 32 raw bytes."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


def create_command_key(path: Path, passphrase: str | None = None) -> CommandKey:
    """Make a key and keep it in the new file ``path``, under ``passphrase`` if there is one.

    Raises: BadInput when the file exists or the passphrase is too short, MediaFailing.
    """
    private = Ed25519PrivateKey.generate()
    data = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if passphrase is not None:
        if len(passphrase) < MIN_PASSPHRASE_LENGTH:
            raise BadInput(
                f"the passphrase has {len(passphrase)} characters", do=f"take at least {MIN_PASSPHRASE_LENGTH}"
            )
        data = bytes(age_passphrase.encrypt(data, passphrase))
    write_new_durably(path, data)
    return CommandKey(private)


def is_locked(data: bytes) -> bool:
    """Whether the file of a key that holds ``data`` asks for a passphrase."""
    return data.startswith(_AGE)


def read_key_file(path: Path) -> bytes:
    """What the file at ``path`` holds. Raises: BadInput when it is missing or others may read it."""
    try:
        with open(path, "rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read(_MOST_SIZE_BYTES)
    except OSError as refused:
        raise BadInput(
            f"the command key {path} cannot be read ({refused.strerror})", do="make one: `edgecam command keygen`"
        ) from refused
    if mode & 0o077 and not is_locked(data):
        raise BadInput(
            f"the command key {path} can be read by others (mode {mode:04o})", do=f"run: chmod 600 {path}"
        )
    return data


def open_command_key(data: bytes, passphrase: str | None = None) -> CommandKey:
    """The key in a file's ``data``. Raises: NotAllowed for a wrong passphrase, BadInput for what is no such key."""
    try:
        pem = bytes(age_passphrase.decrypt(data, passphrase or "")) if is_locked(data) else data
    except pyrage.DecryptError as refused:
        raise NotAllowed("the passphrase does not open the command key", do="try again") from refused
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as broken:
        raise BadInput("this file is no command key", do="make one: `edgecam command keygen`") from broken
    if not isinstance(private, Ed25519PrivateKey):
        raise BadInput("this file is no command key: it is not Ed25519", do="make one: `edgecam command keygen`")
    return CommandKey(private)
