"""That somebody said the camera looks right stands in the register, with the masks that it holds for."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.masksets import CAMERA, mask_set_of

from edgecam.custody.register.aim_line import AimToConfirm, register_aim_confirmation
from edgecam.custody.register.register import Register
from edgecam.custody.register.register_check import verify_register
from edgecam.custody.register.register_line import Act
from edgecam.masking.drawing import Mask
from edgecam.masking.lifecycle import Role

MASKS = mask_set_of(Mask(name="next door", reason="neighbour", polygon=((0.7, 0.0), (1.0, 0.0), (1.0, 0.4))))


@pytest.mark.row("M4")
@pytest.mark.parametrize("role", Role)
def test_the_line_tells_who_as_whom_for_which_masks_and_what_was_before(tmp_path: Path, role: Role) -> None:
    register = Register(tmp_path / "register.jsonl", CAMERA.sign, CAMERA.public)
    line = register_aim_confirmation(register, AimToConfirm(role, MASKS, "moved"), "M. Tanaka")
    assert (line.act, line.who, line.completes) == (Act.AIM_CONFIRM, "M. Tanaka", None)
    assert line.detail == {
        "as": role.value,
        "version": "1",
        "hash": MASKS.mask_hash.hex(),
        "aim_before": "moved",
    }
    register.complete(line, {"done": "True"})
    assert verify_register(register.path, CAMERA.public).lines == 2
