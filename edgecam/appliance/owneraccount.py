"""`owner.account`: how the owner of a prepared camera signs in to its page, without anything to sign in with.

It holds an Argon2id hash, as the list of accounts does, of a secret that is derived for one camera and no other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from edgecam.appliance.bootfolder import OWNER_ACCOUNT
from edgecam.core.errors import BadInput
from edgecam.keys.passwordhash import FLOOR, PasswordHash, hash_secret


@dataclass(frozen=True, slots=True)
class OwnerAccount:
    """``camera_id`` is whose page it is for."""

    camera_id: str
    password: PasswordHash

    @classmethod
    def of(cls, camera_id: str, secret: str) -> OwnerAccount:
        """For who signs in with ``secret``; as hard as any board can bear, and made harder there."""
        return cls(camera_id, hash_secret(secret, FLOOR))

    def encode(self) -> bytes:
        told = {"format": 1, "camera": self.camera_id, "password": self.password.encode()}
        return (json.dumps(told, indent=1) + "\n").encode()


def decode_owner_account(text: str) -> OwnerAccount:
    """The account that `OwnerAccount.encode` wrote. Raises: BadInput for anything else."""
    try:
        told = json.loads(text)
        if type(told) is not dict or told.keys() != {"format", "camera", "password"} or told["format"] != 1:
            raise ValueError("no account")
        if type(told["camera"]) is not str:
            raise ValueError("no camera")
        return OwnerAccount(told["camera"], PasswordHash.decode(told["password"]))
    except (ValueError, TypeError, RecursionError) as broken:
        raise BadInput(f"{OWNER_ACCOUNT} is no account", do="make it anew with `edgecam prepare`") from broken
