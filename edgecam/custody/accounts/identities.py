"""Operators' own keys: each locked under its person's passphrase, with the public half in the signed accounts."""

from __future__ import annotations

from pathlib import Path

from edgecam.core.durable import replace_secret_durably
from edgecam.core.errors import BadInput, MediaFailing, NotAllowed
from edgecam.custody.accounts.accounts import Account, AccountRole
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.keys.owner import check_locked

_SUFFIX = ".age"


class Identities:
    """The files ``<account_id>.age`` in ``folder``, which is made with the first one. Any thread may call it."""

    def __init__(self, folder: Path, accounts: AccountStore) -> None:
        self._folder, self._accounts = folder, accounts

    def locked(self, account: Account) -> bytes | None:
        """The identity of ``account`` under its passphrase, an age file; ``None`` when they have none.

        Raises: BadInput when they have one and it cannot be read.
        """
        return locked_identity(self._folder, account)

    def keep(self, by: str, account: Account, locked: bytes, recipient: str) -> None:
        """Keep ``locked``, whose public half is ``recipient``, in place of what there was; registered.

        Raises: BadInput for what is no locked identity, NotAllowed for who is no operator or has somebody else's
        key, MediaFailing, and what `AccountStore` raises.
        """
        check_locked(locked)
        if account.role is not AccountRole.OPERATOR:
            raise NotAllowed("only operators have a key of their own", do="use `edgecam passphrase`")
        if recipient != account.recipient:
            self._accounts.check_recipient(account.name, recipient)
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as refused:
            raise MediaFailing(
                f"{self._folder} cannot be made ({refused.strerror})", do="check the permissions of its folder"
            ) from refused
        # The file first: nothing is ever sealed to a key that is kept nowhere.
        replace_secret_durably(self._folder / f"{account.account_id}{_SUFFIX}", locked)
        if recipient != account.recipient:
            self._accounts.set_recipient(by, account.name, recipient)


def locked_identity(folder: Path, account: Account) -> bytes | None:
    """The identity of ``account`` in ``folder``, as `Identities.locked`. Raises: BadInput."""
    if not account.recipient:
        return None
    try:
        return (folder / f"{account.account_id}{_SUFFIX}").read_bytes()
    except OSError as missing:
        raise BadInput(
            f"the key of {account.name} cannot be read", do="restore it from your backup, or make a new one"
        ) from missing
