"""The editor in a browser: by touch, mouse and keyboard, alone, with others, and with a camera that is away."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
import pytest
from accountstand import PASSPHRASE, secret_of
from browsing import PHONE, opened, show, speak, until
from page_camera import PageCamera
from playwright.sync_api import Browser, Page, expect

from edgecam.masking.lifecycle import MaskState
from edgecam.web.server import PageServer

pytestmark = pytest.mark.row("W2")

TOUCH: dict[str, Any] = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
ROAD = {"name": "road", "reason": "public_road", "polygon": [[0.0, 0.9], [1.0, 0.9], [1.0, 1.0], [0.0, 1.0]]}


@contextmanager
def drawing(browser: Browser, server: PageServer, name: str = "sato", **context: Any) -> Iterator[Page]:
    """The editor of masks; nothing may break in the browser meanwhile."""
    broken: list[str] = []
    with opened(browser, server, name, **context) as page:
        page.on("pageerror", lambda error: broken.append(str(error)))
        show(page, "/masks")
        expect(page.locator(".draw-stage canvas")).to_be_visible()
        expect(page.locator(".draw-stage .missing")).to_have_count(0)
        yield page
    assert broken == []


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a share of the whole picture lies on the screen."""
    page.locator(".draw-stage").scroll_into_view_if_needed()
    box = page.locator(".draw-stage").bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def tap(page: Page, *points: tuple[float, float]) -> None:
    for point in points:
        page.touchscreen.tap(*place(page, *point))


