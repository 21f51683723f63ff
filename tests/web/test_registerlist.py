"""The register as its owner reads it on the page, and nobody else."""

from __future__ import annotations

import httpx
import pytest
from page_camera import PageCamera

from edgecam import __version__
from edgecam.core.clock import NS_PER_S

pytestmark = [pytest.mark.row("G1"), pytest.mark.row("W4")]


@pytest.fixture
def written(client: httpx.Client, camera: PageCamera) -> None:
    """Three lines: an account switched off, made an owner, and removed."""
    store = camera.accounts
    store.set_disabled("owner", "operator", True)
    camera.clock.sleep(60)
    store.set_disabled("owner", "operator", False)
    store.remove("owner", "operator")


def test_the_owner_reads_newest_first(client: httpx.Client, camera: PageCamera, written: None) -> None:
    page = client.get("/api/register", params={"limit": 2}).json()
    newest, before = page["lines"]
    assert newest["sequence"] == before["sequence"] + 1
    assert (newest["act"], newest["who"]) == ("account_change", "owner")
    assert newest["at_ms"] == camera.clock.now().wall_ns // 1_000_000
    assert newest["from_ms"] is None
    earlier = client.get("/api/register", params={"before": page["earlier"]}).json()
    assert earlier["lines"][0]["sequence"] == before["sequence"] - 1
    assert earlier["earlier"] is None
    assert earlier["lines"][-1]["sequence"] == 1
    assert newest["at_ms"] - earlier["lines"][-1]["at_ms"] >= 60 * NS_PER_S // 1_000_000


def test_one_act_alone(client: httpx.Client, written: None) -> None:
    assert client.get("/api/register", params={"act": "copy"}).json()["lines"] == []
    assert client.get("/api/register", params={"act": "account_change"}).json()["lines"]
    assert client.get("/api/register", params={"act": "nonsense"}).status_code == 400


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 10_000}, {"before": 0}, {"before": "x"}, {"before": 1 << 60}]
)
def test_a_query_that_cannot_be_is_refused(steady_client: httpx.Client, query: dict[str, str]) -> None:
    assert steady_client.get("/api/register", params=query).status_code == 400


@pytest.mark.row("K2")
def test_it_is_the_owners_alone(other: httpx.Client, phone: httpx.Client, stranger: httpx.Client) -> None:
    assert [client.get("/api/register").status_code for client in (other, phone, stranger)] == [403, 403, 401]


def test_the_version_is_told_to_who_is_signed_in(phone: httpx.Client, stranger: httpx.Client) -> None:
    assert phone.get("/api/version").json() == {
        "version": __version__,
        "supported_until": "2031-12-31",
        "security_contact": "mailto:security@maker.example",
    }
    assert stranger.get("/api/version").status_code == 401
