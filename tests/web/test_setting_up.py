"""Who may set a new camera up, one step after the other, and what each form is told when it is refused."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from accountstand import account_store, new_folder, remove_folder, sign_in
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from page_camera import ObedientClock
from routewalk import api_routes

from edgecam.core.errors import BadInput, NotAllowed
from edgecam.core.support import Support
from edgecam.custody.paper.notice import Notice
from edgecam.custody.paper.sign import SignSize
from edgecam.keys.certificate import authority_begun, common_name, new_private_key, private_pem
from edgecam.web.accountdesk import AccountDesk
from edgecam.web.claim import COOKIE
from edgecam.web.firststeps import Progress, SetupStep, step_states
from edgecam.web.server import PageServer
from edgecam.web.setupapp import SetupPageParts, create_setup_app
from edgecam.web.setupparts import (
    BrokerChoice,
    BrokerTried,
    Kept,
    Language,
    PlanShown,
    RetentionChoice,
    SetupShown,
    UpdatesChoice,
)
from edgecam.web.signedin import Admits

pytestmark = pytest.mark.row("W1")
CODE = "HERO-N234"
OWNER = {"recipient": "age1" + "q" * 58, "locked": base64.b64encode(b"a locked key").decode(), "secret": "s" * 43}
# For whoever stands before a new camera.
OPEN = {
    ("GET", "/api/welcome"),
    ("POST", "/api/sign-in"),
    ("GET", "/api/setup"),
    ("POST", "/api/setup/claim"),
}


@dataclass
class SetupStand:
    """The camera's side of the first run, in RAM."""

    progress: Progress = field(default_factory=Progress)
    found: set[SetupStep] = field(default_factory=set)
    language: Language = "en"
    text: Notice = field(default_factory=Notice)
    names: list[str] = field(default_factory=list)
    tried: list[BrokerChoice] = field(default_factory=list)
    kept: RetentionChoice | None = None
    updates: UpdatesChoice | None = None

    def owned(self) -> bool:
        return SetupStep.OWNER in self.found

    def shown(self) -> SetupShown:
        recording = SetupStep.RETENTION in self.found
        steps = step_states(self.progress, self.found)
        finished = SetupStep.SUMMARY in self.progress.noted
        return SetupShown(
            "edgecam_1", self.language, self.owned(), recording, finished, "scene", True, 0, "/ring", steps
        )

    def check_code(self, code: str) -> None:
        if self.owned():
            raise NotAllowed("this camera has an owner", do="sign in")
        if code != CODE:
            raise NotAllowed("this is not the set-up code")

    def speak(self, language: Language) -> None:
        self.language, self.progress = language, self.progress.noting(SetupStep.LANGUAGE)

    def make_owner(self, recipient: str, locked: bytes, secret: str) -> None:
        assert locked == b"a locked key"
        if self.owned():
            raise NotAllowed("this camera has an owner", do="sign in")
        self.found.add(SetupStep.OWNER)

    def locked_owner(self) -> bytes:
        return b"a locked key"

    def note(self, step: SetupStep, who: str) -> None:
        self.names.append(who)
        self.progress = self.progress.noting(step)

    def notice(self) -> Notice:
        return self.text

    def set_notice(self, notice: Notice, who: str) -> None:
        if "refused" in notice.contact:
            raise BadInput("this contact is refused", field="contact")
        self.text = notice

    def plan(self, choice: RetentionChoice | None) -> PlanShown:
        kept = Kept(15, "standard", 14.2, "kept")
        return PlanShown("kumagaya", 14, 14, False, 8, 20, 3, 40, 1280, 720, kept, kept, "", "", False)

    def keep(self, choice: RetentionChoice, who: str) -> PlanShown:
        self.kept = choice
        self.found.add(SetupStep.RETENTION)
        return self.plan(choice)

    def hide_nothing(self, reason: str, who: str) -> None:
        self.names.append(reason)
        self.found.add(SetupStep.MASKS)

    def sign(self, language: Language, size: SignSize) -> bytes:
        return b"%PDF-" + language.encode() + size.value.encode()

    def broker(self) -> BrokerChoice:
        return BrokerChoice("mqtt", "ha.local", 1883, False, "camera", "a password that is not told")

    def try_broker(self, choice: BrokerChoice) -> BrokerTried:
        self.tried.append(choice)
        return BrokerTried(False, "broker_away", "it does not answer")

    def set_broker(self, choice: BrokerChoice, who: str) -> None:
        self.tried.append(choice)

    def set_updates(self, choice: UpdatesChoice, who: str) -> None:
        self.updates = choice


