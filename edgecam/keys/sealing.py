"""To whom footage's keys are sealed: the owner; owner and operators alike; both together, one layer in another.

Under two people a key is sealed to the operators, and that age file to the owners: the operators' layer is the
inner one, so that an owner who lets an operator look takes off the outer one and never holds the key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from edgecam.core.errors import BadInput, DataLoss, MediaFailing, NotAllowed, Unavailable
from edgecam.core.oneform import ordered_json
from edgecam.core.status import Fault
from edgecam.keys.owner import OwnerIdentity, Recipients, unsealed

KEY_SIZE: Final = 32
# An age file beside what is in it: what every file has, what each recipient adds, and the random stanza that age
# allows a writer to add (up to 185 bytes in twenty thousand files).
_AGE_FILE_SIZE, _AGE_RECIPIENT_SIZE, _AGE_GREASE_SIZE = 102, 98, 256


class SealingKind(StrEnum):
    """Who has to be there for footage to be opened. The names stand in settings."""

    OWNER = "owner"
    SHARED = "shared"
    TWO_PERSON = "two_person"


@dataclass(frozen=True, slots=True)
class Sealing:
    """``owners`` and ``operators`` are age recipients (``age1…``), each named once; made by `sealing`.

    Of the operators nobody is there under `SealingKind.OWNER`.
    """

    kind: SealingKind
    owners: tuple[str, ...]
    operators: tuple[str, ...] = ()

    def seal(self, secret: bytes) -> bytes:
        """``secret`` as an age file that those who have to be there open together."""
        if self.kind is SealingKind.TWO_PERSON:
            return Recipients(list(self.owners)).seal(Recipients(list(self.operators)).seal(secret))
        return Recipients([*self.owners, *self.operators]).seal(secret)

    @property
    def count(self) -> int:
        """How many people's keys it is sealed to."""
        return len(self.owners) + len(self.operators)

    def told(self) -> bytes:
        """As JSON in exactly one form."""
        fields = {"kind": self.kind.value, "owners": self.owners, "operators": self.operators}
        return ordered_json(fields, escaped=True)

    @property
    def most_key_size(self) -> int:
        """Bytes that a sealed key of an epoch takes at most."""
        if self.kind is SealingKind.TWO_PERSON:
            return _most_size(_most_size(KEY_SIZE, len(self.operators)), len(self.owners))
        return _most_size(KEY_SIZE, self.count)


def sealing(kind: SealingKind, owners: Sequence[str], operators: Sequence[str], room: int) -> Sealing:
    """The sealing of that kind, where a sealed key may have ``room`` bytes.

    Raises: BadInput when there is nobody to seal to, one is no age recipient, one person would be two, or they are
    too many.
    """
    Recipients(list(owners))
    owners = tuple(dict.fromkeys(owners))
    if kind is SealingKind.OWNER:
        return _fitting(Sealing(kind, owners), room)
    if operators:
        Recipients(list(operators))
    if kind is SealingKind.SHARED:
        others = tuple(one for one in dict.fromkeys(operators) if one not in owners)
        return _fitting(Sealing(kind, owners, others), room)
    if not operators:
        raise BadInput(
            "opening footage is to take an operator's key as well, and no operator has one",
            do="let an operator sign in and make one, or use `edgecam accounts key NAME`",
        )
    if both := set(owners) & set(operators):
        raise BadInput(
            f"{both.pop()} is an owner's key and an operator's: one person could open footage alone",
            do="let the operator make a key of their own",
        )
    return _fitting(Sealing(kind, owners, tuple(dict.fromkeys(operators))), room)


def most_recipients(kind: SealingKind, room: int) -> int:
    """How many people's keys fit into ``room`` bytes, whoever of them are owners."""
    layers = 2 if kind is SealingKind.TWO_PERSON else 1
    return (room - KEY_SIZE - layers * _most_size(0, 0)) // _AGE_RECIPIENT_SIZE


class Unseals(Protocol):
    """Somebody, or several together, who open what was sealed to them."""

    def unseal(self, sealed: bytes) -> bytes:
        """The secret in ``sealed``. Raises: NotAllowed when somebody's key is missing, DataLoss."""
        ...


class Together:
    """Several people's identities, which open what was sealed to any or to all of them."""

    def __init__(self, *identities: OwnerIdentity) -> None:
        self._identities = identities

    def unseal(self, sealed: bytes) -> bytes:
        """The secret in ``sealed``. Raises: NotAllowed when somebody's key is missing, DataLoss."""
        return unsealed(sealed, self._identities)


class FollowedSealing:
    """To whom is sealed, as ``read`` says now, or last said in a way that can be used, also before a restart.

    Used by the writing thread; others may read ``fault``.
    """

    def __init__(
        self,
        read: Callable[[], Sealing],
        remembered: Callable[[], Sealing | None] = lambda: None,
        remember: Callable[[Sealing], None] = lambda _sealing: None,
    ) -> None:
        """``remembered`` gives what ``remember`` was last given, in whichever process. Raises: what ``read`` does,
        when nobody was ever sealed to.
        """
        self._read, self._remember = read, remember
        self.fault: Fault | None = None
        try:
            self._sealing = read()
        except _REFUSALS as refused:
            last = remembered()
            if last is None:
                raise
            self._sealing, self.fault = last, _kept(refused)
        else:
            self._keep()

    def seal(self, secret: bytes) -> bytes:
        """As `Sealing.seal`."""
        return self._sealing.seal(secret)

    def look(self) -> bool:
        """Look again; whether what is sealed from now on is for others than before."""
        try:
            found = self._read()
        except _REFUSALS as refused:
            # An empty or broken file must not end the recording: those who could open it still can.
            self.fault = _kept(refused)
            return False
        self.fault = None
        if found == self._sealing:
            return False
        self._sealing = found
        self._keep()
        return True

    def _keep(self) -> None:
        # A medium that refuses so small a file is told of by all that is written beside it.
        with suppress(MediaFailing):
            self._remember(self._sealing)


_REFUSALS = (BadInput, DataLoss, MediaFailing, NotAllowed, Unavailable)


def _kept(refused: BadInput | DataLoss | MediaFailing | NotAllowed | Unavailable) -> Fault:
    return Fault("recipients", f"{refused.what}; footage is still sealed to the recipients before.")


def _most_size(content_size: int, recipients: int) -> int:
    return content_size + _AGE_FILE_SIZE + _AGE_GREASE_SIZE + recipients * _AGE_RECIPIENT_SIZE


def _fitting(made: Sealing, room: int) -> Sealing:
    if made.most_key_size > room:
        raise BadInput(
            f"{made.count} recipients are more than the {most_recipients(made.kind, room)} that a slot has room "
            "for",
            do="remove one first",
        )
    return made
