"""A person with a phone who sets a camera up on its page, step by step; what is clicked is found by its id."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

WORDS = Path(__file__).parents[2] / "web" / "src" / "words"
PASSPHRASE = "seven blue herons cross the estuary 42"
NOTICE = {
    "owner": "田中商店",
    "purpose": "侵入と盗難の防止",
    "place": "玄関の軒下",
    "area": "玄関前",
    "responsible": "김민수",
    "contact": "048-000-0000",
}


@dataclass
class WizardHand:
    """``look`` is called with the name of each screen that was reached, before anything is done on it."""

    page: Page
    language: str
    passphrase: str = PASSPHRASE
    look: Callable[[str], None] = lambda _: None
    kit: list[str] = field(default_factory=list)

    def say(self, key: str) -> str:
        """The page's own words, in the language of this person."""
        for path in (WORDS / self.language).glob("*.json"):
            told = json.loads(path.read_text("utf-8"))
            if key in told:
                return str(told[key])
        raise KeyError(key)

    def at(self, step: str) -> None:
        """Wait until the step is shown, its heading in the chosen language."""
        self.page.wait_for_selector(f"#setup-{step} h1")
        assert self.page.inner_text(f"#setup-{step} h1") == self.say(f"setup.title.{step}")
        self.look(step)

    def go(self) -> None:
        self.page.click("#setup-go")

    def submit(self, form: str) -> None:
        self.page.click(f"#{form} button[type=submit]")

    def enter(self, address: str, code: str) -> None:
        """Come by the address on the terminal, which brings the code along."""
        self.page.goto(f"{address}/#/setup?code={code}")
        self.page.wait_for_selector("#setup-claim-form")
        self.page.select_option("#language", self.language)
        self.page.wait_for_selector(f"html[lang={self.language}]", state="attached")
        self.look("claim")
        assert self.page.input_value("#setup-code") == code
        self.submit("setup-claim-form")

    def choose_language(self) -> None:
        self.at("language")
        self.page.check(f"input[value={self.language}]")
        self.go()

    def become_owner(self) -> None:
        self.at("owner")
        self.page.fill("#setup-passphrase", self.passphrase)
        self.page.fill("#setup-passphrase-twice", self.passphrase)
        self.look("owner-typed")
        self.submit("setup-owner-form")

    def keep_kit(self) -> None:
        self.at("kit")
        self.page.wait_for_selector(".kit-qr")
        rows = self.page.inner_text("#kit-secret")
        self.kit = rows.split()[1:]
        self.go()
        self.page.wait_for_selector("#setup-kit-prove")
        self.look("kit-prove")
        for name in ("first", "second"):
            label = self.page.inner_text(f"label[for=setup-kit-{name}]")
            number = int(re.findall(r"\d+", label)[0])
            self.page.fill(f"#setup-kit-{name}", self.kit[number - 1].lower())
        self.submit("setup-kit-prove")

    @property
    def secret(self) -> str:
        """What stands on the paper."""
        return "AGE-SECRET-KEY-1" + "".join(self.kit)

    def tell_notice(self) -> None:
        self.at("notice")
        for name, text in NOTICE.items():
            self.page.fill(f"#setup-notice-{name}", text)
        self.submit("setup-notice-form")

    def choose_retention(self, days: str = "0.01") -> None:
        self.at("retention")
        self.page.check("input[value=own]")
        self.page.fill("#setup-days", days)
        self.page.fill("#setup-size", "0.0625")
        self.page.wait_for_selector("#setup-plan-days")
        self.page.wait_for_selector("#setup-plan[aria-busy=false]")
        self.look("retention-planned")
        self.submit("setup-retention-form")

    def aim(self) -> None:
        self.at("aim")
        self.submit("setup-look-form")
        self.page.wait_for_selector("#setup-sight:not(.without)")
        self.page.wait_for_selector("#banner")
        self.look("aim-sight")
        self.go()

    def draw_mask(self) -> None:
        """One outline with three corners, in the editor."""
        self.page.click("#begin-mask")
        for x, y in ((0.2, 0.2), (0.8, 0.25), (0.5, 0.8), (0.2, 0.2)):
            box = self.page.locator(".draw-stage").bounding_box()
            assert box is not None
            self.page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        self.page.wait_for_selector(".draw-item")

    def hide_nothing(self) -> None:
        self.at("masks")
        self.page.click("#setup-nothing")
        self.page.fill("#setup-reason", "a drawn street")
        self.look("masks-nothing")
        self.submit("setup-nothing-form")

    def print_sign(self) -> bytes:
        self.at("sign")
        with self.page.expect_download() as downloading:
            self.page.click("#setup-sign-get")
        pdf = Path(downloading.value.path()).read_bytes()
        self.go()
        return pdf

    def tell_nobody(self) -> None:
        self.at("broker")
        self.submit("setup-broker-form")

    def end(self) -> None:
        self.at("summary")
        self.go()
        self.page.wait_for_selector("#live")
