"""What lies under a mask changes no byte that leaves the recorder: two scenes that differ there look the same.

Both are turned as a camera hangs, burnt, shrunk, shared, shown, sent and recorded. Bytes that are equal for both
cannot tell anything of what differs; that it does differ before the mask, and under the mask only, is checked as
well.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pytest
import simplejpeg  # type: ignore[import-untyped]
from fakes.masksets import mask_set_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgecam.capture.encoder import X264Encoder
from edgecam.capture.planes import ROTATIONS, copy_plane, delivered_size
from edgecam.core.clock import SystemClock
from edgecam.core.events import Event, EventKind
from edgecam.core.frames import Fragment, RawFrame, SourceFormat
from edgecam.core.picture import U8, Picture
from edgecam.core.recent import EventChanges, RecentEvents
from edgecam.core.smallframes import SmallFrameReader, SmallFrameWriter
from edgecam.masking.burn import Burner
from edgecam.masking.drawing import DrawnPicture, Mask
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y
from edgecam.masking.maskset import MaskSet
from edgecam.masking.proof import FillProof
from edgecam.masking.shrink import small_size_for
from edgecam.telemetry.address import Address
from edgecam.telemetry.snapshots import OwnHome, Snapshots
from edgecam.telemetry.topics import Identity, Topics
from edgecam.telemetry.voice import Voice
from edgecam.web.live import LivePicture

pytestmark = [pytest.mark.row("M2"), pytest.mark.row("C7"), pytest.mark.row("T6")]

Point = tuple[float, float]
Area = NDArray[np.bool_]
Size = tuple[int, int]
_FRAMES = 3
# The fill as JPEG has it: (FILL_Y - 16) * 255 / 219; its blocks of 8 pixels are our cells, so nothing smears in.
_SHOWN_FILL = 19

coordinates = st.floats(0, 1, allow_nan=False)
outlines = st.lists(
    st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=6).filter(
        lambda points: np.ptp([x for x, _ in points]) * np.ptp([y for _, y in points]) > 1e-3
    ),
    min_size=1,
    max_size=3,
)


@dataclass(frozen=True, slots=True)
class Outputs:
    """All that leaves the recorder of one run: bytes, and the recorded planes as a player decodes them."""

    full: list[bytes]
    shared: list[bytes]
    shown: list[bytes]
    sent: list[bytes]
    recorded: bytes
    decoded: list[tuple[U8, U8, U8]]


@given(
    outlines,
    st.tuples(st.integers(34, 140), st.integers(34, 140)),
    st.sampled_from(ROTATIONS),
    st.none() | st.tuples(st.integers(9, 61), st.integers(9, 61)),
)
@settings(max_examples=60)
def test_what_is_under_a_mask_changes_nothing_that_leaves_the_recorder(
    polygons: list[list[Point]], sensor: Size, rotation: int, brought: Size | None
) -> None:
    """``sensor`` is the size before rotation; ``brought`` that of the small picture, if the camera makes one."""
    size = delivered_size(*sensor, rotation)
    masks = mask_set_of(
        *(Mask(name=f"m{i}", reason="other", polygon=tuple(points)) for i, points in enumerate(polygons)),
        picture=DrawnPicture(width=size[0], height=size[1], rotation=rotation),
    )
    small_size = brought or small_size_for(*size, wanted_width=50)
    scenes = [_scene(polygons, sensor, rotation, brought, differently=choice) for choice in (False, True)]
    first, second = (_run(scene, masks, size, small_size, rotation) for scene in scenes)
    assert first.full == second.full
    assert first.shared == second.shared
    assert first.shown == second.shown
    assert first.sent == second.sent
    assert first.recorded == second.recorded
    _assert_hidden(first, masks, polygons, size, small_size)


def _scene(
    polygons: list[list[Point]], sensor: Size, rotation: int, brought: Size | None, *, differently: bool
) -> list[tuple[Picture, Picture | None]]:
    """Frames of noise, turned as the camera hangs, and the small ones it brings; ``differently`` under masks."""
    frames = []
    for number in range(_FRAMES):
        light, small = _noise(sensor, number), _noise(brought, number + 50) if brought else None
        turned = _turned(light, rotation)
        if differently:
            before = turned.buffer.copy()
            _change(light, _unturned(_inside(polygons, turned.width, turned.height), rotation, sensor))
            turned = _turned(light, rotation)
            changed = Picture(turned.width, turned.height, (turned.buffer != before).astype(np.uint8))
            inside = _inside(polygons, turned.width, turned.height)
            assert np.array_equal(changed.y > 0, inside)
            if small is not None:
                _change(small, _inside(polygons, small.width, small.height))
        frames.append((turned, small))
    return frames


def _run(
    scene: list[tuple[Picture, Picture | None]], masks: MaskSet, size: Size, small_size: Size, rotation: int
) -> Outputs:
    fragments: list[Fragment] = []
    full, shared, shown, sent = list[bytes](), list[bytes](), list[bytes](), list[bytes]()
    clock = SystemClock()
    burner = Burner(masks, size, small_size, rotation)
    encoder = X264Encoder(SourceFormat(*size, 10.0), bit_rate_kbps=20_000, on_fragment=fragments.append)
    with TemporaryDirectory(dir="/dev/shm") as folder:
        board = Path(folder) / "small.frames"
        writer = SmallFrameWriter(board, *small_size)
        observer, page, link = SmallFrameReader(board), SmallFrameReader(board), SmallFrameReader(board)
        live = LivePicture(page.newest, clock)
        recent = RecentEvents(Path(folder) / "events.jsonl")
        snapshots = _snapshots(Path(folder) / "events.jsonl", link, clock)
        for number, (picture, small) in enumerate(scene):
            raw = RawFrame(picture, number * 100_000_000, number, small=small)
            frame = burner.burn(raw, want_small=True)
            assert not frame.private
            assert frame.small is not None
            full.append(frame.full.buffer.tobytes())
            encoder.encode(frame)
            writer.publish(frame.small, clock.mono_ns(), 0, number, frame.private)
            seen = observer.newest()
            assert seen is not None
            shared.append(seen.picture.buffer.tobytes())
            shown.append(live.current().jpeg)
            recent.add(Event(f"e{number}", 0, EventKind.INTRUSION, 0, None, 2, 0.8, "Somebody is there."))
            sent += [message.payload for message in snapshots.say()]
        for end in (observer, page, link, writer):
            end.close()
    encoder.close()
    recorded = fragments[0].init + b"".join(fragment.data for fragment in fragments)
    return Outputs(full, shared, shown, sent, recorded, list(_decoded(recorded)))


def _snapshots(events: Path, link: SmallFrameReader, clock: SystemClock) -> Snapshots:
    """Who sends a picture of each alarm; unsealed, so that what leaves can be looked at."""
    identity = Identity("home", "edgecam_0badcafe", "0.1.0")
    home = OwnHome(Address("127.0.0.1", 1883, tls=False))
    voice, changes = Voice(identity, clock), EventChanges(events)
    return Snapshots(home, Topics.of(identity), voice, changes, link.newest, lambda: "", clock)


def _assert_hidden(
    outputs: Outputs, masks: MaskSet, polygons: list[list[Point]], size: Size, small_size: Size
) -> None:
    for held, (width, height) in ((outputs.full, size), (outputs.shared, small_size)):
        inside = _inside(polygons, width, height)
        for each in held:
            picture = Picture(width, height, np.frombuffer(each, np.uint8))
            assert (picture.y[inside] == FILL_Y).all()
            assert (picture.u[_chroma(inside)] == FILL_U).all()
            assert (picture.v[_chroma(inside)] == FILL_V).all()
    inside = _inside(polygons, *small_size)
    assert len(outputs.sent) == _FRAMES
    for jpeg in (*outputs.shown, *outputs.sent):
        grey = simplejpeg.decode_jpeg(jpeg, colorspace="GRAY")[: small_size[1], : small_size[0], 0]
        assert (np.abs(grey[inside].astype(int) - _SHOWN_FILL) <= 1).all()
    proof = FillProof(masks, *size)
    assert len(outputs.decoded) == _FRAMES
    assert all(proof.look(*planes).holds for planes in outputs.decoded)


def _noise(size: Size, seed: int) -> Picture:
    picture = Picture(*size)
    picture.buffer[:] = np.random.default_rng(seed).integers(60, 200, picture.buffer.size)
    return picture


def _turned(light: Picture, rotation: int) -> Picture:
    picture = Picture(*delivered_size(light.width, light.height, rotation))
    for source, target in ((light.y, picture.y), (light.u, picture.u), (light.v, picture.v)):
        copy_plane(source, target, rotation)
    return picture


def _unturned(inside: Area, rotation: int, sensor: Size) -> Area:
    """``inside`` of the delivered picture as it lies on the sensor."""
    lying = np.zeros(sensor[::-1], np.bool_)
    back = np.rot90(inside, rotation // 90)
    lying[: back.shape[0], : back.shape[1]] = back
    return lying


def _change(picture: Picture, area: Area) -> None:
    """Another value in every sample of which ``area`` holds a pixel."""
    picture.y[area] += 40
    picture.u[_chroma(area)] += 40
    picture.v[_chroma(area)] += 40


def _inside(polygons: list[list[Point]], width: int, height: int) -> Area:
    """Pixels of which a sample point (of 3x3) lies in a polygon, by counting crossings: bool (height, width)."""
    steps = np.array([0.02, 0.5, 0.98])
    xs = ((np.arange(width)[:, None] + steps) / width).ravel()[None, :]
    ys = ((np.arange(height)[:, None] + steps) / height).ravel()[:, None]
    found = np.zeros((ys.size, xs.size), np.bool_)
    for polygon in polygons:
        odd = np.zeros_like(found)
        for (xa, ya), (xb, yb) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
            if ya != yb:
                with np.errstate(over="ignore", invalid="ignore"):
                    odd ^= ((ya > ys) != (yb > ys)) & (xs < xa + (ys - ya) / (yb - ya) * (xb - xa))
        found |= odd
    return np.asarray(found.reshape(height, 3, width, 3).any(axis=(1, 3)))


def _chroma(area: Area) -> Area:
    """The chroma samples that serve any pixel of ``area``."""
    height, width = area.shape
    padded = np.pad(area, ((0, height % 2), (0, width % 2)))
    return np.asarray(padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2).any(axis=(1, 3)))


def _decoded(recorded: bytes) -> Iterator[tuple[U8, U8, U8]]:
    with av.open(io.BytesIO(recorded), "r") as container:
        for frame in container.decode(video=0):
            y, u, v = (
                np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
                for plane in frame.planes
            )
            yield y.copy(), u.copy(), v.copy()
