from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgecam.capture.uri import FileUri, PicameraUri, RtspUri, SceneUri, V4l2Uri, parse_source
from edgecam.core.errors import BadInput


@pytest.mark.row("C1")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("picamera:0", PicameraUri(0)),
        ("v4l2:/dev/video0", V4l2Uri(Path("/dev/video0"))),
        ("rtsp://camera.lan:8554/live?channel=1", RtspUri("rtsp://camera.lan:8554/live?channel=1")),
        ("file:../clip.avi", FileUri(Path("../clip.avi"))),
        ("file:/a/b.mp4?loop=0&realtime=0", FileUri(Path("/a/b.mp4"), loop=False, realtime=False)),
        ("file:what?.mp4", FileUri(Path("what?.mp4"))),
        ("file:what?.mp4?loop=0", FileUri(Path("what?.mp4"), loop=False)),
        ("scene:street", SceneUri("street")),
        ("scene:rain?seed=3&fps=12.5&width=640&height=360", SceneUri("rain", 3, 12.5, 640, 360)),
    ],
)
def test_every_kind_of_source_is_understood(text: str, value: object) -> None:
    assert parse_source(text) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "picamera:0, v4l2:/dev/video0"),
        ("webcam:0", "picamera:0, v4l2:/dev/video0"),
        ("file:", "file:PATH"),
        ("picamera:front", "0 to 9"),
        ("picamera:0?loop=1", "it takes none"),
        ("file:a.mp4?loop=yes", "use 0 or 1"),
        ("file:a.mp4?repeat=1", "use loop, realtime"),
        ("scene:beach", "street, night, rain"),
        ("scene:street?fps=0", "1 to 60"),
        ("scene:street?fps=nan", "1 to 60"),
        ("scene:street?width=-5", "64 to 4096"),
        ("rtsp:///live", "rtsp://HOST"),
        ("rtsp://camera:notaport/", "rtsp://HOST"),
    ],
)
def test_a_refusal_says_what_is_allowed(text: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        parse_source(text)


def test_a_camera_s_password_is_never_shown() -> None:
    uri = parse_source("rtsp://owner:hunter2secret@camera.lan/live?token=alsosecret")
    assert str(uri) == "rtsp://camera.lan/live"
    with pytest.raises(BadInput) as refused:
        parse_source("rtsp://owner:hunter2secret@:x/live")
    assert "hunter2" not in str(refused.value)


@given(st.text(max_size=60) | st.from_regex(r"(file|scene|rtsp|picamera|v4l2):.{0,40}", fullmatch=True))
def test_any_text_is_a_source_or_bad_input(text: str) -> None:
    told = ""
    try:
        told = str(parse_source(text))
    except BadInput as refused:
        told = refused.do
    assert told
