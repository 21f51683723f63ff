"""Devices from which somebody signed in before: a cookie that keeps strangers' wrong tries from holding them up.

The cookie lets nobody in. It is ``account_id.nonce.mac``, the MAC under what the camera keeps of the account's
secret: so the camera remembers nothing for it, and another passphrase makes all of them worthless.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Annotated

from fastapi import Cookie

from edgecam.custody.accounts.accounts import Account

COOKIE = "edgecam_device"
PATH = "/api/sign-in"
LIFE_S = 180 * 86_400

DeviceToken = Annotated[str | None, Cookie(alias=COOKIE)]

_TOKEN = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32})\.([0-9a-f]{64})")


def device_token(account: Account) -> str:
    """A new token for a device from which ``account`` just signed in."""
    nonce = secrets.token_hex(16)
    return f"{account.account_id}.{nonce}.{_mac(account, nonce)}"


def known_device(token: str | None, account: Account | None) -> str:
    """Which device of ``account`` ``token`` names, empty when it is none."""
    found = _TOKEN.fullmatch(token or "")
    if found is None or account is None or found[1] != account.account_id:
        return ""
    return found[2] if hmac.compare_digest(_mac(account, found[2]), found[3]) else ""


def _mac(account: Account, nonce: str) -> str:
    told = f"edgecam device {account.account_id} {nonce}".encode()
    return hmac.new(account.password.digest, told, hashlib.sha256).hexdigest()