@dataclass
class NewPage:
    stand: SetupStand
    clock: ObedientClock
    app: FastAPI
    server: PageServer

    def browser(self) -> httpx.Client:
        address = self.server.address
        return httpx.Client(base_url=address, headers={"Origin": address}, timeout=30, trust_env=False)


@pytest.fixture
def page() -> Iterator[NewPage]:
    stand, clock, folder = SetupStand(), ObedientClock(), new_folder()
    desk = AccountDesk(account_store(folder, clock), clock)
    support = Support("mailto:security@maker.example")
    parts = SetupPageParts("Front door", "127.0.0.1", clock, desk, stand, lambda: True, support=support)
    app = create_setup_app(parts)
    server = PageServer(app, "127.0.0.1", 0)
    server.start()
    try:
        yield NewPage(stand, clock, app, server)
    finally:
        server.close()
        remove_folder(folder)


@pytest.mark.row("I5")
def test_a_new_camera_tells_everybody_where_to_report(page: NewPage) -> None:
    with page.browser() as client:
        assert "\nContact: mailto:security@maker.example\n" in client.get("/.well-known/security.txt").text


@pytest.fixture
def phone(page: NewPage) -> Iterator[httpx.Client]:
    """The browser that has shown the code."""
    with page.browser() as client:
        assert client.post("/api/setup/claim", json={"code": CODE}).status_code == 200
        yield client


@pytest.fixture
def owner(page: NewPage) -> Iterator[httpx.Client]:
    """The owner, signed in on a camera that has one."""
    page.stand.found.add(SetupStep.OWNER)
    with page.browser() as client:
        assert sign_in(client).status_code == 200
        yield client


def page_pair() -> tuple[str, str]:
    """A certificate and its key."""
    key, name = new_private_key(), common_name("home/camera")
    now = datetime.now(UTC)
    made = authority_begun(name, key, 1, now, now + timedelta(days=1)).sign(key, hashes.SHA256())
    return made.public_bytes(Encoding.PEM).decode(), private_pem(key).decode()


def admits(dependant: Dependant) -> bool:
    return isinstance(dependant.call, Admits) or any(admits(one) for one in dependant.dependencies)


@pytest.mark.row("K2")
def test_every_route_asks_who_is_there(page: NewPage) -> None:
    asked = {(method, route.path) for route in api_routes(page.app) for method in route.methods or ()}
    open_to_all = {
        (method, route.path)
        for route in api_routes(page.app)
        for method in route.methods or ()
        if route.path.startswith("/api/") and not admits(route.dependant)
    }
    assert ("PUT", "/api/setup/retention") in asked
    assert open_to_all == OPEN


@pytest.mark.row("K2")
def test_nobody_takes_a_step_without_the_code(page: NewPage) -> None:
    with page.browser() as stranger:
        for method, route in (
            ("PUT", "language"),
            ("POST", "owner"),
            ("GET", "plan"),
            ("POST", "steps/kit"),
            ("GET", "broker"),
        ):
            answer = stranger.request(method, f"/api/setup/{route}", json={} if method != "GET" else None)
            assert answer.status_code in (400, 401), route
        told = stranger.get("/api/setup").json()
        assert (told["yours"], told["steps"], told["source"]) == (False, None, "")


def test_the_code_lets_one_browser_in_by_a_cookie_that_scripts_cannot_read(page: NewPage) -> None:
    with page.browser() as client:
        cookie = client.post("/api/setup/claim", json={"code": CODE}).headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        told = client.get("/api/setup").json()
        assert told["yours"] is True
        assert told["steps"]["retention"] == "later"


@pytest.mark.row("K2")
def test_wrong_codes_are_tried_ever_more_slowly(page: NewPage) -> None:
    with page.browser() as client:
        waits = []
        for _ in range(4):
            assert client.post("/api/setup/claim", json={"code": "AAAA-AAAA"}).status_code == 403
            refused = client.post("/api/setup/claim", json={"code": CODE})
            assert refused.status_code == 429
            waits.append(refused.json()["wait_s"])
            page.clock.sleep(waits[-1])
        assert waits == [1, 2, 4, 8]
        assert client.post("/api/setup/claim", json={"code": CODE}).status_code == 200


