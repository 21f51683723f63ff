"""Whatever breaks in guarding the aim: a camera that was moved shows nothing, and what is masked stays masked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from aimstand import HEIGHT, LOOK_NS, NO_MASK, WIDTH, DrawnCamera
from fakes.masksets import CAMERA, mask_set_of
from fakes.unmasked import NoView
from test_burning_faults import break_on_purpose, functions_of

from edgecam.core.clock import Instant, TimeTrust
from edgecam.core.frames import MaskedFrame, RawFrame
from edgecam.core.picture import Picture
from edgecam.masking.aiming import Aiming
from edgecam.masking.aimreference import take_aim_reference
from edgecam.masking.aimstore import AimStore
from edgecam.masking.drawing import Mask
from edgecam.masking.fill import FILL_Y
from edgecam.masking.inforce import MasksInForce

pytestmark = [pytest.mark.row("M4"), pytest.mark.row("M6")]
_NAMES = (
    *("aimconfirmation", "aimfield", "aimguard", "aiming", "aimmatch", "aimreference", "aimsearch", "aimstore"),
    *("burn", "fill", "inforce", "realignment", "shrink"),
)
_MODULES = tuple(import_module(f"edgecam.masking.{name}") for name in _NAMES)
ALL = [(owner, name) for owner, name in functions_of(_MODULES) if name == "__init__" or not name.startswith("__")]
# Calls of a function before it breaks; the long form has more of them.
_AFTER = [0, 40, *(pytest.param(after, marks=pytest.mark.long) for after in (2, 15, 90))]
_HIDDEN = ((0.0, 0.0), (0.3, 0.0), (0.3, 0.4), (0.0, 0.4))
_MASKS = mask_set_of(Mask(name="next door", reason="neighbour", polygon=_HIDDEN))
_COVERED = _MASKS.drawing.covered(WIDTH, HEIGHT)
# Looks: long enough to be steady, then to be told a drift, to be moved, and to be judged.
_STEADY, _DRIFT, _MOVED, _JUDGED = 12, 12, 20, 10


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a camera whose aim was confirmed, by name."""
    folder = tmp_path_factory.mktemp("confirmed")
    store = AimStore(folder / "masks.json", CAMERA)
    now = Instant(1_800_000_000_000_000_000, 5, bytes(16), TimeTrust.SYNCED)
    confirmation = store.confirm("M. Tanaka", now, _MASKS.mask_hash)
    camera = DrawnCamera(covered=NO_MASK)
    store.keep(take_aim_reference((camera.look() for _ in range(20)), _COVERED, confirmation.digest))
    (folder / "masks.json").write_bytes(_MASKS.encode())
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class OneTurn(threading.Event):
    """Ends whoever waits for it after one turn."""

    def __init__(self) -> None:
        super().__init__()
        self.turns = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.turns += 1
        return self.turns > 1


def shown(folder: Path, kept: dict[str, bytes]) -> Iterator[tuple[int, MaskedFrame]]:
    for name, data in kept.items():
        (folder / name).write_bytes(data)
    camera = DrawnCamera(covered=NO_MASK)
    path = folder / "masks.json"
    masks = MasksInForce(path, CAMERA.public, 0, Aiming(AimStore(path, CAMERA)), NoView())
    burner = masks.burner((WIDTH, HEIGHT))
    for number in range(_STEADY + _DRIFT + _MOVED):
        camera.dx = 0.0 if number < _STEADY else 0.012 if number < _STEADY + _DRIFT else 0.1
        picture = Picture(WIDTH, HEIGHT)
        picture.buffer.fill(90)
        picture.y[:] = camera.look()
        yield number, burner.burn(RawFrame(picture, number * LOOK_NS, number), want_small=True)
        if number % 5 == 4:
            with contextlib.suppress(RuntimeError):
                masks.run(OneTurn())


def assert_safe(number: int, masked: MaskedFrame) -> None:
    assert masked.small is not None
    for picture in (masked.full, masked.small):
        hidden = picture.y[: int(0.4 * picture.height), : int(0.3 * picture.width)]
        assert np.all(hidden == FILL_Y)
        if number >= _STEADY + _DRIFT + _JUDGED:
            assert np.all(picture.y == FILL_Y)
            assert masked.private


@pytest.mark.parametrize("after", _AFTER)
@pytest.mark.parametrize(("owner", "name"), ALL, ids=lambda value: getattr(value, "__name__", str(value)))
def test_nothing_of_a_moved_camera_comes_out(
    owner: object,
    name: str,
    after: int,
    kept: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    break_on_purpose(owner, name, after, monkeypatch)
    with contextlib.suppress(RuntimeError):
        for number, masked in shown(tmp_path, kept):
            assert_safe(number, masked)


def test_without_anything_broken_the_confirmed_view_is_seen(kept: dict[str, bytes], tmp_path: Path) -> None:
    private = []
    for number, masked in shown(tmp_path, kept):
        assert_safe(number, masked)
        private.append(masked.private)
    assert not any(private[8:_STEADY])
    assert not private[_STEADY + _DRIFT - 1]  # the masks followed the drift
    assert len(ALL) > 70
