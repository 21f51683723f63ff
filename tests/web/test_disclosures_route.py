"""What is given away on the page: by the owner alone, after a grant, with the passphrase, and reviewed whole."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from accountstand import PASSPHRASE
from givingstand import FRAMES, JPEG, PACKAGE
from test_cases_route import POLICE, asked, step

pytestmark = [pytest.mark.row("G2"), pytest.mark.row("G9"), pytest.mark.row("W4")]
OPENS = {"passphrase": PASSPHRASE}


def _granted(client: httpx.Client) -> str:
    case = asked(client, POLICE)
    assert step(client, case, "grant").status_code == 200
    return str(case["case_id"])


def _begin(client: httpx.Client, case_id: str, **told: Any) -> httpx.Response:
    return client.post(f"/api/cases/{case_id}/disclosure", json=OPENS | told)


def test_a_copy_for_the_police_takes_one_request_and_one_to_fetch_it(client: httpx.Client) -> None:
    case_id = _granted(client)
    job = _begin(client, case_id).json()
    assert (job["state"], job["file_name"]) == ("ready", f"{case_id}.tar")

    fetched = client.get(f"/api/disclosures/{case_id}/package")
    assert fetched.content == PACKAGE
    assert fetched.headers["content-disposition"] == f'attachment; filename="{case_id}.tar"'
    listed = client.get("/api/disclosures").json()
    assert [one["case_id"] for one in listed["jobs"]] == [case_id]
    assert [one["duplicate_id"] for one in listed["duplicates"]] == [f"{case_id}-1"]
    assert client.get(f"/api/cases/{case_id}").json()["handed_over"]
    assert client.delete(f"/api/disclosures/{case_id}").status_code == 200
    assert client.get(f"/api/disclosures/{case_id}").json() is None
    assert client.get(f"/api/disclosures/{case_id}/package").status_code == 400


def test_a_wrong_passphrase_and_a_case_that_is_not_granted_are_refused(client: httpx.Client) -> None:
    case = asked(client, POLICE)
    assert _begin(client, case["case_id"]).status_code == 403
    assert _begin(client, "20200101-000000").status_code == 400
    assert _begin(client, case["case_id"], recipient="age1nobody").status_code == 400


def test_nobody_but_an_owner_gives_away(client: httpx.Client, phone: httpx.Client) -> None:
    case_id = _granted(client)
    assert _begin(phone, case_id).status_code == 403
    for path in ("", f"/{case_id}", f"/{case_id}/package", f"/{case_id}/frames/1.jpg"):
        assert phone.get(f"/api/disclosures{path}").status_code == 403, path


def test_a_covered_copy_is_released_after_every_frame_was_seen(client: httpx.Client) -> None:
    case_id = _granted(client)
    job = _begin(client, case_id, obscure=True).json()
    assert (job["state"], job["frames"], job["frames_seen"]) == ("review", FRAMES, 0)
    assert job["tracks"] == [
        {"number": 1, "kind": "person", "filled": True, "first_frame": 1, "last_frame": FRAMES}
    ]
    base = f"/api/disclosures/{case_id}"
    assert client.get(f"{base}/tracks/1.jpg").content == JPEG
    for number in range(1, FRAMES + 1):
        assert client.get(f"{base}/frames/{number}.jpg").headers["content-type"] == "image/jpeg"
    box = {"first_frame": 1, "last_frame": 2, "x0": 0, "y0": 0, "x1": 10, "y1": 10}
    decided = client.post(f"{base}/decide", json={"keep": [1], "boxes": [box]}).json()
    assert decided["tracks"][0]["filled"] is False
    assert client.get(base).json()["frames_seen"] == 0
    assert client.post(f"{base}/release", json=OPENS).status_code == 400
    for number in range(1, FRAMES + 1):
        client.get(f"{base}/frames/{number}.jpg")
    assert client.post(f"{base}/release", json=OPENS).json()["state"] == "ready"


def test_a_duplicate_goes_before_its_day_with_a_reason_alone(client: httpx.Client) -> None:
    case_id = _granted(client)
    _begin(client, case_id)
    answer = client.request("DELETE", f"/api/duplicates/{case_id}-1", json={"reason": " ", "secret": "x" * 43})
    assert answer.status_code == 400
    answer = client.request("DELETE", f"/api/duplicates/{case_id}-1", json={"reason": "why", "secret": "x" * 43})
    assert answer.status_code == 403
    assert client.get("/api/disclosures").json()["duplicates"]
