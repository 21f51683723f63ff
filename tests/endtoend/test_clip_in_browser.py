"""What was handed over plays where its receiver will open it first: in a browser, from a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from agentstand import SCENE, camera
from playwright.sync_api import sync_playwright

_CHROMIUM = Path("/usr/bin/chromium")
_SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_PLAYED = """async () => {
    const video = document.querySelector("video");
    video.muted = true;
    await video.play();
    while (video.currentTime < 1 && !video.error) await new Promise(requestAnimationFrame);
    return [video.error === null, video.videoWidth, video.videoHeight];
}"""


@pytest.mark.row("K4")
@pytest.mark.skipif(not _CHROMIUM.exists(), reason="Debian's package chromium is not installed")
def test_an_export_plays_in_a_browser(tmp_path: Path) -> None:
    with camera(tmp_path / "camera", SCENE) as agent:
        agent.start()
        agent.wait_recording(4)
        agent.stop()
        (clip,) = agent.export("clip.mp4")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_SWITCHES)
        page = browser.new_page()
        page.goto(clip.resolve().as_uri())
        played, width, height = page.evaluate(_PLAYED)
        browser.close()
    assert played
    assert width > 0
    assert height > 0
