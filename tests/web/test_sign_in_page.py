"""The way in and out, in a real browser: by name and passphrase, refused, locked out, over, and with a passkey."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from accountstand import PASSPHRASE, secret_of
from browsing import opened, show, shows_live
from page_camera import PageCamera
from playwright.sync_api import Browser, Page, expect

from edgecam.core.errors import DataLoss
from edgecam.web.server import PageServer

pytestmark = [pytest.mark.row("K2"), pytest.mark.row("W5")]

# The passphrase is stretched in the browser, on a machine that does much else.
SLOW_MS = 30_000


@pytest.fixture
def page(browser: Browser, server: PageServer) -> Iterator[Page]:
    with opened(browser, server, None) as page:
        yield page


def sign_in(page: Page, name: str = "owner", passphrase: str = PASSPHRASE) -> None:
    page.fill("#account", name)
    page.fill("#sign-in-passphrase", passphrase)
    page.keyboard.press("Enter")


def signed_in(page: Page) -> None:
    expect(page.locator("#camera-name")).to_have_text("Front door", timeout=SLOW_MS)


def test_only_what_the_passphrase_becomes_leaves_the_browser(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or ""))
    expect(page.locator("#sign-in-passphrase")).to_be_focused()
    sign_in(page, " Owner ")
    signed_in(page)
    shows_live(page)
    assert [body for body in sent if "herons" in body] == []
    assert any(f'"name":"owner","secret":"{secret_of("owner")}"' in body for body in sent)
    assert page.evaluate("document.cookie") == "", "scripts cannot read the session"
    page.click("#menu-open")
    expect(page.locator("#who")).to_have_text("owner")
    page.click("#sign-out")
    expect(page.locator("#sign-in")).to_contain_text("You are signed out.")
    page.reload()
    expect(page.locator("#sign-in-form")).to_be_visible()


def test_what_is_wrong_is_said_at_the_field_and_below(page: Page, camera: PageCamera) -> None:
    page.fill("#account", "")
    page.keyboard.press("Enter")
    expect(page.locator("#account-wrong")).to_have_text("This is needed.")
    expect(page.locator("#account")).to_be_focused()
    assert page.locator("#account").get_attribute("aria-invalid") == "true"
    sign_in(page, passphrase="not this one")
    expect(page.locator("#sign-in-form-refusal")).to_have_text(
        "Account or passphrase is not right.", timeout=SLOW_MS
    )
    sign_in(page)
    expect(page.locator("#sign-in-form-refusal")).to_contain_text("Too many wrong tries.", timeout=SLOW_MS)
    camera.clock.sleep(2)
    sign_in(page)
    signed_in(page)


@pytest.mark.parametrize(
    ("locale", "said"),
    [("en-GB", "Too many wrong tries. Try again in"), ("ja-JP", "誤った試行が多すぎます"), ("ko-KR", "시도")],
)
def test_who_is_locked_out_is_told_for_how_long(
    browser: Browser, server: PageServer, stranger: httpx.Client, camera: PageCamera, locale: str, said: str
) -> None:
    for _ in range(7):
        stranger.post("/api/sign-in", json={"name": "owner", "secret": secret_of("owner", "wrong")})
        camera.clock.sleep(130)
    stranger.post("/api/sign-in", json={"name": "owner", "secret": secret_of("owner", "wrong")})
    with opened(browser, server, None, locale=locale) as page:
        sign_in(page)
        refusal = page.locator("#sign-in-form-refusal")
        expect(refusal).to_contain_text(said, timeout=SLOW_MS)


def test_a_session_that_ended_says_so(browser: Browser, server: PageServer, camera: PageCamera) -> None:
    with opened(browser, server) as page:
        shows_live(page)
        camera.clock.sleep(13 * 3600)
        expect(page.locator("#sign-in")).to_contain_text("Your session has ended. Sign in again.")
        show(page, "/care")
        sign_in(page)
        signed_in(page)
        expect(page.locator("#health")).to_be_visible()


def test_accounts_that_cannot_be_read_are_told(browser: Browser, server: PageServer, camera: PageCamera) -> None:
    path = camera.folder / "accounts.json"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataLoss):
        camera.accounts.look()
    with opened(browser, server, None) as page:
        expect(page.locator("#sign-in")).to_contain_text("The list of accounts is damaged")


def test_a_browser_without_webcrypto_is_told_what_to_do(browser: Browser, server: PageServer) -> None:
    context = browser.new_context(locale="en-GB")
    context.add_init_script("Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined })")
    page = context.new_page()
    page.goto(server.address)
    expect(page.locator("#no-webcrypto")).to_contain_text("Use a current version of")
    expect(page.locator("#sign-in-form")).to_have_count(0)
    context.close()


def test_a_passkey_is_made_and_then_signs_in(browser: Browser, server: PageServer) -> None:
    by_name = server.address.replace("127.0.0.1", "localhost")
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(by_name)
    sign_in(page)
    signed_in(page)
    show(page, "/care?card=sign-ins")
    page.click("#passkey-open")
    page.fill("#new-passkey [name=label]", "my phone")
    page.fill("#new-passkey [name=passphrase]", PASSPHRASE)
    page.keyboard.press("Enter")
    expect(page.locator("#sign-ins")).to_contain_text("my phone", timeout=SLOW_MS)
    page.click("#menu-open")
    page.click("#sign-out")
    page.click("#passkey")
    signed_in(page)
    context.close()