def test_two_people_at_once_one_of_them_sets_up(page: NewPage, phone: httpx.Client) -> None:
    with page.browser() as other:
        held = other.post("/api/setup/claim", json={"code": CODE})
        assert held.status_code == 409
        assert "another browser" in held.json()["what"]
        assert phone.put("/api/setup/language", json={"language": "ja"}).status_code == 200
        assert other.post("/api/setup/claim", json={"code": CODE, "take_over": True}).status_code == 200
        assert other.put("/api/setup/language", json={"language": "ko"}).status_code == 200
        assert phone.put("/api/setup/language", json={"language": "en"}).status_code == 401
        assert phone.get("/api/setup").json()["yours"] is False
    assert page.stand.language == "ko"


def test_a_phone_that_was_left_lying_keeps_nobody_out(page: NewPage, phone: httpx.Client) -> None:
    page.clock.sleep(121)
    with page.browser() as other:
        assert other.post("/api/setup/claim", json={"code": CODE}).status_code == 200


@pytest.mark.row("K2")
def test_with_an_owner_the_code_is_over_for_good(page: NewPage, phone: httpx.Client) -> None:
    assert phone.post("/api/setup/owner", json=OWNER).status_code == 200
    for body in (OWNER, {**OWNER, "secret": "t" * 43}):
        assert phone.post("/api/setup/owner", json=body).status_code == 401
    assert phone.post("/api/setup/claim", json={"code": CODE}).status_code == 403
    assert phone.get("/api/setup").json()["yours"] is False
    with page.browser() as client:
        assert sign_in(client, "operator").status_code == 200
        assert client.get("/api/setup/plan").status_code == 403
        assert client.get("/api/setup/owner-key").status_code == 403
        assert client.get("/api/setup").json()["yours"] is False


def test_the_owner_goes_on_and_gets_the_locked_key_for_the_kit(page: NewPage, owner: httpx.Client) -> None:
    assert owner.get("/api/setup").json()["steps"]["retention"] == "open"
    assert owner.get("/api/setup/owner-key").content == b"a locked key"
    assert owner.post("/api/setup/steps/kit").status_code == 200
    assert page.stand.names == ["owner"]


def test_steps_have_their_order(page: NewPage, owner: httpx.Client) -> None:
    for route, body in (("nothing-to-hide", {"reason": "a wall"}), ("steps/aim", {}), ("steps/summary", {})):
        refused = owner.post(f"/api/setup/{route}", json=body)
        assert refused.status_code == 403
        assert "comes after retention" in refused.json()["what"]
    refused = owner.post("/api/setup/steps/masks")
    assert refused.status_code == 403
    assert owner.post("/api/setup/steps/nothing").status_code == 400
    assert SetupStep.MASKS not in page.stand.progress.noted


def test_forms_are_told_which_field_is_to_blame(owner: httpx.Client) -> None:
    assert owner.put("/api/setup/notice", json={"contact": "refused"}).json()["field"] == "contact"
    for body, named in (
        ({"owner": "x" * 121}, "owner"),
        ({"purpose": "a\nb"}, "purpose"),
        ({"place": "\u2028"}, "place"),
    ):
        refused = owner.put("/api/setup/notice", json=body)
        assert refused.status_code == 400
        assert named in refused.json()["what"]
        assert "x" * 121 not in refused.text
    assert owner.put("/api/setup/broker", json={"kind": "mqtt", "host": " "}).status_code in (400, 403)
    assert owner.post("/api/setup/broker/try", json={"kind": "mqtt", "host": " "}).json()["field"] == "host"
    tried = {"kind": "mqtt", "host": "x", "ca_pem": "no certificate"}
    assert owner.post("/api/setup/broker/try", json=tried).json()["field"] == "ca_pem"


