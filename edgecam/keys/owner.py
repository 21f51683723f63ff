"""A person's age identity: its public half seals on the camera, its secret half is kept under a passphrase.

The owner has one, and so may operators. What is sealed to two people is an age file in an age file.

Formats are those of https://age-encryption.org/v1, so that the standard ``age`` tool opens everything sealed here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import BinaryIO

import pyrage
from pyrage import passphrase as age_passphrase
from pyrage import x25519

from edgecam.core.errors import BadInput, DataLoss, NotAllowed
from edgecam.keys.passphraselock import locked_under

MIN_PASSPHRASE_LENGTH = 12
_AGE_FILE = b"age-encryption.org/v1\n"
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

    def seal_stream(self, plain: BinaryIO, sealed: BinaryIO) -> None:
        """All of ``plain`` into ``sealed`` as an age file, piece by piece. Raises: OSError, and what they raise."""
        pyrage.encrypt_io(plain, sealed, self._recipients)


class OwnerIdentity:
    """A person's secret, in RAM only while footage is being opened."""

    def __init__(self, identity: x25519.Identity) -> None:
        self._identity = identity

    def unseal(self, sealed: bytes) -> bytes:
        """The secret in ``sealed``, as `unsealed` with this identity alone."""
        return unsealed(sealed, [self])

    def without_layer(self, sealed: bytes) -> bytes:
        """What is in the outermost age file, which may be another one. Raises: as `unseal`."""
        return _without_layer(sealed, [self._identity], "this footage was sealed to another owner's key", "")

    def unseal_stream(self, sealed: BinaryIO, plain: BinaryIO) -> None:
        """All of the age file ``sealed`` into ``plain``, piece by piece. Raises: as `unseal`, OSError."""
        try:
            pyrage.decrypt_io(sealed, plain, [self._identity])
        except pyrage.DecryptError as refused:
            if "No matching keys" in str(refused):
                raise NotAllowed("this was sealed to another key") from refused
            raise DataLoss(f"a sealed file is damaged ({refused})") from refused

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
        return locked_under(typed_alike(passphrase), f"{self._identity}\n".encode())

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


def unsealed(sealed: bytes, identities: Sequence[OwnerIdentity]) -> bytes:
    """The secret in ``sealed``, through its one layer or both, each opened by any of ``identities``.

    Raises: NotAllowed when a layer was sealed to others, DataLoss when one is damaged.
    """
    opening = [one._identity for one in identities]
    inner = _without_layer(sealed, opening, "this footage was sealed to another owner's key", "")
    if not is_sealed(inner):
        return inner
    secret = _without_layer(
        inner, opening, "this footage was sealed to two people", "open it together with an operator's key"
    )
    if is_sealed(secret):
        raise DataLoss("a sealed key has more layers than any camera makes")
    return secret


def is_sealed(content: bytes) -> bool:
    """Whether ``content`` is an age file and not a key or picture."""
    return content.startswith(_AGE_FILE)


def _without_layer(sealed: bytes, opening: list[x25519.Identity], otherwise: str, do: str) -> bytes:
    try:
        return bytes(pyrage.decrypt(sealed, opening))
    except pyrage.DecryptError as refused:
        if "No matching keys" in str(refused):
            raise NotAllowed(otherwise, do=do) from refused
        raise DataLoss(f"a sealed key is damaged ({refused})") from refused


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


def new_identity() -> OwnerIdentity:
    """Somebody's new secret."""
    return OwnerIdentity(x25519.Identity.generate())


def create_owner(passphrase: str) -> tuple[str, bytes]:
    """A new owner: the public recipient line, and the secret encrypted under ``passphrase`` (an age file).

    Raises: BadInput when the passphrase is too short.
    """
    owner = new_identity()
    return owner.recipient(), owner.locked(passphrase)


def unlock_owner(locked: bytes, passphrase: str, whose: str = "the owner's key") -> OwnerIdentity:
    """A person's identity out of its passphrase-encrypted file; ``whose`` is what refusals call it.

    Raises: NotAllowed for a wrong passphrase, DataLoss for a file that is no such file.
    """
    try:
        text = _decrypted(locked, passphrase).decode("ascii")
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        return OwnerIdentity(x25519.Identity.from_str(lines[0]))
    except pyrage.DecryptError as refused:
        if locked.startswith(b"age-encryption.org/v1"):
            raise NotAllowed(
                f"the passphrase does not open {whose}", do="try again", safe="no footage was touched"
            ) from refused
        raise DataLoss(f"the file of {whose} is damaged", do="restore it from your backup") from refused
    except (UnicodeDecodeError, IndexError, pyrage.IdentityError) as broken:
        raise DataLoss(f"the file of {whose} holds no age identity") from broken


def _decrypted(locked: bytes, passphrase: str) -> bytes:
    try:
        return bytes(age_passphrase.decrypt(locked, typed_alike(passphrase)))
    except pyrage.DecryptError:
        if typed_alike(passphrase) == passphrase:
            raise
        # Locked by somebody else's tool, with the letters as they were typed.
        return bytes(age_passphrase.decrypt(locked, passphrase))
