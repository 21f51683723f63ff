"""Five people who watch and fifty pages that ask: what that does to the recording, and what it costs the hub.

The whole agent records the built-in scene with its analysis. First it is left alone for a while; then as many
threads of this process as there are visitors ask over connections of their own, as the page does: a viewer takes
the live picture as fast as it comes, a page asks for the status every two seconds and for the events every five.
Memory and CPU time are the hub's own, from outside.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from edgecam.core.clock import NS_PER_S, SystemClock
from edgecam.core.errors import Unavailable
from edgecam.core.status import RecorderStatus, read_status
from edgecam.custody.accounts.accounts import OWNER_NAME
from edgecam.keys.camera import load_camera_key
from edgecam.keys.signinsecret import sign_in_secret
from edgecam.places import Places, find_places
from edgecam.web.signedin import COOKIE
from parts.agent import Agent
from parts.processes import Process, part_of, tree

CLOCK = SystemClock()
Told = TypeVar("Told")
PASSPHRASE = "seven blue herons cross the estuary 42"  # as `Agent.set_up` has it
_STARTS_WITHIN_S = 90
_PATIENCE_S = 30
_STATUS_EVERY_S, _EVENTS_EVERY_S = 2.0, 5.0


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of time: what the recorder made of it, and the hub's share of a core."""

    fps: float
    dropped: int
    gaps: int
    hub_cpu: float


@dataclass(frozen=True, slots=True)
class Load:
    """The agent left alone and under load; memory in MB, ``answers`` and ``pictures`` are those that arrived."""

    quiet: Window
    loaded: Window
    hub_mb: float
    hub_quiet_mb: float
    pictures: int
    answers: int
    refused: int


