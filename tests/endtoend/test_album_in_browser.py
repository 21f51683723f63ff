"""Finding the moment with a real agent on real footage: pictures of events and the film of a day, sealed."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import av
import numpy as np
import pytest
import simplejpeg  # type: ignore[import-untyped]
from agentstand import PASSPHRASE, Agent, Sections, accepts, camera, owner, wait_until
from axelook import require_axe, troubles_in_light_and_dark
from debianbrowser import chromium
from playwright.sync_api import Page, expect

from edgecam.core.albumrecord import AlbumRecord, Piece, Thumbnail, decode_record
from edgecam.custody.register.register_line import Act
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.reader import RingReader

# Well inside the example mask that set-up draws, as shares of the picture.
_HIDDEN = (0.72, 0.14, 0.95, 0.5)
# The fill as JPEG has it.
_FILL_JPEG = round((32 - 16) * 255 / 219)
# Where screenshots are kept for who wants to look at them.
_SHOTS = os.environ.get("EDGECAM_SHOTS")

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory, vtest: str) -> Iterator[Agent]:
    folder = tmp_path_factory.mktemp("album") / "camera"
    sections: Sections = {
        "analysis": {"enabled": True},
        "retention": {"policy": "own", "days": 0.05},
        "ring": {"size_gib": 0.25},
    }
    with camera(folder, vtest, sections) as agent:
        agent.done("accounts", "reset-owner")
        with agent.started():
            wait_until(lambda: accepts(agent.page_port), f"the page answers: {agent.said()}")
            wait_until(lambda: len(_records(agent)) > 4 and _has_piece(agent), "pictures and a piece", 120)
            yield agent


def _has_piece(agent: Agent) -> bool:
    return any(isinstance(record, Piece) for record, _ in _records(agent))


def _records(agent: Agent) -> list[tuple[AlbumRecord, bytes]]:
    """Every record with its epoch's init, as the owner opens them."""
    if not agent.places.album.exists():
        return []
    medium = FileMedium.open(agent.places.album, writable=False)
    try:
        reader = RingReader(medium)
        found = []
        for slot in reader.epochs():
            epoch = reader.open_epoch(slot, owner()[2].unseal)
            for stored in reader.segments_of(slot):
                data = epoch.open(stored.header, reader.sealed_payload(stored)).fragment
                found.append((decode_record(data), epoch.init))
        return found
    finally:
        medium.close()


@pytest.fixture(scope="module")
def page(agent: Agent) -> Iterator[Page]:
    """Chromium, signed in as the owner; fails when the page reports a mistake of its own."""
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
        page = context.new_page()
        mistakes: list[str] = []
        page.on("pageerror", lambda error: mistakes.append(str(error)))
        page.goto(f"http://127.0.0.1:{agent.page_port}/#/events")
        page.locator("#account").fill("owner")
        page.locator("#sign-in-form input[type=password]").fill(PASSPHRASE)
        page.locator("#sign-in-form button[type=submit]").click()
        expect(page.locator("#event-list")).to_be_visible(timeout=60_000)
        yield page
        assert mistakes == []


def _shoot(page: Page, name: str) -> None:
    if _SHOTS:
        page.screenshot(path=f"{_SHOTS}/{name}.png")


def _unlock(page: Page, button: str) -> None:
    page.locator(button).click()
    page.locator("#passphrase").fill(PASSPHRASE)
    page.locator("#unlock-form button[type=submit]").click()
    expect(page.locator("#unlock")).to_have_count(0, timeout=60_000)


@pytest.mark.row("A6")
def test_events_have_pictures_once_they_are_unlocked(agent: Agent, page: Page) -> None:
    pictures = page.locator("#event-list .thumbnail canvas:visible")
    assert pictures.count() == 0
    _shoot(page, "events-locked")
    _unlock(page, "#pictures-unlock")
    expect(pictures.nth(2)).to_be_visible(timeout=60_000)
    _shoot(page, "events")
    require_axe()
    assert troubles_in_light_and_dark(page) == {}
    views = [line for line in agent.register_lines() if line.act is Act.VIEW]
    # One line for what is asked for at once, not for each picture; and the page asks again as events come.
    assert 1 <= len(views) <= 6
    assert views[0].who == "owner"
    assert "pictures" in views[0].purpose


@pytest.mark.row("A6")
def test_an_event_is_looked_at_turned_from_and_played(page: Page) -> None:
    page.locator("#event-list a").nth(1).click()
    sheet = page.locator("#looked")
    expect(sheet).to_be_visible()
    when = sheet.locator("time").get_attribute("datetime")
    _shoot(page, "event")
    page.locator("#looked-earlier").click()
    expect(sheet.locator("time")).not_to_have_attribute("datetime", when or "")
    page.keyboard.press("ArrowRight")
    expect(sheet.locator("time")).to_have_attribute("datetime", when or "")
    expect(page.locator("#looked-play")).to_have_attribute("href", re.compile(r"#/footage\?at=\d+$"))
    page.locator("#looked-close").click()
    expect(sheet).to_have_count(0)


