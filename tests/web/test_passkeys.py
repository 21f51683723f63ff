"""Passkeys in a real browser: Chromium's own virtual authenticator against the served page."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from accountstand import secret_of, sign_in, signed_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_camera import PageCamera
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page
from servedpage import page_client

from edgecam.custody.accounts.accounts import SignInWay
from edgecam.web.passkeydesk import CHALLENGE_S
from edgecam.web.server import PageServer

pytestmark = pytest.mark.row("K2")

# What a front end does: it asks, hands the options to the browser, and sends what that gives.
POST = """async ([path, body]) => {
    const answer = await fetch(path, {
        method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
    });
    return [answer.status, await answer.json()];
}"""
CREATE = """async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return (await navigator.credentials.create({publicKey})).toJSON();
}"""
GET = """async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return (await navigator.credentials.get({publicKey})).toJSON();
}"""


class Device:
    """One browser at the page, opened as localhost, with a phone's own authenticator."""

    def __init__(self, context: BrowserContext, server: PageServer) -> None:
        self.page: Page = context.new_page()
        self.page.goto(server.address.replace("127.0.0.1", "localhost"))
        self._devtools: CDPSession = context.new_cdp_session(self.page)
        self._devtools.send("WebAuthn.enable")
        self._authenticator = self._devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                }
            },
        )["authenticatorId"]

    def post(self, path: str, body: object) -> tuple[int, dict[str, Any]]:
        status, told = self.page.evaluate(POST, [path, body])
        return status, told

    def sign_in(self, name: str) -> tuple[int, dict[str, Any]]:
        return self.post("/api/sign-in", {"name": name, "secret": secret_of(name)})

    def register(self, name: str, label: str = "my phone") -> tuple[int, dict[str, Any]]:
        status, asking = self.post("/api/passkeys/begin", {"secret": secret_of(name)})
        assert status == 200, asking
        credential = self.page.evaluate(CREATE, asking["options"])
        return self.post("/api/passkeys", {"label": label, "credential": credential})

    def shown(self, options: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the authenticator answers to ``options``, or to what the page asks of anybody."""
        if options is None:
            status, asking = self.post("/api/passkeys/ask", {})
            assert status == 200, asking
            options = asking["options"]
        shown: dict[str, Any] = self.page.evaluate(GET, options)
        return shown

    def sign_in_by_passkey(self) -> tuple[int, dict[str, Any]]:
        return self.post("/api/passkeys/sign-in", {"credential": self.shown()})

    def unverified(self) -> None:
        """Nobody touches or looks at it any more."""
        told = {"authenticatorId": self._authenticator, "isUserVerified": False}
        self._devtools.send("WebAuthn.setUserVerified", told)

    def me(self) -> tuple[int, dict[str, Any]]:
        status, told = self.page.evaluate(
            "async () => { const answer = await fetch('/api/me'); return [answer.status, await answer.json()]; }"
        )
        return status, told

    def sign_out(self) -> None:
        assert self.post("/api/sign-out", {})[0] == 200


@pytest.fixture
def device(browser: Browser, server: PageServer) -> Iterator[Device]:
    context = browser.new_context()
    yield Device(context, server)
    context.close()


def test_a_passkey_alone_signs_in(device: Device, camera: PageCamera) -> None:
    assert device.sign_in("sato")[0] == 200
    status, made = device.register("sato")
    assert (status, made["label"], made["host"]) == (200, "my phone", "localhost")
    device.sign_out()
    assert device.me()[0] == 401
    assert device.sign_in_by_passkey() == (200, {"name": "sato", "role": "installer", "passkey": None})
    assert device.me()[1]["passkeys"] == 1
    counted = camera.accounts.look().of("sato").passkeys[0].sign_count
    device.sign_out()
    assert device.sign_in_by_passkey()[0] == 200
    assert camera.accounts.look().of("sato").passkeys[0].sign_count > counted


def test_a_passkey_as_the_second_of_two(device: Device, camera: PageCamera) -> None:
    device.sign_in("owner")
    device.register("owner")
    camera.accounts.set_way("owner", "owner", SignInWay.BOTH)
    assert device.me()[0] == 401, "another way to sign in ends sessions"
    refused = device.sign_in_by_passkey()
    assert (refused[0], "passphrase and the passkey" in refused[1]["what"]) == (403, True)
    status, told = device.sign_in("owner")
    assert (status, told["name"], device.me()[0]) == (200, "owner", 401), "the passphrase alone is half of it"
    assert device.post("/api/passkeys/sign-in", {"credential": device.shown(told["passkey"])})[0] == 200
    assert device.me()[1]["name"] == "owner"


def test_the_second_of_two_must_be_the_same_accounts(device: Device, camera: PageCamera) -> None:
    for name in ("sato", "owner"):
        device.sign_in(name)
        device.register(name)
    camera.accounts.set_way("owner", "owner", SignInWay.BOTH)
    _, told = device.sign_in("owner")
    options = {**told["passkey"], "allowCredentials": []}
    of_sato = (
        base64.urlsafe_b64encode(camera.accounts.look().of("sato").passkeys[0].credential_id).decode().rstrip("=")
    )
    options["allowCredentials"] = [{"id": of_sato, "type": "public-key"}]
    refused = device.post("/api/passkeys/sign-in", {"credential": device.shown(options)})
    assert (refused[0], "opens nothing" in refused[1]["what"]) == (403, True)
    assert device.me()[0] == 401


def test_an_account_of_passkeys_alone_takes_no_passphrase(device: Device, camera: PageCamera) -> None:
    device.sign_in("owner")
    device.register("owner")
    way = device.page.evaluate(
        """async (body) => (await fetch("/api/me/way", {method: "PUT",
            headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)})).status""",
        {"way": "passkey", "secret": secret_of("owner")},
    )
    assert way == 200
    refused = device.sign_in("owner")
    assert (refused[0], "passkey alone" in refused[1]["what"], device.me()[0]) == (403, True, 401)
    assert device.sign_in_by_passkey()[0] == 200
    assert device.post("/api/installer/open", {
        "opened_for": "K. Sato", "why": "aim", "minutes": 1, "secret": secret_of("owner")
    })[0] == 200, "sensitive acts still take the passphrase"  # fmt: skip


def test_what_a_passkey_answered_is_good_once_and_not_for_long(device: Device, camera: PageCamera) -> None:
    device.sign_in("sato")
    device.register("sato")
    shown = device.shown()
    assert device.post("/api/passkeys/sign-in", {"credential": shown})[0] == 200
    again = device.post("/api/passkeys/sign-in", {"credential": shown})
    assert (again[0], "used already" in again[1]["what"]) == (403, True)
    camera.clock.sleep(2)
    shown = device.shown()
    camera.clock.sleep(CHALLENGE_S)
    assert device.post("/api/passkeys/sign-in", {"credential": shown})[0] == 403


def test_a_forged_answer_opens_nothing_and_costs_time(device: Device, camera: PageCamera) -> None:
    device.sign_in("sato")
    device.register("sato")
    device.sign_out()
    shown = device.shown()
    signature = bytearray(base64.urlsafe_b64decode(shown["response"]["signature"] + "=="))
    signature[-1] ^= 1
    shown["response"]["signature"] = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    refused = device.post("/api/passkeys/sign-in", {"credential": shown})
    assert (refused[0], refused[1]["kind"]) == (400, "BadInput")
    assert device.me()[0] == 401
    assert device.post("/api/passkeys/ask", {})[1]["wait_s"] == 1
    camera.clock.sleep(1)
    assert device.sign_in_by_passkey()[0] == 200


def test_a_device_that_does_not_know_its_person_is_refused(device: Device) -> None:
    device.sign_in("sato")
    device.register("sato")
    device.sign_out()
    _, asking = device.post("/api/passkeys/ask", {})
    device.unverified()
    shown = device.shown({**asking["options"], "userVerification": "discouraged"})
    assert device.post("/api/passkeys/sign-in", {"credential": shown})[0] == 400
    assert device.me()[0] == 401


def test_passkeys_are_listed_and_removed(device: Device, camera: PageCamera) -> None:
    device.sign_in("sato")
    _, made = device.register("sato")
    listed = device.page.evaluate("async () => (await fetch('/api/passkeys')).json()")
    assert listed == [made]
    removed = device.page.evaluate(
        """async ([id, body]) => (await fetch(`/api/passkeys/${id}`, {method: "DELETE",
            headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)})).status""",
        [made["passkey_id"], {"secret": secret_of("sato")}],
    )
    assert (removed, device.me()[0]) == (200, 401)
    refused = device.sign_in_by_passkey()
    assert (refused[0], "opens nothing" in refused[1]["what"]) == (403, True)


def test_one_phone_makes_no_second_one_for_the_same_account(device: Device) -> None:
    device.sign_in("sato")
    device.register("sato")
    _, asking = device.post("/api/passkeys/begin", {"secret": secret_of("sato")})
    assert len(asking["options"]["excludeCredentials"]) == 1


def test_nobody_registers_for_somebody_else(device: Device, server: PageServer) -> None:
    device.sign_in("sato")
    _, asking = device.post("/api/passkeys/begin", {"secret": secret_of("sato")})
    credential = device.page.evaluate(CREATE, asking["options"])
    device.sign_out()
    device.sign_in("operator")
    refused = device.post("/api/passkeys", {"label": "mine", "credential": credential})
    assert refused[0] == 403


def test_an_address_has_no_passkeys(client: httpx.Client, stranger: httpx.Client) -> None:
    for answer in (
        client.post("/api/passkeys/begin", json={"secret": secret_of("owner")}),
        stranger.post("/api/passkeys/ask", json={}),
    ):
        assert (answer.status_code, answer.json()["kind"]) == (400, "BadInput")
        assert "127.0.0.1 is an address" in answer.json()["what"]
        assert "localhost" in answer.json()["do"]


def test_a_stranger_takes_no_challenge_from_the_owner(device: Device) -> None:
    device.sign_in("owner")
    device.register("owner")
    device.sign_out()
    shown = device.shown()
    for _ in range(10):
        assert device.post("/api/passkeys/ask", {})[0] == 200
    assert device.post("/api/passkeys/sign-in", {"credential": shown})[0] == 200


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_CLIENT_DATA = base64.urlsafe_b64encode(json.dumps({"challenge": "AAAA", "type": "webauthn.get"}).encode()).decode()
_FIELD = st.one_of(_JSON, st.just("AAAA"), st.just(_CLIENT_DATA))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["id", "rawId", "type", "response", "clientExtensionResults"]),
        st.one_of(
            _FIELD,
            st.dictionaries(
                st.sampled_from(
                    ["clientDataJSON", "authenticatorData", "signature", "attestationObject", "userHandle"]
                ),
                _FIELD,
            ),
        ),
    )
)
def test_whatever_is_sent_as_a_passkey_is_refused(
    server: PageServer, camera: PageCamera, credential: dict[str, Any]
) -> None:
    address = server.address.replace("127.0.0.1", "localhost")
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=30, trust_env=False) as client:
        camera.clock.sleep(3700)
        signed_in(client)
        for path, body in (
            ("/api/passkeys/sign-in", {"credential": credential}),
            ("/api/passkeys", {"label": "x", "credential": credential}),
        ):
            assert client.post(path, json=body).status_code in (400, 401, 403)


def test_a_useless_body_is_refused(server: PageServer) -> None:
    with page_client(server) as client:
        bodies: list[dict[str, object]] = [{}, {"credential": []}, {"credential": {}, "more": 1}]
        for body in bodies:
            assert client.post("/api/passkeys/sign-in", json=body).status_code == 400
        assert sign_in(client).status_code == 200
