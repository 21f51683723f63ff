"""A page whose recorder has not come up yet: what is past its time is still on the medium, and nobody sees it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from agentstand import PASSPHRASE, Agent, camera
from custodystand import record
from signinstand import make_owner, sign_in

from edgecam.core.clock import NS_PER_S, Instant, SystemClock, TimeTrust
from edgecam.core.frames import Fragment
from edgecam.hub import Hub
from edgecam.keys.owner import Recipients
from edgecam.places import find_places, prepare_run_dir
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.writer import RingWriter

MINUTES = 3
SECTIONS: dict[str, dict[str, Any]] = {
    "retention": {"policy": "own", "days": MINUTES / 1440, "floor_days": MINUTES / 1440},
    "telemetry": {"broker": "off"},
}


def _before(now: Instant, age_s: float) -> Instant:
    age_ns = round(age_s * NS_PER_S)
    return Instant(now.wall_ns - age_ns, now.mono_ns - age_ns, now.boot_id, now.trust)


def _record(agent: Agent, *starts: Instant) -> None:
    """An epoch of two seconds at each of ``starts``, by a recorder that may keep them for ever."""
    key, places = agent.key, agent.places
    writer = RingWriter(
        FileMedium.open(places.ring, writable=True),
        sign=key.sign,
        camera_public=key.public,
        seal=Recipients.parse(places.recipients.read_text()).seal,
        retention=Retention(14),
        now=starts[-1],
    )
    footage = record(frames=30, keyframe_every=30)
    for start in starts:
        end_ns = start.mono_ns + 2 * NS_PER_S
        fragment = Fragment(footage.init, footage.fragments[0], start.mono_ns, end_ns, 30, bytes(32), False)
        writer.end_epoch()
        writer.append(fragment, start, NS_PER_S, GapCause.RESTART)
    writer.close()


@contextmanager
def _page(agent: Agent) -> Iterator[httpx.Client]:
    """The page of a hub that runs alone, for its owner."""
    make_owner(agent)
    settings, places = find_places(agent.settings)
    prepare_run_dir(places)
    hub, stop = Hub(settings, places, SystemClock()), threading.Event()
    running = threading.Thread(target=hub.run, args=(stop,))
    running.start()
    address = f"http://127.0.0.1:{agent.page_port}"
    retries = httpx.HTTPTransport(retries=10)
    try:
        with httpx.Client(
            base_url=address, headers={"Origin": address}, timeout=30, trust_env=False, transport=retries
        ) as client:
            assert sign_in(client, agent).status_code == 200
            yield client
    finally:
        stop.set()
        running.join()


@pytest.mark.row("R3")
def test_the_page_serves_nothing_past_its_time_before_the_recorder_has_erased_it(tmp_path: Path) -> None:
    with camera(tmp_path / "camera", sections=SECTIONS) as agent:
        now = SystemClock().now()
        old, young = _before(now, 60 * MINUTES + 30), _before(now, 30)
        _record(agent, old, young)
        assert len(agent.headers()) == 2
        with _page(agent) as page:
            span = {"from_ms": (now.wall_ns - 7200 * NS_PER_S) // 10**6, "to_ms": now.wall_ns // 10**6}
            (listed,) = page.get("/api/recordings", params=span).json()
            assert listed["start_ms"] == young.wall_ns // 10**6
            assert page.post("/api/unlock", json={"passphrase": PASSPHRASE}).status_code == 200
            for start, status in ((old, 400), (young, 200)):
                asked = {"from_ms": start.wall_ns // 10**6, "to_ms": start.wall_ns // 10**6 + 1000}
                assert page.get("/api/footage.mp4", params=asked).status_code == status
        assert len(agent.headers()) == 2


@pytest.mark.row("R8")
def test_the_page_plays_footage_of_1970_at_its_true_time(tmp_path: Path) -> None:
    with camera(tmp_path / "camera", sections=SECTIONS) as agent:
        now = SystemClock().now()
        known = _before(now, 30)
        early = _before(now, 60)
        _record(agent, Instant(60 * NS_PER_S, early.mono_ns, early.boot_id, TimeTrust.UNSET), known)
        with _page(agent) as page:
            span = {"from_ms": (now.wall_ns - 300 * NS_PER_S) // 10**6, "to_ms": now.wall_ns // 10**6}
            told = [s["start_ms"] for s in page.get("/api/recordings", params=span).json() if not s["gap_cause"]]
            assert told == [early.wall_ns // 10**6, known.wall_ns // 10**6]
            assert page.post("/api/unlock", json={"passphrase": PASSPHRASE}).status_code == 200
            asked = {"from_ms": told[0], "to_ms": told[0] + 1000}
            played = page.get("/api/footage.mp4", params=asked)
            assert played.status_code == 200
            assert played.headers["X-Start-Ms"] == str(told[0])
