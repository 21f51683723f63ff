"""Through all routes there are: each asks who is there, and lets in the roles that it should, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from accountstand import ROLES, signed_in
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from page_camera import PageCamera
from routewalk import api_routes
from servedpage import page_client, serving

from edgecam.custody.accounts.accounts import AccountRole
from edgecam.web.app import create_app
from edgecam.web.server import PageServer
from edgecam.web.signedin import Admits

pytestmark = [
    pytest.mark.row("K2"),
    pytest.mark.provision("EN303645-5.5-4"),
    pytest.mark.provision("EN303645-5.5-5"),
    pytest.mark.provision("JCSTAR-S1.1-01"),
    pytest.mark.provision("CRA-I-2d"),
]

# For whoever wants in.
OPEN = {
    ("GET", "/api/welcome"),
    ("POST", "/api/sign-in"),
    ("POST", "/api/passkeys/ask"),
    ("POST", "/api/passkeys/sign-in"),
}
# A route that is only for some; all others are for everybody who is signed in.
OWNER, OPERATOR, INSTALLER = AccountRole.OWNER, AccountRole.OPERATOR, AccountRole.INSTALLER
EXPECTED: dict[tuple[str, str], set[AccountRole]] = {
    ("GET", "/api/events"): {OWNER, OPERATOR},
    ("GET", "/api/recordings"): {OWNER, OPERATOR},
    ("POST", "/api/unlock"): {OWNER},
    ("GET", "/api/footage.mp4"): {OWNER},
    ("POST", "/api/installer/open"): {OWNER},
    ("POST", "/api/installer/enter"): {OWNER, INSTALLER},
    ("GET", "/api/installer/outlines"): {OWNER, INSTALLER},
    ("GET", "/api/unmasked.jpg"): {OWNER, INSTALLER},
    ("POST", "/api/aim/confirm"): {OWNER, INSTALLER},
    ("GET", "/api/accounts"): {OWNER},
    ("POST", "/api/accounts"): {OWNER},
    ("PATCH", "/api/accounts/{name}"): {OWNER},
    ("DELETE", "/api/accounts/{name}"): {OWNER},
    ("GET", "/api/cases"): {OWNER, OPERATOR},
    ("POST", "/api/cases"): {OWNER, OPERATOR},
    ("POST", "/api/cases/{case_id}/grant"): {OWNER, OPERATOR},
    ("GET", "/api/custody"): {OWNER, OPERATOR},
    ("GET", "/api/calendar"): {OWNER, OPERATOR},
    ("GET", "/api/status"): {OWNER, OPERATOR, INSTALLER},
    ("GET", "/api/live"): {OWNER, OPERATOR, INSTALLER},
    ("GET", "/api/live.jpg"): {OWNER, OPERATOR, INSTALLER},
    ("GET", "/api/me"): {OWNER, OPERATOR, INSTALLER},
}


def admitted(dependant: Dependant) -> Iterator[frozenset[AccountRole]]:
    for one in dependant.dependencies:
        if isinstance(one.call, Admits):
            yield one.call.roles
        yield from admitted(one)


def walked(app: FastAPI) -> dict[tuple[str, str], frozenset[AccountRole] | None]:
    found: dict[tuple[str, str], frozenset[AccountRole] | None] = {}
    for route in api_routes(app):
        roles = list(admitted(route.dependant))
        for method in route.methods or ():
            found[method, route.path] = frozenset.intersection(*roles) if roles else None
    return found


APP = create_app(PageCamera().parts())
WALKED = walked(APP)
API = {place for place in WALKED if place[1].startswith("/api/")}


def test_the_walk_finds_the_routes() -> None:
    assert len(API) > 25
    assert set(EXPECTED) <= API
    assert OPEN <= API
    described = {(method.upper(), path) for path, methods in APP.openapi()["paths"].items() for method in methods}
    assert described <= set(WALKED)


def test_every_route_asks_who_is_there_but_the_open_ones() -> None:
    assert {place for place in API if WALKED[place] is None} == OPEN


@pytest.mark.parametrize("place", sorted(EXPECTED), ids=" ".join)
def test_each_route_is_for_the_roles_it_should_be_for(place: tuple[str, str]) -> None:
    assert WALKED[place] == frozenset(EXPECTED[place])


@pytest.fixture(scope="module")
def server() -> Iterator[PageServer]:
    with serving(PageCamera()) as server:
        yield server


@pytest.mark.parametrize("name", [*ROLES, ""])
@pytest.mark.parametrize("place", sorted(API - OPEN), ids=" ".join)
def test_all_roles_at_all_routes(server: PageServer, place: tuple[str, str], name: str) -> None:
    method, path = place
    roles = WALKED[place]
    assert roles is not None
    filled = path.replace("{name}", "sato").replace("{session_id}", "x").replace("{passkey_id}", "x")
    body: dict[str, object] | None = None if method == "GET" else {}
    with page_client(server) as client:
        if name:
            signed_in(client, name)
        with client.stream(method, filled, params={"from_ms": "1", "to_ms": "2"}, json=body) as answer:
            status = answer.status_code
            told = {} if status == 200 else json.loads(answer.read())
    if not name:
        assert (status, told["kind"]) == (401, "NotAllowed")
    elif ROLES[name] not in roles:
        assert (status, told["what"]) == (403, f"an {ROLES[name].value} may not do this")
    else:
        # What it does with a useless question is proved with each route; nobody is turned away for who they are.
        assert status != 401
        assert "may not do this" not in str(told.get("what"))
