"""The installer session over HTTP: who opens, enters, looks and ends it, and what stands between."""

from __future__ import annotations

import httpx
import numpy as np
import pytest
import simplejpeg  # type: ignore[import-untyped]
from accountstand import PASSPHRASE, secret_of, signed_in
from page_camera import PageCamera

from edgecam.core.aim import AimState
from edgecam.core.clock import NS_PER_S
from edgecam.core.errors import MediaFailing
from edgecam.masking.lifecycle import Role
from edgecam.masking.permit import Why
from edgecam.web.installer import ALPHABET, CODE_LENGTH
from edgecam.web.server import PageServer

pytestmark = [pytest.mark.row("M7"), pytest.mark.row("W2")]

ASKED: dict[str, object] = {"opened_for": "K. Sato", "why": "masks", "minutes": 15, "secret": secret_of("owner")}
WRONG = secret_of("owner", "not the owner's")


def opened(client: httpx.Client, **changed: object) -> httpx.Response:
    return client.post("/api/installer/open", json=ASKED | changed)


def entered(client: httpx.Client, code: str) -> httpx.Response:
    return client.post("/api/installer/enter", json={"code": code})


def test_the_installer_sees_what_is_masked_and_nobody_else_does(
    client: httpx.Client, phone: httpx.Client, camera: PageCamera
) -> None:
    assert client.get("/api/unmasked.jpg").status_code == 403
    code = opened(client).json()["code"]
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(ALPHABET)
    assert camera.sights == [], "nobody looks yet, so nothing is shown"
    assert client.get("/api/unmasked.jpg").status_code == 403, "not even who opened it"
    typed = f" {code[:4].lower()}-{code[4:].lower()} "
    let_in = entered(phone, typed)
    assert let_in.status_code == 200
    started_ns = camera.clock.mono_ns()
    assert camera.sights[0].opened == (
        "owner", "K. Sato, signed in as sato", Why.MASKS, started_ns, started_ns + 900 * NS_PER_S
    )  # fmt: skip
    answer = phone.get("/api/unmasked.jpg")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    pixels = simplejpeg.decode_jpeg(answer.content)
    assert np.mean(pixels[20:100, 20:140]) > 200, "what the mask hides"
    drawn = phone.get("/api/installer/outlines").json()
    assert [outline["name"] for outline in drawn["in_force"] + drawn["coming"]] == ["next door", "our garden"]
    for path in ("/api/unmasked.jpg", "/api/installer/outlines"):
        assert client.get(path).status_code == 403
    masked = simplejpeg.decode_jpeg(phone.get("/api/live.jpg").content)
    assert np.mean(masked[20:100, 20:140]) < 60, "what everybody sees is burnt as before"


def test_everybody_is_told_that_a_session_stands(
    client: httpx.Client, phone: httpx.Client, other: httpx.Client, camera: PageCamera
) -> None:
    assert client.get("/api/status").json()["installer"] is None
    code = opened(client, minutes=5).json()["code"]
    camera.clock.sleep(61)
    told = phone.get("/api/status").json()["installer"]
    assert told == {
        "opened_by": "owner",
        "opened_for": "K. Sato",
        "why": "masks",
        "left_s": 239,
        "entered": False,
        "place": "nobody",
        "may_end": False,
    }
    entered(phone, code)
    told = phone.get("/api/status").json()["installer"]
    assert (told["entered"], told["place"], told["may_end"]) == (True, "installer", True)
    told = client.get("/api/status").json()["installer"]
    assert (told["place"], told["may_end"]) == ("opener", True)
    told = other.get("/api/status").json()["installer"]
    assert (told["place"], told["may_end"]) == ("nobody", False)


def test_a_code_is_good_once_and_guessing_costs_time(
    client: httpx.Client, phone: httpx.Client, camera: PageCamera
) -> None:
    assert entered(phone, "ABCD2345").status_code == 403
    assert entered(phone, "ABCD2345").status_code == 403, "without a session there is nothing to guess"
    code = opened(client).json()["code"]
    assert entered(phone, "ABCD2345" if code != "ABCD2345" else "ABCD2346").status_code == 403
    assert (entered(phone, code).status_code, entered(phone, code).json()["wait_s"]) == (429, 1)
    camera.clock.sleep(1)
    assert entered(phone, code).status_code == 200
    again = entered(client, code)
    assert (again.status_code, again.json()["kind"]) == (403, "NotAllowed")
    assert len(camera.sights) == 1


