"""Passkeys (WebAuthn): what a browser is asked for, and whether what it answers is right.

A challenge is good once, for three minutes, for one purpose. A passkey belongs to a host name: it cannot be made
for, nor used at, a bare IP address.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from edgecam.core.clock import NS_PER_S, Clock
from edgecam.core.errors import BadInput, NotAllowed, Unavailable
from edgecam.custody.accounts.accounts import Account, Passkey
from edgecam.web.requestcheck import host_name

CHALLENGE_S = 180
_CHALLENGE_SIZE = 32
_MOST_CHALLENGES, _MOST_OF_ONE_PLACE = 256, 16
_LONGEST_CREDENTIAL_ID = 1023

log = logging.getLogger(__name__)
Checked = TypeVar("Checked")


@dataclass(frozen=True, slots=True)
class Challenge:
    """``account_id`` is whose passkey is wanted: to be made, or as the second of two; empty for anybody's."""

    host: str
    place: str
    account_id: str
    makes: bool
    until_mono_ns: int


class PasskeyDesk:
    """Any thread may ask. Keeps challenges in RAM, no more than a few hundred, few of them from one place."""

    def __init__(self, clock: Clock, camera_name: str) -> None:
        self._clock, self._camera_name = clock, camera_name
        self._lock = threading.Lock()
        self._challenges: OrderedDict[bytes, Challenge] = OrderedDict()

    def make(self, host: str, place: str, account: Account) -> dict[str, Any]:
        """What ``navigator.credentials.create`` takes (``parseCreationOptionsFromJSON``) to make one.

        Raises: BadInput at an IP address, Unavailable when too many are asked for.
        """
        from webauthn import generate_registration_options
        from webauthn.helpers import structs

        name = passkey_host(host)
        options = generate_registration_options(
            rp_id=name,
            rp_name=f"edgecam {self._camera_name}",
            user_id=bytes.fromhex(account.account_id),
            user_name=account.name,
            challenge=self._new(Challenge(name, place, account.account_id, True, self._until())),
            timeout=CHALLENGE_S * 1000,
            # One that the device finds by itself, and opens by finger, face or PIN: so it can do without a name.
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(account, name),
        )
        return _told(options)

    def ask(self, host: str, place: str, account: Account | None) -> dict[str, Any]:
        """What ``navigator.credentials.get`` takes; of ``account`` where a secret already told whose it is to be.

        Raises: as `make`, and NotAllowed when ``account`` has no passkey at this name.
        """
        from webauthn import generate_authentication_options
        from webauthn.helpers.structs import UserVerificationRequirement

        name = passkey_host(host)
        mine = _descriptors(account, name) if account is not None else []
        if account is not None and not mine:
            raise NotAllowed(
                f"this account has no passkey for {name}",
                do=f"open the page as {' or '.join(sorted({one.host for one in account.passkeys}))}",
                safe="nobody was let in",
            )
        account_id = account.account_id if account is not None else ""
        options = generate_authentication_options(
            rp_id=name,
            challenge=self._new(Challenge(name, place, account_id, False, self._until())),
            timeout=CHALLENGE_S * 1000,
            allow_credentials=mine,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return _told(options)

    def made(self, credential: dict[str, Any], origin: str, account: Account, label: str) -> Passkey:
        """The passkey that a browser made for ``account``. Raises: BadInput, and NotAllowed when it is too late."""
        from webauthn import verify_registration_response

        raw, challenge = self._take(credential)
        if not challenge.makes or challenge.account_id != account.account_id:
            raise _too_late()
        verified = _checked(
            lambda: verify_registration_response(
                credential=credential,
                expected_challenge=raw,
                expected_rp_id=challenge.host,
                expected_origin=origin,
                require_user_verification=True,
            )
        )
        if len(verified.credential_id) > _LONGEST_CREDENTIAL_ID:
            raise _unusable()
        return Passkey(
            verified.credential_id,
            verified.credential_public_key,
            verified.sign_count,
            label,
            challenge.host,
            self._clock.now().wall_ns,
        )

    def shown(
        self,
        credential: dict[str, Any],
        origin: str,
        holding: Callable[[bytes], tuple[Account, Passkey] | None],
    ) -> tuple[Account, Passkey, int, bool]:
        """Whose passkey answered, what it counts now, and whether its account's secret was told before.

        Raises: BadInput for what is none, NotAllowed for one that opens nothing here, or too late.
        """
        from webauthn import verify_authentication_response

        raw, challenge = self._take(credential)
        found = holding(_credential_id(credential))
        if challenge.makes:
            raise _too_late()
        if found is None:
            raise _unknown()
        account, passkey = found
        of_another = challenge.account_id not in ("", account.account_id)
        if of_another or passkey.host != challenge.host:
            raise _unknown()
        verified = _checked(
            lambda: verify_authentication_response(
                credential=credential,
                expected_challenge=raw,
                expected_rp_id=challenge.host,
                expected_origin=origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        )
        return account, passkey, verified.new_sign_count, bool(challenge.account_id)

    def _until(self) -> int:
        return self._clock.mono_ns() + CHALLENGE_S * NS_PER_S

    def _new(self, challenge: Challenge) -> bytes:
        raw = secrets.token_bytes(_CHALLENGE_SIZE)
        now_ns = self._clock.mono_ns()
        with self._lock:
            for old in [old for old, one in self._challenges.items() if one.until_mono_ns <= now_ns]:
                del self._challenges[old]
            places = Counter(one.place for one in self._challenges.values())
            if places[challenge.place] >= _MOST_OF_ONE_PLACE:
                # The oldest of one's own: a stranger elsewhere must not be able to take it.
                del self._challenges[
                    next(old for old, one in self._challenges.items() if one.place == challenge.place)
                ]
            elif len(self._challenges) >= _MOST_CHALLENGES:
                raise Unavailable("too many people sign in at once", do="try again in a few minutes")
            self._challenges[raw] = challenge
        return raw

    def _take(self, credential: dict[str, Any]) -> tuple[bytes, Challenge]:
        from webauthn.helpers import base64url_to_bytes

        def read() -> bytes:
            client_data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
            return base64url_to_bytes(client_data["challenge"])

        raw = _checked(read)
        with self._lock:
            challenge = self._challenges.pop(raw, None)
        if challenge is None or challenge.until_mono_ns <= self._clock.mono_ns():
            raise _too_late()
        return raw, challenge


def passkey_host(host: str) -> str:
    """The name in a ``Host`` header that a passkey can belong to. Raises: BadInput for an IP address."""
    name = host_name(host)
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name
    raise BadInput(
        f"a passkey belongs to a name, and {name} is an address",
        do="open the page by the camera's name, as https://NAME.local, or as localhost on the camera itself",
    )


def _descriptors(account: Account, host: str) -> list[Any]:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=one.credential_id) for one in account.passkeys if one.host == host]


def _told(options: Any) -> dict[str, Any]:
    from webauthn import options_to_json

    told: dict[str, Any] = json.loads(options_to_json(options))
    return told


def _credential_id(credential: dict[str, Any]) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    return _checked(lambda: base64url_to_bytes(credential["rawId"]))


def _checked(check: Callable[[], Checked]) -> Checked:
    """What ``check`` gives. Raises: BadInput for whatever it trips over: all of it came from outside."""
    try:
        return check()
    except Exception as refused:  # parsers of four formats, each with errors of its own; all mean the same
        log.warning("a passkey could not be used: %s: %s", type(refused).__name__, refused)
        raise _unusable() from refused


def _unusable() -> BadInput:
    return BadInput("this passkey cannot be used", do="try again, or sign in with the passphrase")


def _too_late() -> NotAllowed:
    return NotAllowed("this took too long, or was used already", do="begin again", safe="nobody was let in")


def _unknown() -> NotAllowed:
    return NotAllowed(
        "this passkey opens nothing on this camera", do="sign in with the passphrase", safe="nobody was let in"
    )
