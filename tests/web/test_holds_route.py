"""Holds on the page: who may see, make and end them, and what is said of a form that cannot be."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from accountstand import secret_of
from page_camera import FOOTAGE_START_NS, PageCamera

from edgecam.core.clock import NS_PER_S

pytestmark = [pytest.mark.row("R4"), pytest.mark.row("W4")]

START_MS = FOOTAGE_START_NS // 1_000_000
ASKED: dict[str, Any] = {"from_ms": START_MS, "to_ms": START_MS + 60_000, "reason": "事故の捜査", "case": "R8-1"}
DAY_MS = 86_400_000


def release(client: httpx.Client, hold_id: str, told: dict[str, str]) -> httpx.Response:
    return client.request("DELETE", f"/api/holds/{hold_id}", json=told)


def test_a_hold_is_made_listed_and_ended_by_the_owner(client: httpx.Client, camera: PageCamera) -> None:
    made = client.post("/api/holds", json=ASKED).json()
    assert (made["reason"], made["decided_by"], made["case"]) == ("事故の捜査", "owner", "R8-1")
    assert (made["from_ms"], made["to_ms"]) == (ASKED["from_ms"], ASKED["to_ms"])
    assert made["ends_ms"] == made["original_ends_ms"] == camera.clock.now().wall_ns // 1_000_000 + 14 * DAY_MS
    assert client.get("/api/holds").json() == [made]
    ended = release(client, made["hold_id"], {"reason": "熊谷警察署に渡した", "secret": secret_of("owner")})
    assert ended.json() == {"done": True}
    assert camera.holds.released == [(made["hold_id"], "owner", "熊谷警察署に渡した")]
    assert client.get("/api/holds").json() == []


def test_its_end_and_review_may_be_named(client: httpx.Client, camera: PageCamera) -> None:
    now_ms = camera.clock.now().wall_ns // 1_000_000
    made = client.post("/api/holds", json={**ASKED, "until_ms": now_ms + 90 * DAY_MS, "review_days": 7}).json()
    assert (made["ends_ms"], made["review_due_ms"]) == (now_ms + 90 * DAY_MS, now_ms + 7 * DAY_MS)
    assert not made["review_is_due"]


def test_one_whose_time_is_over_is_not_listed(client: httpx.Client, camera: PageCamera) -> None:
    now_ms = camera.clock.now().wall_ns // 1_000_000
    client.post("/api/holds", json={**ASKED, "until_ms": now_ms + 1000})
    camera.clock.sleep(2)
    assert client.get("/api/holds").json() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"to_ms": START_MS}, "to_ms"),
        ({"reason": ""}, "reason"),
        ({"reason": "  "}, "reason"),
        ({"from_ms": None}, "from_ms"),
        ({"review_days": 0}, "review_days"),
        ({"note": "x" * 201}, "note"),
    ],
)
def test_a_form_that_cannot_be_names_its_field(
    steady_client: httpx.Client, change: dict[str, Any], field: str
) -> None:
    refused = steady_client.post("/api/holds", json={**ASKED, **change})
    assert (refused.status_code, refused.json()["kind"], refused.json()["field"]) == (400, "BadInput", field)


@pytest.mark.row("K2")
def test_ending_one_needs_the_passphrase_again(client: httpx.Client, camera: PageCamera) -> None:
    made = client.post("/api/holds", json=ASKED).json()
    wrong = {"reason": "no longer needed", "secret": secret_of("owner", "something else")}
    assert release(client, made["hold_id"], wrong).status_code == 403
    assert camera.holds.released == []
    camera.clock.sleep(1)
    right = {"reason": "no longer needed", "secret": secret_of("owner")}
    assert release(client, "nothing", right).status_code == 400
    assert release(client, "..%2fx", right).status_code in (400, 404)


@pytest.mark.row("K2")
def test_operators_see_them_and_installers_do_not(
    client: httpx.Client, other: httpx.Client, phone: httpx.Client, stranger: httpx.Client
) -> None:
    client.post("/api/holds", json=ASKED)
    assert len(other.get("/api/holds").json()) == 1
    assert [one.get("/api/holds").status_code for one in (phone, stranger)] == [403, 401]
    assert [one.post("/api/holds", json=ASKED).status_code for one in (other, phone, stranger)] == [403, 403, 401]
    told = {"reason": "x", "secret": secret_of("operator")}
    assert [release(one, "h1", told).status_code for one in (other, phone, stranger)] == [403, 403, 401]


def test_the_span_is_what_was_asked_for(client: httpx.Client, camera: PageCamera) -> None:
    client.post("/api/holds", json=ASKED)
    (held,) = camera.holds.standing()
    assert (held.record.to_wall_ns - held.record.from_wall_ns) == 60 * NS_PER_S
