"""Masks are drawn, proposed, confirmed and locked by routes: by whom, in which order, and with which lines."""

from __future__ import annotations

import json
from typing import Any

import httpx
import numpy as np
import pytest
import simplejpeg  # type: ignore[import-untyped]
from accountstand import secret_of
from page_camera import PageCamera

from edgecam.core.errors import MediaFailing
from edgecam.custody.register.register_line import Act
from edgecam.masking.drawing import Drawing, DrawnPicture, decode_drawing
from edgecam.masking.geometry import pixels_of

pytestmark = pytest.mark.row("W2")

HOUSE = {"name": "隣の家", "reason": "neighbour", "polygon": [[0.7, 0.0], [1.0, 0.0], [1.0, 0.4]]}
ROAD = {"name": "road", "reason": "public_road", "polygon": [[0.0, 0.9], [1.0, 0.9], [1.0, 1.0], [0.0, 1.0]]}
GARDEN = {"name": "garden", "polygon": [[0.1, 0.3], [0.8, 0.3], [0.8, 0.95], [0.1, 0.95]]}


def drawing(*masks: dict[str, Any], own: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"picture": None, "margin": 0.01, "masks": list(masks), "own": list(own)}


def look(client: httpx.Client) -> dict[str, Any]:
    answer = client.get("/api/masks/draft")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def draw(client: httpx.Client, drawn: dict[str, Any], tag: str = "") -> httpx.Response:
    return client.put("/api/masks/draft", json={"tag": tag or look(client)["tag"], "drawing": drawn})


def act(client: httpx.Client, name: str, who: str = "owner", secret: str = "") -> httpx.Response:
    told: dict[str, Any] = {"tag": look(client)["tag"]}
    if name != "propose":
        told["secret"] = secret or secret_of(who)
    return client.post(f"/api/masks/{name}", json=told)


def seen(answer: httpx.Response) -> np.ndarray[Any, Any]:
    """The brightness of a JPEG."""
    assert answer.status_code == 200, answer.text
    pixels: np.ndarray[Any, Any] = simplejpeg.decode_jpeg(answer.content).mean(axis=2)
    return pixels


@pytest.mark.row("M5")
def test_an_installer_draws_and_proposes_and_the_owner_confirms_and_locks(
    client: httpx.Client, phone: httpx.Client, camera: PageCamera
) -> None:
    first = look(phone)
    assert (first["state"], first["version"], first["may"]) == ("confirmed", 1, ["draw"])
    drawn = draw(phone, drawing(HOUSE)).json()
    assert (drawn["state"], drawn["fits"]) == ("draft", True)
    assert drawn["drawing"]["picture"] == {"width": 1280, "height": 720, "rotation": 0}, "bound to what is recorded"
    assert camera.drawn.store.in_force().drawing == Drawing(), "nothing is burnt of a draft"  # type: ignore[union-attr]
    proposed = act(phone, "propose").json()
    assert (proposed["state"], proposed["proposed"]["by"], proposed["proposed"]["version"]) == (
        "proposed",
        "sato",
        2,
    )
    assert proposed["may"] == ["withdraw"]
    assert look(client)["may"] == ["withdraw", "confirm"]
    confirmed = act(client, "confirm").json()
    assert (confirmed["state"], confirmed["version"], confirmed["two_people"]) == ("confirmed", 2, False)
    in_force = camera.drawn.store.check_in_force()
    assert camera.drawn.aims == [("owner", in_force.mask_hash)], "who confirms masks confirms the aim"
    locked = act(client, "lock").json()
    assert (locked["state"], locked["two_people"]) == ("locked", True)
    lines = camera.drawn.lines()
    assert [(line.who, line.detail["what"], line.completes) for line in lines] == [
        ("sato", "draw", None),
        ("sato", "draw", 1),
        ("sato", "propose", None),
        ("sato", "propose", 3),
        ("owner", "confirm", None),
        ("owner", "confirm", 5),
        ("owner", "lock", None),
        ("owner", "lock", 7),
    ]
    assert {line.act for line in lines} == {Act.MASK_CHANGE}
    confirming = lines[4].detail
    assert (confirming["as"], confirming["version"]) == ("owner", "2")
    assert json.loads(confirming["before"])["masks"] == []
    assert decode_drawing(confirming["after"].encode()) == in_force.drawing
    assert confirming["hash_after"] == in_force.mask_hash.hex()


