"""Sealed footage over HTTP: who gets it, what is asked and registered before a byte, and what ends it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import httpx
import pytest
from fastapi import FastAPI

from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.errors import EdgecamError, MediaFailing, NotAllowed
from edgecam.custody.accounts.accounts import AccountRole
from edgecam.custody.cases.permission import Leave
from edgecam.custody.evidence.ciphertext import SealedEpoch
from edgecam.custody.register.register_line import Act
from edgecam.ringbuffer.format import EpochSlot
from edgecam.ringbuffer.overview import Covered
from edgecam.web.approval import Approve, owners_alone
from edgecam.web.ciphertext import MOST_STREAMS, ciphertext
from edgecam.web.refusals import NotSignedIn, answer_refusals
from edgecam.web.sealedparts import SealedParts
from edgecam.web.server import PageServer
from edgecam.web.signedin import COOKIE, Visitor

_SPAN = {"from_ms": 1_000_000, "to_ms": 1_060_000}
_SLOT = EpochSlot(
    7, Instant(10**18, 5 * NS_PER_S, bytes(16), TimeTrust.SYNCED), 0, 4200, b"key", b"init", bytes(32)
)


@dataclass
class Camera:
    """Footage that is what a test says, and what happened in which order."""

    pieces: Sequence[bytes] = (b"one", b"two", b"three")
    told: list[str] = field(default_factory=list)
    stands: bool = True
    permit_is_over: bool = False
    grounds: list[str] = field(default_factory=list)
    register_fails: EdgecamError | None = None
    closed: int = 0

    def epochs(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> list[SealedEpoch]:
        return [SealedEpoch(_SLOT, 10**18 + 999_999, 10**18 + 600 * NS_PER_S, False, bytes(32))]

    def segments(self, from_wall_ns: int, to_wall_ns: int, every_ns: int = 0) -> Iterator[bytes]:
        self.told.append(f"searched {every_ns // NS_PER_S}")
        try:
            for piece in self.pieces:
                self.permit_is_over = piece == b"its permit ends"
                yield piece
                self.stands = self.stands and piece != b"last before sign-out"
        finally:
            self.closed += 1

    def record(self, who: str, act: Act, from_wall_ns: int, to_wall_ns: int, leave: Leave) -> None:
        if self.register_fails is not None:
            raise self.register_fails
        self.grounds.append(leave.purpose)
        self.told.append(f"registered {act.value} {who} {from_wall_ns // NS_PER_S}-{to_wall_ns // NS_PER_S}")

    def approve(
        self, visitor: Visitor, act: Act, from_wall_ns: int, to_wall_ns: int, purpose: str = "", case_id: str = ""
    ) -> Leave:
        leave = owners_alone(visitor, act, from_wall_ns, to_wall_ns, purpose)
        self.told.append(f"approved {act.value}")
        return replace(leave, require=self.require)

    def require(self) -> None:
        if self.permit_is_over:
            raise NotAllowed("the permit is over")

    def visitor(self, token: str | None, *, prolongs: bool) -> Visitor:
        if token is None:
            raise NotSignedIn("you are not signed in")
        return Visitor(token, AccountRole(token), "a session")


@pytest.fixture
def camera() -> Camera:
    return Camera()


@pytest.fixture
def app(camera: Camera) -> Iterator[PageServer]:
    parts = SealedParts(
        camera,
        lambda: b"age-encryption.org/v1",
        camera.record,
        lambda begin, end: [Covered(10**9, 2 * 10**9, True)],
    )
    with served(camera, parts, camera.approve) as server:
        yield server


@contextmanager
def served(camera: Camera, parts: SealedParts, approve: Approve) -> Iterator[PageServer]:
    app = FastAPI()
    app.state.sign_ins, app.state.end_streams = camera, lambda: None
    answer_refusals(app)
    app.include_router(ciphertext(parts, approve, lambda visitor: camera.stands))
    server = PageServer(app, "127.0.0.1", 0)
    server.start()
    try:
        yield server
    finally:
        server.close()


@contextmanager
def client(server: PageServer, role: str | None = "owner") -> Iterator[httpx.Client]:
    cookies = {COOKIE: role} if role else None
    with httpx.Client(base_url=server.address, cookies=cookies, timeout=30, trust_env=False) as opened:
        yield opened


def asked(
    server: PageServer, path: str, params: Mapping[str, int] = MappingProxyType(_SPAN), role: str | None = "owner"
) -> httpx.Response:
    """The whole answer to one question."""
    with client(server, role) as opened:
        return opened.get(path, params=dict(params))


@pytest.mark.row("G1")
@pytest.mark.row("W3")
def test_a_look_is_approved_then_registered_then_searched(app: PageServer, camera: Camera) -> None:
    answer = asked(app, "/api/ring/segments")
    assert answer.content == b"onetwothree"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert camera.told == ["approved view", "registered view owner 1000-1060", "searched 0"]
    assert camera.closed == 1


def test_samples_are_a_search_and_may_span_the_retention(app: PageServer, camera: Camera) -> None:
    span = {"from_ms": 0, "to_ms": 14 * 86_400_000, "every_s": 14 * 3600}
    assert asked(app, "/api/ring/segments", span).status_code == 200
    assert camera.told[1].startswith("registered search owner")
    assert camera.told[2] == "searched 50400"


@pytest.mark.parametrize(
    "span",
    [
        {"from_ms": 0, "to_ms": 600_001},
        {"from_ms": 5, "to_ms": 5},
        {"from_ms": 9, "to_ms": 5},
        {"from_ms": -1, "to_ms": 5},
        {"from_ms": 0, "to_ms": 601_000, "every_s": 1},
        {"from_ms": 0, "to_ms": 86_400_000, "every_s": -1},
        {"from_ms": 0, "to_ms": 401 * 86_400_000, "every_s": 86_400},
        {"from_ms": 0},
    ],
)
def test_a_span_that_is_too_long_or_none_touches_nothing(
    app: PageServer, camera: Camera, span: dict[str, int]
) -> None:
    for route in ("segments", "epochs"):
        assert asked(app, f"/api/ring/{route}", span).status_code == 400
    assert camera.told == []


@pytest.mark.row("K2")
@pytest.mark.parametrize(("role", "status"), [(None, 401), ("installer", 403), ("operator", 403)])
def test_nobody_but_the_owner_gets_any_of_it(
    app: PageServer, camera: Camera, role: str | None, status: int
) -> None:
    for route in ("ring/segments", "ring/epochs", "owner-key"):
        assert asked(app, f"/api/{route}", role=role).status_code == status, route
    assert not [line for line in camera.told if line.startswith(("registered", "searched"))]


def test_a_register_that_refuses_keeps_footage_back(app: PageServer, camera: Camera) -> None:
    camera.register_fails = MediaFailing("the register cannot be written")
    assert asked(app, "/api/ring/segments").status_code == 507
    assert not [line for line in camera.told if line.startswith("searched")]
    # What was refused takes nobody's place.
    camera.register_fails = None
    for _ in range(2 * MOST_STREAMS):
        assert asked(app, "/api/ring/segments").status_code == 200


@pytest.mark.row("K2")
def test_who_is_signed_out_gets_no_further_piece(app: PageServer, camera: Camera) -> None:
    camera.pieces = (b"first", b"last before sign-out", b"secret")
    with client(app) as opened, opened.stream("GET", "/api/ring/segments", params=_SPAN) as answer:
        pieces = answer.iter_raw()
        taken = next(pieces)
        with pytest.raises(httpx.RemoteProtocolError):
            taken += b"".join(pieces)
    assert b"secret" not in taken
    assert camera.closed == 1


def test_keys_come_with_what_they_are_bound_to(app: PageServer) -> None:
    (told,) = asked(app, "/api/ring/epochs").json()
    assert told["epoch"] == 7
    assert told["start_ms"] == 10**12
    assert b64decode(told["sealed_key"]) == b"key"
    assert b64decode(told["bound_to"]) == _SLOT.sealed_with
    assert asked(app, "/api/owner-key").content.startswith(b"age-encryption.org/v1")
    assert asked(app, "/api/ring/overview").json() == [
        {"start_ms": 1000, "end_ms": 2000, "private": True, "held": False}
    ]


def test_no_footage_is_an_empty_stream(app: PageServer, camera: Camera) -> None:
    camera.pieces = ()
    answer = asked(app, "/api/ring/segments")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.row("G4")
def test_a_permit_that_ends_while_footage_flows_ends_it(app: PageServer, camera: Camera) -> None:
    camera.pieces = (b"one", b"its permit ends", b"three")
    got: list[bytes] = []
    with (
        client(app) as opened,
        opened.stream("GET", "/api/ring/segments", params=_SPAN) as answer,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        got.extend(answer.iter_raw())
    assert b"".join(got) == b"oneits permit ends"
    assert camera.closed == 1


def test_a_look_may_name_its_purpose_and_its_case(app: PageServer, camera: Camera) -> None:
    with client(app) as opened:
        named = {"purpose": "to find out", "case": "20261121-100000"}
        assert opened.get("/api/ring/segments", params={**_SPAN, **named}).status_code == 200
        assert camera.grounds == ["to find out"]
        assert opened.get("/api/ring/segments", params={**_SPAN, "case": "../x"}).status_code == 400


def test_a_policy_that_says_no_is_a_refusal(camera: Camera) -> None:
    def nobody(
        visitor: Visitor, act: Act, from_wall_ns: int, to_wall_ns: int, purpose: str = "", case_id: str = ""
    ) -> Leave:
        raise NotAllowed("nobody approved this", do="ask for it")

    with served(camera, SealedParts(camera, bytes, camera.record), nobody) as server:
        answer = asked(server, "/api/ring/segments")
    assert answer.status_code == 403
    assert answer.json()["do"] == "ask for it"
    assert camera.told == []