def drag(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*place(page, *begin))
    page.mouse.down()
    page.mouse.move(*place(page, (begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2))
    page.mouse.move(*place(page, *end))
    page.mouse.up()


def points(page: Page) -> list[list[float]]:
    """The corners of the outline that is chosen, in shares of the picture, by what the list says of them."""
    page.locator(".draw-item.chosen details.draw-points").evaluate("details => { details.open = true }")
    rows = page.locator(".draw-item.chosen .draw-points li")
    return [
        [round(float(box.input_value()) / 100, 3) for box in rows.nth(row).locator("input").all()]
        for row in range(rows.count())
    ]


def pinch(page: Page, begin: list[tuple[float, float]], end: list[tuple[float, float]]) -> None:
    """Two fingers, from two places to two others."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, at: list[tuple[float, float]]) -> None:
        told = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(place(page, *one) for one in at)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    touch("touchStart", begin[:1])
    touch("touchStart", begin)
    for step in range(1, 6):
        share = step / 5
        between = [
            (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])) for a, b in zip(begin, end, strict=True)
        ]
        touch("touchMove", between)
    touch("touchEnd", [])


@pytest.mark.row("M5")
def test_a_mask_is_drawn_by_touch_proposed_and_confirmed_by_the_owner(
    browser: Browser, server: PageServer, camera: PageCamera
) -> None:
    with drawing(browser, server, **TOUCH) as page:
        page.tap("#begin-mask")
        tap(page, (0.6, 0.2), (0.9, 0.2), (0.9, 0.6), (0.6, 0.6), (0.61, 0.21))
        expect(page.locator(".draw-pending")).to_have_count(0)
        assert points(page) == [[0.6, 0.2], [0.9, 0.2], [0.9, 0.6], [0.6, 0.6]]
        page.locator(".draw-item.chosen input").first.fill("next door")
        page.locator(".draw-item.chosen select").select_option("public_road")
        page.tap("#as-recorded")
        expect(page.locator("#cover-words")).to_have_text(
            re.compile(r"Black is what will never be recorded: 1\d\.\d%")
        )
        assert page.locator(".draw-fill").get_attribute("d")
        page.tap("#as-recorded")
        page.tap("#mask-propose")
        expect(page.locator("#mask-state")).to_contain_text("sato proposed this")
        expect(page.locator("#begin-mask")).to_have_count(0)
    with drawing(browser, server, "owner") as page:
        page.click("#mask-confirm")
        expect(page.locator("#mask-confirm-sheet svg")).to_have_count(2)
        expect(page.locator(".draw-changes li")).to_have_text(["New: next door (Public road)"])
        page.fill("#mask-confirm-passphrase", "not this one")
        page.click("#mask-confirm-form button[type=submit]")
        expect(page.locator("#mask-confirm-form-refusal")).not_to_be_empty()
        camera.clock.sleep(5)
        page.fill("#mask-confirm-passphrase", PASSPHRASE)
        page.click("#mask-confirm-form button[type=submit]")
        expect(page.locator("#mask-state")).to_have_text("Version 2 is in force.")
        page.click("#mask-lock")
        page.fill("#mask-lock-passphrase", PASSPHRASE)
        page.click("#mask-lock-form button[type=submit]")
        expect(page.locator("#mask-state")).to_contain_text("locked")
    in_force = camera.drawn.store.check_in_force()
    assert (in_force.version, in_force.drawn.by, in_force.confirmed.by) == (2, "sato", "owner")
    (mask,) = in_force.drawing.masks
    assert (mask.name, mask.reason) == ("next door", "public_road")
    assert np.allclose(mask.polygon, ((0.6, 0.2), (0.9, 0.2), (0.9, 0.6), (0.6, 0.6)), atol=0.01)


def test_points_and_outlines_are_dragged_and_every_edit_is_taken_back(browser: Browser, server: PageServer) -> None:
    with drawing(browser, server, viewport={"width": 1280, "height": 900}) as page:
        page.click("#begin-own")
        drag(page, (0.3, 0.3), (0.7, 0.7))
        box = [[0.3, 0.3], [0.7, 0.3], [0.7, 0.7], [0.3, 0.7]]
        assert np.allclose(points(page), box, atol=0.003)
        drag(page, (0.3, 0.3), (0.2, 0.25))
        assert points(page)[0] == pytest.approx([0.2, 0.25], abs=0.003)
        drag(page, (0.5, 0.7), (0.5, 0.9))
        assert len(points(page)) == 5
        drag(page, (0.45, 0.5), (0.55, 0.5))
        assert points(page)[0] == pytest.approx([0.3, 0.25], abs=0.004)
        for _ in range(3):
            page.click("#draw-undo")
        assert np.allclose(points(page), box, atol=0.003)
        page.click("#draw-undo")
        expect(page.locator(".draw-item")).to_have_count(0)
        for _ in range(4):
            page.click("#draw-redo")
        expect(page.locator("#draw-redo")).to_be_disabled()
        page.locator(".draw-item-head").click()
        assert len(points(page)) == 5


def test_two_fingers_and_the_wheel_look_closer_and_points_stay_where_they_are(
    browser: Browser, server: PageServer
) -> None:
    with drawing(browser, server, **TOUCH) as page:
        page.tap("#begin-mask")
        tap(page, (0.4, 0.4), (0.6, 0.4), (0.5, 0.6), (0.4, 0.4))
        before = points(page)
        pinch(page, [(0.4, 0.5), (0.6, 0.5)], [(0.2, 0.5), (0.8, 0.5)])
        expect(page.locator("#zoom-whole")).to_be_visible()
        assert points(page) == before, "looking is no edit"
        # Three times closer around the middle: the first point lies farther out now.
        tap(page, (0.2, 0.2))
        chosen = page.locator(".draw-point.chosen")
        expect(chosen).to_have_attribute("aria-label", re.compile(r"^Point 1 of 3"))
        page.tap("#zoom-whole")
        page.mouse.move(*place(page, 0.5, 0.5))
        page.mouse.wheel(0, -300)
        expect(page.locator("#zoom-whole")).to_be_visible()


def test_the_keyboard_alone_draws_moves_inserts_and_deletes(browser: Browser, server: PageServer) -> None:
    with drawing(browser, server, viewport={"width": 1280, "height": 900}) as page:
        page.locator("#part-rules").focus()
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "begin-mask":
                break
        page.keyboard.press("Enter")
        until(page, "document.activeElement.classList.contains('draw-stage')")
        page.keyboard.press("Enter")
        for _ in range(10):
            page.keyboard.press("Shift+ArrowRight")
        expect(page.locator("#announcer")).to_have_text("Cursor 70 % across, 50 % down; 1 points set")
        page.keyboard.press("Enter")
        for _ in range(5):
            page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        assert len(points(page)) == 3
        until(page, "document.activeElement.classList.contains('draw-shape')")
        page.keyboard.press("Tab")
        expect(page.locator(".draw-point.chosen")).to_have_attribute(
            "aria-label", "Point 1 of 3: 50 % across, 50 % down"
        )
        page.keyboard.press("ArrowLeft")
        expect(page.locator("#announcer")).to_have_text("Point 1 of 3: 49.8 % across, 50 % down")
        page.keyboard.press("Shift+ArrowUp")
        assert points(page)[0] == [0.498, 0.464]
        page.keyboard.press("Insert")
        expect(page.locator(".draw-point.chosen")).to_be_focused()
        assert len(points(page)) == 4
        page.keyboard.press("Delete")
        page.keyboard.press("Control+z")
        assert len(points(page)) == 4
        page.keyboard.press("Control+Shift+z")
        assert len(points(page)) == 3
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        expect(page.locator(".draw-item.chosen")).to_have_count(0)


def test_the_list_does_the_same_without_the_picture(browser: Browser, server: PageServer) -> None:
    with drawing(browser, server) as page:
        page.click("#begin-mask")
        drag(page, (0.3, 0.3), (0.7, 0.7))
        assert len(points(page)) == 4
        first = page.get_by_role("group", name=re.compile(r"^Point 1 of 4"))
        first.get_by_label("across").fill("12.5")
        first.get_by_label("across").press("Tab")
        assert points(page)[0][0] == 0.125
        page.get_by_role("button", name="Insert a point after point 1").click()
        assert len(points(page)) == 5
        page.get_by_role("button", name="Delete point 2").click()
        assert len(points(page)) == 4
        page.get_by_role("group", name=re.compile(r"^Point 1 of 4")).get_by_label("across").fill("")
        page.keyboard.press("Tab")
        assert points(page)[0][0] == 0.125


def test_what_is_wrong_is_said_at_the_outline_in_the_language_and_nothing_is_lost(
    browser: Browser, server: PageServer, camera: PageCamera
) -> None:
    with drawing(browser, server, locale="ko-KR", viewport={"width": 1280, "height": 900}) as page:
        page.click("#begin-mask")
        for point in ((0.3, 0.3), (0.7, 0.7), (0.7, 0.3), (0.3, 0.7)):
            page.mouse.click(*place(page, *point))
        page.click("#draw-finish")
        expect(page.locator(".draw-item .refusal")).to_have_text(re.compile("스스로 교차합니다"))
        page.click("#mask-propose")
        assert camera.drawn.lines() == []
        page.locator(".draw-item.chosen input").first.fill("")
        page.locator(".draw-item.chosen input").first.press("Tab")
        expect(page.locator(".draw-item .refusal")).to_have_count(2)
        speak(page, "ja")
        expect(page.locator(".draw-item .refusal").first).to_have_text("名前を付けてください。")
        drag(page, (0.7, 0.7), (0.7, 0.1))
        page.locator(".draw-item.chosen input").first.fill("家")
        page.locator(".draw-item.chosen input").first.press("Tab")
        expect(page.locator(".draw-item .refusal")).to_have_count(0)
        page.click("#mask-save")
        expect(page.locator("#mask-state")).to_contain_text("下書き")
        assert camera.drawn.store.state() is MaskState.DRAFT


def test_a_drawing_outlives_a_camera_that_is_away_and_a_page_that_is_loaded_anew(
    browser: Browser, server: PageServer, camera: PageCamera
) -> None:
    with drawing(browser, server) as page:
        page.click("#begin-mask")
        drag(page, (0.3, 0.3), (0.7, 0.7))
        page.context.set_offline(True)
        page.click("#mask-save")
        expect(page.locator("#draw-away")).to_contain_text("kept on this page")
        assert len(points(page)) == 4
        page.context.set_offline(False)
        page.reload()
        expect(page.locator(".draw-item")).to_have_count(1)
        expect(page.locator("#mask-state")).to_contain_text("Not saved yet.")
        page.click("#mask-save")
        expect(page.locator("#mask-state")).to_have_text("A draft. In force is version 1.")
        assert camera.drawn.store.state() is MaskState.DRAFT


def _save(client: httpx.Client, name: str) -> None:
    tag = client.get("/api/masks/draft").json()["tag"]
    drawn = {"picture": None, "margin": 0.01, "masks": [{**ROAD, "name": name}], "own": []}
    assert client.put("/api/masks/draft", json={"tag": tag, "drawing": drawn}).status_code == 200


def test_two_people_at_once_decide_whose_drawing_goes_on(
    browser: Browser, server: PageServer, camera: PageCamera, client: httpx.Client
) -> None:
    names = ".draw-item-head .kind"
    with drawing(browser, server) as page:
        page.click("#begin-mask")
        drag(page, (0.3, 0.3), (0.7, 0.7))
        _save(client, "road")
        page.click("#mask-save")
        expect(page.locator("#draw-overtaken")).to_be_visible()
        expect(page.locator(names)).to_have_text(["Mask 1"])
        page.click("#take-theirs")
        expect(page.locator(names)).to_have_text(["road"])
        page.click("#draw-undo")
        expect(page.locator(names)).to_have_text(["Mask 1"])
        _save(client, "another road")
        page.click("#mask-save")
        page.click("#keep-mine")
        page.click("#mask-save")
        expect(page.locator("#mask-state")).to_have_text("A draft. In force is version 1.")
    draft = camera.drawn.store.draft()
    assert draft is not None
    assert [mask.name for mask in draft.masks] == ["Mask 1"]


@pytest.mark.row("M7")
def test_inside_an_installer_session_the_picture_is_unmasked_or_burnt_with_the_drawing(
    browser: Browser, server: PageServer, client: httpx.Client
) -> None:
    with drawing(browser, server) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        opening = {"opened_for": "K. Sato", "why": "masks", "minutes": 5, "secret": secret_of("owner")}
        code = client.post("/api/installer/open", json=opening).json()["code"]
        page.click("#code-open")
        page.fill("#code", code)
        page.click("#enter-code-form button[type=submit]")
        page.click("#sight-close")
        expect(page.locator("#bare")).to_have_attribute("aria-pressed", "true")
        with page.expect_response("**/api/unmasked.jpg"):
            pass
        page.click("#begin-mask")
        drag(page, (0.0, 0.0), (0.4, 0.5))
        with page.expect_response("**/api/masks/preview.jpg") as burnt:
            page.click("#as-recorded")
        assert burnt.value.status == 200
        # What the browser shows is black where the mask lies, and not what lies under it.
        until(page, _DARK)
        page.click("#bare")
        expect(page.locator(".draw-fill")).to_have_count(1)
        client.post("/api/installer/end", json={})
        expect(page.locator("#bare")).to_have_count(0)
        assert "unmasked.jpg" in asked


_DARK = """(() => {
  const canvas = document.querySelector('.draw-canvas');
  const at = (x, y) => canvas.getContext('2d').getImageData(canvas.width * x, canvas.height * y, 1, 1).data[0];
  return at(0.1, 0.4) < 40 && at(0.8, 0.3) > 60;
})()"""


@pytest.mark.row("A3")
def test_zones_lines_and_rules_are_drawn_and_saved(
    browser: Browser, server: PageServer, camera: PageCamera
) -> None:
    with drawing(browser, server, **TOUCH) as page:
        page.tap("#part-rules")
        expect(page.locator(".draw-item-head .kind")).to_have_text(["lawn"])
        page.tap("#begin-line")
        tap(page, (0.2, 0.3), (0.6, 0.35))
        page.tap("#draw-finish")
        expect(page.locator(".draw-arrows path")).to_have_count(1)
        page.locator(".draw-item.chosen .draw-about input").first.fill("gate")
        page.get_by_role("button", name="Add a rule").first.tap()
        rule = page.locator(".draw-item.chosen .rule")
        rule.get_by_label("What is to be noticed").select_option("line_crossing")
        rule.get_by_label("Vehicle").check()
        rule.get_by_label("Which way").select_option("left_to_right")
        rule.get_by_label("When").select_option("hours")
        rule.get_by_title("Sunday").tap()
        page.tap("#rules-save")
        expect(page.locator("#rule-state")).to_have_text("Rules in force: 2.")
    told = tomllib.loads((camera.folder / "rules.toml").read_text("utf-8"))
    assert [line["name"] for line in told["line"]] == ["gate"]
    assert told["rule"][1] == {
        "kind": "line_crossing",
        "objects": ["person", "vehicle"],
        "direction": "left_to_right",
        "timetable": ["mon-sat 22:00-06:00"],
        "line": "gate",
    }


@pytest.mark.parametrize("size", [(360, 780), (780, 360)])
def test_it_fits_a_small_phone_either_way(browser: Browser, server: PageServer, size: tuple[int, int]) -> None:
    width, height = size
    with drawing(browser, server, **{**TOUCH, "viewport": {"width": width, "height": height}}) as page:
        page.tap("#begin-mask")
        tap(page, (0.2, 0.2), (0.8, 0.2), (0.5, 0.8), (0.2, 0.2))
        assert len(points(page)) == 3
        for part in ("#part-masks", "#part-rules"):
            page.tap(part)
            page.locator(".draw-item-head").first.tap()
            page.wait_for_timeout(100)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), part
            stage = page.locator(".draw-stage").bounding_box()
            assert stage is not None
            assert stage["height"] <= 0.8 * height
            assert stage["width"] >= 250
    assert PHONE["width"] == 360


def test_an_operator_sees_what_is_in_force_and_no_editor(browser: Browser, server: PageServer) -> None:
    with opened(browser, server, "operator") as page:
        show(page, "/masks")
        expect(page.locator("#masks-card")).to_be_visible()
        expect(page.locator("#drawing")).to_have_count(0)
