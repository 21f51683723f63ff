"""The screen "cases" in a browser: for everybody to use, on a narrow phone, by keyboard, in three languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axelook import require_axe, troubles, troubles_in_light_and_dark
from browsing import opened, show, speak, until
from page_camera import NOW_WALL_NS, PageCamera
from playwright.sync_api import Browser, Page, expect

from edgecam.core.clock import NS_PER_S
from edgecam.web.server import PageServer

pytestmark = [pytest.mark.row("W5"), pytest.mark.row("G4")]

_TELL = """async (told) => {
    const options = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(told) };
    const answer = await fetch("/api/cases", options);
    return (await answer.json()).case_id;
}"""
_FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    require_axe()
    with opened(browser, server) as page:
        yield page


def written(page: Page, **more: object) -> str:
    """The id of a disclosure that was written down before."""
    now_ms = int(page.evaluate("fetch('/api/status').then((answer) => answer.json())")["now_ms"])
    told = {
        "kind": "disclosure",
        "want": "copy",
        "asker": {"name": "K. Sato", "affiliation": "Gate Street station"},
        "asker_kind": "police",
        "use": "provision",
        "purpose": "bicycle theft",
        "legal_basis": "asked for by investigators",
        "from_ms": now_ms - 7_200_000,
        "to_ms": now_ms - 3_600_000,
        **more,
    }
    case_id = page.evaluate(_TELL, told)
    assert case_id
    return str(case_id)


def screens(case_id: str) -> list[str]:
    begun = [f"/custody?new={kind}" for kind in ("disclosure", "look", "complaint")]
    shown = [f"/custody?show={part}" for part in ("register", "papers")]
    return ["/custody", *begun, *shown, f"/custody?case={case_id}"]


def test_axe_finds_nothing_serious(page: Page) -> None:
    found = {}
    for screen in screens(written(page)):
        show(page, screen)
        expect(page.locator("main .card").first).to_be_visible()
        page.wait_for_timeout(500)
        found[screen] = troubles_in_light_and_dark(page)
    assert {screen: wrong for screen, wrong in found.items() if wrong} == {}


def test_axe_finds_nothing_serious_where_fields_are_wrong_and_in_dialogs(page: Page) -> None:
    show(page, "/custody?new=disclosure")
    page.click("#new-disclosure-form [type=submit]")
    expect(page.locator("#asker-affiliation")).to_be_focused()
    assert troubles(page) == []
    show(page, f"/custody?case={written(page)}")
    for opener, sheet in (("#refuse-open", "#refuse"), ("#withdraw-open", "#withdraw")):
        page.click(opener)
        expect(page.locator(sheet)).to_be_visible()
        assert troubles(page) == []
        page.keyboard.press("Escape")
        expect(page.locator(opener)).to_be_focused()


@pytest.mark.parametrize("language", ["en", "ja", "ko"])
def test_it_fits_a_narrow_phone(page: Page, language: str) -> None:
    speak(page, language)
    for screen in screens(written(page)):
        show(page, screen)
        expect(page.locator("main .card").first).to_be_visible()
        page.wait_for_timeout(200)
        assert page.evaluate(_FITS), screen
        small = page.evaluate(
            """() => [...document.querySelectorAll("main button, main select, main a.button, .pick label")]
                .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().height < 36)
                .map((one) => one.outerHTML.slice(0, 120))"""
        )
        assert small == [], screen


@pytest.mark.row("G8")
def test_a_request_is_written_down_and_refused_by_keyboard_alone(page: Page) -> None:
    # To the browser it is the day after the footage, whatever day it really is.
    page.clock.set_fixed_time(datetime.fromtimestamp(NOW_WALL_NS // NS_PER_S, UTC) + timedelta(hours=12))
    show(page, "/custody?new=disclosure")
    page.locator("#asker-kind input:checked").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")  # police, court, the person filmed
    expect(page.locator("#asker-affiliation")).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.type("Kim Minji")
    page.keyboard.press("Tab")
    page.keyboard.type("010-1234-5678")
    page.keyboard.press("Tab")
    page.keyboard.press("p")  # photo card
    expect(page.locator("#identity-check")).not_to_have_value("")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")  # yesterday
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # its first hour
    expect(page.locator("#asked-from")).to_have_value("00:00")
    page.locator("#case-purpose").focus()
    page.keyboard.type("fell on the ice")
    page.keyboard.press("Enter")
    until(page, "location.hash.includes('case=')")
    expect(page.locator("#case-facts")).to_contain_text("Kim Minji")
    page.locator("#refuse-open").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#refuse-why")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#case .state")).to_have_text("refused")
    expect(page.locator("#letter a").first).to_be_visible()
    expect(page.locator("#course")).to_contain_text("Others' privacy")


def test_what_waits_stands_on_the_screen_and_leads_to_its_case(page: Page) -> None:
    case_id = written(page)
    show(page, "/custody")
    page.click(f"#waiting a[href*='{case_id}']")
    expect(page.locator("#case h2")).to_have_text("Gate Street station · K. Sato")
    expect(page.locator("#case-facts")).to_contain_text("bicycle theft")


@pytest.mark.row("G3")
def test_the_register_is_looked_through_by_act_person_day_and_case(page: Page) -> None:
    first, other = written(page), written(page, purpose="a fall")
    show(page, "/custody?show=register")
    lines = page.locator("#register-lines > li")
    expect(lines).to_have_count(4)  # each was asked for, and done
    page.fill("#line-case", first)
    expect(lines).to_have_count(2)
    expect(lines.last).to_contain_text("bicycle theft")
    expect(lines.last).to_contain_text("Gate Street station")
    page.fill("#line-case", other)
    expect(lines.last).to_contain_text("a fall")
    page.fill("#line-who", "nobody")
    expect(page.locator("#register .empty")).to_be_visible()
    page.click("#line-clear")
    expect(lines).to_have_count(4)
    page.select_option("#line-act", "decision")
    expect(page.locator("#register .empty")).to_be_visible()
    page.select_option("#line-act", "")
    page.fill("#line-to", "2020-01-01")
    expect(page.locator("#register .empty")).to_be_visible()


@pytest.mark.row("G3")
def test_the_register_is_proved_and_a_changed_line_is_named(page: Page, camera: PageCamera) -> None:
    written(page)
    show(page, "/custody?show=register")
    page.click("#register-prove")
    expect(page.locator("#register-proof")).to_contain_text("are whole, in order, and signed")
    register = camera.folder / "register.jsonl"
    register.write_bytes(register.read_bytes().replace(b"bicycle theft", b"bicycle Theft", 1))
    page.click("#register-prove")
    expect(page.locator("#register-proof")).to_contain_text("was changed")
    assert troubles(page) == []
