"""The installer session in real browsers: the owner's, the installer's phone, and somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from accountstand import PASSPHRASE
from browsing import opened, show, speak
from page_camera import PageCamera
from playwright.sync_api import Browser, Page, expect

from edgecam.core.aim import AimState
from edgecam.masking.lifecycle import Role
from edgecam.web.server import PageServer

pytestmark = [pytest.mark.row("M7"), pytest.mark.row("W2"), pytest.mark.row("W5")]

Opens = Callable[..., Page]


@pytest.fixture
def opens(browser: Browser, server: PageServer) -> Iterator[Opens]:
    """Opens the screen of masks in a browser of its own, on a phone, for somebody who is signed in."""
    with ExitStack() as contexts:

        def open_masks(name: str = "owner", **context: Any) -> Page:
            page = contexts.enter_context(opened(browser, server, name, **context))
            show(page, "/masks")
            expect(page.locator("#mask-tiles")).to_be_visible()
            return page

        yield open_masks


def let_in(owner: Page, why: str = "masks") -> str:
    """What the owner does; the code, as it is told."""
    owner.click("#let-in-open")
    owner.fill("#opened-for", "K. Sato")
    owner.select_option("#why", why)
    owner.fill("#minutes", "5")
    owner.fill("#let-in-passphrase", PASSPHRASE)
    owner.click("#let-in [type=submit]")
    expect(owner.locator("#told-code")).to_be_visible()
    return owner.locator("#the-code").inner_text()


def test_from_the_owners_code_to_the_unmasked_picture_and_its_end(opens: Opens, camera: PageCamera) -> None:
    owner, phone, stranger = opens(), opens("sato"), opens("operator")
    code = let_in(owner)
    owner.click("#told-code-close")
    expect(owner.locator("#the-code")).to_have_count(0)
    assert code not in owner.content()
    expect(stranger.locator("#banner-words")).to_contain_text("owner lets K. Sato see the picture without masks")
    expect(stranger.locator("#banner-words")).to_contain_text("5 min left")
    expect(stranger.locator("#banner-end")).to_be_hidden()
    expect(stranger.locator("#sight-open")).to_be_hidden()
    phone.click("#code-open")
    phone.fill("#code", code.lower())
    phone.keyboard.press("Enter")
    expect(phone.locator("#sight-picture:not(.without)")).to_be_visible()
    expect(phone.locator("#sight-outlines polygon")).to_have_count(2)
    assert phone.locator("#sight-outlines .in-force").get_attribute("points") == "0,0 0.25,0 0.25,0.33 0,0.33"
    expect(phone.locator("#sight-outlines .coming.own")).to_have_count(1)
    hidden = phone.evaluate(
        """() => {
            const canvas = (window.looked = document.querySelector("#sight-canvas"));
            return canvas.getContext("2d").getImageData(canvas.width * 0.2, canvas.height * 0.28, 1, 1).data[0];
        }"""
    )
    assert hidden > 200, "what the mask hides"
    expect(stranger.locator("#banner-words")).to_contain_text("K. Sato sees the picture without masks now")
    assert phone.evaluate("document.cookie") == "", "scripts cannot read the session"
    owner.click("#banner-end")
    expect(phone.locator("#sight")).to_be_hidden()
    expect(phone.locator("#banner")).to_be_hidden()
    assert not any(phone.evaluate(
        """() => {
            const canvas = window.looked;
            return [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data];
        }"""
    )), "nothing of it stays on the phone's page"  # fmt: skip
    assert camera.sights[0].ended is not None
    assert camera.sights[0].ended[0] == "closed"


def test_wrong_words_are_refused_in_the_form(opens: Opens, camera: PageCamera) -> None:
    owner = opens()
    owner.click("#let-in-open")
    owner.fill("#opened-for", "K. Sato")
    owner.fill("#let-in-passphrase", "not the passphrase")
    owner.fill("#minutes", "20")
    owner.keyboard.press("Enter")
    expect(owner.locator("#minutes-wrong")).to_have_text("A number from 1 to 15.")
    expect(owner.locator("#minutes")).to_be_focused()
    owner.fill("#minutes", "5")
    owner.keyboard.press("Enter")
    expect(owner.locator("#let-in-form-refusal")).to_have_text("This passphrase is not right.")
    camera.clock.sleep(1)
    owner.keyboard.press("Escape")
    expect(owner.locator("#let-in")).to_have_count(0)
    let_in(owner)
    owner.click("#told-code-close")
    phone = opens("sato")
    phone.click("#code-open")
    phone.fill("#code", "2222 2222")
    phone.keyboard.press("Enter")
    expect(phone.locator("#enter-code-form-refusal")).to_contain_text("This code opens nothing")
    expect(phone.locator("#sight")).to_be_hidden()


def test_the_owner_may_look_on_the_same_device(opens: Opens, camera: PageCamera) -> None:
    owner = opens()
    let_in(owner, why="aim")
    owner.click("#look-here")
    expect(owner.locator("#sight-picture:not(.without)")).to_be_visible()
    owner.click("#sight-close")
    owner.click("#banner-end")
    expect(owner.locator("#banner")).to_be_hidden()
    assert camera.sights[0].opened[2].value == "aim"


@pytest.mark.row("M4")
def test_a_moved_camera_is_told_and_the_owner_confirms(opens: Opens, camera: PageCamera) -> None:
    page = opens()
    expect(page.locator("#mask-tiles")).to_contain_text("M. Tanaka")
    expect(page.locator("#mask-tiles")).to_contain_text("8.3%")
    expect(page.locator("#mask-tiles")).to_contain_text("as confirmed")
    expect(page.locator("#aim-words")).to_be_empty()
    expect(page.locator("#confirm-open")).to_be_hidden()
    camera.look_elsewhere(AimState.MOVED, off=0.12, right=0.07, down=-0.001)
    said = page.locator("#aim-words")
    expect(said).to_contain_text(
        "The camera was moved (in the picture: 7% to the right, turned or zoomed, by up to 12%"
    )
    page.click("#confirm-open")
    page.fill("#confirm-passphrase", PASSPHRASE)
    page.keyboard.press("Enter")
    expect(page.locator("#confirm-aim")).to_be_hidden()
    assert camera.confirmed == [("owner", Role.OWNER)]
    camera.look_elsewhere(AimState.STEADY)
    expect(said).to_be_empty()


@pytest.mark.row("M4")
def test_the_installer_confirms_without_the_passphrase(opens: Opens, camera: PageCamera) -> None:
    camera.look_elsewhere(AimState.UNCONFIRMED)
    owner, phone = opens(), opens("sato")
    expect(phone.locator("#aim-words")).to_contain_text("Nobody has confirmed")
    code = let_in(owner, why="aim")
    phone.click("#code-open")
    phone.fill("#code", code)
    phone.keyboard.press("Enter")
    expect(phone.locator("#sight-picture:not(.without)")).to_be_visible()
    phone.click("#sight-confirm")
    expect(phone.locator("#confirm-passphrase")).to_be_hidden()
    phone.click("#confirm-aim [type=submit]")
    expect(phone.locator("#confirm-aim")).to_be_hidden()
    assert camera.confirmed == [("sato", Role.INSTALLER)]
    phone.click("#sight-end")
    expect(phone.locator("#sight")).to_be_hidden()
    expect(owner.locator("#banner")).to_be_hidden()


@pytest.mark.parametrize(
    ("language", "banner", "aim"),
    [
        ("ja", "ownerさんが", "カメラが動きました（映像上：右へ7%）"),
        ("ko", "owner 님이", "카메라가 움직였습니다(화면에서: 오른쪽으로 7%)"),
        ("en", "owner lets", "7% to the right"),
    ],
)
def test_each_language_tells_it_and_fits_a_phone(
    opens: Opens, camera: PageCamera, language: str, banner: str, aim: str
) -> None:
    camera.look_elsewhere(AimState.MOVED, off=0.07, right=0.07)
    page = opens()
    let_in(page)
    page.click("#told-code-close")
    speak(page, language)
    expect(page.locator("#banner-words")).to_contain_text(banner)
    expect(page.locator("#aim-words")).to_contain_text(aim)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
