"""No light from under a mask is recorded, shown or analysed: in luma and in chroma, whatever the size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from agentstand import Agent, Sections, accepts, camera, wait_until
from fakes.masksets import mask_set_of
from numpy.typing import NDArray
from signinstand import make_owner, signed_in
from subscriber import subscriber
from videos import CHROMA, FPS, LUMA, noise_video

from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrameReader
from edgecam.masking.drawing import Mask
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y

_MASKS = (
    Mask(name="slanted", reason="neighbour", polygon=((0.1, 0.2), (0.55, 0.05), (0.7, 0.6), (0.25, 0.9))),
    Mask(name="a corner", reason="public_road", polygon=((0.8, 0.0), (1.0, 0.0), (1.0, 0.3))),
)
# A codec smears: its blocks are 16 pixels, and what it makes of a fill beside noise is not quite the fill.
_CODEC_REACH = 16
_CODEC_ERROR = 4
# Where a burnt cell ends at most beyond the polygon.
_CELL = 8
# Half of what lies between the fill and the nearest sample of any noise.
_HALFWAY_Y = (LUMA[0] - FILL_Y) // 2
_HALFWAY_UV = (FILL_U - CHROMA[0][1]) // 2

Area = NDArray[np.bool_]
Samples = NDArray[np.int16]


def touched(polygon: tuple[tuple[float, float], ...], width: int, height: int) -> Area:
    """Every pixel of which some sampled point lies in ``polygon``, by counting crossings: bool (height, width)."""
    found = np.zeros((height, width), np.bool_)
    for across in (0.02, 0.5, 0.98):
        for down in (0.02, 0.5, 0.98):
            x, y = (np.arange(width) + across) / width, ((np.arange(height) + down) / height)[:, None]
            inside = np.zeros((height, width), np.bool_)
            for (xa, ya), (xb, yb) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
                if ya != yb:
                    inside ^= ((ya <= y) != (yb <= y)) & (x < xa + (y - ya) * (xb - xa) / (yb - ya))
            found |= inside
    return found


def _masked_area(width: int, height: int) -> Area:
    area = np.zeros((height, width), np.bool_)
    for mask in _MASKS:
        area |= touched(mask.polygon, width, height)
    return area


def _chroma(area: Area) -> Area:
    """The chroma samples that serve any pixel of ``area``; sizes are even."""
    return area[0::2, 0::2] | area[1::2, 0::2] | area[0::2, 1::2] | area[1::2, 1::2]


def _shrunk(area: Area, pixels: int) -> Area:
    return cv2.erode(area.astype(np.uint8), np.ones((2 * pixels + 1,) * 2, np.uint8), borderValue=1) > 0


def _grown(area: Area, pixels: int) -> Area:
    return cv2.dilate(area.astype(np.uint8), np.ones((2 * pixels + 1,) * 2, np.uint8)) > 0


def _planes(frame: av.VideoFrame) -> tuple[Samples, Samples, Samples]:
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    )
    return y.astype(np.int16), u.astype(np.int16), v.astype(np.int16)


def _recorded(agent: Agent) -> Iterator[tuple[Samples, Samples, Samples]]:
    for path in agent.copy():
        with av.open(str(path)) as container:
            yield from map(_planes, container.decode(video=0))


def _shown_to_the_observer(agent: Agent, count: int) -> list[Picture]:
    """Different small frames, as the observer and the page get them."""
    reader = SmallFrameReader(agent.places.small_frames)
    seen: list[Picture] = []

    def look() -> bool:
        if (frame := reader.newest()) is not None:
            picture = frame.picture
            seen.append(Picture(picture.width, picture.height, picture.buffer.copy()))
        return len(seen) >= count

    wait_until(look, "small frames come")
    reader.close()
    return seen


@pytest.mark.row("M2")
@pytest.mark.row("C7")
@pytest.mark.parametrize(("width", "height"), [(640, 480), (322, 242), (321, 241), (968, 546)])
def test_no_pixel_under_a_mask_is_recorded_or_shown(tmp_path: Path, width: int, height: int) -> None:
    video = noise_video(tmp_path / "noise.mkv", width, height)
    sections: Sections = {"encoder": {"bit_rate_kbps": 50_000}, "ring": {"size_gib": 0.25}}
    with camera(tmp_path / "camera", f"file:{video}", sections) as agent:
        agent.places.masks.write_bytes(mask_set_of(*_MASKS, key=agent.key).encode())
        with agent.started():
            smalls = _shown_to_the_observer(agent, 8)
            agent.wait_recording(4)
        _assert_small_frames_hide(smalls, exact_chroma=width <= 640)
        assert sum(_assert_hides(frame, (width & ~1, height & ~1)) for frame in _recorded(agent)) > 2 * FPS


def _assert_small_frames_hide(smalls: list[Picture], *, exact_chroma: bool) -> None:
    width, height = smalls[0].width, smalls[0].height
    hidden = _masked_area(width, height)
    free = ~_grown(hidden, _CELL + 1)
    assert hidden.any()
    assert free.any()
    for small in smalls:
        assert (small.y[hidden] == FILL_Y).all()
        assert (small.u[_chroma(hidden)] == FILL_U).all()
        assert (small.v[_chroma(hidden)] == FILL_V).all()
        assert (small.y[free] != FILL_Y).all()
        # A smaller picture is a mean of noise, which may be grey by chance.
        if exact_chroma:
            assert (small.u[free[::2, ::2]] != FILL_U).all()


def _assert_hides(frame: tuple[Samples, Samples, Samples], size: tuple[int, int]) -> bool:
    y, u, v = frame
    assert y.shape == size[::-1]
    hidden = _masked_area(*size)
    deep = _shrunk(hidden, _CODEC_REACH)
    assert deep.any()
    assert np.abs(y[deep] - FILL_Y).max() <= _CODEC_ERROR
    assert np.abs(y[hidden] - FILL_Y).max() <= _HALFWAY_Y
    for plane, fill in ((u, FILL_U), (v, FILL_V)):
        assert np.abs(plane[deep[::2, ::2]] - fill).max() <= _CODEC_ERROR
        assert np.abs(plane[_chroma(hidden)] - fill).max() <= _HALFWAY_UV
    assert y[~_grown(hidden, _CELL + _CODEC_REACH)].mean() > LUMA[0]
    return True


@pytest.mark.row("M6")
@pytest.mark.parametrize("trouble", ["missing", "broken", "another camera's"])
def test_masks_in_doubt_make_everything_private_and_recording_goes_on(tmp_path: Path, trouble: str) -> None:
    video = noise_video(tmp_path / "noise.mkv", 320, 240)
    with camera(tmp_path / "camera", f"file:{video}") as agent:
        if trouble == "missing":
            agent.places.masks.unlink()
        elif trouble == "broken":
            agent.places.masks.write_bytes(agent.places.masks.read_bytes()[:-20])
        else:
            agent.places.masks.write_bytes(mask_set_of(*_MASKS).encode())
        with agent.started():
            assert "the whole picture is masked" in agent.wait_fault("masks")
            assert agent.recorder is not None
            assert agent.recorder.private
            for small in _shown_to_the_observer(agent, 3):
                assert (small.y == FILL_Y).all()
                assert (small.u == FILL_U).all()
                assert (small.v == FILL_V).all()
            _assert_page_shows_nothing(agent)
            _assert_health_says_so(agent)
        assert all(stretch["private"] for stretch in agent.recordings())
        frames = list(_recorded(agent))
        assert len(frames) > FPS
        for y, u, v in frames:
            assert np.abs(y - FILL_Y).max() <= 1
            assert np.abs(u - FILL_U).max() <= 1
            assert np.abs(v - FILL_V).max() <= 1


def _assert_page_shows_nothing(agent: Agent) -> None:
    wait_until(lambda: accepts(agent.page_port), f"the page answers: {agent.said()}")
    make_owner(agent)
    with signed_in(agent) as client:
        answer = client.get("/api/live.jpg")
    assert answer.status_code == 200
    assert answer.headers["X-Private"] == "1"
    picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (240, 320, 3)
    assert int(picture.max()) - int(picture.min()) <= 1


def _assert_health_says_so(agent: Agent) -> None:
    with subscriber(agent.mqtt_port) as heard:
        wait_until(
            lambda: any("masks" in [f["code"] for f in h.body["faults"]] for h in heard.of("health")),
            f"health names the fault: {heard.heard}",
        )
        assert heard.of("health")[-1].body["private"]
