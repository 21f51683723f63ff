"""The page in a real browser, over a real server: what is seen, heard, typed and asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from page_camera import PASSPHRASE, PageCamera
from playwright.sync_api import Browser, Page, expect

from edgecam.core.status import Fault
from edgecam.web.server import PageServer

DEADLINE_S = 20


@pytest.fixture
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 780}, locale="en-GB", timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.goto(server.address)
    yield page
    context.close()


def until(page: Page, expression: str) -> None:
    """Wait until the page finds ``expression`` true (its own policy forbids Playwright's way of waiting)."""
    deadline = time.monotonic() + DEADLINE_S
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(20)


def shows_live(page: Page) -> None:
    expect(page.locator("#live:not(.without)")).to_be_visible()


@pytest.mark.row("W5")
def test_page_asks_nobody_but_the_camera(browser: Browser, server: PageServer) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(server.address)
    shows_live(page)
    expect(page.locator("#event-list li")).to_have_count(8)
    until(page, "document.querySelectorAll('#strip > *').length > 0")
    context.close()
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith((server.address, f"blob:{server.address}"))] == []
    assert wrong == []


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
    expect(page.locator("#camera-name")).to_have_text("Front door")
    expect(page.locator("#condition")).to_have_text("Recording")
    expect(page.locator("#tiles")).to_contain_text("6.2 days of 14 owed")
    camera.faults = [Fault("slow_card", "The card is slow.")]
    expect(page.locator("#faults li")).to_have_text("The card is slow.")
    expect(page.locator("#condition")).to_have_text("Recording, with a fault")
    camera.recorder = None
    expect(page.locator("#condition")).to_have_text("Not recording")


@pytest.mark.row("W3")
@pytest.mark.row("W6")
def test_event_plays_after_unlocking(page: Page, camera: PageCamera) -> None:
    page.locator("#event-list button").first.click()
    expect(page.locator("#unlock")).to_be_visible()
    expect(page.locator("#unlock")).to_contain_text("the camera itself opens footage")
    page.fill("#passphrase", "not the passphrase")
    page.keyboard.press("Enter")
    expect(page.locator("#unlock-refusal")).to_have_text("This passphrase does not open the footage.")
    page.fill("#passphrase", PASSPHRASE)
    page.keyboard.press("Enter")
    expect(page.locator("#unlock-refusal")).to_have_text("Too many wrong tries. Try again in 1 s.")
    assert camera.views == []
    camera.clock.sleep(1)
    page.fill("#passphrase", PASSPHRASE)
    page.keyboard.press("Enter")
    expect(page.locator("#player")).to_be_visible()
    until(page, "document.querySelector('video').currentTime > 0.6")
    assert page.evaluate("document.querySelector('video').videoWidth") == 320
    assert page.evaluate("document.querySelector('video').getVideoPlaybackQuality().totalVideoFrames") > 2
    mark = page.locator("#player-mark").inner_text()
    assert mark.startswith("2026-11-21 18:50:0")
    assert "local viewer · 20" in mark
    assert [who for who, _, _ in camera.views] == ["local viewer"]
    assert page.evaluate("document.cookie") == "", "scripts cannot read the session"
    page.click("#player-close")
    expect(page.locator("#lock")).to_be_visible()
    page.click("#lock")
    expect(page.locator("#lock")).to_be_hidden()
    assert camera.sessions[-1].closed


@pytest.mark.row("W5")
def test_timeline_by_keyboard_alone(page: Page) -> None:
    until(page, "document.querySelectorAll('#strip > *').length > 0")
    slider = page.get_by_role("slider", name="Recordings")
    slider.focus()
    for key in ("End", "PageDown", "ArrowLeft"):
        page.keyboard.press(key)
    assert slider.get_attribute("aria-valuetext") == "18:20:24, Recorded"
    page.keyboard.press("Home")
    for _ in range(18):
        page.keyboard.press("ArrowRight")
    assert (slider.get_attribute("aria-valuetext") or "").endswith("Gap (power)")
    page.keyboard.press("Enter")
    expect(page.locator("#player-message")).to_have_text("There is no footage of that time.")
    page.keyboard.press("Escape")
    expect(slider).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator("#passphrase")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#unlock")).to_be_hidden()


@pytest.mark.row("W5")
@pytest.mark.parametrize(
    ("language", "word", "kind"), [("ja", "録画中", "人"), ("ko", "녹화 중", "사람"), ("en", "Recording", "Person")]
)
def test_each_language_is_chosen_kept_and_fits_a_phone(page: Page, language: str, word: str, kind: str) -> None:
    expect(page.locator("#event-list li")).to_have_count(8)
    page.get_by_label("Language").select_option(language)
    expect(page.locator("#condition")).to_have_text(word)
    expect(page.locator("#event-list .kind").nth(1)).to_have_text(kind)
    page.reload()
    expect(page.locator("#condition")).to_have_text(word)
    assert page.evaluate("document.documentElement.lang") == language
    expect(page.locator("#event-list li")).to_have_count(8)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_browsers_language_is_spoken_at_once(browser: Browser, server: PageServer) -> None:
    context = browser.new_context(locale="ko-KR")
    page = context.new_page()
    page.goto(server.address)
    expect(page.locator("#events-title")).to_have_text("이벤트")
    context.close()


def test_controls_have_names(page: Page) -> None:
    expect(page.locator("#event-list li")).to_have_count(8)
    until(page, "document.querySelectorAll('#strip > *').length > 0")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input:not([hidden]), [role], [tabindex='0']")]
            .filter((e) => !(e.textContent.trim() || e.ariaLabel || e.labels?.length || e.ariaLabelledByElements))
            .map((e) => e.outerHTML)"""
    )
    named_later = [
        *("announcer", "unreachable", "player-message", "banner-words", "aim-words", "sight-missing", "orders"),
        *("sight-canvas", "unlock-refusal", "let-in-refusal", "enter-code-refusal", "confirm-refusal"),
    ]
    assert [element for element in nameless if not any(f'id="{name}"' in element for name in named_later)] == []


def test_lost_camera_is_said(page: Page, server: PageServer) -> None:
    shows_live(page)
    server.close()
    expect(page.locator("#unreachable")).to_contain_text("cannot be reached", timeout=DEADLINE_S * 1000)
    expect(page.locator("#live.without")).to_be_visible()
    expect(page.locator("#condition")).to_have_text("Connecting")
