"""The routes that need no unlocking, over HTTP, and whatever a stranger may put into their queries."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_camera import NOW_WALL_NS, PageCamera

from edgecam.core.errors import Bug, DataLoss, MediaFailing, Unavailable

NOW_MS = NOW_WALL_NS // 1_000_000
HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/static/../app.py", 404),
        ("/static/%2e%2e/app.py", 400),
        ("/static/..%2fapp.py", 400),
        ("/docs", 404),
        ("/redoc", 404),
    ],
)
def test_nothing_else_is_served(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(httpx.URL(client.base_url, raw_path=path.encode()))
    assert answer.status_code == status
    assert answer.json()["kind"] == "BadInput"


def test_api_is_described_without_foreign_scripts(client: httpx.Client) -> None:
    described = client.get("/api/openapi.json").json()
    assert {"/api/status", "/api/events", "/api/recordings", "/api/unlock"} <= described["paths"].keys()


def test_status_tells_all_three_processes(client: httpx.Client, camera: PageCamera) -> None:
    status = client.get("/api/status").json()
    assert (status["camera_name"], status["condition"], status["unlocked_s"]) == ("Front door", "recording", 0)
    assert status["now_ms"] == NOW_MS
    assert status["recorder"]["days_policy"] == 14.0
    assert status["observer"]["detector"] == "ssd"
    assert status["hub"]["broker"] == "connected"
    camera.recorder = None
    assert client.get("/api/status").json()["condition"] == "stopped"


def test_status_with_figures_that_json_does_not_know(client: httpx.Client, camera: PageCamera) -> None:
    assert camera.recorder is not None
    camera.recorder.days_forecast = float("inf")
    answer = client.get("/api/status")
    assert answer.status_code == 200
    assert json.loads(answer.content, parse_constant=pytest.fail)["recorder"]["days_forecast"] is None


def test_events_are_newest_first_and_bounded(client: httpx.Client) -> None:
    events = client.get("/api/events?limit=3").json()
    assert [event["kind"] for event in events] == ["motion", "person", "vehicle"]
    assert events[0]["end_ms"] is None
    assert events[1]["start_ms"] < events[0]["start_ms"] < 2**53
    assert len(client.get("/api/events").json()) == 8


def test_recordings_show_gaps_with_their_cause(client: httpx.Client) -> None:
    stretches = client.get(f"/api/recordings?from_ms={NOW_MS - 6 * HOUR_MS}&to_ms={NOW_MS}").json()
    assert [stretch["gap_cause"] for stretch in stretches] == [None, "power", None, None, None]
    assert [stretch["private"] for stretch in stretches] == [False, False, False, True, False]
    assert client.get("/api/recordings?from_ms=0&to_ms=1").json() == []


@pytest.mark.parametrize(
    "span", ["from_ms=5&to_ms=5", "from_ms=6&to_ms=5", "from_ms=0&to_ms=99999999999", "from_ms=1"]
)
def test_useless_spans_are_refused(client: httpx.Client, span: str) -> None:
    answer = client.get(f"/api/recordings?{span}")
    assert answer.status_code == 400
    assert answer.json()["kind"] == "BadInput"


@pytest.mark.parametrize(
    ("error", "status"),
    [(Unavailable("away"), 503), (DataLoss("rotten"), 410), (MediaFailing("full"), 507), (Bug("ours"), 500)],
)
def test_each_failure_has_its_answer(
    client: httpx.Client, camera: PageCamera, error: Unavailable | DataLoss | MediaFailing | Bug, status: int
) -> None:
    camera.failing = error
    answer = client.get("/api/events")
    assert answer.status_code == status
    assert answer.json() == {"kind": type(error).__name__, "what": error.what, "do": "", "safe": ""}


def test_unforeseen_failure_is_a_bug_that_tells_nothing(client: httpx.Client, camera: PageCamera) -> None:
    camera.failing = RuntimeError("a secret path")
    answer = client.get("/api/events")
    assert (answer.status_code, answer.json()["kind"]) == (500, "Bug")
    assert "secret" not in answer.text
    assert "Content-Security-Policy" in answer.headers
    camera.failing = None
    assert client.get("/api/events").status_code == 200


@settings(max_examples=60, deadline=None)
@given(
    path=st.sampled_from(["/api/recordings", "/api/footage.mp4", "/api/events", "/api/status"]),
    query=st.dictionaries(
        st.sampled_from(["from_ms", "to_ms", "limit", "x"]),
        st.one_of(st.integers(0, 10**6), st.integers(), st.floats(), st.text(max_size=12)).map(str),
    ),
)
def test_no_query_breaks_the_page(steady_client: httpx.Client, path: str, query: dict[str, str]) -> None:
    answer = steady_client.get(path, params=query)
    assert answer.status_code in (200, 400, 403)
    if answer.status_code != 200:
        assert answer.json()["what"]
