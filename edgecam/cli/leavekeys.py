"""The keys of a permit, made on the command line by the owner before a case is allowed."""

from __future__ import annotations

import getpass

from edgecam.choices import retention_of
from edgecam.cli.casetelling import store_of
from edgecam.cli.holding import holds_of
from edgecam.cli.options import unlock
from edgecam.core.clock import SystemClock
from edgecam.core.errors import DataLoss, NotAllowed
from edgecam.custody.accounts.accountstore import read_accounts
from edgecam.custody.cases.case import Case
from edgecam.custody.cases.caserules import Actor
from edgecam.custody.cases.permitkeys import (
    CaseKeys,
    Left,
    PermitKey,
    PermitKeys,
    Permits,
    leave_registered,
    permit_key,
)
from edgecam.custody.evidence.ciphertext import Ciphertext
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import OwnerIdentity, Recipients
from edgecam.keys.sealing import SealingKind
from edgecam.pastfootage import PastFootage
from edgecam.places import Places
from edgecam.settings import Settings
from edgecam.web.permitparts import Source
from edgecam.web.permits import epochs_of_case, slots_of_case
from edgecam.web.sealedparts import SealedFootage


class OwnersKeys:
    """What `CaseDesk` asks before a case is allowed on the command line: keys, made with the owner's passphrase."""

    def __init__(self, settings: Settings, places: Places, key: CameraKey) -> None:
        self._settings, self._places, self._key = settings, places, key

    def require(self, case: Case, who: Actor) -> None:
        """Leave what opens its footage. Raises: as `leave_keys`."""
        leave_keys(self._settings, self._places, self._key, case)

    def end(self, case_id: str) -> None:
        """Erase the keys of that case. Raises: MediaFailing."""
        PermitKeys(self._places.cases, self._key).erase(case_id)


def leave_keys(settings: Settings, places: Places, key: CameraKey, case: Case) -> int:
    """Leave what opens the footage of ``case`` for the account that asked; for how many epochs.

    None, and no passphrase is asked for, where it needs none. Raises: NotAllowed when they have no key of their
    own, or nothing opens; BadInput, DataLoss, MediaFailing.
    """
    clock, keys = SystemClock(), PermitKeys(places.cases, key)
    shared = SealingKind(settings.custody.sealing) is SealingKind.SHARED
    if not Permits(keys, store_of(places, key).find, clock, shared=shared).needs_keys(case):
        return 0
    asker = read_accounts(places.accounts, key.public).by_id(case.asked_by_id)
    if asker is None or not asker.recipient:
        raise NotAllowed(
            f"{case.asked_by} has no key to which footage could be sealed",
            do="they make one on the page, or with `edgecam accounts key`",
            safe="nothing was allowed",
        )
    footage = PastFootage(places.ring, retention_of(settings), clock, holds_of(settings, places, key))
    sources: dict[Source, SealedFootage] = {"ring": footage.sealed}
    if places.album.exists():
        sources["album"] = Ciphertext(places.album, retention_of(settings), clock.now)
    made = _made(unlock(places), sources, case, Recipients([asker.recipient]))
    if not made:
        raise NotAllowed(
            "this key opens none of the footage that was asked for",
            do="what is sealed to two people is allowed on the page if an owner asks",
            safe="nothing was allowed",
        )
    register = Register(places.register, key.sign, key.public, clock)
    left = CaseKeys(case.case_id, asker.account_id, Left.GRANTED, getpass.getuser(), tuple(made))
    leave_registered(register, keys, left, case.asked_by)
    keys.keep_only(case.case_id, epochs_of_case(sources, case))
    return len(made)


def _made(
    owner: OwnerIdentity, sources: dict[Source, SealedFootage], case: Case, asker: Recipients
) -> list[PermitKey]:
    made = []
    for slot in slots_of_case(sources, case):
        try:
            made.append(PermitKey(slot.ring_id, slot.epoch, permit_key(owner, slot.sealed_key, asker)))
        except (NotAllowed, DataLoss):
            continue  # sealed to another owner before, or damaged
    return made
