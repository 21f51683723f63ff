"""Where the accounts are kept and changed: each change registered before it is made, and completed after."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from edgecam.core.clock import Clock
from edgecam.core.durable import changing_alone, identity_of, replace_durably
from edgecam.core.errors import BadInput, DataLoss, NotAllowed, Unavailable
from edgecam.core.status import Fault
from edgecam.core.term import Term
from edgecam.custody.accounts.accountfile import (
    MOST_SIZE_BYTES,
    RESET,
    broken_accounts,
    decode_accounts,
    encode_accounts,
)
from edgecam.custody.accounts.accounts import (
    MOST_PASSKEYS,
    OWNER_NAME,
    Account,
    AccountRole,
    Accounts,
    Passkey,
    SignInWay,
    account_name,
)
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act
from edgecam.keys.camera import CameraKey
from edgecam.keys.owner import Recipients
from edgecam.keys.passwordhash import PasswordHash, Strength, calibrated, hash_secret

Change = Callable[[Accounts], Accounts]


class AccountStore:
    """The accounts at ``path``; any thread may call it, and several processes may change them.

    ``by`` is always who makes the change, for the register. Every change raises what `Register.write` raises, and
    MediaFailing; then nothing was changed.
    """

    def __init__(self, path: Path, key: CameraKey, register: Register, clock: Clock) -> None:
        self.path, self.camera_id = path, key.camera_id
        self._key, self._register, self._clock = key, register, clock
        self._looking = threading.Lock()
        self._seen: tuple[int, ...] | None = None
        self._accounts: Accounts | None = None

    def look(self) -> Accounts:
        """Those that stand in the file now. Raises: Unavailable when there is none, DataLoss for a broken one."""
        with self._looking:
            seen = identity_of(self.path)
            if self._accounts is None or seen != self._seen:
                self._accounts = None
                self._accounts, self._seen = self._read(), seen
            return self._accounts

    def faults(self) -> list[Fault]:
        """What is wrong with the file now; none at all is no fault."""
        try:
            self.look()
        except DataLoss as refused:
            return [Fault("accounts", str(refused))]
        except Unavailable:
            return []
        return []

    def _read(self) -> Accounts:
        return read_accounts(self.path, self._key.public)

    def hashed(self, secret: str) -> PasswordHash:
        """``secret`` as the accounts here keep it; takes its time. Raises: as `look`."""
        return hash_secret(secret, self._strength(self.look()))

    def add(self, by: str, name: str, role: AccountRole, secret: str, until: Term | None) -> Account:
        """A new account. Raises: BadInput when the name is taken or no name, or the end does not fit the role."""
        made = self._new(by, account_name(name), role, self.hashed(secret), until)
        detail = {"what": "account added", "account": made.name, "role": role.value} | _end(until)
        self._change(by, detail, lambda accounts: accounts.with_account(made))
        return made

    def remove(self, by: str, name: str) -> None:
        """Raises: BadInput when there is none of that name, NotAllowed for the last owner."""
        self._change(by, {"what": "account removed", "account": name}, lambda accounts: accounts.without(name))

    def set_secret(self, by: str, name: str, secret: str) -> None:
        """Another secret; ends the account's sessions."""
        password = self.hashed(secret)
        self._change_one(by, name, "passphrase changed", lambda one: one.changed(password=password))

    def set_role(self, by: str, name: str, role: AccountRole, until: Term | None) -> None:
        """Another role, for an installer with its end; ends the account's sessions. Raises: as `add`, `remove`."""
        _check_end(role, until)
        self._change_one(
            by,
            name,
            "role changed",
            lambda one: one.changed(role=role, until=until),
            {"role": role.value} | _end(until),
        )

    def set_recipient(self, by: str, name: str, recipient: str) -> None:
        """The public half of an operator's own key, to which footage may be sealed; ends no session.

        Raises: BadInput for what is none, NotAllowed for who is no operator, or when somebody else has it.
        """

        def keyed(accounts: Accounts) -> Accounts:
            _check_recipient(accounts, name, recipient)
            return accounts.with_changed(replace(accounts.of(name), recipient=recipient))

        self._change(by, {"what": "key of their own", "account": name, "recipient": recipient}, keyed)

    def check_recipient(self, name: str, recipient: str) -> None:
        """Whether `set_recipient` would take it now. Raises: as that."""
        _check_recipient(self.look(), name, recipient)

    def set_disabled(self, by: str, name: str, disabled: bool) -> None:
        """Switch it off or on; ends its sessions. Raises: as `remove`."""
        what = "account switched off" if disabled else "account switched on"
        self._change_one(by, name, what, lambda one: one.changed(disabled=disabled))

    def set_way(self, by: str, name: str, way: SignInWay) -> None:
        """Another way to sign in; ends its sessions. Raises: NotAllowed when it has no passkey for that."""

        def changed(one: Account) -> Account:
            if way is not SignInWay.EITHER and not one.passkeys:
                raise NotAllowed("this account has no passkey yet", do="register one first")
            return one.changed(way=way)

        self._change_one(by, name, "way to sign in changed", changed, {"way": way.value})

    def add_passkey(self, by: str, name: str, passkey: Passkey) -> None:
        """Raises: BadInput when it is known already, or there are too many."""

        def added(accounts: Accounts) -> Accounts:
            one = accounts.of(name)
            if accounts.holding(passkey.credential_id) is not None:
                raise BadInput("this passkey is registered already", do="sign in with it")
            if len(one.passkeys) >= MOST_PASSKEYS:
                raise BadInput(f"this account has {MOST_PASSKEYS} passkeys already", do="remove one first")
            return accounts.with_changed(replace(one, passkeys=(*one.passkeys, passkey)))

        self._change(by, {"what": "passkey added", "account": name, "passkey": passkey.label}, added)

    def remove_passkey(self, by: str, name: str, credential_id: bytes) -> None:
        """Ends the account's sessions. Raises: BadInput when it is not there, NotAllowed for one that is needed."""

        def without(one: Account) -> Account:
            left = tuple(passkey for passkey in one.passkeys if passkey.credential_id != credential_id)
            if len(left) == len(one.passkeys):
                raise BadInput("there is no such passkey", do="look at the list again")
            if not left and one.way is not SignInWay.EITHER:
                raise NotAllowed(
                    "this account signs in with a passkey, and this is its last one",
                    do="let it sign in with its passphrase first",
                    safe="nothing was changed",
                )
            return one.changed(passkeys=left)

        self._change_one(by, name, "passkey removed", without)

    def reset_owner(self, by: str, secret: str) -> None:
        """Make the owner's account, or make it as new: switched on, this secret, no passkeys; others stay.

        A file that is broken is put aside, and the owner is the only account then.
        """
        strength = calibrated()
        self.take_owner(by, hash_secret(secret, strength), strength)

    def take_owner(self, by: str, password: PasswordHash, strength: Strength) -> None:
        """As `reset_owner`, for a secret that was hashed elsewhere.

        ``strength`` is this board's: the secret is kept at that one from the next time on that it is shown.
        """

        def reset(accounts: Accounts) -> Accounts:
            accounts = replace(accounts, strength=strength)
            one = accounts.named(OWNER_NAME)
            if one is None:
                return accounts.with_account(self._new(by, OWNER_NAME, AccountRole.OWNER, password, None))
            renewed = one.changed(
                password=password,
                role=AccountRole.OWNER,
                until=None,
                disabled=False,
                way=SignInWay.EITHER,
                passkeys=(),
            )
            return accounts.with_changed(renewed)

        detail = {"what": "owner's account made anew", "account": OWNER_NAME}
        self._change(by, detail, reset, begins=True)

    def keep_rehashed(self, account: Account, password: PasswordHash) -> None:
        """The same secret under today's strength, which nobody need hear of. Raises: MediaFailing."""
        self._keep(
            account, lambda one: replace(one, password=password) if one.password == account.password else one
        )

    def keep_count(self, account: Account, credential_id: bytes, sign_count: int) -> None:
        """What a passkey's holder counted when it signed in. Raises: MediaFailing."""

        def counted(one: Account) -> Account:
            passkeys = tuple(
                replace(passkey, sign_count=sign_count) if passkey.credential_id == credential_id else passkey
                for passkey in one.passkeys
            )
            return replace(one, passkeys=passkeys)

        self._keep(account, counted)

    def _keep(self, account: Account, change: Callable[[Account], Account]) -> None:
        with changing_alone(self.path):
            accounts = self._read()
            one = accounts.by_id(account.account_id)
            if one is not None:
                self._write(accounts.with_changed(change(one)))

    def _change_one(
        self,
        by: str,
        name: str,
        what: str,
        change: Callable[[Account], Account],
        detail: dict[str, str] | None = None,
    ) -> None:
        told = {"what": what, "account": name} | (detail or {})
        self._change(by, told, lambda accounts: accounts.with_changed(change(accounts.of(name))))

    def _change(self, by: str, detail: dict[str, str], change: Change, *, begins: bool = False) -> None:
        with changing_alone(self.path):
            accounts = self._to_begin_with() if begins else self._read()
            after = change(accounts)
            line = self._register.write(Act.ACCOUNT_CHANGE, who=by, purpose="who may use the page", detail=detail)
            self._write(after)
        self._register.complete(line, {"what": detail["what"], "done": "True"})

    def _to_begin_with(self) -> Accounts:
        try:
            return self._read()
        except Unavailable:
            return Accounts(self.camera_id)
        except DataLoss:
            with suppress(OSError):
                os.replace(self.path, self.path.with_name(f"{self.path.name}.broken"))
            return Accounts(self.camera_id)

    def _write(self, accounts: Accounts) -> None:
        replace_durably(self.path, encode_accounts(accounts, self._key.sign))
        with self._looking:
            self._accounts = None

    def _new(self, by: str, name: str, role: AccountRole, password: PasswordHash, until: Term | None) -> Account:
        _check_end(role, until)
        return Account(secrets.token_hex(16), name, role, password, by[:80], self._clock.now().wall_ns, until=until)

    def _strength(self, accounts: Accounts) -> Strength:
        return accounts.strength or calibrated()


