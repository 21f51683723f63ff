"""Who is signed in: browsers known by a random cookie, over after 30 idle minutes or 12 hours."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import EdgecamError
from edgecam.custody.accounts.accounts import Account
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.device import Device
from edgecam.web.refusals import NotSignedIn
from edgecam.web.signedin import Visitor

IDLE_S = 30 * 60
LONGEST_S = 12 * 3600
MOST_PER_ACCOUNT = 8
_SWEEP_S = 60


@dataclass(slots=True)
class SignIn:
    """One browser of one account. ``session_id`` names it to people; the token that opens it is kept as SHA-256."""

    session_id: str
    token_hash: bytes
    account: Account
    device: Device
    address: str
    since_wall_ns: int
    since_mono_ns: int
    used_wall_ns: int
    used_mono_ns: int


class SignIns:
    """Owned by the event loop: no other thread may call it. ``on_end`` gets the id of each session that ends."""

    def __init__(self, clock: Clock, desk: AccountDesk) -> None:
        self._clock, self._desk = clock, desk
        self._by_hash: dict[bytes, SignIn] = {}
        self._on_end: list[Callable[[str], None]] = []
        self._sweep: asyncio.TimerHandle | None = None

    def on_end(self, told: Callable[[str], None]) -> None:
        self._on_end.append(told)

    def begin(self, account: Account, device: Device, address: str) -> str:
        """The token of a new session; of more than eight of one account, the longest unused ends."""
        self.forget_over()
        mine = [one for one in self._by_hash.values() if one.account.account_id == account.account_id]
        for one in sorted(mine, key=lambda one: one.used_mono_ns)[: max(0, len(mine) + 1 - MOST_PER_ACCOUNT)]:
            self._end(one)
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        hashed = _hash(token)
        self._by_hash[hashed] = SignIn(
            secrets.token_hex(8),
            hashed,
            account,
            device,
            address,
            now.wall_ns,
            now.mono_ns,
            now.wall_ns,
            now.mono_ns,
        )
        self._sweep_later()
        return token

    def visitor(self, token: str | None, *, prolongs: bool) -> Visitor:
        """Who ``token`` names; ``prolongs`` begins the idle minutes anew.

        Raises: NotSignedIn, and as `AccountStore.look`.
        """
        one = self._by_hash.get(_hash(token)) if token else None
        if one is None:
            raise NotSignedIn("you are not signed in")
        if not self._stands(one):
            self._end(one)
            raise NotSignedIn("you are not signed in any more")
        if prolongs:
            now = self._clock.now()
            one.used_mono_ns, one.used_wall_ns = now.mono_ns, now.wall_ns
        return Visitor(one.account.name, one.account.role, one.session_id, one.account.account_id)

    def stands(self, visitor: Visitor) -> bool:
        """Whether the session is not over; for what takes longer than one request. Never raises."""
        one = self._named(visitor.session_id)
        try:
            return one is not None and self._stands(one)
        except EdgecamError:
            return False

    def session(self, visitor: Visitor) -> SignIn:
        """The session of ``visitor``. Raises: NotSignedIn when it ended meanwhile."""
        one = self._named(visitor.session_id)
        if one is None:
            raise NotSignedIn("you are not signed in any more")
        return one

    def left_s(self, one: SignIn) -> int:
        """Seconds until it is over if it is not used, at least 0."""
        now_ns = self._clock.mono_ns()
        idle_ns = one.used_mono_ns + IDLE_S * NS_PER_S - now_ns
        return max(0, min(idle_ns, one.since_mono_ns + LONGEST_S * NS_PER_S - now_ns) // NS_PER_S)

    def listed(self, account_id: str | None = None) -> list[SignIn]:
        """All that stand, of one account or of all, the last used first."""
        self.forget_over()
        found = [one for one in self._by_hash.values() if account_id in (None, one.account.account_id)]
        return sorted(found, key=lambda one: one.used_mono_ns, reverse=True)

    def end(self, session_id: str) -> None:
        if (one := self._named(session_id)) is not None:
            self._end(one)

    def end_all(self) -> None:
        for one in list(self._by_hash.values()):
            self._end(one)
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None

    def forget_over(self) -> None:
        """End what is over, or whose account changed."""
        for one in list(self._by_hash.values()):
            try:
                stands = self._stands(one)
            except EdgecamError:  # nobody can tell whose it is
                stands = False
            if not stands:
                self._end(one)

    def _stands(self, one: SignIn) -> bool:
        return (
            self.left_s(one) > 0 and self._desk.standing(one.account.account_id, one.account.revision) is not None
        )

    def _named(self, session_id: str) -> SignIn | None:
        return next((one for one in self._by_hash.values() if one.session_id == session_id), None)

    def _end(self, one: SignIn) -> None:
        if self._by_hash.pop(one.token_hash, None) is not None:
            for told in self._on_end:
                told(one.session_id)

    def _sweep_later(self) -> None:
        # What hangs on a session must not stay open only because nobody asks again; without sessions no timer runs.
        if self._sweep is None and self._by_hash:
            self._sweep = asyncio.get_running_loop().call_later(_SWEEP_S, self._swept)

    def _swept(self) -> None:
        self._sweep = None
        self.forget_over()
        self._sweep_later()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