@pytest.mark.row("A6")
@pytest.mark.row("W3")
def test_an_event_plays_and_so_does_the_one_beside_it(agent: Agent, page: Page) -> None:
    page.locator("#event-list a").nth(1).click()
    when = page.locator("#looked time").get_attribute("datetime")
    assert when is not None
    began_s = datetime.fromisoformat(when).timestamp()
    # What opened the pictures opens footage.
    page.locator("#looked-play").click()
    _wait_picture(page)
    assert began_s - 5 < _shown_s(page) < began_s + 30
    _shoot(page, "event-plays")
    first = _shown_s(page)
    # The one before may begin but seconds earlier: what was ever shown counts.
    page.evaluate(
        """() => {
            window.shown = [];
            const mark = () => document.querySelector("#player-mark")?.textContent ?? "";
            setInterval(() => window.shown.push(Date.parse(mark().slice(0, 19).replace(" ", "T")) / 1000), 20);
        }"""
    )
    page.locator("#player-event_back").click()
    page.wait_for_function("before => window.shown.some((shown) => shown < before)", arg=first - 1, timeout=60_000)
    _wait_picture(page)
    # Along the strip, and played from there.
    page.locator("#timeline").press("End")
    page.locator("#timeline").press("ArrowLeft")
    page.locator("#timeline").press("Enter")
    _wait_picture(page, f"shown => shown > {first}")
    looks = [line for line in agent.register_lines() if line.act is Act.VIEW and "pictures" not in line.purpose]
    assert len(looks) >= 3
    page.goto(page.url.split("#")[0] + "#/events")


def _shown_s(page: Page) -> float:
    """The moment in the mark, in seconds since 1970."""
    return datetime.strptime(page.locator("#player-mark").inner_text()[:19], "%Y-%m-%d %H:%M:%S").timestamp()


def _wait_picture(page: Page, when: str = "shown => true") -> None:
    """Until a decoded picture of some moment, in seconds since 1970, for which ``when`` is true, is shown."""
    page.wait_for_function(
        f"""() => {{
            const video = document.querySelector("#video");
            const mark = document.querySelector("#player-mark")?.textContent ?? "";
            const shown = Date.parse(mark.slice(0, 19).replace(" ", "T")) / 1000;
            const seen = video?.readyState >= 2 && !video.classList.contains("hidden");
            return seen && !isNaN(shown) && ({when})(shown);
        }}""",
        timeout=60_000,
    )


@pytest.mark.row("A6")
def test_filters_leave_what_is_looked_for(page: Page) -> None:
    page.locator("#filter-kind").select_option("animal")
    expect(page.locator("#no-events")).to_be_visible()
    assert "kind=animal" in page.url
    page.locator("#filter-kind").select_option("person")
    expect(page.locator("#event-list a").first).to_be_visible()
    assert set(page.locator("#event-list .kind").all_text_contents()) == {"Person"}
    page.locator("#filter-clear").click()


@pytest.mark.row("A6")
def test_the_day_is_one_short_film_with_its_moments_beside_it(page: Page) -> None:
    page.goto(page.url.split("#")[0] + "#/digest")
    if page.locator("#digest-unlock").count():
        _unlock(page, "#digest-unlock")
    moments = page.locator("#digest-pieces button")
    expect(moments.first).to_be_visible(timeout=60_000)
    moments.first.click()
    shown = (
        "() => { const v = document.querySelector('#digest-video'); return v.readyState >= 2 && v.videoWidth > 0; }"
    )
    page.wait_for_function(shown, timeout=60_000)
    assert page.evaluate("document.querySelector('#digest-video').error === null")
    expect(page.locator("#digest-pieces .current")).to_have_count(1)
    expect(page.locator(".digest .mark")).to_contain_text("owner")
    _shoot(page, "digest")
    assert troubles_in_light_and_dark(page) == {}


@pytest.mark.row("M2")
def test_what_is_masked_is_masked_in_every_picture_and_film(agent: Agent) -> None:
    looked = 0
    for record, init in _records(agent):
        if isinstance(record, Thumbnail):
            grey = simplejpeg.decode_jpeg(record.jpeg, "GRAY")[:, :, 0]
            looked += _is_fill(grey, record.part, _FILL_JPEG)
        else:
            with av.open(io.BytesIO(init + record.fragment), "r") as film:
                for frame in film.decode(video=0):
                    luma = frame.to_ndarray(format="yuv420p")[: frame.height]
                    looked += _is_fill(luma, (0.0, 0.0, 1.0, 1.0), 32)
    assert looked > 8


def _is_fill(luma: Any, part: tuple[float, float, float, float], fill: int) -> int:
    """Whether any of the masked part is in the picture; fails where it is not fill."""
    height, width = luma.shape

    def place(share: float, begin: float, end: float, size: int) -> int:
        return round(min(max((share - begin) / (end - begin), 0.0), 1.0) * size)

    x0, x1 = place(_HIDDEN[0], part[0], part[2], width), place(_HIDDEN[2], part[0], part[2], width)
    y0, y1 = place(_HIDDEN[1], part[1], part[3], height), place(_HIDDEN[3], part[1], part[3], height)
    hidden = luma[y0:y1, x0:x1]
    if hidden.size == 0:
        return 0
    assert np.abs(hidden.astype(int) - fill).max() <= 8
    return 1


@pytest.mark.row("K1")
def test_nothing_of_a_picture_lies_in_the_state_folder_in_the_clear(agent: Agent) -> None:
    for path in agent.places.state_dir.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        for magic in (b"\xff\xd8\xff\xe0", b"JFIF", b"moof", b"avcC", b"edgecamA"):
            assert magic not in data, (path, magic)
