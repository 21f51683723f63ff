"""Updates in a real browser: what waits is read, ordered, put off, and left to happen by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from accountstand import secret_of
from browsing import opened, show
from newcamerastand import NewCameraStand, take
from page_camera import PageCamera
from playwright.sync_api import Browser, Page, expect
from updatestand import NEWER, RUNNING, update_desk

from edgecam.appliance.deferral import PutOff, put_off
from edgecam.appliance.updatenotes import Attempt, Looked, Refused, UpdateNotes
from edgecam.appliance.updateorder import UpdateOrder, take_order
from edgecam.settings import load_settings
from edgecam.web.app import create_app
from edgecam.web.firststeps import SetupStep
from edgecam.web.server import PageServer

pytestmark = [pytest.mark.row("I2"), pytest.mark.row("W5"), pytest.mark.provision("EN303645-5.3-6A")]


@dataclass
class Whole:
    """The page of a camera that is set up but for its summary, over one settings file."""

    camera: PageCamera
    stand: NewCameraStand
    server: PageServer

    @property
    def notes(self) -> UpdateNotes:
        return UpdateNotes(self.stand.folder / "system")

    def ordered(self) -> UpdateOrder | None:
        return take_order(self.stand.folder / "orders" / "update")

    def automatic(self) -> bool:
        return load_settings(self.stand.places.settings).update.automatic

    def finds(self, version: str = NEWER) -> None:
        self.notes.look(Looked(version, True, "", self.camera.clock.now().wall_ns))


@pytest.fixture
def whole(camera: PageCamera, tmp_path: Path) -> Iterator[Whole]:
    stand = NewCameraStand(tmp_path / "new")
    run = stand.first_run()
    for step in (SetupStep.OWNER, SetupStep.RETENTION):
        take(run, step)
    desk = update_desk(stand.folder, camera.clock)
    server = PageServer(create_app(replace(camera.parts(), setup=run, updates=desk)), "127.0.0.1", 0)
    server.start()
    try:
        yield Whole(camera, stand, server)
    finally:
        server.close()


@pytest.fixture
def page(browser: Browser, whole: Whole) -> Iterator[Page]:
    assert secret_of("owner")
    with opened(browser, whole.server) as page:
        yield page


def card(page: Page) -> None:
    show(page, "/")
    show(page, "/care")
    expect(page.locator("#updates-standing")).not_to_be_empty()


def test_one_that_waits_is_ordered_and_put_off(page: Page, whole: Whole) -> None:
    card(page)
    expect(page.locator("#updates")).to_contain_text(RUNNING)
    expect(page.locator("#updates-standing")).to_contain_text("has not looked")
    expect(page.locator("#updates-install")).to_have_count(0)
    whole.finds()
    card(page)
    expect(page.locator("#updates")).to_contain_text(NEWER)
    expect(page.locator("#updates-standing")).to_have_text("It waits until somebody has it installed.")
    page.click("#updates-defer_week")
    expect(page.locator("#updates-standing")).to_contain_text("being taken up")
    expect(page.locator("#updates-install")).to_be_disabled()
    assert whole.ordered() is UpdateOrder.DEFER_WEEK
    whole.notes.defer(put_off(None, PutOff.WEEK, whole.camera.clock.now().wall_ns))
    expect(page.locator("#updates-standing")).to_contain_text("Put off until Nov 28, 19:00.")
    expect(page.locator("#updates")).to_contain_text("It can be put off until Dec 19, 2026 at most.")
    page.click("#updates-resume")
    expect(page.locator("#updates-standing")).to_contain_text("being taken up")
    assert whole.ordered() is UpdateOrder.RESUME
    expect(page.locator("#updates-install")).to_be_enabled()
    page.click("#updates-install")
    expect(page.locator("#updates-install")).to_be_disabled()
    now = whole.camera.clock.now()
    whole.notes.attempted(Attempt(NEWER, now.wall_ns, now.boot_id.hex()))
    assert whole.ordered() is UpdateOrder.INSTALL
    expect(page.locator("#updates-standing")).to_contain_text("is being written")


def test_by_itself_is_switched_on_and_off(page: Page, whole: Whole) -> None:
    whole.finds()
    card(page)
    page.check("#updates-automatic")
    expect(page.locator("#updates-standing")).to_contain_text(
        "installed by itself in the hour after Nov 22, 03:00."
    )
    assert whole.automatic()
    page.uncheck("#updates-automatic")
    expect(page.locator("#updates-standing")).to_contain_text("It waits until somebody")
    assert not whole.automatic()
    with page.expect_response("**/api/setup/updates"):
        page.uncheck("#updates-notices")
    expect(page.locator("#updates-notices")).not_to_be_checked()
    assert not load_settings(whole.stand.places.settings).update.notices
    assert "update.notices" in whole.stand.places.register.read_text()


def test_what_was_left_or_failed_is_told_with_its_reason(page: Page, whole: Whole) -> None:
    whole.finds()
    whole.notes.refuse(Refused("0.0.9", "it does not record", 5))
    whole.notes.attempted(Attempt(NEWER, 5, "ab", over=True, why="the bundle is damaged"))
    card(page)
    expect(page.locator("#updates")).to_contain_text("Version 0.0.9 was left again")
    expect(page.locator("#updates")).to_contain_text(
        f"Version {NEWER} could not be installed: the bundle is damaged"
    )


@pytest.mark.parametrize(
    ("locale", "said"),
    [("ja-JP", "だれかが入れるまで待っています。"), ("ko-KR", "누군가 설치할 때까지 기다립니다.")],
)
def test_in_the_reader_s_language_and_an_operator_only_reads(
    browser: Browser, whole: Whole, locale: str, said: str
) -> None:
    whole.finds()
    with opened(browser, whole.server, "operator", locale=locale) as page:
        card(page)
        expect(page.locator("#updates-standing")).to_have_text(said)
        expect(page.locator("#updates button, #updates input")).to_have_count(0)


@pytest.mark.provision("EN303645-5.3-4B")
@pytest.mark.row("W1")
@pytest.mark.parametrize("agrees", [True, False])
def test_the_first_run_asks_and_recommends_it(page: Page, whole: Whole, agrees: bool) -> None:
    assert not whole.automatic()
    show(page, "/setup?step=summary")
    asked = page.locator("#setup-automatic")
    expect(asked).to_be_checked()
    if not agrees:
        asked.uncheck()
    page.click("#setup-go")
    expect(page.locator("#setup-summary")).to_have_count(0)
    assert whole.automatic() is agrees