def test_it_is_over_at_its_time_though_nobody_ends_it(
    client: httpx.Client, phone: httpx.Client, camera: PageCamera
) -> None:
    entered(phone, opened(client, minutes=1).json()["code"])
    for _ in range(3):
        assert phone.get("/api/unmasked.jpg").status_code == 200
        camera.clock.sleep(0.5)
    camera.clock.sleep(57)
    assert phone.get("/api/unmasked.jpg").status_code == 200
    camera.clock.sleep(2)
    assert phone.get("/api/unmasked.jpg").status_code == 403
    assert client.get("/api/status").json()["installer"] is None
    assert opened(client).status_code == 200, "another one may be opened"
    assert entered(phone, "x").status_code == 403
    assert camera.sights[0].ended == ("expired", 3)


def test_either_ends_it_at_once_and_a_stranger_does_not(
    client: httpx.Client, phone: httpx.Client, camera: PageCamera, other: httpx.Client, stranger: httpx.Client
) -> None:
    entered(phone, opened(client).json()["code"])
    assert other.post("/api/installer/end", json={}).status_code == 403
    assert stranger.post("/api/installer/end", json={}).status_code == 401
    assert phone.get("/api/unmasked.jpg").status_code == 200
    assert client.post("/api/installer/end", json={}).status_code == 200
    assert camera.sights[0].ended == ("closed", 1), "settled before the answer"
    assert phone.get("/api/unmasked.jpg").status_code == 403
    entered(phone, opened(client).json()["code"])
    assert phone.post("/api/installer/end", json={}).status_code == 200
    assert camera.sights[1].ended == ("closed", 0)
    entered(phone, opened(client).json()["code"])
    assert signed_in(stranger).get("/api/status").json()["installer"]["may_end"]
    assert stranger.post("/api/installer/end", json={}).status_code == 200, "the owner on any browser"
    assert camera.sights[2].ended == ("closed", 0)


def test_one_session_at_a_time_and_the_refusal_costs_no_passphrase(
    client: httpx.Client, stranger: httpx.Client, camera: PageCamera
) -> None:
    opened(client)
    refused = opened(signed_in(stranger), secret=WRONG)
    assert (refused.status_code, refused.json()["kind"]) == (403, "NotAllowed")
    assert "K. Sato" in refused.json()["what"]
    client.post("/api/installer/end", json={})
    assert opened(stranger).status_code == 200


@pytest.mark.row("K2")
def test_wrong_passphrases_are_slowed_down_wherever_they_are_asked_for(
    client: httpx.Client, camera: PageCamera
) -> None:
    assert opened(client, secret=WRONG).status_code == 403
    confirm = client.post("/api/aim/confirm", json={"secret": ASKED["secret"]})
    assert (confirm.status_code, confirm.json()["wait_s"]) == (429, 1)
    camera.clock.sleep(1)
    assert opened(client).status_code == 200


def test_without_a_register_line_nobody_is_let_in(
    client: httpx.Client, phone: httpx.Client, camera: PageCamera
) -> None:
    code = opened(client).json()["code"]
    camera.unmasked_fails = MediaFailing("the register cannot be written")
    assert entered(phone, code).status_code == 507
    assert phone.get("/api/unmasked.jpg").status_code == 403
    assert client.get("/api/status").json()["installer"] is None, "its code is spent"


def test_a_permit_that_is_gone_ends_the_session(
    client: httpx.Client, phone: httpx.Client, camera: PageCamera
) -> None:
    entered(phone, opened(client).json()["code"])
    assert phone.get("/api/unmasked.jpg").status_code == 200
    camera.sights[0].over = True
    assert phone.get("/api/unmasked.jpg").status_code == 403
    assert client.get("/api/status").json()["installer"] is None