@dataclass(frozen=True, slots=True)
class Page:
    """Where the agent's page is, and the owner's cookie there."""

    port: int
    cookie: str

    def begin(self, path: str, connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
        """Ask over ``connection``, and give the answer, not read yet."""
        connection.request("GET", path, headers={"Cookie": f"{COOKIE}={self.cookie}"})
        return connection.getresponse()

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of the answer."""
        with closing(self.connect()) as connection:
            answer = self.begin(path, connection)
            return answer.status, answer.read()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_S)


@dataclass
class Crowd:
    """Visitors in threads; they count what they got until ``over`` is set."""

    page: Page
    over: threading.Event = field(default_factory=threading.Event)
    pictures: int = 0
    answers: int = 0
    refused: int = 0
    _counting: threading.Lock = field(default_factory=threading.Lock)

    def watch(self) -> None:
        """Take the live picture as it comes."""
        with closing(self.page.connect()) as connection, suppress(OSError, http.client.HTTPException):
            answer = self.page.begin("/api/live", connection)
            if answer.status != 200:
                self._count(refused=1)
                return
            while not self.over.is_set() and (piece := answer.read1(1 << 20)):
                self._count(pictures=piece.count(b"Content-Type: image/jpeg"))

    def poll(self, number: int) -> None:
        """Ask as an open page does; ``number`` spreads the visitors over the time."""
        connection = self.page.connect()
        due_s = {"/api/status": number % 10 / 5, "/api/events?limit=50": number % 10 / 2}
        every_s = {"/api/status": _STATUS_EVERY_S, "/api/events?limit=50": _EVENTS_EVERY_S}
        began_ns = CLOCK.mono_ns()
        while True:
            path = min(due_s, key=lambda each: due_s[each])
            wait_s = due_s[path] - (CLOCK.mono_ns() - began_ns) / NS_PER_S
            if self.over.wait(max(0.0, wait_s)):
                break
            try:
                answer = self.page.begin(path, connection)
                answer.read()
                self._count(answers=int(answer.status == 200), refused=int(answer.status != 200))
            except (OSError, http.client.HTTPException):
                self._count(refused=1)
                connection.close()
            due_s[path] += every_s[path]
        connection.close()

    def _count(self, pictures: int = 0, answers: int = 0, refused: int = 0) -> None:
        with self._counting:
            self.pictures, self.answers = self.pictures + pictures, self.answers + answers
            self.refused += refused


def load(folder: Path, run_dir: Path, viewers: int, pages: int, window_s: float) -> Load:
    """Measure; ``folder`` and, in RAM, ``run_dir`` are empty before. Raises: Unavailable."""
    with serving_agent(folder, run_dir) as (page, places, supervisor):
        quiet = _window(page, places, supervisor, window_s)
        quiet_mb = _hub(supervisor).peak_rss_mb
        with _crowd(page, viewers, pages) as crowd:
            loaded = _window(page, places, supervisor, window_s)
        hub_mb = _hub(supervisor).peak_rss_mb
        return Load(quiet, loaded, hub_mb, quiet_mb, crowd.pictures, crowd.answers, crowd.refused)


@contextmanager
def serving_agent(folder: Path, run_dir: Path, source: str = "scene:street") -> Iterator[tuple[Page, Places, int]]:
    """An agent that records and shows a live picture: its page with the owner signed in; its supervisor's pid."""
    agent = Agent(folder, run_dir)
    agent.set_up(analysis=True, preset="superfast", kbps=2000)
    settings, places = find_places(folder / "edgecam.toml")
    camera_id = load_camera_key(places.camera_key).camera_id
    with agent.running(source) as supervisor:
        cookie = _until(lambda: _signed_in(settings.web.port, camera_id), "the page lets its owner in")
        page = Page(settings.web.port, cookie)
        _until(lambda: page.get("/api/live.jpg")[0] == 200, "the page shows a picture")
        yield page, places, supervisor.pid


def _window(page: Page, places: Places, supervisor: int, window_s: float) -> Window:
    before, first, begins_ns = _hub(supervisor), _recorder(places), CLOCK.now().wall_ns
    CLOCK.sleep(window_s)
    after, last, ends_ns = _hub(supervisor), _recorder(places), CLOCK.now().wall_ns
    if before.pid != after.pid:
        raise Unavailable("the hub ended while it was measured", do="look at the agent's log")
    span = f"from_ms={begins_ns // 1_000_000}&to_ms={ends_ns // 1_000_000}"
    stretches = json.loads(page.get(f"/api/recordings?{span}")[1])
    return Window(
        # Both counts are up to a second old, by the clock that stands beside them.
        fps=(last.frames - first.frames) * NS_PER_S / max(1, last.beat_mono_ns - first.beat_mono_ns),
        dropped=last.frames_dropped - first.frames_dropped,
        gaps=sum(stretch["gap_cause"] is not None for stretch in stretches),
        hub_cpu=(after.cpu_s - before.cpu_s) / window_s,
    )


@contextmanager
def _crowd(page: Page, viewers: int, pages: int) -> Iterator[Crowd]:
    crowd = Crowd(page)
    visits: list[Callable[[], None]] = [crowd.watch] * viewers
    visits += [lambda number=number: crowd.poll(number) for number in range(pages)]  # type: ignore[misc]
    threads = [threading.Thread(target=visit, daemon=True) for visit in visits]
    for thread in threads:
        thread.start()
    try:
        yield crowd
    finally:
        crowd.over.set()
        for thread in threads:
            thread.join(2 * _PATIENCE_S)


def _signed_in(port: int, camera_id: str) -> str:
    """The owner's cookie, or nothing where there is none. Raises: OSError while the page does not answer."""
    body = json.dumps({"name": OWNER_NAME, "secret": sign_in_secret(PASSPHRASE, camera_id, OWNER_NAME)})
    headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{port}"}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)) as connection:
        connection.request("POST", "/api/sign-in", body, headers)
        answer = connection.getresponse()
        answer.read()
    found = re.search(rf"{COOKIE}=([^;]+)", answer.headers.get("Set-Cookie", ""))
    return found[1] if found else ""


def _until(come_true: Callable[[], Told], what: str) -> Told:
    until_ns = CLOCK.mono_ns() + _STARTS_WITHIN_S * NS_PER_S
    while CLOCK.mono_ns() < until_ns:
        with suppress(OSError):
            if told := come_true():
                return told
        CLOCK.sleep(0.2)
    raise Unavailable(f"it never happened that {what}", do="look at the agent's log")


def _hub(supervisor: int) -> Process:
    found = [process for process in tree(supervisor).values() if part_of(process) == "hub"]
    if not found:
        raise Unavailable("there is no hub", do="look at the agent's log")
    return found[0]


def _recorder(places: Places) -> RecorderStatus:
    said = read_status(places.status_of("recorder"), RecorderStatus)
    if said is None:
        raise Unavailable("the recorder says nothing about itself", do="look at its log")
    return said
