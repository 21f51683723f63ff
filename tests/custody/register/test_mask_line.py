"""A change of masks stands in the register with its outlines before and after, whatever their size."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes.masksets import CAMERA, mask_set_of

from edgecam.core.errors import BadInput
from edgecam.custody.register.mask_line import ELSEWHERE, MaskChange, register_mask_change
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import MAX_LINE_SIZE_BYTES, Act
from edgecam.masking.drawing import MAX_POINTS, MAX_POLYGONS, Drawing, Mask, decode_drawing
from edgecam.masking.lifecycle import MaskAct, Role

pytestmark = pytest.mark.row("M5")

HOUSE = Mask(name='隣の"家"', reason="neighbour", polygon=((0.7, 0.0), (1.0, 0.0), (1.0, 0.4)))
ROAD = Mask(name="road", reason="public_road", polygon=((0.0, 0.8), (1.0, 0.8), (1.0, 1.0)))
BEFORE, AFTER = mask_set_of(HOUSE), mask_set_of(HOUSE, ROAD)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "register.jsonl", CAMERA.sign, CAMERA.public)


def large(letter: str, points: int = MAX_POINTS) -> Drawing:
    """As many points and as long names as a drawing may have, every coordinate with all its digits."""
    each = points // MAX_POLYGONS
    masks = []
    for number in range(MAX_POLYGONS):
        top = number / MAX_POLYGONS + 0.001234567890123
        upper = [(index / each * 0.98 + 0.012345678901234, top) for index in range(each - 1)]
        masks.append(
            Mask(name=letter * 80, reason="public_road", polygon=(*upper, (0.5123456789012345, top + 0.01)))
        )
    return Drawing(masks=tuple(masks))


def test_the_line_tells_who_as_whom_what_and_the_outlines(register: Register) -> None:
    change = MaskChange(MaskAct.CONFIRM, Role.OWNER, BEFORE, AFTER, AFTER.drawing)
    line = register_mask_change(register, change, "M. Tanaka")
    assert (line.act, line.who, line.completes) == (Act.MASK_CHANGE, "M. Tanaka", None)
    told = line.detail
    assert (told["what"], told["as"], told["version"]) == ("confirm", "owner", "1")
    assert (told["hash_before"], told["hash_after"]) == (BEFORE.mask_hash.hex(), AFTER.mask_hash.hex())
    assert decode_drawing(told["before"].encode()) == BEFORE.drawing
    assert decode_drawing(told["after"].encode()) == AFTER.drawing
    register.complete(line, {"what": "confirm", "done": "True"})
    assert verify_register(register.path, CAMERA.public).lines == 2


def test_the_first_masks_have_nothing_before_them(register: Register) -> None:
    line = register_mask_change(
        register, MaskChange(MaskAct.DRAW, Role.INSTALLER, None, None, AFTER.drawing), "K. Sato"
    )
    assert (line.detail["before"], line.detail["hash_before"], line.detail["hash_after"]) == ("", "", "")
    assert line.detail["version"] == "0"


def test_the_largest_drawing_fits_and_the_one_before_it_is_named(register: Register) -> None:
    before, after = large("隣"), large("家")
    masks = mask_set_of(*before.masks)
    line = register_mask_change(register, MaskChange(MaskAct.DRAW, Role.INSTALLER, masks, masks, after), "あ" * 200)
    assert 40_000 < len(line.encode()) <= MAX_LINE_SIZE_BYTES
    assert json.loads(line.detail["after"]) == after.model_dump(mode="json")
    assert line.detail["before"] == ELSEWHERE
    assert line.detail["hash_before"] == masks.mask_hash.hex()
    assert verify_register(register.path, CAMERA.public).genuine


def test_both_are_told_where_they_fit(register: Register) -> None:
    before, after = large("a", 400), large("b", 400)
    change = MaskChange(MaskAct.DRAW, Role.INSTALLER, mask_set_of(*before.masks), None, after)
    line = register_mask_change(register, change, "K. Sato")
    assert json.loads(line.detail["before"])["masks"] == before.model_dump(mode="json")["masks"]
    assert len(line.encode()) > 16_384


def test_what_does_not_fit_is_refused_before_anything_is_written(register: Register) -> None:
    change = MaskChange(MaskAct.DRAW, Role.INSTALLER, None, None, large("\x01"))
    with pytest.raises(BadInput, match="too large to be registered"):
        register_mask_change(register, change, "K. Sato")
    assert not register.path.exists()
