"""The owner's age identity: its public half seals on the camera, its secret half is kept under a passphrase.

Formats are those of https://age-encryption.org/v1, so that the standard ``age`` tool opens everything sealed here.
"""

from __future__ import annotations

import re
import unicodedata

import pyrage
from pyrage import passphrase as age_passphrase
from pyrage import x25519

from edgecam.core.errors import BadInput, DataLoss, NotAllowed

MIN_PASSPHRASE_LENGTH = 12
# The first lines of an age file under a passphrase: salt, and the logarithm of scrypt's N.
_LOCKED = re.compile(rb"age-encryption\.org/v1\n-> scrypt [A-Za-z0-9+/]{22} ([1-9][0-9]?)\n")
_LEAST_LOG_N, _MOST_LOG_N = 16, 22
_MOST_LOCKED_BYTES = 2048


class Recipients:
    """Everyone to whom footage is sealed: one or more age X25519 recipients (``age1…``)."""

    def __init__(self, lines: list[str]) -> None:
        """Raises: BadInput when there is none, or one is not an age recipient."""
        if not lines:
            raise BadInput("no owner key to seal footage to", do="run `edgecam setup`")
        self.lines = tuple(lines)
        try:
            self._recipients = [x25519.Recipient.from_str(line) for line in lines]
        except pyrage.RecipientError as broken:
            raise BadInput(
                f"an owner key is not an age recipient ({broken})", do="put lines that start with age1 there"
            ) from broken

    @classmethod
    def parse(cls, text: str) -> Recipients:
        """One recipient a line; empty lines and lines that start with # are passed over. Raises: BadInput."""
        lines = [line.strip() for line in text.splitlines()]
        return cls([line for line in lines if line and not line.startswith("#")])

    def seal(self, secret: bytes) -> bytes:
        """``secret`` as an age file that any one of the recipients opens."""
        return bytes(pyrage.encrypt(secret, self._recipients))


class OwnerIdentity:
    """The owner's secret, in RAM only while footage is being opened."""

    def __init__(self, identity: x25519.Identity) -> None:
        self._identity = identity

    def unseal(self, sealed: bytes) -> bytes:
        """The secret in ``sealed``.

        Raises: NotAllowed when it was sealed to somebody else, DataLoss when it is damaged.
        """
        try:
            return bytes(pyrage.decrypt(sealed, [self._identity]))
        except pyrage.DecryptError as refused:
            if "No matching keys" in str(refused):
                raise NotAllowed("this footage was sealed to another owner's key") from refused
            raise DataLoss(f"a sealed key is damaged ({refused})") from refused

    def recipient(self) -> str:
        return str(self._identity.to_public())

    def secret(self) -> str:
        """The secret as text (``AGE-SECRET-KEY-1…``), for the recovery kit alone: it belongs on paper."""
        return str(self._identity)

    def locked(self, passphrase: str) -> bytes:
        """The secret encrypted under ``passphrase``, an age file. Raises: BadInput when it is too short."""
        if len(passphrase) < MIN_PASSPHRASE_LENGTH:
            raise BadInput(
                f"the passphrase has {len(passphrase)} characters",
                do=f"take at least {MIN_PASSPHRASE_LENGTH}; several words are easy to remember and hard to guess",
            )
        return bytes(age_passphrase.encrypt(f"{self._identity}\n".encode(), typed_alike(passphrase)))

    @classmethod
    def from_secret(cls, typed: str) -> OwnerIdentity:
        """The identity whose secret somebody typed from paper: spaces and lower case do not matter.

        Raises: BadInput, which never repeats what was typed.
        """
        try:
            return cls(x25519.Identity.from_str("".join(typed.split()).upper()))
        except pyrage.IdentityError as broken:
            raise BadInput(
                "this is not the secret of a recovery kit: a character is wrong or missing",
                do="type all of it, from AGE-SECRET-KEY-1 to the end",
                safe="nothing was changed",
            ) from broken


def typed_alike(passphrase: str) -> str:
    """``passphrase`` in Unicode's form NFKC, so that every keyboard types the same one; browsers do so too."""
    return unicodedata.normalize("NFKC", passphrase)


def check_locked(locked: bytes) -> None:
    """Whether ``locked`` is an age file under a passphrase that is slow to guess; what is in it nobody can see.

    Raises: BadInput when it is not.
    """
    found = _LOCKED.match(locked)
    if found is None or len(locked) > _MOST_LOCKED_BYTES or not _LEAST_LOG_N <= int(found[1]) <= _MOST_LOG_N:
        raise BadInput("this is not an owner's key under a passphrase", do="use the page itself", field="locked")


def create_owner(passphrase: str) -> tuple[str, bytes]:
    """A new owner: the public recipient line, and the secret encrypted under ``passphrase`` (an age file).

    Raises: BadInput when the passphrase is too short.
    """
    owner = OwnerIdentity(x25519.Identity.generate())
    return owner.recipient(), owner.locked(passphrase)


def unlock_owner(locked: bytes, passphrase: str) -> OwnerIdentity:
    """The owner's identity out of its passphrase-encrypted file.

    Raises: NotAllowed for a wrong passphrase, DataLoss for a file that is no such file.
    """
    try:
        text = _decrypted(locked, passphrase).decode("ascii")
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        return OwnerIdentity(x25519.Identity.from_str(lines[0]))
    except pyrage.DecryptError as refused:
        if locked.startswith(b"age-encryption.org/v1"):
            raise NotAllowed(
                "the passphrase does not open the owner's key", do="try again", safe="no footage was touched"
            ) from refused
        raise DataLoss("the owner's key file is damaged", do="restore it from your backup") from refused
    except (UnicodeDecodeError, IndexError, pyrage.IdentityError) as broken:
        raise DataLoss("the owner's key file holds no age identity") from broken


def _decrypted(locked: bytes, passphrase: str) -> bytes:
    try:
        return bytes(age_passphrase.decrypt(locked, typed_alike(passphrase)))
    except pyrage.DecryptError:
        if typed_alike(passphrase) == passphrase:
            raise
        # Locked by somebody else's tool, with the letters as they were typed.
        return bytes(age_passphrase.decrypt(locked, passphrase))
