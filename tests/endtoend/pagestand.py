"""An owner with an account, and the browser they look with; every request that it makes is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from agentstand import CLOCK, PASSPHRASE, Agent
from playwright.sync_api import Browser, Page, Request

from edgecam.custody.accounts.accountfile import encode_accounts
from edgecam.custody.accounts.accounts import Account, AccountRole, Accounts
from edgecam.keys.passwordhash import FLOOR, hash_secret
from edgecam.keys.signinsecret import sign_in_secret

OWNER, SECOND = "owner", "second"


def give_accounts(agent: Agent, *names: str) -> None:
    """Owners' accounts with `PASSPHRASE`, hashed as weakly as is allowed; before the agent starts."""
    made = tuple(
        Account(
            account_id=hashlib.sha256(name.encode()).hexdigest()[:32],
            name=name,
            role=AccountRole.OWNER,
            password=hash_secret(sign_in_secret(PASSPHRASE, agent.key.camera_id, name), FLOOR),
            made_by="setup",
            made_wall_ns=CLOCK.now().wall_ns,
        )
        for name in names
    )
    accounts = Accounts(agent.key.camera_id, FLOOR, made)
    agent.places.accounts.write_bytes(encode_accounts(accounts, agent.key.sign))
    agent.places.accounts.chmod(0o600)


@dataclass
class Looking:
    """One person's browser on the page of ``agent``; ``requests`` holds method, address and body of each."""

    agent: Agent
    page: Page
    requests: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.agent.page_port}"

    def note(self, request: Request) -> None:
        self.requests.append((request.method, request.url, request.post_data or ""))

    def sign_in(self, name: str = OWNER) -> None:
        self.page.goto(self.address)
        self.page.fill("#account", name)
        self.page.fill("#sign-in-passphrase", PASSPHRASE)
        self.page.click("#sign-in-form button[type=submit]")
        self.page.wait_for_selector("nav")

    def open_footage(self) -> None:
        """The screen of the past, with the strip drawn."""
        self.page.goto(f"{self.address}/#/footage")
        self.page.wait_for_selector("#strip .recorded")

    def unlock(self, passphrase: str = PASSPHRASE) -> None:
        """In the dialog, which opened because a moment was chosen."""
        self.give(passphrase)
        self.page.wait_for_selector("#unlock", state="detached")

    def give(self, passphrase: str) -> None:
        self.page.fill("#passphrase", passphrase)
        self.page.click("#unlock-form button[type=submit]")

    def wait_picture(self) -> None:
        """Until the player shows a decoded picture of some moment."""
        self.page.wait_for_function(
            """() => {
                const video = document.querySelector("#video");
                const mark = document.querySelector("#player-mark");
                const dated = /^\\d{4}-/.test(mark?.textContent ?? "");
                return video && video.readyState >= 2 && !video.classList.contains("hidden") && dated;
            }"""
        )

    def shown_s(self) -> float:
        """Media time of the player."""
        shown: float = self.page.evaluate("document.querySelector('#video').currentTime")
        return shown


@contextmanager
def looking(browser: Browser, agent: Agent, language: str = "en") -> Iterator[Looking]:
    """A browser of its own, in which nobody is signed in; nothing that it does may be an error of the page."""
    context = browser.new_context(locale=language, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(120_000)  # scrypt takes its time where many tests share a processor
    person, wrong = Looking(agent, page), list[str]()
    page.on("request", person.note)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    try:
        yield person
    finally:
        context.close()
    assert not wrong
