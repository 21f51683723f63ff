"""Who may know how updates are, and who may order: one of a few words, registered, left for whoever may do it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from page_camera import PageCamera
from updatestand import NEWER, RUNNING

from edgecam.appliance.updatenotes import Looked, UpdateNotes
from edgecam.appliance.updateorder import UpdateOrder, take_order
from edgecam.custody.register.register_line import Act, decode_line

pytestmark = [pytest.mark.row("I2"), pytest.mark.row("K2")]


def order(client: httpx.Client, word: Any) -> httpx.Response:
    return client.post("/api/updates/order", json={"order": word})


def test_whoever_is_signed_in_sees_what_runs_and_what_waits(
    client: httpx.Client, other: httpx.Client, phone: httpx.Client, stranger: httpx.Client, camera: PageCamera
) -> None:
    now_ns = camera.clock.now().wall_ns
    UpdateNotes(camera.folder / "system").look(Looked(NEWER, True, "", now_ns))
    told = client.get("/api/updates").json()
    assert (told["version"], told["waiting"], told["takes"]) == (RUNNING, NEWER, True)
    assert (told["looked_ms"], told["installs_ms"], told["refused"]) == (now_ns // 1_000_000, None, None)
    assert [one.get("/api/updates").json() for one in (other, phone)] == [told, told]
    assert stranger.get("/api/updates").status_code == 401


def test_the_owner_alone_orders(
    client: httpx.Client, other: httpx.Client, phone: httpx.Client, stranger: httpx.Client, camera: PageCamera
) -> None:
    path = camera.folder / "orders" / "update"
    assert [order(one, "install").status_code for one in (other, phone, stranger)] == [403, 403, 401]
    assert take_order(path) is None
    assert order(client, "install").json() == {"done": True}
    assert take_order(path) is UpdateOrder.INSTALL
    lines = (camera.folder / "register.jsonl").read_bytes().splitlines(keepends=True)
    told = [line for line in map(decode_line, lines) if line.act is Act.COMMAND]
    assert [(line.who, line.detail["order"]) for line in told] == [("owner", "install")] * 2


@pytest.mark.parametrize("word", ["", "rollback", "install /x.raucb", "https://x", None, 3, ["install"]])
def test_nothing_but_those_words_is_an_order(steady_client: httpx.Client, camera: PageCamera, word: Any) -> None:
    assert order(steady_client, word).status_code == 400
    assert take_order(camera.folder / "orders" / "update") is None


def test_without_an_address_there_is_nothing_to_order(client: httpx.Client, camera: PageCamera) -> None:
    (camera.folder / "edgecam.toml").write_text("")
    refused = order(client, "check")
    assert (refused.status_code, refused.json()["what"]) == (403, "nobody said where updates come from")
