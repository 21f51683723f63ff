"""The page asked all that its own OpenAPI document says may be asked, and much that it says may not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import httpx
import pytest
import schemathesis
from accountstand import sign_in
from albumstand import StoryClock, album_camera, kept, movement_job, shot_job
from openapifuzz import Fuzzed, ask_for_everything, described
from page_camera import PageCamera
from secured import PageSecurity

from edgecam.albumserving import album_parts
from edgecam.choices import retention_of
from edgecam.custody.register.register import Register
from edgecam.holding import holds_of
from edgecam.keys.camera import load_camera_key
from edgecam.pastfootage import PastFootage, sealed_parts
from edgecam.places import Places
from edgecam.sealedalbum import SealedAlbum
from edgecam.settings import Settings
from edgecam.web.app import create_app
from edgecam.web.parts import PageParts
from edgecam.web.server import PageServer
from edgecam.web.signedin import COOKIE

# It never ends, and so has tests of its own.
ENDLESS = "/api/live"


@dataclass
class FuzzedPage(Fuzzed):
    """Its owner asks."""

    camera: PageCamera = field(default_factory=PageCamera)

    def stay_in(self) -> None:
        if self.browser.get(f"{self.server.address}/api/me").status_code == 200:
            return
        # Longer than any wait after wrong tries.
        self.camera.clock.sleep(3600 * 24)
        with httpx.Client(base_url=self.server.address, headers={"Origin": self.server.address}) as client:
            answer = sign_in(client)
            assert answer.status_code == 200, answer.text
            self.browser.cookies.set(COOKIE, client.cookies[COOKIE])


def whole(camera: PageCamera, settings: Settings, places: Places, clock: StoryClock) -> PageParts:
    """The page's camera in RAM with a real ring and a real album that has pictures."""
    album = SealedAlbum(settings, places, clock)
    for number in range(3):
        clock.sleep(20)
        kept(album, movement_job(number, clock) if number == 1 else shot_job(number, clock))
    album.close()
    places.locked_owner.write_bytes(b"a locked key")
    key = load_camera_key(places.camera_key)
    register = Register(places.register, key.sign, key.public)
    holds = holds_of(settings, places, key, register, clock)
    past = PastFootage(places.ring, retention_of(settings), clock, holds)
    return replace(
        camera.parts(),
        certificates=PageSecurity(places.state_dir),
        album=album_parts(settings, places, register, clock),
        sealed=sealed_parts(past, places, register),
    )


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[FuzzedPage]:
    camera = PageCamera()
    with album_camera() as (settings, places, clock):
        server = PageServer(create_app(whole(camera, settings, places, clock)), "127.0.0.1", 0)
        server.start()
        made = FuzzedPage(server, camera=camera)
        made.stay_in()
        yield made
        made.browser.close()
        server.close()


@pytest.fixture(scope="module")
def schema(fuzzed: FuzzedPage) -> schemathesis.BaseSchema:
    document = fuzzed.browser.get(f"{fuzzed.server.address}/api/openapi.json").json()
    return described(fuzzed, document).exclude(path=ENDLESS)


@pytest.mark.row("W4")
def test_a_little_of_everything(fuzzed: FuzzedPage, schema: schemathesis.BaseSchema) -> None:
    ask_for_everything(fuzzed, schema, examples=2)
    # Else nothing was asked but the door.
    assert {"GET /api/status", "GET /api/live.jpg", "GET /api/events", "GET /api/certificates"} <= fuzzed.done


@pytest.mark.long
@pytest.mark.row("W4")
def test_much_of_everything(fuzzed: FuzzedPage, schema: schemathesis.BaseSchema) -> None:
    ask_for_everything(fuzzed, schema, examples=40)
    assert {"GET /api/album/epochs", "GET /api/owner-key", "POST /api/masks/draft/propose"} & fuzzed.done
