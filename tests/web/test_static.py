"""The page in a real browser, over a real server: what is seen, heard, typed and asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from accountstand import let_in
from browsing import DEADLINE_S, opened, show, shows_live, speak
from page_camera import PageCamera
from playwright.sync_api import Browser, Page, expect

from edgecam.core.status import Fault
from edgecam.web.server import PageServer

SCREENS = ("/", "/footage", "/events", "/masks", "/care")


@pytest.fixture
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    with opened(browser, server) as page:
        yield page


@pytest.mark.row("W5")
@pytest.mark.row("W6")
def test_page_asks_nobody_but_the_camera(browser: Browser, server: PageServer) -> None:
    context = browser.new_context(locale="en-GB")
    let_in(context, server)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(server.address)
    shows_live(page)
    for screen in SCREENS:
        show(page, screen)
        expect(page.locator("main > *").first).to_be_visible()
        page.wait_for_timeout(300)
    context.close()
    assert len(asked) > 20
    assert [url for url in asked if not url.startswith((server.address, f"blob:{server.address}"))] == []
    # A camera in RAM has not everything that a card asks for; the card says so.
    assert [said for said in wrong if not said.startswith("Failed to load resource")] == []


@pytest.mark.row("W3")
@pytest.mark.row("W6")
def test_live_picture_shows_the_camera_and_names_the_viewer(page: Page) -> None:
    shows_live(page)
    white, mask, road = page.evaluate(
        """() => {
            const canvas = document.querySelector("#live-canvas"), context = canvas.getContext("2d");
            const at = (x, y, w, h) => context.getImageData(canvas.width * x, canvas.height * y,
                Math.max(1, canvas.width * w), Math.max(1, canvas.height * h)).data;
            const pixels = at(0, 0, 0.25, 0.2);
            let white = 0;
            for (let i = 0; i < pixels.length; i += 4) if (Math.min(...pixels.slice(i, i + 3)) > 180) white++;
            return [white, at(0.02, 0.28, 0.01, 0.01)[0], at(0.9, 0.9, 0.01, 0.01)[0]];
        }"""
    )
    assert white > 40, "letters of the mark on the dark mask"
    assert mask == pytest.approx(28, abs=8)
    assert road == pytest.approx(75, abs=12)
    assert "19:00" in (page.locator("#live-canvas").get_attribute("aria-label") or ""), "Tokyo's ten o'clock in UTC"


def test_head_tiles_and_faults_follow_the_camera(page: Page, camera: PageCamera) -> None:
    expect(page.locator("#condition")).to_have_text("Recording")
    expect(page.locator("#tiles")).to_contain_text("6.2 days of 14 owed")
    camera.faults = [Fault("slow_card", "The card is slow.")]
    expect(page.locator("#faults li")).to_have_text("The card is slow.")
    expect(page.locator("#condition")).to_have_text("Recording, with a fault")
    camera.recorder = None
    expect(page.locator("#condition")).to_have_text("Not recording")


@pytest.mark.row("W5")
@pytest.mark.parametrize(
    ("language", "word", "kind"), [("ja", "録画中", "人"), ("ko", "녹화 중", "사람"), ("en", "Recording", "Person")]
)
def test_each_language_is_chosen_kept_and_fits_a_phone(page: Page, language: str, word: str, kind: str) -> None:
    speak(page, language)
    expect(page.locator("#condition")).to_have_text(word)
    expect(page.locator("#newest")).to_contain_text(kind)
    page.reload()
    expect(page.locator("#condition")).to_have_text(word)
    assert page.evaluate("document.documentElement.lang") == language
    for screen in SCREENS:
        show(page, screen)
        expect(page.locator("main > *").first).to_be_visible()
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, screen


def test_browsers_language_is_spoken_at_once(browser: Browser, server: PageServer) -> None:
    with opened(browser, server, locale="ko-KR") as page:
        expect(page.locator(".navigation [aria-current]")).to_have_text("실시간")


@pytest.mark.row("W5")
def test_lost_camera_is_said(page: Page, server: PageServer) -> None:
    shows_live(page)
    server.close()
    expect(page.locator("#unreachable")).to_contain_text("cannot be reached", timeout=DEADLINE_S * 1000)
    expect(page.locator("#live.without")).to_be_visible()
    expect(page.locator("#condition")).to_have_text("Connecting")


@pytest.mark.row("W5")
def test_a_camera_without_a_picture_says_so(browser: Browser, server: PageServer, camera: PageCamera) -> None:
    camera.shows_picture = False
    with opened(browser, server) as page:
        expect(page.locator("#live-missing")).to_have_text("The camera shows no picture now.")


@pytest.mark.row("W5")
def test_the_page_opens_while_the_camera_is_away(browser: Browser, server: PageServer) -> None:
    with opened(browser, server) as page:
        kept = "caches.open('shell').then((shell) => shell.keys()).then((keys) => keys.length)"
        for _ in range(100):
            if page.evaluate(kept) > 3:
                break
            page.wait_for_timeout(100)
        scope = "navigator.serviceWorker.getRegistration().then((found) => found && new URL(found.scope).pathname)"
        assert page.evaluate(scope) == "/"
        stored = page.evaluate("caches.open('shell').then((s) => s.keys()).then((k) => k.map((r) => r.url))")
        assert [url for url in stored if "/api" in url] == []
        page.reload()
        shows_live(page)
        server.close()
        page.goto(server.address)
        expect(page.locator("#unreachable")).to_contain_text("cannot be reached")


def test_an_address_that_is_no_screen_says_so(page: Page) -> None:
    show(page, "/nowhere")
    expect(page.locator("main")).to_contain_text("There is nothing at this address.")


@pytest.mark.row("K2")
@pytest.mark.parametrize(("name", "screens"), [("operator", 6), ("sato", 3), ("owner", 6)])
def test_each_role_sees_its_own_screens(browser: Browser, server: PageServer, name: str, screens: int) -> None:
    with opened(browser, server, name) as page:
        expect(page.locator(".navigation a")).to_have_count(screens)
        show(page, "/footage")
        told = page.locator("main")
        if name == "sato":
            expect(told).to_contain_text("Your account may not see this.")
        else:
            expect(told).not_to_contain_text("Your account may not see this.")
