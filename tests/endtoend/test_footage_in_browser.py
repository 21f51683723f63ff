"""The past of a running agent, opened in the browser: scrubbed, played, stepped, and never told to anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from agentstand import CLOCK, PASSPHRASE, QUARTER_OF_AN_HOUR, Agent, accepts, camera, owner, wait_until
from axelook import require_axe, troubles_in_light_and_dark
from debianbrowser import chromium
from pagestand import OWNER, SECOND, Looking, give_accounts, looking
from playwright.sync_api import Browser, expect

from edgecam.core.term import Term
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.masking.privacy import Privacy

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """A camera that recorded, was private, recorded, was switched off, and records again."""
    folder = tmp_path_factory.mktemp("footage") / "camera"
    with camera(folder, sections={"retention": QUARTER_OF_AN_HOUR}) as agent:
        give_accounts(agent, OWNER, SECOND)
        with agent.started():
            agent.wait_recording(16)
            Privacy("owner", 1, Term(CLOCK.now(), None)).write(agent.places.privacy)
            wait_until(lambda: agent.headers()[-1].private, "a private time")
            agent.wait_recording(8)
            agent.places.privacy.unlink()
            wait_until(lambda: not agent.headers()[-1].private, "no private time")
            agent.wait_recording(8)
        with agent.started():
            wait_until(lambda: accepts(agent.page_port), "the page answers")
            agent.wait_recording(30)
            yield agent


@pytest.fixture
def person(browser: Browser, agent: Agent) -> Iterator[Looking]:
    """The owner, signed in, on the screen of the past."""
    with looking(browser, agent) as person:
        person.sign_in()
        person.open_footage()
        yield person


def views(agent: Agent) -> list[RegisterLine]:
    return [line for line in agent.register_lines() if line.act is Act.VIEW]


def play_from(person: Looking, ms: int) -> None:
    person.page.goto(f"{person.address}/#/footage?at={ms}")


def start_ms(agent: Agent) -> int:
    return agent.headers()[0].start_wall_ns // 1_000_000


@pytest.mark.row("W3")
@pytest.mark.row("W6")
def test_the_passphrase_opens_footage_in_the_browser_and_the_mark_names_who_looks(
    person: Looking, agent: Agent
) -> None:
    play_from(person, start_ms(agent) + 1000)
    person.unlock()
    person.wait_picture()
    mark = person.page.locator("#player-mark").inner_text()
    assert OWNER in mark
    assert len(mark.splitlines()) == 2
    before = person.shown_s()
    person.page.wait_for_function("from => document.querySelector('#video').currentTime > from + 1", arg=before)
    # Full screen takes the picture and its mark together.
    assert person.page.locator("#player-picture #player-mark").count() == 1
    expect(person.page.locator("#unlocked-notice")).to_contain_text("signed by this camera")


@pytest.mark.row("K1")
def test_neither_passphrase_nor_secret_leaves_the_browser(person: Looking, agent: Agent) -> None:
    play_from(person, start_ms(agent) + 1000)
    person.unlock()
    person.wait_picture()
    secret = owner()[2].secret()
    for method, address, body in person.requests:
        assert address.startswith((person.address, f"blob:{person.address}")), address
        for told in (PASSPHRASE, PASSPHRASE.replace(" ", "%20"), PASSPHRASE.replace(" ", "+"), secret):
            assert told not in address
            assert told not in body
        if method != "GET":
            assert address.rpartition("/api/")[2] in ("sign-in", "me/stay"), address
    assert not any("/api/unlock" in address for _, address, _ in person.requests)
    # The page itself cannot reach it either: it lives in a worker, and nothing of it is kept.
    kept = person.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert PASSPHRASE not in kept
    assert "AGE-SECRET" not in kept


@pytest.mark.row("G1")
@pytest.mark.row("W3")
def test_the_register_line_stands_before_the_first_byte(person: Looking, agent: Agent) -> None:
    known, seen = len(views(agent)), list[int]()
    person.page.on(
        "response",
        lambda answer: seen.append(len(views(agent))) if "/api/ring/segments" in answer.url else None,
    )
    play_from(person, start_ms(agent) + 1000)
    person.unlock()
    person.wait_picture()
    assert seen
    assert seen[0] > known
    line = views(agent)[-1]
    assert line.who == OWNER
    assert line.from_wall_ns is not None
    assert line.to_wall_ns is not None
    asked = next(address for _, address, _ in person.requests if "/api/ring/segments" in address)
    assert f"from_ms={views(agent)[known].from_wall_ns // 1_000_000}" in asked  # type: ignore[operator]


@pytest.mark.row("K2")
def test_ten_wrong_passphrases_open_nothing_and_are_told_so(person: Looking, agent: Agent) -> None:
    known = len(views(agent))
    person.page.clock.install()
    person.page.click("#unlock-open")
    sentences: list[str] = []
    for number in range(10):
        person.give(f"not the passphrase {number}")
        refusal = person.page.locator("#passphrase-wrong")
        expect(refusal).to_contain_text("does not open", timeout=60_000)
        sentences.append(refusal.inner_text())
        person.page.clock.fast_forward(301_000)
    assert "Try again in 2 s" in sentences[2]
    assert "5 min" in sentences[9]
    person.give("one more at once")
    expect(person.page.locator("#passphrase-wrong")).to_contain_text("does not open", timeout=60_000)
    person.give(PASSPHRASE)
    expect(person.page.locator("#passphrase-wrong")).to_contain_text("Too many wrong tries")
    assert len(views(agent)) == known
    assert not any("/api/ring/segments" in address for _, address, _ in person.requests)
    agent.wait_recording()


@pytest.mark.row("W3")
def test_a_frame_forward_and_back_by_keyboard_alone(person: Looking, agent: Agent) -> None:
    play_from(person, start_ms(agent) + 1000)
    person.unlock()
    person.wait_picture()
    person.page.keyboard.press("k")
    person.page.wait_for_function("() => document.querySelector('#video').paused")
    settled = "() => !document.querySelector('#video').seeking"
    person.page.keyboard.press(".")
    person.page.wait_for_function(settled)
    first = person.shown_s()
    steps = []
    for key in (".", ".", ",", ","):
        person.page.keyboard.press(key)
        person.page.wait_for_function(settled)
        steps.append(round(person.shown_s() - first, 1))
    assert steps == [0.1, 0.2, 0.1, 0.0]
    person.page.keyboard.press("l")
    person.page.wait_for_function("from => document.querySelector('#video').currentTime > from + 5", arg=first)


@pytest.mark.row("W3")
@pytest.mark.row("M2")
def test_private_times_and_gaps_are_shown_as_such_and_passed(person: Looking, agent: Agent) -> None:
    private = [header for header in agent.headers() if header.private]
    begun, ended = private[0].start_wall_ns / 1e9, private[-1].end_wall_ns / 1e9
    # Which moment stood in the mark whenever a picture was to be seen.
    person.page.evaluate(
        """() => {
            window.seen = [];
            setInterval(() => {
                const hidden = document.querySelector("#video")?.classList.contains("hidden");
                const mark = document.querySelector("#player-mark")?.textContent ?? "";
                if (!hidden && /^\\d{4}-/.test(mark)) window.seen.push(mark.slice(0, 19));
            }, 20);
        }"""
    )
    play_from(person, int(begun * 1000) - 2000)
    person.unlock()
    shown = person.page.locator("#player-break")
    expect(shown).to_contain_text("Private", timeout=30_000)
    expect(person.page.locator("#video.hidden")).to_have_count(1)
    # On it goes behind the private time, then over the time in which nothing ran.
    expect(shown).to_contain_text("Gap", timeout=30_000)
    expect(shown).to_contain_text("planned stop")
    person.page.wait_for_function(
        "() => !document.querySelector('#player-break') && document.querySelector('#video').readyState >= 2"
    )
    person.wait_picture()
    seen = person.page.evaluate("window.seen.map((told) => new Date(told.replace(' ', 'T')).getTime() / 1000)")
    assert any(second < begun for second in seen)
    assert any(second > ended for second in seen)
    assert not [second for second in seen if begun + 1 <= second < ended - 1]


@pytest.mark.row("W3")
def test_high_speed_shows_pictures_without_every_frame(person: Looking, agent: Agent) -> None:
    play_from(person, agent.headers()[-40].start_wall_ns // 1_000_000)
    person.unlock()
    person.wait_picture()
    for rate in ("16", "8", "0.25", "1"):
        person.page.select_option("#player-rate", rate)
        person.wait_picture()
        assert person.page.evaluate("document.querySelector('#video').playbackRate") == float(rate)
    assert any("every_s=2" in address for _, address, _ in person.requests)


@pytest.mark.row("W3")
def test_scrubbing_shows_pictures_and_a_click_plays(person: Looking, agent: Agent) -> None:
    play_from(person, start_ms(agent) + 1000)
    person.unlock()
    person.wait_picture()
    for _ in range(8):
        person.page.click("#zoom-in")
    strip: Any = person.page.locator("#timeline").bounding_box()
    middle = strip["y"] + strip["height"] / 2
    person.page.locator("#timeline").scroll_into_view_if_needed()
    strip = person.page.locator("#timeline").bounding_box()
    middle = strip["y"] + strip["height"] / 2
    bars: Any = person.page.locator("#strip .recorded").last.bounding_box()
    for part in (0.2, 0.5, 0.8):
        person.page.mouse.move(bars["x"] + bars["width"] * part, middle)
    person.page.wait_for_selector(".thumbnail")
    searches = [line for line in agent.register_lines() if line.act is Act.SEARCH]
    assert searches
    assert searches[-1].who == OWNER
    person.page.mouse.down()
    person.page.mouse.up()
    person.wait_picture()


@pytest.mark.row("W5")
def test_axe_finds_nothing_serious_on_what_plays(person: Looking, agent: Agent) -> None:
    require_axe()
    play_from(person, start_ms(agent) + 1000)
    assert troubles_in_light_and_dark(person.page) == {}, "the passphrase is asked for"
    person.unlock()
    person.wait_picture()
    person.page.keyboard.press("k")
    person.page.wait_for_function("() => document.querySelector('#video').paused")
    assert troubles_in_light_and_dark(person.page) == {}


@pytest.mark.row("W3")
def test_two_people_watch_at_once_and_the_register_names_both(browser: Browser, agent: Agent) -> None:
    with looking(browser, agent) as one, looking(browser, agent, "ja") as other:
        for person, name in ((one, OWNER), (other, SECOND)):
            person.sign_in(name)
            person.open_footage()
            play_from(person, start_ms(agent) + 1000)
            person.unlock()
        for person in (one, other):
            person.wait_picture()
        assert other.page.locator("html").get_attribute("lang") == "ja"
        assert {line.who for line in views(agent)} >= {OWNER, SECOND}


@pytest.mark.row("K2")
def test_a_session_that_is_revoked_ends_what_plays(browser: Browser, agent: Agent) -> None:
    with looking(browser, agent) as away, looking(browser, agent) as here:
        for person in (away, here):
            person.sign_in()
        away.open_footage()
        play_from(away, start_ms(agent) + 1000)
        away.unlock()
        away.wait_picture()
        ended = here.page.evaluate(
            """async () => {
                const mine = await (await fetch("/api/sign-ins")).json();
                for (const one of mine.filter((one) => !one.mine))
                    await fetch(`/api/sign-ins/${one.session_id}`, {
                        method: "DELETE", body: "{}", headers: { "Content-Type": "application/json" },
                    });
                return mine.length;
            }"""
        )
        assert ended >= 2
        away.page.wait_for_selector("#sign-in-form", timeout=30_000)
        assert away.page.locator("video").count() == 0


@pytest.mark.row("K1")
def test_locking_forgets_the_key_at_once(person: Looking, agent: Agent) -> None:
    play_from(person, start_ms(agent) + 1000)
    person.unlock()
    person.wait_picture()
    person.page.click("#player-lock")
    person.page.wait_for_selector("#unlock-open")
    assert person.page.evaluate("document.querySelector('#video').getAttribute('src')") is None
    assert person.page.evaluate("document.querySelector('#video').readyState") == 0


@pytest.mark.row("K1")
def test_the_camera_opens_footage_only_by_an_explicit_choice(person: Looking, agent: Agent) -> None:
    play_from(person, start_ms(agent) + 1000)
    person.page.click("#unlock summary")
    person.page.check("#unlock-on-camera")
    expect(person.page.locator("#unlock-where")).to_contain_text("will be sent to the camera")
    person.unlock()
    person.wait_picture()
    assert any(address.endswith("/api/unlock") for _, address, _ in person.requests)
    expect(person.page.locator("#unlocked-notice")).to_contain_text("The camera opens footage")
    assert Path(agent.places.register).exists()
