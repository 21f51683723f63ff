"""What was handed over plays where its receiver will open it first: in a browser, from a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from agentstand import SCENE, camera
from debianbrowser import chromium

_PLAYED = """async () => {
    const video = document.querySelector("video");
    video.muted = true;
    await video.play();
    while (video.currentTime < 1 && !video.error) await new Promise(requestAnimationFrame);
    return [video.error === null, video.videoWidth, video.videoHeight];
}"""


@pytest.mark.row("K4")
def test_an_export_plays_in_a_browser(tmp_path: Path) -> None:
    with camera(tmp_path / "camera", SCENE) as agent:
        agent.start()
        agent.wait_recording(4)
        agent.stop()
        (clip,) = agent.export("clip.mp4")
    with chromium(shows_page=False) as browser:
        page = browser.new_page()
        page.goto(clip.resolve().as_uri())
        played, width, height = page.evaluate(_PLAYED)
    assert played
    assert width > 0
    assert height > 0
