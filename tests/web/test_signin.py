"""Signing in and out over HTTP: cookies, lock-out, equal answers, several at once, and nobody without Origin."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from accountstand import INSTALLER_DAYS, camera_key, secret_of, sign_in, signed_in
from hypothesis import given, settings
from hypothesis import strategies as st
from page_camera import NOW_WALL_NS, PageCamera
from servedpage import page_client

from edgecam.keys import passwordhash
from edgecam.keys.passwordhash import PasswordHash
from edgecam.web.accountdesk import FREE_ACCOUNT_TRIES, LONGEST_ACCOUNT_S, LONGEST_ADDRESS_S
from edgecam.web.knowndevice import COOKIE as DEVICE_COOKIE
from edgecam.web.server import PageServer
from edgecam.web.signedin import COOKIE
from edgecam.web.signins import IDLE_S, LONGEST_S

pytestmark = pytest.mark.row("K2")
WRONG = secret_of("owner", "not the owner's")


def cookies(answer: httpx.Response) -> dict[str, set[str]]:
    """What is said beside each cookie that an answer sets."""
    found = {}
    for line in answer.headers.get_list("set-cookie"):
        first, *rest = (part.strip() for part in line.split(";"))
        found[first.partition("=")[0]] = {part.lower() for part in rest}
    return found


def test_strangers_are_told_four_things(stranger: httpx.Client) -> None:
    assert stranger.get("/api/welcome").json() == {
        "camera_id": camera_key().camera_id,
        "camera_name": "Front door",
        "state": "ready",
        "languages": ["ja", "ko", "en"],
        "accounts": "ready",
        "what": "",
        "do": "",
    }
    assert stranger.get("/").status_code == 200
    for path in ("/api/status", "/api/live.jpg", "/api/me", "/api/openapi.json"):
        refused = stranger.get(path)
        assert (refused.status_code, refused.json()["kind"]) == (401, "NotAllowed")


def test_signing_in_gives_a_cookie_that_scripts_cannot_read(stranger: httpx.Client) -> None:
    answer = sign_in(stranger)
    assert answer.json() == {"name": "owner", "role": "owner", "passkey": None}
    told = cookies(answer)
    assert told[COOKIE] == {"httponly", "samesite=strict", "path=/"}
    assert told[DEVICE_COOKIE] >= {"httponly", "samesite=strict", "path=/api/sign-in"}
    me = stranger.get("/api/me").json()
    assert (me["name"], me["role"], me["left_s"], me["signed_in_ms"]) == (
        "owner",
        "owner",
        IDLE_S,
        NOW_WALL_NS // 10**6,
    )
    assert stranger.get("/api/status").status_code == 200


@pytest.mark.parametrize("typed", ["OWNER", " Owner ", "ｏｗｎｅｒ"])
def test_a_name_counts_however_it_is_typed(stranger: httpx.Client, typed: str) -> None:
    assert sign_in(stranger, typed, secret_of("owner")).json()["name"] == "owner"


def test_signing_out_ends_it_and_takes_the_cookie(client: httpx.Client) -> None:
    token = client.cookies[COOKIE]
    assert client.post("/api/sign-out", json={}).status_code == 200
    assert COOKIE not in client.cookies
    assert client.get("/api/me", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401


def test_signing_in_again_ends_the_session_before(client: httpx.Client, stranger: httpx.Client) -> None:
    token = client.cookies[COOKIE]
    signed_in(client)
    assert client.cookies[COOKIE] != token
    assert stranger.get("/api/me", headers={"Cookie": f"{COOKIE}={token}"}).status_code == 401
    assert len(client.get("/api/sign-ins").json()) == 1


def test_an_idle_session_expires_though_the_page_polls(client: httpx.Client, camera: PageCamera) -> None:
    for _ in range(IDLE_S // 100):
        assert client.get("/api/status").status_code == 200
        camera.clock.sleep(100)
    assert client.get("/api/status").status_code == 401
    assert signed_in(client).get("/api/status").status_code == 200


def test_somebody_who_is_there_stays_but_not_for_ever(client: httpx.Client, camera: PageCamera) -> None:
    for _ in range(LONGEST_S // 1700):
        camera.clock.sleep(1700)
        assert client.post("/api/me/stay", json={}).status_code == 200
    assert client.get("/api/me").json()["left_s"] == LONGEST_S % 1700
    camera.clock.sleep(LONGEST_S % 1700)
    assert client.post("/api/me/stay", json={}).status_code == 401


def test_the_live_stream_ends_with_the_session(client: httpx.Client, camera: PageCamera) -> None:
    with client.stream("GET", "/api/live") as live:
        pieces = live.iter_raw()
        next(pieces)
        with page_client_of(client) as same:
            assert same.post("/api/sign-out", json={}).status_code == 200
        for _ in pieces:  # ends by itself: pictures that were on their way may still come
            pass
    assert client.get("/api/live.jpg").status_code == 401


def page_client_of(client: httpx.Client) -> httpx.Client:
    """The same browser over another connection."""
    return httpx.Client(
        base_url=client.base_url, headers=client.headers, cookies=dict(client.cookies), timeout=30, trust_env=False
    )


def test_a_stranger_waits_longer_with_each_wrong_try(stranger: httpx.Client, camera: PageCamera) -> None:
    waits = []
    for _ in range(11):
        assert sign_in(stranger, secret=WRONG).status_code == 403
        soon = sign_in(stranger)
        waits.append(soon.json()["wait_s"])
        assert (soon.status_code, soon.headers["retry-after"]) == (429, str(waits[-1]))
        assert "set-cookie" not in soon.headers
        camera.clock.sleep(waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, LONGEST_ADDRESS_S, LONGEST_ADDRESS_S]
    assert sign_in(stranger).status_code == 200


def test_strangers_cannot_lock_the_owner_out(
    client: httpx.Client, stranger: httpx.Client, camera: PageCamera
) -> None:
    client.post("/api/sign-out", json={})
    assert client.cookies[DEVICE_COOKIE]
    for _ in range(12):
        sign_in(stranger, secret=WRONG)
        camera.clock.sleep(LONGEST_ADDRESS_S - 1)
    assert sign_in(stranger).status_code == 429
    assert sign_in(client).status_code == 200, "a device from which the owner signed in before"


def test_a_known_device_may_not_guess_either_nor_know_another_account(
    client: httpx.Client, camera: PageCamera
) -> None:
    assert sign_in(client, secret=WRONG).status_code == 403
    assert sign_in(client).status_code == 429
    camera.clock.sleep(1)
    assert sign_in(client).status_code == 200
    assert sign_in(client, "sato", WRONG).status_code == 403
    assert sign_in(client, "operator").status_code == 429, "the address waits"


def test_another_passphrase_makes_known_devices_strangers(client: httpx.Client, camera: PageCamera) -> None:
    another = secret_of("owner", "another passphrase")
    camera.accounts.set_secret("root", "owner", another)
    assert client.get("/api/me").status_code == 401
    assert sign_in(client, secret=WRONG).status_code == 403
    camera.clock.sleep(1)
    for _ in range(FREE_ACCOUNT_TRIES - 1):
        assert sign_in(client, secret=WRONG).status_code == 403
        camera.clock.sleep(LONGEST_ACCOUNT_S)
    assert sign_in(client, secret=another).status_code == 200


def test_unknown_names_are_answered_like_known_ones(
    server: PageServer, camera: PageCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[PasswordHash] = []
    digest = passwordhash._digest

    def counted(secret: str, salt: bytes, strength: passwordhash.Strength) -> bytes:
        computed.append(PasswordHash(strength, salt, b""))
        return digest(secret, salt, strength)

    monkeypatch.setattr(passwordhash, "_digest", counted)

    def answers(name: str) -> list[tuple[int, str]]:
        found = []
        with page_client(server) as stranger:
            for _ in range(FREE_ACCOUNT_TRIES + 3):
                answer = sign_in(stranger, name, WRONG)
                found.append((answer.status_code, answer.text))
                camera.clock.sleep(17)
        camera.clock.sleep(7200)
        return found

    known = answers("owner")
    costs = [kept.strength for kept in computed]
    computed.clear()
    assert answers("nobody") == known
    assert [kept.strength for kept in computed] == costs
    assert answers("no name at all!") == known


def test_two_people_at_once(server: PageServer, camera: PageCamera) -> None:
    def visit(name: str) -> tuple[int, str, int]:
        with page_client(server) as client:
            code = sign_in(client, name).status_code
            me = client.get("/api/me").json()
            return code, me["role"], client.get("/api/live.jpg").status_code

    with ThreadPoolExecutor(3) as people:
        found = list(people.map(visit, ("owner", "operator", "sato")))
    assert found == [(200, "owner", 200), (200, "operator", 200), (200, "installer", 200)]


def test_sessions_are_listed_to_their_own_and_all_to_the_owner(
    client: httpx.Client, phone: httpx.Client, other: httpx.Client, camera: PageCamera
) -> None:
    camera.clock.sleep(5)
    mine = phone.get("/api/sign-ins").json()
    assert [(one["name"], one["mine"], one["address"]) for one in mine] == [("sato", True, "127.0.0.1")]
    listed = client.get("/api/sign-ins").json()
    assert {one["name"] for one in listed} == {"owner", "operator", "sato"}
    assert not any(COOKIE in json.dumps(one) or client.cookies[COOKIE] in json.dumps(one) for one in listed)
    theirs = next(one["session_id"] for one in listed if one["name"] == "operator")
    refused = phone.delete(f"/api/sign-ins/{theirs}")
    assert refused.status_code == 403
    assert other.get("/api/me").status_code == 200
    assert client.delete(f"/api/sign-ins/{theirs}").status_code == 200
    assert other.get("/api/me").status_code == 401
    assert phone.delete(f"/api/sign-ins/{mine[0]['session_id']}").status_code == 200
    assert phone.get("/api/me").status_code == 401


def test_an_installer_is_out_when_the_time_is_over(phone: httpx.Client, camera: PageCamera) -> None:
    until = phone.get("/api/me").json()["until_ms"]
    assert until == NOW_WALL_NS // 10**6 + INSTALLER_DAYS * 86_400_000
    camera.clock.sleep(INSTALLER_DAYS * 86_400 - 60)
    assert signed_in(phone, "sato").get("/api/status").status_code == 200
    camera.clock.sleep(60)
    assert phone.get("/api/status").status_code == 401
    refused = sign_in(phone, "sato")
    assert (refused.status_code, "is over" in refused.json()["what"]) == (403, True)
    wrong = sign_in(phone, "sato", WRONG)
    assert "is over" not in wrong.json()["what"], "told only to who knows the passphrase"


@pytest.mark.parametrize(("data", "accounts", "status"), [(None, "none", 503), (b"{}", "broken", 410)])
def test_without_usable_accounts_the_page_says_what_to_do(
    client: httpx.Client, camera: PageCamera, data: bytes | None, accounts: str, status: int
) -> None:
    if data is None:
        camera.accounts.path.unlink()
    else:
        camera.accounts.path.write_bytes(data)
    welcome = client.get("/api/welcome").json()
    assert (welcome["accounts"], "edgecam accounts reset-owner" in welcome["do"]) == (accounts, True)
    for answer in (sign_in(client), client.get("/api/status")):
        assert (answer.status_code, "reset-owner" in answer.json()["do"]) == (status, True)
        assert "recording goes on" in answer.json()["safe"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_no_other_site_signs_in_or_out(client: httpx.Client, origin: str) -> None:
    headers = {"Origin": origin}
    body = {"name": "owner", "secret": secret_of("owner")}
    assert client.post("/api/sign-in", json=body, headers=headers).status_code == 403
    assert client.post("/api/sign-out", json={}, headers=headers).status_code == 403
    assert client.request("DELETE", "/api/accounts/sato", json={}, headers=headers).status_code == 403
    assert client.get("/api/me").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "owner"},
        {"name": "owner", "secret": "five quiet winter herons"},
        {"name": "owner", "secret": ""},
        {"name": "", "secret": WRONG},
        {"name": "x" * 81, "secret": WRONG},
        {"name": "owner", "secret": WRONG, "more": 1},
        {"name": ["owner"], "secret": WRONG},
    ],
)
def test_useless_bodies_cost_no_try_and_are_not_repeated(stranger: httpx.Client, body: dict[str, object]) -> None:
    answer = stranger.post("/api/sign-in", json=body)
    assert (answer.status_code, answer.json()["kind"]) == (400, "BadInput")
    assert "herons" not in answer.text
    assert WRONG not in answer.text
    assert sign_in(stranger).status_code == 200


@settings(max_examples=50, deadline=None)
@given(cookie=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=';",\\'), max_size=80))
def test_no_cookie_opens_or_breaks_anything(steady_client: httpx.Client, cookie: str) -> None:
    headers = {"Cookie": f"{COOKIE}={cookie}; {DEVICE_COOKIE}={cookie}"}
    assert steady_client.get("/api/status", headers=headers).status_code == 401


def test_a_body_with_a_lone_surrogate_is_refused(stranger: httpx.Client) -> None:
    body = b'{"name": "\\ud800", "secret": "' + WRONG.encode() + b'"}'
    answer = stranger.post("/api/sign-in", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 403)
