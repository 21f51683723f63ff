"""Accounts over HTTP: who makes, changes and removes whom, with which proof, and what ends with it."""

from __future__ import annotations

import httpx
import pytest
from accountstand import secret_of, sign_in
from page_camera import PageCamera

from edgecam.core.errors import MediaFailing
from edgecam.custody.register.register_line import Act, RegisterLine, decode_line
from edgecam.keys.passwordhash import Strength, hash_secret

pytestmark = pytest.mark.row("K2")
SECRET = secret_of("owner")
KIM = {"name": "kim", "role": "operator", "new_secret": secret_of("kim"), "secret": SECRET}


def lines(camera: PageCamera) -> list[RegisterLine]:
    path = camera.folder / "register.jsonl"
    return [decode_line(line) for line in path.read_bytes().splitlines(keepends=True)] if path.exists() else []


def test_the_owner_sees_all_and_no_secret(client: httpx.Client, camera: PageCamera) -> None:
    answer = client.get("/api/accounts")
    assert [(one["name"], one["role"], one["trouble"]) for one in answer.json()] == [
        ("owner", "owner", ""),
        ("operator", "operator", ""),
        ("sato", "installer", ""),
    ]
    assert "argon2" not in answer.text
    assert "secret" not in answer.text


def test_a_new_operator_signs_in(client: httpx.Client, stranger: httpx.Client, camera: PageCamera) -> None:
    assert client.post("/api/accounts", json=KIM).json()["name"] == "kim"
    assert sign_in(stranger, "kim").json()["role"] == "operator"
    line, done = lines(camera)
    assert (line.act, line.who, line.detail["account"]) == (Act.ACCOUNT_CHANGE, "owner", "kim")
    assert done.completes == line.sequence


def test_a_new_installer_needs_an_end(client: httpx.Client, stranger: httpx.Client) -> None:
    asked = {**KIM, "role": "installer"}
    refused = client.post("/api/accounts", json=asked)
    assert (refused.status_code, refused.json()["field"]) == (400, "days")
    assert client.post("/api/accounts", json={**KIM, "days": 3}).json()["field"] == "days"
    for days in (0, 31, -1):
        assert client.post("/api/accounts", json={**asked, "days": days}).status_code == 400
    made = client.post("/api/accounts", json={**asked, "days": 2}).json()
    assert made["until_ms"] - made["made_ms"] == 2 * 86_400_000
    assert sign_in(stranger, "kim").status_code == 200


@pytest.mark.parametrize("name", ["sato", "Kim", "a b", "<b>", "ｋｉｍ"])
def test_a_name_that_cannot_be_taken_is_said_at_its_field(client: httpx.Client, name: str) -> None:
    refused = client.post("/api/accounts", json={**KIM, "name": name})
    assert (refused.status_code, refused.json()["field"]) == (400, "name")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/accounts", KIM),
        ("PATCH", "/api/accounts/sato", {"disabled": True}),
        ("DELETE", "/api/accounts/sato", {}),
        ("PUT", "/api/me/way", {"way": "passkey"}),
        ("POST", "/api/passkeys/begin", {}),
    ],
)
def test_whoever_finds_an_open_browser_changes_nothing(
    client: httpx.Client, camera: PageCamera, method: str, path: str, body: dict[str, object]
) -> None:
    before = camera.accounts.path.read_bytes()
    without = {key: value for key, value in body.items() if key != "secret"}
    assert client.request(method, path, json=without).status_code == 400
    wrong = client.request(method, path, json={**body, "secret": secret_of("owner", "a guess")})
    assert (wrong.status_code, wrong.json()["what"]) == (403, "the passphrase is wrong")
    assert client.request(method, path, json={**body, "secret": SECRET}).status_code == 429
    assert camera.accounts.path.read_bytes() == before
    assert client.get("/api/me").status_code == 200