def _check_recipient(accounts: Accounts, name: str, recipient: str) -> None:
    Recipients([recipient])
    one = accounts.of(name)
    if one.role is not AccountRole.OPERATOR:
        raise NotAllowed("only operators have a key of their own", do="use `edgecam recipients` for owners")
    if any(other.recipient == recipient for other in accounts.accounts if other is not one):
        raise NotAllowed("this key is somebody else's", do="make one of your own", safe="nothing was changed")


def read_accounts(path: Path, camera_public: bytes) -> Accounts:
    """Those in the file at ``path``. Raises: Unavailable when there is none, DataLoss for a broken one."""
    try:
        with open(path, "rb") as file:
            return decode_accounts(file.read(MOST_SIZE_BYTES + 1), camera_public)
    except FileNotFoundError as missing:
        raise Unavailable(
            "nobody can sign in: there is no account on this camera", do=RESET, safe="recording goes on"
        ) from missing
    except OSError as refused:
        raise broken_accounts(f"it cannot be read ({refused.strerror})") from refused


def _check_end(role: AccountRole, until: Term | None) -> None:
    if role is AccountRole.INSTALLER and until is None:
        raise BadInput("an installer's account needs an end", do="say for how many days it lasts")
    if role is not AccountRole.INSTALLER and until is not None:
        raise BadInput("only an installer's account has an end", do="leave the days away")


def _end(until: Term | None) -> dict[str, str]:
    return {} if until is None else {"until_wall_ns": str(until.until_wall_ns)}
