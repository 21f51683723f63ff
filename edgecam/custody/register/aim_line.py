"""A person's word that the camera looks where it should, as a line of the register."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from edgecam.custody.register.register import Register
from edgecam.custody.register.register_line import Act, RegisterLine
from edgecam.masking.lifecycle import Role
from edgecam.masking.maskset import MaskSet


@dataclass(frozen=True, slots=True)
class AimToConfirm:
    """What is about to be confirmed: this view, for ``masks``, after the aim was ``state_before``.

    ``role`` is as whom; an installer acts with the code that the owner gave.
    """

    role: Role
    masks: MaskSet
    state_before: str

    def detail(self) -> dict[str, str]:
        """As it stands in the line; hashes in hex."""
        return {
            "as": self.role.value,
            "version": str(self.masks.version),
            "hash": self.masks.mask_hash.hex(),
            "aim_before": self.state_before,
        }


def register_aim_confirmation(register: Register, confirmation: AimToConfirm, who: str) -> RegisterLine:
    """Write the line before the view counts as right; `Register.complete` tells that it does.

    Raises: as `Register.write`.
    """
    return register.write(Act.AIM_CONFIRM, who=who, purpose="this view is right", detail=confirmation.detail())


@contextmanager
def registered_aim_confirmation(register: Register, confirmation: AimToConfirm, who: str) -> Iterator[None]:
    """Around the act: its line stands before the view counts as right, and another one after it does."""
    line = register_aim_confirmation(register, confirmation, who)
    yield
    register.complete(line, {"done": "True"})
