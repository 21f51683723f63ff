"""Whatever breaks in masking, in whichever function and at whichever call: never one unmasked frame comes out."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType

import numpy as np
import pytest
from fakes.masksets import mask_set_of

from edgecam.core.frames import MaskedFrame, RawFrame
from edgecam.core.picture import Picture
from edgecam.masking import burn, drawing, fill, geometry, lifecycle, maskset
from edgecam.masking.burn import Burner
from edgecam.masking.drawing import Mask, OwnArea
from edgecam.masking.fill import FILL_U, FILL_V, FILL_Y

pytestmark = [pytest.mark.row("M6"), pytest.mark.row("M2")]

_MODULES = (burn, drawing, fill, geometry, lifecycle, maskset)
_SIZE, _SMALL = (320, 192), (160, 96)
_MASKED = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
_OWN = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.9), (0.0, 0.9))


def functions_of(modules: tuple[ModuleType, ...]) -> Iterator[tuple[object, str]]:
    """Every function and method that ``modules`` define, as (owner, name)."""
    for module in modules:
        for name, member in vars(module).items():
            if isinstance(member, FunctionType) and member.__module__ == module.__name__:
                yield module, name
            if inspect.isclass(member) and member.__module__ == module.__name__:
                for method, value in vars(member).items():
                    if isinstance(value, (FunctionType, property, classmethod)):
                        yield member, method


ALL = [(owner, name) for owner, name in functions_of(_MODULES) if name not in ("__setattr__", "__delattr__")]


def _id(value: object) -> str:
    return value.__name__ if isinstance(value, (type, ModuleType)) else str(value)


def breaking(real: Callable[..., object], after: int) -> Callable[..., object]:
    """``real`` for ``after`` calls, then an exception that nobody foresaw."""
    left = [after]

    def broken(*args: object, **kwargs: object) -> object:
        if left[0] <= 0:
            raise RuntimeError("broken on purpose")
        left[0] -= 1
        return real(*args, **kwargs)

    return broken


def break_on_purpose(owner: object, name: str, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From its call number ``after`` on, ``owner``'s ``name`` raises, under whichever name a module knows it."""
    member = inspect.getattr_static(owner, name)
    if isinstance(member, property):
        assert member.fget is not None
        monkeypatch.setattr(owner, name, property(breaking(member.fget, after)))
    elif isinstance(member, classmethod):
        monkeypatch.setattr(owner, name, classmethod(breaking(member.__func__, after)))
    else:
        broken = breaking(member, after)
        monkeypatch.setattr(owner, name, broken)
        importers = [module for known, module in sys.modules.items() if known.startswith("edgecam.masking.")]
        for module in importers if isinstance(owner, ModuleType) else ():
            if vars(module).get(name) is member:
                monkeypatch.setattr(module, name, broken)


def noise(width: int, height: int, seed: int) -> Picture:
    picture = Picture(width, height)
    picture.buffer[:] = np.random.default_rng(seed).integers(150, 250, picture.buffer.size)
    return picture


def assert_masked(picture: Picture) -> None:
    """Under the mask and beyond the own property nothing is left of the light."""
    width, height = picture.width, picture.height
    hidden = np.zeros((height, width), np.bool_)
    hidden[: height // 2, : width // 2] = True
    hidden[int(np.ceil(height * 0.9)) :] = True
    assert np.all(picture.y[hidden] == FILL_Y)
    rows, columns = np.nonzero(hidden)
    assert np.all(picture.u[rows // 2, columns // 2] == FILL_U)
    assert np.all(picture.v[rows // 2, columns // 2] == FILL_V)


def shown(frames: int) -> Iterator[MaskedFrame]:
    mask = Mask(name="m", reason="neighbour", polygon=_MASKED)
    masks = mask_set_of(mask, own=(OwnArea(name="o", polygon=_OWN),), margin=0.01)
    burner = Burner(masks, _SIZE, _SMALL)
    for number in range(frames):
        small = noise(*_SMALL, seed=number + 50) if number % 2 else None
        yield burner.burn(RawFrame(noise(*_SIZE, seed=number), number, number, small=small), want_small=True)


@pytest.mark.parametrize("after", [0, 1, 2, 5])
@pytest.mark.parametrize(("owner", "name"), ALL, ids=_id)
def test_no_frame_comes_out_unmasked(owner: object, name: str, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    break_on_purpose(owner, name, after, monkeypatch)
    with contextlib.suppress(RuntimeError):
        for masked in shown(6):
            for picture in (masked.full, masked.small):
                assert picture is not None
                assert_masked(picture)


def test_without_anything_broken_frames_are_masked_and_not_private() -> None:
    for masked in shown(4):
        assert not masked.private
        assert_masked(masked.full)
        assert np.any(masked.full.y != FILL_Y)


def test_the_list_is_of_all_of_masking() -> None:
    names = {f"{_id(owner)}.{name}" for owner, name in ALL}
    assert {"Burner.burn", "edgecam.masking.fill.fill_wholly", "Drawing.covered"} <= names
    assert "edgecam.masking.geometry.covered_cells" in names
    assert len(ALL) > 40