def test_changes_end_the_sessions_of_who_is_changed(
    client: httpx.Client, phone: httpx.Client, other: httpx.Client
) -> None:
    changed = client.patch("/api/accounts/operator", json={"disabled": True, "secret": SECRET})
    assert changed.json()["disabled"]
    assert other.get("/api/status").status_code == 401
    assert "switched off" in sign_in(other, "operator").json()["what"]
    assert client.patch("/api/accounts/operator", json={"disabled": False, "secret": SECRET}).status_code == 200
    assert sign_in(other, "operator").status_code == 200
    new = secret_of("sato", "another passphrase")
    assert client.patch("/api/accounts/sato", json={"new_secret": new, "secret": SECRET}).status_code == 200
    assert phone.get("/api/status").status_code == 401
    assert sign_in(phone, "sato", new).status_code == 200
    assert (
        client.patch("/api/accounts/sato", json={"role": "operator", "secret": SECRET}).json()["until_ms"] is None
    )
    assert phone.get("/api/status").status_code == 401
    assert client.request("DELETE", "/api/accounts/sato", json={"secret": SECRET}).status_code == 200
    assert sign_in(phone, "sato", new).status_code == 403
    assert client.get("/api/me").status_code == 200


def test_the_last_owner_stays(client: httpx.Client, camera: PageCamera) -> None:
    for method, body in (("DELETE", {}), ("PATCH", {"role": "operator"}), ("PATCH", {"disabled": True})):
        refused = client.request(method, "/api/accounts/owner", json={**body, "secret": SECRET})
        assert (refused.status_code, "last owner" in refused.json()["what"]) == (403, True)
    assert client.get("/api/me").status_code == 200
    assert lines(camera) == []


def test_everybody_changes_their_own_passphrase(other: httpx.Client) -> None:
    new = secret_of("operator", "another passphrase")
    told = {"secret": secret_of("operator"), "new_secret": new}
    assert other.put("/api/me/secret", json=told).status_code == 200
    assert other.get("/api/me").status_code == 401
    assert sign_in(other, "operator").status_code == 403
    assert sign_in(other, "operator", new).status_code == 429


def test_the_passphrase_that_opens_the_footage_is_changed_on_the_camera(client: httpx.Client) -> None:
    told = {"secret": SECRET, "new_secret": secret_of("owner", "another passphrase")}
    refused = client.put("/api/me/secret", json=told)
    assert (refused.status_code, "edgecam passphrase" in refused.json()["do"]) == (403, True)
    refused = client.patch("/api/accounts/owner", json=told)
    assert (refused.status_code, "edgecam passphrase" in refused.json()["do"]) == (403, True)


def test_what_cannot_be_registered_is_not_changed(client: httpx.Client, camera: PageCamera) -> None:
    before = camera.accounts.path.read_bytes()
    (camera.folder / "register.jsonl").write_bytes(b"not a line\n")
    assert client.post("/api/accounts", json=KIM).status_code == 410
    assert camera.accounts.path.read_bytes() == before


def test_a_passphrase_is_kept_at_todays_strength_once_it_is_typed(
    client: httpx.Client, stranger: httpx.Client, camera: PageCamera
) -> None:
    weaker = hash_secret(secret_of("sato"), Strength(20_000, 2))
    camera.accounts.keep_rehashed(camera.accounts.look().of("sato"), weaker)
    assert camera.accounts.look().of("sato").password == weaker
    assert sign_in(stranger, "sato").status_code == 200
    strength = camera.accounts.look().strength
    assert camera.accounts.look().of("sato").password.strength == strength
    assert sign_in(stranger, "sato").status_code == 200


def test_a_medium_that_is_full_keeps_nobody_out(
    stranger: httpx.Client, camera: PageCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera.accounts.keep_rehashed(
        camera.accounts.look().of("sato"), hash_secret(secret_of("sato"), Strength(20_000, 2))
    )

    def full(*_: object) -> None:
        raise MediaFailing("full")

    monkeypatch.setattr(camera.accounts, "keep_rehashed", full)
    assert sign_in(stranger, "sato").status_code == 200
