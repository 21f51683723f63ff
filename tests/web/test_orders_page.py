"""What a command began and what still stands is told on the page, in the reader's language."""

from __future__ import annotations

import pytest
from accountstand import let_in
from page_camera import NOW_WALL_NS, PageCamera
from playwright.sync_api import Browser, expect

from edgecam.web.server import PageServer

pytestmark = [pytest.mark.row("T5"), pytest.mark.row("W5")]


@pytest.mark.parametrize(
    ("locale", "private", "silenced"),
    [
        ("en-GB", "Private by order of centre until somebody ends it", "Motion · lawn"),
        ("ja-JP", "centreの指示により、解除されるまでプライベートです", "動き · lawn"),
        ("ko-KR", "centre의 명령으로 해제할 때까지 비공개입니다", "움직임 · lawn"),
    ],
)
def test_orders_that_stand_are_told_and_gone_with_them(
    browser: Browser, server: PageServer, camera: PageCamera, locale: str, private: str, silenced: str
) -> None:
    context = browser.new_context(locale=locale, timezone_id="Asia/Tokyo")
    let_in(context, server)
    page = context.new_page()
    assert camera.recorder is not None
    camera.recorder.private_by = "centre"
    silence = {"kind": "motion", "place": "lawn", "by": "desk", "until_wall_ns": NOW_WALL_NS, "events": 4}
    camera.silences = [silence]
    page.goto(server.address)
    orders = page.locator("#orders")
    expect(orders).to_contain_text(private)
    expect(orders).to_contain_text(silenced)
    expect(orders).to_contain_text("19:00:00")
    camera.recorder.private_until_wall_ns = NOW_WALL_NS
    expect(orders).not_to_contain_text(private)
    camera.recorder.private_by, camera.silences = "", []
    expect(orders).to_be_hidden()
    context.close()
