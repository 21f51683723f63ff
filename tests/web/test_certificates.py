"""The routes of the page's certificates: who may see them, what a phone gets, and how new ones are made."""

from __future__ import annotations

import plistlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from accountstand import signed_in
from cryptography import x509
from page_camera import PageCamera
from secured import PageSecurity

from edgecam.web.app import create_app
from edgecam.web.server import PageServer, Secure
from edgecam.web.signedin import COOKIE

pytestmark = pytest.mark.row("K3")


@pytest.fixture
def security(tmp_path: Path) -> PageSecurity:
    return PageSecurity(tmp_path)


@pytest.fixture
def open_page(camera: PageCamera, security: PageSecurity) -> Iterator[PageServer]:
    app = create_app(replace(camera.parts(), certificates=security))
    server = PageServer(app, "127.0.0.1", 0, Secure("127.0.0.1", 0, "localhost", security.context))
    server.start()
    yield server
    server.close()


@pytest.fixture
def visitor(open_page: PageServer, security: PageSecurity) -> Iterator[httpx.Client]:
    """By HTTPS, not signed in yet."""
    address = open_page.secure_address
    with httpx.Client(
        base_url=address, headers={"Origin": address}, timeout=30, trust_env=False, verify=security.trusting()
    ) as client:
        yield client


def test_the_owner_sees_both(visitor: httpx.Client, security: PageSecurity) -> None:
    told = signed_in(visitor).get("/api/certificates").json()
    now = security.told()
    assert told["authority"]["fingerprint"] == now.authority.fingerprint
    assert told["page"]["fingerprint"] == now.leaf.fingerprint
    assert "localhost" in told["page"]["names"]
    assert told["page"]["ends_ms"] == int(now.leaf.ends.timestamp() * 1000)
    assert told["page"]["begins_ms"] < told["page"]["ends_ms"] <= told["authority"]["ends_ms"]


def test_a_phone_gets_the_authority_and_not_its_key(visitor: httpx.Client, security: PageSecurity) -> None:
    signed_in(visitor, "operator")
    crt = visitor.get("/api/certificates/ca.crt")
    assert crt.headers["content-type"] == "application/x-x509-ca-cert"
    assert crt.headers["content-disposition"].startswith("attachment")
    authority = x509.load_der_x509_certificate(crt.content)
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    one, other = (visitor.get("/api/certificates/ca.mobileconfig") for _ in range(2))
    assert one.headers["content-type"] == "application/x-apple-aspen-config"
    assert one.content == other.content
    (payload,) = plistlib.loads(one.content)["PayloadContent"]
    assert (payload["PayloadType"], payload["PayloadContent"]) == ("com.apple.security.root", crt.content)
    assert b"PRIVATE" not in crt.content + one.content


def test_who_may_not_see_them_does_not(visitor: httpx.Client, security: PageSecurity) -> None:
    for path in ("", "/ca.crt", "/ca.mobileconfig"):
        assert visitor.get(f"/api/certificates{path}").status_code == 401
    for name in ("operator", "sato"):
        signed_in(visitor, name)
        assert visitor.get("/api/certificates").status_code == 403
        assert visitor.post("/api/certificates/renew", json={}).status_code == 403
    assert security.renewals == []


def test_the_owner_makes_new_ones(visitor: httpx.Client, security: PageSecurity) -> None:
    before = signed_in(visitor).get("/api/certificates").json()
    leaf = visitor.post("/api/certificates/renew", json={}).json()
    assert leaf["authority"] == before["authority"]
    assert leaf["page"]["fingerprint"] != before["page"]["fingerprint"]
    both = visitor.post("/api/certificates/renew", json={"authority": True}).json()
    assert both["authority"]["fingerprint"] != before["authority"]["fingerprint"]
    assert security.renewals == [("owner", False), ("owner", True)]


def test_on_loopback_alone_there_are_none(client: httpx.Client) -> None:
    for path in ("", "/ca.crt", "/ca.mobileconfig"):
        answer = client.get(f"/api/certificates{path}")
        assert answer.status_code == 503
        assert "web.address" in answer.json()["do"]


@pytest.mark.row("K2")
def test_the_cookie_of_https_never_travels_in_the_clear(visitor: httpx.Client, open_page: PageServer) -> None:
    signed_in(visitor)
    (cookie,) = (cookie for cookie in visitor.cookies.jar if cookie.name == COOKIE)
    assert cookie.secure
    with httpx.Client(base_url=open_page.address, headers={"Origin": open_page.address}, trust_env=False) as plain:
        signed_in(plain)
        (cookie,) = (cookie for cookie in plain.cookies.jar if cookie.name == COOKIE)
        assert not cookie.secure
