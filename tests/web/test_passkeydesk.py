"""Challenges are bounded, good once and for one purpose; whatever answers them is right or refused."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from accountstand import three_accounts
from hypothesis import given, settings
from hypothesis import strategies as st
from page_camera import ObedientClock

from edgecam.core.errors import BadInput, NotAllowed, Unavailable
from edgecam.custody.accounts.accounts import Account, Passkey
from edgecam.web.passkeydesk import CHALLENGE_S, PasskeyDesk, passkey_host

pytestmark = pytest.mark.row("K2")
CLOCK = ObedientClock()
OWNER = three_accounts(CLOCK).of("owner")
KEY = Passkey(b"id", b"not a key", 0, "phone", "localhost", 0)
ORIGIN = "http://localhost:8080"


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def client_data(options: dict[str, Any], kind: str) -> str:
    return text(json.dumps({"type": kind, "challenge": options["challenge"], "origin": ORIGIN}).encode())


def holding(credential_id: bytes) -> tuple[Account, Passkey] | None:
    return (replace(OWNER, passkeys=(KEY,)), KEY) if credential_id == KEY.credential_id else None


_BYTES = st.binary(max_size=120).map(text)
_JUNK = st.one_of(_BYTES, st.text(max_size=20), st.none(), st.integers(), st.lists(st.integers(), max_size=2))


@settings(max_examples=150, deadline=None)
@given(
    attestation=_JUNK,
    authenticator=_JUNK,
    signature=_JUNK,
    extra=st.dictionaries(st.text(max_size=8), _JUNK, max_size=2),
)
def test_any_answer_to_a_true_challenge_is_refused(
    attestation: object, authenticator: object, signature: object, extra: dict[str, object]
) -> None:
    desk = PasskeyDesk(CLOCK, "Front door")
    options = desk.make("localhost:8080", "here", OWNER)
    made = {
        "id": text(KEY.credential_id),
        "rawId": text(KEY.credential_id),
        "type": "public-key",
        "response": {"clientDataJSON": client_data(options, "webauthn.create"), "attestationObject": attestation},
        **extra,
    }
    with pytest.raises((BadInput, NotAllowed)):
        desk.made(made, ORIGIN, OWNER, "phone")
    options = desk.ask("localhost:8080", "here", None)
    response = {
        "clientDataJSON": client_data(options, "webauthn.get"),
        "authenticatorData": authenticator,
        "signature": signature,
    }
    shown = {
        "id": text(KEY.credential_id),
        "rawId": text(KEY.credential_id),
        "type": "public-key",
        "response": response,
    }
    with pytest.raises((BadInput, NotAllowed)):
        desk.shown({**shown, **extra}, ORIGIN, holding)


def test_what_was_asked_for_one_purpose_serves_no_other() -> None:
    desk = PasskeyDesk(CLOCK, "Front door")

    def answer(options: dict[str, Any]) -> dict[str, Any]:
        response = {"clientDataJSON": client_data(options, "webauthn.get")}
        return {"id": "aWQ", "rawId": "aWQ", "type": "public-key", "response": response}

    made = desk.make("localhost", "here", OWNER)
    with pytest.raises(NotAllowed, match="too long"):
        desk.shown(answer(made), ORIGIN, holding)
    asked = desk.ask("localhost", "here", None)
    with pytest.raises(NotAllowed, match="too long"):
        desk.made(answer(asked), ORIGIN, OWNER, "phone")
    elsewhere = desk.ask("edgecam.local", "here", None)
    with pytest.raises(NotAllowed, match="opens nothing"):
        desk.shown(answer(elsewhere), ORIGIN, holding)


def test_challenges_are_bounded_for_one_place_and_for_all() -> None:
    clock = ObedientClock()
    desk = PasskeyDesk(clock, "Front door")
    first = desk.ask("localhost", "mine", None)
    for _ in range(100):
        desk.ask("localhost", "greedy", None)
    response = {"clientDataJSON": client_data(first, "webauthn.get")}
    with pytest.raises(NotAllowed, match="opens nothing"):
        desk.shown({"rawId": "AAAA", "response": response}, ORIGIN, holding)  # it was still there
    taken = 16
    while taken < 256:
        desk.ask("localhost", f"place {taken}", None)
        taken += 1
    with pytest.raises(Unavailable):
        desk.ask("localhost", "one more", None)
    clock.sleep(CHALLENGE_S)
    assert desk.ask("localhost", "late", None)


def test_who_has_a_passkey_elsewhere_is_told_where() -> None:
    desk = PasskeyDesk(CLOCK, "Front door")
    with pytest.raises(NotAllowed) as refused:
        desk.ask("edgecam.local", "here", replace(OWNER, passkeys=(KEY,)))
    assert "open the page as localhost" in refused.value.do


@pytest.mark.parametrize("host", ["192.168.1.7", "192.168.1.7:8443", "[fd00::7]:8443", "[::1]"])
def test_an_address_is_no_name(host: str) -> None:
    with pytest.raises(BadInput, match="is an address"):
        passkey_host(host)


@pytest.mark.parametrize(
    ("host", "name"), [("localhost:8080", "localhost"), ("Edgecam-1.local", "edgecam-1.local")]
)
def test_a_name_is_one(host: str, name: str) -> None:
    assert passkey_host(host) == name
