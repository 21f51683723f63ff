"""The unmasked view: only while a permit stands, only in RAM, and zeros afterwards; what is burnt stays burnt."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from fakes.masksets import mask_set_of
from hypothesis import given
from hypothesis import strategies as st

from edgecam.core.aim import AimReading
from edgecam.core.clock import NS_PER_S, Instant, TimeTrust
from edgecam.core.frames import RawFrame
from edgecam.core.picture import Picture
from edgecam.core.smallframes import SmallFrames, SmallFrameWriter
from edgecam.masking import unmasked
from edgecam.masking.burn import Burner
from edgecam.masking.drawing import Mask
from edgecam.masking.fill import FILL_Y
from edgecam.masking.inforce import FollowingBurner
from edgecam.masking.permit import LONGEST_S, Permit, Why
from edgecam.masking.shrink import small_size_for
from edgecam.masking.unmasked import UnmaskedView

pytestmark = pytest.mark.row("M7")

BOOT = bytes(range(16))
SIZE = 1280, 720
LIGHT = 201
SECRET = bytes([LIGHT]) * 64


class RunningClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.boot = BOOT

    def now(self) -> Instant:
        return Instant(self.mono_ns() + 10**18, self.mono_ns(), self.boot, TimeTrust.SYNCED)

    def mono_ns(self) -> int:
        return int(self.seconds * NS_PER_S)

    def sleep(self, duration_s: float) -> None:
        self.seconds += duration_s


class Stand:
    """A recorder's view in a folder in RAM; `look` is the masks' thread, `frame` the source's."""

    def __init__(self, folder: Path) -> None:
        self.permit, self.frames = folder / "unmasked.permit", folder / "unmasked.frames"
        self.clock = RunningClock()
        self.view = UnmaskedView(self.permit, self.frames, self.clock)
        self.seen = SmallFrames(self.frames)

    def allow(self, for_s: float = 60, number: int = 1, **changed: object) -> Permit:
        now_ns = self.clock.mono_ns()
        permit = Permit(
            f"{number:032x}", 1, "owner", "installer", Why.MASKS, BOOT.hex(), now_ns, now_ns + int(for_s * NS_PER_S)
        )
        permit = replace(permit, **changed)  # type: ignore[arg-type]
        self.permit.write_bytes(permit.encode())
        return permit

    def frame(self, size: tuple[int, int] = SIZE) -> RawFrame:
        picture = Picture(*size)
        picture.buffer.fill(LIGHT)
        raw = RawFrame(picture, self.clock.mono_ns(), 5)
        self.view.show(raw)
        return raw

    def shows(self) -> bool:
        """Whether a look now brings the unmasked picture."""
        self.clock.sleep(0.2)
        self.frame()
        shown = self.seen.newest()
        if shown is None:
            return False
        assert shown.captured_mono_ns == self.clock.mono_ns()
        return bool(np.all(shown.picture.buffer == LIGHT))

    def left(self) -> list[str]:
        return sorted(path.name for path in self.frames.parent.iterdir() if path != self.permit)


@pytest.fixture
def stand() -> Iterator[Stand]:
    with TemporaryDirectory(dir="/dev/shm") as folder:
        yield Stand(Path(folder))


def test_without_a_permit_nothing_is_made(stand: Stand) -> None:
    stand.view.look_for_permit()
    assert not stand.shows()
    assert stand.left() == []


def test_with_a_permit_it_is_shown_to_this_user_alone(stand: Stand) -> None:
    stand.allow()
    assert not stand.shows(), "not before the permit was seen"
    stand.view.look_for_permit()
    assert stand.shows()
    assert stand.frames.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("end", ["gone", "broken", "another boot", "expired", "closed", "unreadable"])