@pytest.mark.row("M5")
def test_once_locked_two_people_change_masks(client: httpx.Client, phone: httpx.Client, camera: PageCamera) -> None:
    draw(client, drawing(HOUSE))
    act(client, "propose")
    act(client, "confirm")
    act(client, "lock")
    draw(client, drawing(ROAD))
    act(client, "propose")
    before = len(camera.drawn.lines())
    refused = act(client, "confirm")
    assert (refused.status_code, "two people" in refused.json()["what"]) == (403, True)
    assert len(camera.drawn.lines()) == before
    assert act(client, "withdraw").json()["state"] == "draft"
    act(phone, "propose")
    assert act(client, "confirm").json()["state"] == "locked"


def test_everything_is_for_the_installer_and_the_owner_and_deciding_for_the_owner(
    client: httpx.Client, phone: httpx.Client, other: httpx.Client, stranger: httpx.Client, camera: PageCamera
) -> None:
    for path in ("propose", "withdraw", "confirm", "lock", "preview", "preview.jpg"):
        assert stranger.post(f"/api/masks/{path}", json={}).status_code == 401
        assert other.post(f"/api/masks/{path}", json={}).status_code == 403
    assert (stranger.get("/api/masks/draft").status_code, other.get("/api/masks/draft").status_code) == (401, 403)
    draw(phone, drawing(HOUSE))
    act(phone, "propose")
    for name in ("confirm", "lock"):
        assert act(phone, name, "sato").status_code == 403
    assert camera.drawn.store.check_in_force().version == 1


def test_deciding_takes_the_passphrase_again(client: httpx.Client, phone: httpx.Client, camera: PageCamera) -> None:
    draw(phone, drawing(HOUSE))
    act(phone, "propose")
    wrong = act(client, "confirm", secret=secret_of("owner", "another one"))
    assert (wrong.status_code, wrong.json()["what"]) == (403, "the passphrase is wrong")
    assert camera.drawn.store.check_in_force().version == 1
    assert act(client, "confirm").status_code == 429, "the next try has to wait"
    camera.clock.sleep(5)
    assert act(client, "confirm").json()["version"] == 2


@pytest.mark.parametrize("name", ["propose", "withdraw", "confirm", "lock"])
def test_what_the_table_does_not_have_is_refused(client: httpx.Client, camera: PageCamera, name: str) -> None:
    if name == "lock":
        draw(client, drawing(HOUSE))
    refused = act(client, name)
    assert (refused.status_code, refused.json()["kind"]) == (403, "NotAllowed")
    assert camera.drawn.store.check_in_force().locked is None


def test_two_people_do_not_overwrite_each_other(client: httpx.Client, phone: httpx.Client) -> None:
    tag = look(client)["tag"]
    assert draw(phone, drawing(HOUSE), tag).status_code == 200
    overtaken = draw(client, drawing(ROAD), tag)
    assert (overtaken.status_code, overtaken.json()["kind"]) == (409, "NotAllowed")
    assert overtaken.json()["safe"] == "what you drew is kept on this page"
    assert look(client)["drawing"]["masks"][0]["name"] == "隣の家"
    assert draw(client, drawing(ROAD)).status_code == 200
    stale = client.post("/api/masks/confirm", json={"tag": tag, "secret": secret_of("owner")})
    assert stale.status_code == 403, "there is no proposal"
    proposed = act(client, "propose").json()["tag"]
    assert client.post("/api/masks/confirm", json={"tag": tag, "secret": secret_of("owner")}).status_code == 409
    assert (
        client.post("/api/masks/confirm", json={"tag": proposed, "secret": secret_of("owner")}).status_code == 200
    )