@pytest.mark.row("T3")
def test_a_certificate_for_the_broker_comes_with_its_key_and_over_tls(page: NewPage, owner: httpx.Client) -> None:
    page.stand.found.add(SetupStep.RETENTION)
    made, other = page_pair(), page_pair()
    whole = {"kind": "mqtt", "host": "x", "tls": True, "cert_pem": made[0], "key_pem": made[1]}
    for changed, blamed in (
        ({"key_pem": None}, "key_pem"),
        ({"cert_pem": ""}, "cert_pem"),
        ({"tls": False}, "tls"),
        ({"cert_pem": made[1]}, "cert_pem"),
        ({"key_pem": made[0]}, "key_pem"),
        ({"key_pem": other[1]}, "key_pem"),
    ):
        refused = owner.put("/api/setup/broker", json=whole | changed)
        assert (refused.status_code, refused.json()["field"]) == (400, blamed)
        assert "PRIVATE" not in refused.text
    assert page.stand.tried == []
    assert owner.put("/api/setup/broker", json=whole).status_code == 200
    assert (page.stand.tried[0].cert_pem, page.stand.tried[0].key_pem) == made
    told = owner.get("/api/setup/broker")
    assert told.json()["has_certificate"] is False
    assert not {"cert_pem", "key_pem", "password"} & set(told.json())


@pytest.mark.parametrize(
    "body",
    [
        {"policy": "forever"},
        {"policy": "own", "days": 0},
        {"policy": "own", "days": 1e308},
        {"policy": "own", "days": "NaN"},
        {"policy": "own", "days": "14"},
        {"policy": "own", "size_gib": -1},
        {"policy": "own", "more": 1},
        [],
        None,
    ],
)
def test_a_choice_that_is_none_is_refused(page: NewPage, owner: httpx.Client, body: object) -> None:
    assert owner.post("/api/setup/plan", json=body).status_code == 400
    assert owner.put("/api/setup/retention", json=body).status_code == 400
    assert page.stand.kept is None


@pytest.mark.parametrize(
    "body",
    [
        {**OWNER, "recipient": "age1" + "Q" * 58},
        {**OWNER, "recipient": "x" * 62},
        {**OWNER, "locked": "not base64!"},
        {**OWNER, "secret": "short"},
        {**OWNER, "passphrase": "must never be sent"},
    ],
)
def test_an_owner_that_is_none_is_refused_and_nothing_secret_repeated(
    page: NewPage, phone: httpx.Client, body: dict[str, str]
) -> None:
    refused = phone.post("/api/setup/owner", json=body)
    assert refused.status_code == 400
    assert "must never be sent" not in refused.text
    assert not page.stand.owned()


@pytest.mark.row("G6")
def test_the_sign_comes_as_a_file(owner: httpx.Client) -> None:
    answer = owner.get("/api/setup/sign.pdf", params={"language": "ko", "size": "sticker"})
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content == b"%PDF-kosticker"
    assert owner.get("/api/setup/sign.pdf", params={"language": "fr", "size": "a4"}).status_code == 400


def test_a_brokers_password_is_never_told(owner: httpx.Client) -> None:
    told = owner.get("/api/setup/broker")
    assert told.json() == {
        "kind": "mqtt",
        "host": "ha.local",
        "port": 1883,
        "tls": False,
        "username": "camera",
        "home_assistant": False,
        "has_certificate": False,
    }
    assert "not told" not in told.text
    tried = owner.post("/api/setup/broker/try", json={"kind": "mqtt", "host": "ha.local"}).json()
    assert tried == {"reached": False, "fault": "broker_away", "sentence": "it does not answer"}


def test_updates_are_agreed_to_at_the_end_and_no_earlier(page: NewPage, owner: httpx.Client) -> None:
    early = owner.put("/api/setup/updates", json={"automatic": True})
    assert (early.status_code, page.stand.updates) == (403, None)
    page.stand.found.add(SetupStep.RETENTION)
    assert owner.put("/api/setup/updates", json={"automatic": "yes"}).status_code == 400
    assert owner.put("/api/setup/updates", json={"url": "https://x"}).status_code == 400
    assert owner.put("/api/setup/updates", json={"automatic": True}).status_code == 200
    assert page.stand.updates == UpdatesChoice(automatic=True)
    assert owner.get("/api/setup").json()["updating"] == ""


def test_a_new_camera_says_that_it_is(page: NewPage) -> None:
    with page.browser() as client:
        assert client.get("/api/welcome").json()["state"] == "new"
        assert client.get("/").status_code in (200, 503)
        assert client.get("/api/status").status_code == 404
