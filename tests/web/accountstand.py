"""Accounts for the page in tests: an owner, an operator and an installer, hashed as weakly as is allowed."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import BrowserContext

from edgecam.core.clock import Clock
from edgecam.custody.accounts.accountfile import encode_accounts
from edgecam.custody.accounts.accounts import Account, AccountRole, Accounts, installer_term
from edgecam.custody.accounts.accountstore import AccountStore
from edgecam.custody.register.register import Register
from edgecam.keys.camera import CameraKey
from edgecam.keys.passwordhash import FLOOR, PasswordHash, hash_secret
from edgecam.keys.signinsecret import sign_in_secret
from edgecam.web.server import PageServer
from edgecam.web.signedin import COOKIE

PASSPHRASE = "five quiet winter herons"
ROLES = {"owner": AccountRole.OWNER, "operator": AccountRole.OPERATOR, "sato": AccountRole.INSTALLER}
INSTALLER_DAYS = 7


@cache
def camera_key() -> CameraKey:
    return CameraKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


@cache
def secret_of(name: str, passphrase: str = PASSPHRASE) -> str:
    """What a browser derives of the passphrase, which is the same for all accounts here."""
    return sign_in_secret(passphrase, camera_key().camera_id, name)


@cache
def _hash_of(name: str) -> PasswordHash:
    return hash_secret(secret_of(name), FLOOR)


def new_folder() -> Path:
    """A folder in RAM; whoever makes it removes it with `remove_folder`."""
    return Path(tempfile.mkdtemp(prefix="edgecam-accounts-", dir="/dev/shm"))


def remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def three_accounts(clock: Clock) -> Accounts:
    """One of each role; the installer's lasts a week."""
    made = [
        Account(
            account_id=f"{number:032x}",
            name=name,
            role=role,
            password=_hash_of(name),
            made_by="setup",
            made_wall_ns=clock.now().wall_ns,
            until=installer_term(INSTALLER_DAYS, clock.now()) if role is AccountRole.INSTALLER else None,
        )
        for number, (name, role) in enumerate(ROLES.items(), 1)
    ]
    return Accounts(camera_key().camera_id, FLOOR, tuple(made))


def account_store(folder: Path, clock: Clock, accounts: Accounts | None = None) -> AccountStore:
    """A store in ``folder`` that holds ``accounts``, or `three_accounts`."""
    key = camera_key()
    path = folder / "accounts.json"
    path.write_bytes(encode_accounts(accounts or three_accounts(clock), key.sign))
    return AccountStore(path, key, Register(folder / "register.jsonl", key.sign, key.public, clock), clock)


def sign_in(client: httpx.Client, name: str = "owner", secret: str | None = None) -> httpx.Response:
    """The answer to a try to sign in."""
    return client.post("/api/sign-in", json={"name": name, "secret": secret or secret_of(name)})


def signed_in(client: httpx.Client, name: str = "owner") -> httpx.Client:
    """``client``, signed in as ``name``."""
    answer = sign_in(client, name)
    assert answer.status_code == 200, answer.text
    return client


def let_in(context: BrowserContext, server: PageServer, name: str = "owner") -> BrowserContext:
    """``context``, signed in as ``name`` without the page's own form."""
    address = server.address
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=30, trust_env=False) as client:
        token = signed_in(client, name).cookies[COOKIE]
    context.add_cookies([{"name": COOKIE, "value": token, "url": address, "httpOnly": True, "sameSite": "Strict"}])
    return context