def test_when_it_ends_every_shared_pixel_is_zero_and_the_name_is_gone(stand: Stand, end: str) -> None:
    permit = stand.allow(for_s=60)
    stand.view.look_for_permit()
    assert stand.shows()
    with open(stand.frames, "rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    assert SECRET in mapped[:]
    if end == "gone":
        stand.permit.unlink()
    elif end == "broken":
        stand.permit.write_bytes(permit.encode()[:-1])
    elif end == "unreadable":
        stand.permit.unlink()
        stand.permit.mkdir()
    elif end == "another boot":
        stand.clock.boot = bytes(16)
    elif end == "expired":
        stand.clock.sleep(60)
    if end == "closed":
        stand.view.close()
    else:
        stand.view.look_for_permit()
    assert not any(mapped[:])
    assert stand.left() == []
    assert not stand.shows()
    mapped.close()


def test_the_source_thread_ends_it_by_itself(stand: Stand) -> None:
    """Also when nobody follows the permit any more: its time, or five seconds without a look, and it is over."""
    stand.allow(for_s=3)
    stand.view.look_for_permit()
    assert stand.shows()
    stand.clock.sleep(3)
    assert not stand.shows()
    assert stand.left() == []
    stand.allow(for_s=60, number=2)
    stand.view.look_for_permit()
    assert stand.shows()
    stand.clock.sleep(5)
    assert not stand.shows()
    stand.view.look_for_permit()
    assert not stand.shows(), "one that was refused is refused for good"


def test_fifteen_minutes_are_all_whatever_is_written(stand: Stand) -> None:
    first_ns = stand.clock.mono_ns()
    while stand.clock.mono_ns() < first_ns + (LONGEST_S - 2) * NS_PER_S:
        stand.allow(for_s=LONGEST_S)  # the same permit, for a quarter of an hour from now, again and again
        stand.view.look_for_permit()
        assert stand.shows()
        stand.clock.sleep(0.8)
    for _ in range(5):
        stand.allow(for_s=LONGEST_S)
        stand.clock.sleep(1)
        stand.view.look_for_permit()
        stand.frame()
    assert not stand.shows()
    assert stand.left() == []
    stand.allow(number=2)
    stand.view.look_for_permit()
    assert stand.shows(), "another permit is another register line"


def test_a_permit_from_the_future_is_none_yet(stand: Stand) -> None:
    later_ns = stand.clock.mono_ns() + 10 * NS_PER_S
    stand.allow(opened_mono_ns=later_ns, until_mono_ns=later_ns + NS_PER_S)
    stand.view.look_for_permit()
    assert not stand.shows()


def test_another_permit_begins_anew(stand: Stand) -> None:
    stand.allow(number=1)
    stand.view.look_for_permit()
    assert stand.shows()
    stand.allow(number=2)
    stand.view.look_for_permit()
    assert stand.shows()
    stand.permit.unlink()
    stand.view.look_for_permit()
    assert stand.left() == []


def test_a_recorder_that_was_killed_leaves_nothing_to_the_next(stand: Stand) -> None:
    stand.allow()
    stand.view.look_for_permit()
    assert stand.shows()
    (stand.frames.parent / ".unmasked.frames.new").write_bytes(SECRET)
    with open(stand.frames, "rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
    UnmaskedView(stand.permit, stand.frames, stand.clock)
    assert not any(mapped[:])
    assert stand.left() == []
    mapped.close()


def test_pixels_go_though_the_name_was_taken_away(stand: Stand) -> None:
    stand.allow()
    stand.view.look_for_permit()
    assert stand.shows()
    kept = os.open(stand.frames, os.O_RDONLY)
    stand.frames.unlink()
    stand.permit.unlink()
    stand.view.look_for_permit()
    assert not any(os.pread(kept, 1 << 22, 0))
    os.close(kept)


@pytest.mark.parametrize("trouble", ["not in RAM", "another size", "in the way"])
def test_any_trouble_means_no_view_and_a_frame_like_any_other(
    stand: Stand, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    view = stand.view
    if trouble == "not in RAM":
        stand.frames = Path("/proc/unmasked.frames")
        stand.view = view = UnmaskedView(stand.permit, stand.frames, stand.clock)
    elif trouble == "in the way":
        stand.frames.mkdir()
    stand.allow()
    view.look_for_permit()
    if trouble == "another size":
        assert stand.shows()
        stand.frame((320, 240))
    else:
        stand.frame()
    assert "is closed" in caplog.text
    view.look_for_permit()
    stand.frame()
    assert not stand.frames.is_file()
    assert caplog.text.count("the unmasked view broke") == 1, "it is not tried again under this permit"


@pytest.mark.row("M6")
@pytest.mark.parametrize(
    ("broken", "name"),
    [
        (unmasked, "shrink"),
        (unmasked, "small_size_for"),
        (SmallFrameWriter, "__init__"),
        (SmallFrameWriter, "publish"),
        (RunningClock, "now"),
        (AimReading, "encode"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
@pytest.mark.parametrize("after", [0, 1])
def test_whatever_breaks_while_showing_ends_the_view_and_nothing_else(
    stand: Stand, broken: object, name: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.allow()
    stand.view.look_for_permit()
    for _ in range(after):
        assert stand.shows()

    def breaks(*_args: object, **_more: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(broken, name, breaks)
    raw = stand.frame()
    monkeypatch.undo()
    if not (name == "__init__" and after):
        assert stand.left() == []
        stand.view.look_for_permit()
        assert not stand.shows()
    assert np.all(raw.picture.buffer == LIGHT), "the frame goes on to be burnt"


@pytest.mark.row("M2")
def test_while_a_permit_stands_frames_are_burnt_as_before(stand: Stand) -> None:
    masks = mask_set_of(Mask(name="left", reason="neighbour", polygon=((0, 0), (0.5, 0), (0.5, 1), (0, 1))))
    stand.allow()
    stand.view.look_for_permit()
    burnt = []
    elsewhere = stand.permit.parent / "nothing"
    for unmasked_view in (stand.view, UnmaskedView(elsewhere, elsewhere, stand.clock)):
        burner = FollowingBurner(Burner(masks, SIZE, small_size_for(*SIZE)), unmasked_view)
        picture = Picture(*SIZE)
        picture.buffer.fill(LIGHT)
        burnt.append(burner.burn(RawFrame(picture, stand.clock.mono_ns(), 5), want_small=True))
        if unmasked_view is stand.view:
            shown = stand.seen.newest()
            assert shown is not None
            assert np.all(shown.picture.buffer == LIGHT)
    watched, unwatched = burnt
    assert watched.small is not None
    assert unwatched.small is not None
    assert np.array_equal(watched.full.buffer, unwatched.full.buffer)
    assert np.array_equal(watched.small.buffer, unwatched.small.buffer)
    assert np.all(watched.full.y[:, : SIZE[0] // 2] == FILL_Y)
    assert (watched.mask_hash, watched.private) == (masks.mask_hash, False)


@given(st.lists(st.sampled_from(["look", "frame", "allow", "forbid", "second", "minutes", "boot"]), max_size=30))
def test_whatever_happens_it_is_shown_only_while_the_permit_stands(steps: list[str]) -> None:
    with TemporaryDirectory(dir="/dev/shm") as folder:
        stand = Stand(Path(folder))
        permit: Permit | None = None
        for number, step in enumerate(steps):
            if step == "look":
                stand.view.look_for_permit()
                standing = permit is not None and permit.stands(stand.clock.now())
                assert standing or stand.left() == []
            elif step == "frame":
                stand.frame()
                expired = permit is not None and stand.clock.mono_ns() >= permit.until_mono_ns
                assert not (expired and stand.left())
            elif step == "allow":
                permit = stand.allow(number=number)
            elif step == "forbid":
                stand.permit.unlink(missing_ok=True)
                permit = None
            elif step == "boot":
                stand.clock.boot = bytes(16)
            else:
                stand.clock.sleep(1 if step == "second" else 400)
        stand.view.close()
        assert stand.left() == []
