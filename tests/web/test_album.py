"""The routes to sealed pictures, and the search among events: who may, what is registered, and what comes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx
import pytest
from accountstand import signed_in
from albumstand import StoryClock, album_camera, event, kept, movement_job, register_acts, shot_job
from page_camera import PageCamera
from ringstand import OWNER
from servedpage import page_client, serving

from edgecam.albumserving import album_parts
from edgecam.core.albumrecord import Piece, Thumbnail, decode_record
from edgecam.core.events import EventKind
from edgecam.custody.register.register import Register
from edgecam.keys.camera import load_camera_key
from edgecam.places import Places
from edgecam.ringbuffer.format import HEADER_SIZE, SegmentHeader
from edgecam.ringbuffer.sealing import EpochKey
from edgecam.sealedalbum import SealedAlbum
from edgecam.web.albumparts import AlbumParts
from edgecam.web.parts import PageParts
from edgecam.web.server import PageServer
from edgecam.writtenevents import WrittenEvents

_NS_PER_MS = 1_000_000


class AlbumCamera(PageCamera):
    """The page's camera in RAM, with a real album beside it."""

    album: AlbumParts

    def parts(self) -> PageParts:
        return replace(super().parts(), album=self.album)


@dataclass(frozen=True)
class Stand:
    server: PageServer
    places: Places
    clock: StoryClock
    written: WrittenEvents
    album: SealedAlbum

    @property
    def today(self) -> dict[str, int]:
        now_ms = self.clock.now().wall_ns // _NS_PER_MS
        return {"from_ms": now_ms - 3_600_000, "to_ms": now_ms + 1000}


@pytest.fixture
def stand() -> Iterator[Stand]:
    with album_camera() as (settings, places, clock):
        key = load_camera_key(places.camera_key)
        camera = AlbumCamera()
        camera.album = album_parts(settings, places, Register(places.register, key.sign, key.public), clock)
        with serving(camera) as server:
            written = WrittenEvents(settings, places, clock)
            yield Stand(server, places, clock, written, SealedAlbum(settings, places, clock))


@pytest.fixture
def client(stand: Stand) -> Iterator[httpx.Client]:
    with page_client(stand.server) as client:
        yield signed_in(client)


def opened(client: httpx.Client, path: str, span: dict[str, int]) -> list[Thumbnail | Piece]:
    """What the owner's browser makes of the answers."""
    keys = {}
    for told in client.get(f"{path}/epochs", params=span).raise_for_status().json():
        keys[told["epoch"]] = EpochKey(OWNER.unseal(base64.b64decode(told["sealed_key"])))
        assert keys[told["epoch"]].open_init(
            base64.b64decode(told["sealed_init"]), base64.b64decode(told["bound_to"])
        )
    data = client.get(f"{path}/segments", params=span).raise_for_status().content
    found = []
    while data:
        header = SegmentHeader.decode(data[:HEADER_SIZE])
        payload, data = (
            data[HEADER_SIZE : HEADER_SIZE + header.payload_size],
            data[HEADER_SIZE + header.payload_size :],
        )
        found.append(decode_record(keys[header.epoch].open_segment(header.index, payload, header.sealed_with)[1]))
    return found


@pytest.mark.row("A6")
def test_a_browser_with_the_owners_key_opens_pictures_and_pieces(stand: Stand, client: httpx.Client) -> None:
    for number in (1, 3, 2):
        stand.clock.seconds += 20
        kept(stand.album, movement_job(number, stand.clock) if number == 3 else shot_job(number, stand.clock))
    both = opened(client, "/api/album", stand.today)
    assert [type(one) for one in both] == [Thumbnail, Piece, Thumbnail]
    assert opened(client, "/api/album/thumbnails", stand.today) == [both[0], both[2]]
    assert opened(client, "/api/album/digest", stand.today) == [both[1]]


@pytest.mark.row("G1")
def test_each_request_for_a_span_is_one_register_line(stand: Stand, client: httpx.Client) -> None:
    for number in range(5):
        kept(stand.album, shot_job(number, stand.clock))
    before = len(register_acts(stand.places))
    assert len(opened(client, "/api/album/thumbnails", stand.today)) == 5
    (line,) = stand.places.register.read_text().splitlines()[before:]
    told = json.loads(line)
    assert (told["act"], told["who"]) == ("view", "owner")
    assert told["from_wall_ns"] == stand.today["from_ms"] * _NS_PER_MS
    assert "pictures" in told["purpose"]


@pytest.mark.row("K2")
def test_an_operator_sees_events_and_no_pictures(stand: Stand) -> None:
    kept(stand.album, shot_job(1, stand.clock))
    stand.written.append([event(1, stand.clock)])
    with page_client(stand.server) as client:
        signed_in(client, "operator")
        assert len(client.get("/api/events").json()) == 1
        for path in ("album", "album/thumbnails", "album/digest"):
            assert client.get(f"/api/{path}/segments", params=stand.today).status_code == 403
            assert client.get(f"/api/{path}/epochs", params=stand.today).status_code == 403
    assert register_acts(stand.places) == []


def test_a_camera_without_an_album_says_so(stand: Stand, client: httpx.Client) -> None:
    answer = client.get("/api/album/thumbnails/segments", params=stand.today)
    assert (answer.status_code, answer.json()["kind"]) == (503, "Unavailable")
    assert "no pictures" in answer.json()["what"]


def test_a_span_of_more_than_a_day_is_refused(stand: Stand, client: httpx.Client) -> None:
    kept(stand.album, shot_job(1, stand.clock))
    day_ms = 86_400_000
    to_ms = stand.today["to_ms"]
    path = "/api/album/segments"
    assert client.get(path, params={"from_ms": to_ms - day_ms, "to_ms": to_ms}).status_code == 200
    assert client.get(path, params={"from_ms": to_ms - 2 * day_ms, "to_ms": to_ms}).status_code == 400


@pytest.mark.row("A6")
def test_events_are_found_by_kind_place_direction_and_time(stand: Stand, client: httpx.Client) -> None:
    told = []
    for number in range(8):
        stand.clock.seconds += 600
        kind = EventKind.LINE_CROSSING if number % 2 else EventKind.PERSON
        way = {1: "in", 3: "out"}.get(number % 4)
        told.append(replace(event(number, stand.clock, kind), zone="gate" if number % 2 else None, direction=way))
    stand.written.append(told)

    def ids(**query: object) -> list[int]:
        answer = client.get("/api/events", params=query)  # type: ignore[arg-type]
        return [int(one["event_id"], 16) for one in answer.raise_for_status().json()]

    assert ids() == [7, 6, 5, 4, 3, 2, 1, 0]
    assert ids(kind="person") == [6, 4, 2, 0]
    assert ids(kind=["person", "line_crossing"], limit=3) == [7, 6, 5]
    assert ids(zone="gate", direction="out") == [7, 3]
    assert ids(limit=3, before=f"{6:032x}") == [5, 4, 3]
    assert ids(before="nobody") == []
    since_ms, until_ms = (told[n].start_wall_ns // _NS_PER_MS for n in (2, 5))
    assert ids(from_ms=since_ms, to_ms=until_ms) == [4, 3, 2]
    assert client.get("/api/events", params={"direction": "in"}).json()[0]["direction"] == "in"


@pytest.mark.parametrize(
    "query",
    ["kind=arson", "limit=0", "limit=501", "from_ms=2&to_ms=1", "from_ms=-1", "before=" + 65 * "x", "zone=a&" * 65],
)
def test_a_question_that_makes_no_sense_is_refused(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/api/events?{query}")
    assert (answer.status_code, answer.json()["kind"]) == (400, "BadInput")
