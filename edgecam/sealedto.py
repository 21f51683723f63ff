"""To whom this camera seals now, as settings, the owners' file and the accounts say; what it last was is kept."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from edgecam.core.durable import identity_of, replace_durably, shared_mode
from edgecam.core.errors import BadInput, DataLoss, MediaFailing, Unavailable
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
        files = (self._places.settings, self._places.recipients, self._accounts())
        seen = [identity_of(path) for path in files]
        if self._found is None or seen != self._seen:
            self._found = None
            self._found, self._seen = self.with_owners(read_recipients(self._places.recipients)), seen
        return self._found

    def with_owners(self, recipients: str) -> Sealing:
        """As it would be with ``recipients`` as the owners' file. Raises: as `now`."""
        kind = SealingKind(load_settings(self._places.settings).custody.sealing)
        owners = [one.recipient for one in named_recipients(recipients)]
        operators = () if kind is SealingKind.OWNER else self._operators(kind)
        return sealing(kind, owners, operators, MOST_SEALED_KEY_SIZE)

    def remember(self, used: Sealing) -> None:
        """Keep ``used``, signed, for a start at which nothing can be read, unless somebody tells it who may read
        more than this process. Raises: MediaFailing.
        """
        if self._accounts() == self._places.sealed_to:
            return
        told = {"sealing": used.told().decode(), "signature": self._key.sign(used.told()).hex()}
        data = f"{json.dumps(told)}\n".encode()
        if self._read() != data:
            replace_durably(self._places.sealed_to, data, shared=True)

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

    def _accounts(self) -> Path:
        """What names the operators to this process: the accounts, or what was kept by one that may read them."""
        closed = self._places.accounts.exists() and not os.access(self._places.accounts, os.R_OK)
        return self._places.sealed_to if closed else self._places.accounts

    def _operators(self, kind: SealingKind) -> tuple[str, ...]:
        if self._accounts() == self._places.sealed_to:
            kept = self.remembered()
            if kept is None or kept.kind is not kind:
                raise Unavailable(
                    "the hub has not said yet who the operators are", do="wait until the page is there"
                )
            return kept.operators
        # Only here: it brings what passphrases are hashed with along, which a recorder need not carry.
        from edgecam.custody.accounts.accountstore import read_accounts

        return read_accounts(self._places.accounts, self._key.public).operators()

    def _read(self) -> bytes:
        try:
            return self._places.sealed_to.read_bytes()
        except OSError:
            return b""


class ToldSealing:
    """The hub's side where the accounts are for the hub alone: it keeps for the others to whom is sealed.

    One thread calls `look`, about once a second.
    """

    def __init__(self, places: Places, key: CameraKey) -> None:
        self._places, self._found = places, SealedTo(places, key)
        self._told: tuple[Sealing, tuple[int, ...] | None] | None = None

    def look(self) -> None:
        """Tell what changed; what cannot be read or kept is tried again, and told of by whoever seals."""
        if shared_mode(self._places.state_dir) == 0o600 or not self._places.accounts.exists():
            return
        with suppress(BadInput, DataLoss, MediaFailing, Unavailable):
            found = self._found.now()
            if self._told != (found, identity_of(self._places.sealed_to)):
                self._found.remember(found)
                self._told = found, identity_of(self._places.sealed_to)


def followed_sealing(places: Places, key: CameraKey, *, remembers: bool) -> FollowedSealing:
    """To whom is sealed, followed while it changes; one process ``remembers`` it for all.

    Raises: BadInput, DataLoss, Unavailable when nobody is known to seal to, and nobody ever was.
    """
    found = SealedTo(places, key)
    remember = found.remember if remembers else lambda _used: None
    return FollowedSealing(found.now, found.remembered, remember)
