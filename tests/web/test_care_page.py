"""The screen "care" in a real browser: holds, accounts, sign-ins and the register, used as on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from accountstand import PASSPHRASE
from browsing import opened, show
from page_camera import PageCamera
from playwright.sync_api import Browser, Page, expect

from edgecam import __version__
from edgecam.web.server import PageServer

pytestmark = [pytest.mark.row("W4"), pytest.mark.row("W5")]

SLOW_MS = 30_000


@pytest.fixture
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    with opened(browser, server) as page:
        show(page, "/care")
        expect(page.locator("#health")).to_be_visible()
        yield page


@pytest.mark.row("R4")
def test_footage_is_held_and_released(page: Page, camera: PageCamera) -> None:
    expect(page.locator("#holds")).to_contain_text("Nothing is held.")
    page.click("#hold-open")
    page.fill("#hold-from", "2026-11-21T18:50:00")
    page.fill("#hold-to", "2026-11-21T18:49:00")
    page.fill("#hold-reason", "Collision at the gate")
    page.click("#new-hold-form [type=submit]")
    expect(page.locator("#hold-to-wrong")).to_be_visible()
    expect(page.locator("#hold-to")).to_be_focused()
    page.fill("#hold-to", "2026-11-21T18:52:00")
    page.click("#new-hold-form [type=submit]")
    expect(page.locator("#holds-list")).to_contain_text("Collision at the gate")
    expect(page.locator("#hold-open")).to_be_focused()
    (held,) = camera.holds.standing()
    assert held.record.to_wall_ns - held.record.from_wall_ns == 120_000_000_000
    assert held.record.why.decided_by == "owner"
    page.get_by_role("button", name="End the hold: Collision at the gate").click()
    page.fill("#release-reason", "Handed to the police")
    page.fill("#release-hold [name=passphrase]", PASSPHRASE)
    page.keyboard.press("Enter")
    expect(page.locator("#holds")).to_contain_text("Nothing is held.", timeout=SLOW_MS)
    assert [reason for _, _, reason in camera.holds.released] == ["Handed to the police"]


@pytest.mark.row("K2")
def test_an_account_is_made_switched_off_and_removed(page: Page, camera: PageCamera) -> None:
    expect(page.locator("#users-list li")).to_have_count(3)
    page.click("#user-open")
    page.fill("#user-name", "Sato Two")
    page.select_option("#user-role", "installer")
    page.fill("#user-first", "short")
    page.fill("#new-user [name=passphrase]", PASSPHRASE)
    page.click("#new-user [type=submit]")
    expect(page.locator("#user-first-wrong")).to_have_text("At least 8 characters.")
    page.fill("#user-first", "a first passphrase")
    page.click("#new-user [type=submit]")
    expect(page.locator("#user-name-wrong")).to_be_visible(timeout=SLOW_MS)
    page.fill("#user-name", "Suzuki")
    page.click("#new-user [type=submit]")
    expect(page.locator("#users-list")).to_contain_text("suzuki", timeout=SLOW_MS)
    for act, said in (("disable", "switched off"), ("remove", "")):
        page.get_by_role("button", name="Change the account suzuki").click()
        page.select_option("#user-act", act)
        page.fill("#change-user [name=passphrase]", PASSPHRASE)
        page.keyboard.press("Enter")
        expect(page.locator("#change-user")).to_have_count(0, timeout=SLOW_MS)
        if said:
            expect(page.locator("#users-list")).to_contain_text(said)
    expect(page.locator("#users-list")).not_to_contain_text("suzuki")
    assert camera.accounts.look().named("suzuki") is None


@pytest.mark.row("G1")
def test_the_register_is_read_page_by_page(page: Page, camera: PageCamera) -> None:
    for _ in range(8):
        camera.accounts.set_disabled("owner", "operator", True)
        camera.accounts.set_disabled("owner", "operator", False)
    log = page.locator("#log")
    log.get_by_role("button", name="Refresh").click()
    expect(page.locator("#register-lines > li")).to_have_count(20)
    expect(page.locator("#register-lines")).to_contain_text("Account changed")
    log.get_by_role("button", name="Earlier lines").click()
    expect(page.locator("#register-lines > li")).not_to_have_count(20)
    expect(log.get_by_role("button", name="Earlier lines")).to_have_count(0)


@pytest.mark.row("K2")
def test_somebody_elses_session_is_ended(browser: Browser, server: PageServer, page: Page) -> None:
    with opened(browser, server, "operator") as other:
        page.reload()
        expect(page.locator("#sign-ins-list")).to_contain_text("operator")
        page.get_by_role("button", name="Sign out operator there").click()
        expect(page.locator("#sign-ins-list")).not_to_contain_text("operator")
        expect(other.locator("#sign-in")).to_contain_text("Your session has ended.")


def test_the_rest_is_told(page: Page) -> None:
    expect(page.locator("#storage")).to_contain_text("14 days are owed; this card has room for 15.1 days.")
    expect(page.locator("#updates")).to_contain_text(__version__)
    expect(page.locator("#certificates")).to_contain_text("needs no certificate")
    expect(page.locator("#exports")).to_contain_text("No copy was made yet.")
