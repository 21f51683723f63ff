"""Everybody can use the page: axe finds nothing serious, the keyboard is enough, it fits and holds still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from accountstand import PASSPHRASE
from axelook import require_axe, troubles, troubles_in_light_and_dark
from browsing import opened, show, shows_live
from playwright.sync_api import Browser, Page, expect

from edgecam.web.server import PageServer

pytestmark = pytest.mark.row("W5")

SCREENS = ("/", "/footage", "/events", "/masks", "/care")
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
SLOW_MS = 30_000


@pytest.fixture
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    require_axe()
    with opened(browser, server) as page:
        yield page


def test_axe_finds_nothing_serious_on_any_screen(page: Page) -> None:
    found = {}
    for screen in (*SCREENS, "/digest"):
        show(page, screen)
        expect(page.locator("main > *").first).to_be_visible()
        page.wait_for_timeout(500)
        found[screen] = troubles_in_light_and_dark(page)
    assert {screen: wrong for screen, wrong in found.items() if wrong} == {}


def test_axe_finds_nothing_serious_while_masks_and_rules_are_drawn(page: Page) -> None:
    show(page, "/masks")
    page.click("#begin-mask")
    assert troubles_in_light_and_dark(page) == {}
    stage = page.locator(".draw-stage")
    for x, y in ((0.2, 0.2), (0.8, 0.2), (0.5, 0.8), (0.2, 0.2)):
        box = stage.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    expect(page.locator(".draw-item")).to_have_count(1)
    assert troubles_in_light_and_dark(page) == {}, "an outline is chosen, its points are listed"
    page.click("#as-recorded")
    expect(page.locator("#cover-words")).to_contain_text("%")
    assert troubles_in_light_and_dark(page) == {}, "as it will be recorded"
    page.click("#as-recorded")
    page.click("#mask-propose")
    expect(page.locator("#mask-confirm")).to_be_visible()
    assert troubles_in_light_and_dark(page) == {}, "proposed"
    page.click("#mask-confirm")
    expect(page.locator("#mask-confirm-sheet")).to_be_visible()
    assert troubles_in_light_and_dark(page) == {}, "before it is confirmed"
    page.keyboard.press("Escape")
    page.click("#part-rules")
    page.locator(".draw-item-head").first.click()
    expect(page.locator(".rules").first).to_be_visible()
    assert troubles_in_light_and_dark(page) == {}, "a zone and its rules"


def test_axe_finds_nothing_serious_in_menu_and_dialogs(page: Page) -> None:
    page.click("#menu-open")
    assert troubles(page) == []
    page.keyboard.press("Escape")
    show(page, "/care")
    for opener, sheet in (("#hold-open", "#new-hold"), ("#user-open", "#new-user")):
        page.click(opener)
        page.click(f"{sheet} [type=submit]")  # with its errors shown
        expect(page.locator(f"{sheet} .refusal:not(:empty)").first).to_be_visible()
        assert troubles(page) == []
        page.keyboard.press("Escape")
    show(page, "/masks")
    page.click("#let-in-open")
    assert troubles(page) == []


def test_axe_finds_nothing_serious_where_one_signs_in(browser: Browser, server: PageServer, page: Page) -> None:
    with opened(browser, server, None) as stranger:
        assert troubles(stranger) == []


def test_signing_in_and_going_round_by_keyboard_alone(browser: Browser, server: PageServer) -> None:
    with opened(browser, server, None) as page:
        expect(page.locator("#sign-in-passphrase")).to_be_focused()
        page.keyboard.type(PASSPHRASE)
        page.keyboard.press("Enter")
        expect(page.locator("#camera-name")).to_be_visible(timeout=SLOW_MS)
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        expect(page.locator(".navigation a").last).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#health")).to_be_visible()
        expect(page.locator("#main")).to_be_focused()
        page.locator("#menu-open").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator("#language")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("#menu-open")).to_be_focused()
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", "where the focus is can be seen"


@pytest.mark.parametrize("width", [360, 640])
def test_it_fits_a_narrow_phone_and_twice_the_size(page: Page, width: int) -> None:
    """A 1280 pixels wide window at 200 % is one of 640."""
    page.set_viewport_size({"width": width, "height": 512})
    for screen in SCREENS:
        show(page, screen)
        expect(page.locator("main > *").first).to_be_visible()
        page.wait_for_timeout(200)
        assert page.evaluate(FITS), screen
    page.add_init_script("addEventListener('load', () => (document.documentElement.style.fontSize = '32px'))")
    page.reload()
    shows_small = page.locator("main > *").first
    expect(shows_small).to_be_visible()
    assert page.evaluate(FITS), "letters twice as large"


def test_nothing_moves_for_who_wants_that(browser: Browser, server: PageServer) -> None:
    with opened(browser, server, reduced_motion="reduce") as page:
        shows_live(page)
        moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
        assert page.evaluate(moving) == 0
    with opened(browser, server, reduced_motion="no-preference") as page:
        shows_live(page)
        assert page.evaluate(moving) > 0


def test_each_control_has_a_name_and_is_large_enough_to_touch(page: Page) -> None:
    for screen in SCREENS:
        show(page, screen)
        expect(page.locator("main > *").first).to_be_visible()
        page.wait_for_timeout(300)
        small = page.evaluate(
            """() => [...document.querySelectorAll("button, select, .navigation a")]
                .filter((e) => e.offsetParent !== null && e.getBoundingClientRect().height < 36)
                .map((e) => e.outerHTML.slice(0, 120))"""
        )
        assert small == [], screen