@pytest.mark.parametrize(
    ("drawn", "field"),
    [
        (drawing({**HOUSE, "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}), "masks.0.polygon"),
        (drawing(HOUSE, {**ROAD, "name": ""}), "masks.1.name"),
        (drawing(HOUSE, {**ROAD, "reason": "pretty"}), "masks.1.reason"),
        (drawing(HOUSE, own=({**GARDEN, "polygon": [[0.1, 0.1], [0.101, 0.1], [0.1, 0.101]]},)), "own.0.polygon"),
        (drawing({**HOUSE, "polygon": [[0, 0], [1.5, 0], [0, 1]]}), "masks.0.polygon.1.0"),
        ({**drawing(HOUSE), "margin": 0.5}, "margin"),
        ({**drawing(HOUSE), "picture": {"width": 640, "height": 480, "rotation": 0}}, "picture"),
    ],
)
def test_a_drawing_that_cannot_be_used_is_refused_at_its_field(
    client: httpx.Client, camera: PageCamera, drawn: dict[str, Any], field: str
) -> None:
    refused = draw(client, drawn)
    assert (refused.status_code, refused.json()["kind"], refused.json()["field"]) == (400, "BadInput", field)
    assert (look(client)["state"], camera.drawn.lines()) == ("confirmed", [])


def test_nobody_draws_on_a_picture_that_nobody_knows(client: httpx.Client, camera: PageCamera) -> None:
    camera.drawn.picture = None
    assert draw(client, drawing(HOUSE)).json()["kind"] == "Unavailable"
    assert client.post("/api/masks/preview", json={"drawing": drawing(HOUSE)}).status_code == 503
    named = {**drawing(HOUSE), "picture": {"width": 640, "height": 480, "rotation": 0}}
    assert draw(client, named).json()["state"] == "draft"
    camera.drawn.picture = DrawnPicture(width=1280, height=720)
    assert look(client)["fits"] is False


def test_nothing_is_done_when_the_register_refuses(
    client: httpx.Client, camera: PageCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise MediaFailing("the medium is full")

    monkeypatch.setattr(camera.drawn.register, "write", full)
    assert draw(client, drawing(HOUSE)).json()["what"] == "the medium is full"
    assert look(client)["state"] == "confirmed"


def test_a_broken_draft_is_said_and_drawn_over(client: httpx.Client, camera: PageCamera) -> None:
    (camera.folder / "masks.draft.json").write_text("{")
    told = look(client)
    assert ("cannot be masked with" in told["trouble"], told["drawing"]["masks"]) == (True, [])
    assert draw(client, drawing(HOUSE)).json()["trouble"] == ""


@pytest.mark.parametrize("size", [(1280, 720), (642, 362), (1920, 1080)])
def test_the_preview_is_what_is_burnt_pixel_by_pixel(
    client: httpx.Client, camera: PageCamera, size: tuple[int, int]
) -> None:
    width, height = size
    camera.drawn.picture = DrawnPicture(width=width, height=height)
    drawn = drawing(HOUSE, ROAD, own=(GARDEN,))
    told = client.post("/api/masks/preview", json={"drawing": drawn}).json()
    laid = np.zeros((height, width), np.int32)
    for left, top, wide, high in told["rectangles"]:
        laid[top : top + high, left : left + wide] += 1
    covered = decode_drawing(json.dumps(drawn).encode()).covered(width, height)
    assert np.array_equal(laid, pixels_of(covered, width, height).astype(np.int32)), "each pixel once"
    assert (told["width"], told["height"], told["share"]) == (width, height, pytest.approx(covered.mean()))


@pytest.mark.row("M7")
def test_the_burnt_picture_is_seen_by_the_installer_whom_the_owner_let_in(
    client: httpx.Client, phone: httpx.Client, camera: PageCamera
) -> None:
    corner = {"name": "sky", "reason": "other", "polygon": [[0.5, 0.0], [1.0, 0.0], [1.0, 0.5], [0.5, 0.5]]}
    asked = {"drawing": drawing(corner)}
    assert phone.post("/api/masks/preview.jpg", json=asked).status_code == 403
    opening = {"opened_for": "K. Sato", "why": "masks", "minutes": 5, "secret": secret_of("owner")}
    code = client.post("/api/installer/open", json=opening).json()["code"]
    assert phone.post("/api/installer/enter", json={"code": code}).status_code == 200
    assert client.post("/api/masks/preview.jpg", json=asked).status_code == 403, "nor by who opened it"
    burnt = seen(phone.post("/api/masks/preview.jpg", json=asked))
    high, wide = burnt.shape
    assert burnt[: high // 2 - 8, wide // 2 + 8 :].max() < 40, "filled"
    assert burnt[: high // 4, : wide // 5].min() > 180, "and all else is without masks, also what is masked now"
    nothing = seen(phone.post("/api/masks/preview.jpg", json={"drawing": drawing()}))
    assert nothing[: high // 4, wide * 3 // 4 :].min() > 60
    assert camera.sights[0].ended is None
    assert phone.post("/api/installer/end", json={}).status_code == 200
    assert phone.post("/api/masks/preview.jpg", json=asked).status_code == 403
