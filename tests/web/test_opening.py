"""Unlocking with a real owner's key, sessions over HTTP, and footage that is registered before it is served."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import replace

import httpx
import pytest
from accountstand import PASSPHRASE, signed_in
from page_camera import FOOTAGE_START_NS, PageCamera, fragmented_mp4
from servedpage import page_client

from edgecam.core.errors import DataLoss, MediaFailing, NotAllowed
from edgecam.custody.cases.permission import Leave
from edgecam.custody.register.register_line import Act
from edgecam.web.app import create_app
from edgecam.web.server import PageServer
from edgecam.web.sessions import IDLE_S
from edgecam.web.signedin import Visitor

START_MS = FOOTAGE_START_NS // 1_000_000
FOOTAGE = f"/api/footage.mp4?from_ms={START_MS}&to_ms={START_MS + 12_000}"


def unlock(client: httpx.Client, passphrase: str = PASSPHRASE) -> httpx.Response:
    return client.post("/api/unlock", json={"passphrase": passphrase})


@pytest.mark.row("K2")
@pytest.mark.row("W3")
@pytest.mark.parametrize("camera", [True], indirect=True, ids=["scrypt"])
def test_the_owners_passphrase_and_no_other_opens(client: httpx.Client, camera: PageCamera) -> None:
    wrong = unlock(client, "five quiet winter heron")
    assert (wrong.status_code, wrong.json()["kind"]) == (403, "NotAllowed")
    assert "set-cookie" not in wrong.headers
    soon = unlock(client)
    assert (soon.status_code, soon.json()["wait_s"], soon.headers["retry-after"]) == (429, 1, "1")
    camera.clock.sleep(1)
    right = unlock(client)
    assert (right.status_code, right.json()) == (200, {"unlocked_s": IDLE_S})
    assert "set-cookie" not in right.headers, "it hangs on the session of who is signed in"
    assert camera.unlockers[-1] == "owner"
    answer = client.get(FOOTAGE)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "video/mp4"
    assert int(answer.headers["x-start-ms"]) == START_MS
    assert answer.content == fragmented_mp4()


@pytest.mark.row("W3")
def test_nothing_is_served_without_unlocking(client: httpx.Client, camera: PageCamera) -> None:
    assert client.get(FOOTAGE).status_code == 403
    assert camera.views == []


@pytest.mark.row("W3")
def test_each_view_is_registered_before_the_first_byte(client: httpx.Client, camera: PageCamera) -> None:
    unlock(client)
    with client.stream("GET", FOOTAGE):
        assert camera.views == [("owner", FOOTAGE_START_NS, FOOTAGE_START_NS + 12 * 10**9)]
    camera.register_fails = MediaFailing("the register cannot be written")
    refused = client.get(FOOTAGE)
    assert (refused.status_code, refused.json()["kind"]) == (507, "MediaFailing")
    assert len(camera.views) == 1


@pytest.mark.row("K2")
def test_session_expires_and_playing_prolongs_it(client: httpx.Client, camera: PageCamera) -> None:
    unlock(client)
    camera.clock.sleep(IDLE_S - 10)
    assert client.get("/api/status").json()["unlocked_s"] == 10
    assert client.get(FOOTAGE).status_code == 200
    assert client.get("/api/status").json()["unlocked_s"] == IDLE_S
    camera.clock.sleep(IDLE_S)
    assert client.get(FOOTAGE).status_code == 403
    assert camera.sessions[0].closed


def test_lock_forgets_the_keys(client: httpx.Client, camera: PageCamera) -> None:
    unlock(client)
    assert client.post("/api/lock", json={}).json() == {"unlocked_s": 0}
    assert camera.sessions[0].closed
    assert client.get(FOOTAGE).status_code == 403


@pytest.mark.row("K2")
def test_signing_out_locks(client: httpx.Client, camera: PageCamera) -> None:
    camera.footage_bytes = 100_000_000
    unlock(client)
    with client.stream("GET", FOOTAGE) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        assert client.post("/api/sign-out", json={}).status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            sum(map(len, pieces))
    assert camera.sessions[0].closed
    signed_in(client)
    assert client.get(FOOTAGE).status_code == 403


@pytest.mark.row("K2")
def test_another_session_of_the_owner_stays_locked(client: httpx.Client, stranger: httpx.Client) -> None:
    unlock(client)
    assert signed_in(stranger).get(FOOTAGE).status_code == 403
    assert client.get(FOOTAGE).status_code == 200


@pytest.mark.row("K2")
def test_what_the_policy_forbids_is_neither_registered_nor_opened(camera: PageCamera) -> None:
    def forbids(
        visitor: Visitor, act: Act, from_wall_ns: int, to_wall_ns: int, purpose: str = "", case_id: str = ""
    ) -> Leave:
        raise NotAllowed(f"{visitor.name} may not {act.value} that")

    server = PageServer(create_app(replace(camera.parts(), approve=forbids)), "127.0.0.1", 0)
    server.start()
    with closing(server), page_client(server) as client:
        unlock(signed_in(client))
        refused = client.get(FOOTAGE)
    assert (refused.status_code, refused.json()["what"]) == (403, "owner may not view that")
    assert camera.views == []


def test_unlocking_again_replaces_the_session(client: httpx.Client, camera: PageCamera) -> None:
    unlock(client)
    unlock(client)
    assert [session.closed for session in camera.sessions] == [True, False]


def test_locking_stops_what_plays(
    client: httpx.Client, camera: PageCamera, caplog: pytest.LogCaptureFixture
) -> None:
    camera.footage_bytes = 100_000_000
    unlock(client)
    with client.stream("GET", FOOTAGE) as answer:
        pieces = answer.iter_raw()
        received = len(next(pieces))
        client.post("/api/lock", json={})
        with pytest.raises(httpx.RemoteProtocolError):
            received += sum(map(len, pieces))
    assert 0 < received < 100_000_000
    assert "playback ended early" in caplog.text
    assert "Traceback" not in caplog.text
    assert camera.pieces_open == []


def test_times_without_footage_and_too_long_spans_are_refused(client: httpx.Client) -> None:
    unlock(client)
    assert client.get("/api/footage.mp4?from_ms=1&to_ms=1000").json()["what"] == "there is no footage of that time"
    assert client.get("/api/footage.mp4?from_ms=0&to_ms=600001").status_code == 400


def test_a_damaged_key_file_is_no_wrong_passphrase(client: httpx.Client, camera: PageCamera) -> None:
    camera.failing = DataLoss("the owner's key file is damaged")
    assert unlock(client).status_code == 410
    camera.failing = None
    assert unlock(client).status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"passphrase": ""}, {"passphrase": "x" * 1025}, {"passphrase": 5}, {"pass": "x"}]
)
def test_useless_bodies_cost_no_try_and_are_not_repeated(client: httpx.Client, body: dict[str, object]) -> None:
    answer = client.post("/api/unlock", json=body)
    assert answer.status_code == 400
    assert "xxx" not in answer.text
    assert unlock(client).status_code == 200


def test_one_passphrase_is_tried_at_a_time(client: httpx.Client, camera: PageCamera) -> None:
    camera.may_unlock.clear()
    answers: list[int] = []
    first = threading.Thread(target=lambda: answers.append(unlock(client).status_code))
    first.start()
    assert camera.unlocking.wait(30)
    assert unlock(client).status_code == 429
    camera.may_unlock.set()
    first.join()
    assert answers == [200]