@pytest.mark.row("K2")
def test_an_installer_who_signs_out_looks_no_longer(
    client: httpx.Client, phone: httpx.Client, camera: PageCamera
) -> None:
    entered(phone, opened(client).json()["code"])
    assert phone.post("/api/sign-out", json={}).status_code == 200
    assert signed_in(phone, "sato").get("/api/unmasked.jpg").status_code == 403
    assert client.get("/api/status").json()["installer"] is None


@pytest.mark.row("K2")
def test_neither_operator_nor_installer_opens_a_session(phone: httpx.Client, other: httpx.Client) -> None:
    for browser in (phone, other):
        assert opened(browser).status_code == 403
    assert entered(other, "ABCD2345").json()["what"] == "an operator may not do this"


def test_a_page_that_ends_takes_the_view_back(camera: PageCamera, server: PageServer, client: httpx.Client) -> None:
    entered(client, opened(client).json()["code"])
    assert client.get("/api/status").json()["installer"]["place"] == "installer", "who opened it may look as well"
    server.close()
    assert camera.sights[0].ended == ("page_ended", 0)


@pytest.mark.parametrize(
    "changed",
    [
        {"minutes": 16},
        {"minutes": 0},
        {"minutes": 5.5},
        {"why": "curiosity"},
        {"opened_for": ""},
        {"opened_for": "   "},
        {"opened_for": "x" * 81},
        {"secret": ""},
        {"secret": PASSPHRASE},
        {"more": 1},
    ],
)
def test_useless_requests_are_refused_and_tell_no_secret(client: httpx.Client, changed: dict[str, object]) -> None:
    refused = opened(client, **changed)
    assert (refused.status_code, refused.json()["kind"]) == (400, "BadInput")
    assert PASSPHRASE not in refused.text
    assert str(ASKED["secret"]) not in refused.text
    assert client.get("/api/status").json()["installer"] is None


def test_a_name_that_is_no_text_is_refused(client: httpx.Client) -> None:
    secret = str(ASKED["secret"]).encode()
    body = b'{"opened_for": "\\ud800", "why": "aim", "minutes": 1, "secret": "' + secret + b'"}'
    answer = client.post("/api/installer/open", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400


@pytest.mark.row("M4")
def test_the_owner_confirms_the_aim_with_the_passphrase(client: httpx.Client, camera: PageCamera) -> None:
    camera.look_elsewhere(AimState.MOVED, off=0.09, right=0.07, down=-0.01)
    aim = client.get("/api/status").json()["aim"]
    assert (aim["state"], aim["right"], aim["off"]) == ("moved", 0.07, 0.09)
    refused = client.post("/api/aim/confirm", json={"secret": WRONG})
    assert (refused.status_code, camera.confirmed) == (403, [])
    assert client.post("/api/aim/confirm", json={}).status_code == 403
    camera.clock.sleep(1)
    confirmed = client.post("/api/aim/confirm", json={"secret": ASKED["secret"]})
    assert (confirmed.status_code, confirmed.json()) == (200, {"done": True})
    assert camera.confirmed == [("owner", Role.OWNER)]


@pytest.mark.row("M4")
def test_the_installer_confirms_the_aim_in_the_session_that_the_owner_opened(
    client: httpx.Client, phone: httpx.Client, camera: PageCamera
) -> None:
    assert phone.post("/api/aim/confirm", json={}).status_code == 403
    assert phone.post("/api/aim/confirm", json={"secret": secret_of("sato")}).status_code == 403
    entered(phone, opened(client, why="aim").json()["code"])
    assert phone.post("/api/aim/confirm", json={}).status_code == 200
    assert camera.confirmed == [("sato", Role.INSTALLER)]


@pytest.mark.row("M5")
def test_the_masks_in_force_are_told_and_so_is_their_absence(client: httpx.Client, camera: PageCamera) -> None:
    told = client.get("/api/masks").json()
    assert (told["state"], told["in_force"]["version"], told["in_force"]["locked_by"]) == (
        "proposed",
        3,
        "M. Tanaka",
    )
    assert "outlines" not in told
    camera.masked = False
    told = client.get("/api/masks").json()
    assert told["in_force"] is None
    assert "there are none yet" in told["trouble"]
