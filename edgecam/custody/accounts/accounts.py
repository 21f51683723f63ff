"""Who may use the page: accounts with a name, a role and how they sign in."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import BadInput, NotAllowed
from edgecam.core.term import Term
from edgecam.keys.passwordhash import PasswordHash, Strength

MOST_ACCOUNTS, MOST_PASSKEYS = 32, 8
LONGEST_INSTALLER_DAYS = 30
# The account whose passphrase also opens the owner's footage.
OWNER_NAME = "owner"
_LONGEST_NAME = 32
_DAY_NS = 86_400 * NS_PER_S


class AccountRole(StrEnum):
    """What somebody may do: the owner all, an operator watch and ask, an installer aim and draw. Stable names."""

    OWNER = "owner"
    OPERATOR = "operator"
    INSTALLER = "installer"


class SignInWay(StrEnum):
    """What an account signs in with: the passphrase or a passkey, both together, or a passkey alone."""

    EITHER = "either"
    BOTH = "both"
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class Passkey:
    """A public key (COSE bytes) whose secret half a phone, computer or security key holds, for one ``host`` name.

    ``sign_count`` is what its holder counted last, 0 for one that does not count; ``label`` is its owner's word.
    """

    credential_id: bytes
    public_key: bytes
    sign_count: int
    label: str
    host: str
    made_wall_ns: int


@dataclass(frozen=True, slots=True)
class Account:
    """One person's. ``account_id`` (32 hex digits) is nobody else's ever; ``revision`` grows with each change that
    ends sessions. ``until`` is the time an installer has, ``None`` for others. ``recipient`` is the public half of
    an operator's own age identity (``age1…``), empty where they have none.
    """

    account_id: str
    name: str
    role: AccountRole
    password: PasswordHash
    made_by: str
    made_wall_ns: int
    way: SignInWay = SignInWay.EITHER
    passkeys: tuple[Passkey, ...] = ()
    until: Term | None = None
    disabled: bool = False
    revision: int = 0
    recipient: str = ""

    def trouble(self, now: Instant) -> str:
        """Why it cannot be used at ``now``, empty when it can."""
        if self.disabled:
            return f"the account {self.name} is switched off"
        if self.until is not None and _is_over(self.until, now):
            return f"the time of the account {self.name} is over"
        return ""

    def changed(self, **fields: Any) -> Account:
        """This with other ``fields``, in a way that ends its sessions."""
        return replace(self, revision=self.revision + 1, **fields)


@dataclass(frozen=True, slots=True)
class Accounts:
    """All of one ``camera``; what changes them gives others. ``strength`` is what new hashes are made with."""

    camera: str
    strength: Strength | None = None
    accounts: tuple[Account, ...] = ()

    def named(self, name: str) -> Account | None:
        """The account of that name, exactly as it stands in the file."""
        return next((account for account in self.accounts if account.name == name), None)

    def of(self, name: str) -> Account:
        """The same. Raises: BadInput when there is none."""
        found = self.named(name)
        if found is None:
            raise BadInput(f"there is no account called {name!r}", do="see `edgecam accounts list`")
        return found

    def by_id(self, account_id: str) -> Account | None:
        return next((account for account in self.accounts if account.account_id == account_id), None)

    def operators(self) -> tuple[str, ...]:
        """The recipients of the operators who are not switched off, in order."""
        return tuple(
            one.recipient
            for one in self.accounts
            if one.role is AccountRole.OPERATOR and not one.disabled and one.recipient
        )

    def holding(self, credential_id: bytes) -> tuple[Account, Passkey] | None:
        """Whose passkey that is, and the passkey."""
        for account in self.accounts:
            for passkey in account.passkeys:
                if passkey.credential_id == credential_id:
                    return account, passkey
        return None

    def with_account(self, account: Account) -> Accounts:
        """One more. Raises: BadInput when the name is taken, or there are too many."""
        if self.named(account.name) is not None:
            raise BadInput(f"there is an account called {account.name} already", do="choose another name")
        if len(self.accounts) >= MOST_ACCOUNTS:
            raise BadInput(f"there are {MOST_ACCOUNTS} accounts already", do="remove one first")
        return replace(self, accounts=(*self.accounts, account))

    def with_changed(self, account: Account) -> Accounts:
        """The account of the same id as ``account`` is now. Raises: NotAllowed when no owner would be left."""
        return self._with_owner(
            tuple(account if one.account_id == account.account_id else one for one in self.accounts)
        )

    def without(self, name: str) -> Accounts:
        """One fewer. Raises: BadInput when there is none of that name, NotAllowed for the last owner."""
        gone = self.of(name)
        return self._with_owner(tuple(one for one in self.accounts if one is not gone))

    def _with_owner(self, accounts: tuple[Account, ...]) -> Accounts:
        if not any(one.role is AccountRole.OWNER and not one.disabled for one in accounts):
            raise NotAllowed(
                "this is the last owner: nobody could let anybody in any more",
                do="make another owner first",
                safe="nothing was changed",
            )
        return replace(self, accounts=accounts)


def account_name(typed: str) -> str:
    """The one form of a name that somebody typed: letters and digits of any script, ``. _ -`` inside, lower case.

    The browser forms it in the same way (``name.trim().normalize("NFKC").toLowerCase()``), because the sign-in
    secret depends on it. Raises: BadInput.
    """
    name = unicodedata.normalize("NFKC", typed.strip()).lower()
    whole = bool(name) and name[0].isalnum() and all(letter.isalnum() or letter in "._-" for letter in name)
    if not whole or len(name) > _LONGEST_NAME or unicodedata.normalize("NFKC", name).lower() != name:
        raise BadInput(
            f"{typed[:40]!r} cannot name an account", do=f"use 1 to {_LONGEST_NAME} letters, digits, . _ or -"
        )
    return name


def installer_term(days: float, now: Instant) -> Term:
    """``days`` from ``now`` on. Raises: BadInput for none or too many."""
    if not 0 < days <= LONGEST_INSTALLER_DAYS:
        raise BadInput(f"an installer's account lasts 1 to {LONGEST_INSTALLER_DAYS} days", do="say for how many")
    return Term(now, int(days * _DAY_NS))


def _is_over(until: Term, now: Instant) -> bool:
    over = until.is_over(now)
    if over is not None:
        return over
    # A camera that is being installed is switched off and on before it knows a clock. A restored clock can only be
    # late by the time it was off; one that was never set, or is earlier than the beginning, knows nothing.
    passed_ns = now.wall_ns - until.begun.wall_ns
    known = now.trust is not TimeTrust.UNSET and until.begun.trust is not TimeTrust.UNSET
    return not known or not 0 <= passed_ns < (until.for_ns or 0)
