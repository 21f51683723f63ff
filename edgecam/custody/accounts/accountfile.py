"""The accounts as a file: JSON laid out for people, signed by the camera; any other bytes are no accounts."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edgecam.core.errors import BadInput, DataLoss
from edgecam.core.oneform import sorted_json
from edgecam.core.term import Term
from edgecam.core.told import text as short_text
from edgecam.custody.accounts.accounts import (
    MOST_ACCOUNTS,
    MOST_PASSKEYS,
    Account,
    AccountRole,
    Accounts,
    Passkey,
    SignInWay,
    account_name,
)
from edgecam.keys.camera import camera_id, signed_by
from edgecam.keys.passwordhash import PasswordHash, Strength

MOST_SIZE_BYTES = 524_288
RESET = "make the owner's account anew on the camera: `edgecam accounts reset-owner`"


def encode_accounts(accounts: Accounts, sign: Callable[[bytes], bytes]) -> bytes:
    """The file of ``accounts``, signed by the camera."""
    fields = _fields(accounts)
    return (
        json.dumps({**fields, "signature": sign(sorted_json(fields, escaped=True)).hex()}, indent=1) + "\n"
    ).encode()


def decode_accounts(data: bytes, camera_public: bytes) -> Accounts:
    """The accounts that ``data`` tells, if this camera signed them. Raises: DataLoss for anything else."""
    try:
        if len(data) > MOST_SIZE_BYTES:
            raise ValueError("too long")
        file = _File.model_validate_json(data, strict=True)
        accounts = Accounts(
            file.camera,
            None if file.strength is None else Strength(*file.strength),
            tuple(_account(entry) for entry in file.accounts),
        )
        signed = sorted_json(_fields(accounts), escaped=True)
        if len({one.name for one in accounts.accounts}) != len(accounts.accounts):
            raise ValueError("two of one name")
    except (ValidationError, ValueError, TypeError, OverflowError, RecursionError, BadInput) as broken:
        raise broken_accounts("it is broken") from broken
    if accounts.camera != camera_id(camera_public):
        raise broken_accounts("it is another camera's")
    if not signed_by(camera_public, bytes.fromhex(file.signature), signed):
        raise broken_accounts("this camera did not sign it, or it was changed since")
    return accounts


def broken_accounts(why: str) -> DataLoss:
    """The refusal for a file that cannot be believed."""
    return DataLoss(
        f"nobody can sign in, because the list of accounts is not believed: {why}",
        do=RESET,
        safe="recording goes on",
    )


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


_Number = Annotated[int, Field(ge=0, lt=1 << 63)]
_Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
_Text = Annotated[str, Field(max_length=200)]


class _PasskeyEntry(_Strict):
    credential_id: Annotated[str, Field(min_length=1, max_length=1400)]
    public_key: Annotated[str, Field(min_length=1, max_length=2800)]
    sign_count: Annotated[int, Field(ge=0, lt=1 << 32)]
    label: _Text
    host: _Text
    made_wall_ns: _Number


class _Entry(_Strict):
    account_id: _Hex32
    name: _Text
    role: str
    password: _Text
    made_by: _Text
    made_wall_ns: _Number
    way: str
    passkeys: list[_PasskeyEntry] = Field(max_length=MOST_PASSKEYS)
    until: dict[str, Any] | None
    disabled: bool
    revision: _Number
    recipient: Annotated[str, Field(pattern=r"^age1[02-9ac-hj-np-z]{58}$")] | None = None


class _File(_Strict):
    format: Annotated[int, Field(ge=1, le=1)]  # a literal would take true for it
    camera: str
    strength: list[int] | None = Field(min_length=2, max_length=2)
    accounts: list[_Entry] = Field(max_length=MOST_ACCOUNTS)
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


def _account(entry: _Entry) -> Account:
    until = None if entry.until is None else Term.of(entry.until)
    role = AccountRole(entry.role)
    if (until is None) == (role is AccountRole.INSTALLER):
        raise ValueError("installers have an end, others none")
    if account_name(entry.name) != entry.name:
        raise ValueError("no name of an account")
    return Account(
        account_id=entry.account_id,
        name=entry.name,
        role=role,
        password=PasswordHash.decode(entry.password),
        made_by=short_text(entry.made_by),
        made_wall_ns=entry.made_wall_ns,
        way=SignInWay(entry.way),
        passkeys=tuple(_passkey(one) for one in entry.passkeys),
        until=until,
        disabled=entry.disabled,
        revision=entry.revision,
        recipient=entry.recipient or "",
    )


def _passkey(entry: _PasskeyEntry) -> Passkey:
    return Passkey(
        base64.b64decode(entry.credential_id, validate=True),
        base64.b64decode(entry.public_key, validate=True),
        entry.sign_count,
        short_text(entry.label),
        short_text(entry.host),
        entry.made_wall_ns,
    )


def _fields(accounts: Accounts) -> dict[str, Any]:
    strength = accounts.strength
    return {
        "format": 1,
        "camera": accounts.camera,
        "strength": None if strength is None else [strength.memory_kib, strength.rounds],
        "accounts": [_entry(account) for account in accounts.accounts],
    }


def _entry(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "name": account.name,
        "role": account.role.value,
        "password": account.password.encode(),
        "made_by": account.made_by,
        "made_wall_ns": account.made_wall_ns,
        "way": account.way.value,
        "passkeys": [
            {
                "credential_id": base64.b64encode(passkey.credential_id).decode(),
                "public_key": base64.b64encode(passkey.public_key).decode(),
                "sign_count": passkey.sign_count,
                "label": passkey.label,
                "host": passkey.host,
                "made_wall_ns": passkey.made_wall_ns,
            }
            for passkey in account.passkeys
        ],
        "until": None if account.until is None else account.until.told(),
        "disabled": account.disabled,
        "revision": account.revision,
        # Left out where there is none, as in files from before there were any: what was signed then still is.
        **({"recipient": account.recipient} if account.recipient else {}),
    }
