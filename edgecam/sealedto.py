"""To whom this camera seals now, as settings, the owners' file and the accounts say; what it last was is kept."""

from __future__ import annotations

import json

from edgecam.core.durable import identity_of, replace_durably
from edgecam.core.errors import BadInput
from edgecam.keys.camera import CameraKey, signed_by
from edgecam.keys.recipients import named_recipients, read_recipients
from edgecam.keys.sealing import FollowedSealing, Sealing, SealingKind, sealing
from edgecam.places import Places
from edgecam.ringbuffer.resealing import MOST_SEALED_KEY_SIZE
from edgecam.settings import load_settings


class SealedTo:
    """Reads it out of the files at ``places``, anew only when one of them has changed; one thread."""

    def __init__(self, places: Places, key: CameraKey) -> None:
        self._places, self._key = places, key
        self._seen: list[tuple[int, ...] | None] = []
        self._found: Sealing | None = None

    def now(self) -> Sealing:
        """As the files say now. Raises: BadInput when they cannot be used; for accounts DataLoss, Unavailable."""
        files = (self._places.settings, self._places.recipients, self._places.accounts)
        seen = [identity_of(path) for path in files]
        if self._found is None or seen != self._seen:
            self._found = None
            self._found, self._seen = self.with_owners(read_recipients(self._places.recipients)), seen
        return self._found

    def with_owners(self, recipients: str) -> Sealing:
        """As it would be with ``recipients`` as the owners' file. Raises: as `now`."""
        kind = SealingKind(load_settings(self._places.settings).custody.sealing)
        owners = [one.recipient for one in named_recipients(recipients)]
        operators = () if kind is SealingKind.OWNER else self._operators()
        return sealing(kind, owners, operators, MOST_SEALED_KEY_SIZE)

    def remember(self, used: Sealing) -> None:
        """Keep ``used``, signed, for a start at which nothing can be read. Raises: MediaFailing."""
        told = {"sealing": used.told().decode(), "signature": self._key.sign(used.told()).hex()}
        data = f"{json.dumps(told)}\n".encode()
        if self._read() != data:
            replace_durably(self._places.sealed_to, data)

    def remembered(self) -> Sealing | None:
        """What `remember` kept; ``None`` where nothing is kept that this camera signed."""
        try:
            told = json.loads(self._read())
            if not signed_by(self._key.public, bytes.fromhex(told["signature"]), told["sealing"].encode()):
                return None
            fields = json.loads(told["sealing"])
            kind = SealingKind(fields["kind"])
            return sealing(kind, fields["owners"], fields["operators"], MOST_SEALED_KEY_SIZE)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError, BadInput):
            return None

    def _operators(self) -> tuple[str, ...]:
        # Only here: it brings what passphrases are hashed with along, which a recorder need not carry.
        from edgecam.custody.accounts.accountstore import read_accounts

        return read_accounts(self._places.accounts, self._key.public).operators()

    def _read(self) -> bytes:
        try:
            return self._places.sealed_to.read_bytes()
        except OSError:
            return b""


def followed_sealing(places: Places, key: CameraKey, *, remembers: bool) -> FollowedSealing:
    """To whom is sealed, followed while it changes; one process ``remembers`` it for all.

    Raises: BadInput, DataLoss, Unavailable when nobody is known to seal to, and nobody ever was.
    """
    found = SealedTo(places, key)
    remember = found.remember if remembers else lambda _used: None
    return FollowedSealing(found.now, found.remembered, remember)
