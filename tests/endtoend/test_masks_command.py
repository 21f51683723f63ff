"""Masks by the command line: drawn, proposed, confirmed and locked beside a running recorder, and proven."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from agentstand import CLOCK, Agent, NewCamera, owner, wait_until

from edgecam.capture.encoder import X264Encoder
from edgecam.core.clock import NS_PER_S, Instant
from edgecam.core.frames import Fragment, RawFrame, SourceFormat
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrameReader
from edgecam.custody.evidence.account import wall_time
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.keys.owner import Recipients
from edgecam.masking.burn import Burner
from edgecam.masking.fill import FILL_Y
from edgecam.masking.maskset import MaskSet, load_mask_set
from edgecam.masking.shrink import small_size_for
from edgecam.ringbuffer.format import GapCause
from edgecam.ringbuffer.medium import FileMedium
from edgecam.ringbuffer.retention import Retention
from edgecam.ringbuffer.writer import RingWriter

HOUSE = {"name": "next door", "reason": "neighbour", "polygon": [[0.6, 0.0], [1.0, 0.0], [1.0, 0.6], [0.6, 0.5]]}
ON = {"width": 768, "height": 576}
# Drawn over in a spoilt frame: inside of the example's mask, far from its edges.
_SPOT = slice(112, 128), slice(576, 592)
Spoil = Callable[[Picture, int], None]


def draw(agent: Agent, **fields: object) -> str:
    file = agent.folder / "drawing.json"
    file.write_text(json.dumps(fields))
    return agent.done("masks", "draw", str(file), "--by", "K. Sato")


def in_force(agent: Agent) -> MaskSet:
    return load_mask_set(agent.places.masks, agent.key.public)


def versions(agent: Agent) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(agent.done("masks", "list", "--json"))["versions"]
    return listed


def mask_lines(agent: Agent) -> list[RegisterLine]:
    return [line for line in agent.register_lines() if line.act is Act.MASK_CHANGE]


def wait_burnt(agent: Agent) -> MaskSet:
    """Until the recorder says that it burns what is in force, and has stored some of that."""
    masks = in_force(agent)
    wait_until(
        lambda: agent.recorder is not None and agent.recorder.mask_hash == masks.mask_hash.hex(), agent.said()
    )
    wait_until(lambda: agent.headers()[-1].mask_hash == masks.mask_hash, "segments carry the new hash")
    agent.wait_recording(2)
    return masks


def assert_the_small_frame_hides_the_house(agent: Agent) -> None:
    """What the observer and the live page get."""
    reader = SmallFrameReader(agent.places.small_frames)
    frame = reader.newest()
    assert frame is not None
    rows, columns = frame.picture.y.shape
    assert (frame.picture.y[: rows // 3, columns * 7 // 10 :] == FILL_Y).all()
    reader.close()


@pytest.mark.footage
@pytest.mark.row("M5")
@pytest.mark.row("M1")
def test_masks_change_beside_a_running_recorder_without_a_gap(new_camera: NewCamera, vtest: str) -> None:
    agent = new_camera(vtest, {"ring": {"size_gib": 0.25}})
    with agent.started():
        first = wait_burnt(agent)
        # Nobody has to know the picture's size: it is that of the running recorder.
        assert "768x576" in draw(agent, masks=[HOUSE])
        agent.done("masks", "add", "--name", "road", "--reason", "public_road", "--polygon", "0,.8 1,.8 1,1 0,1")
        agent.done("masks", "propose", "--by", "K. Sato")
        assert in_force(agent) == first
        agent.done("masks", "confirm", "--by", "M. Tanaka")
        second = wait_burnt(agent)
        assert_the_small_frame_hides_the_house(agent)
        agent.done("masks", "lock", "--by", "M. Tanaka")
        agent.done("masks", "add", "--name", "yard", "--own", "--polygon", "0,0 1,0 1,1 0,1", "--by", "M. Tanaka")
        agent.done("masks", "propose", "--by", "M. Tanaka")
        assert "two people" in agent.command("masks", "confirm", "--by", "m. tanaka").refusal
        agent.done("masks", "confirm", "--by", "Y. Abe")
        third = wait_burnt(agent)

    assert (second.version, third.version, third.locked is not None) == (2, 3, True)
    assert [mask.name for mask in second.drawing.masks] == ["next door", "road"]
    headers = agent.headers()
    assert list(dict.fromkeys(header.mask_hash for header in headers)) == [
        first.mask_hash,
        second.mask_hash,
        third.mask_hash,
    ]
    assert not any(header.private for header in headers)
    assert all(header.gap_cause is GapCause.NONE for header in headers[1:])
    for before, header in pairwise(headers):
        assert header.sequence == before.sequence + 1
        assert header.start_mono_ns - before.start_mono_ns - before.duration_ns < NS_PER_S // 10
    (clip,) = agent.export()
    proven = agent.done("masks", "verify", str(clip))
    assert "masked on every frame" in proven
    assert all(f"(version {number})" in proven for number in (1, 2, 3))
    assert [row["state"] for row in versions(agent)] == ["replaced", "replaced, locked", "in force, locked"]
    _assert_the_register_tells(agent, [first, second, third])


def _assert_the_register_tells(agent: Agent, masks: list[MaskSet]) -> None:
    lines = mask_lines(agent)
    acts = [line.detail["what"] for line in lines if line.completes is None]
    assert acts == ["draw", "draw", "propose", "confirm", "lock", "draw", "propose", "confirm"]
    assert {line.completes for line in lines if line.completes} == {
        line.sequence for line in lines if line.completes is None
    }
    last = [line for line in lines if line.completes is None][-1]
    assert (last.who, last.detail["as"], last.detail["version"]) == ("Y. Abe", "owner", "3")
    assert last.detail["hash_before"] == masks[1].mask_hash.hex()
    assert last.detail["hash_after"] == masks[2].mask_hash.hex()
    assert json.loads(last.detail["before"]) == masks[1].drawing.model_dump(mode="json")
    assert json.loads(last.detail["after"]) == masks[2].drawing.model_dump(mode="json")
    assert "unbroken and signed" in agent.done("check")


@pytest.mark.row("M6")
def test_a_file_in_force_that_breaks_while_it_records_makes_all_private_until_new_masks(
    new_camera: NewCamera,
) -> None:
    agent = new_camera()
    with agent.started():
        first = wait_burnt(agent)
        agent.places.masks.write_bytes(b"{}")
        assert "the whole picture is masked" in agent.wait_fault("masks")
        wait_until(lambda: agent.headers()[-1].private, "private segments")
        assert "masks cannot be used" in agent.done("masks", "list")
        draw(agent, masks=[HOUSE])
        agent.done("masks", "propose", "--by", "K. Sato")
        agent.done("masks", "confirm", "--by", "M. Tanaka")
        second = wait_burnt(agent)
        wait_until(lambda: "masks" not in agent.faults(), "the fault goes")
    assert (second.version, second.previous) == (2, first.mask_hash)
    (clip,) = agent.copy()
    proven = agent.done("masks", "verify", str(clip))
    assert "wholly masked" in proven
    assert "masked on every frame" in proven


@pytest.mark.row("M1")
def test_what_cannot_be_drawn_is_refused_in_a_sentence(new_camera: NewCamera) -> None:
    agent = new_camera()
    file = agent.folder / "drawing.json"
    for told, said in (
        ({"picture": ON, "masks": [HOUSE | {"reason": "why not"}]}, "masks.0.reason"),
        ({"picture": ON, "masks": [HOUSE | {"polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}]}, "crosses itself"),
        ({"picture": ON, "mask": []}, "mask: "),
        ({"masks": [HOUSE]}, "nobody knows on which picture"),
    ):
        file.write_text(json.dumps(told))
        assert said in agent.command("masks", "draw", str(file)).refusal
    assert "cannot be read" in agent.command("masks", "draw", "no.json").refusal
    assert "no polygon" in agent.command("masks", "add", "--name", "x", "--polygon", "0,0 1").refusal
    assert "masks that are confirmed cannot be proposed" in agent.command("masks", "propose").refusal
    assert "no version 7" in agent.command("masks", "show", "--version", "7").refusal
    assert not agent.places.register.exists()
    assert versions(agent)[0]["state"] == "in force"


@pytest.mark.row("M5")
def test_showing_masks_shows_geometry_and_no_picture(new_camera: NewCamera) -> None:
    agent = new_camera()
    own = {"name": "our garden", "polygon": [[0.0, 0.3], [0.5, 0.3], [0.5, 1.0], [0.0, 1.0]]}
    draw(agent, picture=ON, masks=[HOUSE], own=[own])
    told = agent.done("masks", "show", "--draft", "-o", str(agent.folder / "drawn.png"))
    assert "next door (neighbour): 0.6,0 1,0 1,0.6 0.6,0.5" in told
    assert "our garden (own property, shown)" in told
    with av.open(str(agent.folder / "drawn.png")) as png:
        frame = next(png.decode(video=0))
    picture = frame.to_ndarray(format="rgb24")
    assert picture.shape == (576, 768, 3)
    # Own property is blank ground; everything around it is hatched.
    assert (picture[300:500, 60:300] != 255).any(axis=2).mean() < 0.05
    assert (picture[20:120, 100:400] != 255).any(axis=2).mean() == pytest.approx(1 / 3, abs=0.02)
    assert json.loads(agent.done("masks", "show", "--draft", "--json"))["own"][0]["name"] == "our garden"
    agent.done("masks", "propose")
    agent.done("masks", "withdraw")
    assert "masks that are draft" in agent.command("masks", "withdraw").refusal


def recorded(agent: Agent, footage: str, spoil: Spoil) -> list[int]:
    """Put three seconds of ``footage`` into the camera's ring, burnt with what is in force and then spoilt.

    Gives when each frame was captured, in wall time.
    """
    fragments, masks = list[Fragment](), in_force(agent)
    pictures = _pictures(footage, 30)
    size = pictures[0].width, pictures[0].height
    burner = Burner(masks, size, small_size_for(*size))
    encoder = X264Encoder(SourceFormat(*size, 10.0), bit_rate_kbps=4000, on_fragment=fragments.append)
    now = CLOCK.now()
    for number, picture in enumerate(pictures):
        frame = burner.burn(RawFrame(picture, now.mono_ns + number * NS_PER_S // 10, number), want_small=False)
        spoil(frame.full, number)
        encoder.encode(frame)
    encoder.close()
    writer = RingWriter(
        FileMedium.open(agent.places.ring, writable=True),
        sign=agent.key.sign,
        camera_public=agent.key.public,
        seal=Recipients([owner()[0]]).seal,
        retention=Retention(14),
        now=now,
    )
    for fragment in fragments:
        after_ns = fragment.start_mono_ns - now.mono_ns
        at = Instant(now.wall_ns + after_ns, now.mono_ns + after_ns, now.boot_id, now.trust)
        writer.append(fragment, at, 0, GapCause.NONE)
    writer.close()
    return [now.wall_ns + number * NS_PER_S // 10 for number in range(len(pictures))]


def _pictures(footage: str, count: int) -> list[Picture]:
    found: list[Picture] = []
    with av.open(footage.removeprefix("file:")) as container:
        for frame in container.decode(video=0):
            picture = Picture(frame.width, frame.height)
            picture.buffer[:] = frame.to_ndarray(format="yuv420p").reshape(-1)
            found.append(picture)
            if len(found) == count:
                break
    return found


def _untouched(_picture: Picture, _number: int) -> None:
    return None


def _one_spot(picture: Picture, number: int) -> None:
    if number == 17:
        picture.y[_SPOT] = 200


@pytest.mark.footage
@pytest.mark.row("M2")
@pytest.mark.row("C7")
def test_a_signed_clip_in_which_one_frame_shows_something_fails_with_its_moment(
    new_camera: NewCamera, vtest: str
) -> None:
    agent = new_camera()
    times = recorded(agent, vtest, _one_spot)
    (clip,) = agent.copy()
    verdict = agent.command("masks", "verify", str(clip))
    assert verdict.code == 1
    assert "genuine" in verdict.out
    assert f"NOT masked: at {wall_time(times[17])[:21]}" in verdict.out


@pytest.mark.footage
@pytest.mark.row("C7")
def test_a_clip_that_was_drawn_over_afterwards_is_not_genuine(new_camera: NewCamera, vtest: str) -> None:
    agent = new_camera()
    recorded(agent, vtest, _untouched)
    (clip,) = agent.copy()
    assert "masked on every frame" in agent.done("masks", "verify", str(clip))
    data = bytearray(clip.read_bytes())
    data[len(data) // 2] ^= 1
    clip.write_bytes(data)
    verdict = agent.command("masks", "verify", str(clip))
    assert verdict.code == 1
    assert "changed" in verdict.out
    assert "masked on" not in verdict.out
    # The manifest does not vouch for what somebody encoded anew.
    _drawn_over(clip, agent.folder / "new.mp4")
    assert agent.command("masks", "verify", str(agent.folder / "new.mp4")).code == 1


def _drawn_over(clip: Path, to: Path) -> None:
    with av.open(str(clip)) as container, av.open(str(to), "w") as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 768, 576, "yuv420p"
        for frame in container.decode(video=0):
            samples = frame.to_ndarray(format="yuv420p").astype(np.uint8)
            samples[_SPOT] = 200
            out.mux(stream.encode(av.VideoFrame.from_ndarray(samples, format="yuv420p")))
        out.mux(stream.encode())


@pytest.mark.footage
@pytest.mark.row("M5")
def test_who_has_not_the_camera_proves_with_the_mask_set_in_a_file(new_camera: NewCamera, vtest: str) -> None:
    agent = new_camera()
    recorded(agent, vtest, _untouched)
    (clip,) = agent.copy()
    handed = agent.folder / "handed-over.json"
    shutil.copy(agent.places.masks, handed)
    stranger = new_camera()
    key = ("--camera", agent.key.public.hex())
    assert "not known here" in stranger.command("masks", "verify", str(clip), *key).refusal
    assert "masked on every frame" in stranger.done("masks", "verify", str(clip), *key, "--masks", str(handed))
    assert stranger.command("masks", "verify", str(clip), "--masks", str(handed)).code == 1
    handed.write_bytes(handed.read_bytes().replace(b"0.58", b"0.59"))
    assert "did not sign" in stranger.command("masks", "verify", str(clip), *key, "--masks", str(handed)).refusal


@pytest.mark.row("M5")
def test_setup_does_not_put_masks_in_force_where_there_were_others(new_camera: NewCamera) -> None:
    agent = new_camera()
    agent.done("masks", "lock", "--by", "M. Tanaka")
    agent.places.masks.unlink()
    assert "none in force" in agent.done("setup", "--nothing-to-hide")
    assert not agent.places.masks.exists()
