"""Who somebody is: secrets checked against the accounts, guesses slowed down by account, address and device."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import threading
from collections.abc import Hashable
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from edgecam.core.clock import Clock
from edgecam.core.errors import BadInput, EdgecamError, NotAllowed
from edgecam.custody.accounts.accounts import Account, account_name
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.keys.passwordhash import FLOOR, PasswordHash, decoy, hash_secret
from edgecam.web.delays import Delays
from edgecam.web.knowndevice import known_device
from edgecam.web.refusals import TooSoon
from edgecam.web.signedin import Visitor

log = logging.getLogger(__name__)

# A stranger waits up to five minutes. An account that strangers try waits a minute at most, so that nobody locks
# anybody out; devices from which its person signed in before do not even wait that.
LONGEST_ADDRESS_S, LONGEST_ACCOUNT_S, FREE_ACCOUNT_TRIES = 300, 60, 5
_MOST_ADDRESSES, _MOST_DEVICES, _MOST_PEOPLE = 1024, 256, 64
# Names that nobody has share so many accounts of tries: as many as anybody likes to think of take no more room.
_UNKNOWN_NAMES = 256


@dataclass(frozen=True, slots=True)
class Caller:
    """Where somebody knocks from: the network address, and the cookie of a device that was here before."""

    address: str
    device: str | None = field(default=None, repr=False)

    @property
    def network(self) -> str:
        """What counts as one place: the address, or for IPv6 the /64, all of which one machine may have."""
        try:
            address = ipaddress.ip_address(self.address.partition("%")[0])
        except ValueError:
            return self.address[:80]
        if isinstance(address, ipaddress.IPv6Address):
            mapped = address.ipv4_mapped
            return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
        return str(address)


class AccountDesk:
    """Asked by the page's threads; two at once wait for each other. ``store`` keeps and changes the accounts."""

    def __init__(self, store: AccountStore, clock: Clock) -> None:
        self.store = store
        self._clock = clock
        self._turn = threading.Lock()
        self._decoy: PasswordHash | None = None
        self._addresses = Delays(clock, free=0, longest_s=LONGEST_ADDRESS_S, most=_MOST_ADDRESSES)
        self._accounts = Delays(
            clock, free=FREE_ACCOUNT_TRIES, longest_s=LONGEST_ACCOUNT_S, most=_UNKNOWN_NAMES + _MOST_PEOPLE
        )
        self._devices = Delays(clock, free=0, longest_s=LONGEST_ADDRESS_S, most=_MOST_DEVICES)
        self._people = Delays(clock, free=0, longest_s=LONGEST_ADDRESS_S, most=_MOST_PEOPLE)

    def standing(self, account_id: str, revision: int) -> Account | None:
        """The account, while it may be used and is as it was at ``revision``. Raises: as `AccountStore.look`."""
        account = self.store.look().by_id(account_id)
        if account is None or account.revision != revision or account.trouble(self._clock.now()):
            return None
        return account

    def check_wait(self, typed: str, caller: Caller) -> None:
        """Raises: TooSoon while that name may not be tried from there."""
        self._check_wait(self._keys(typed, self._named(typed), caller))

    def check_secret(self, typed: str, secret: str, caller: Caller) -> Account:
        """The account whose name and secret these are; as slow for a name that nobody has.

        Raises: TooSoon, NotAllowed, and as `AccountStore.look`.
        """
        with self._turn:
            account = self._named(typed)
            keys = self._keys(typed, account, caller)
            self._check_wait(keys)
            matches = (account.password if account else self._nobodys()).matches(secret)
            if account is None or not matches:
                self._count_wrong(keys)
                log.warning("a wrong name or passphrase was tried on the page from %s", caller.address)
                raise NotAllowed("the name or the passphrase is wrong", do="try again", safe="nobody was let in")
            for delays, key in keys:
                delays.right(key)
        self.check_usable(account)
        self._strengthen(account, secret)
        return account

    def check_usable(self, account: Account) -> None:
        """Raises: NotAllowed for an account that is switched off or over."""
        if trouble := account.trouble(self._clock.now()):
            raise NotAllowed(trouble, do="ask the owner", safe="nobody was let in")

    def wrong_passkey(self, caller: Caller) -> None:
        """Count a passkey that opened nothing."""
        self._addresses.wrong(caller.network)

    def check_place(self, caller: Caller) -> None:
        """Raises: TooSoon while nothing may be tried from there."""
        self._check_wait([(self._addresses, caller.network)])

    async def check(self, visitor: Visitor, secret: str) -> None:
        """Before a sensitive act: whoever is signed in types the passphrase again, and ``secret`` came of it.

        Raises: TooSoon, NotAllowed, and as `AccountStore.look`.
        """
        await run_in_threadpool(self._check_again, visitor, secret)

    def _check_again(self, visitor: Visitor, secret: str) -> None:
        with self._turn:
            self._check_wait([(self._people, visitor.account_id)])
            account = self.store.look().by_id(visitor.account_id)
            if account is None or not account.password.matches(secret):
                self._people.wrong(visitor.account_id)
                raise NotAllowed("the passphrase is wrong", do="try again", safe="nothing was done")
            self._people.right(visitor.account_id)

    def _named(self, typed: str) -> Account | None:
        accounts = self.store.look()
        try:
            return accounts.named(account_name(typed))
        except BadInput:
            return None

    def _keys(self, typed: str, account: Account | None, caller: Caller) -> list[tuple[Delays, Hashable]]:
        """Whose tries these count among."""
        if device := known_device(caller.device, account):
            return [(self._devices, device)]
        name: Hashable
        if account is not None:
            name = account.account_id
        else:
            name = hashlib.sha256(typed.encode("utf-8", "replace")).digest()[0] % _UNKNOWN_NAMES
        return [(self._addresses, caller.network), (self._accounts, name)]

    def _check_wait(self, keys: list[tuple[Delays, Hashable]]) -> None:
        wait_s = max(delays.wait_s(key) for delays, key in keys)
        if wait_s > 0:
            raise TooSoon(wait_s)

    def _count_wrong(self, keys: list[tuple[Delays, Hashable]]) -> None:
        for delays, key in keys:
            delays.wrong(key)

    def _nobodys(self) -> PasswordHash:
        strength = self.store.look().strength or FLOOR
        if self._decoy is None or self._decoy.strength != strength:
            self._decoy = decoy(strength)
        return self._decoy

    def _strengthen(self, account: Account, secret: str) -> None:
        strength = self.store.look().strength
        if strength is None or account.password.strength == strength:
            return
        try:
            self.store.keep_rehashed(account, hash_secret(secret, strength))
        except EdgecamError as refused:
            log.warning("a passphrase could not be kept at today's strength: %s", refused)
